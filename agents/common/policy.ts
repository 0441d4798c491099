/** A trained policy on one thread: the same kernels as the rollout's, on a small memory of its own. */
import { compileKernels, Kernels, networkDescriptor, scratchBytes } from '../../src/backends/kernels/kernels.js';
import { usageError } from '../../src/core/errors.js';
import { evaluate } from '../../src/network/reference.js';
import { normaliseInto } from '../../src/network/reference-policy.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked, validateNetworkSpec } from '../../src/network/validate.js';
import { writeActionMask } from '../../src/rollout/action-mask.js';
import { Arena, planArena } from '../../src/rollout/arena.js';
import { actionColumn, actionType } from '../../src/rollout/plan.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { flattenInto } from '../../src/spaces/flatten.js';
import { MultiBinary } from '../../src/spaces/multi-binary.js';
import { MultiDiscrete } from '../../src/spaces/multi-discrete.js';
import type { Space } from '../../src/spaces/space.js';
import type { Actor } from './actor.js';
import { VARIANCE_EPSILON } from './running-statistics.js';

/** Everything a policy is. */
export interface PolicyWeights {
  readonly network: NetworkSpec;
  readonly parameters: Float32Array;
  /** Normalisation of observations; null where the run used none. */
  readonly normalization: {
    readonly mean: ArrayLike<number>;
    readonly variance: ArrayLike<number>;
    readonly clip: number;
  } | null;
}

/** What `predict` was given: flat observations [rows, O], and whether they came as a list. */
interface Rows {
  readonly nested: boolean;
  readonly observation: ArrayLike<number>;
  readonly rows: number;
}

/** Rows in one kernel call. */
const CHUNK = 256;

/** Segments of the policy's memory that the kernels are pointed to. */
const SEGMENTS = [
  'network',
  'parameters',
  'scratch',
  'mean',
  'invStd',
  'observations',
  'actions',
  'logProbs',
  'values',
  'masks',
] as const;
/** Their byte offsets. */
type Places = Record<(typeof SEGMENTS)[number], number>;

/** A trained policy: maps observations to greedy actions and to value estimates, many rows at once. */
export class Policy implements Actor {
  readonly weights: PolicyWeights;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #kernels: Kernels;
  readonly #at: Places;
  readonly #observations: Float32Array;
  readonly #actions: Float32Array | Int32Array;
  readonly #values: Float32Array;
  readonly #logProbs: Float32Array;
  readonly #masks: Uint8Array;
  readonly #width: number;

  private constructor(
    kernels: Kernels,
    arena: Arena,
    weights: PolicyWeights,
    spaces: { observation: Space; action: Space },
  ) {
    this.weights = weights;
    this.observationSpace = spaces.observation;
    this.actionSpace = spaces.action;
    this.#kernels = kernels;
    this.#at = Object.fromEntries(SEGMENTS.map((name) => [name, arena.pointer(name)])) as Places;
    const { network } = weights;
    this.#width = actionWidth(network);
    this.#observations = arena.f32('observations');
    this.#actions = actionColumn(arena);
    this.#values = arena.f32('values');
    this.#logProbs = arena.f32('logProbs');
    this.#masks = arena.u8('masks');
    arena.i32('network').set(networkDescriptor(network));
    arena.f32('parameters').set(weights.parameters);
    const { mean, invStd } = frozenStatistics(weights.normalization, network.observationSize);
    arena.f32('mean').set(mean);
    arena.f32('invStd').set(invStd);
  }

  /** Loads weights into kernels. The spaces tell how actions are shaped and clipped. */
  static async create(weights: PolicyWeights, spaces: { observation: Space; action: Space }): Promise<Policy> {
    if (typeof weights !== 'object' || weights === null) {
      throw usageError(
        'INVALID_POLICY',
        `Policy.create takes { network, parameters, normalization }, got ${String(weights)}.`,
        {
          expected: '{ network, parameters, normalization }',
          got: String(weights),
        },
      );
    }
    validateNetworkSpec(weights.network);
    const { network, parameters } = weights;
    const O = network.observationSize;
    const plan = planArena([
      { name: 'network', type: 'i32', shape: [networkDescriptor(network).length] },
      { name: 'parameters', type: 'f32', shape: [parameters.length] },
      { name: 'scratch', type: 'u8', shape: [scratchBytes(network)] },
      { name: 'mean', type: 'f32', shape: [O] },
      { name: 'invStd', type: 'f32', shape: [O] },
      { name: 'observations', type: 'f32', shape: [CHUNK, O] },
      { name: 'actions', type: actionType(network), shape: [CHUNK, actionWidth(network)] },
      { name: 'logProbs', type: 'f32', shape: [CHUNK] },
      { name: 'values', type: 'f32', shape: [CHUNK] },
      { name: 'masks', type: 'u8', shape: [CHUNK, actorOutputs(network)] },
    ]);
    const arena = new Arena(plan);
    return new Policy(new Kernels(await compileKernels(), arena.memory), arena, weights, spaces);
  }

