/**
 * A worker's half of the `onnx` learner: gathers a shard's samples, runs the gradient graph on them, and writes gradient and
 * stats where the kernels would. Buffers live as long as the run; nothing is allocated per shard but a few views.
 */
import { type ParameterLayout, parameterLayout, tensorShape } from '../../network/layout.js';
import { stateSize } from '../../network/plan.js';
import type { PpoCoefficients } from '../../network/reference.js';
import type { NetworkSpec } from '../../network/spec.js';
import { actionWidth, actorOutputs, isMasked } from '../../network/validate.js';
import type { RowSource } from '../rows.js';
import { gradientGraph, STAT_COUNT, slopeName } from './ppo-graph.js';
import { type Binding, type Bound, createSession, type Session } from './runtime.js';

/** A rollout's flat columns [T*N] with their frozen statistics, as `Kernels.gradient` takes them. */
export interface RolloutColumns {
  /** Raw rows [T*N, O]. */
  readonly observations: RowSource;
  /** [O]; pixels have none. */
  readonly mean: Float32Array;
  readonly invStd: Float32Array;
  /** Int32 [T*N, F] of choices, float32 [T*N, A] of a gaussian. */
  readonly actions: Int32Array | Float32Array;
  readonly logProbs: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
  readonly values: Float32Array;
  /** [T*N, A], 0 forbids; null without masks. */
  readonly masks: Uint8Array | null;
  /** Of a network with a memory; null for others. */
  readonly memory: MemoryColumns | null;
}

/** What sequences begin with. */
export interface MemoryColumns {
  /** Steps of a sequence, L. */
  readonly steps: number;
  readonly numEnvs: number;
  /** Memories at the beginnings, [T / L, N, S]. */
  readonly states: Float32Array;
  /** [T*N]: not 0 where an episode ended. */
  readonly flags: Uint8Array;
}

/** One shard: which samples, and where its results go. */
export interface Shard {
  /** [P] in the layout's order. */
  readonly parameters: Float32Array;
  /** Rows of the columns; their number is the shard's shape. With a memory whole sequences, one after the other. */
  readonly indices: Int32Array;
  /** Advantages are used as (a - advMean) advInvStd. */
  readonly advMean: number;
  readonly advInvStd: number;
  /** Weight of each sample. */
  readonly invBatch: number;
  /** [P], overwritten, padding 0. */
  readonly gradient: Float32Array;
  /** [8], overwritten: sums over the shard as `Kernels.gradient` gives them. */
  readonly stats: Float32Array;
}

/** Inputs of one number of rows. */
interface Rows {
  readonly observations: Float32Array | Uint8Array;
  readonly actions: Int32Array | Float32Array;
  readonly logProbs: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
  readonly values: Float32Array;
  readonly masks: Float32Array;
  readonly state: Float32Array;
  readonly starts: Float32Array;
  readonly bound: Bound;
}

/**
 * Computes the PPO gradient of shards with ONNX Runtime, on the calling thread. Results depend on the shard alone; another
 * number of rows may give other last bits.
 */
export class ShardGradient {
  readonly #spec: NetworkSpec;
  readonly #layout: ParameterLayout;
  readonly #session: Session;
  readonly #columns: RolloutColumns;
  readonly #parameters: Float32Array;
  readonly #gradient: Float32Array;
  readonly #mean: Float32Array;
  readonly #invStd: Float32Array;
  readonly #invBatch = new Float32Array(1);
  readonly #stats = new Float32Array(STAT_COUNT);
  readonly #rows = new Map<number, Rows>();

  private constructor(spec: NetworkSpec, columns: RolloutColumns, session: Session) {
    this.#spec = spec;
    this.#layout = parameterLayout(spec);
    this.#session = session;
    this.#columns = columns;
    // Copies: the runtime does not take views of shared memory.
    this.#parameters = new Float32Array(this.#layout.count);
    this.#gradient = new Float32Array(this.#layout.count);
    this.#mean = new Float32Array(columns.mean.length);
    this.#invStd = new Float32Array(columns.invStd.length);
  }

  /**
   * Compiles the graph for a run's settings.
   * @throws `BACKEND_UNAVAILABLE` where ONNX Runtime cannot be loaded.
   */
  static async create(
    spec: NetworkSpec,
    coefficients: PpoCoefficients,
    observationClip: number,
    columns: RolloutColumns,
  ): Promise<ShardGradient> {
    const steps = columns.memory?.steps ?? 1;
    const model = gradientGraph(spec, coefficients, observationClip, 'float32', steps).encode('ppo-gradient');
    return new ShardGradient(spec, columns, await createSession(model));
  }

