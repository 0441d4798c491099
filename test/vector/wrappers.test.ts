// Vector wrappers: Gymnasium 1.4.0's numbers, and every autoreset mode.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { makeVec, type VectorEnv } from '../../src/vector/index.js';
import {
  VectorClipAction,
  VectorClipReward,
  VectorDictInfoToList,
  VectorNormalizeObservation,
  VectorNormalizeReward,
  VectorRecordEpisodeStatistics,
  VectorRescaleAction,
  VectorReshapeObservation,
} from '../../src/vector/wrappers/index.js';
import { throwsError } from '../support/misuse.js';
import { golden } from '../support/paths.js';

type Matrix = readonly (readonly number[])[];
interface Case {
  readonly num_envs: number;
  readonly wrapper: string;
  readonly reset_seed: number;
  readonly rows: readonly (
    | readonly ['r', Matrix]
    | readonly [
        's',
        readonly number[],
        Matrix,
        readonly number[],
        readonly boolean[],
        readonly boolean[],
        Episodes | null,
      ]
  )[];
  readonly rms: { readonly mean: number | number[]; readonly var: number | number[]; readonly count: number } | null;
}
interface Episodes {
  readonly r: readonly number[];
  readonly l: readonly number[];
  readonly _episode: readonly boolean[];
}
type Env = VectorEnv<Float32Array, number>;

const oracle = JSON.parse(readFileSync(golden('wrappers.json'), 'utf8')) as { readonly vector_cases: readonly Case[] };
const WRAPPERS: Readonly<Record<string, (env: Env) => Env>> = {
  'vector.NormalizeObservation': (env) => new VectorNormalizeObservation(env),
  'vector.NormalizeReward': (env) => new VectorNormalizeReward(env),
  'vector.RecordEpisodeStatistics': (env) => new VectorRecordEpisodeStatistics(env),
};

for (const one of oracle.vector_cases) {
  test(`${one.wrapper}: Gymnasium's rows, exactly`, async () => {
    const inner = (await makeVec('CartPole-v1', { numEnvs: one.num_envs, autoresetMode: 'next-step' })) as Env;
    const env = WRAPPERS[one.wrapper]!(inner);
    for (const row of one.rows) {
      if (row[0] === 'r') {
        assert.equal([...env.reset({ seed: one.reset_seed }).observations], row[1].flat());
        continue;
      }
      const [, actions, observations, rewards, terminated, truncated, episodes] = row;
      const result = env.step(Int32Array.from(actions));
      assert.equal([...result.observations], observations.flat());
      assert.equal([...result.rewards], [...rewards]);
      assert.equal(Array.from(result.terminations, Boolean), terminated);
      assert.equal(Array.from(result.truncations, Boolean), truncated);
      const list = result.infos['episode'] as ({ r: number; l: number } | undefined)[] | undefined;
      if (episodes === null) assert.is(list, undefined);
      else {
        assert.equal(
          list!.map((item) => item?.r ?? 0),
          episodes.r,
        );
        assert.equal(
          list!.map((item) => item?.l ?? 0),
          episodes.l,
        );
      }
    }
    if (one.rms !== null) {
      const rms =
        env instanceof VectorNormalizeObservation
          ? env.obsRms
          : (env as VectorNormalizeReward<unknown, unknown>).returnRms;
      assert.equal([...rms.mean], [one.rms.mean].flat());
      assert.equal([...rms.var], [one.rms.var].flat());
      assert.is(rms.count, one.rms.count);
    }
  });
}

test('same-step: last observations are scaled and returns begin anew', async () => {
  const make = async (): Promise<Env> => (await makeVec('CartPole-v1', { numEnvs: 2, maxEpisodeSteps: 5 })) as Env;
  const plain = await make();
  const normal = new VectorNormalizeObservation(await make());
  const statistics = new VectorRecordEpisodeStatistics(await make());
  for (const env of [plain, normal, statistics]) env.reset({ seed: 3 });
  for (let step = 1; step <= 10; step++) {
    const actions = Int32Array.of(0, 1);
    const [a, b, c] = [plain.step(actions), normal.step(actions), statistics.step(actions)];
    if (step % 5 !== 0) continue;
    const rms = normal.obsRms;
    a.infos.finalObs!.forEach((final, i) => {
      const expected = final![0]! - rms.mean[0]!;
      assert.ok(Math.abs(b.infos.finalObs![i]![0]! - expected / Math.sqrt(rms.var[0]! + 1e-8)) < 1e-5);
    });
    const list = c.infos['episode'] as { r: number; l: number }[];
    assert.equal(
      list.map(({ r, l }) => [r, l]),
      [
        [5, 5],
        [5, 5],
      ],
    );
  }
});

test('disabled: a masked reset begins the statistics of its envs only', async () => {
  const env = new VectorRecordEpisodeStatistics(
    (await makeVec('CartPole-v1', { numEnvs: 2, autoresetMode: 'disabled' })) as Env,
  );
  env.reset({ seed: 1 });
  env.step(Int32Array.of(0, 1));
  env.reset({ options: { resetMask: [true, false] } });
  assert.equal([...env.episodeLengths], [0, 1]);
});

test('clipping, reshaping and listing', async () => {
  const inner = (await makeVec('CartPole-v1', { numEnvs: 2 })) as Env;
  const env = new VectorDictInfoToList(
    new VectorClipReward(new VectorReshapeObservation(inner, { shape: [2, 2] }), { maxReward: 0.5 }),
  );
  assert.equal(env.observationSpace.shape, [2, 2, 2]);
  assert.equal(env.reset({ seed: 1 }).infos['list'], [{}, {}]);
  assert.equal([...env.step(Int32Array.of(0, 1)).rewards], [0.5, 0.5]);
});

test('actions out of bounds are clipped, and those between new bounds are mapped back', async () => {
  const make = async () => await makeVec('Pendulum-v1', { numEnvs: 2 });
  const [plain, clip, rescale] = [
    await make(),
    new VectorClipAction(await make()),
    new VectorRescaleAction(await make(), { minAction: -1, maxAction: 1 }),
  ];
  for (const env of [plain, clip, rescale]) env.reset({ seed: 4 });
  const expected = plain.step(Float32Array.of(2, -1)).rewards;
  assert.equal(clip.step(Float32Array.of(5, -1)).rewards, expected);
  assert.equal(rescale.step(Float32Array.of(1, -0.5)).rewards, expected);
});

test('misuse', async () => {
  const env = (await makeVec('CartPole-v1', { numEnvs: 2 })) as Env;
  throwsError(() => new VectorNormalizeObservation(env, { epsilon: 0 }), {
    code: 'INVALID_WRAPPER_OPTION',
    says: ['epsilon'],
  });
  throwsError(() => new VectorNormalizeReward(env, { gamma: 2 }), {
    code: 'INVALID_WRAPPER_OPTION',
    says: ['gamma', '0 to 1'],
  });
  throwsError(() => new VectorClipReward(env, {}), { code: 'INVALID_WRAPPER_OPTION', says: ['minReward'] });
  throwsError(() => new VectorNormalizeReward({} as Env), { code: 'INVALID_WRAPPER_OPTION', says: ['VectorEnv'] });
  const normal = new VectorNormalizeObservation(env);
  normal.reset({ seed: 1 });
  throwsError(() => normal.reset({ options: { resetMask: [true, false] } }), { code: 'INVALID_RESET_OPTION' });
});

test.run();
