import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';
import { loadPolicy, train } from '../../src/index.js';
import { temporaryFolder } from '../support/temporary.js';

test('a run whose settings are not PPO settings is refused with the setting', async () => {
  const runDir = join(temporaryFolder(), 'run');
  const config = { totalSteps: 64, numEnvs: 4, numSteps: 16, hidden: [4] };
  await train({ env: 'CartPole-v1', config, runDir, workers: 1, backend: 'kernels' });
  const path = join(runDir, 'config.json');
  const whole = JSON.parse(readFileSync(path, 'utf8')) as { config: object };
  for (const [change, says] of [
    [{ gamma: 2 }, /gamma/],
    [{ obsClip: undefined }, /obsClip/],
    [{ unheardOf: 1 }, /unheardOf/],
  ] as const) {
    writeFileSync(path, JSON.stringify({ ...whole, config: { ...whole.config, ...change } }));
    let error: unknown = null;
    try {
      await loadPolicy(runDir);
    } catch (thrown) {
      error = thrown;
    }
    assert.instance(error, GymkhanaError);
    if (!(error instanceof GymkhanaError)) continue;
    assert.is(error.code, 'CONFIG_CORRUPT');
    assert.match(error.message, says);
    assert.is(error.details.field, 'config');
  }
});

test('a run of before the settings initializer and freeze loads as it was', async () => {
  const runDir = join(temporaryFolder(), 'run');
  const config = { totalSteps: 64, numEnvs: 4, numSteps: 16, hidden: [4] };
  await train({ env: 'CartPole-v1', config, runDir, workers: 1, backend: 'kernels' });
  const path = join(runDir, 'config.json');
  const whole = JSON.parse(readFileSync(path, 'utf8')) as { config: Record<string, unknown> };
  const { initializer, freeze, ...older } = whole.config;
  assert.equal([initializer, freeze], ['orthogonal', []]);
  writeFileSync(path, JSON.stringify({ ...whole, config: older }));
  const { predict } = await loadPolicy(runDir);
  assert.type(predict(new Float32Array(4)), 'number');
});

test.run();
