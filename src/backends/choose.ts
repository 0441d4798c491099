/** Which learner a run uses, and what a machine offers. */

import { GymkhanaError, usageError } from '../core/errors.js';
import { didYouMean } from '../core/kwargs.js';
import { everyLayer, networkPlan, plainTowers } from '../network/plan.js';
import type { NetworkSpec } from '../network/spec.js';
import {
  BACKENDS,
  type BackendName,
  type BackendStatus,
  type DeviceLearner,
  isOnnxDevice,
  type OnnxDevice,
  type Provider,
} from './backend.js';
import { compileKernels, kernelArithmetic } from './kernels/kernels.js';
import { chooseLearner, knownSpeed } from './learner-speed.js';
import type { MeasuredDevice } from './measure-learners.js';
import { loadRuntime, runtimeVersion } from './onnx/runtime.js';

/** A chosen learner: null where the workers learn, with the kernels or with ONNX Runtime. */
export interface ChosenBackend {
  readonly name: BackendName;
  /** Why, in words. */
  readonly reason: string;
  readonly learner: DeviceLearner | null;
}

/** What `auto` goes by. */
export interface ChooseOptions {
  /** Samples in a minibatch; 256 by default. */
  readonly minibatch?: number;
  readonly onNotice?: (text: string) => void;
}

/**
 * Starts the learner that a name means; `auto` goes by measured times of the network and the minibatch, see `learner-speed.ts`.
 * @throws `UNKNOWN_BACKEND`, or `BACKEND_UNAVAILABLE` with what to do.
 */
export async function chooseBackend(
  name: string,
  network: NetworkSpec,
  options: ChooseOptions = {},
): Promise<ChosenBackend> {
  if (name === 'auto') return await automatic(network, options);
  const known = BACKENDS.find((backend) => backend === name);
  if (known === undefined) {
    const names = ['auto', ...BACKENDS];
    throw usageError(
      'UNKNOWN_BACKEND',
      `there is no learner '${name}'. ${didYouMean(name, names)} There are: ${names.join(', ')}.`,
      { got: name },
    );
  }
  const able = learnersFor(network);
  if (!able.includes(known)) {
    const expected = ['auto', ...able].join(', ');
    throw usageError(
      'UNSUPPORTED_NETWORK',
      `the learner '${known}' cannot train this network, which has ${otherParts(network)}. Use --backend auto, or one of ${able.join(', ')}.`,
      { got: known, expected },
    );
  }
  if (known === 'onnx') await loadRuntime();
  if (known === 'kernels' || known === 'onnx') return { name: known, reason: 'asked for', learner: null };
  if (isOnnxDevice(known)) return { name: known, reason: 'asked for', learner: await onnxLearner(known, network) };
  const { createTfjsLearner } = await import('./tfjs/learner.js');
  return { name: known, reason: 'asked for', learner: await createTfjsLearner(known, network) };
}

/** Learners for a network: all of them, but the kernels for plain towers alone. */
function learnersFor(network: NetworkSpec): readonly BackendName[] {
  return plainTowers(network) !== null ? BACKENDS : BACKENDS.filter((name) => name !== 'kernels');
}

/** What the kernels do not know of a network, in words. */
function otherParts(spec: NetworkSpec): string {
  const layers = everyLayer(networkPlan(spec)).map(({ layer }) =>
    'activation' in layer && !['tanh', 'relu', 'linear'].includes(layer.activation) ? layer.activation : layer.type,
  );
  const others = new Set(layers.filter((name) => name !== 'dense'));
  return others.size === 0 ? 'a shared trunk' : [...others].join(', ');
}

/** @throws `BACKEND_UNAVAILABLE` with what to do. */
async function onnxLearner(name: OnnxDevice, network: NetworkSpec): Promise<DeviceLearner> {
  const { createOnnxLearner } = await import('./onnx/device-learner.js');
  return await createOnnxLearner(name, providerOf(name), network);
}

