/**
 * The episode log: the state of the generator at reset, the reset options and the actions. They reproduce every observation
 * and reward bit for bit; a hash a step lets a later replay name the first step that differs.
 */
import type { Info, StepResult } from '../core/env.js';
import type { Json, JsonObject } from '../core/json.js';
import type { GeneratorState } from '../core/seeding/generator.js';
import type { WrapperState } from '../core/wrapper.js';
import { numberToJSON } from '../spaces/arrays.js';
import type { Space } from '../spaces/space.js';
import { StepHasher } from './hash.js';
import { createStore, type ValueStore } from './store.js';

/** How an env failed in a log that reproduces the failure. */
export interface EpisodeFailure {
  /** The step that failed, counted from 1; 0 for the reset. */
  readonly step: number;
  readonly code: string;
  readonly message: string;
}

/** Where in a training run an episode was played. */
export interface EpisodeOrigin {
  /** The iteration in which it ended, from 1. */
  readonly iteration: number;
  /** Environment steps of the run after that iteration. */
  readonly steps: number;
  readonly env: number;
}

/** What a policy put out before each step: numbers a step, with their names. */
export interface PolicyOutputs {
  /** `value`, `logProb`, and `logits.<k>` or `mean.<k>` where the recorder kept them. */
  readonly names: readonly string[];
  /** Float32, [steps, names]. */
  readonly values: Float32Array;
}

/** One recorded episode. Steps count from 1; index 0 of `hashes` and `observations` is the reset. */
export interface Episode {
  /** The env's generator before the reset drew from it. */
  readonly rng: GeneratorState;
  /** The seed that gave that state, where one did: for people; replay uses the state. */
  readonly seed: number | null;
  readonly options: JsonObject | null;
  /** What wrappers carried into the episode, outermost first; null or absent if they carry nothing. */
  readonly wrappers?: readonly WrapperState[] | null;
  /** Steps that were completed. */
  readonly steps: number;
  /** As given to the outermost wrapper: one a completed step, and the one that failed, if one did. */
  readonly actions: ValueStore;
  /** One for the reset and one a step; null in a log without them. */
  readonly hashes: Uint32Array | null;
  /** Float64, one a step; null in a log without them. */
  readonly rewards: Float64Array | null;
  /** One for the reset and one a step; null unless they were asked for. */
  readonly observations: ValueStore | null;
  /** Absent unless they were asked for. */
  readonly policyOutputs?: PolicyOutputs;
  /** Sum of the rewards. */
  readonly return: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  /** Numbers of the final `info` that the env calls its measures. */
  readonly measures: Readonly<Record<string, number>>;
  /** The final `info` as far as it is plain data; null if it is not, or is very large. */
  readonly finalInfo: JsonObject | null;
  readonly failure: EpisodeFailure | null;
  /** Of an episode of a training run. */
  readonly origin?: EpisodeOrigin;
}

/** What the log of one env needs to know about it. */
export interface EpisodeLogOptions {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Keep every observation, not only its hash. */
  readonly observations?: boolean;
  /** Names of the final `info`'s numbers to keep as measures. */
  readonly measures?: readonly string[];
  /** Names of the policy's outputs, to keep them. */
  readonly outputs?: readonly string[] | undefined;
}

/** Columns of one episode while it runs; `begin` starts the next one in the same memory. */
export class EpisodeLog {
  readonly actionSpace: Space;
  readonly observationSpace: Space;
  readonly #hasher: StepHasher;
  readonly #measures: readonly string[];
  #actions: ValueStore;
  #observations: ValueStore | null;
  #hashes = new Uint32Array(256);
  #rewards = new Float64Array(256);
  readonly #outputNames: readonly string[] | null;
  #outputs = new Float32Array(0);
  #rng: GeneratorState | null = null;
  #seed: number | null = null;
  #options: JsonObject | null = null;
  #wrappers: readonly WrapperState[] | null = null;
  #steps = 0;
  #return = 0;
  #terminated = false;
  #truncated = false;
  #info: Info = {};

  constructor(options: EpisodeLogOptions) {
    this.actionSpace = options.actionSpace;
    this.observationSpace = options.observationSpace;
    this.#hasher = new StepHasher(options.observationSpace, options.actionSpace);
    this.#actions = createStore(options.actionSpace, 'action');
    this.#observations = options.observations ? createStore(options.observationSpace, 'observation') : null;
    this.#measures = options.measures ?? [];
    this.#outputNames = options.outputs ?? null;
  }

  /** Completed steps of the present episode. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether an episode has begun. */
  get begun(): boolean {
    return this.#rng !== null;
  }

