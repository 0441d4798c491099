import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differentiate } from '../../../src/backends/onnx/differentiate.js';
import { Graph, type Value } from '../../../src/backends/onnx/graph.js';
import * as op from '../../../src/backends/onnx/operators.js';
import { conv2d, maxPool, reshape, transpose } from '../../../src/backends/onnx/pictures.js';
import { Generator } from '../../../src/core/seeding/generator.js';
import { windowed } from '../../../src/network/plan.js';
import { compiled, doubles, singles } from './harness.js';

/**
 * Largest difference between a rule and central differences, both in float64 and in ONNX Runtime. A step of 1e-5 leaves about
 * 1e-10 of truncation and 1e-10 of rounding. Measured: 8.4e-10 at most.
 */
const BOUND = 1e-8;
/** The same of linear operators in float32, with long steps: rounding alone. Sums of some tens of products. */
const SINGLE_BOUND = 3e-4;
const STEP = 1e-5;

type Build = (graph: Graph, inputs: readonly Value[]) => Value;
interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: Build;
  readonly scale?: number;
  /** In float32, which is all that ONNX Runtime convolves in: the operator must be linear within a step, whose length this is. */
  readonly single?: number;
}

const two = (f: (graph: Graph, a: Value, b: Value) => Value): Build => {
  return (graph, [a, b]) => f(graph, a!, b!);
};
const one = (f: (graph: Graph, x: Value) => Value): Build => {
  return (graph, [x]) => f(graph, x!);
};

/** Shapes that meet as a whole, as a row, as a column and as a single number. */
const PAIRS: readonly (readonly (readonly number[])[])[] = [
  [
    [4, 3],
    [4, 3],
  ],
  [
    [4, 3],
    [1, 3],
  ],
  [
    [4, 1],
    [4, 3],
  ],
  [
    [1, 1],
    [4, 3],
  ],
  [
    [4, 1],
    [1, 3],
  ],
];
const pairs = (name: string, f: (graph: Graph, a: Value, b: Value) => Value): Case[] =>
  PAIRS.map((shapes) => ({ name, shapes, build: two(f) }));

/** A picture's operator, its result brought to rows. */
const picture = (f: (graph: Graph, inputs: readonly Value[]) => Value): Build => {
  return (graph, inputs) => {
    const result = f(graph, inputs);
    return reshape(graph, result, [(result.shape.slice(1) as number[]).reduce((product, size) => product * size, 1)]);
  };
};

