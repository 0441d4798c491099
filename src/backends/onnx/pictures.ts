/** Operators on pictures [n, channels, height, width]: convolutions, pooling and what brings them to rows and back, with their derivative rules. */
import { windowed } from '../../network/plan.js';
import type { Graph, Value } from './graph.js';
import type { DerivativeRule } from './operators.js';

/** How a window walks over a picture; the same in both axes. */
export interface Window {
  readonly stride: number;
  /** Rows and columns of zeros on every side. */
  readonly padding: number;
}

/** Far below every number of a network, and finite, so that 0 times it is 0. */
const LOW = -1e30;

/** `x [n, C, H, W]` with `weight [O, C, k, k]` and `bias [O]`: [n, O, H', W']. */
export function conv2d(graph: Graph, x: Value, weight: Value, bias: Value | null, window: Window): Value {
  const { stride, padding } = window;
  const [n, , height, width] = x.shape;
  const [units, , size] = weight.shape as number[];
  const sides = [height, width].map((length) => windowed(length as number, size!, window));
  const attributes = { strides: [stride, stride], pads: [padding, padding, padding, padding] };
  return graph.add('Conv', bias === null ? [x, weight] : [x, weight, bias], [n!, units!, ...sides], attributes);
}

/** The largest of each window of `size` x `size`; the slope goes to the first of equals, row by row. */
export function maxPool(graph: Graph, x: Value, size: number, window: Window): Value {
  const { stride, padding } = window;
  const [n, channels, height, width] = x.shape;
  const sides = [height, width].map((length) => windowed(length as number, size, window));
  return graph.add('MaxPool', [x], [n!, channels!, ...sides], {
    kernel_shape: [size, size],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
}

/** The same numbers with other axes; the first axis stays the rows. */
export function reshape(graph: Graph, x: Value, shape: readonly number[]): Value {
  // 0 keeps the axis as it is.
  const target = graph.constant([0, ...shape], [shape.length + 1], 'int64');
  return graph.add('Reshape', [x, target], [x.shape[0]!, ...shape]);
}

/** A row [1, units] as a vector [units], as convolutions take their bias. */
export function vector(graph: Graph, x: Value): Value {
  return graph.add('Reshape', [x, graph.constant([-1], [1], 'int64')], [x.shape[1]!]);
}

/** Axes in another order. */
export function transpose(graph: Graph, x: Value, perm: readonly number[]): Value {
  return graph.add(
    'Transpose',
    [x],
    perm.map((axis) => x.shape[axis]!),
    { perm },
  );
}

/** A constant weight [size², 1, size, size] that puts each cell of a window into a channel of its own. */
function cells(graph: Graph, size: number): Value {
  const count = size * size;
  const values = Array.from({ length: count * count }, (_, k) => (Math.floor(k / count) === k % count ? 1 : 0));
  return graph.constant(values, [count, 1, size, size]);
}

/** What `x` adds to the picture from which a convolution made it. */
function spread(graph: Graph, slope: Value, weight: Value, to: Value, { stride, padding }: Window): Value {
  const size = weight.shape[2] as number;
  // Rows and columns at the end that no window reached.
  const rest = [2, 3].map((axis) => ((to.shape[axis] as number) + 2 * padding - size) % stride);
  return graph.add('ConvTranspose', [slope, weight], to.shape, {
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    output_padding: rest,
  });
}

const windowOf = (attributes: { readonly [name: string]: unknown }): Window => ({
  stride: (attributes['strides'] as number[])[0]!,
  padding: (attributes['pads'] as number[])[0]!,
});

/** A constant of one axis, for operators that take theirs as inputs. */
const ints = (graph: Graph, values: readonly number[]): Value => graph.constant(values, [values.length], 'int64');

export const PICTURE_DERIVATIVES: { readonly [operator: string]: DerivativeRule } = {
  // By the input a transposed convolution; by the weights a convolution of input and slope with batch and channels exchanged, in which the
  // stride becomes a dilation.
  Conv: ({ graph, inputs: [x, weight, bias], attributes, slope, wants }) => {
    const window = windowOf(attributes);
    const { stride, padding } = window;
    const byInput = wants(0) ? spread(graph, slope, weight!, x!, window) : null;
    let byWeight: Value | null = null;
    if (wants(1)) {
      const [units, channels, size] = weight!.shape as number[];
      const exchanged = [1, 0, 2, 3];
      const grown = [2, 3].map((axis) => {
        const reached = stride * ((slope.shape[axis] as number) - 1) + 1;
        return (x!.shape[axis] as number) + 2 * padding - reached + 1;
      });
      const raw = graph.add(
        'Conv',
        [transpose(graph, x!, exchanged), transpose(graph, slope, exchanged)],
        [channels!, units!, ...grown],
        { strides: [1, 1], dilations: [stride, stride], pads: [padding, padding, padding, padding] },
      );
      const cut =
        grown[0] === size && grown[1] === size
          ? raw
          : graph.add(
              'Slice',
              [raw, ints(graph, [0, 0]), ints(graph, [size!, size!]), ints(graph, [2, 3])],
              [channels!, units!, size!, size!],
            );
      byWeight = transpose(graph, cut, exchanged);
    }
    if (bias === undefined) return [byInput, byWeight];
    const byBias = wants(2)
      ? graph.add('ReduceSum', [slope, ints(graph, [0, 2, 3])], bias.shape, { keepdims: 0 })
      : null;
    return [byInput, byWeight, byBias];
  },

  // Cells of a window as channels of one picture a channel: the largest one's channel takes the slope.
  MaxPool: ({ graph, inputs: [x], attributes, slope }) => {
    const { stride, padding } = windowOf(attributes);
    const size = (attributes['kernel_shape'] as number[])[0]!;
    const [, channels, height, width] = x!.shape as [unknown, number, number, number];
    const [, , down, across] = slope.shape as [unknown, unknown, number, number];
    const each = (value: Value, sides: readonly number[]): Value =>
      graph.add('Reshape', [value, ints(graph, [-1, 1, ...sides])], ['cells', 1, ...sides]);
    const sides = [height + 2 * padding, width + 2 * padding];
    const border = [0, 0, padding, padding, 0, 0, padding, padding];
    const padded = graph.add(
      'Pad',
      [each(x!, [height, width]), ints(graph, border), graph.constant([LOW], [])],
      ['cells', 1, ...sides],
    );
    const weight = cells(graph, size);
    const count = size * size;
    const parts = graph.add('Conv', [padded, weight], ['cells', count, down, across], {
      strides: [stride, stride],
      pads: [0, 0, 0, 0],
    });
    const best = graph.add('ArgMax', [parts], ['cells', 1, down, across], { axis: 1, keepdims: 1 }, 'int64');
    const numbers = graph.constant(
      Array.from({ length: count }, (_, k) => k),
      [1, count, 1, 1],
      'int64',
    );
    const chosen = graph.add('Equal', [best, numbers], parts.shape, {}, 'bool');
    const none = graph.constant([0], []);
    const shares = graph.add('Where', [chosen, each(slope, [down, across]), none], parts.shape);
    const whole = spread(graph, shares, weight, padded, { stride, padding: 0 });
    const inner = graph.add(
      'Slice',
      [whole, ints(graph, [padding, padding]), ints(graph, [padding + height, padding + width]), ints(graph, [2, 3])],
      ['cells', 1, height, width],
    );
    return [graph.add('Reshape', [inner, ints(graph, [-1, channels, height, width])], x!.shape)];
  },

  Reshape: ({ graph, inputs: [x], slope }) => [
    graph.add('Reshape', [slope, ints(graph, [-1, ...(x!.shape.slice(1) as number[])])], x!.shape),
    null,
  ],

  Transpose: ({ graph, attributes, slope }) => {
    const perm = attributes['perm'] as number[];
    return [
      transpose(
        graph,
        slope,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ];
  },
};
