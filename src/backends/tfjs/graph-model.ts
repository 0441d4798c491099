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
  Min: 'Minimum',
  Max: 'Maximum',
  Clip: 'ClipByValue',
  Identity: 'Identity',
};

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
    const reshaped = (input: string, to: readonly number[]): void => {
      const target = constant(`${name}/shape`, to, [to.length], 'int32');
      nodes.push({ name, op: 'Reshape', input: [input, target], attr: { T, Tshape: INT } });
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
    modelTopology: { node: nodes, versions: { producer: 1 } },
    weightsManifest: [
      { paths: [WEIGHTS_FILE], weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
    ],
  };
  const parts = weights.map(({ dtype, values }) => {
    const array = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
    return new Uint8Array(array.buffer);
  });
  return { json: JSON.stringify(json), weights: Buffer.concat(parts) };
}

function dimensions(shape: readonly (number | string)[]): { dim: { size: string }[] } {
  return { dim: shape.map((size) => ({ size: typeof size === 'number' ? String(size) : '-1' })) };
}
