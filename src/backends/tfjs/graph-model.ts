/** Writes a graph as a model of TensorFlow.js (`tf.loadGraphModel`): `model.json` and one file of weights. */
import type { Graph, Value } from '../onnx/graph.js';

/** The files of a model: `model.json` as text, and the weights that it names. */
export interface GraphModelFiles {
  readonly json: string;
  readonly weights: Uint8Array;
}

/** Name of the file with the weights, beside `model.json`. */
export const WEIGHTS_FILE = 'group1-shard1of1.bin';

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: { readonly [name: string]: unknown };
}

const FLOAT = { type: 'DT_FLOAT' };
const INT = { type: 'DT_INT32' };

/** TensorFlow's name of an operator that takes the same inputs in the same order. */
const SAME: { readonly [operator: string]: string } = {
  Add: 'AddV2',
  Sub: 'Sub',
  Mul: 'Mul',
  Tanh: 'Tanh',
  Relu: 'Relu',
  Sigmoid: 'Sigmoid',
  Sqrt: 'Sqrt',
  Reciprocal: 'Reciprocal',
  Min: 'Minimum',
  Max: 'Maximum',
  Clip: 'ClipByValue',
  Identity: 'Identity',
};

const CHANNELS_LAST = [0, 2, 3, 1];
const CHANNELS_FIRST = [0, 3, 1, 2];
/** Below every number of a network: what a pool's border is filled with. */
const LOW = -1e30;

/** Lists and text, as TensorFlow writes them. */
const list = (values: readonly number[]): unknown => ({ list: { i: values.map(String) } });
const text = (value: string): unknown => ({ s: Buffer.from(value).toString('base64') });

/** How a window walks, from the attributes of an operator on pictures. */
function windowOf(attributes: { readonly [name: string]: unknown }): Node['attr'] {
  const [stride] = attributes['strides'] as number[];
  const [border] = attributes['pads'] as number[];
  const along = [border!, border!];
  const padding =
    border === 0
      ? { padding: text('VALID') }
      : { padding: text('EXPLICIT'), explicit_paddings: list([0, 0, ...along, ...along, 0, 0]) };
  return {
    strides: list([1, stride!, stride!, 1]),
    dilations: list([1, 1, 1, 1]),
    data_format: text('NHWC'),
    ...padding,
  };
}

/** Filters [units, channels, cells] as [cells, channels, units]. */
function channelsLast(filters: readonly number[], units: number, channels: number, cells: number): number[] {
  const result = new Array<number>(filters.length);
  filters.forEach((weight, k) => {
    const cell = k % cells;
    const channel = Math.floor(k / cells) % channels;
    const unit = Math.floor(k / (cells * channels));
    result[(cell * channels + channel) * units + unit] = weight;
  });
  return result;
}

interface Weights {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: readonly number[];
}

/** Takes nodes and weights in the order in which they are written. */
class ModelWriter {
  readonly nodes: Node[] = [];
  readonly weights: Weights[] = [];