  /** Overwrites a shard's gradient and stats. */
  async run(shard: Shard): Promise<void> {
    const n = shard.indices.length;
    let rows = this.#rows.get(n);
    if (rows === undefined) {
      rows = this.#allocate(n);
      this.#rows.set(n, rows);
    }
    this.#parameters.set(shard.parameters);
    this.#mean.set(this.#columns.mean);
    this.#invStd.set(this.#columns.invStd);
    this.#invBatch[0] = shard.invBatch;
    this.#gather(rows, shard);
    await this.#session.run(rows.bound);
    shard.gradient.set(this.#gradient);
    shard.stats.fill(0);
    shard.stats.set(this.#stats);
  }

  #gather(rows: Rows, { indices, advMean, advInvStd }: Shard): void {
    const columns = this.#columns;
    const width = actionWidth(this.#spec);
    const mean = Math.fround(advMean);
    const invStd = Math.fround(advInvStd);
    const { observations, actions, logProbs, advantages, returns, values, masks } = rows;
    const n = indices.length;
    columns.observations.gather(indices, n, observations);
    if (columns.memory !== null) this.#gatherMemory(columns.memory, rows, indices);
    for (let i = 0; i < n; i++) {
      const row = indices[i]!;
      for (let k = 0; k < width; k++) actions[i * width + k] = columns.actions[row * width + k]!;
      logProbs[i] = columns.logProbs[row]!;
      // Rounded after each operation, as the kernels do.
      advantages[i] = Math.fround(columns.advantages[row]! - mean) * invStd;
      returns[i] = columns.returns[row]!;
      values[i] = columns.values[row]!;
    }
    if (columns.masks === null) return;
    const A = actorOutputs(this.#spec);
    for (let i = 0; i < n; i++) {
      const row = indices[i]!;
      for (let k = 0; k < A; k++) masks[i * A + k] = columns.masks[row * A + k]!;
    }
  }

  /** Memories at the beginnings of sequences, and where episodes begin inside of them. */
  #gatherMemory({ steps, numEnvs, states, flags }: MemoryColumns, { state, starts }: Rows, indices: Int32Array): void {
    const S = stateSize(this.#spec);
    for (let i = 0; i < indices.length; i += steps) {
      const row = indices[i]!;
      const at = (Math.floor(row / numEnvs / steps) * numEnvs + (row % numEnvs)) * S;
      for (let k = 0; k < S; k++) state[(i / steps) * S + k] = states[at + k]!;
      // A memory that an episode begins with is 0 already.
      starts[i] = 0;
      for (let t = 1; t < steps; t++) starts[i + t] = flags[indices[i + t]! - numEnvs] === 0 ? 0 : 1;
    }
  }

  #allocate(n: number): Rows {
    const spec = this.#spec;
    const O = spec.observationSize;
    const width = actionWidth(spec);
    const A = actorOutputs(spec);
    const S = stateSize(spec);
    const steps = this.#columns.memory?.steps ?? 1;
    const floats = (data: Float32Array, ...shape: number[]): Binding => ({ data, shape });
    const rows = {
      observations: spec.picture === undefined ? new Float32Array(n * O) : new Uint8Array(n * O),
      actions: spec.distribution.type === 'gaussian' ? new Float32Array(n * width) : new Int32Array(n * width),
      logProbs: new Float32Array(n),
      advantages: new Float32Array(n),
      returns: new Float32Array(n),
      values: new Float32Array(n),
      masks: new Float32Array(isMasked(spec) ? n * A : 0),
      state: new Float32Array((n / steps) * S),
      starts: new Float32Array(S > 0 ? n : 0),
    };
    const slices = (of: Float32Array, name: (slice: string) => string): [string, Binding][] =>
      this.#layout.slices.map((slice) => [
        name(slice.name),
        { data: of.subarray(slice.offset, slice.offset + slice.size), shape: tensorShape(slice) },
      ]);
    const inputs: Record<string, Binding> = {
      ...Object.fromEntries(slices(this.#parameters, (slice) => slice)),
      observations: { data: rows.observations, shape: [n, O] },
      ...(spec.picture === undefined && { mean: floats(this.#mean, 1, O), invStd: floats(this.#invStd, 1, O) }),
      ...(S > 0 && { state: floats(rows.state, n / steps, S), starts: floats(rows.starts, n / steps, steps) }),
      actions: { data: rows.actions, shape: [n, width] },
      logProbs: floats(rows.logProbs, n, 1),
      advantages: floats(rows.advantages, n, 1),
      returns: floats(rows.returns, n, 1),
      values: floats(rows.values, n, 1),
      ...(isMasked(spec) && { masks: floats(rows.masks, n, A) }),
      invBatch: floats(this.#invBatch, 1, 1),
    };
    const outputs = {
      ...Object.fromEntries(slices(this.#gradient, slopeName)),
      stats: floats(this.#stats, 1, STAT_COUNT),
    };
    return { ...rows, bound: this.#session.bind(inputs, outputs) };
  }
}