  /**
   * The most likely action for one observation, or the actions for a list of observations. On a Box space an observation is
   * flat (length O), and a batch may be flat too (length B O); on other spaces it is a value of the space.
   * Returns a number or `Int32Array` [B] for Discrete actions, `Int32Array` ([A] or [B, A]) for MultiDiscrete, `Int8Array` for MultiBinary, the dtype's typed array ([A] or [B, A]) clipped to the
   * space for Box.
   * `actionMask` (0 and 1, one number a choice and observation) leaves an action the choices with 1.
   * @throws `INVALID_ACTION_MASK`; `INVALID_OBSERVATION` for a wrong length, a number that is not finite or what is no value of the space.
   */
  predict(
    observations: unknown,
    options: { deterministic?: true; actionMask?: ArrayLike<number> | null } = {},
  ): number | Int32Array | Float32Array | Int8Array {
    const { nested, observation, rows } =
      this.observationSpace instanceof Box
        ? this.#flatRows(observations as ArrayLike<number> | readonly ArrayLike<number>[])
        : this.#valueRows(observations);
    const gaussian = this.weights.network.distribution.type === 'gaussian';
    const { actionMask } = options;
    let masks: Uint8Array | undefined;
    if (actionMask !== undefined && actionMask !== null && !gaussian) {
      const sizes = choiceSizes(this.weights.network.distribution);
      const all = Array.from({ length: rows }, () => sizes).flat();
      masks = new Uint8Array(rows * actorOutputs(this.weights.network));
      writeActionMask({ actionMask }, all, masks, 0);
    }
    const out = gaussian ? new Float32Array(rows * this.#width) : new Int32Array(rows * this.#width);
    this.predictInto(observation, rows, out, undefined, masks);
    if (this.actionSpace instanceof MultiBinary) return Int8Array.from(out);
    return rows === 1 && !nested && this.actionSpace instanceof Discrete ? out[0]! : out;
  }

  get observationSize(): number {
    return this.weights.network.observationSize;
  }

  get width(): number {
    return this.#width;
  }

  get continuous(): boolean {
    return this.weights.network.distribution.type === 'gaussian';
  }

  get choiceSizes(): readonly number[] {
    return choiceSizes(this.weights.network.distribution);
  }

  get masks(): 'always' | 'never' {
    return isMasked(this.weights.network) ? 'always' : 'never';
  }

  /** Names of what `predictWithOutputs` gives besides the action. */
  get outputNames(): readonly string[] {
    const { network } = this.weights;
    const kind = network.distribution.type === 'gaussian' ? 'mean' : 'logits';
    return ['value', 'logProb', ...Array.from({ length: actorOutputs(network) }, (_, k) => `${kind}.${k}`)];
  }

  /**
   * As `predict` for one observation, with the critic's value, the log-probability of the action, and the actor's outputs: logits before any
   * mask, or means before they are clipped. Float32, [2 + A], in the order of `outputNames`.
   * @throws what `predict` throws.
   */
  predictWithOutputs(
    observation: unknown,
    options: { actionMask?: ArrayLike<number> | null } = {},
  ): { action: ReturnType<Policy['predict']>; outputs: Float32Array } {
    const action = this.predict(observation, options);
    const { network, parameters, normalization } = this.weights;
    const input = new Float64Array(network.observationSize);
    // From the kernels' own copy of what was asked last.
    normaliseInto(normalization, this.#observations, input);
    const outputs = Float32Array.of(
      this.#values[0]!,
      this.#logProbs[0]!,
      ...evaluate(network, parameters, input).outputs,
    );
    return { action, outputs };
  }

  /** One value of the observation space, or a list of them, flattened. */
  #valueRows(observations: unknown): Rows {
    const space = this.observationSpace;
    const O = this.weights.network.observationSize;
    const nested = Array.isArray(observations) && observations.length > 0 && !space.contains(observations);
    const values: readonly unknown[] = nested ? observations : [observations];
    const observation = new Float32Array(values.length * O);
    values.forEach((value, i) => {
      if (!space.contains(value)) {
        throw usageError(
          'INVALID_OBSERVATION',
          `predict() takes a value of ${String(space)} or a list of them: ${space.explain(value)}.`,
          { expected: String(space) },
        );
      }
      flattenInto(space, value, observation, i * O);
    });
    return { nested, observation, rows: values.length };
  }

  /** One flat observation, a list of them, or a flat batch. */
  #flatRows(observations: ArrayLike<number> | readonly ArrayLike<number>[]): Rows {
    const O = this.weights.network.observationSize;
    const nested = typeof observations[0] === 'object';
    const observation = nested
      ? (observations as readonly ArrayLike<number>[]).flatMap((row) => Array.from(row))
      : (observations as ArrayLike<number>);
    const rows = observation.length / O;
    if (!Number.isInteger(rows) || rows < 1 || (nested && rows !== observations.length)) {
      throw usageError(
        'INVALID_OBSERVATION',
        `predict() takes one observation of ${O} numbers or a whole batch of them, got ${observation.length}.`,
        {
          expected: `${O} numbers, or a multiple`,
          got: String(observation.length),
        },
      );
    }
    for (let k = 0; k < observation.length; k++) {
      if (!Number.isFinite(observation[k])) {
        throw usageError(
          'INVALID_OBSERVATION',
          `predict() got ${observation[k]} at index ${k}; finite numbers are expected.`,
        );
      }
    }
    return { nested, observation, rows };
  }

