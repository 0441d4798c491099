/**
 * The operators that graphs are made of, each with its shape and its derivative rule. All values have rank 2; a dimension of 1
 * is repeated where the other value has more (ONNX' broadcasting). Those on pictures, of rank 4, are in `pictures.ts`.
 */
import type { Graph, Operation, Shape, Value } from './graph.js';
import { type Dimension, ELEMENT_TYPES } from './model-proto.js';
import { PICTURE_DERIVATIVES } from './pictures.js';

/** What a rule sees: the operation, its result and the slope of the loss by the result. */
interface Rule {
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  readonly attributes: Operation['attributes'];
  readonly output: Value;
  readonly slope: Value;
  /** Whether anything is asked of an input's slope: the others need no operations. */
  wants(input: number): boolean;
}

/** Slopes by the inputs; null where there is none. */
type Slopes = readonly (Value | null)[];

/** Adds the operations of a derivative. */
export type DerivativeRule = (rule: Rule) => Slopes;

// Forward operators.

export function add(graph: Graph, a: Value, b: Value): Value {
  return graph.add('Add', [a, b], broadcast(a, b));
}

export function sub(graph: Graph, a: Value, b: Value): Value {
  return graph.add('Sub', [a, b], broadcast(a, b));
}

export function mul(graph: Graph, a: Value, b: Value): Value {
  return graph.add('Mul', [a, b], broadcast(a, b));
}

export function neg(graph: Graph, x: Value): Value {
  return graph.add('Neg', [x], x.shape);
}

export function exp(graph: Graph, x: Value): Value {
  return graph.add('Exp', [x], x.shape);
}

export function tanh(graph: Graph, x: Value): Value {
  return graph.add('Tanh', [x], x.shape);
}

export function relu(graph: Graph, x: Value): Value {
  return graph.add('Relu', [x], x.shape);
}

export function sigmoid(graph: Graph, x: Value): Value {
  return graph.add('Sigmoid', [x], x.shape);
}

export function sqrt(graph: Graph, x: Value): Value {
  return graph.add('Sqrt', [x], x.shape);
}

/** 1 / x. */
export function reciprocal(graph: Graph, x: Value): Value {
  return graph.add('Reciprocal', [x], x.shape);
}

/** x sigmoid(x), also called swish. */
export function silu(graph: Graph, x: Value): Value {
  return mul(graph, x, sigmoid(graph, x));
}

/** x times the normal distribution's share below x, in its form with tanh (Hendrycks and Gimpel 2016), at most 5e-4 from the exact one. */
export function gelu(graph: Graph, x: Value): Value {
  const cube = mul(graph, mul(graph, x, x), mul(graph, x, graph.scalar(0.044715)));
  const inner = mul(graph, add(graph, x, cube), graph.scalar(Math.sqrt(2 / Math.PI)));
  return mul(graph, mul(graph, x, graph.scalar(0.5)), add(graph, tanh(graph, inner), graph.scalar(1)));
}

/** Each row less its mean, over its standard deviation, times `scale` plus `shift`, [1, units] both. */
export function layerNorm(graph: Graph, x: Value, scale: Value, shift: Value, epsilon = 1e-5): Value {
  const share = graph.scalar(1 / (x.shape[1] as number));
  const centred = sub(graph, x, mul(graph, reduceSum(graph, x, [1]), share));
  const variance = mul(graph, reduceSum(graph, mul(graph, centred, centred), [1]), share);
  const inverse = reciprocal(graph, sqrt(graph, add(graph, variance, graph.scalar(epsilon))));
  return add(graph, mul(graph, mul(graph, centred, inverse), scale), shift);
}

export function abs(graph: Graph, x: Value): Value {
  return graph.add('Abs', [x], x.shape);
}

/** The larger of two values; where they are equal, the slope goes to the first. */
export function max(graph: Graph, a: Value, b: Value): Value {
  return graph.add('Max', [a, b], broadcast(a, b));
}

/** The smaller of two values; where they are equal, the slope goes to the first. */
export function min(graph: Graph, a: Value, b: Value): Value {
  return graph.add('Min', [a, b], broadcast(a, b));
}

