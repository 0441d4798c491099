/** Times learners on this machine: the workers' on one thread, with the shards that a run would use, and devices. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Generator } from '../core/seeding/generator.js';
import { initialParameters } from '../network/init.js';
import { parameterLayout } from '../network/layout.js';
import type { PpoCoefficients } from '../network/reference.js';
import type { NetworkSpec } from '../network/spec.js';
import { actorOutputs } from '../network/validate.js';
import type { DeviceLearnerFactory, LearnerBatch, LearnerState, OnnxDevice } from './backend.js';
import {
  ARENA_START,
  compileKernels,
  createMemory,
  Kernels,
  networkDescriptor,
  scratchBytes,
} from './kernels/kernels.js';
import { type DeviceSpeed, type LearnerSpeed, measuredNetwork, processorName } from './learner-speed.js';
import { ShardGradient } from './onnx/shard-gradient.js';
import { FloatRows } from './rows.js';
import { shardCount } from './shards.js';

/** A device to measure. */
export interface MeasuredDevice {
  readonly name: OnnxDevice;
  readonly device: string;
  readonly create: DeviceLearnerFactory;
}

/** What to measure. */
export interface MeasureOptions {
  /** Day of the measurement, `YYYY-MM-DD`. */
  readonly date: string;
  readonly units?: readonly number[];
  readonly minibatches?: readonly number[];
  /** Timings of each point, of which the median counts. */
  readonly rounds?: number;
  /** Devices that work, without those that a program on the processor plays; none by default. */
  readonly devices?: readonly MeasuredDevice[];
  /** Called after each point, ms a minibatch. */
  readonly onPoint?: (point: { units: number; minibatch: number; kernels: number; onnx: number }) => void;
}

const UNITS = [64, 128, 256, 512];
const MINIBATCHES = [64, 256, 1024, 4096, 16_384];
/** A timing lasts at least this many ms, a whole shard included. */
const LEAST_MS = 8;
const COEFFICIENTS: PpoCoefficients = { clipCoef: 0.2, clipVloss: true, entCoef: 0, vfCoef: 0.5 };
const STEP = { learningRate: 1e-4, normAdv: true, maxGradNorm: 0.5, adamEps: 1e-5, targetKl: null };
const CLIP = 10;

/**
 * Measures ms a minibatch with the kernels and with ONNX Runtime, for two hidden layers of each width: taken in turns, so that
 * a busy moment meets both. About ten seconds.
 * @throws `BACKEND_UNAVAILABLE` where ONNX Runtime cannot be loaded.
 */
export async function measureLearnerSpeed(options: MeasureOptions): Promise<LearnerSpeed> {
  const { date, units = UNITS, minibatches = MINIBATCHES, rounds = 11, devices = [], onPoint } = options;
  const kernels: number[][] = [];
  const onnx: number[][] = [];
  const largest = Math.max(...minibatches.map((size) => Math.max(shardSize(size, 'kernels'), shardSize(size, 'onnx'))));
  for (const width of units) {
    const problem = await setUp(measuredNetwork(width), largest);
    const rows: [number[], number[]] = [[], []];
    for (const minibatch of minibatches) {
      const sizes = { kernels: shardSize(minibatch, 'kernels'), onnx: shardSize(minibatch, 'onnx') };
      const times: { kernels: number[]; onnx: number[] } = { kernels: [], onnx: [] };
      // The first round warms up.
      for (let round = 0; round <= rounds; round++) {
        for (const learner of ['kernels', 'onnx'] as const) {
          const time = await timed(() => problem[learner](sizes[learner]));
          if (round > 0) times[learner].push((time * minibatch) / sizes[learner]);
        }
      }
      rows[0].push(median(times.kernels));
      rows[1].push(median(times.onnx));
      onPoint?.({ units: width, minibatch, kernels: rows[0].at(-1)!, onnx: rows[1].at(-1)! });
    }
    kernels.push(rows[0]);
    onnx.push(rows[1]);
  }
  const table = { version: 1, processor: processorName(), date, units, minibatches, kernels, onnx } as const;
  if (devices.length === 0) return table;
  const measured: DeviceSpeed[] = [];
  for (const { name, device, create } of devices) {
    const rows: number[][] = [];
    for (const width of units) rows.push(await deviceTimes(create, width, minibatches, rounds));
    measured.push({ name, device, times: rows });
  }
  return { ...table, threads: availableParallelism(), devices: measured };
}

/** ms a minibatch of a device, for each size: a fresh learner's updates of two epochs of two minibatches. */
async function deviceTimes(
  create: DeviceLearnerFactory,
  width: number,
  minibatches: readonly number[],
  rounds: number,
): Promise<number[]> {
  const spec = measuredNetwork(width);
  const learner = await create(spec);
  const state = stateOf(spec);
  const settings = { ...COEFFICIENTS, ...STEP };
  const medians: number[] = [];
  for (const minibatch of minibatches) {
    const { batch, permutations } = rolloutOf(spec, 2 * minibatch);
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const time = await timed(async () => void (await learner.update(batch, permutations, 2, settings, state)));
      if (round > 0) times.push(time / (2 * permutations.length));
    }
    medians.push(median(times));
  }
  learner.dispose();
  return medians;
}

