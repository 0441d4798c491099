import assert from 'node:assert/strict';
import { test } from 'node:test';
import { make } from 'gymkhana';
import { envContract } from 'gymkhana/testing';
import { TemplateEnv } from '../src/index.js';

// Determinism, spaces, copies, snapshots, scenes, baselines and checkEnv: a test each.
envContract('../src/index.ts:template-package/TemplateEnv-v0', { test, from: import.meta.url });

// Tests of your own: what is special about this task.
test('the scripted baseline does better than chance', async () => {
  const env = await make('template-package/TemplateEnv-v0');
  const play = (act: (observation: unknown) => unknown): number => {
    let total = 0;
    for (let seed = 0; seed < 20; seed++) {
      let { observation } = env.reset({ seed });
      for (let over = false; !over; ) {
        const result = env.step(act(observation));
        total += result.reward;
        observation = result.observation;
        over = result.terminated || result.truncated;
      }
    }
    return total;
  };
  env.actionSpace.seed(1);
  const chance = play(() => env.actionSpace.sample());
  for (const create of Object.values(TemplateEnv.baselines)) {
    const scripted = play(create() as (observation: unknown) => unknown);
    assert.ok(scripted > chance, `${scripted} against ${chance}`);
  }
});
