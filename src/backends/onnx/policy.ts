/** The policy's outputs by ONNX Runtime, for acting; sampling stays with the kernels. */
import { parameterLayout, tensorShape } from '../../network/layout.js';
import { stateSize } from '../../network/plan.js';
import type { NetworkSpec } from '../../network/spec.js';
import { actorOutputs } from '../../network/validate.js';
import { policyGraph } from './ppo-graph.js';
import { type Binding, type Bound, createSession, type Session } from './runtime.js';

/** A forward pass of a fixed number of rows: its caller writes what goes in, and reads what came out. */
export interface PolicyBatch {
  /** Raw observations [n, O]: float32, or pixels. */
  readonly observations: Float32Array | Uint8Array;
  /** Memory before and after, [n, S]; of length 0 without one. */
  readonly state: Float32Array;
  readonly nextState: Float32Array;
  /** Logits or means, [n, A]. */
  readonly outputs: Float32Array;
  /** [n]. */
  readonly values: Float32Array;
  readonly bound: Bound;
}

/** The whole network on batches of observations, on the calling thread. */
export class PolicyOutputs {
  readonly #spec: NetworkSpec;
  readonly #session: Session;
  readonly #parameters: Float32Array;
  readonly #mean: Float32Array;
  readonly #invStd: Float32Array;
  readonly #batches = new Map<number, PolicyBatch>();

  private constructor(spec: NetworkSpec, session: Session) {
    this.#spec = spec;
    this.#session = session;
    this.#parameters = new Float32Array(parameterLayout(spec).count);
    const normalised = spec.picture === undefined ? spec.observationSize : 0;
    this.#mean = new Float32Array(normalised);
    this.#invStd = new Float32Array(normalised);
  }

  /** @throws `BACKEND_UNAVAILABLE` where ONNX Runtime cannot be loaded. */
  static async create(spec: NetworkSpec, observationClip: number): Promise<PolicyOutputs> {
    return new PolicyOutputs(spec, await createSession(policyGraph(spec, observationClip).encode('ppo-policy')));
  }

  /** Takes the parameters [P] and statistics [O] of a rollout, during which they do not change. Pixels have no statistics. */
  load(parameters: Float32Array, mean: Float32Array, invStd: Float32Array): void {
    this.#parameters.set(parameters);
    if (this.#spec.picture !== undefined) return;
    this.#mean.set(mean);
    this.#invStd.set(invStd);
  }

  /** The batch of `n` rows; the same one each time. */
  batch(n: number): PolicyBatch {
    let batch = this.#batches.get(n);
    if (batch === undefined) {
      batch = this.#allocate(n);
      this.#batches.set(n, batch);
    }
    return batch;
  }

  /** Overwrites what comes out of a batch. */
  async run(batch: PolicyBatch): Promise<void> {
    await this.#session.run(batch.bound);
  }

  #allocate(n: number): PolicyBatch {
    const spec = this.#spec;
    const O = spec.observationSize;
    const A = actorOutputs(spec);
    const S = stateSize(spec);
    const pixels = spec.picture !== undefined;
    const observations = pixels ? new Uint8Array(n * O) : new Float32Array(n * O);
    const outputs = new Float32Array(n * A);
    const values = new Float32Array(n);
    const state = new Float32Array(n * S);
    const nextState = new Float32Array(n * S);
    const slices = parameterLayout(spec).slices.filter(({ name }) => name !== 'logStd');
    const parameters = slices.map((slice): [string, Binding] => [
      slice.name,
      {
        data: this.#parameters.subarray(slice.offset, slice.offset + slice.size),
        shape: tensorShape(slice),
      },
    ]);
    const bound = this.#session.bind(
      {
        ...Object.fromEntries(parameters),
        observations: { data: observations, shape: [n, O] },
        ...(!pixels && { mean: { data: this.#mean, shape: [1, O] }, invStd: { data: this.#invStd, shape: [1, O] } }),
        ...(S > 0 && { state: { data: state, shape: [n, S] } }),
      },
      {
        outputs: { data: outputs, shape: [n, A] },
        critic: { data: values, shape: [n, 1] },
        ...(S > 0 && { nextState: { data: nextState, shape: [n, S] } }),
      },
    );
    return { observations, state, nextState, outputs, values, bound };
  }
}
