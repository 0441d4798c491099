import type { Env, Info, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { failure, usageError } from '../core/errors.js';
import { type Json, type JsonObject, plainJson } from '../core/json.js';
import { GENERATOR_WORDS, Generator } from '../core/seeding/index.js';
import { checkSnapshot, type EnvSnapshot, jsonHash, type SnapshotEpisode, snapshotIdentity } from '../core/snapshot.js';
import { statefulWrappers, TransparentWrapper, type Wrapper } from '../core/wrapper.js';
import { Box } from '../spaces/box.js';
import { ActionLog } from './action-log.js';
import { copyOf } from './values.js';

/**
 * Checks the order of calls, actions and results, and hands out copies: an env may reuse its arrays, its users keep theirs.
 * It notes how the episode began and its actions, which `snapshot` and `restore` replay.
 * Stepping on after an episode has ended is allowed, as in Gymnasium, and then only NaN observations are refused.
 */
export class OrderEnforcing<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly #actionBox: Box | null;
  readonly #log: ActionLog<Act>;
  readonly #startWords = new Uint32Array(GENERATOR_WORDS);
  #startSeed: number | null = null;
  #startOptions: JsonObject | null = null;
  #startStates: Json[] = [];
  /** Innermost first. Known after the first reset. */
  #stateful: readonly Wrapper[] | null = null;
  #lastAction: Act | undefined;
  /** Whether actions are noted: not for an env that saves its own state. Known after the first reset. */
  #logs: boolean | null = null;
  /** What the env returned last: its own object, which users never get hold of. */
  #lastResult: StepResult<Obs> | ResetResult<Obs> | null = null;
  #hasReset = false;
  #over = false;
  #steps = 0;

  constructor(env: Env<Obs, Act>) {
    super(env, null);
    this.#log = new ActionLog<Act>(env.actionSpace);
    this.#actionBox = env.actionSpace instanceof Box ? (env.actionSpace as Box) : null;
  }

  /** @throws `RESET_WITHOUT_SUPER` if the env's reset did not call `super.reset(options)`; `INVALID_RESULT`; `INVALID_OBSERVATION`. */
  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const inner = this.unwrapped;
    const before = inner.baseResets;
    this.#begin(options);
    const result = this.env.reset(options);
    if (inner.baseResets === before) {
      throw failure(
        'RESET_WITHOUT_SUPER',
        `reset() of ${this.#name()} did not call super.reset(options), so the env is not seeded. Call it first thing in reset().`,
        { env: this.#name() },
      );
    }
    this.#hasReset = true;
    this.#over = false;
    this.#steps = 0;
    this.#lastResult = result;
    if (typeof result !== 'object' || result === null || !('observation' in result)) {
      throw this.#invalidResult('reset', '{ observation, info }', result);
    }
    const checked = { observation: this.#checked(result.observation), info: { ...this.#info('reset', result.info) } };
    this.#logs ??= this.env.saveState() === undefined;
    return checked;
  }

  /** @throws `RESET_NEEDED`, `INVALID_ACTION`, `INVALID_RESULT`, `INVALID_REWARD`, `INVALID_OBSERVATION`. */
  override step(action: Act): StepResult<Obs> {
    if (!this.#hasReset) {
      throw usageError('RESET_NEEDED', `step() of ${this.#name()} was called before reset(). Call reset() first.`, {
        env: this.#name(),
      });
    }
    if (!this.env.actionSpace.contains(action)) this.#checkAction(action);
    if (this.#logs) {
      this.#log.push(action);
      this.#lastAction = action;
    }
    const result = this.env.step(action);
    this.#steps++;
    this.#lastResult = result;
    if (typeof result !== 'object' || result === null || !('observation' in result)) {
      throw this.#invalidResult('step', '{ observation, reward, terminated, truncated, info }', result);
    }
    const { reward, terminated, truncated } = result;
    if (typeof reward !== 'number' || !Number.isFinite(reward)) {
      throw failure(
        'INVALID_REWARD',
        `${this.#name()} returned the reward ${String(reward)} at step ${this.#steps}; a finite number is expected.`,
        { env: this.#name(), step: this.#steps, got: String(reward), expected: 'a finite number' },
      );
    }
    if (typeof terminated !== 'boolean' || typeof truncated !== 'boolean') {
      const got = `terminated ${String(terminated)} and truncated ${String(truncated)}`;
      throw this.#invalidResult('step', 'terminated and truncated as true or false', got);
    }
    const observation = this.#checked(result.observation);
    this.#over ||= terminated || truncated;
    return { observation, reward, terminated, truncated, info: { ...this.#info('step', result.info) } };
  }

  /** @throws `RESET_NEEDED`, `SNAPSHOT_NONDETERMINISTIC`. */
  override snapshot(): EnvSnapshot {
    if (!this.#hasReset) {
      throw usageError('RESET_NEEDED', `snapshot() of ${this.#name()} was called before reset(). Call reset() first.`, {
        env: this.#name(),
      });
    }
    const state = this.env.saveState();
    if (state === undefined) this.#refuseNondeterministic('snapshot');
    if (state === undefined && this.#logs === false) {
      throw failure(
        'SNAPSHOT_UNAVAILABLE',
        `${this.#name()} saved its state at its first reset but cannot now, so its actions were not noted. Let saveState() always give a state, or never.`,
        { env: this.#name(), step: this.#steps },
      );
    }
    return {
      format: 'gymkhana-snapshot',
      version: 1,
      identity: snapshotIdentity(this as Env),
      steps: this.#steps,
      episode: state === undefined ? this.#episode() : null,
      state: state === undefined ? null : { over: this.#over, inner: plainJson(state) },
      rng: this.rng.state,
      hash: state === undefined ? this.#hash() : null,
    };
  }

  /** @throws `INVALID_SNAPSHOT`, `SNAPSHOT_MISMATCH`, `SNAPSHOT_NONDETERMINISTIC`, `SNAPSHOT_DIFFERS`. */
  override restore(value: EnvSnapshot): ResetResult<Obs> {
    const snapshot = checkSnapshot(this as Env, value);
    const result = snapshot.episode === null ? this.#load(snapshot) : this.#replay(snapshot, snapshot.episode);
    return { observation: copyOf(result.observation), info: { ...result.info } };
  }

  /** The episode before this point is not known here, so a later snapshot goes by the env's own state again. */
  #load(snapshot: EnvSnapshot): ResetResult<Obs> {
    const { over, inner } = snapshot.state as { over: boolean; inner: Json };
    const result = this.env.loadState(inner);
    this.rng = Generator.fromState(snapshot.rng);
    this.#log.clear();
    this.#logs = false;
    this.#hasReset = true;
    this.#over = over;
    this.#steps = snapshot.steps;
    this.#lastResult = result;
    return result;
  }

  #replay(snapshot: EnvSnapshot, episode: SnapshotEpisode): ResetResult<Obs> {
    this.#refuseNondeterministic('restore');
    const actions = episode.actions.map((action) => this.env.actionSpace.valueFromJSON(action));
    this.rng = Generator.fromState(episode.generator);
    this.#statefulWrappers().forEach((wrapper, k) => {
      const state = episode.wrapperStates[k] ?? null;
      if (state !== null) wrapper.setState(state);
    });
    this.#hasReset = false;
    const { seed, options } = episode;
    this.reset({ ...(seed !== null && { seed }), ...(options !== null && { options }) });
    for (const action of actions) this.step(action);
    const [observed, drawn] = [this.#hash() === snapshot.hash, jsonHash(this.rng.state) === jsonHash(snapshot.rng)];
    if (observed && drawn) return this.#lastResult as ResetResult<Obs>;
    this.#hasReset = false;
    const what = observed ? "the generator's state" : 'the observation, reward or flags';
    throw failure(
      'SNAPSHOT_DIFFERS',
      `${this.#name()} is not deterministic: the same start and ${actions.length} actions came to another state (${what}). Draw from this.rng alone, keep nothing over a reset, or set nondeterministic in its spec.`,
      { env: this.#name(), step: actions.length, field: what },
    );
  }

  #refuseNondeterministic(method: string): void {
    if (this.spec?.nondeterministic !== true) return;
    throw usageError(
      'SNAPSHOT_NONDETERMINISTIC',
      `${method}() of ${this.#name()}: its spec says nondeterministic, so replaying its actions does not lead back. Override saveState() and loadState() in the env to have snapshots.`,
      { env: this.#name() },
    );
  }

  #begin(options: ResetOptions): void {
    this.rng.snapshotInto(this.#startWords, 0);
    this.#startSeed = options.seed ?? null;
    this.#startOptions = options.options === undefined ? null : plainJson(options.options);
    this.#startStates = this.#statefulWrappers().map((wrapper) => plainJson(wrapper.getState()));
    this.#log.clear();
  }

  #episode(): SnapshotEpisode {
    const generator = Generator.fromSeed(0);
    generator.restoreFrom(this.#startWords, 0);
    return {
      seed: this.#startSeed,
      generator: generator.state,
      options: this.#startOptions,
      actions: this.#log.toJSON(this.env.actionSpace, this.#lastAction),
      wrapperStates: this.#startStates,
    };
  }

  #hash(): number {
    const result = this.#lastResult as Partial<StepResult<Obs>> & ResetResult<Obs>;
    const { observation, reward = 0, terminated = false, truncated = false } = result;
    // A float64 as text is exact; -0 and 0 are told apart.
    const exact = Object.is(reward, -0) ? '-0' : String(reward);
    return jsonHash([this.env.observationSpace.valueToJSON(observation), exact, terminated, truncated]);
  }

  #statefulWrappers(): readonly Wrapper[] {
    this.#stateful ??= statefulWrappers(this.env as Env).reverse();
    return this.#stateful;
  }

  /** A Box action may lie beyond the bounds (the env clips), but its type, shape and finiteness must be right. */
  #checkAction(action: unknown): void {
    const box = this.#actionBox;
    if (box !== null && action instanceof box.low.constructor) {
      const values = action as Float32Array;
      if (values.length === box.size && values.every((value) => Number.isFinite(value))) return;
    }
    const space = this.env.actionSpace;
    const why = space.explain(action);
    const hint =
      box !== null && Array.isArray(action)
        ? ` Pass ${box.low.constructor.name}.of(...) instead of a plain array.`
        : '';
    throw usageError('INVALID_ACTION', `the action does not fit ${String(space)} of ${this.#name()}: ${why}.${hint}`, {
      env: this.#name(),
      step: this.#steps + 1,
      expected: String(space),
      got: why ?? '',
    });
  }

  #checked(observation: Obs): Obs {
    if (!this.env.observationSpace.contains(observation)) this.#refuse(observation);
    return copyOf(observation);
  }

  #refuse(observation: unknown): void {
    const space = this.env.observationSpace;
    let why = space.explain(observation) ?? '';
    let name: string | undefined;
    if (space instanceof Box && observation instanceof space.low.constructor) {
      const values = observation as Float32Array;
      const { low, high } = space as Box;
      const wrong = (value: number, k: number): boolean =>
        this.#over ? Number.isNaN(value) : !(value >= low[k]! && value <= high[k]!);
      const k = values.length === space.size ? values.findIndex(wrong) : -1;
      if (k < 0 && values.length === space.size) return;
      const field = k < 0 ? undefined : this.metadata.fields?.observation[k];
      name = field?.name;
      if (field !== undefined)
        why = `'${field.name}': expected ${low[k]} to ${high[k]}, got ${values[k]} (element ${k})`;
    }
    const at = this.#steps === 0 ? 'in reset' : `at step ${this.#steps}`;
    throw failure(
      'INVALID_OBSERVATION',
      `the observation of ${this.#name()} ${at} is not in ${String(space)}: ${why}.`,
      {
        env: this.#name(),
        step: this.#steps,
        got: why,
        expected: String(space),
        ...(name !== undefined && { field: name }),
      },
    );
  }

  #info(method: string, info: Info | undefined): Info {
    if (typeof info === 'object' && info !== null) return info;
    throw this.#invalidResult(method, 'info as an object, {} where there is nothing to say', `info ${String(info)}`);
  }

  #invalidResult(method: string, expected: string, got: unknown): Error {
    const text =
      got instanceof Promise
        ? 'a promise: reset and step are synchronous'
        : typeof got === 'string'
          ? got
          : JSON.stringify(got)?.slice(0, 100);
    return failure('INVALID_RESULT', `${method}() of ${this.#name()} must return ${expected}, got ${text}.`, {
      env: this.#name(),
      step: this.#steps,
      expected,
      got: String(text),
    });
  }

  #name(): string {
    return this.spec?.id ?? this.unwrapped.constructor.name;
  }
}
