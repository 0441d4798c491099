import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mlpNetwork } from '../../src/network/init.js';
import { parameterLayout } from '../../src/network/layout.js';
import { adamState, adamStep, clipGlobalNorm } from '../../src/network/optimizer.js';
import {
  boxMuller,
  categoricalEntropy,
  gaussianEntropy,
  gaussianLogProb,
  logSoftmax,
  type PpoBatch,
  ppoLoss,
  sampleCategorical,
} from '../../src/network/reference.js';
import { caseBatch, caseCoefficients, caseNetwork, flatten, ppoCases } from './oracle.js';

/** Largest |a - b| / max(1, |b|). */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.is(actual.length, expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i += 1) {
    const d = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(d <= worst)) worst = d;
  }
  return worst;
}

function close(actual: number, expected: number, what: string): void {
  assert.ok(distance([actual], [expected]) < 1e-9, `${what}: ${actual} instead of ${expected}`);
}

for (const c of ppoCases()) {
  const spec = caseNetwork(c);
  const batch = caseBatch(c);
  const coefficients = caseCoefficients(c);

  test(`${c.name}: losses and per-sample values of the first step are PyTorch's`, () => {
    const result = ppoLoss(spec, flatten(spec, c.params), batch, coefficients);
    const { per_sample_step1: samples } = c;
    assert.ok(distance(result.evaluation.outputs, samples.actor_out.flat()) < 1e-9);
    assert.ok(distance(result.evaluation.values, samples.values) < 1e-9);
    assert.ok(distance(result.samples.logProbs, samples.logp) < 1e-9);
    assert.ok(distance(result.samples.ratios, samples.ratio) < 1e-9);
    assert.ok(distance(result.samples.entropies, samples.entropy) < 1e-9);
    const other = ppoLoss(spec, flatten(spec, c.params), batch, {
      ...coefficients,
      clipVloss: !coefficients.clipVloss,
    });
    const [clipped, plain] = coefficients.clipVloss ? [result, other] : [other, result];
    close(clipped.valueLoss, c.steps[0]!.value_loss_clipped, 'clipped value loss');
    close(plain.valueLoss, c.steps[0]!.value_loss_unclipped, 'unclipped value loss');
  });

  test(`${c.name}: five updates give PyTorch's losses, gradients and parameters`, () => {
    const parameters = flatten(spec, c.params);
    const state = adamState(parameters.length);
    const options = { learningRate: c.config.lr, beta1: 0.9, beta2: 0.999, epsilon: c.config.adam_eps };
    c.steps.forEach((step, index) => {
      const result = ppoLoss(spec, parameters, batch, coefficients);
      close(result.loss, step.loss, 'loss');
      close(result.policyLoss, step.policy_loss, 'policy loss');
      close(result.entropy, step.entropy, 'entropy');
      close(result.k1, step.old_approx_kl_k1, 'k1');
      close(result.k3, step.approx_kl_k3, 'k3');
      close(result.clipFraction, step.clip_fraction, 'clip fraction');
      const norm = clipGlobalNorm(result.gradient, c.config.max_grad_norm);
      close(norm, step.grad_norm_before_clip, 'gradient norm');
      if (index === 0) assert.ok(distance(result.gradient, flatten(spec, c.grads_after_clip_step1)) < 1e-9);
      adamStep(parameters, result.gradient, state, options);
      if (index === 0 && c.params_after_1 !== undefined) {
        assert.ok(distance(parameters, flatten(spec, c.params_after_1)) < 1e-9);
      }
    });
    assert.ok(distance(parameters, flatten(spec, c.params_after_5)) < 1e-9);
  });
}

test('the gradient is the slope of the loss for every activation, by central differences', () => {
  for (const activation of ['tanh', 'relu'] as const) {
    for (const distribution of [
      { type: 'categorical', actions: 3 },
      { type: 'categorical', actions: 3, masked: true },
      { type: 'multi-categorical', nvec: [3, 2] },
      { type: 'multi-categorical', nvec: [1, 2], masked: true },
      { type: 'gaussian', size: 2, logStdInit: 0 },
    ] as const) {
      const spec = mlpNetwork({ observationSize: 3, hidden: [5, 4], activation, distribution });
      const { count } = parameterLayout(spec);
      const draw = (i: number, k: number): number => Math.sin(i * 12.9898 + k * 78.233) * 0.8;
      const parameters = Float64Array.from({ length: count }, (_, i) => draw(i, 1));
      const batch: PpoBatch = {
        observations: Float64Array.from({ length: 18 }, (_, i) => draw(i, 2)),
        actions:
          distribution.type === 'categorical'
            ? [0, 1, 2, 0, 1, 2]
            : distribution.type === 'multi-categorical'
              ? [0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]
              : Float64Array.from({ length: 12 }, (_, i) => draw(i, 3)),
        logProbs: Float64Array.from({ length: 6 }, (_, i) => -1.2 + 0.3 * draw(i, 4)),
        advantages: Float64Array.from({ length: 6 }, (_, i) => draw(i, 5)),
        returns: Float64Array.from({ length: 6 }, (_, i) => draw(i, 6)),
        values: Float64Array.from({ length: 6 }, (_, i) => draw(i, 7)),
        // Each of the actions is allowed; one sample has no other choice.
        ...('masked' in distribution && { masks: [1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1] }),
      };
      const config = { clipCoef: 0.2, clipVloss: true, entCoef: 0.05, vfCoef: 0.5 };
      const { gradient } = ppoLoss(spec, parameters, batch, config);
      const slope = parameters.map((value, i) => {
        const h = 1e-6;
        parameters[i] = value + h;
        const above = ppoLoss(spec, parameters, batch, config).loss;
        parameters[i] = value - h;
        const below = ppoLoss(spec, parameters, batch, config).loss;
        parameters[i] = value;
        return (above - below) / (2 * h);
      });
      assert.ok(distance(gradient, slope) < 1e-7, `${activation} ${distribution.type}: ${distance(gradient, slope)}`);
    }
  }
});

test('distributions: hand-worked values', () => {
  close(logSoftmax([0, Math.log(3)])[1]!, Math.log(0.75), 'log-softmax');
  close(categoricalEntropy(logSoftmax([2, 2, 2, 2])), Math.log(4), 'uniform entropy');
  close(gaussianLogProb([1, 0], [0, Math.log(2)], [1, 2]), -Math.log(2 * Math.PI) - Math.log(2) - 0.5, 'log-density');
  close(gaussianEntropy([0]), 0.5 * Math.log(2 * Math.PI * Math.E), 'entropy');
  const logits = [Math.log(0.5), Math.log(0.3), Math.log(0.2)];
  assert.equal(
    [0, 0.49, 0.51, 0.79, 0.81, 0.999].map((u) => sampleCategorical(logits, u)),
    [0, 0, 1, 1, 2, 2],
  );
  const [a, b] = boxMuller(Math.exp(-0.5), 0.125);
  close(a, Math.SQRT1_2, 'cosine branch');
  close(b, Math.SQRT1_2, 'sine branch');
  assert.ok(boxMuller(1, 0).every((z) => Math.abs(z) === 0));
});

test.run();
