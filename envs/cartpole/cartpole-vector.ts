/**
 * CartPole as one class for `N` poles at once: state as a struct of arrays, one generator for all, as Gymnasium's
 * `CartPoleVectorEnv`. Hot path: a step allocates only the copies it hands out.
 */
import { type EnvMetadata, Env as SingleEnv } from '../../src/core/env.js';
import { usageError } from '../../src/core/errors.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import { Generator } from '../../src/core/seeding/generator.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { Box, batchSpace, Discrete, type Space } from '../../src/spaces/index.js';
import { ActionBatch } from '../../src/vector/actions.js';
import {
  VectorEnv,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from '../../src/vector/vector-env.js';
import { CONSTANTS, fields, KWARGS } from './fields.js';

const GRAVITY = CONSTANTS.GRAVITY.value;
const POLE_MASS = CONSTANTS.POLE_MASS.value;
const TOTAL_MASS = POLE_MASS + CONSTANTS.CART_MASS.value;
const LENGTH = CONSTANTS.HALF_LENGTH.value;
const POLE_MASS_LENGTH = POLE_MASS * LENGTH;
const FORCE = CONSTANTS.FORCE.value;
const TAU = CONSTANTS.TIME_STEP.value;
const X_LIMIT = CONSTANTS.POSITION_LIMIT.value;
const THETA_LIMIT = CONSTANTS.ANGLE_LIMIT.value;
const START = { low: -0.05, high: 0.05 };

/** What the class is built from: `makeVec`'s options, and the env's own. */
export interface CartPoleVectorOptions {
  readonly numEnvs: number;
  readonly maxEpisodeSteps?: number | null;
  readonly suttonBartoReward?: boolean;
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
  /** x, velocity, angle and angular velocity of all poles, one after the other `[4, N]`. */
  readonly #state: Float64Array;
  readonly #observations: Float32Array;
  readonly #rewards: Float64Array;
  readonly #terminations: Uint8Array;
  readonly #truncations: Uint8Array;
  readonly #over: Uint8Array;
  readonly #lengths: Int32Array;
  #rng: Generator | null = null;
  #low = START.low;
  #high = START.high;
  #closed = false;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor({ numEnvs, maxEpisodeSteps = 500, ...kwargs }: CartPoleVectorOptions) {
    super();
    this.#suttonBarto = readKwargs('CartPole', kwargs, KWARGS).suttonBartoReward;
    this.#limit = maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    this.numEnvs = numEnvs;
    this.observationSpace = batchSpace(this.singleObservationSpace, numEnvs);
    this.actionSpace = batchSpace(this.singleActionSpace, numEnvs);
    this.#actions = new ActionBatch(this.singleActionSpace, numEnvs);
    this.#state = new Float64Array(4 * numEnvs);
    this.#observations = new Float32Array(4 * numEnvs);
    this.#rewards = new Float64Array(numEnvs);
    this.#terminations = new Uint8Array(numEnvs);
    this.#truncations = new Uint8Array(numEnvs);
    this.#over = new Uint8Array(numEnvs);
    this.#lengths = new Int32Array(numEnvs);
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
    for (let k = 0; k < this.#state.length; k++) this.#state[k] = this.#rng.uniform(low, high);
    this.#over.fill(0);
    this.#lengths.fill(0);
    this.#observe();
    return { observations: this.#observations.slice(), infos: {} };
  }

  /** @throws `VECTOR_ENV_CLOSED`, `RESET_NEEDED`, `INVALID_ACTION`. */
  override step(actions: Int32Array | readonly number[]): VectorStepResult<Float32Array> {
    this.#checkOpen('step');
    const rng = this.#rng;
    if (rng === null) {
      throw usageError('RESET_NEEDED', 'step() of a vector env was called before reset(). Call reset() first.');
    }
    this.#actions.take(actions);
    const pushes = this.#actions.values;
    const n = this.numEnvs;
    const state = this.#state;
    const over = this.#over;
    let due = 0;
    for (let i = 0; i < n; i++) {
      const velocity = state[n + i]!;
      const theta = state[2 * n + i]!;
      const omega = state[3 * n + i]!;
      const force = pushes[i] === 1 ? FORCE : -FORCE;
      const cos = Math.cos(theta);
      const sin = Math.sin(theta);
      const temp = (force + POLE_MASS_LENGTH * (omega * omega) * sin) / TOTAL_MASS;
      const alpha = (GRAVITY * sin - cos * temp) / (LENGTH * (4.0 / 3.0 - (POLE_MASS * (cos * cos)) / TOTAL_MASS));
      const x = state[i]! + TAU * velocity;
      const angle = theta + TAU * omega;
      state[i] = x;
      state[n + i] = velocity + TAU * (temp - (POLE_MASS_LENGTH * alpha * cos) / TOTAL_MASS);
      state[2 * n + i] = angle;
      state[3 * n + i] = omega + TAU * alpha;
      const failed = x < -X_LIMIT || x > X_LIMIT || angle < -THETA_LIMIT || angle > THETA_LIMIT;
      const length = ++this.#lengths[i]!;
      this.#terminations[i] = failed ? 1 : 0;
      this.#truncations[i] = length >= this.#limit ? 1 : 0;
      this.#rewards[i] = this.#suttonBarto ? (failed ? -1 : 0) : 1;
      due += over[i]!;
    }
    if (due > 0) this.#resetDue(rng);
    for (let i = 0; i < n; i++) over[i] = this.#terminations[i]! | this.#truncations[i]!;
    this.#observe();
    return {
      observations: this.#observations.slice(),
      rewards: this.#rewards.slice(),
      terminations: this.#terminations.slice(),
      truncations: this.#truncations.slice(),
      infos: {},
    };
  }

  /** Begins anew where an episode ended in the step before; all of one variable are drawn before the next. */
  #resetDue(rng: Generator): void {
    const n = this.numEnvs;
    for (let variable = 0; variable < 4; variable++) {
      for (let i = 0; i < n; i++) {
        if (this.#over[i] === 1) this.#state[variable * n + i] = rng.uniform(this.#low, this.#high);
      }
    }
    for (let i = 0; i < n; i++) {
      if (this.#over[i] === 0) continue;
      this.#lengths[i] = 0;
      this.#rewards[i] = 0;
      this.#terminations[i] = 0;
      this.#truncations[i] = 0;
    }
  }

  #observe(): void {
    const n = this.numEnvs;
    for (let i = 0, k = 0; i < n; i++) {
      this.#observations[k++] = this.#state[i]!;
      this.#observations[k++] = this.#state[n + i]!;
      this.#observations[k++] = this.#state[2 * n + i]!;
      this.#observations[k++] = this.#state[3 * n + i]!;
    }
  }

  override call(name: string): unknown[] {
    return this.getAttr(name);
  }

  /** The batch is one object: an attribute of it counts for every pole. @throws `ATTRIBUTE_NOT_FOUND` */
  override getAttr(name: string): unknown[] {
    const value = SingleEnv.prototype.getWrapperAttr.call(this as unknown as SingleEnv, name);
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
