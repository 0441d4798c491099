/** Networks that the kernels do not know, run by ONNX Runtime on the calling thread. */
import { PolicyOutputs } from '../../src/backends/onnx/policy.js';
import { stateSize } from '../../src/network/plan.js';
import { actorOutputs } from '../../src/network/validate.js';
import { frozenStatistics, type PolicyWeights } from './policy.js';

/** Rows of one run, always: results do not depend on how many are asked for together. */
const ROWS = 8;

export class GraphForward {
  readonly #policy: PolicyOutputs;
  readonly #weights: PolicyWeights;

  private constructor(policy: PolicyOutputs, weights: PolicyWeights) {
    this.#policy = policy;
    this.#weights = weights;
  }

  /** @throws `BACKEND_UNAVAILABLE` where ONNX Runtime cannot be loaded. */
  static async create(weights: PolicyWeights): Promise<GraphForward> {
    const { network, parameters, normalization } = weights;
    const policy = await PolicyOutputs.create(network, normalization?.clip ?? Number.POSITIVE_INFINITY);
    const { mean, invStd } = frozenStatistics(normalization, network.observationSize);
    policy.load(parameters, mean, invStd);
    return new GraphForward(policy, weights);
  }

  /**
   * Overwrites `outputs` [rows, A] and `values` [rows] for `observations` [rows, O]. `memory` [rows, S] goes in and comes out one step later; it may
   * be empty where the network has none.
   */
  async run(
    observations: ArrayLike<number>,
    rows: number,
    outputs: Float32Array,
    values: Float32Array,
    memory: Float32Array,
  ): Promise<void> {
    const { network } = this.#weights;
    const [O, A, S] = [network.observationSize, actorOutputs(network), stateSize(network)];
    const batch = this.#policy.batch(ROWS);
    for (let first = 0; first < rows; first += ROWS) {
      const n = Math.min(ROWS, rows - first);
      for (let k = 0; k < n * O; k++) batch.observations[k] = observations[first * O + k]!;
      batch.state.set(memory.subarray(first * S, (first + n) * S));
      await this.#policy.run(batch);
      outputs.set(batch.outputs.subarray(0, n * A), first * A);
      values.set(batch.values.subarray(0, n), first);
      memory.set(batch.nextState.subarray(0, n * S), first * S);
    }
  }
}
