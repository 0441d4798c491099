/** Loads TensorFlow.js with one of its backends. The only place that does; worker threads never load it. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import util from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { failure, usageError } from '../../core/errors.js';
import type { BackendName } from '../backend.js';

/** TensorFlow.js' core API. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');
export type TfjsBackend = Exclude<BackendName, 'kernels'>;

/**
 * Makes `name` the active backend and returns the API that it belongs to.
 * @throws `BACKEND_UNAVAILABLE` with the reason and what to do.
 */
export async function loadTensorFlow(name: TfjsBackend): Promise<TensorFlow> {
  if (!isMainThread) throw failure('BACKEND_UNAVAILABLE', `${name} runs on the main thread only.`);
  try {
    if (name === 'tfjs:tensorflow') return await loadNative();
    const tf = await import('@tensorflow/tfjs-core');
    if (name === 'tfjs:cpu') await import('@tensorflow/tfjs-backend-cpu');
    else {
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      const require = createRequire(import.meta.url);
      setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    }
    const backend = name.slice('tfjs:'.length);
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its backend '${backend}'`);
    await tf.ready();
    return tf;
  } catch (cause) {
    const reason =
      cause instanceof Error ? (cause.message.trim().split('\n')[0] ?? '').replace(/[\s.]+$/, '') : String(cause);
    throw usageError(
      'BACKEND_UNAVAILABLE',
      `the learner '${name}' cannot run here: ${reason}. ${ADVICE[name]}`,
      { got: name, hint: ADVICE[name] },
      cause,
    );
  }
}

const ADVICE: Record<TfjsBackend, string> = {
  'tfjs:cpu': 'Install gymkhana again, or use --backend kernels.',
  'tfjs:wasm': 'Install gymkhana again, or use --backend kernels.',
  'tfjs:tensorflow': 'Fetch its native library with `npm rebuild @tensorflow/tfjs-node-gpu`, or use --backend kernels.',
};

/** The package is optional, so the specifier is not a literal: its types are those of the core. */
async function loadNative(): Promise<TensorFlow> {
  // It still calls two functions that Node 23 removed.
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
  const specifier = '@tensorflow/tfjs-node-gpu';
  const module = (await import(specifier)) as TensorFlow & { default?: TensorFlow };
  const tf = module.default ?? module;
  await tf.setBackend('tensorflow');
  await tf.ready();
  return tf;
}
