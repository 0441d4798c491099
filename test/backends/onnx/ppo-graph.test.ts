import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gradientGraph, slopeName } from '../../../src/backends/onnx/ppo-graph.js';
import type { Binding } from '../../../src/backends/onnx/runtime.js';
import { parameterLayout } from '../../../src/network/layout.js';
import { type PpoBatch, type PpoCoefficients, ppoLoss } from '../../../src/network/reference.js';
import type { Distribution, NetworkSpec } from '../../../src/network/spec.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked } from '../../../src/network/validate.js';
import { caseBatch, caseCoefficients, caseNetwork, flatten, ppoCases } from '../../network/oracle.js';
import { describe, networkOf, normals, SHAPES, seeded } from '../kernels/harness.js';
import { compiled, doubles } from './harness.js';

/**
 * Largest difference between the graph and the reference, both in float64, over the largest slope and per sample: they add
 * in different orders. Measured: 2.7e-14 and 1.8e-15 at most.
 */
const BOUND = 1e-13;
const ROWS = 150;
const CLIP = 1.8;

/** Coefficients of which each shows. */
const COEFFICIENTS: readonly PpoCoefficients[] = [
  { clipCoef: 0.2, clipVloss: true, entCoef: 0.05, vfCoef: 0.5 },
  { clipCoef: 0.1, clipVloss: false, entCoef: 0, vfCoef: 0.8 },
];

/** A batch with raw observations and `logProbs` yet to be added to the policy's own; masks forbid about half of the choices not taken. */
function batchOf(spec: NetworkSpec): PpoBatch {
  const generator = seeded(11);
  const sizes = choiceSizes(spec.distribution);
  const width = actionWidth(spec);
  const A = actorOutputs(spec);
  const column = (scale: number, centre = 0): number[] => [...normals(generator, ROWS, scale)].map((x) => x + centre);
  const actions =
    sizes.length > 0
      ? Array.from({ length: ROWS * width }, (_, i) => generator.integers(0, sizes[i % width]!))
      : [...normals(generator, ROWS * width)];
  const masks = Uint8Array.from({ length: ROWS * A }, (_, i) => (Math.sin(i * 5.1) > 0 ? 1 : 0));
  if (sizes.length > 0) {
    actions.forEach((action, i) => {
      const f = i % width;
      masks[Math.floor(i / width) * A + sizes.slice(0, f).reduce((sum, n) => sum + n, 0) + action] = 1;
    });
  }
  return {
    observations: [...normals(generator, ROWS * spec.observationSize, 1.2)],
    actions,
    logProbs: column(0.2),
    advantages: column(1.5, 0.2),
    returns: column(1),
    values: column(1),
    ...(isMasked(spec) && { masks }),
  };
}

/** The batch with the policy's own log-probabilities added to its `logProbs`: ratios near 1, some of them clipped. */
function nearPolicy(spec: NetworkSpec, parameters: Float64Array, batch: PpoBatch, statistics: Statistics): PpoBatch {
  const observations = normalised(batch, statistics);
  const own = ppoLoss(spec, parameters, { ...batch, observations }, COEFFICIENTS[0]!).samples.logProbs;
  return { ...batch, logProbs: own.map((logProb, i) => logProb + batch.logProbs[i]!) };
}

interface Statistics {
  readonly mean: readonly number[];
  readonly invStd: readonly number[];
  readonly clip: number;
}

function normalised({ observations }: PpoBatch, { mean, invStd, clip }: Statistics): number[] {
  const O = mean.length;
  return Array.from(observations, (x, i) => Math.min(Math.max((x - mean[i % O]!) * invStd[i % O]!, -clip), clip));
}

