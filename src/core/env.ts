/**
 * The environment contract, Gymnasium's, synchronous. A user's own env extends `Env` and gives `observationSpace`,
 * `actionSpace`, `reset(options)` and `step(action)`; everything else has a default.
 */
import type { Space } from '../spaces/space.js';
import { failure, usageError } from './errors.js';
import type { Json, JsonObject } from './json.js';
import type { Keyboard } from './keyboard.js';
import { Generator } from './seeding/generator.js';
import { checkSnapshot, type EnvSnapshot, snapshotIdentity } from './snapshot.js';
import type { EnvSpec } from './spec.js';

/** How an episode starts. Only `seed` seeds; without it the env's own stream goes on. */
export interface ResetOptions {
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed?: number | undefined;
  /** Env-specific, plain JSON: it is part of the episode log. */
  readonly options?: JsonObject | undefined;
}

/** Facts beside the observation: plain values, read by people, metrics and wrappers, never by the policy. */
export type Info = Record<string, unknown>;

/** What `reset` returns: the first observation of an episode, and its info. */
export interface ResetResult<Obs> {
  observation: Obs;
  info: Info;
}

/** What `step` returns: the next observation, the reward, whether the episode ended and how, and the info. */
export interface StepResult<Obs> {
  observation: Obs;
  /** Reward of this step, float64. */
  reward: number;
  /** The task itself ended: no future reward exists, so nothing is bootstrapped. */
  terminated: boolean;
  /** Something outside the task cut the episode (a time limit): the future would have gone on, so it is bootstrapped. */
  truncated: boolean;
  info: Info;
}

/** What `render()` can return: a draw list (see `render/scene.ts`), text, or pixels. */
export type RenderMode = 'scene' | 'ansi' | 'rgb_array';

/** One number of an observation, action or `info`: what it means, in which unit, between which bounds. */
export interface Field {
  readonly name: string;
  /** SI where there is one: `m`, `m/s`, `rad`; `1` for a pure number. */
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  /** One sentence. */
  readonly about: string;
}

/** The machine-readable tables behind an env's spaces, documentation and the viewer's labels. */
export interface FieldTables {
  /**
   * One row for each element of the flattened observation (a Discrete observation has one row). None for a picture: a `uint8` Box of
   * height x width x 1 or 3 channels from 0 to 255, or of height x width.
   */
  readonly observation: readonly Field[];
  /** One row for each element of a Box action; one row for each value of a Discrete action, `name` being the value's meaning. */
  readonly action: readonly Field[];
  readonly info?: readonly Field[];
}

/** What an env says about itself. */
export interface EnvMetadata {
  /** One sentence on the task, for lists. */
  readonly about?: string;
  readonly renderModes?: readonly RenderMode[];
  /** Frames a second of real time, one frame a step. */
  readonly renderFps?: number;
  /** Names of numeric fields of an episode's final `info` that reach metrics and `eval` as their mean over episodes. */
  readonly episodeMeasures?: readonly string[];
  readonly fields?: FieldTables;
  /** How a person plays: which keys stand for which action. */
  readonly keyboard?: Keyboard;
}

/** What the base `reset` returns: one object for all resets, since making accessors at each one is slow. */
const BASE_RESULT: ResetResult<never> = {
  get observation(): never {
    throw failure(
      'RESET_NOT_IMPLEMENTED',
      'Env.reset only seeds the generator; it has no observation. Return { observation, info } of your own from reset().',
    );
  },
  get info(): Info {
    return {};
  },
};

/** One object for all envs that say nothing of themselves. */
const NO_METADATA: EnvMetadata = Object.freeze({});

/**
 * An environment: the dynamics of a task, one episode at a time.
 *
 * - `reset(options)` begins an episode and must call `super.reset(options)` first, which seeds `this.rng`.
 * - `step(action)` advances one step. The observation it returns may be the same array each time; `make()` hands out copies.
 * - All randomness comes from `this.rng` and `reset`'s options: the same generator state, options and actions must give the
 *   same observations and rewards, bit for bit. Replay, verification and repair rest on that.
 * - A reset builds its world anew: it may depend on nothing but the generator and its options.
 */
export abstract class Env<Obs = unknown, Act = unknown> {
  abstract readonly observationSpace: Space<Obs>;
  abstract readonly actionSpace: Space<Act>;
  readonly metadata: EnvMetadata = NO_METADATA;

  /** Set by `make`; null for an env built by hand. */
  spec: EnvSpec | null = null;

  /** How many times the base `reset` ran; `make` uses it to name a reset that forgot `super.reset(options)`. @internal */
  baseResets = 0;

  #rng: Generator | null = null;

