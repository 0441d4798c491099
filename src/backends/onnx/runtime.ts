/** ONNX Runtime, the only place that loads it: one-thread sessions on the processor. */
import { usageError } from '../../core/errors.js';

type Ort = typeof import('onnxruntime-node');

/** Typed arrays of tensors. */
type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

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
  loaded ??= import('onnxruntime-node').catch((cause: unknown) => {
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
  const tensor = ({ data, shape }: Binding): InstanceType<typeof Tensor> =>
    data instanceof Float32Array
      ? new Tensor('float32', data, shape)
      : data instanceof Float64Array
        ? new Tensor('float64', data, shape)
        : data instanceof Uint8Array
          ? new Tensor('uint8', data, shape)
          : new Tensor('int32', data, shape);
  const tensors = (bindings: Readonly<Record<string, Binding>>): Bound['feeds'] =>
    Object.fromEntries(Object.entries(bindings).map(([name, binding]) => [name, tensor(binding)]));
  return {
    bind: (inputs, outputs) => ({ feeds: tensors(inputs), fetches: tensors(outputs) }),
    async run({ feeds, fetches }) {
      await session.run(feeds, fetches);
    },
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
export interface ModelFile {
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  /** Runs the model on its only input. @returns the output of that name */
  run(numbers: Float32Array, shape: readonly number[], output: string): Promise<ModelResult>;
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
    async run(numbers, shape, output) {
      const { name, type } = inputs[0]!;
      const feed =
        type === 'float64'
          ? new Tensor('float64', Float64Array.from(numbers), shape)
          : type === 'uint8'
            ? new Tensor('uint8', Uint8Array.from(numbers), shape)
            : new Tensor('float32', numbers, shape);
      const { [output]: tensor } = await session.run({ [name]: feed }, [output]);
      return { data: tensor!.data as ArrayLike<number | bigint>, shape: tensor!.dims };
    },
  };
}
