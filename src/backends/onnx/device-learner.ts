/**
 * PPO's epochs as whole ONNX graphs on a device: gradient, clipping and Adam. The rollout goes up once an iteration and the
 * parameters come back once. Results meet those of the workers' kernels within a stated bound, not bit for bit.
 *
 * Two ways, as the provider allows. `loop`: one run an iteration, whose graph loops over the minibatches. `steps`: a run for each
 * minibatch with rollout, parameters and moments left on the device between runs; only row numbers go up, 4 bytes a sample.
 */
import { parameterLayout } from '../../network/layout.js';
import type { NetworkSpec } from '../../network/spec.js';
import {
  ADAM_BETA1,
  ADAM_BETA2,
  type BackendName,
  type DeviceLearner,
  type LearnerBatch,
  type LearnerSettings,
  type LearnerState,
  type LearnerStats,
  type Provider,
} from '../backend.js';
import { minibatchStart } from '../shards.js';
import { Graph } from './graph.js';
import type { ElementType } from './model-proto.js';
import { requireProvider } from './providers.js';
import { type Binding, createDeviceSession, type DeviceSession, type DeviceValue, type Elements } from './runtime.js';
import {
  type ColumnInput,
  loopGraph,
  nextName,
  RATE_COUNT,
  RATES,
  STATE,
  type StateName,
  stepGraph,
  TOTAL_COUNT,
  TOTALS,
  type UpdateInputs,
  wrongOnWebgpu,
} from './update-graph.js';

/** How an iteration is run. */
export type Scheme = 'loop' | 'steps';

/** WebGPU has no Loop of its own, so that a looping graph would come back to the processor each time; CUDA has one, and no values that stay. */
export function schemeOf(provider: Provider): Scheme {
  return provider === 'webgpu' ? 'steps' : 'loop';
}

type Values = Readonly<Record<string, Binding | DeviceValue>>;
type StateValues = Readonly<Record<StateName, Binding | DeviceValue>>;

/** The compiled models of one setting. */
interface Compiled {
  readonly key: string;
  readonly inputs: UpdateInputs;
  readonly update: DeviceSession;
  /** Leaves what it is given on the device; null for a loop, as the next one. */
  readonly upload: DeviceSession | null;
  /** Reads a state back. */
  readonly download: DeviceSession | null;
}

/** One iteration's minibatches: where each begins in the joined permutations, and its row of `rates`. */
interface Plan {
  readonly order: Int32Array;
  readonly bounds: BigInt64Array;
  readonly rates: Float32Array;
}

/**
 * Creates a learner on the main thread.
 * @throws `BACKEND_UNAVAILABLE` where its provider cannot run, with the reason and what to do.
 */
export async function createOnnxLearner(
  name: BackendName,
  provider: Provider,
  network: NetworkSpec,
): Promise<DeviceLearner> {
  await requireProvider(name, provider);
  return new OnnxLearner(name, provider, network, schemeOf(provider));
}

/** A learner of any provider and scheme; `cpu` is for tests. @internal */
export class OnnxLearner implements DeviceLearner {
  readonly name: BackendName;
  readonly #provider: Provider;
  readonly #network: NetworkSpec;
  readonly #scheme: Scheme;
  readonly #count: number;
  /** Copies of the rollout's columns, kept between updates. */
  readonly #columns = new Map<string, Elements>();
  #compiled: Compiled | null = null;
  #busy = false;
  #disposed = false;

  constructor(name: BackendName, provider: Provider, network: NetworkSpec, scheme: Scheme) {
    this.name = name;
    this.#provider = provider;
    this.#network = network;
    this.#scheme = scheme;
    this.#count = parameterLayout(network).count;
  }

