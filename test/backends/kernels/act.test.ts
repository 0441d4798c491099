import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { act } from '../../../src/backends/kernels/reference/act.js';
import { AGREEMENT } from '../../../src/backends/kernels/reference/agreement.js';
import { mlpNetwork } from '../../../src/network/init.js';
import { parameterLayout, parameterView } from '../../../src/network/layout.js';
import type { Distribution } from '../../../src/network/spec.js';
import { actionWidth, distributionOutputs } from '../../../src/network/validate.js';
import {
  Arena,
  type Block,
  describe,
  distance,
  type Loaded,
  load,
  networkOf,
  normals,
  SHAPES,
  seeded,
} from './harness.js';

const SEED = [0x12345678, 0x9abcdef0] as const;
const KEY = [77, 3] as const;
const FIRST = 40;

interface Acted {
  readonly actions: Block<Int32Array>;
  readonly floatActions: Float32Array;
  readonly logProbs: Block<Float32Array>;
  readonly values: Block<Float32Array>;
}

/** Runs the kernel for n observations at `observations`, with outputs in fresh blocks. */
function run(loaded: Loaded, observations: number, n: number, deterministic: number, firstEnv = FIRST): Acted {
  const { arena, spec } = loaded;
  const width = actionWidth(spec);
  const actions = arena.ints(n * width);
  const logProbs = arena.floats(n);
  const values = arena.floats(n);
  arena.kernels.act(
    loaded.network,
    loaded.parameters.pointer,
    loaded.scratch.pointer,
    observations,
    n,
    loaded.mean.pointer,
    loaded.invStd.pointer,
    loaded.clip,
    actions.pointer,
    logProbs.pointer,
    values.pointer,
    SEED[0],
    SEED[1],
    firstEnv,
    KEY[0],
    KEY[1],
    deterministic,
  );
  return {
    actions,
    floatActions: new Float32Array(arena.memory.buffer, actions.pointer, n * width),
    logProbs,
    values,
  };
}

for (const shape of SHAPES) {
  test(`act agrees with its reference: ${describe(shape)}`, () => {
    const generator = seeded(11);
    const loaded = load(networkOf(shape), generator, new Arena(1 << 22));
    const normalizer = { mean: loaded.mean.view, invStd: loaded.invStd.view, clip: loaded.clip };
    for (const n of [1, 2, 3, 7, 8, 9, 24, 31, 64, 65, 130]) {
      const observations = loaded.arena.floats(
        n * shape.observationSize,
        normals(generator, n * shape.observationSize, 1.5),
      );
      for (const deterministic of [0, 1]) {
        const got = run(loaded, observations.pointer, n, deterministic);
        const noise = deterministic === 1 ? undefined : { seed: SEED, key: KEY, firstEnv: FIRST };
        const want = act(loaded.spec, loaded.parameters.view, observations.view, normalizer, noise);
        const what = `n ${n} deterministic ${deterministic}`;
        assert.ok(distance(got.values.view, want.values) < AGREEMENT.values.absolute, `${what} values`);
        if (shape.distribution.type === 'gaussian') {
          const d = distance(got.floatActions, want.actions);
          assert.ok(d < AGREEMENT.gaussianActions.absolute, `${what} actions ${d}`);
        }
        for (let i = 0; i < n; i += 1) {
          if (shape.distribution.type !== 'gaussian') {
            // A draw within rounding of a boundary may fall on either side.
            if (want.margins[i]! < AGREEMENT.categoricalActions.absolute) continue;
            const width = actionWidth(loaded.spec);
            const row = (all: ArrayLike<number>): number[] => Array.from(all).slice(i * width, (i + 1) * width);
            assert.equal(row(got.actions.view), row(want.actions), `${what} action ${i}`);
          }
          const d = distance([got.logProbs.view[i]!], [want.logProbs[i]!]);
          assert.ok(d < AGREEMENT.logProbs.absolute, `${what} log-prob ${i}: ${d}`);
        }
      }
    }
  });
}

test('value gives the values of act, bit for bit', () => {
  for (const shape of SHAPES) {
    const generator = seeded(12);
    const loaded = load(networkOf(shape), generator, new Arena(1 << 21));
    const n = 71;
    const observations = loaded.arena.floats(n * shape.observationSize, normals(generator, n * shape.observationSize));
    const { values } = run(loaded, observations.pointer, n, 0);
    const alone = loaded.arena.floats(n);
    loaded.arena.kernels.value(
      loaded.network,
      loaded.parameters.pointer,
      loaded.scratch.pointer,
      observations.pointer,
      n,
      loaded.mean.pointer,
      loaded.invStd.pointer,
      loaded.clip,
      alone.pointer,
    );
    assert.equal([...alone.view], [...values.view]);
  }
});

