import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';
import { initialParameters, mlpNetwork, orthogonal } from '../../src/network/init.js';
import { parameterLayout, parameterSlice, parameterView } from '../../src/network/layout.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { validateNetworkSpec } from '../../src/network/validate.js';

/** A deterministic source of normals that needs no seed sequence: Box-Muller over a Weyl sequence. */
function normals(): { standardNormal(): number; random(): number } {
  let i = 0;
  return {
    random(): number {
      i += 1;
      return (i * 0.6180339887498949) % 1;
    },
    standardNormal(): number {
      i += 1;
      const u = (i * 0.6180339887498949) % 1;
      const v = (i * 0.7548776662466927) % 1;
      return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
    },
  };
}

const discrete = mlpNetwork({ observationSize: 4, distribution: { type: 'categorical', actions: 2 } });

test('slices are named, aligned to 64 bytes, in order and do not overlap', () => {
  const spec = mlpNetwork({
    observationSize: 3,
    hidden: [5, 7],
    distribution: { type: 'gaussian', size: 2, logStdInit: -0.5 },
  });
  const layout = parameterLayout(spec);
  const names = ['actor', 'critic'].flatMap((tower) =>
    [0, 1, 2].flatMap((l) => [`${tower}.${l}.weight`, `${tower}.${l}.bias`]),
  );
  assert.equal(
    layout.slices.map(({ name }) => name),
    [...names, 'logStd'],
  );
  assert.equal(parameterSlice(layout, 'actor.1.weight').shape, [5, 7]);
  assert.is(layout.count % 16, 0);
  let end = 0;
  for (const slice of layout.slices) {
    assert.is(slice.offset % 16, 0, slice.name);
    assert.ok(slice.offset >= end, slice.name);
    end = slice.offset + slice.size;
  }
  assert.ok(layout.count >= end);
});

test('the classic 64-64 policy has the expected slices', () => {
  const layout = parameterLayout(discrete);
  assert.is(parameterSlice(layout, 'actor.0.weight').offset, 0);
  assert.is(parameterSlice(layout, 'actor.0.bias').offset, 256);
  assert.is(parameterSlice(layout, 'actor.1.weight').offset, 320);
  assert.is(
    layout.slices.some(({ name }) => name === 'logStd'),
    false,
  );
  assert.throws(() => parameterSlice(layout, 'logStd'), /internal: no parameter slice 'logStd'/);
});

test('orthogonal matrices have orthogonal shorter sides of length gain', () => {
  for (const [rows, columns] of [
    [6, 6],
    [4, 64],
    [64, 3],
    [1, 5],
    [5, 1],
  ] as const) {
    const m = orthogonal(rows, columns, 1.5, normals());
    const count = Math.min(rows, columns);
    const at = (vector: number, i: number): number =>
      rows >= columns ? m[i * columns + vector]! : m[vector * columns + i]!;
    for (let a = 0; a < count; a += 1) {
      for (let b = 0; b <= a; b += 1) {
        let dot = 0;
        for (let i = 0; i < Math.max(rows, columns); i += 1) dot += at(a, i) * at(b, i);
        assert.ok(Math.abs(dot - (a === b ? 2.25 : 0)) < 1e-12, `${rows}x${columns} ${a}.${b}: ${dot}`);
      }
    }
  }
});

test('signs follow the draw: the first vector points where its normals did', () => {
  const source = normals();
  const first = Array.from({ length: 4 }, () => source.standardNormal());
  const m = orthogonal(4, 2, 1, normals());
  const length = Math.sqrt(first.reduce((sum, x) => sum + x * x, 0));
  first.forEach((x, i) => {
    assert.ok(Math.abs(m[i * 2]! - x / length) < 1e-12);
  });
});

test('the other initialisers draw with their variance and inside their bounds', () => {
  for (const [initializer, variance] of [
    ['xavier-uniform', 2 / 500],
    ['xavier-normal', 2 / 500],
    ['kaiming-uniform', 1 / 300],
    ['kaiming-normal', 1 / 300],
  ] as const) {
    const spec = mlpNetwork({
      observationSize: 300,
      hidden: [200],
      distribution: { type: 'categorical', actions: 2 },
      initializer,
    });
    const weights = parameterView(parameterLayout(spec), initialParameters(spec, normals()), 'actor.0.weight');
    const measured = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
    // The gain of hidden layers is sqrt(2): twice the variance. 60,000 draws.
    assert.ok(Math.abs(measured / (2 * variance) - 1) < 0.03, `${initializer}: ${measured}`);
    const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    const bound = Math.sqrt(3 * 2 * variance);
    assert.is(largest <= bound * (1 + 1e-6), initializer.endsWith('uniform'), `${initializer}: ${largest}`);
  }
});

