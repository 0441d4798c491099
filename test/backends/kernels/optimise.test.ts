import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AGREEMENT } from '../../../src/backends/kernels/reference/agreement.js';
import { type AdamUpdate, adam, meanStd, shuffle } from '../../../src/backends/kernels/reference/optimise.js';
import { ppoLoss } from '../../../src/network/reference.js';
import { caseBatch, caseCoefficients, caseNetwork, flatten, ppoCases } from '../../network/oracle.js';
import { Arena, distance, normals, seeded } from './harness.js';

const UPDATE: AdamUpdate = {
  learningRate: 2.5e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-5,
  biasCorrection1: 1 - 0.9 ** 3,
  biasCorrection2: 1 - 0.999 ** 3,
  maxGradNorm: 0.5,
};

/** Adam's operands for `count` parameters and `shards` random gradients of size `scale`, `pad` floats apart. */
function problem(count: number, shards: number, scale: number, pad: number) {
  const arena = new Arena(1 << 22);
  const generator = seeded(count + shards);
  const stride = count + pad;
  const parameters = arena.floats(count, normals(generator, count));
  const first = arena.floats(count, normals(generator, count, 0.01));
  const second = arena.floats(
    count,
    normals(generator, count, 0.01).map((x) => x * x),
  );
  const gradients = arena.floats(stride * shards, normals(generator, stride * shards, scale));
  const run = (update: AdamUpdate): number =>
    // biome-ignore format: operands in the kernel's order
    arena.kernels.adam(parameters.pointer, first.pointer, second.pointer, gradients.pointer, shards, stride * 4, count,
      update.learningRate, update.beta1, update.beta2, update.epsilon, update.biasCorrection1, update.biasCorrection2,
      update.maxGradNorm);
  const lists = Array.from({ length: shards }, (_, s) => gradients.view.subarray(s * stride, s * stride + count));
  return { parameters, first, second, gradients, lists, run };
}

test('adam agrees with its reference for any number of shards, clipped or not', () => {
  for (const [count, shards, scale, pad, maxGradNorm] of [
    [16, 1, 1, 0, 0.5],
    [16, 8, 1e-3, 16, 0.5],
    [144, 2, 1, 0, Number.POSITIVE_INFINITY],
    [9376, 3, 0.02, 32, 0.5],
    [9376, 8, 1, 0, 1e9],
  ] as const) {
    const p = problem(count, shards, scale, pad);
    const want = {
      parameters: Float64Array.from(p.parameters.view),
      first: Float64Array.from(p.first.view),
      second: Float64Array.from(p.second.view),
    };
    const before = p.gradients.view.slice();
    const update = { ...UPDATE, maxGradNorm };
    const norm = adam(want.parameters, want.first, want.second, p.lists, update);
    const got = p.run(update);
    const what = `${count} x ${shards}`;
    assert.ok(Math.abs(got / norm - 1) < AGREEMENT.adamNorm.absolute, `${what}: norm ${got} instead of ${norm}`);
    const most = (list: Float64Array): number => list.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    assert.ok(distance(p.first.view, want.first, most(want.first)) < AGREEMENT.adamMoments.absolute, `${what}: m`);
    assert.ok(distance(p.second.view, want.second, most(want.second)) < AGREEMENT.adamMoments.absolute, `${what}: v`);
    p.parameters.view.forEach((value, i) => {
      const error = Math.abs(value - want.parameters[i]!);
      const step = Math.abs(want.first[i]! / Math.sqrt(want.second[i]! + 1e-12));
      const bound =
        AGREEMENT.adamStep.absolute * UPDATE.learningRate * Math.max(1, step) * 4 + 1.2e-7 * Math.abs(value);
      assert.ok(error <= bound, `${what}: parameter ${i} off by ${error}`);
    });
    assert.equal(p.gradients.view, before, 'shards are only read');
  }
});