const CASES: Readonly<Record<string, readonly Case[]>> = {
  Add: pairs('add', op.add),
  Sub: pairs('sub', op.sub),
  Mul: pairs('mul', op.mul),
  Max: pairs('max', op.max),
  Min: pairs('min', op.min),
  Neg: [{ name: 'neg', shapes: [[4, 3]], build: one(op.neg) }],
  Exp: [{ name: 'exp', shapes: [[4, 3]], build: one(op.exp) }],
  Tanh: [
    { name: 'tanh', shapes: [[4, 3]], build: one(op.tanh) },
    { name: 'gelu', shapes: [[4, 3]], build: one(op.gelu), scale: 2 },
  ],
  Relu: [{ name: 'relu', shapes: [[4, 3]], build: one(op.relu) }],
  Sigmoid: [
    { name: 'sigmoid', shapes: [[4, 3]], build: one(op.sigmoid) },
    { name: 'silu', shapes: [[4, 3]], build: one(op.silu), scale: 2 },
  ],
  Sqrt: [{ name: 'sqrt', shapes: [[4, 3]], build: one((graph, x) => op.sqrt(graph, op.exp(graph, x))) }],
  Reciprocal: [
    { name: 'reciprocal', shapes: [[4, 3]], build: one((graph, x) => op.reciprocal(graph, op.exp(graph, x))) },
    {
      name: 'layerNorm',
      shapes: [
        [4, 5],
        [1, 5],
        [1, 5],
      ],
      build: (graph, [x, scale, shift]) => op.layerNorm(graph, x!, scale!, shift!),
    },
  ],
  Conv: (
    [
      [5, 6, 3, 1, 0],
      [5, 6, 3, 1, 1],
      [7, 8, 3, 2, 0],
      [8, 7, 3, 2, 1],
      [9, 11, 4, 4, 0],
      [10, 9, 2, 3, 1],
    ] as const
  ).map(([height, width, size, stride, padding]) => ({
    name: `conv2d with stride ${stride} and padding ${padding}`,
    shapes: [[2, 2, height, width], [3, 2, size, size], [3]],
    build: picture((graph, [x, weight, bias]) => conv2d(graph, x!, weight!, bias!, { stride, padding })),
    single: 0.5,
  })),
  MaxPool: (
    [
      [6, 4, 2, 2, 0],
      [5, 7, 3, 2, 1],
      [6, 6, 3, 1, 0],
    ] as const
  ).map(([height, width, size, stride, padding]) => ({
    name: `maxPool of ${size} with stride ${stride} and padding ${padding}`,
    shapes: [[2, 3, height, width]],
    build: picture((graph, [x]) => maxPool(graph, x!, size, { stride, padding })),
    single: 0.01,
  })),
  Reshape: [
    { name: 'reshape', shapes: [[4, 6]], build: one((graph, x) => reshape(graph, reshape(graph, x, [2, 3]), [6])) },
  ],
  Transpose: [
    {
      name: 'transpose',
      shapes: [[4, 6]],
      build: one((graph, x) => reshape(graph, transpose(graph, reshape(graph, x, [2, 3]), [0, 2, 1]), [6])),
    },
  ],
  Clip: [{ name: 'clip', shapes: [[4, 5]], build: one((graph, x) => op.clip(graph, x, -0.4, 0.7)) }],
  Gemm: [
    {
      name: 'gemm',
      shapes: [
        [4, 3],
        [3, 5],
        [1, 5],
      ],
      build: (graph, [x, weight, bias]) => op.gemm(graph, x!, weight!, bias!),
    },
  ],
  LogSoftmax: [
    { name: 'logSoftmax', shapes: [[4, 5]], build: one(op.logSoftmax) },
    { name: 'logSoftmax of one', shapes: [[4, 1]], build: one(op.logSoftmax) },
    { name: 'logSoftmax of far logits', shapes: [[4, 5]], build: one(op.logSoftmax), scale: 30 },
  ],
  ReduceSum: [[0], [1], [0, 1]].map((axes) => ({
    name: `reduceSum ${axes}`,
    shapes: [[4, 3]],
    build: one((graph, x) => op.reduceSum(graph, x, axes)),
  })),
  Slice: [
    [0, 2],
    [1, 3],
    [2, 5],
    [0, 5],
  ].map(([from, to]) => ({
    name: `columns ${from} to ${to}`,
    shapes: [[4, 5]],
    build: one((graph, x) => op.columns(graph, x, from!, to!)),
  })),
  Concat: [
    {
      name: 'concat',
      shapes: [
        [4, 2],
        [4, 1],
        [4, 3],
      ],
      build: (graph, inputs) => op.concat(graph, inputs),
    },
  ],
};

const numbers = (generator: Generator, count: number, scale = 1): Float64Array =>
  Float64Array.from({ length: count }, () => scale * generator.standardNormal());
