/** ONNX Runtime, the only place that loads it: one-thread sessions on the processor, and sessions on devices. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { usageError } from '../../core/errors.js';
import type { Provider } from '../backend.js';

type Ort = typeof import('onnxruntime-node');

/** Typed arrays of tensors. */
export type Elements = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor that lives as long as its session: runs read or write `data` in place. */
export interface Binding {
  readonly data: Elements;
  readonly shape: readonly number[];
}

/** A compiled model; it lives as long as its thread. */
export interface Session {
  /** Runs the model on the inputs' present contents and overwrites the outputs'. */
  run(bindings: Bound): Promise<void>;
  /** Binds a set of inputs and outputs once, so that runs make no tensors. */
  bind(inputs: Readonly<Record<string, Binding>>, outputs: Readonly<Record<string, Binding>>): Bound;
}

/** Inputs and outputs of a run. */
export interface Bound {
  readonly feeds: import('onnxruntime-node').InferenceSession.FeedsType;
  readonly fetches: import('onnxruntime-node').InferenceSession.FetchesType;
}

/** The thread that runs a session does all its work, in a fixed order. */
const ONE_THREAD: import('onnxruntime-node').InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

let loaded: Promise<Ort> | null = null;

/**
 * Loads ONNX Runtime, once a thread.
 * @throws `BACKEND_UNAVAILABLE` where its native library cannot be loaded, with the reason and what to do.
 */
export function loadRuntime(): Promise<Ort> {
  loaded ??= import('onnxruntime-node').then(silenced).catch((cause: unknown) => {
    loaded = null;
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '').replace(/[\s.]+$/, '') : String(cause);
    const hint = 'Install gymkhana again for this system, or use --backend kernels.';
    throw usageError(
      'BACKEND_UNAVAILABLE',
      `the learner 'onnx' cannot run here: ${reason}. ${hint}`,
      { got: 'onnx', hint },
      cause,
    );
  });
  return loaded;
}

/** What goes wrong is thrown; the runtime's own lines on the standard error say it once more. */
function silenced(ort: Ort): Ort {
  ort.env.logLevel = 'fatal';
  return ort;
}

/** The version of ONNX Runtime. */
export async function runtimeVersion(): Promise<string> {
  return (await loadRuntime()).env.versions.node ?? 'of an unknown version';
}

/**
 * Compiles a model for one thread: the thread that runs it does all the work, in a fixed order, so that equal inputs of equal
 * shapes give equal bytes in every thread.
 * @throws `BACKEND_UNAVAILABLE`, see {@link loadRuntime}.
 */
export async function createSession(model: Uint8Array): Promise<Session> {
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(model, ONE_THREAD);
  const tensor = tensorMaker(Tensor);
  const tensors = (bindings: Readonly<Record<string, Binding>>): Bound['feeds'] =>
    Object.fromEntries(Object.entries(bindings).map(([name, binding]) => [name, tensor(binding)]));
  return {
    bind: (inputs, outputs) => ({ feeds: tensors(inputs), fetches: tensors(outputs) }),
    async run({ feeds, fetches }) {
      await session.run(feeds, fetches);
    },
  };
}

type OrtTensor = import('onnxruntime-node').Tensor;

/** Wraps typed arrays without copying them. */
function tensorMaker(Tensor: Ort['Tensor']): (binding: Binding) => OrtTensor {
  return ({ data, shape }) => {
    if (data instanceof Float32Array) return new Tensor('float32', data, shape);
    if (data instanceof Float64Array) return new Tensor('float64', data, shape);
    if (data instanceof Int32Array) return new Tensor('int32', data, shape);
    if (data instanceof BigInt64Array) return new Tensor('int64', data, shape);
    return new Tensor('uint8', data, shape);
  };
}

/** What a run gave: numbers, or a place on the device that another run of the same provider takes. */
export interface DeviceValue {
  /** Null where the value stays on the device. */
  readonly data: Elements | null;
  /** @internal */
  readonly tensor: OrtTensor;
  /** Gives the memory back; the value is of no use any more. */
  dispose(): void;
}

