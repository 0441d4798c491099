// Expected numbers: golden/ppo.json, `gae` and `running_mean_std`, made with numpy and Gymnasium as its `meta` says.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunningMeanStd } from '../../../agents/common/running-statistics.js';
import { generalizedAdvantages } from '../../../agents/ppo/gae.js';
import { golden } from '../../support/paths.js';

interface Gae {
  readonly T: number;
  readonly N: number;
  readonly gamma: number;
  readonly lambda: number;
  readonly rewards: number[][];
  readonly values: number[][];
  readonly terminated: boolean[][];
  readonly truncated: boolean[][];
  readonly value_of_final_obs: number[][];
  readonly last_value: number[];
  readonly advantages: number[][];
  readonly returns: number[][];
}
interface Statistics {
  readonly updates: {
    readonly batch: number[][];
    readonly mean: number[];
    readonly var: number[];
    readonly count: number;
  }[];
}
const oracle = JSON.parse(readFileSync(golden('ppo.json'), 'utf8')) as { gae: Gae[]; running_mean_std?: Statistics[] };

for (const [index, expected] of oracle.gae.entries()) {
  test(`generalised advantages equal the reference, case ${index}`, () => {
    const { T, N } = expected;
    const advantages = new Float64Array(T * N);
    const returns = new Float64Array(T * N);
    generalizedAdvantages(
      {
        rewards: Float32Array.from(expected.rewards.flat()),
        values: Float32Array.from([...expected.values.flat(), ...expected.last_value]),
        flags: Uint8Array.from(
          expected.terminated
            .flat()
            .map((terminated, k) => (terminated ? 1 : 0) | (expected.truncated.flat()[k] ? 2 : 0)),
        ),
        finalValues: Float32Array.from(expected.value_of_final_obs.flat()),
        advantages,
        returns,
      },
      { T, N, first: 0, count: N },
      { gamma: expected.gamma, gaeLambda: expected.lambda, rewardScale: 1, rewardClip: Number.POSITIVE_INFINITY },
    );
    // Rewards and values are float32 here and float64 in the reference: 2e-7 relative on each of about 60 terms.
    expected.advantages.flat().forEach((value, k) => {
      assert.ok(Math.abs(advantages[k]! - value) < 2e-5, `advantage ${k}: ${advantages[k]}, expected ${value}`);
    });
    expected.returns.flat().forEach((value, k) => {
      assert.ok(Math.abs(returns[k]! - value) < 2e-5, `return ${k}: ${returns[k]}, expected ${value}`);
    });
  });
}

for (const [index, { updates }] of (oracle.running_mean_std ?? []).entries()) {
  test(`running statistics equal Gymnasium's, case ${index}`, () => {
    const columns = updates[0]!.mean.length;
    const statistics = new RunningMeanStd(columns);
    for (const update of updates) {
      const n = update.batch.length;
      const means = Array.from({ length: columns }, (_, k) => update.batch.reduce((sum, row) => sum + row[k]!, 0) / n);
      const squares = means.map((mean, k) =>
        update.batch.reduce((sum, row) => sum + (row[k]! - mean) * (row[k]! - mean), 0),
      );
      statistics.merge(n, means, squares);
      for (let k = 0; k < columns; k++) {
        assert.ok(Math.abs(statistics.mean[k]! - update.mean[k]!) < 1e-6, `mean ${k}`);
        assert.ok(Math.abs(statistics.variance[k]! - update.var[k]!) < 1e-6, `variance ${k}`);
      }
    }
  });
}

test.run();