/** Compares gradient and stats of the graph, in float64, with the reference. */
async function compare(
  spec: NetworkSpec,
  parameters: Float64Array,
  batch: PpoBatch,
  coefficients: PpoCoefficients,
  statistics: Statistics,
): Promise<void> {
  const layout = parameterLayout(spec);
  const n = batch.logProbs.length;
  const O = spec.observationSize;
  const row = (shape: readonly number[]): readonly number[] => (shape.length === 1 ? [1, ...shape] : shape);
  const run = await compiled(gradientGraph(spec, coefficients, statistics.clip, 'float64'), {
    stats: [1, 6],
    ...Object.fromEntries(layout.slices.map(({ name, shape }) => [slopeName(name), row(shape)])),
  });
  const slices = layout.slices.map(({ name, offset, size, shape }): [string, Binding] => [
    name,
    doubles(parameters.subarray(offset, offset + size), row(shape)),
  ]);
  const actions: Binding =
    spec.distribution.type === 'gaussian'
      ? doubles(batch.actions, [n, actionWidth(spec)])
      : { data: Int32Array.from(batch.actions), shape: [n, actionWidth(spec)] };
  const found = await run({
    ...Object.fromEntries(slices),
    observations: doubles(batch.observations, [n, O]),
    mean: doubles(statistics.mean, [1, O]),
    invStd: doubles(statistics.invStd, [1, O]),
    actions,
    logProbs: doubles(batch.logProbs, [n, 1]),
    advantages: doubles(batch.advantages, [n, 1]),
    returns: doubles(batch.returns, [n, 1]),
    values: doubles(batch.values, [n, 1]),
    ...(batch.masks && { masks: doubles(batch.masks, [n, actorOutputs(spec)]) }),
    invBatch: doubles([1 / n], [1, 1]),
  });
  const observations = normalised(batch, statistics);
  const want = ppoLoss(spec, parameters, { ...batch, observations }, coefficients);
  const largest = want.gradient.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  for (const { name, offset, size } of layout.slices) {
    const got = found[slopeName(name)]!;
    for (let i = 0; i < size; i++) {
      const off = Math.abs(got[i]! - want.gradient[offset + i]!) / largest;
      assert.ok(off < BOUND, `${name}[${i}] is ${got[i]}, not ${want.gradient[offset + i]}`);
    }
  }
  const stats = [want.policyLoss, want.valueLoss, want.entropy, want.k1, want.k3, want.clipFraction];
  stats.forEach((value, k) => {
    assert.ok(
      Math.abs(found['stats']![k]! / n - value) < BOUND * 10,
      `stat ${k} is ${found['stats']![k]! / n}, not ${value}`,
    );
  });
  assert.ok(n < 100 || (want.clipFraction > 0.1 && want.clipFraction < 0.9), 'some ratios are clipped, some are not');
}

const masked = (distribution: Distribution): Distribution[] =>
  distribution.type === 'gaussian' ? [distribution] : [distribution, { ...distribution, masked: true }];

for (const shape of SHAPES) {
  for (const distribution of masked(shape.distribution)) {
    const spec = networkOf({ ...shape, distribution });
    const label = `${describe(shape)}${isMasked(spec) ? ' with masks' : ''}`;
    test(`the graph's gradient and stats are the reference's in float64: ${label}`, async () => {
      const generator = seeded(12);
      const parameters = Float64Array.from(
        { length: parameterLayout(spec).count },
        () => 0.4 * generator.standardNormal(),
      );
      const O = spec.observationSize;
      const statistics = {
        mean: [...normals(generator, O, 0.2)],
        invStd: [...normals(generator, O, 0.1)].map((x) => 1 + x),
      };
      for (const [k, clip] of [CLIP, Number.POSITIVE_INFINITY].entries()) {
        const clipped = { ...statistics, clip };
        const batch = nearPolicy(spec, parameters, batchOf(spec), clipped);
        await compare(spec, parameters, batch, COEFFICIENTS[k]!, clipped);
      }
    });
  }
}

for (const c of ppoCases()) {
  test(`on PyTorch's batch the graph agrees with the reference, which agrees with PyTorch: ${c.name}`, async () => {
    const spec = caseNetwork(c);
    const O = spec.observationSize;
    const identity = { mean: Array(O).fill(0), invStd: Array(O).fill(1), clip: Number.POSITIVE_INFINITY };
    await compare(spec, flatten(spec, c.params), caseBatch(c), caseCoefficients(c), identity);
  });
}

test.run();