/** A compiled model on a device. */
export interface DeviceSession {
  /** Runs the model; every output comes as a new value. */
  run(inputs: Readonly<Record<string, Binding | DeviceValue>>): Promise<Readonly<Record<string, DeviceValue>>>;
  release(): Promise<void>;
}

/** The providers that the package has for this system; a library of theirs may still be missing. */
export async function offeredProviders(): Promise<readonly string[]> {
  return (await loadRuntime()).listSupportedBackends().map(({ name }) => name);
}

/** The file with CUDA's operators, which comes apart from the package; null where it is not there. */
export function cudaLibrary(): string | null {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
  const name = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  const file = join(folder, name);
  return existsSync(file) ? file : null;
}

/**
 * Compiles a model for a device. `resident` leaves its outputs there, which the binding does for WebGPU alone: its values feed
 * other runs, and reading one takes a run that copies it.
 * @throws what ONNX Runtime throws; `BACKEND_UNAVAILABLE`, see {@link loadRuntime}.
 */
export async function createDeviceSession(
  model: Uint8Array,
  provider: Provider,
  resident = false,
): Promise<DeviceSession> {
  // Read by CUDA's libraries when they start: products of float32 keep all their digits, as everywhere else.
  if (provider === 'cuda') process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(model, {
    ...ONE_THREAD,
    executionProviders: [provider],
    ...(resident && { preferredOutputLocation: 'gpu-buffer' as const }),
  });
  const wrapped = tensorMaker(Tensor);
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(([name, input]): [string, OrtTensor] => [
        name,
        'tensor' in input ? input.tensor : wrapped(input),
      ]);
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          {
            data: tensor.location === 'cpu' ? (tensor.data as Elements) : null,
            tensor,
            dispose: () => tensor.dispose(),
          },
        ]),
      );
    },
    release: () => session.release(),
  };
}

/** What a model takes or gives. */
export interface ModelPort {
  readonly name: string;
  /** As ONNX Runtime names it: `float32`, `int64`, ... */
  readonly type: string;
  /** Sizes; a name where the model leaves one open. */
  readonly shape: readonly (number | string)[];
}

/** A tensor that a model gave. */
export interface ModelResult {
  readonly data: ArrayLike<number | bigint>;
  readonly shape: readonly number[];
}

/** A model from a file, on one thread of the processor. */
export interface ModelNumbers {
  readonly numbers: Float32Array;
  readonly shape: readonly number[];
}

/** A model from a file. */
export interface ModelFile {
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  /** Runs the model on numbers for each of its inputs, by name, and gives the outputs of those names. */
  run(
    inputs: Readonly<Record<string, ModelNumbers>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, ModelResult>>>;
}

/** Opens a model of any maker. @throws what ONNX Runtime throws; `BACKEND_UNAVAILABLE`, see {@link loadRuntime}. */
export async function openModel(path: string): Promise<ModelFile> {
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(path, ONE_THREAD);
  const ports = (metadata: typeof session.inputMetadata): ModelPort[] =>
    metadata.map((port) => ({
      name: port.name,
      type: port.isTensor ? port.type : 'not a tensor',
      shape: port.isTensor ? port.shape : [],
    }));
  const inputs = ports(session.inputMetadata);
  return {
    inputs,
    outputs: ports(session.outputMetadata),
    async run(given, wanted) {
      const feeds = inputs.map(({ name, type }) => {
        const { numbers, shape } = given[name]!;
        const feed =
          type === 'float64'
            ? new Tensor('float64', Float64Array.from(numbers), shape)
            : type === 'uint8'
              ? new Tensor('uint8', Uint8Array.from(numbers), shape)
              : new Tensor('float32', numbers, shape);
        return [name, feed] as const;
      });
      const results = await session.run(Object.fromEntries(feeds), [...wanted]);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          { data: tensor.data as ArrayLike<number | bigint>, shape: tensor.dims },
        ]),
      );
    },
  };
}
