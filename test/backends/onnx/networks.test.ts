/** Networks that the kernels do not know, with ONNX Runtime: gradients and acting against the float64 reference. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PolicyOutputs } from '../../../src/backends/onnx/policy.js';
import { type RolloutColumns, ShardGradient } from '../../../src/backends/onnx/shard-gradient.js';
import { Generator } from '../../../src/core/seeding/index.js';
import { policyNetwork } from '../../../src/network/build.js';
import { initialParameters } from '../../../src/network/init.js';
import { frozenSlices, parameterLayout } from '../../../src/network/layout.js';
import { stateSize } from '../../../src/network/plan.js';
import { evaluate, ppoLoss } from '../../../src/network/reference.js';
import { NETWORK_CASES } from '../../support/network-cases.js';

/** Largest difference from the reference over the largest slope; float32 against float64. Measured: 2.1e-6 at most, of the LSTM's. */
const GRADIENT_BOUND = 1e-5;
/** Of outputs and values, over 1. */
const OUTPUT_BOUND = 2e-5;

for (const [name, options] of NETWORK_CASES) {
  test(`${name}: gradient, outputs, values and memory are the reference's`, async () => {
    const spec = policyNetwork({ actorGain: 0.5, ...options });
    const generator = Generator.fromSeed(5);
    const parameters = initialParameters(spec, generator);
    const O = spec.observationSize;
    const S = stateSize(spec);
    const steps = S > 0 ? 3 : 1;
    // Two envs and six steps: two sequences each where there is a memory.
    const [numEnvs, rows] = [2, 12];
    const normals = (n: number, scale = 1): Float32Array =>
      Float32Array.from({ length: n }, () => scale * generator.standardNormal());
    const all = Float32Array.from({ length: rows * O }, () =>
      spec.picture ? generator.integers(0, 256) : generator.standardNormal(),
    );
    const order = [2, 4, 6, 3, 5, 7, 0, 8, 10, 1, 9, 11];
    const indices = Int32Array.from(S > 0 ? [1, 3, 5, 6, 8, 10] : order.slice(0, 7));
    const isGaussian = spec.distribution.type === 'gaussian';
    const actions = isGaussian ? normals(rows * 2) : Int32Array.from({ length: rows }, () => generator.integers(0, 3));
    const states = normals((rows / numEnvs / steps) * numEnvs * S, 0.5);
    const flags = Uint8Array.from({ length: rows }, (_, k) => (k === 3 || k === 6 ? 1 : 0));
    const columns: RolloutColumns = {
      observations: {
        gather: (at, count, target) => {
          for (let i = 0; i < count; i++) target.set(all.subarray(at[i]! * O, (at[i]! + 1) * O), i * O);
        },
      },
      mean: new Float32Array(spec.picture ? 1 : O),
      invStd: new Float32Array(spec.picture ? 1 : O).fill(1),
      actions,
      logProbs: normals(rows, 0.1).map((x) => x - 1.2),
      advantages: normals(rows),
      returns: normals(rows),
      values: normals(rows),
      masks: null,
      memory: S > 0 ? { steps, numEnvs, states, flags } : null,
    };
    const coefficients = { clipCoef: 0.2, clipVloss: true, entCoef: 0.02, vfCoef: 0.5 };
    const shards = await ShardGradient.create(spec, coefficients, Number.POSITIVE_INFINITY, columns);
    const gradient = new Float32Array(parameters.length);
    const n = indices.length;
    await shards.run({
      parameters,
      indices,
      advMean: 0,
      advInvStd: 1,
      invBatch: 1 / n,
      gradient,
      stats: new Float32Array(8),
    });
    const pick = (column: ArrayLike<number>, width = 1): number[] =>
      [...indices].flatMap((row) => Array.from({ length: width }, (_, k) => column[row * width + k]!));
    const firsts = [...indices].filter((_, i) => i % steps === 0);
    const state = firsts.flatMap((row) => {
      const at = (Math.floor(row / numEnvs / steps) * numEnvs + (row % numEnvs)) * S;
      return [...states.subarray(at, at + S)];
    });
    const starts = [...indices].map((row, i) => (i % steps > 0 && flags[row - numEnvs] === 1 ? 1 : 0));
    if (S > 0) assert.ok(starts.includes(1), 'an episode begins inside of a sequence');
    const want = ppoLoss(
      spec,
      parameters,
      {
        observations: pick(all, O),
        actions: pick(actions, isGaussian ? 2 : 1),
        logProbs: pick(columns.logProbs),
        advantages: pick(columns.advantages),
        returns: pick(columns.returns),
        values: pick(columns.values),
        ...(S > 0 && { sequences: { steps, state, starts } }),
      },
      coefficients,
    );
    const layout = parameterLayout(spec);
    const frozen = frozenSlices(spec, layout).map((slice) => slice.name);
    const largest = want.gradient.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
    for (const { name: slice, offset, size } of layout.slices) {
      if (frozen.includes(slice)) continue;
      for (let k = offset; k < offset + size; k++) {
        const off = Math.abs(gradient[k]! - want.gradient[k]!) / largest;
        assert.ok(off < GRADIENT_BOUND, `${slice}[${k - offset}] is ${gradient[k]}, not ${want.gradient[k]}: ${off}`);
      }
    }
    if (frozen.length > 0) assert.equal(frozen, ['trunk.0.weight', 'trunk.0.bias']);

    const policy = await PolicyOutputs.create(spec, Number.POSITIVE_INFINITY);
    policy.load(parameters, columns.mean, columns.invStd);
    const batch = policy.batch(n);
    batch.observations.set(pick(all, O));
    const before = normals(n * S, 0.5);
    batch.state.set(before);
    await policy.run(batch);
    const sequences = { steps: 1, state: before, starts: new Uint8Array(n) };
    const acted = evaluate(spec, parameters, pick(all, O), S > 0 ? sequences : undefined);
    const near = (got: Float32Array, expected: Float64Array, what: string): void => {
      assert.is(got.length, expected.length, what);
      got.forEach((x, k) => {
        assert.ok(Math.abs(x - expected[k]!) < OUTPUT_BOUND, `${what}[${k}] is ${x}, not ${expected[k]}`);
      });
    };
    near(batch.outputs, acted.outputs, 'outputs');
    near(batch.values, acted.values, 'values');
    near(batch.nextState, acted.state, 'memory');
  });
}

test.run();