const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Slopes of `sum of weights x build(inputs)` by the rules, and the same by central differences. */
async function slopes(c: Case): Promise<{ rules: number[]; differences: number[] }> {
  const generator = Generator.fromSeed(5);
  const graph = new Graph(c.single === undefined ? 'float64' : 'float32');
  const step = c.single ?? STEP;
  const inputs = c.shapes.map((shape, k) => graph.input(`x${k}`, shape));
  const result = c.build(graph, inputs);
  const shape = result.shape as number[];
  const weights = graph.constant([...numbers(generator, count(shape))], shape);
  const loss = op.reduceSum(graph, op.mul(graph, result, weights), [0, 1]);
  graph.output('loss', loss);
  differentiate(graph, loss, inputs).forEach((slope, k) => {
    // A slope that is a constant, or is given out twice, needs a result of its own.
    graph.output(
      `d x${k}`,
      op.add(graph, slope, slope.shape.length === 1 ? graph.constant([0], [1]) : graph.scalar(0)),
    );
  });
  const run = await compiled(graph, {
    loss: [1, 1],
    ...Object.fromEntries(c.shapes.map((s, k) => [`d x${k}`, s])),
  });
  const values = c.shapes.map((s) => numbers(generator, count(s), c.scale));
  const bound = c.single === undefined ? doubles : singles;
  const feeds = () => Object.fromEntries(values.map((value, k) => [`x${k}`, bound(value, c.shapes[k]!)]));
  const found = await run(feeds());
  const rules = values.flatMap((_, k) => [...found[`d x${k}`]!]);
  const differences: number[] = [];
  for (const value of values) {
    for (let i = 0; i < value.length; i++) {
      const x = value[i]!;
      value[i] = x + step;
      const up = (await run(feeds()))['loss']![0]!;
      value[i] = x - step;
      const down = (await run(feeds()))['loss']![0]!;
      value[i] = x;
      differences.push((up - down) / (2 * step));
    }
  }
  return { rules, differences };
}

test('every derivative rule has a case', () => {
  assert.equal(Object.keys(CASES).sort(), Object.keys(op.DERIVATIVES).sort());
});

for (const [operator, cases] of Object.entries(CASES)) {
  for (const c of cases) {
    const shapes = c.shapes.map((shape) => shape.join('x')).join(', ');
    test(`${operator}: ${c.name} of ${shapes} has the slopes of central differences`, async () => {
      const { rules, differences } = await slopes(c);
      assert.is(rules.length, differences.length);
      if (c.name !== 'logSoftmax of one') assert.ok(rules.some((slope) => Math.abs(slope) > 0.01));
      const worst = rules.reduce((most, slope, i) => Math.max(most, Math.abs(slope - differences[i]!)), 0);
      assert.ok(worst < (c.single === undefined ? BOUND : SINGLE_BOUND / Math.min(1, c.single * 2)), `${worst}`);
    });
  }
}

test('convolution and pooling give what their definition gives', async () => {
  const generator = Generator.fromSeed(9);
  const [rows, channels, height, width, units, size] = [2, 3, 7, 6, 4, 3];
  const window = { stride: 2, padding: 1 };
  const [down, across] = [windowed(height, size, window), windowed(width, size, window)];
  assert.equal([down, across], [4, 3]);
  const graph = new Graph();
  const x = graph.input('x', [rows, channels, height, width]);
  const weight = graph.input('w', [units, channels, size, size]);
  const bias = graph.input('b', [units]);
  graph.output('conv', conv2d(graph, x, weight, bias, window));
  graph.output('pool', maxPool(graph, x, size, window));
  const run = await compiled(graph, {
    conv: [rows, units, down, across],
    pool: [rows, channels, down, across],
  });
  const xs = numbers(generator, rows * channels * height * width);
  const ws = numbers(generator, units * channels * size * size);
  const bs = numbers(generator, units);
  const { conv, pool } = await run({
    x: singles(xs, x.shape as number[]),
    w: singles(ws, weight.shape as number[]),
    b: singles(bs, [units]),
  });
  /** The input under a window's cell; null beside the picture. */
  const under = (n: number, c: number, y: number, z: number, i: number, j: number): number | null => {
    const [row, column] = [y * 2 - 1 + i, z * 2 - 1 + j];
    if (row < 0 || row >= height || column < 0 || column >= width) return null;
    return xs[((n * channels + c) * height + row) * width + column]!;
  };
  const offsets = Array.from({ length: size * size }, (_, k) => [Math.floor(k / size), k % size] as const);
  for (let n = 0; n < rows; n++) {
    for (let y = 0; y < down; y++) {
      for (let z = 0; z < across; z++) {
        for (let u = 0; u < units; u++) {
          let sum = bs[u]!;
          for (let c = 0; c < channels; c++) {
            for (const [i, j] of offsets) {
              sum += (under(n, c, y, z, i, j) ?? 0) * ws[((u * channels + c) * size + i) * size + j]!;
            }
          }
          const found = conv![((n * units + u) * down + y) * across + z]!;
          assert.ok(Math.abs(found - sum) < 1e-5, `conv at ${[n, u, y, z]}: ${found}, ${sum}`);
        }
        for (let c = 0; c < channels; c++) {
          const cells = offsets.flatMap(([i, j]) => under(n, c, y, z, i, j) ?? []);
          const found = pool![((n * channels + c) * down + y) * across + z]!;
          assert.is(found, Math.fround(Math.max(...cells)));
        }
      }
    }
  }
});

