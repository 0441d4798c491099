import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LearnerBatch, LearnerSettings, LearnerStats } from '../../../src/backends/backend.js';
import { OnnxLearner, type Scheme } from '../../../src/backends/onnx/device-learner.js';
import { type Binding, createDeviceSession } from '../../../src/backends/onnx/runtime.js';
import { nextName, stepGraph } from '../../../src/backends/onnx/update-graph.js';
import { frozenSlices, parameterLayout } from '../../../src/network/layout.js';
import type { NetworkSpec } from '../../../src/network/spec.js';
import {
  apart,
  DISTRIBUTIONS,
  INPUTS,
  largest,
  type Problem,
  problem,
  referenceState,
  referenceUpdate,
  residentMiB,
  SAMPLES,
  SETTINGS,
} from '../../support/learner-problem.js';

/** Updates from the same start; each is two epochs of three minibatches. */
const UPDATES = 10;
/**
 * Largest |a - b| of a parameter after sixty Adam steps of 1e-3, in float32 against the float64 reference; a parameter moves by up
 * to 0.05 meanwhile. Measured: 5.4e-7 at most.
 */
const PARAMETERS_BOUND = 5e-6;
/** The same for Adam's moments, over the largest of them. Measured: 9.8e-7 at most. */
const MOMENTS_BOUND = 5e-6;
/** Largest |a - b| of a stat's mean over samples in the first update, and of the gradient's mean norm. */
const STATS_BOUND = 1e-6;

const SCHEMES: readonly Scheme[] = ['loop', 'steps'];
const learnerOf = ({ network }: Problem, scheme: Scheme): OnnxLearner =>
  new OnnxLearner('onnx:cuda', 'cpu', network, scheme);
const update = (learner: OnnxLearner, p: Problem, settings: LearnerSettings, state = p.fresh()) =>
  learner.update(p.batch, p.permutations, 3, settings, state);

/** Freezes the actor's first layer and the critic's second. */
const frozen = (network: NetworkSpec): NetworkSpec => ({
  ...network,
  actor: network.actor.map((layer, k) => (k === 0 ? { ...layer, frozen: true } : layer)),
  critic: network.critic.map((layer, k) => (k === 1 ? { ...layer, frozen: true } : layer)),
});

interface Case {
  readonly label: string;
  readonly settings: LearnerSettings;
  readonly freeze?: (network: NetworkSpec) => NetworkSpec;
}
const CASES: readonly Case[] = [
  { label: 'all details', settings: SETTINGS },
  { label: 'plain loss', settings: { ...SETTINGS, clipVloss: false, normAdv: false, maxGradNorm: 100, entCoef: 0 } },
  { label: 'a norm that is always cut', settings: { ...SETTINGS, maxGradNorm: 0.02 } },
  { label: 'no bound on the norm', settings: { ...SETTINGS, maxGradNorm: Number.POSITIVE_INFINITY } },
  { label: 'targetKl', settings: { ...SETTINGS, targetKl: 0.06 } },
  { label: 'frozen layers', settings: SETTINGS, freeze: frozen },
];

