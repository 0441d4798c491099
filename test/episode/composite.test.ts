import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recordEpisodes, verifyEpisodes } from '../../src/episode/index.js';
import { makeFromSpec, resolveEnv } from '../../src/registration/index.js';
import { rejectsWith } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const reference = './test/fixtures/envs/composite.ts:Composite';

async function record(path: string, observations: boolean) {
  const spec = await resolveEnv(reference, { cwd: projectRoot });
  const env = await makeFromSpec(spec);
  env.actionSpace.seed(2);
  const policy = (): unknown => env.actionSpace.sample();
  await recordEpisodes({ env, spec, policy, episodes: 3, seeds: (episode) => episode, path, observations });
}

test('episodes of Dict and Text observations and Tuple actions are verified bit for bit', async () => {
  for (const observations of [false, true]) {
    const path = join(temporaryFolder(), 'a.episode');
    await record(path, observations);
    const { ok, steps, episodes } = await verifyEpisodes(path);
    assert.ok(ok, JSON.stringify(episodes));
    assert.is(steps, 60);
  }
});

test('a byte that changed in the actions is found', async () => {
  const path = join(temporaryFolder(), 'b.episode');
  await record(path, false);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('ACTS');
  bytes[at + 8] = bytes[at + 8]! ^ 1;
  writeFileSync(path, bytes);
  await rejectsWith(() => verifyEpisodes(path), { code: 'EPISODE_CORRUPT' });
});

test('what make hands out are copies, at every depth', async () => {
  const env = await makeFromSpec(await resolveEnv(reference, { cwd: projectRoot }));
  env.actionSpace.seed(1);
  const { observation } = env.reset({ seed: 1 });
  const before = JSON.stringify(env.observationSpace.valueToJSON(observation));
  const first = env.step(env.actionSpace.sample()).observation as { at: Float32Array };
  const second = env.step(env.actionSpace.sample()).observation as { at: Float32Array };
  assert.is(JSON.stringify(env.observationSpace.valueToJSON(observation)), before);
  assert.is.not(first.at, second.at);
  assert.is.not(first.at.buffer, second.at.buffer);
});

test.run();