test('an env acts the same whatever group it is in: bits depend on env, step and seed only', () => {
  for (const shape of SHAPES.slice(0, 6)) {
    const generator = seeded(13);
    const loaded = load(networkOf(shape), generator, new Arena(1 << 22));
    const n = 100;
    const size = shape.observationSize;
    const observations = loaded.arena.floats(n * size, normals(generator, n * size));
    const whole = run(loaded, observations.pointer, n, 0);
    const width = whole.actions.view.length / n;
    for (const [start, count] of [
      [0, 1],
      [5, 8],
      [37, 30],
      [64, 36],
      [99, 1],
    ] as const) {
      loaded.scratch.view.fill(start % 2 === 0 ? Number.NaN : 1e-40);
      const part = run(loaded, observations.pointer + start * size * 4, count, 0, FIRST + start);
      const slice = <T extends Float32Array | Int32Array>(v: T, w: number): number[] => [
        ...v.subarray(start * w, (start + count) * w),
      ];
      assert.equal([...part.actions.view], slice(whole.actions.view, width));
      assert.equal([...part.logProbs.view], slice(whole.logProbs.view, 1));
      assert.equal([...part.values.view], slice(whole.values.view, 1));
    }
  }
});

test('nothing is written beyond n', () => {
  const shape = SHAPES[3]!;
  const generator = seeded(14);
  const loaded = load(networkOf(shape), generator, new Arena(1 << 20));
  const observations = loaded.arena.floats(5 * shape.observationSize, normals(generator, 5 * shape.observationSize));
  const got = run(loaded, observations.pointer, 5, 0);
  const after = (block: Block<Int32Array | Float32Array>): number =>
    new Float32Array(loaded.arena.memory.buffer, block.pointer + block.view.byteLength, 1)[0]!;
  for (const block of [got.actions, got.logProbs, got.values]) assert.ok(Number.isNaN(after(block)));
});

test('sampling follows the policy: frequencies of a categorical, moments and independence of a gaussian', () => {
  const generator = seeded(15);
  const n = 4096;
  const categorical = load(networkOf(SHAPES[1]!), generator, new Arena(1 << 22));
  const row = normals(generator, 8);
  const observations = categorical.arena.floats(n * 8, Array.from({ length: n }, () => [...row]).flat());
  const draws = run(categorical, observations.pointer, n, 0);
  const counts = [0, 0, 0, 0];
  const probabilities = [0, 0, 0, 0];
  draws.actions.view.forEach((a, i) => {
    counts[a] = counts[a]! + 1;
    probabilities[a] = Math.exp(draws.logProbs.view[i]!);
  });
  let chiSquare = 0;
  counts.forEach((count, a) => {
    const expected = n * probabilities[a]!;
    chiSquare += (count - expected) ** 2 / expected;
  });
  assert.ok(chiSquare < 16.3, `chi-square ${chiSquare} of 3 degrees of freedom (0.1 %)`);

  const gaussian = load(networkOf(SHAPES[3]!), generator, new Arena(1 << 22));
  const state = normals(generator, 17);
  const states = gaussian.arena.floats(n * 17, Array.from({ length: n }, () => [...state]).flat());
  const noisy = run(gaussian, states.pointer, n, 0).floatActions;
  const mean = run(gaussian, states.pointer, 1, 1).floatActions;
  const logStd = gaussian.parameters.view.subarray(gaussian.parameters.view.length - 16);
  for (let d = 0; d < 6; d += 1) {
    let first = 0;
    let second = 0;
    let cross = 0;
    for (let i = 0; i < n; i += 1) {
      const z = (noisy[i * 6 + d]! - mean[d]!) / Math.exp(logStd[d]!);
      const next = (noisy[i * 6 + ((d + 1) % 6)]! - mean[(d + 1) % 6]!) / Math.exp(logStd[(d + 1) % 6]!);
      first += z / n;
      second += (z * z) / n;
      cross += (z * next) / n;
    }
    assert.ok(
      Math.abs(first) < 0.06 && Math.abs(second - 1) < 0.09 && Math.abs(cross) < 0.06,
      `${d} ${first} ${second} ${cross}`,
    );
  }
});

test('a NaN observation spoils its own env only; a NaN parameter spoils all', () => {
  for (const shape of SHAPES) {
    const generator = seeded(16);
    const loaded = load(networkOf(shape), generator, new Arena(1 << 21));
    const size = shape.observationSize;
    const n = 40;
    const observations = loaded.arena.floats(n * size);
    const spoiledRows = (v: Float32Array): boolean[] => [...v].map((x) => Number.isNaN(x));
    // Rows in every vector of every tile.
    for (const bad of [0, 5, 10, 15, 29, 39]) {
      observations.view.set(normals(generator, n * size));
      observations.view[bad * size + (size - 1)] = Number.NaN;
      const got = run(loaded, observations.pointer, n, 0);
      const expected = Array.from({ length: n }, (_, i) => i === bad);
      assert.equal(spoiledRows(got.values.view), expected, `${describe(shape)} ${bad}`);
      assert.equal(spoiledRows(got.logProbs.view), expected, `${describe(shape)} ${bad}`);
    }
    loaded.parameters.view.fill(Number.NaN);
    const spoiled = run(loaded, observations.pointer, n, 0);
    assert.ok(spoiledRows(spoiled.values.view).every(Boolean), describe(shape));
    assert.ok(spoiledRows(spoiled.logProbs.view).every(Boolean), describe(shape));
  }
});