/** Bounds each element; the bounds themselves belong to the inside. */
export function clip(graph: Graph, x: Value, low: number, high: number): Value {
  return graph.add('Clip', [x, graph.constant([low], []), graph.constant([high], [])], x.shape);
}

/** `x [n, inputs] weight [inputs, units] + bias [1, units]`. */
export function gemm(graph: Graph, x: Value, weight: Value, bias: Value): Value {
  return graph.add('Gemm', [x, weight, bias], [x.shape[0]!, weight.shape[1]!]);
}

/** Log-probabilities of each row's logits. */
export function logSoftmax(graph: Graph, x: Value): Value {
  return graph.add('LogSoftmax', [x], x.shape, { axis: 1 });
}

/** Sums over rows (axis 0) or columns (axis 1), or both; the shape keeps them as 1. */
export function reduceSum(graph: Graph, x: Value, axes: readonly number[]): Value {
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return graph.add('ReduceSum', [x, graph.constant(axes, [axes.length], 'int64')], shape, { keepdims: 1 });
}

/** Columns `from` to `to`, the latter not included. */
export function columns(graph: Graph, x: Value, from: number, to: number): Value {
  const int = (value: number): Value => graph.constant([value], [1], 'int64');
  return graph.add('Slice', [x, int(from), int(to), int(1)], [x.shape[0]!, to - from], {}, x.type);
}

/** The same numbers in rows of another width; `rows` names their number. */
export function regroup(graph: Graph, x: Value, rows: Dimension, width: number): Value {
  return graph.add('Reshape', [x, graph.constant([-1, width], [2], 'int64')], [rows, width], {}, x.type);
}

/** Whole numbers, such as pixels, as floats. */
export function toFloat(graph: Graph, x: Value): Value {
  return asFloat(graph, x);
}

/** Values side by side. */
export function concat(graph: Graph, values: readonly Value[]): Value {
  const width = values.reduce((sum, value) => sum + (value.shape[1] as number), 0);
  return graph.add('Concat', values, [values[0]!.shape[0]!, width], { axis: 1 }, values[0]!.type);
}

// Without a derivative: what they give is constant almost everywhere.

/** 1 where a > b, else 0. */
export function greater(graph: Graph, a: Value, b: Value): Value {
  return asFloat(graph, graph.add('Greater', [a, b], broadcast(a, b), {}, 'bool'));
}

/** 1 where a = b, else 0. */
export function equal(graph: Graph, a: Value, b: Value): Value {
  return asFloat(graph, graph.add('Equal', [a, b], broadcast(a, b), {}, 'bool'));
}

/** 1 where a >= b, else 0. */
export function greaterOrEqual(graph: Graph, a: Value, b: Value): Value {
  return asFloat(graph, graph.add('GreaterOrEqual', [a, b], broadcast(a, b), {}, 'bool'));
}

/** Choices [n, 1] (int32) as rows of [n, size]: 1 in the choice's column, else 0. */
export function oneHot(graph: Graph, choices: Value, size: number): Value {
  const numbers = graph.constant(
    Array.from({ length: size }, (_, k) => k),
    [1, size],
    'int32',
  );
  return equal(graph, choices, numbers);
}

function asFloat(graph: Graph, condition: Value): Value {
  return graph.add('Cast', [condition], condition.shape, { to: ELEMENT_TYPES[graph.float] });
}

// Derivative rules.

