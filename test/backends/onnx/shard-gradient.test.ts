import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gradientShard } from '../../../src/backends/kernels/reference/gradient.js';
import { type RolloutColumns, ShardGradient } from '../../../src/backends/onnx/shard-gradient.js';
import { FloatRows } from '../../../src/backends/rows.js';
import { parameterLayout } from '../../../src/network/layout.js';
import type { PpoCoefficients } from '../../../src/network/reference.js';
import type { NetworkSpec } from '../../../src/network/spec.js';
import { actorOutputs, choiceSizes, isMasked } from '../../../src/network/validate.js';
import { Arena, describe, distance, networkOf, SHAPES } from '../kernels/harness.js';
import { COEFFICIENTS, type Rollout, rollout, runGradient } from '../kernels/rollout.js';

/** Largest difference from the float64 reference and from the kernels, over the largest slope. Measured: 1.7e-6 and 2.9e-6. */
const GRADIENT_BOUND = 5e-6;
/** The same for means over samples, over max(1, |mean|): float32 sums of a gaussian's constant entropy. Measured: 2.6e-6. */
const STATS_BOUND = 1e-5;
const ROWS = 260;

/** Masks that allow what was done, and about half of the rest. */
function masksOf(r: Rollout): Uint8Array {
  const { spec } = r.loaded;
  const sizes = choiceSizes(spec.distribution);
  const A = actorOutputs(spec);
  const masks = Uint8Array.from({ length: r.rows * A }, (_, i) => (Math.sin(i * 5.1) > 0 ? 1 : 0));
  for (let row = 0; row < r.rows; row++) {
    let at = row * A;
    sizes.forEach((size, f) => {
      masks[at + r.columns.actions[row * sizes.length + f]!] = 1;
      at += size;
    });
  }
  return masks;
}

function columnsOf(r: Rollout, masks: Uint8Array | null): RolloutColumns {
  return {
    observations: new FloatRows(r.observations.view, r.loaded.spec.observationSize),
    mean: r.loaded.mean.view,
    invStd: r.loaded.invStd.view,
    actions: r.columns.actions as Int32Array | Float32Array,
    logProbs: r.logProbs.view,
    advantages: r.advantages.view,
    returns: r.returns.view,
    values: r.values.view,
    masks,
    memory: null,
  };
}

/** A rollout of near-policy samples, so that some ratios are clipped and some are not. */
function rolloutOf(spec: NetworkSpec, rows = ROWS): Rollout {
  const r = rollout(spec, rows, 41, new Arena(1 << 24));
  const noise = r.logProbs.view.slice();
  const mean = noise.reduce((sum, x) => sum + x, 0) / rows;
  r.act();
  r.logProbs.view.forEach((logProb, i) => {
    r.logProbs.view[i] = logProb + noise[i]! - mean;
  });
  return r;
}

async function runShard(r: Rollout, shards: ShardGradient, count: number, first = 0) {
  const gradient = new Float32Array(r.gradient.view.length).fill(Number.NaN);
  const stats = new Float32Array(8).fill(Number.NaN);
  await shards.run({
    parameters: r.loaded.parameters.view,
    indices: r.indices.view.subarray(first, first + count),
    advMean: r.advantage.mean,
    advInvStd: r.advantage.invStd,
    invBatch: r.invBatch,
    gradient,
    stats,
  });
  return { gradient, stats };
}

const largestOf = (values: ArrayLike<number>): number =>
  Array.from(values, Math.abs).reduce((a, b) => Math.max(a, b), 0);

const means = (sums: ArrayLike<number>, count: number): number[] => Array.from(sums, (sum) => sum / count);

for (const shape of SHAPES) {
  for (const masked of shape.distribution.type === 'gaussian' ? [false] : [false, true]) {
    const distribution = masked ? { ...shape.distribution, masked: true as const } : shape.distribution;
    const spec = networkOf({ ...shape, distribution } as typeof shape);
    test(`shards agree with the reference and with the kernels: ${describe(shape)}${masked ? ' with masks' : ''}`, async () => {
      const r = rolloutOf(spec);
      const masks = isMasked(spec) ? masksOf(r) : null;
      const normalizer = { mean: r.loaded.mean.view, invStd: r.loaded.invStd.view, clip: r.loaded.clip };
      for (const clipVloss of [true, false]) {
        const coefficients: PpoCoefficients = { ...COEFFICIENTS, clipVloss };
        const shards = await ShardGradient.create(spec, coefficients, r.loaded.clip, columnsOf(r, masks));
        for (const count of [1, 7, 64, 203]) {
          const got = await runShard(r, shards, count);
          const want = gradientShard(
            spec,
            r.loaded.parameters.view,
            r.indices.view.subarray(0, count),
            { ...r.columns, ...(masks && { masks }) },
            normalizer,
            r.advantage,
            r.invBatch,
            coefficients,
          );
          // A policy with one choice has a gradient of nearly nothing.
          const largest = Math.max(largestOf(want.gradient), 1e-4);
          assert.ok(distance(got.gradient, want.gradient, largest) < GRADIENT_BOUND, `count ${count}: gradient`);
          assert.ok(distance(means(got.stats, count), means(want.stats, count)) < STATS_BOUND, `count ${count}: stats`);
          if (masks !== null) continue;
          const kernels = runGradient(r, count, coefficients);
          assert.ok(distance(got.gradient, kernels.gradient, largest) < GRADIENT_BOUND, `count ${count}: kernels`);
          assert.ok(
            distance(means(got.stats, count), means(kernels.stats, count)) < STATS_BOUND,
            `count ${count}: kernels' stats`,
          );
        }
      }
    });
  }
}

test('another learner, another order of shards and shards between give the same bytes; padding stays 0', async () => {
  for (const shape of [SHAPES[1]!, SHAPES[10]!, SHAPES[13]!]) {
    const spec = networkOf(shape);
    const r = rolloutOf(spec);
    const columns = columnsOf(r, null);
    const one = await ShardGradient.create(spec, COEFFICIENTS, r.loaded.clip, columns);
    const two = await ShardGradient.create(spec, COEFFICIENTS, r.loaded.clip, columns);
    const first = await runShard(r, one, 96);
    const second = await runShard(r, one, 97, 96);
    await runShard(r, two, 50, 3);
    assert.equal(await runShard(r, two, 97, 96), second);
    assert.equal(await runShard(r, two, 96), first);
    assert.equal(await runShard(r, one, 96), first);
    const used = new Set(
      parameterLayout(spec).slices.flatMap(({ offset, size }) => Array.from({ length: size }, (_, i) => offset + i)),
    );
    first.gradient.forEach((slope, i) => {
      if (!used.has(i)) assert.is(slope, 0);
    });
    assert.equal([...first.stats.subarray(6)], [0, 0]);
  }
});

test('a NaN in a sample, or in a parameter, reaches the stats', async () => {
  const r = rolloutOf(networkOf(SHAPES[0]!), 64);
  const shards = await ShardGradient.create(r.loaded.spec, COEFFICIENTS, r.loaded.clip, columnsOf(r, null));
  r.returns.view[12] = Number.NaN;
  assert.ok(Number.isNaN((await runShard(r, shards, 64)).stats[1]!));
  r.returns.view[12] = 0;
  r.loaded.parameters.view[0] = Number.NaN;
  assert.ok(Number.isNaN((await runShard(r, shards, 64)).stats[0]!));
});

test.run();
