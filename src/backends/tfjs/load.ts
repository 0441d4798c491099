/**
 * Loads TensorFlow.js with one of its backends. The only place that does; worker threads never load it. Nothing is
 * downloaded: the WebAssembly binaries are the files inside the npm package.
 */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';
import util from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { failure, usageError } from '../../core/errors.js';
import type { BackendName } from '../backend.js';

/** TensorFlow.js' core API: functions only, since tensors' chained methods are not registered. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');
export type TfjsBackend = Extract<BackendName, `tfjs:${string}`>;

/** A backend that can run operations now. */
export interface LoadedBackend {
  readonly tf: TensorFlow;
  /** Its name inside TensorFlow.js. */
  readonly backend: string;
  /** What it runs on, in words. */
  readonly detail: string;
}

/**
 * Starts a backend, makes it the current one and tries a product on it.
 * @throws `BACKEND_UNAVAILABLE` with the reason and what to do.
 */
export async function loadTensorFlow(name: TfjsBackend): Promise<LoadedBackend> {
  if (!isMainThread) throw failure('BACKEND_UNAVAILABLE', `${name} runs on the main thread only.`);
  try {
    const loaded = await LOADERS[name]();
    const { tf } = loaded;
    const four = tf.tidy(() => tf.matMul(tf.tensor2d([[2]]), tf.tensor2d([[2]])).dataSync()[0]);
    if (four !== 4) throw new Error(`it says that 2 times 2 is ${four}`);
    return loaded;
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
  'tfjs:tensorflow':
    "Gymkhana's own folder builds the native library with `npm run link-tf`; elsewhere add the package with `npm install " +
    '--ignore-scripts @tensorflow/tfjs-node-gpu` and fetch a library with `npm rebuild @tensorflow/tfjs-node-gpu`; ' +
    'or use --backend kernels.',
};

const LOADERS: { readonly [name in TfjsBackend]: () => Promise<LoadedBackend> } = {
  'tfjs:cpu': async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    const tf = await start('cpu');
    return { tf, backend: 'cpu', detail: `TensorFlow.js ${tf.version_core} in plain JavaScript, on the main thread` };
  },
  'tfjs:wasm': async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const require = createRequire(import.meta.url);
    setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), sep));
    const tf = await withoutNewHandlers(() => start('wasm'));
    return { tf, backend: 'wasm', detail: `TensorFlow.js ${tf.version_core} in WebAssembly, on the main thread` };
  },
  'tfjs:tensorflow': async () => {
    // The package still calls two functions that Node 23 removed.
    const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
    legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
    legacy.isArray ??= Array.isArray;
    // It is optional, so the specifier is not a literal; it registers its backend with the core.
    const specifier = '@tensorflow/tfjs-node-gpu';
    await import(specifier);
    const tf = await start('tensorflow');
    const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
    const device = isUsingGpuDevice === true ? 'a GPU' : 'the processor';
    return { tf, backend: 'tensorflow', detail: `native TensorFlow on ${device}, driven from the main thread` };
  },
};

async function start(backend: string): Promise<TensorFlow> {
  const tf = await import('@tensorflow/tfjs-core');
  // Production mode leaves out checks of every operation, and advice on the terminal to install another package.
  tf.enableProdMode();
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its backend '${backend}'`);
  return tf;
}

/** The WebAssembly runtime hooks the process's uncaught errors, which belong to the program. */
async function withoutNewHandlers<T>(load: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => new Set(process.rawListeners(event)));
  const loaded = await load();
  events.forEach((event, e) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[e]!.has(listener)) process.off(event, listener as (...values: unknown[]) => void);
    }
  });
  return loaded;
}