  /** Starts an episode, with the generator as it is before the reset draws from it. */
  begin(
    rng: GeneratorState,
    options: JsonObject | undefined,
    seed: number | undefined,
    wrappers: readonly WrapperState[] | null = null,
  ): void {
    this.#rng = rng;
    this.#wrappers = wrappers;
    this.#options = options === undefined ? null : structuredClone(options);
    this.#seed = seed ?? null;
    this.#actions.truncate(0);
    this.#observations?.truncate(0);
    this.#steps = 0;
    this.#return = 0;
    this.#terminated = false;
    this.#truncated = false;
    this.#info = {};
  }

  /** Notes what the reset returned. */
  reset(observation: unknown, info: Info): void {
    this.#hashes[0] = this.#hasher.reset(observation);
    this.#observations?.push(observation);
    this.#info = info;
  }

  /**
   * Notes an action, before the env gets it and may change it.
   * @throws `INVALID_ACTION` if its type or length is not the space's.
   */
  action(action: unknown): void {
    this.#actions.push(action);
  }

  /** Notes what the policy put out for the step to come, a number a name. */
  output(values: ArrayLike<number>): void {
    const width = this.#outputNames?.length ?? 0;
    const at = this.#steps * width;
    if (at + width > this.#outputs.length) {
      const outputs = new Float32Array(Math.max(256 * width, 2 * this.#outputs.length));
      outputs.set(this.#outputs);
      this.#outputs = outputs;
    }
    for (let k = 0; k < width; k++) this.#outputs[at + k] = values[k]!;
  }

  /** A copy of the action noted last. */
  lastAction(): unknown {
    return this.#actions.at(this.#actions.length - 1);
  }

  /** Takes the last action back: the env refused it and is as it was. */
  refused(): void {
    this.#actions.truncate(this.#steps);
  }

  /** Notes what the env made of the last action. */
  step(action: unknown, result: StepResult<unknown>): void {
    const { observation, reward, terminated, truncated } = result;
    const step = ++this.#steps;
    if (step >= this.#hashes.length) this.#grow();
    this.#hashes[step] = this.#hasher.step(observation, reward, terminated, truncated, action);
    this.#rewards[step - 1] = reward;
    this.#observations?.push(observation);
    this.#return += reward;
    this.#terminated = terminated;
    this.#truncated = truncated;
    this.#info = result.info;
  }

  #grow(): void {
    const hashes = new Uint32Array(2 * this.#hashes.length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const rewards = new Float64Array(2 * this.#rewards.length);
    rewards.set(this.#rewards);
    this.#rewards = rewards;
  }

  /** The episode so far, as data of its own: the log can go on or begin anew. */
  take(failure: EpisodeFailure | null = null): Episode {
    if (this.#rng === null) throw new Error('internal: an episode log was read before an episode began');
    const measures: Record<string, number> = {};
    for (const name of this.#measures) {
      const value = this.#info[name];
      if (typeof value === 'number' || typeof value === 'boolean') measures[name] = Number(value);
    }
    const episode: Episode = {
      rng: this.#rng,
      seed: this.#seed,
      options: this.#options,
      ...(this.#wrappers !== null && { wrappers: this.#wrappers }),
      steps: this.#steps,
      actions: this.#actions,
      hashes: this.#hashes.slice(0, this.#steps + 1),
      rewards: this.#rewards.slice(0, this.#steps),
      observations: this.#observations,
      ...(this.#outputNames !== null && {
        policyOutputs: {
          names: this.#outputNames,
          values: this.#outputs.slice(0, this.#steps * this.#outputNames.length),
        },
      }),
      return: this.#return,
      terminated: this.#terminated,
      truncated: this.#truncated,
      measures,
      finalInfo: plainInfo(this.#info),
      failure,
    };
    this.#actions = createStore(this.actionSpace, 'action');
    if (this.#observations !== null) this.#observations = createStore(this.observationSpace, 'observation');
    this.#rng = null;
    return episode;
  }
}

const LARGEST_INFO = 65_536;

/** `info` as plain JSON: typed arrays become lists and numbers JSON lacks become text; null if it does not fit. */
export function plainInfo(info: Info): JsonObject | null {
  let budget = LARGEST_INFO;
  const convert = (value: unknown, depth: number): Json | undefined => {
    if (--budget < 0 || depth > 8) throw new RangeError('too large');
    if (typeof value === 'number') return numberToJSON(value);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      budget -= value.length;
      return value;
    }
    if (typeof value !== 'object') return undefined;
    if (Array.isArray(value)) return value.map((item) => convert(item, depth + 1) ?? null);
    if (ArrayBuffer.isView(value)) {
      if (!(Symbol.iterator in value)) return undefined;
      return Array.from(value as Iterable<number | bigint>, (item) => convert(Number(item), depth + 1) ?? null);
    }
    const object: JsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      const json = convert(item, depth + 1);
      if (json !== undefined) object[key] = json;
    }
    return object;
  };
  try {
    const json = convert(info, 0);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
  } catch {
    return null;
  }
}