for (const scheme of SCHEMES) {
  for (const distribution of DISTRIBUTIONS) {
    for (const { label, settings, freeze } of CASES) {
      const name = `${distribution.type}${'masked' in distribution ? ' with masks' : ''}, ${label}`;
      test(`${scheme}: ${UPDATES} updates agree with the float64 reference, ${name}`, async () => {
        const p = problem(distribution, 'tanh', freeze);
        const learner = learnerOf(p, scheme);
        const [state, want] = [p.fresh(), referenceState(p)];
        for (let k = 0; k < UPDATES; k++) {
          const expected = referenceUpdate(p, 3, settings, want).stats;
          const stats = await update(learner, p, settings, state);
          assert.is(stats.minibatches, expected.minibatches);
          assert.is(stats.samples, expected.samples);
          if (k > 0) continue;
          for (const [key, value] of Object.entries(expected) as [keyof LearnerStats, number][]) {
            const off = Math.abs(stats[key] - value) / (key === 'gradNorm' ? stats.minibatches : stats.samples);
            assert.ok(off < STATS_BOUND, `${key}: ${stats[key]} instead of ${value}`);
          }
        }
        learner.dispose();
        assert.is(state.step, want.adam.step);
        assert.ok(apart(state.parameters, p.fresh().parameters) > 1e-2, 'the updates move parameters');
        const d = apart(state.parameters, want.parameters);
        assert.ok(d < PARAMETERS_BOUND, `parameters differ by ${d}`);
        const first = apart(state.firstMoments, want.adam.firstMoments) / largest(want.adam.firstMoments);
        const second = apart(state.secondMoments, want.adam.secondMoments) / largest(want.adam.secondMoments);
        assert.ok(Math.max(first, second) < MOMENTS_BOUND, `moments differ by ${first} and ${second} of the largest`);
        const layout = parameterLayout(p.network);
        const still = frozenSlices(p.network, layout);
        assert.is(still.length, freeze === undefined ? 0 : 4);
        for (const { offset, size } of still) {
          const part = (of: Float32Array): Float32Array => of.subarray(offset, offset + size);
          assert.equal(part(state.parameters), part(p.fresh().parameters));
          assert.is(largest(part(state.secondMoments)), 0);
        }
      });
    }
  }

  test(`${scheme}: targetKl ends the epochs after the one that passes it`, async () => {
    const p = problem(DISTRIBUTIONS[0]!, 'tanh');
    const learner = learnerOf(p, scheme);
    const state = p.fresh();
    const stopped = await update(learner, p, { ...SETTINGS, targetKl: 1e-9 }, state);
    assert.equal([stopped.minibatches, stopped.samples, state.step], [3, SAMPLES, 3]);
    const one = p.fresh();
    await learner.update(p.batch, p.permutations.slice(0, 1), 3, SETTINGS, one);
    assert.equal(state, one);
    const whole = await update(learner, p, { ...SETTINGS, targetKl: 1e9 });
    assert.is(whole.minibatches, 6);
    learner.dispose();
  });

  test(`${scheme}: an epoch is judged by its own KL, not by those before`, async () => {
    const p = problem(DISTRIBUTIONS[0]!, 'tanh');
    const learner = learnerOf(p, scheme);
    const permutations = [...p.permutations, ...p.permutations];
    const first = await learner.update(p.batch, permutations.slice(0, 1), 3, SETTINGS, p.fresh());
    // Twice the first epoch's mean: the sum over epochs would pass it, none of them alone does.
    const targetKl = (2 * first.approxKl) / first.samples;
    const stats = await learner.update(p.batch, permutations, 3, { ...SETTINGS, targetKl }, p.fresh());
    assert.is(stats.minibatches, 12);
    assert.ok(stats.approxKl / SAMPLES > targetKl);
    learner.dispose();
  });

  test(`${scheme}: numbers that are not finite leave parameters and moments as they were`, async () => {
    const p = problem(DISTRIBUTIONS[1]!, 'tanh');
    const returns = p.batch.returns.slice();
    returns[11] = Number.NaN;
    const learner = learnerOf(p, scheme);
    const state = p.fresh();
    const stats = await learner.update({ ...p.batch, returns }, p.permutations, 3, SETTINGS, state);
    assert.ok(Number.isNaN(stats.gradNorm), 'which the algorithm reports');
    assert.equal(state, p.fresh());
    learner.dispose();
  });

  test(`${scheme}: minibatches of one sample keep their advantage, the rollout's columns may lie in shared memory`, async () => {
    const p = problem(DISTRIBUTIONS[4]!, 'relu');
    const shared = <T extends Float32Array | Int32Array>(values: T): T => {
      const view = new (values.constructor as new (buffer: SharedArrayBuffer) => T)(
        new SharedArrayBuffer(values.byteLength),
      );
      view.set(values);
      return view;
    };
    const batch: LearnerBatch = { ...p.batch, observations: shared(p.batch.observations as Float32Array) };
    const learner = learnerOf(p, scheme);
    const state = p.fresh();
    const one = { ...p, permutations: p.permutations.slice(0, 1) };
    const want = referenceState(p);
    const settings = { ...SETTINGS, normAdv: false };
    referenceUpdate(one, SAMPLES, settings, want);
    const stats = await learner.update(batch, one.permutations, SAMPLES, SETTINGS, state);
    assert.is(stats.minibatches, SAMPLES);
    const d = apart(state.parameters, want.parameters);
    assert.ok(d < PARAMETERS_BOUND, `parameters differ by ${d}`);
    learner.dispose();
  });

  test(`${scheme}: memory stays what it is over many updates`, async () => {
    // 1.6 MiB of parameters and moments, which every update makes anew.
    const p = problem(DISTRIBUTIONS[0]!, 'relu', undefined, [256, 256]);
    const learner = learnerOf(p, scheme);
    const state = p.fresh();
    const round = async (): Promise<number> => {
      for (let k = 0; k < 40; k++) await update(learner, p, { ...SETTINGS, learningRate: 1e-5 }, state);
      return residentMiB();
    };
    await round();
    const [before, after] = [await round(), await round()];
    assert.ok(after - before < 24, `${before.toFixed(0)} MiB, then ${after.toFixed(0)} MiB`);
    learner.dispose();
  });
}