test('initial parameters: gains per layer, zero biases and padding, logStd filled, repeatable', () => {
  const spec = mlpNetwork({
    observationSize: 3,
    distribution: { type: 'gaussian', size: 2, logStdInit: -0.5 },
  });
  const layout = parameterLayout(spec);
  const parameters = initialParameters(spec, normals());
  assert.equal(parameters, initialParameters(spec, normals()));
  const norm = (name: string): number =>
    Math.sqrt(parameterView(layout, parameters, name).reduce((sum, w) => sum + w * w, 0));
  const near = (actual: number, expected: number): void =>
    assert.ok(Math.abs(actual / expected - 1) < 1e-6, `${actual}`);
  near(norm('actor.0.weight'), Math.SQRT2 * Math.sqrt(3));
  near(norm('actor.1.weight'), Math.SQRT2 * 8);
  near(norm('actor.2.weight'), 0.01 * Math.SQRT2);
  near(norm('critic.2.weight'), 1);
  assert.is(norm('actor.1.bias'), 0);
  assert.equal([...parameterView(layout, parameters, 'logStd')], [-0.5, -0.5]);
  const used = new Set<number>();
  for (const { offset, size } of layout.slices) for (let i = 0; i < size; i += 1) used.add(offset + i);
  parameters.forEach((value, i) => {
    if (!used.has(i)) assert.is(value, 0);
  });
});

test('a bad spec names the field, what was expected and what came', () => {
  const head = { type: 'dense', units: 2, activation: 'linear', init: { type: 'zeros' } } as const;
  const table: readonly (readonly [object | null, RegExp])[] = [
    [null, /spec should be an object/],
    [{ version: 2 }, /version should be 1, but is 2/],
    [{ observationSize: 0 }, /observationSize should be a whole number from 1 to 1048576, but is 0/],
    [{ observationSize: 2.5 }, /observationSize .* is 2\.5/],
    [{ observationSize: Number.NaN }, /observationSize .* is NaN/],
    [
      { distribution: { type: 'beta' } },
      /distribution\.type should be 'categorical', 'multi-categorical' or 'gaussian', but is "beta"/,
    ],
    [{ distribution: { type: 'gaussian', size: 2 } }, /logStdInit should be a finite number/],
    [{ actor: [] }, /actor should be a list of at least one layer/],
    [{ actor: [{ ...head, type: 'conv3d' }] }, /actor\[0\]\.type should be 'dense', 'conv2d', .*, but is "conv3d"/],
    [
      { actor: [{ ...head, activation: 'swish' }] },
      /actor\[0\]\.activation should be 'tanh', 'relu', 'silu', 'gelu', 'linear'/,
    ],
    [{ actor: [{ ...head, units: 3 }] }, /actor\[0\]\.units should be 2, the size of the head, but is 3/],
    [{ actor: [{ ...head, activation: 'tanh' }] }, /actor\[0\]\.activation should be 'linear' in the head/],
    [{ actor: [{ ...head, init: { type: 'orthogonal', gain: Number.NaN } }] }, /init\.gain should be a finite number/],
    [{ actor: [{ ...head, init: { type: 'kaiming-normal' } }] }, /init\.gain should be a finite number/],
    [
      { actor: [{ ...head, init: { type: 'glorot', gain: 1 } }] },
      /init\.type should be 'orthogonal', 'xavier-uniform'/,
    ],
    [{ actor: [{ ...head, frozen: false }] }, /actor\[0\]\.frozen should be true or absent, but is false/],
    [{ critic: [head] }, /critic\[0\]\.units should be 1/],
  ];
  for (const [change, text] of table) {
    const bad = (change === null ? null : { ...discrete, ...change }) as NetworkSpec;
    try {
      validateNetworkSpec(bad);
      assert.unreachable(String(text));
    } catch (error) {
      assert.instance(error, GymkhanaError);
      assert.is((error as GymkhanaError).code, 'INVALID_NETWORK');
      assert.is((error as GymkhanaError).kind, 'usage');
      assert.match((error as GymkhanaError).message, text);
    }
  }
});

test('mlpNetwork without hidden layers is linear', () => {
  const spec = mlpNetwork({ observationSize: 2, hidden: [], distribution: { type: 'categorical', actions: 3 } });
  assert.is(spec.actor.length, 1);
  assert.is(parameterLayout(spec).count, 16 + 16 + 16 + 16);
});

test.run();