/** By operator: the slopes of its inputs, from that of its result. */
export const DERIVATIVES: { readonly [operator: string]: DerivativeRule } = {
  ...PICTURE_DERIVATIVES,

  Add: ({ graph, inputs, slope }) => inputs.map((input) => reducedTo(graph, slope, input)),

  Sub: ({ graph, inputs: [a, b], slope, wants }) => [
    reducedTo(graph, slope, a!),
    wants(1) ? reducedTo(graph, neg(graph, slope), b!) : null,
  ],

  Mul: ({ graph, inputs: [a, b], slope, wants }) => [
    wants(0) ? reducedTo(graph, mul(graph, slope, b!), a!) : null,
    wants(1) ? reducedTo(graph, mul(graph, slope, a!), b!) : null,
  ],

  Neg: ({ graph, slope }) => [neg(graph, slope)],

  // (e^x)' = e^x
  Exp: ({ graph, output, slope }) => [mul(graph, slope, output)],

  // tanh' = 1 - tanh^2
  Tanh: ({ graph, output, slope }) => [mul(graph, slope, sub(graph, graph.scalar(1), mul(graph, output, output)))],

  // sigmoid' = sigmoid (1 - sigmoid)
  Sigmoid: ({ graph, output, slope }) => [mul(graph, slope, mul(graph, output, sub(graph, graph.scalar(1), output)))],

  // (sqrt x)' = 1 / (2 sqrt x)
  Sqrt: ({ graph, output, slope }) => [mul(graph, slope, mul(graph, graph.scalar(0.5), reciprocal(graph, output)))],

  // (1 / x)' = -1 / x^2
  Reciprocal: ({ graph, output, slope }) => [neg(graph, mul(graph, slope, mul(graph, output, output)))],

  Relu: ({ graph, output, slope }) => [mul(graph, slope, greater(graph, output, graph.scalar(0)))],

  Max: (rule) => chosen(rule, greaterOrEqual(rule.graph, rule.inputs[0]!, rule.inputs[1]!)),

  Min: (rule) => chosen(rule, greaterOrEqual(rule.graph, rule.inputs[1]!, rule.inputs[0]!)),

  // 1 where nothing was cut off, the bounds included.
  Clip: ({ graph, inputs: [x], output, slope }) => [mul(graph, slope, equal(graph, x!, output)), null, null],

  Gemm: ({ graph, inputs: [x, weight, bias], slope, wants }) => [
    wants(0) ? graph.add('Gemm', [slope, weight!], x!.shape, { transB: 1 }) : null,
    wants(1) ? graph.add('Gemm', [x!, slope], weight!.shape, { transA: 1 }) : null,
    wants(2) ? reducedTo(graph, slope, bias!) : null,
  ],

  // d/dx_j of sum_k s_k (x_k - log sum e^x) = s_j - p_j sum_k s_k
  LogSoftmax: ({ graph, output, slope }) => [
    sub(graph, slope, mul(graph, exp(graph, output), reduceSum(graph, slope, [1]))),
  ],

  ReduceSum: ({ graph, inputs: [x], slope }) => [repeatedTo(graph, slope, x!), null],

  Slice: ({ graph, inputs: [x, start], output, slope }) => {
    const from = start!.constant![0]!;
    const after = (x!.shape[1] as number) - from - (output.shape[1] as number);
    return [graph.add('Pad', [slope, graph.constant([0, from, 0, after], [4], 'int64')], x!.shape), null, null, null];
  },

  Concat: ({ graph, inputs, slope }) => {
    let at = 0;
    return inputs.map((input) => {
      const from = at;
      at += input.shape[1] as number;
      return columns(graph, slope, from, at);
    });
  },
};

/** The slope goes to the first input where `first` is 1, to the second elsewhere. */
function chosen({ graph, inputs: [a, b], slope, wants }: Rule, first: Value): Slopes {
  return [
    wants(0) ? reducedTo(graph, mul(graph, slope, first), a!) : null,
    wants(1) ? reducedTo(graph, mul(graph, slope, sub(graph, graph.scalar(1), first)), b!) : null,
  ];
}

/** The shape of an operation on two values that are repeated to each other's size. */
function broadcast(a: Value, b: Value): Shape {
  // A single number goes with pictures too.
  if (b.shape.length < a.shape.length) return a.shape;
  return a.shape.map((size, axis): Dimension => (size === 1 ? b.shape[axis]! : size));
}

/** The slope by a value that was repeated: summed over the axes where it was. */
function reducedTo(graph: Graph, slope: Value, input: Value): Value {
  const axes = [0, 1].filter((axis) => input.shape[axis] === 1 && slope.shape[axis] !== 1);
  return axes.length === 0 ? slope : reduceSum(graph, slope, axes);
}

/** A slope repeated to the size of an input. */
function repeatedTo(graph: Graph, slope: Value, input: Value): Value {
  if (slope.shape.every((size, axis) => size === input.shape[axis])) return slope;
  return graph.add('Expand', [slope, graph.add('Shape', [input], [2], {}, 'int64')], input.shape);
}