test('an infinite observation is clipped like any large one', () => {
  const shape = SHAPES[0]!;
  const loaded = load(networkOf(shape), seeded(17), new Arena(1 << 20));
  const a = loaded.arena.floats(4, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0]);
  const b = loaded.arena.floats(4, [1e6, -1e6, 0, 0]);
  assert.is(run(loaded, a.pointer, 1, 1).values.view[0], run(loaded, b.pointer, 1, 1).values.view[0]);
});

test('pointers beyond 2 GiB work', () => {
  const start = 0x9000_0000;
  const shape = SHAPES[3]!;
  const near = load(networkOf(shape), seeded(18), new Arena(1 << 20));
  const far = load(networkOf(shape), seeded(18), new Arena(1 << 20, start));
  const values = normals(seeded(19), 17 * 10);
  const low = run(near, near.arena.floats(170, values).pointer, 10, 0);
  const high = run(far, far.arena.floats(170, values).pointer, 10, 0);
  assert.ok(high.values.pointer > 2 ** 31);
  assert.equal([...high.floatActions], [...low.floatActions]);
  assert.equal([...high.values.view], [...low.values.view]);
});

/** A policy whose outputs are its observations: one layer, the identity. */
function transparent(distribution: Distribution): Loaded {
  const size = distributionOutputs(distribution);
  const spec = mlpNetwork({ observationSize: size, hidden: [], distribution });
  const loaded = load(spec, seeded(15), new Arena(1 << 20));
  const layout = parameterLayout(spec);
  const weight = parameterView(layout, loaded.parameters.view, 'actor.0.weight').fill(0);
  for (let k = 0; k < size; k++) weight[k * size + k] = 1;
  parameterView(layout, loaded.parameters.view, 'actor.0.bias').fill(0);
  loaded.mean.view.fill(0);
  loaded.invStd.view.fill(1);
  return { ...loaded, clip: Number.POSITIVE_INFINITY };
}

for (const distribution of [
  { type: 'categorical', actions: 5 },
  { type: 'multi-categorical', nvec: [3, 2, 5, 2, 4] },
  { type: 'gaussian', size: 6, logStdInit: 0 },
] as const) {
  test(`sample does with given outputs what act does with its own: ${distribution.type}`, () => {
    const loaded = transparent(distribution);
    const { arena, spec } = loaded;
    const A = spec.observationSize;
    const n = 77;
    const outputs = arena.floats(n * A, normals(seeded(16), n * A, 1.5));
    const masks = arena.ints(Math.ceil((n * A) / 4));
    new Uint8Array(arena.memory.buffer, masks.pointer, n * A).forEach((_, i, bytes) => {
      // The first of every choice's values is allowed.
      const first = distribution.type === 'multi-categorical' ? [0, 3, 5, 10, 12].includes(i % A) : i % A === 0;
      bytes[i] = first || Math.sin(i * 2.3) > 0 ? 1 : 0;
    });
    const width = actionWidth(spec);
    for (const mask of distribution.type === 'gaussian' ? [0] : [0, masks.pointer]) {
      for (const deterministic of [0, 1]) {
        const acted = { actions: arena.ints(n * width), logProbs: arena.floats(n), values: arena.floats(n) };
        const sampled = { actions: arena.ints(n * width), logProbs: arena.floats(n) };
        // biome-ignore format: operands in the kernel's order
        arena.kernels.act(loaded.network, loaded.parameters.pointer, loaded.scratch.pointer, outputs.pointer, n,
          loaded.mean.pointer, loaded.invStd.pointer, loaded.clip, acted.actions.pointer, acted.logProbs.pointer,
          acted.values.pointer, SEED[0], SEED[1], FIRST, KEY[0], KEY[1], deterministic, mask);
        loaded.scratch.view.fill(Number.NaN);
        // biome-ignore format: operands in the kernel's order
        arena.kernels.sample(loaded.network, loaded.parameters.pointer, loaded.scratch.pointer, outputs.pointer, n,
          sampled.actions.pointer, sampled.logProbs.pointer, SEED[0], SEED[1], FIRST, KEY[0], KEY[1], deterministic, mask);
        assert.equal([...sampled.actions.view], [...acted.actions.view]);
        assert.equal([...sampled.logProbs.view], [...acted.logProbs.view]);
        if (deterministic === 0) assert.ok(new Set(sampled.logProbs.view).size > 10);
      }
    }
  });
}

test.run();