for (const c of ppoCases()) {
  test(`five updates follow PyTorch's parameters: ${c.name}`, () => {
    const spec = caseNetwork(c);
    const parameters = flatten(spec, c.params);
    const count = parameters.length;
    const p = problem(count, 1, 1, 0);
    p.parameters.view.set(parameters);
    p.first.view.fill(0);
    p.second.view.fill(0);
    for (let step = 1; step <= 5; step += 1) {
      const { gradient } = ppoLoss(spec, p.parameters.view, caseBatch(c), caseCoefficients(c));
      p.gradients.view.set(gradient);
      const norm = p.run({
        ...UPDATE,
        learningRate: c.config.lr,
        maxGradNorm: c.config.max_grad_norm,
        biasCorrection1: 1 - 0.9 ** step,
        biasCorrection2: 1 - 0.999 ** step,
      });
      assert.ok(Math.abs(norm / c.steps[step - 1]!.grad_norm_before_clip - 1) < 1e-4);
    }
    // Five steps of 3e-4; a gradient near 0 makes Adam's direction depend on its rounding, hence a tenth of a step.
    const want = flatten(spec, c.params_after_5);
    const errors = [...p.parameters.view].map((value, i) => Math.abs(value - want[i]!));
    assert.ok(Math.max(...errors) < 3e-5, `${Math.max(...errors)}`);
    assert.ok(errors.filter((e) => e > 1e-6).length < count / 100);
  });
}

test('a NaN gradient reaches the parameters and the norm; an infinite limit never scales', () => {
  const p = problem(32, 2, 1, 0);
  p.gradients.view[5] = Number.NaN;
  assert.ok(Number.isNaN(p.run(UPDATE)));
  assert.ok(p.parameters.view.every(Number.isNaN));
  const q = problem(32, 1, 1, 0);
  q.gradients.view[5] = Number.NaN;
  q.run({ ...UPDATE, maxGradNorm: Number.POSITIVE_INFINITY });
  assert.is(q.parameters.view.filter(Number.isNaN).length, 1);
});

test('shuffle equals its reference and is a permutation', () => {
  const arena = new Arena(1 << 20);
  for (const count of [0, 1, 2, 3, 17, 256, 5000]) {
    const block = arena.ints(count + 1);
    block.view.fill(-1);
    arena.kernels.shuffle(block.pointer, count, 0xdeadbeef, 7, 9, 0x80000000);
    const got = block.view.subarray(0, count);
    assert.equal([...got], [...shuffle(count, [0xdeadbeef, 7], [9, 0x80000000])]);
    assert.equal(
      [...got].sort((a, b) => a - b),
      Array.from({ length: count }, (_, i) => i),
    );
    assert.is(block.view[count], -1);
  }
});

test('shuffle reaches every order of four about equally often, and another key gives another order', () => {
  const arena = new Arena(1 << 16);
  const block = arena.ints(4);
  const counts = new Map<string, number>();
  const rounds = 12000;
  for (let key = 0; key < rounds; key += 1) {
    arena.kernels.shuffle(block.pointer, 4, 1, 2, key, 0);
    const order = block.view.join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.is(counts.size, 24);
  let chiSquare = 0;
  for (const count of counts.values()) chiSquare += (count - rounds / 24) ** 2 / (rounds / 24);
  assert.ok(chiSquare < 49.7, `chi-square ${chiSquare} of 23 degrees of freedom (0.1 %)`);
});

test('meanStd agrees with its reference', () => {
  const arena = new Arena(1 << 20);
  const generator = seeded(41);
  const column = arena.floats(
    3000,
    normals(generator, 3000, 3).map((x) => x + 100),
  );
  const out = arena.doubles(2);
  for (const count of [1, 2, 3, 4, 5, 127, 2048]) {
    const indices = arena.ints(
      count,
      Array.from({ length: count }, () => generator.integers(0, 3000)),
    );
    arena.kernels.meanStd(column.pointer, indices.pointer, count, out.pointer);
    const [mean, std] = meanStd(column.view, indices.view);
    assert.ok(Math.abs(out.view[0]! / mean - 1) < AGREEMENT.meanStd.absolute);
    assert.ok(
      Math.abs(out.view[1]! - std) <= AGREEMENT.meanStd.absolute * Math.max(1, std),
      `${count}: ${out.view[1]} ${std}`,
    );
  }
  column.view[7] = Number.NaN;
  const bad = arena.ints(2, [7, 8]);
  arena.kernels.meanStd(column.pointer, bad.pointer, 2, out.pointer);
  assert.ok(out.view.every(Number.isNaN));
});

test.run();
