/** A trained policy on one thread: the same kernels as the rollout's, on a small memory of its own. */
import { compileKernels, Kernels, networkDescriptor, scratchBytes } from '../../src/backends/kernels/kernels.js';
import { usageError } from '../../src/core/errors.js';
import { parameterLayout, parameterSlice } from '../../src/network/layout.js';
import { plainTowers, stateSize } from '../../src/network/plan.js';
import { type Evaluation, evaluate, gaussianLogProb, logSoftmax, masked } from '../../src/network/reference.js';
import { normaliseInto } from '../../src/network/reference-policy.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked, validateNetworkSpec } from '../../src/network/validate.js';
import { writeActionMask } from '../../src/rollout/action-mask.js';
import { Arena, planArena } from '../../src/rollout/arena.js';
import { actionColumn, actionType } from '../../src/rollout/plan.js';
import { Box } from '../../src/spaces/box.js';
import { likeliest } from '../../src/spaces/choices.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { flattenInto } from '../../src/spaces/flatten.js';
import { MultiBinary } from '../../src/spaces/multi-binary.js';
import { MultiDiscrete } from '../../src/spaces/multi-discrete.js';
import type { Space } from '../../src/spaces/space.js';
import type { Actor } from './actor.js';
import { GraphForward } from './graph-forward.js';
import { checkedMemory } from './policy-memory.js';
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
  /** Runs what the kernels do not know; null where they know it all. */
  readonly #graph: GraphForward | null;

  private constructor(
    kernels: Kernels,
    arena: Arena,
    weights: PolicyWeights,
    spaces: { observation: Space; action: Space },
    graph: GraphForward | null,
  ) {
    this.#graph = graph;
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
      { name: 'observations', type: 'f32', shape: [plainTowers(network) === null ? 1 : CHUNK, O] },
      { name: 'actions', type: actionType(network), shape: [CHUNK, actionWidth(network)] },
      { name: 'logProbs', type: 'f32', shape: [CHUNK] },
      { name: 'values', type: 'f32', shape: [CHUNK] },
      { name: 'masks', type: 'u8', shape: [CHUNK, actorOutputs(network)] },
    ]);
    const arena = new Arena(plan);
    const graph = plainTowers(network) === null ? await GraphForward.create(weights) : null;
    return new Policy(new Kernels(await compileKernels(), arena.memory), arena, weights, spaces, graph);
  }

  /**
   * The most likely action for one observation, or the actions for a list of observations. On a Box space an observation is
   * flat (length O), and a batch may be flat too (length B O); on other spaces it is a value of the space.
   * Returns a number or `Int32Array` [B] for Discrete actions, `Int32Array` ([A] or [B, A]) for MultiDiscrete, `Int8Array` for MultiBinary, the dtype's typed array ([A] or [B, A]) clipped to the
   * space for Box.
   * `actionMask` (0 and 1, one number a choice and observation) leaves an action the choices with 1. A policy with a memory takes one observation
   * at a time, and `memory`, which it writes what it remembers to: `newMemory()` where an episode begins.
   *
   * Networks that the kernels do not know, such as convolutions, are computed in float64 here, which is slow; `decide` is faster.
   * @throws `INVALID_ACTION_MASK`; `MEMORY_MISSING`; `INVALID_OBSERVATION` for a wrong length, a number that is not finite or what is no value of the space.
   */
  predict(
    observations: unknown,
    options: { deterministic?: true; actionMask?: ArrayLike<number> | null; memory?: Float32Array | null } = {},
  ): number | Int32Array | Float32Array | Int8Array {
    const { nested, observation, rows } = this.#rowsOf(observations);
    const gaussian = this.weights.network.distribution.type === 'gaussian';
    const masks = this.#masksOf(options.actionMask, rows);
    const out = gaussian ? new Float32Array(rows * this.#width) : new Int32Array(rows * this.#width);
    if (this.#graph === null) this.#actInto(observation, rows, out, undefined, masks);
    else {
      const { outputs } = this.#reference(observation, rows, checkedMemory(options.memory, this.memorySize, rows));
      this.#choose(outputs, rows, out, masks);
    }
    return this.#shaped(out, rows === 1 && !nested);
  }

  /**
   * As `predict` for one observation, with the critic's value, the log-probability of the action and the actor's outputs, see
   * `predictWithOutputs`: the very numbers that an evaluation of this policy acts by.
   * @throws what `predict` throws.
   */
  async decide(
    observation: unknown,
    options: { actionMask?: ArrayLike<number> | null; memory?: Float32Array | null } = {},
  ): Promise<{ action: ReturnType<Policy['predict']>; outputs: Float32Array }> {
    if (this.#graph === null) return this.predictWithOutputs(observation, options);
    const { observation: flat, rows } = this.#rowsOf(observation);
    const masks = this.#masksOf(options.actionMask, rows);
    const A = actorOutputs(this.weights.network);
    const outputs = new Float32Array(rows * A);
    const values = new Float32Array(rows);
    await this.#graph.run(flat, rows, outputs, values, checkedMemory(options.memory, this.memorySize, rows));
    return this.#decided(outputs, values, masks);
  }

  /** What a policy with a memory remembers before an episode's first step, [S]; empty for one without. */
  newMemory(): Float32Array {
    return new Float32Array(this.memorySize);
  }

  get memorySize(): number {
    return stateSize(this.weights.network);
  }

  #rowsOf(observations: unknown): Rows {
    return this.observationSpace instanceof Box
      ? this.#flatRows(observations as ArrayLike<number> | readonly ArrayLike<number>[])
      : this.#valueRows(observations);
  }

  #masksOf(actionMask: ArrayLike<number> | null | undefined, rows: number): Uint8Array | undefined {
    const { network } = this.weights;
    if (actionMask === undefined || actionMask === null || network.distribution.type === 'gaussian') return undefined;
    const sizes = choiceSizes(network.distribution);
    const all = Array.from({ length: rows }, () => sizes).flat();
    const masks = new Uint8Array(rows * actorOutputs(network));
    writeActionMask({ actionMask }, all, masks, 0);
    return masks;
  }

  /** Numbers as the action space has its actions. */
  #shaped(out: Float32Array | Int32Array, single: boolean): number | Int32Array | Float32Array | Int8Array {
    if (this.actionSpace instanceof MultiBinary) return Int8Array.from(out);
    return single && this.actionSpace instanceof Discrete ? out[0]! : out;
  }

  /** The greedy actions of the actor's `outputs` [rows, A], as the space has them. */
  #choose(
    outputs: ArrayLike<number>,
    rows: number,
    out: Float32Array | Int32Array,
    masks: Uint8Array | undefined,
  ): void {
    const { distribution } = this.weights.network;
    const A = actorOutputs(this.weights.network);
    for (let i = 0; i < rows; i++) {
      const row = Float64Array.from({ length: A }, (_, k) => outputs[i * A + k]!);
      const numbers =
        distribution.type === 'gaussian' ? row : likeliest(masked(row, masks, i * A), choiceSizes(distribution));
      for (let k = 0; k < this.#width; k++) out[i * this.#width + k] = this.#inSpace(numbers[k]!, k);
    }
  }

  /** What `decide` says of one row's outputs and value. */
  #decided(
    outputs: Float32Array,
    values: ArrayLike<number>,
    masks: Uint8Array | undefined,
  ): { action: ReturnType<Policy['predict']>; outputs: Float32Array } {
    const out = this.continuous ? new Float32Array(this.#width) : new Int32Array(this.#width);
    this.#choose(outputs, 1, out, masks);
    return {
      action: this.#shaped(out, true),
      outputs: Float32Array.of(values[0]!, this.#logProb(outputs, masks), ...outputs),
    };
  }

  /** The network in float64; `memory` goes one step on. */
  #reference(observations: ArrayLike<number>, rows: number, memory: Float32Array): Evaluation {
    const { network, parameters, normalization } = this.weights;
    const O = network.observationSize;
    const input = new Float64Array(rows * O);
    for (let i = 0; i < rows; i++) {
      const row = Float32Array.from({ length: O }, (_, k) => observations[i * O + k]!);
      normaliseInto(normalization, row, input.subarray(i * O, (i + 1) * O));
    }
    const sequences = { steps: 1, state: memory, starts: [0] };
    const evaluation = evaluate(network, parameters, input, memory.length > 0 ? sequences : undefined);
    memory.set(evaluation.state.subarray(0, memory.length));
    return evaluation;
  }

  /** Log-probability of the greedy action of one row. */
  #logProb(outputs: Float32Array, masks: Uint8Array | undefined): number {
    const { distribution } = this.weights.network;
    const row = Float64Array.from(outputs);
    if (distribution.type === 'gaussian') {
      const { offset, size } = parameterSlice(parameterLayout(this.weights.network), 'logStd');
      return gaussianLogProb(row, this.weights.parameters.subarray(offset, offset + size), row);
    }
    let at = 0;
    return choiceSizes(distribution).reduce((sum, size) => {
      const logProbs = logSoftmax(masked(row, masks, 0).subarray(at, at + size));
      at += size;
      return sum + Math.max(...logProbs);
    }, 0);
  }

  /** A number of an action, counted from the space's start or within its bounds. */
  #inSpace(number: number, k: number): number {
    const space = this.actionSpace;
    if (space instanceof Discrete) return number + space.start;
    if (space instanceof MultiDiscrete) return number + space.start[k]!;
    if (!(space instanceof Box)) return number;
    const [low, high] = [space.low[k]!, space.high[k]!] as [number, number];
    return number < low ? low : number > high ? high : number;
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
    options: { actionMask?: ArrayLike<number> | null; memory?: Float32Array | null } = {},
  ): { action: ReturnType<Policy['predict']>; outputs: Float32Array } {
    const { network, parameters, normalization } = this.weights;
    if (this.#graph !== null) {
      const { observation: flat, rows } = this.#rowsOf(observation);
      const masks = this.#masksOf(options.actionMask, rows);
      const { outputs, values } = this.#reference(flat, rows, checkedMemory(options.memory, this.memorySize, rows));
      return this.#decided(Float32Array.from(outputs), values, masks);
    }
    const action = this.predict(observation, options);
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

  /**
   * As `predict`, without checks, into `out`; `values` receives the critic's estimates [rows] where given, `masks` [rows, A] forbid choices, and
   * `memory` [rows, S] is what a policy with one remembers. A promise where the kernels do not know the network.
   */
  predictInto(
    observations: ArrayLike<number>,
    rows: number,
    out: Float32Array | Int32Array,
    values?: Float32Array,
    masks?: Uint8Array,
    memory?: Float32Array,
  ): void | Promise<void> {
    const graph = this.#graph;
    if (graph === null) return this.#actInto(observations, rows, out, values, masks);
    const outputs = new Float32Array(rows * actorOutputs(this.weights.network));
    const estimates = values ?? new Float32Array(rows);
    const remembered = memory ?? new Float32Array(rows * this.memorySize);
    return graph.run(observations, rows, outputs, estimates, remembered).then(() => {
      this.#choose(outputs, rows, out, masks);
    });
  }

  #actInto(
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
        out[first * width + k] = this.#inSpace(this.#actions[k]!, k % width);
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