  /** Adds a node; returns its name. */
  add(name: string, op: string, input: readonly string[], attr: Node['attr']): string {
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  constant(name: string, values: readonly number[], shape: readonly number[], dtype: Weights['dtype']): string {
    this.weights.push({ name, shape, dtype, values });
    const type = dtype === 'float32' ? FLOAT : INT;
    const tensor = { dtype: type.type, tensorShape: dimensions(shape) };
    this.nodes.push({ name, op: 'Const', attr: { dtype: type, value: { tensor } } });
    return name;
  }

  /** A list of whole numbers. */
  ints(name: string, values: readonly number[]): string {
    return this.constant(name, values, [values.length], 'int32');
  }
}

/** An operation of the graph, with the names that its inputs and its output have in the model. */
interface Operation {
  readonly name: string;
  readonly names: readonly string[];
  readonly inputs: readonly Value[];
  readonly attributes: { readonly [name: string]: unknown };
  readonly shape: Value['shape'];
  /** Type of the output. */
  readonly T: typeof FLOAT | typeof INT;
}

type Write = (model: ModelWriter, operation: Operation) => void;

function reshape(model: ModelWriter, { name, T }: Operation, input: string, to: readonly number[]): void {
  model.add(name, 'Reshape', [input, model.ints(`${name}/shape`, to)], { T, Tshape: INT });
}

function transpose(
  model: ModelWriter,
  { T }: Operation,
  name: string,
  input: string,
  permutation: readonly number[],
): string {
  return model.add(name, 'Transpose', [input, model.ints(`${name}/perm`, permutation)], { T, Tperm: INT });
}

/** An operator on pictures: TensorFlow.js has channels last. `step` writes it and gives its name. */
function onPicture(model: ModelWriter, operation: Operation, step: (input: string) => string): void {
  const { name, names } = operation;
  const stepped = step(transpose(model, operation, `${name}/last`, names[0]!, CHANNELS_LAST));
  transpose(model, operation, name, stepped, CHANNELS_FIRST);
}

/** Operators that TensorFlow has in another way. */
const WRITERS: { readonly [operator: string]: Write } = {
  Gemm(model, { name, names, attributes, T }) {
    const attr = { T, transpose_a: { b: attributes['transA'] === 1 }, transpose_b: { b: attributes['transB'] === 1 } };
    const product = model.add(`${name}/product`, 'MatMul', names.slice(0, 2), attr);
    model.add(name, 'AddV2', [product, names[2]!], { T });
  },
  ArgMax(model, operation) {
    const { name, names, attributes } = operation;
    const axis = model.constant(`${name}/axis`, [attributes['axis'] as number], [], 'int32');
    const best = model.add(`${name}/best`, 'ArgMax', [names[0]!, axis], { T: FLOAT, output_type: INT });
    reshape(model, operation, best, [-1, 1]);
  },
  Conv(model, operation) {
    const { name, names, inputs, attributes, T } = operation;
    const [units, channels, size] = inputs[1]!.shape as [number, number, number];
    const filters = model.constant(
      `${name}/filters`,
      channelsLast(inputs[1]!.constant!, units, channels, size * size),
      [size, size, channels, units],
      'float32',
    );
    onPicture(model, operation, (input) => {
      const sum = model.add(`${name}/sum`, 'Conv2D', [input, filters], { T, ...windowOf(attributes) });
      return inputs[2] === undefined ? sum : model.add(`${name}/biased`, 'AddV2', [sum, names[2]!], { T });
    });
  },
  MaxPool(model, operation) {
    const { name, attributes, T } = operation;
    const [size] = attributes['kernel_shape'] as [number];
    const [border] = attributes['pads'] as [number];
    const window = { ...windowOf({ ...attributes, pads: [0, 0, 0, 0] }), ksize: list([1, size, size, 1]) };
    onPicture(model, operation, (input) => {
      if (border === 0) return model.add(`${name}/pooled`, 'MaxPool', [input], { T, ...window });
      const edges = [0, 0, border, border, border, border, 0, 0];
      const paddings = model.constant(`${name}/paddings`, edges, [4, 2], 'int32');
      const low = model.constant(`${name}/low`, [LOW], [], 'float32');
      const padded = model.add(`${name}/padded`, 'PadV2', [input, paddings, low], { T });
      return model.add(`${name}/pooled`, 'MaxPool', [padded], { T, ...window });
    });
  },
  Transpose(model, operation) {
    transpose(model, operation, operation.name, operation.names[0]!, operation.attributes['perm'] as number[]);
  },
  Reshape(model, operation) {
    const to = operation.shape.map((size) => (typeof size === 'number' ? size : -1));
    reshape(model, operation, operation.names[0]!, to);
  },
  Squeeze(model, operation) {
    reshape(model, operation, operation.names[0]!, [-1]);
  },
  ReduceSum(model, { name, names, inputs, attributes, T }) {
    const axes = model.ints(`${name}/axes`, inputs[1]!.constant!);
    model.add(name, 'Sum', [names[0]!, axes], { T, Tidx: INT, keep_dims: { b: attributes['keepdims'] === 1 } });
  },
  Concat(model, { name, names, attributes, T }) {
    const axis = model.constant(`${name}/axis`, [attributes['axis'] as number], [], 'int32');
    model.add(name, 'ConcatV2', [...names, axis], { T, N: { i: String(names.length) } });
  },
  Slice(model, { name, names, inputs, shape, T }) {
    const begin = model.ints(`${name}/begin`, [0, inputs[1]!.constant![0]!]);
    const size = model.ints(`${name}/size`, [-1, shape[1] as number]);
    model.add(name, 'Slice', [names[0]!, begin, size], { T, Index: INT });
  },
};

/**
 * Encodes a policy's graph. Whole numbers are int32, TensorFlow.js having no int64.
 *
 * @param metadata - Text for whoever opens the model, as `userDefinedMetadata`.
 */
export function encodeGraphModel(graph: Graph, metadata: { readonly [name: string]: string } = {}): GraphModelFiles {
  const outputs = new Map([...graph.outputs].map(([output, value]) => [value.name, output]));
  const nameOf = (value: Value): string => outputs.get(value.name) ?? value.name;
  const model = new ModelWriter();
  for (const { name, shape } of graph.inputs) {
    model.nodes.push({ name, op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape: dimensions(shape) } } });
  }
  for (const { name, type, shape, constant } of graph.constants) {
    model.constant(name, constant!, shape as readonly number[], type === 'float32' ? 'float32' : 'int32');
  }
  for (const value of graph.values) {
    const { operator, inputs, attributes } = value.operation!;
    const T = value.type === 'float32' ? FLOAT : INT;
    const operation = { name: nameOf(value), names: inputs.map(nameOf), inputs, attributes, shape: value.shape, T };
    const write = WRITERS[operator];
    const same = SAME[operator];
    if (write !== undefined) write(model, operation);
    else if (same !== undefined) model.add(operation.name, same, operation.names, { T });
    else throw new Error(`internal: no operator of TensorFlow.js is known for ${operator}`);
  }
  const { nodes, weights } = model;
  // Constants that only say what an attribute says here are left out.
  const used = new Set([...nodes.flatMap(({ input = [] }) => input), ...graph.outputs.keys()]);
  const needed = nodes.filter(({ op, name }) => op !== 'Const' || used.has(name));
  const tensors = weights.filter(({ name }) => used.has(name));
  const signature = (value: Value, name: string): unknown => ({
    name: `${name}:0`,
    dtype: value.type === 'float32' ? FLOAT.type : INT.type,
    tensorShape: dimensions(value.shape),
  });
  const json = {
    format: 'graph-model',
    generatedBy: 'gymkhana',
    convertedBy: 'gymkhana export',
    userDefinedMetadata: metadata,
    signature: {
      inputs: Object.fromEntries(graph.inputs.map((value) => [value.name, signature(value, value.name)])),
      outputs: Object.fromEntries([...graph.outputs].map(([name, value]) => [name, signature(value, name)])),
    },
    modelTopology: { node: needed, versions: { producer: 1 } },
    weightsManifest: [
      { paths: [WEIGHTS_FILE], weights: tensors.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
    ],
  };
  const parts = tensors.map(({ dtype, values }) => {
    const array = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
    return new Uint8Array(array.buffer);
  });
  return { json: JSON.stringify(json), weights: Buffer.concat(parts) };
}

function dimensions(shape: readonly (number | string)[]): { dim: { size: string }[] } {
  return { dim: shape.map((size) => ({ size: typeof size === 'number' ? String(size) : '-1' })) };
}