test('of equals in a window, the first takes the slope', async () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 1, 2, 2]);
  const loss = op.reduceSum(graph, reshape(graph, maxPool(graph, x, 2, { stride: 2, padding: 0 }), [1]), [0, 1]);
  graph.output('d', differentiate(graph, loss, [x])[0]!);
  const run = await compiled(graph, { d: [1, 1, 2, 2] });
  assert.equal([...(await run({ x: singles([-3, -2, -2, -3], [1, 1, 2, 2]) }))['d']!], [0, 1, 0, 0]);
});

test('a value that is used several times gets the sum of its slopes', async () => {
  const build = one((graph, x) =>
    op.add(graph, op.mul(graph, x, x), op.mul(graph, op.exp(graph, x), op.tanh(graph, x))),
  );
  const { rules, differences } = await slopes({ name: 'reused', shapes: [[3, 4]], build });
  const worst = rules.reduce((most, slope, i) => Math.max(most, Math.abs(slope - differences[i]!)), 0);
  assert.ok(worst < BOUND, `${worst}`);
});

test('where both are equal, the slope of max and min goes to the first; a bound belongs to the inside of clip', async () => {
  for (const f of [op.max, op.min]) {
    const graph = new Graph('float64');
    const [a, b] = [graph.input('a', [1, 2]), graph.input('b', [1, 2])];
    const loss = op.reduceSum(graph, f(graph, a, b), [0, 1]);
    differentiate(graph, loss, [a, b]).forEach((slope, k) => {
      graph.output(`d${k}`, slope);
    });
    const run = await compiled(graph, { d0: [1, 2], d1: [1, 2] });
    const { d0, d1 } = await run({ a: doubles([2, 2], [1, 2]), b: doubles([2, 2], [1, 2]) });
    assert.equal(
      [[...d0!], [...d1!]],
      [
        [1, 1],
        [0, 0],
      ],
    );
  }
  const graph = new Graph('float64');
  const x = graph.input('x', [1, 3]);
  const loss = op.reduceSum(graph, op.clip(graph, x, -1, 1), [0, 1]);
  graph.output('d', differentiate(graph, loss, [x])[0]!);
  const run = await compiled(graph, { d: [1, 3] });
  assert.equal([...(await run({ x: doubles([-1, 1, 1.5], [1, 3]) }))['d']!], [1, 1, 0]);
});

test('only what lies between the loss and what is wanted is differentiated', () => {
  const graph = new Graph();
  const [x, weight, bias] = [graph.input('x', [4, 3]), graph.input('w', [3, 2]), graph.input('b', [1, 2])];
  const loss = op.reduceSum(graph, op.gemm(graph, x, weight, bias), [0, 1]);
  const before = graph.values.length;
  differentiate(graph, loss, [bias]);
  const added = graph.values.slice(before).map(({ operation }) => operation!.operator);
  assert.equal(added, ['Shape', 'Expand', 'ReduceSum']);
  const other = graph.input('other', [1, 1]);
  assert.throws(() => differentiate(graph, loss, [other]), /does not depend on 'other'/);
  const choices = op.abs(graph, x);
  assert.throws(() => differentiate(graph, op.reduceSum(graph, choices, [0, 1]), [x]), /Abs has no derivative rule/);
});

test.run();
