// Episodes of the toy-text envs as pages and with kwargs of their own; that all of them verify is tested for the registry.
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { generateRandomMap } from '../../envs/frozen-lake/maps.js';
import type { Json } from '../../src/core/json.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { readEpisodes, recordEpisodes, verifyEpisodes } from '../../src/episode/index.js';
import { makeFromSpec, spec } from '../../src/registration/index.js';
import { renderEpisodePage } from '../../src/viewer/index.js';
import { columnsOf, observationLabels } from '../../src/viewer/page-series.js';
import { temporaryFolder } from '../support/temporary.js';

async function recorded(of: EnvSpec): Promise<string> {
  const path = join(temporaryFolder(), 'random.episode');
  const env = await makeFromSpec(of);
  env.actionSpace.seed(4);
  const policy = (): unknown => env.actionSpace.sample();
  await recordEpisodes({
    env,
    spec: of,
    policy,
    episodes: 4,
    seeds: (k) => k,
    path,
    observations: true,
    maxSteps: 150,
  });
  return path;
}

const VARIANTS: readonly [string, Record<string, Json>][] = [
  ['FrozenLake-v1', { desc: generateRandomMap({ size: 6, seed: 9 }), rewardSchedule: [10, -1, 0] }],
  ['Taxi-v4', { isRainy: true, ficklePassenger: true, fickleProbability: 1 }],
  ['CliffWalkingSlippery-v1', {}],
  ['Blackjack-v1', { natural: true, sab: false }],
];
for (const [id, kwargs] of VARIANTS) {
  test(`${id} ${JSON.stringify(kwargs)}: episodes verify, keep their observations and make a page`, async () => {
    const of = { ...spec(id), kwargs: { ...spec(id).kwargs, ...kwargs } };
    const path = await recorded(of);
    const { ok, steps } = await verifyEpisodes(path);
    assert.ok(ok && steps >= 4);
    const file = await readEpisodes(path);
    assert.equal(file.header.spec.kwargs, of.kwargs);
    for (const { observations, steps: length } of file.episodes) {
      assert.is(observations?.length, length + 1);
      assert.is(file.observationSpace.explain(observations!.at(length)), null);
    }
    const members = Array.from({ length: file.episodes[0]!.steps + 1 }, (_, k) =>
      file.episodes[0]!.observations!.at(k),
    );
    const fields = file.header.metadata.fields!.observation;
    const labels = observationLabels(file.observationSpace, file.header.metadata.fields, members[0]);
    assert.is(labels.length, fields.length, 'the page plots every number of the observation');
    columnsOf(file.observationSpace, labels.length, members).forEach((values, n) => {
      assert.is(labels[n]!.about, fields[n]!.about);
      assert.equal(
        values,
        members.map((member) => (Array.isArray(member) ? member[n] : member)),
      );
    });
    assert.match(await renderEpisodePage(path), /<\/html>/);
  });
}

test.run();
