import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AGREEMENT } from '../../../src/backends/kernels/reference/agreement.js';
import { gradientShard } from '../../../src/backends/kernels/reference/gradient.js';
import { type PpoBatch, ppoLoss } from '../../../src/network/reference.js';
import { caseBatch, caseCoefficients, caseNetwork, flatten, moments, ppoCases } from '../../network/oracle.js';
import { Arena, describe, distance, networkOf, SHAPES } from './harness.js';
import { COEFFICIENTS, rollout, runGradient } from './rollout.js';

for (const shape of SHAPES) {
  test(`gradient and stats agree with their reference: ${describe(shape)}`, () => {
    const r = rollout(networkOf(shape), 260, 21, new Arena(1 << 23));
    const normalizer = { mean: r.loaded.mean.view, invStd: r.loaded.invStd.view, clip: r.loaded.clip };
    for (const [count, clipVloss] of [
      [1, false],
      [2, true],
      [7, false],
      [64, true],
      [65, false],
      [203, true],
    ] as const) {
      const coefficients = { ...COEFFICIENTS, clipVloss };
      const got = runGradient(r, count, coefficients);
      const want = gradientShard(
        r.loaded.spec,
        r.loaded.parameters.view,
        r.indices.view.subarray(0, count),
        r.columns,
        normalizer,
        r.advantage,
        r.invBatch,
        coefficients,
      );
      const largest = want.gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
      const g = distance(got.gradient, want.gradient, largest);
      assert.ok(g < AGREEMENT.gradient.absolute, `count ${count}: gradient ${g}`);
      const s = distance(got.stats, want.stats, count);
      assert.ok(s < AGREEMENT.stats.absolute, `count ${count}: stats ${s} ${got.stats} ${want.stats}`);
    }
  });
}

for (const c of ppoCases()) {
  test(`one shard over PyTorch's batch gives PyTorch's loss terms: ${c.name}`, () => {
    const spec = caseNetwork(c);
    const batch = caseBatch(c);
    const parameters = flatten(spec, c.params);
    const r = rollout(spec, 64, 22, new Arena(1 << 22));
    const { mean, std } = moments(c.batch.advantages);
    r.loaded.parameters.view.set(parameters);
    r.loaded.mean.view.fill(0);
    r.loaded.invStd.view.fill(1);
    r.store(
      { ...batch, advantages: c.batch.advantages },
      c.config.norm_adv ? { mean, invStd: 1 / (std + 1e-8) } : { mean: 0, invStd: 1 },
    );
    const coefficients = caseCoefficients(c);
    const got = runGradient(
      { ...r, invBatch: 1 / 64, loaded: { ...r.loaded, clip: Number.POSITIVE_INFINITY } },
      64,
      coefficients,
    );
    const step = c.steps[0]!;
    const value = coefficients.clipVloss ? step.value_loss_clipped : step.value_loss_unclipped;
    const want = [step.policy_loss, value, step.entropy, step.old_approx_kl_k1, step.approx_kl_k3, step.clip_fraction];
    assert.ok(
      distance(
        got.stats.slice(0, 6),
        want.map((x) => x * 64),
        64,
      ) < AGREEMENT.stats.absolute,
      `${got.stats}`,
    );
    const norm = Math.sqrt(got.gradient.reduce((sum, g) => sum + g * g, 0));
    assert.ok(Math.abs(norm / step.grad_norm_before_clip - 1) < 1e-6, `${norm}`);
    const exact: PpoBatch = batch;
    const { gradient } = ppoLoss(spec, parameters, exact, coefficients);
    const largest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    assert.ok(distance(got.gradient, gradient, largest) < AGREEMENT.gradient.absolute);
  });
}

test('the first pass over a rollout has a ratio of exactly 1: acting and learning give the same log-probabilities', () => {
  for (const shape of SHAPES) {
    const r = rollout(networkOf(shape), 130, 23, new Arena(1 << 23));
    r.act();
    const { stats } = runGradient(r, 130, COEFFICIENTS);
    assert.equal([...stats.slice(3, 8)].map(Math.abs), [0, 0, 0, 0, 0], describe(shape));
  }
});

test('shards over disjoint indices add up to the whole', () => {
  const r = rollout(networkOf(SHAPES[0]!), 256, 24, new Arena(1 << 23));
  const whole = runGradient(r, 256, COEFFICIENTS).gradient;
  const sum = new Float64Array(whole.length);
  for (let s = 0; s < 4; s += 1) {
    const { gradient } = runGradient(r, 64, COEFFICIENTS, s * 64);
    for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + gradient[i]!;
  }
  const largest = whole.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  assert.ok(distance(whole, sum, largest) < 1e-6);
});

test('gradient and stats are overwritten, padding included, and do not depend on scratch', () => {
  for (const shape of SHAPES.slice(0, 8)) {
    const r = rollout(networkOf(shape), 77, 25, new Arena(1 << 23));
    r.loaded.scratch.view.fill(Number.NaN);
    const first = runGradient(r, 77, COEFFICIENTS);
    r.loaded.scratch.view.fill(3e38);
    const second = runGradient(r, 77, COEFFICIENTS);
    assert.equal([...first.gradient], [...second.gradient]);
    assert.equal([...first.stats], [...second.stats]);
    assert.ok(first.gradient.every(Number.isFinite));
  }
});

test('a NaN in a sample, or in a parameter, reaches the gradient and the stats', () => {
  const r = rollout(networkOf(SHAPES[0]!), 64, 26, new Arena(1 << 22));
  r.observations.view[12] = Number.NaN;
  const { gradient, stats } = runGradient(r, 64, COEFFICIENTS);
  assert.ok(Number.isNaN(stats[0]!) && Number.isNaN(stats[1]!) && Number.isNaN(stats[2]!));
  assert.ok(Number.isNaN(gradient[0]!));
  const clean = rollout(networkOf(SHAPES[3]!), 64, 26, new Arena(1 << 22));
  clean.loaded.parameters.view[0] = Number.NaN;
  assert.ok(Number.isNaN(runGradient(clean, 64, COEFFICIENTS).stats[0]!));
});

test.run();
