/** Which learner a run uses, and what a machine offers. */

import { GymkhanaError, usageError } from '../core/errors.js';
import { didYouMean } from '../core/kwargs.js';
import type { NetworkSpec } from '../network/spec.js';
import { BACKENDS, type BackendName, type BackendStatus, type DeviceLearner } from './backend.js';
import { compileKernels } from './kernels/kernels.js';
import { loadRuntime, runtimeVersion } from './onnx/runtime.js';

/** A chosen learner: null where the workers learn, with the kernels or with ONNX Runtime. */
export interface ChosenBackend {
  readonly name: BackendName;
  /** Why, in words. */
  readonly reason: string;
  readonly learner: DeviceLearner | null;
}

/**
 * Starts the learner that a name means.
 * @throws `UNKNOWN_BACKEND`, or `BACKEND_UNAVAILABLE` with what to do.
 */
export async function chooseBackend(name: string, network: NetworkSpec): Promise<ChosenBackend> {
  if (name === 'auto') {
    const reason = 'SIMD kernels in the workers are the fastest learner for networks of this kind on a processor';
    return { name: 'kernels', reason, learner: null };
  }
  const known = BACKENDS.find((backend) => backend === name);
  if (known === undefined) {
    const names = ['auto', ...BACKENDS];
    throw usageError(
      'UNKNOWN_BACKEND',
      `there is no learner '${name}'. ${didYouMean(name, names)} There are: ${names.join(', ')}.`,
      { got: name },
    );
  }
  if (known === 'onnx') await loadRuntime();
  if (known === 'kernels' || known === 'onnx') return { name: known, reason: 'asked for', learner: null };
  const { createTfjsLearner } = await import('./tfjs/learner.js');
  return { name: known, reason: 'asked for', learner: await createTfjsLearner(known, network) };
}

/** Each learner: present, or why not and what to do. */
export async function backendStatuses(): Promise<BackendStatus[]> {
  const statuses: BackendStatus[] = [];
  for (const name of BACKENDS) {
    try {
      statuses.push({ name, available: true, detail: await startedOn(name) });
    } catch (error) {
      if (!(error instanceof GymkhanaError)) throw error;
      statuses.push({ name, available: false, detail: error.message });
    }
  }
  return statuses;
}

/** Starts a learner's libraries; says what they run on. */
async function startedOn(name: BackendName): Promise<string> {
  if (name === 'onnx') return `ONNX Runtime ${await runtimeVersion()}, one thread in every worker`;
  if (name !== 'kernels') return (await (await import('./tfjs/load.js')).loadTensorFlow(name)).detail;
  await compileKernels();
  return '128-bit SIMD, in every worker thread';
}