/** A learner's state at the beginning. */
function stateOf(spec: NetworkSpec): LearnerState {
  const parameters = initialParameters(spec, Generator.fromSeed(1));
  const zeros = (): Float32Array => new Float32Array(parameters.length);
  return { parameters, firstMoments: zeros(), secondMoments: zeros(), step: 0 };
}

/** A random rollout of a measured network, and two epochs' orders of it. */
function rolloutOf(spec: NetworkSpec, samples: number): { batch: LearnerBatch; permutations: Int32Array[] } {
  const generator = Generator.fromSeed(2);
  const normals = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => generator.standardNormal());
  const choices = actorOutputs(spec);
  return {
    batch: {
      observations: normals(samples * spec.observationSize),
      mean: new Float32Array(spec.observationSize),
      invStd: new Float32Array(spec.observationSize).fill(1),
      observationClip: CLIP,
      actions: Int32Array.from({ length: samples }, () => generator.integers(0, choices)),
      logProbs: new Float32Array(samples).fill(-Math.log(choices)),
      advantages: normals(samples),
      returns: normals(samples),
      values: normals(samples),
    },
    permutations: [0, 1].map(() => Int32Array.from(generator.permutation(samples))),
  };
}

function shardSize(minibatch: number, learner: 'kernels' | 'onnx'): number {
  return Math.ceil(minibatch / shardCount(minibatch, learner));
}

/** To three digits: more are noise. */
function median(times: readonly number[]): number {
  return Number([...times].sort((a, b) => a - b)[times.length >> 1]!.toPrecision(3));
}

/** ms of one call, over as many as fill the least time. */
async function timed(call: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  for (let calls = 1; ; calls++) {
    await call();
    const passed = performance.now() - start;
    if (passed >= LEAST_MS) return passed / calls;
  }
}

/** Both learners on one random rollout of `rows` samples; each call computes a shard of its first so many samples. */
async function setUp(spec: NetworkSpec, rows: number) {
  const generator = Generator.fromSeed(1);
  const { count: P } = parameterLayout(spec);
  const O = spec.observationSize;
  const descriptor = networkDescriptor(spec);
  const scratch = scratchBytes(spec);
  let bytes = 0;
  const place = (size: number): number => {
    const at = ARENA_START + bytes;
    bytes += Math.ceil(size / 64) * 64;
    return at;
  };
  const at = {
    network: place(descriptor.length * 4),
    scratch: place(scratch),
    parameters: place(P * 4),
    gradient: place(P * 4),
    stats: place(64),
    observations: place(rows * O * 4),
    mean: place(O * 4),
    invStd: place(O * 4),
    actions: place(rows * 4),
    logProbs: place(rows * 4),
    advantages: place(rows * 4),
    returns: place(rows * 4),
    values: place(rows * 4),
    indices: place(rows * 4),
  };
  const memory = createMemory(bytes);
  const kernels = new Kernels(await compileKernels(), memory);
  const floats = (pointer: number, length: number): Float32Array => new Float32Array(memory.buffer, pointer, length);
  const normals = (pointer: number, length: number): Float32Array => {
    const view = floats(pointer, length);
    for (let i = 0; i < length; i++) view[i] = generator.standardNormal();
    return view;
  };
  new Int32Array(memory.buffer, at.network, descriptor.length).set(descriptor);
  const parameters = floats(at.parameters, P);
  parameters.set(initialParameters(spec, generator));
  const indices = new Int32Array(memory.buffer, at.indices, rows);
  indices.set(generator.permutation(rows));
  const columns = {
    observations: normals(at.observations, rows * O),
    mean: floats(at.mean, O),
    invStd: floats(at.invStd, O).fill(1),
    actions: new Int32Array(memory.buffer, at.actions, rows),
    logProbs: floats(at.logProbs, rows),
    advantages: normals(at.advantages, rows),
    returns: normals(at.returns, rows),
    values: floats(at.values, rows),
    masks: null,
    memory: null,
  };
  // biome-ignore format: operands in the kernel's order
  kernels.act(at.network, at.parameters, at.scratch, at.observations, rows, at.mean, at.invStd, CLIP, at.actions, at.logProbs,
    at.values, 1, 2, 0, 3, 4, 0);
  const { clipCoef, clipVloss, entCoef, vfCoef } = COEFFICIENTS;
  const shards = await ShardGradient.create(spec, COEFFICIENTS, CLIP, {
    ...columns,
    observations: new FloatRows(columns.observations, O),
  });
  const gradient = floats(at.gradient, P);
  const stats = floats(at.stats, 8);
  return {
    kernels(n: number): void {
      // biome-ignore format: operands in the kernel's order
      kernels.gradient(at.network, at.parameters, at.scratch, at.indices, n, at.observations, at.mean, at.invStd, CLIP,
        at.actions, at.logProbs, at.advantages, at.returns, at.values, 0, 1, 1 / n, clipCoef, clipVloss ? 1 : 0, entCoef,
        vfCoef, at.gradient, at.stats);
    },
    onnx: (n: number): Promise<void> =>
      shards.run({
        parameters,
        indices: indices.subarray(0, n),
        advMean: 0,
        advInvStd: 1,
        invBatch: 1 / n,
        gradient,
        stats,
      }),
  };
}
