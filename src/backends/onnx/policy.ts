/** The policy's outputs by ONNX Runtime, for acting; sampling stays with the kernels. */
import { parameterLayout } from '../../network/layout.js';
import type { NetworkSpec } from '../../network/spec.js';
import { actorOutputs } from '../../network/validate.js';
import { policyGraph } from './ppo-graph.js';
import { type Binding, type Bound, createSession, type Session } from './runtime.js';

/** A forward pass of a fixed number of rows. */
interface Batch {
  readonly observations: Float32Array;
  readonly outputs: Float32Array;
  readonly values: Float32Array;
  readonly bound: Bound;
}

/** Both towers on batches of raw observations, on the calling thread. */
export class PolicyOutputs {
  readonly #spec: NetworkSpec;
  readonly #session: Session;
  readonly #parameters: Float32Array;
  readonly #mean: Float32Array;
  readonly #invStd: Float32Array;
  readonly #batches = new Map<number, Batch>();

  private constructor(spec: NetworkSpec, session: Session) {
    this.#spec = spec;
    this.#session = session;
    this.#parameters = new Float32Array(parameterLayout(spec).count);
    this.#mean = new Float32Array(spec.observationSize);
    this.#invStd = new Float32Array(spec.observationSize);
  }

  /** @throws `BACKEND_UNAVAILABLE` where ONNX Runtime cannot be loaded. */
  static async create(spec: NetworkSpec, observationClip: number): Promise<PolicyOutputs> {
    return new PolicyOutputs(spec, await createSession(policyGraph(spec, observationClip).encode('ppo-policy')));
  }

  /** Takes the parameters [P] and statistics [O] of a rollout, during which they do not change. */
  load(parameters: Float32Array, mean: Float32Array, invStd: Float32Array): void {
    this.#parameters.set(parameters);
    this.#mean.set(mean);
    this.#invStd.set(invStd);
  }

  /** Writes the actor's `outputs` [n, A] and the critic's `values` [n] of `observations` [n, O]. */
  async run(observations: Float32Array, outputs: Float32Array, values: Float32Array): Promise<void> {
    const n = values.length;
    let batch = this.#batches.get(n);
    if (batch === undefined) {
      batch = this.#allocate(n);
      this.#batches.set(n, batch);
    }
    batch.observations.set(observations);
    await this.#session.run(batch.bound);
    outputs.set(batch.outputs);
    values.set(batch.values);
  }

  #allocate(n: number): Batch {
    const spec = this.#spec;
    const O = spec.observationSize;
    const A = actorOutputs(spec);
    const observations = new Float32Array(n * O);
    const outputs = new Float32Array(n * A);
    const values = new Float32Array(n);
    const slices = parameterLayout(spec).slices.filter(({ name }) => name !== 'logStd');
    const parameters = slices.map(({ name, offset, size, shape }): [string, Binding] => [
      name,
      {
        data: this.#parameters.subarray(offset, offset + size),
        shape: shape.length === 1 ? [1, ...shape] : shape,
      },
    ]);
    const bound = this.#session.bind(
      {
        ...Object.fromEntries(parameters),
        observations: { data: observations, shape: [n, O] },
        mean: { data: this.#mean, shape: [1, O] },
        invStd: { data: this.#invStd, shape: [1, O] },
      },
      { outputs: { data: outputs, shape: [n, A] }, critic: { data: values, shape: [n, 1] } },
    );
    return { observations, outputs, values, bound };
  }
}