/** The provider in a learner's name. */
function providerOf(name: OnnxDevice): Provider {
  return name.slice('onnx:'.length) as Provider;
}

/** The fastest learner by the table; the workers' where a device does not start, the kernels where ONNX Runtime cannot be loaded. */
async function automatic(network: NetworkSpec, { minibatch = 256, onNotice }: ChooseOptions): Promise<ChosenBackend> {
  if (plainTowers(network) === null) {
    await loadRuntime();
    return {
      name: 'onnx',
      reason: `the network has ${otherParts(network)}, which the kernels do not know`,
      learner: null,
    };
  }
  const known = knownSpeed();
  if (known.notice !== null) onNotice?.(known.notice);
  const { learner, inWorkers, reason } = chooseLearner(known, network, minibatch);
  let why = reason;
  if (learner !== 'kernels' && learner !== 'onnx') {
    try {
      return { name: learner, reason, learner: await onnxLearner(learner, network) };
    } catch (error) {
      if (!(error instanceof GymkhanaError)) throw error;
      why = `${why}; but ${error.message}`;
    }
  }
  if (inWorkers === 'onnx') {
    try {
      await loadRuntime();
    } catch (error) {
      if (!(error instanceof GymkhanaError)) throw error;
      return { name: 'kernels', reason: `${why}; but ${error.message}`, learner: null };
    }
  }
  return { name: inWorkers, reason: why, learner: null };
}

/** What a device's learner runs on. */
type Probe = (name: OnnxDevice, provider: Provider) => Promise<{ readonly device: string; readonly software: boolean }>;

/** The devices that `auto` may choose: those that work and are devices, not programs on the processor. */
export async function measurableDevices(probe?: Probe): Promise<readonly MeasuredDevice[]> {
  const required = probe ?? (await import('./onnx/providers.js')).requireProvider;
  const found: MeasuredDevice[] = [];
  for (const name of BACKENDS.filter(isOnnxDevice)) {
    try {
      const { device, software } = await required(name, providerOf(name));
      if (!software) found.push({ name, device, create: (network) => onnxLearner(name, network) });
    } catch (error) {
      if (!(error instanceof GymkhanaError)) throw error;
    }
  }
  return found;
}

/** Where a run with a learner comes to the same bytes again, for any number of workers; null where that is not promised. */
export function repeatsOn(name: BackendName): string | null {
  if (name === 'tfjs:tensorflow' || isOnnxDevice(name)) return null;
  if (name === 'onnx') return 'machines with the same kind of processor and version of ONNX Runtime';
  if (name !== 'kernels') return 'machines with the same versions of Node and TensorFlow.js';
  return `every processor ${kernelArithmetic() === 'fused' ? 'with' : 'without'} fused multiply-add`;
}

/** Each learner: present, or why not and what to do. */
export async function backendStatuses(): Promise<BackendStatus[]> {
  const statuses: BackendStatus[] = [];
  for (const name of BACKENDS) statuses.push(await backendStatus(name));
  return statuses;
}

/** One learner: present, or why not and what to do. */
export async function backendStatus(name: BackendName): Promise<BackendStatus> {
  try {
    return { name, available: true, detail: await startedOn(name) };
  } catch (error) {
    if (!(error instanceof GymkhanaError)) throw error;
    return { name, available: false, detail: error.message };
  }
}

/** Starts a learner's libraries; says what they run on. */
async function startedOn(name: BackendName): Promise<string> {
  if (name === 'onnx') return `ONNX Runtime ${await runtimeVersion()}, one thread in every worker`;
  if (isOnnxDevice(name)) {
    const { providerDetail } = await import('./onnx/providers.js');
    return await providerDetail(name, providerOf(name));
  }
  if (name !== 'kernels') return (await (await import('./tfjs/load.js')).loadTensorFlow(name)).detail;
  await compileKernels();
  const how = kernelArithmetic() === 'fused' ? 'fused multiply-add' : 'no fused multiply-add';
  return `128-bit SIMD with ${how}, in every worker thread`;
}