  /** The env's random stream. Before the first seeded reset it is seeded from the operating system's entropy. */
  get rng(): Generator {
    if (this.#rng === null) this.#rng = Generator.fromEntropy();
    return this.#rng;
  }

  set rng(generator: Generator) {
    this.#rng = generator;
  }

  /**
   * Begins an episode. The base method only seeds: an env calls `super.reset(options)` and returns its own result.
   * @throws `INVALID_SEED` if the seed is not a whole number from 0 to 2^53 - 1, or not in an object.
   */
  reset(options: ResetOptions = {}): ResetResult<Obs> {
    this.baseResets++;
    if (typeof options !== 'object' || options === null) {
      const got = String(options);
      throw usageError('INVALID_SEED', `reset takes its options as one object, reset({ seed: 42 }), got ${got}.`, {
        expected: 'an object',
        got,
      });
    }
    if (options.seed !== undefined && options.seed !== null) this.#rng = Generator.fromSeed(options.seed);
    return BASE_RESULT as ResetResult<Obs>;
  }

  /** Advances one step. */
  abstract step(action: Act): StepResult<Obs>;

  /** A picture of the present state in the env's render mode, or null if it has none. */
  render(): unknown {
    return null;
  }

  /** Frees what the env holds; calling it twice is fine. */
  close(): void {}

  /** Whether this env has an attribute; a wrapper looks into the envs inside it, too. */
  hasWrapperAttr(name: string): boolean {
    return name in this;
  }

  /**
   * An attribute by its name, of the outermost wrapper that has it.
   * @throws `ATTRIBUTE_NOT_FOUND`
   */
  getWrapperAttr(name: string): unknown {
    if (name in this) return (this as unknown as Record<string, unknown>)[name];
    throw usageError('ATTRIBUTE_NOT_FOUND', `neither ${this.constructor.name} nor a wrapper around it has '${name}'.`, {
      field: name,
    });
  }

  /** Sets an attribute of the outermost wrapper that has it, or of the innermost env if none has. */
  setWrapperAttr(name: string, value: unknown): void {
    (this as unknown as Record<string, unknown>)[name] = value;
  }

  /**
   * The whole state within an episode as plain JSON, for an env with a faster way than replay; the generator's state is kept
   * beside it. `undefined`, the default, for an env without: `make` then replays the episode.
   */
  saveState(): Json | undefined {
    return undefined;
  }

  /** Takes the state that `saveState` gave and returns the observation and info that belong to it. */
  loadState(_state: Json): ResetResult<Obs> {
    throw this.#noSnapshot('restore');
  }

  /**
   * The env as it is now, in the middle of an episode: plain JSON that `restore` takes, also in another instance of the same
   * spec or in another thread. Envs from `make` note the episode's start and its actions. Streams of the spaces are not part of it.
   * @throws `SNAPSHOT_UNAVAILABLE` for an env built by hand, without a way of its own; `RESET_NEEDED`; `SNAPSHOT_NONDETERMINISTIC`.
   */
  snapshot(): EnvSnapshot {
    const state = this.saveState();
    if (state === undefined) throw this.#noSnapshot('snapshot');
    return {
      format: 'gymkhana-snapshot',
      version: 1,
      identity: snapshotIdentity(this as Env),
      steps: -1,
      episode: null,
      state,
      rng: this.rng.state,
      hash: null,
    };
  }

  /**
   * Goes back to a snapshot and returns the observation and info of that moment; the next step goes on exactly as it did then.
   * @throws `INVALID_SNAPSHOT`, `SNAPSHOT_MISMATCH`, `SNAPSHOT_UNAVAILABLE`; `SNAPSHOT_DIFFERS` if the same actions led elsewhere.
   */
  restore(snapshot: EnvSnapshot): ResetResult<Obs> {
    const { episode, state, rng } = checkSnapshot(this as Env, snapshot);
    if (episode !== null) throw this.#noSnapshot('restore');
    const result = this.loadState(state);
    this.rng = Generator.fromState(rng);
    return result;
  }

  #noSnapshot(method: string): Error {
    const name = this.spec?.id ?? this.constructor.name;
    const what =
      (this as unknown) === this.unwrapped
        ? 'an env built by hand keeps no episode to replay. Build it with make(), or override saveState() and loadState().'
        : 'a wrapper put on by hand keeps no episode to replay. Take the snapshot of an env whose wrappers are in its spec: make(spec).';
    return usageError('SNAPSHOT_UNAVAILABLE', `${method}() of ${name}: ${what}`, { env: name });
  }

  /** The innermost env, without wrappers. */
  get unwrapped(): Env {
    return this as Env;
  }
}

/** @throws `INVALID_ENV` if `env` is not an Env. @internal */
export function assertEnv(env: unknown, call: string): asserts env is Env {
  if (env instanceof Env) return;
  const got = env instanceof Promise ? 'a promise: await make() first' : String(env);
  throw usageError('INVALID_ENV', `${call} takes an Env, as await make(id) gives it; got ${got}.`, {
    expected: 'an Env',
    got,
  });
}
