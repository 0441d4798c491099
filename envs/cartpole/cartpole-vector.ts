/**
 * CartPole as one class for `N` poles at once: all state in one array, one generator for all, as Gymnasium's
 * `CartPoleVectorEnv`. Hot path: a step allocates only the copies it hands out, none with `copy: false`.
 */
import type { EnvMetadata } from '../../src/core/env.js';
import { usageError } from '../../src/core/errors.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { cos, sin } from '../../src/core/small-angle.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { Box, batchSpace, Discrete, type Space } from '../../src/spaces/index.js';
import { ActionBatch } from '../../src/vector/actions.js';
import {
  VectorEnv,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from '../../src/vector/vector-env.js';
import { acceleration, angularAcceleration, drive, euler, isOver, START } from './dynamics.js';
import { fields, KWARGS } from './fields.js';

/** What the class is built from: `makeVec`'s options, and the env's own. */
export interface CartPoleVectorOptions {
  readonly numEnvs: number;
  readonly maxEpisodeSteps?: number | null;
  readonly suttonBartoReward?: boolean;
  /** Whether results are copies, true by default; with false each call overwrites the arrays of the one before. */
  readonly copy?: boolean;
}

/** `N` poles on carts, with next-step autoreset. One seed seeds all of them: they share a generator. */
export class CartPoleVectorEnv extends VectorEnv<Float32Array, number> {
  readonly numEnvs: number;
  readonly singleObservationSpace = Box.ofFields(fields.observation);
  readonly singleActionSpace = new Discrete(2);
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly autoresetMode = 'next-step';
  readonly metadata: EnvMetadata = { about: 'Keep many poles upright on moving carts.', fields };
  spec: EnvSpec | null = null;

  readonly #limit: number;
  readonly #suttonBarto: boolean;
  readonly #actions: ActionBatch;
  readonly #copy: boolean;
  /** x, velocity, angle and angular velocity of each pole `[N, 4]`. */
  readonly #state: Float64Array;
  readonly #observations: Float32Array;
  readonly #rewards: Float64Array;
  readonly #terminations: Uint8Array;
  readonly #truncations: Uint8Array;
  readonly #lengths: Int32Array;
  /** Poles whose episode ended in the last step, in order; the first `#dueCount` count. */
  readonly #due: Int32Array;
  #dueCount = 0;
  #rng: Generator | null = null;
  #low = START.low;
  #high = START.high;
  #closed = false;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor({ numEnvs, maxEpisodeSteps = 500, copy = true, ...kwargs }: CartPoleVectorOptions) {
    super();
    this.#suttonBarto = readKwargs('CartPole', kwargs, KWARGS).suttonBartoReward;
    this.#limit = maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    this.#copy = copy;
    this.numEnvs = numEnvs;
    this.observationSpace = batchSpace(this.singleObservationSpace, numEnvs);
    this.actionSpace = batchSpace(this.singleActionSpace, numEnvs);
    this.#actions = new ActionBatch(this.singleActionSpace, numEnvs);
    this.#state = new Float64Array(4 * numEnvs);
    this.#observations = new Float32Array(4 * numEnvs);
    this.#rewards = new Float64Array(numEnvs);
    this.#terminations = new Uint8Array(numEnvs);
    this.#truncations = new Uint8Array(numEnvs);
    this.#lengths = new Int32Array(numEnvs);
    this.#due = new Int32Array(numEnvs);
  }

  /** Reset options: `low`, `high`, the bounds of every state variable. @throws `INVALID_SEED` for a list: the poles share one stream. */
  override reset(options: VectorResetOptions = {}): VectorResetResult<Float32Array> {
    this.#checkOpen('reset');
    const { seed } = options;
    if (seed !== undefined && seed !== null) {
      if (typeof seed !== 'number') {
        throw usageError('INVALID_SEED', 'CartPoleVectorEnv takes one seed: its poles share one generator.', {
          field: 'seed',
          expected: 'a number',
        });
      }
      this.#rng = Generator.fromSeed(seed);
    }
    this.#rng ??= Generator.fromEntropy();
    const { low, high } = resetNumbers('CartPole', { options: options.options }, START);
    this.#low = low;
    this.#high = high;
    const n = this.numEnvs;
    for (let variable = 0; variable < 4; variable++) {
      for (let i = 0; i < n; i++) this.#state[4 * i + variable] = this.#rng.uniform(low, high);
    }
    this.#observations.set(this.#state);
    this.#lengths.fill(0);
    this.#dueCount = 0;
    return { observations: this.#copy ? this.#observations.slice() : this.#observations, infos: {} };
  }

  /** @throws `VECTOR_ENV_CLOSED`, `RESET_NEEDED`, `INVALID_ACTION`. */
  override step(actions: Int32Array | readonly number[]): VectorStepResult<Float32Array> {
    this.#checkOpen('step');
    const rng = this.#rng;
    if (rng === null) {
      throw usageError('RESET_NEEDED', 'step() of a vector env was called before reset(). Call reset() first.');
    }
    this.#actions.take(actions);
    const ended = this.#advance();
    this.#resetDue(rng);
    if (ended > 0) this.#noteEnded();
    const copy = this.#copy;
    return {
      observations: copy ? this.#observations.slice() : this.#observations,
      rewards: copy ? this.#rewards.slice() : this.#rewards,
      terminations: copy ? this.#terminations.slice() : this.#terminations,
      truncations: copy ? this.#truncations.slice() : this.#truncations,
      infos: {},
    };
  }

  /** Moves all poles, those too that are reset afterwards; returns how many episodes ended, or more. */
  #advance(): number {
    const actions = this.#actions.values;
    const state = this.#state;
    const observations = this.#observations;
    const rewards = this.#rewards;
    const terminations = this.#terminations;
    const truncations = this.#truncations;
    const lengths = this.#lengths;
    const limit = this.#limit;
    const alive = this.#suttonBarto ? 0 : 1;
    const failure = this.#suttonBarto ? -1 : 1;
    const n = this.numEnvs;
    let ended = 0;
    for (let i = 0, k = 0; i < n; i++, k += 4) {
      const velocity = state[k + 1]!;
      const theta = state[k + 2]!;
      const omega = state[k + 3]!;
      const cosine = cos(theta);
      const sine = sin(theta);
      const push = drive(actions[i]!, omega, sine);
      const alpha = angularAcceleration(push, sine, cosine);
      const x = euler(state[k]!, velocity);
      const nextVelocity = euler(velocity, acceleration(push, alpha, cosine));
      const nextTheta = euler(theta, omega);
      const nextOmega = euler(omega, alpha);
      state[k] = x;
      state[k + 1] = nextVelocity;
      state[k + 2] = nextTheta;
      state[k + 3] = nextOmega;
      observations[k] = x;
      observations[k + 1] = nextVelocity;
      observations[k + 2] = nextTheta;
      observations[k + 3] = nextOmega;
      const length = lengths[i]! + 1;
      lengths[i] = length;
      const failed = isOver(x, nextTheta);
      const late = length >= limit;
      rewards[i] = failed ? failure : alive;
      terminations[i] = failed ? 1 : 0;
      truncations[i] = late ? 1 : 0;
      if (failed || late) ended++;
    }
    return ended;
  }

  /** Begins anew where an episode ended in the step before; all of one variable are drawn before the next. */
  #resetDue(rng: Generator): void {
    const due = this.#due;
    const count = this.#dueCount;
    this.#dueCount = 0;
    for (let variable = 0; variable < 4; variable++) {
      for (let d = 0; d < count; d++) {
        const k = 4 * due[d]! + variable;
        const value = rng.uniform(this.#low, this.#high);
        this.#state[k] = value;
        this.#observations[k] = value;
      }
    }
    for (let d = 0; d < count; d++) {
      const i = due[d]!;
      this.#lengths[i] = 0;
      this.#rewards[i] = 0;
      this.#terminations[i] = 0;
      this.#truncations[i] = 0;
    }
  }

  #noteEnded(): void {
    const n = this.numEnvs;
    let count = 0;
    for (let i = 0; i < n; i++) if ((this.#terminations[i]! | this.#truncations[i]!) === 1) this.#due[count++] = i;
    this.#dueCount = count;
  }

  override call(name: string): unknown[] {
    return this.getAttr(name);
  }

  /** The batch is one object: an attribute of it counts for every pole. @throws `ATTRIBUTE_NOT_FOUND` */
  override getAttr(name: string): unknown[] {
    if (!(name in this)) {
      throw usageError('ATTRIBUTE_NOT_FOUND', `CartPoleVectorEnv has no '${name}'.`, { field: name });
    }
    const value = (this as unknown as Record<string, unknown>)[name];
    return Array.from({ length: this.numEnvs }, () => value);
  }

  override setAttr(name: string, _values: unknown): void {
    throw usageError('ATTRIBUTE_NOT_FOUND', `CartPoleVectorEnv has no '${name}' that can be set.`, { field: name });
  }

  override render(): unknown[] {
    return Array.from({ length: this.numEnvs }, () => null);
  }

  override close(): void {
    this.#closed = true;
  }

  #checkOpen(call: string): void {
    if (!this.#closed) return;
    throw usageError('VECTOR_ENV_CLOSED', `${call}() of a vector env was called after close(). Make a new one.`);
  }
}
