import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CartPoleEnv } from '../../envs/cartpole/cartpole.js';
import { makeVec, SyncVectorEnv, type VectorEnv, type VectorStepResult } from '../../src/vector/index.js';
import type { AutoresetMode } from '../../src/vector/vector-env.js';
import '../../envs/index.js';
import { golden } from '../support/paths.js';

type Matrix = readonly (readonly number[])[];
type Row =
  | readonly ['r', Matrix]
  | readonly [
      's',
      readonly number[],
      Matrix,
      readonly number[],
      readonly boolean[],
      readonly boolean[],
      readonly (readonly number[] | null)[] | null,
    ]
  | readonly ['m', readonly boolean[], Matrix];

interface VectorCase {
  readonly kind: 'SyncVectorEnv' | 'CartPoleVectorEnv';
  readonly num_envs: number;
  readonly autoreset_mode: 'NEXT_STEP' | 'SAME_STEP' | 'DISABLED';
  readonly reset_seed: number | readonly number[];
  readonly max_episode_steps: number;
  readonly rows: readonly Row[];
}

/** Written by Gymnasium 1.4.0's SyncVectorEnv; `meta` in the file says how. */
const oracle = JSON.parse(readFileSync(golden('vector.json'), 'utf8')) as { readonly cases: readonly VectorCase[] };
const MODES = { NEXT_STEP: 'next-step', SAME_STEP: 'same-step', DISABLED: 'disabled' } as const;

function matrix(batch: Float32Array): Matrix {
  return Array.from({ length: batch.length / 4 }, (_, i) => [...batch.subarray(4 * i, 4 * i + 4)]);
}

function checkStep(result: VectorStepResult<Float32Array>, row: Row & readonly ['s', ...unknown[]]): void {
  const [, , observations, rewards, terminated, truncated, final] = row;
  assert.equal(matrix(result.observations), observations);
  assert.equal([...result.rewards], rewards);
  assert.equal(Array.from(result.terminations, Boolean), terminated);
  assert.equal(Array.from(result.truncations, Boolean), truncated);
  const finals = result.infos.finalObs?.map((value) => (value === null ? null : [...value])) ?? null;
  assert.equal(finals, final);
}

function play(env: VectorEnv<Float32Array, number>, one: VectorCase): void {
  for (const row of one.rows) {
    if (row[0] === 'r') assert.equal(matrix(env.reset({ seed: one.reset_seed }).observations), row[1]);
    else if (row[0] === 'm')
      assert.equal(matrix(env.reset({ options: { resetMask: [...row[1]] } }).observations), row[2]);
    else checkStep(env.step(Int32Array.from(row[1])), row);
  }
}

for (const one of oracle.cases) {
  if (one.kind === 'CartPoleVectorEnv') {
    test('CartPole, many at once: the vector entry point gives the rows of Gymnasium’s', async () => {
      const { num_envs: numEnvs, max_episode_steps: maxEpisodeSteps } = one;
      play(await makeVec('CartPole-v1', { numEnvs, maxEpisodeSteps, vectorizationMode: 'vector-entry-point' }), one);
    });
    continue;
  }
  const autoresetMode: AutoresetMode = MODES[one.autoreset_mode];
  const name = `${autoresetMode}, limit ${one.max_episode_steps}, seed ${String(one.reset_seed)}`;
  test(`CartPole, ${name}: SyncVectorEnv gives Gymnasium's rows`, () => {
    const factories = Array.from({ length: one.num_envs }, () => () => new CartPoleEnv());
    for (const copy of [true, false]) {
      play(new SyncVectorEnv(factories, { autoresetMode, copy, maxEpisodeSteps: one.max_episode_steps }), one);
    }
  });

  test(`CartPole, ${name}: so does makeVec`, async () => {
    const { num_envs: numEnvs, max_episode_steps: maxEpisodeSteps } = one;
    play(await makeVec('CartPole-v1', { numEnvs, maxEpisodeSteps, autoresetMode }), one);
  });
}

test('the oracle has every mode', () => {
  assert.ok(oracle.cases.some((one) => one.kind === 'CartPoleVectorEnv'));
  assert.equal([...new Set(oracle.cases.map((one) => one.autoreset_mode))].sort(), [
    'DISABLED',
    'NEXT_STEP',
    'SAME_STEP',
  ]);
});

test.run();