test('both ways come to the same bits', async () => {
  for (const distribution of DISTRIBUTIONS) {
    const p = problem(distribution, 'tanh');
    const states = [p.fresh(), p.fresh()];
    for (const [k, scheme] of SCHEMES.entries()) await update(learnerOf(p, scheme), p, SETTINGS, states[k]);
    assert.equal(states[0], states[1]);
  }
});

test('for WebGPU the graph has no LogSoftmax, and gives the same numbers without', async () => {
  for (const distribution of DISTRIBUTIONS.slice(0, 4)) {
    const p = problem(distribution, 'tanh');
    const results = [];
    for (const plain of [false, true]) {
      const { graph, inputs } = stepGraph(p.network, SETTINGS, p.batch.observationClip, { plain });
      assert.is(
        graph.values.some(({ operation }) => operation!.operator === 'LogSoftmax'),
        !plain,
      );
      const session = await createDeviceSession(graph.encode('step'), 'cpu');
      const numbers = (name: string): ArrayLike<number> => p.batch[name as 'returns'];
      const feeds = [
        ...inputs.columns.map(({ name, type, shape }) => ({ name, type, shape: [SAMPLES, ...shape] })),
        ...inputs.fixed,
      ].map(({ name, type, shape }): [string, Binding] => {
        const data = type === 'int32' ? Int32Array.from(numbers(name)) : Float32Array.from(numbers(name));
        return [name, { data, shape }];
      });
      const { parameters } = p.fresh();
      const row = (data: Float32Array): Binding => ({ data, shape: [1, data.length] });
      const next = await session.run({
        ...Object.fromEntries(feeds),
        parameters: row(parameters),
        firstMoments: row(new Float32Array(parameters.length)),
        secondMoments: row(new Float32Array(parameters.length)),
        totals: row(new Float32Array(9)),
        rows: { data: Int32Array.from({ length: SAMPLES }, (_, k) => k), shape: [SAMPLES] },
        rates: row(Float32Array.of(1 / SAMPLES, 1 / (SAMPLES - 1), 1, 0.01, 30, 1 / SAMPLES, 1)),
      });
      results.push(next[nextName('firstMoments')]!.data as Float32Array);
      await session.release();
    }
    assert.ok(largest(results[0]!) > 1e-3);
    assert.ok(apart(results[0]!, results[1]!) < 1e-7);
  }
});

test('misuse is a named bug of the caller, and the learner is good for another update', async () => {
  const p = problem(DISTRIBUTIONS[0]!, 'tanh');
  const learner = learnerOf(p, 'loop');
  const failing = async (batch: LearnerBatch): Promise<string> => {
    try {
      await learner.update(batch, p.permutations, 3, SETTINGS, p.fresh());
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  assert.match(
    await failing({ ...p.batch, observations: p.batch.observations.slice(INPUTS) }),
    /'observations' has 995 numbers instead of 1000/,
  );
  const { actions: _, ...rest } = p.batch;
  assert.match(await failing(rest as LearnerBatch), /the rollout has no 'actions'/);
  const twice = [update(learner, p, SETTINGS), update(learner, p, SETTINGS)];
  const settled = await Promise.allSettled(twice);
  assert.equal(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.is((await update(learner, p, SETTINGS)).minibatches, 6);
  learner.dispose();
  assert.match(await failing(p.batch), /was disposed of/);
});

test.run();