  /** As `predict`, without checks, into `out`; `values` receives the critic's estimates [rows] where given, `masks` [rows, A] forbid choices. */
  predictInto(
    observations: ArrayLike<number>,
    rows: number,
    out: Float32Array | Int32Array,
    values?: Float32Array,
    masks?: Uint8Array,
  ): void {
    const { network, normalization } = this.weights;
    const O = network.observationSize;
    const at = this.#at;
    const clip = normalization?.clip ?? Number.POSITIVE_INFINITY;
    const space = this.actionSpace;
    for (let first = 0; first < rows; first += CHUNK) {
      const n = Math.min(CHUNK, rows - first);
      if (masks !== undefined) {
        const A = actorOutputs(network);
        this.#masks.set(masks.subarray(first * A, (first + n) * A));
      }
      for (let k = 0; k < n * O; k++) this.#observations[k] = observations[first * O + k]!;
      this.#kernels.act(
        at.network,
        at.parameters,
        at.scratch,
        at.observations,
        n,
        at.mean,
        at.invStd,
        clip,
        at.actions,
        at.logProbs,
        at.values,
        0,
        0,
        0,
        0,
        0,
        1,
        masks === undefined ? 0 : at.masks,
      );
      const width = this.#width;
      for (let k = 0; k < n * width; k++) {
        let action = this.#actions[k]!;
        if (space instanceof Discrete) action += space.start;
        else if (space instanceof MultiDiscrete) action += space.start[k % width]!;
        else if (space instanceof Box) {
          const low = space.low[k % width]!;
          const high = space.high[k % width]!;
          action = action < low ? low : action > high ? high : action;
        }
        out[first * width + k] = action;
      }
      if (values !== undefined) for (let i = 0; i < n; i++) values[first + i] = this.#values[i]!;
    }
  }
}

/** Float32 mean and 1 / std, as the kernels take them; identity where there is no normalisation. */
export function frozenStatistics(
  statistics: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> } | null,
  size: number,
): { mean: Float32Array; invStd: Float32Array } {
  const mean = new Float32Array(size);
  const invStd = new Float32Array(size).fill(1);
  if (statistics !== null) {
    for (let k = 0; k < size; k++) {
      mean[k] = statistics.mean[k]!;
      invStd[k] = 1 / Math.sqrt(statistics.variance[k]! + VARIANCE_EPSILON);
    }
  }
  return { mean, invStd };
}
