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

/**
 * Encodes a policy's graph. Whole numbers are int32, TensorFlow.js having no int64.
 *
 * @param metadata - Text for whoever opens the model, as `userDefinedMetadata`.
 */
export function encodeGraphModel(graph: Graph, metadata: { readonly [name: string]: string } = {}): GraphModelFiles {
  const outputs = new Map([...graph.outputs].map(([output, value]) => [value.name, output]));
  const nameOf = (value: Value): string => outputs.get(value.name) ?? value.name;
  const nodes: Node[] = [];
  const weights: { name: string; shape: readonly number[]; dtype: 'float32' | 'int32'; values: readonly number[] }[] =
    [];
  const constant = (name: string, values: readonly number[], shape: readonly number[], dtype: 'float32' | 'int32') => {
    weights.push({ name, shape, dtype, values });
    const type = dtype === 'float32' ? FLOAT : INT;
    const tensor = { dtype: type.type, tensorShape: dimensions(shape) };
    nodes.push({ name, op: 'Const', attr: { dtype: type, value: { tensor } } });
    return name;
  };
  for (const { name, shape } of graph.inputs) {
    nodes.push({ name, op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape: dimensions(shape) } } });
  }
  for (const { name, type, shape, constant: values } of graph.constants) {
    constant(name, values!, shape as readonly number[], type === 'float32' ? 'float32' : 'int32');
  }
  for (const value of graph.values) {
    const { operator, inputs, attributes } = value.operation!;
    const name = nameOf(value);
    const T = value.type === 'float32' ? FLOAT : INT;
    const names = inputs.map(nameOf);
    const ints = (part: string, values: readonly number[]): string =>
      constant(`${name}/${part}`, values, [values.length], 'int32');
    const reshaped = (input: string, to: readonly number[]): void => {
      nodes.push({ name, op: 'Reshape', input: [input, ints('shape', to)], attr: { T, Tshape: INT } });
    };
    const transposed = (as: string, input: string, perm: readonly number[]): string => {
      nodes.push({ name: as, op: 'Transpose', input: [input, ints(`${as}/perm`, perm)], attr: { T, Tperm: INT } });
      return as;
    };
    /** An operator on pictures: TensorFlow.js has channels last. `step` gives the operator's node from the name of its input. */
    const onPicture = (step: (input: string) => Node): void => {
      const node = step(transposed(`${name}/last`, names[0]!, CHANNELS_LAST));
      nodes.push(node);
      transposed(name, node.name, CHANNELS_FIRST);
    };
    if (operator === 'Gemm') {
      const product = `${name}/product`;
      const attr = {
        T,
        transpose_a: { b: attributes['transA'] === 1 },
        transpose_b: { b: attributes['transB'] === 1 },
      };
      nodes.push({ name: product, op: 'MatMul', input: names.slice(0, 2), attr });
      nodes.push({ name, op: 'AddV2', input: [product, names[2]!], attr: { T } });
    } else if (operator === 'ArgMax') {
      const best = `${name}/best`;
      const axis = constant(`${name}/axis`, [attributes['axis'] as number], [], 'int32');
      nodes.push({ name: best, op: 'ArgMax', input: [names[0]!, axis], attr: { T: FLOAT, output_type: INT } });
      reshaped(best, [-1, 1]);
    } else if (operator === 'Conv') {
      const [units, channels, size] = inputs[1]!.shape as number[];
      const filters = constant(
        `${name}/filters`,
        channelsLast(inputs[1]!.constant!, units!, channels!, size! * size!),
        [size!, size!, channels!, units!],
        'float32',
      );
      const bias = inputs[2] === undefined ? null : names[2]!;
      onPicture((input) => {
        const sum = {
          name: `${name}/sum`,
          op: 'Conv2D',
          input: [input, filters],
          attr: { T, ...windowOf(attributes) },
        };
        if (bias === null) return sum;
        nodes.push(sum);
        return { name: `${name}/biased`, op: 'AddV2', input: [sum.name, bias], attr: { T } };
      });
    } else if (operator === 'MaxPool') {
      const [size] = attributes['kernel_shape'] as number[];
      const [border] = attributes['pads'] as number[];
      onPicture((input) => {
        const edges = [0, 0, border!, border!, border!, border!, 0, 0];
        const paddings = constant(`${name}/paddings`, edges, [4, 2], 'int32');
        const low = constant(`${name}/low`, [LOW], [], 'float32');
        const padded = { name: `${name}/padded`, op: 'PadV2', input: [input, paddings, low], attr: { T } };
        nodes.push(padded);
        const window = { ...windowOf({ ...attributes, pads: [0, 0, 0, 0] }), ksize: list([1, size!, size!, 1]) };
        return { name: `${name}/pooled`, op: 'MaxPool', input: [padded.name], attr: { T, ...window } };
      });
    } else if (operator === 'Transpose') {
      transposed(name, names[0]!, attributes['perm'] as number[]);
    } else if (operator === 'Reshape') {
      reshaped(
        names[0]!,
        value.shape.map((size) => (typeof size === 'number' ? size : -1)),
      );
    } else if (operator === 'ReduceSum') {
      const axes = ints('axes', inputs[1]!.constant!);
      const attr = { T, Tidx: INT, keep_dims: { b: attributes['keepdims'] === 1 } };
      nodes.push({ name, op: 'Sum', input: [names[0]!, axes], attr });
    } else if (operator === 'Squeeze') {
      reshaped(names[0]!, [-1]);
    } else if (operator === 'Concat') {
      const axis = constant(`${name}/axis`, [attributes['axis'] as number], [], 'int32');
      nodes.push({ name, op: 'ConcatV2', input: [...names, axis], attr: { T, N: { i: String(names.length) } } });
    } else if (operator === 'Slice') {
      const begin = constant(`${name}/begin`, [0, inputs[1]!.constant![0]!], [2], 'int32');
      const size = constant(`${name}/size`, [-1, value.shape[1] as number], [2], 'int32');
      nodes.push({ name, op: 'Slice', input: [names[0]!, begin, size], attr: { T, Index: INT } });
    } else {
      const op = SAME[operator];
      if (op === undefined) throw new Error(`internal: no operator of TensorFlow.js is known for ${operator}`);
      nodes.push({ name, op, input: names, attr: { T } });
    }
  }
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
