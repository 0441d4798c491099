import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differentiate } from '../../../src/backends/onnx/differentiate.js';
import { Graph, type Value } from '../../../src/backends/onnx/graph.js';
import * as op from '../../../src/backends/onnx/operators.js';
import { Generator } from '../../../src/core/seeding/generator.js';
import { compiled, doubles } from './harness.js';

/**
 * Largest difference between a rule and central differences, both in float64 and in ONNX Runtime. A step of 1e-5 leaves about
 * 1e-10 of truncation and 1e-10 of rounding. Measured: 8.4e-10 at most.
 */
const BOUND = 1e-8;
const STEP = 1e-5;

type Build = (graph: Graph, inputs: readonly Value[]) => Value;
interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: Build;
  readonly scale?: number;
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

const CASES: Readonly<Record<string, readonly Case[]>> = {
  Add: pairs('add', op.add),
  Sub: pairs('sub', op.sub),
  Mul: pairs('mul', op.mul),
  Max: pairs('max', op.max),
  Min: pairs('min', op.min),
  Neg: [{ name: 'neg', shapes: [[4, 3]], build: one(op.neg) }],
  Exp: [{ name: 'exp', shapes: [[4, 3]], build: one(op.exp) }],
  Tanh: [{ name: 'tanh', shapes: [[4, 3]], build: one(op.tanh) }],
  Relu: [{ name: 'relu', shapes: [[4, 3]], build: one(op.relu) }],
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
  const graph = new Graph('float64');
  const inputs = c.shapes.map((shape, k) => graph.input(`x${k}`, shape));
  const result = c.build(graph, inputs);
  const shape = result.shape as number[];
  const weights = graph.constant([...numbers(generator, count(shape))], shape);
  const loss = op.reduceSum(graph, op.mul(graph, result, weights), [0, 1]);
  graph.output('loss', loss);
  differentiate(graph, loss, inputs).forEach((slope, k) => {
    // A slope that is a constant, or is given out twice, needs a result of its own.
    graph.output(`d x${k}`, op.add(graph, slope, graph.scalar(0)));
  });
  const run = await compiled(graph, {
    loss: [1, 1],
    ...Object.fromEntries(c.shapes.map((s, k) => [`d x${k}`, s])),
  });
  const values = c.shapes.map((s) => numbers(generator, count(s), c.scale));
  const feeds = () => Object.fromEntries(values.map((value, k) => [`x${k}`, doubles(value, c.shapes[k]!)]));
  const found = await run(feeds());
  const rules = values.flatMap((_, k) => [...found[`d x${k}`]!]);
  const differences: number[] = [];
  for (const value of values) {
    for (let i = 0; i < value.length; i++) {
      const x = value[i]!;
      value[i] = x + STEP;
      const up = (await run(feeds()))['loss']![0]!;
      value[i] = x - STEP;
      const down = (await run(feeds()))['loss']![0]!;
      value[i] = x;
      differences.push((up - down) / (2 * STEP));
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
      assert.ok(worst < BOUND, `${worst}`);
    });
  }
}

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