  async update(
    batch: LearnerBatch,
    permutations: readonly Int32Array[],
    minibatches: number,
    settings: LearnerSettings,
    state: LearnerState,
  ): Promise<LearnerStats> {
    if (this.#disposed) throw new Error('internal: the learner was disposed of');
    if (this.#busy) throw new Error('internal: the learner is in the middle of another update');
    this.#busy = true;
    try {
      const samples = batch.logProbs.length;
      const plan = planOf(permutations, samples, minibatches, settings, state.step, batch.memory?.steps ?? 1);
      const compiled = await this.#compile(batch, settings, sizesOf(plan).some(wrongOnWebgpu));
      const columns = Object.fromEntries(
        compiled.inputs.columns.map((column) => [column.name, this.#column(batch, column, samples)]),
      );
      const fixed = Object.fromEntries(
        compiled.inputs.fixed.map(({ name, type, shape }) => [name, this.#copy(batch, name, type, shape)]),
      );
      const row = (data: Float32Array): Binding => ({ data: data.slice(), shape: [1, data.length] });
      const start: StateValues = {
        parameters: row(state.parameters),
        firstMoments: row(state.firstMoments),
        secondMoments: row(state.secondMoments),
        totals: row(new Float32Array(TOTAL_COUNT)),
      };
      const after =
        this.#scheme === 'loop'
          ? await this.#loop(compiled, { ...columns, ...fixed }, plan, start)
          : await this.#steps(compiled, columns, fixed, plan, start, minibatches, settings.targetKl);
      return this.#finish(after, plan, state);
    } finally {
      this.#busy = false;
    }
  }

  /** The sessions go with their process's last use of them. */
  dispose(): void {
    this.#disposed = true;
    const compiled = this.#compiled;
    this.#compiled = null;
    if (compiled !== null) void release(compiled);
  }

  /** One run for all minibatches. */
  async #loop({ update }: Compiled, rollout: Values, plan: Plan, start: StateValues): Promise<StateNumbers> {
    const count = plan.bounds.length - 1;
    const next = await update.run({
      ...rollout,
      ...start,
      count: { data: BigInt64Array.of(BigInt(count)), shape: [] },
      order: { data: plan.order, shape: [plan.order.length] },
      bounds: { data: plan.bounds, shape: [count + 1] },
      rates: { data: plan.rates, shape: [count, RATE_COUNT] },
    });
    return numbersOf(next, nextName);
  }

  /** A run for each minibatch; the device keeps what the next one needs. */
  async #steps(
    { inputs, update, upload, download }: Compiled,
    columns: Readonly<Record<string, Binding>>,
    fixed: Readonly<Record<string, Binding>>,
    plan: Plan,
    start: StateValues,
    minibatches: number,
    targetKl: number | null,
  ): Promise<StateNumbers> {
    const kept = inputs.columns.filter(indexable).map(({ name }) => name);
    const uploaded = await upload!.run(
      Object.fromEntries(
        Object.entries({ ...columns, ...fixed }).filter(([name]) => kept.includes(name) || name in fixed),
      ),
    );
    const rollout: Record<string, Binding | DeviceValue> = { ...columns };
    for (const [name, value] of Object.entries(uploaded)) rollout[name.slice(KEPT.length)] = value;
    let state = start;
    const free = (values: StateValues): void => {
      for (const value of Object.values(values)) if ('tensor' in value) value.dispose();
    };
    try {
      let before = 0;
      for (let k = 0; k + 1 < plan.bounds.length; k++) {
        const rows = plan.order.subarray(Number(plan.bounds[k]), Number(plan.bounds[k + 1]));
        const next = await update.run({
          ...rollout,
          ...state,
          rows: { data: rows, shape: [rows.length] },
          rates: { data: plan.rates.subarray(k * RATE_COUNT, (k + 1) * RATE_COUNT), shape: [1, RATE_COUNT] },
        });
        free(state);
        state = Object.fromEntries(STATE.map((name) => [name, next[nextName(name)]!])) as unknown as StateValues;
        if (targetKl === null || (k + 1) % minibatches !== 0) continue;
        const kl = numbersOf(await download!.run(state as Values), keptName).totals[TOTALS.kl]!;
        if (kl - before > targetKl) break;
        before = kl;
      }
      return numbersOf(await download!.run(state as Values), keptName);
    } finally {
      free(state);
      for (const value of Object.values(uploaded)) value.dispose();
    }
  }

  /** The state is overwritten only by finite numbers. */
  #finish(after: StateNumbers, { bounds }: Plan, state: LearnerState): LearnerStats {
    const { totals } = after;
    const finite = STATE.every((name) => after[name].every((x) => Number.isFinite(x)));
    const minibatches = Math.round(totals[TOTALS.minibatches]!);
    if (finite) {
      state.parameters.set(after.parameters);
      state.firstMoments.set(after.firstMoments);
      state.secondMoments.set(after.secondMoments);
      state.step += minibatches;
    }
    const total = (k: number): number => (finite ? totals[k]! : Number.NaN);
    return {
      policyLoss: total(0),
      valueLoss: total(1),
      entropy: total(2),
      oldApproxKl: total(3),
      approxKl: total(4),
      clipFraction: total(5),
      samples: Number(bounds[minibatches]),
      gradNorm: total(TOTALS.gradNorm),
      minibatches,
    };
  }

  /** The models of these settings: a run's settings do not change, so they are compiled once. */
  async #compile(
    { observationClip, memory }: LearnerBatch,
    settings: LearnerSettings,
    wrongRows: boolean,
  ): Promise<Compiled> {
    const { learningRate: _, ...rest } = settings;
    const sequenceLength = memory?.steps ?? 1;
    const key = `${observationClip} ${sequenceLength} ${wrongRows} ${Object.values(rest).join(' ')}`;
    if (this.#compiled?.key === key) return this.#compiled;
    if (this.#compiled !== null) await release(this.#compiled);
    this.#compiled = null;
    const steps = this.#scheme === 'steps';
    const resident = this.#provider === 'webgpu' && steps;
    const style = { plain: this.#provider === 'webgpu', sequenceLength, wrongRows };
    const { graph, inputs } = (steps ? stepGraph : loopGraph)(this.#network, rest, observationClip, style);
    const session = (model: Graph, stays: boolean): Promise<DeviceSession> =>
      createDeviceSession(model.encode('ppo-update'), this.#provider, stays);
    const columns = inputs.columns
      .filter(indexable)
      .map((input) => ({ ...input, shape: [input.rows, ...input.shape] }));
    const state = STATE.map((name) => ({
      name,
      type: 'float32' as const,
      shape: [1, name === 'totals' ? TOTAL_COUNT : this.#count],
    }));
    this.#compiled = {
      key,
      inputs,
      update: await session(graph, resident),
      upload: steps ? await session(copyGraph([...columns, ...inputs.fixed]), resident) : null,
      download: steps ? await session(copyGraph(state), false) : null,
    };
    return this.#compiled;
  }

  /** A column of the rollout, [samples, ...] or [sequences, ...]. */
  #column(batch: LearnerBatch, { name, type, shape, rows }: ColumnInput, samples: number): Binding {
    const count = rows === 'samples' ? samples : samples / batch.memory!.steps;
    return this.#copy(batch, name, type, [count, ...shape]);
  }

  /** Copies: the runtime does not take views of shared memory. */
  #copy(batch: LearnerBatch, name: string, type: ElementType, shape: readonly number[]): Binding {
    const source = { ...batch, ...batch.memory }[name as keyof LearnerBatch];
    if (source === undefined || typeof source === 'number' || 'steps' in source)
      throw new Error(`internal: the rollout has no '${name}'`);
    const size = shape.reduce((product, length) => product * length, 1);
    if (source.length < size) throw new Error(`internal: '${name}' has ${source.length} numbers instead of ${size}`);
    let data = this.#columns.get(name);
    if (data?.length !== size) {
      data = arrayOf(type, size);
      this.#columns.set(name, data);
    }
    (data as Float32Array).set(source.subarray(0, size));
    return { data, shape };
  }
}

type StateNumbers = Readonly<Record<StateName, Float32Array>>;

function numbersOf(values: Readonly<Record<string, DeviceValue>>, named: (name: StateName) => string): StateNumbers {
  const of = (name: StateName): Float32Array => values[named(name)]!.data as Float32Array;
  return {
    parameters: of('parameters'),
    firstMoments: of('firstMoments'),
    secondMoments: of('secondMoments'),
    totals: of('totals'),
  };
}

async function release({ update, upload, download }: Compiled): Promise<void> {
  for (const session of [update, upload, download]) await session?.release();
}

/** Bytes stay on the host, whose rows go up minibatch by minibatch: WebGPU does not index them. */
function indexable({ type }: ColumnInput): boolean {
  return type === 'float32' || type === 'int32';
}

function arrayOf(type: ElementType, size: number): Elements {
  if (type === 'float32') return new Float32Array(size);
  if (type === 'int32') return new Int32Array(size);
  return new Uint8Array(size);
}

const KEPT = 'kept ';
const keptName = (name: string): string => `${KEPT}${name}`;

/** Gives every input out again under {@link keptName}. */
function copyGraph(inputs: readonly { name: string; type: ElementType; shape: readonly (number | string)[] }[]): Graph {
  const graph = new Graph();
  for (const { name, type, shape } of inputs) {
    graph.output(keptName(name), graph.add('Identity', [graph.input(name, shape, type)], shape, {}, type));
  }
  return graph;
}

/** Samples of each minibatch. */
function sizesOf({ bounds }: Plan): number[] {
  return Array.from(bounds.subarray(1), (end, k) => Number(end - bounds[k]!));
}

/** Cuts the epochs' permutations into minibatches, and computes what a device would lose digits on. */
function planOf(
  permutations: readonly Int32Array[],
  samples: number,
  minibatches: number,
  { learningRate, normAdv }: LearnerSettings,
  step: number,
  steps: number,
): Plan {
  const count = permutations.length * minibatches;
  const order = new Int32Array(permutations.length * samples);
  const bounds = new BigInt64Array(count + 1);
  const rates = new Float32Array(count * RATE_COUNT);
  permutations.forEach((permutation, epoch) => {
    order.set(permutation.subarray(0, samples), epoch * samples);
    for (let m = 0; m < minibatches; m++) {
      const k = epoch * minibatches + m;
      const from = minibatchStart(m, samples, minibatches, steps);
      const size = minibatchStart(m + 1, samples, minibatches, steps) - from;
      bounds[k + 1] = BigInt(epoch * samples + from + size);
      const set = (name: keyof typeof RATES, value: number): void => {
        rates[k * RATE_COUNT + RATES[name]] = value;
      };
      set('share', 1 / size);
      set('unbiased', size > 1 ? 1 / (size - 1) : 0);
      set('normalise', normAdv && size > 1 ? 1 : 0);
      set('rate', learningRate / (1 - ADAM_BETA1 ** (step + k + 1)));
      set('spread', 1 / Math.sqrt(1 - ADAM_BETA2 ** (step + k + 1)));
      set('klWeight', 1 / (size * minibatches));
      set('last', m === minibatches - 1 ? 1 : 0);
    }
  });
  return { order, bounds, rates };
}
