/** Vector envs over composite spaces: one array a key, lists where a space has no array form. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveEnv } from '../../src/registration/index.js';
import { makeVec, type VectorEnv } from '../../src/vector/index.js';
import { throwsError } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';

const spec = async (name: string) => await resolveEnv(`./test/fixtures/envs/${name}`, { cwd: projectRoot });

test('Dict observations are one array a key, text a list; sync and async are equal over 1, 2 and 3 workers', async () => {
  const options = { numEnvs: 3, maxEpisodeSteps: 7 };
  const play = (env: VectorEnv): unknown[] => {
    env.actionSpace.seed(4);
    const rows: unknown[] = [env.reset({ seed: 9 })];
    for (let t = 0; t < 20; t++) rows.push(env.step(env.actionSpace.sample() as never));
    return rows;
  };
  const composite = await spec('composite.ts:Composite');
  const sync = (await makeVec(composite, options)) as VectorEnv;
  const { observations } = sync.reset({ seed: 9 }) as { observations: Record<string, unknown> };
  assert.equal(observations['at'], new Float32Array(6));
  assert.equal(observations['say'], ['', '', '']);
  const pair = observations['pair'] as [Int32Array, Float32Array];
  assert.equal(pair[0], new Int32Array(3));
  assert.is(pair[1].length, 3);
  const expected = play(sync);
  for (const numWorkers of [1, 2, 3]) {
    const env = (await makeVec(composite, { ...options, vectorizationMode: 'async', numWorkers })) as VectorEnv;
    assert.equal(play(env), expected, `${numWorkers} workers`);
    env.close();
  }
});

test('lists and batches of composite actions give the same; a wrong one names its env and place', async () => {
  const composite = await spec('composite.ts:Composite');
  const [one, two] = [await makeVec(composite, { numEnvs: 2 }), await makeVec(composite, { numEnvs: 2 })];
  one.reset({ seed: 1 });
  two.reset({ seed: 1 });
  const list = [
    [1, 'x'],
    [2, 'yx'],
  ];
  assert.equal(one.step(list as never), two.step([Int32Array.of(1, 2), ['x', 'yx']] as never));
  throwsError(
    () =>
      one.step([
        [1, 'x'],
        [2, 'z'],
      ] as never),
    { code: 'INVALID_ACTION', says: ['env 1', 'element 1', '"z"'] },
  );
  throwsError(() => one.step(3 as never), { code: 'INVALID_ACTION', says: ['a list of 2 actions'] });
});

test('MultiDiscrete and MultiBinary actions of a Dict env are rows', async () => {
  for (const kind of ['discrete', 'binary']) {
    const choices = {
      ...(await spec('composite.ts:Composite')),
      id: 'Choices-v0',
      moduleUrl: new URL('../fixtures/envs/choices.js', import.meta.url).href,
      exportName: 'ChoicesEnv',
      kwargs: { kind },
    };
    const env = await makeVec(choices, { numEnvs: 4 });
    env.actionSpace.seed(1);
    const { observations } = env.reset({ seed: 1 }) as { observations: { show: Int32Array; bit: Float32Array } };
    assert.is(observations.show.length, 4);
    assert.ok(observations.show.every((value) => value >= 5 && value < 8));
    for (let t = 0; t < 20; t++) assert.is(env.step(env.actionSpace.sample() as never).rewards.length, 4);
  }
});

test('the last observation of an episode is whole', async () => {
  const env = await makeVec(await spec('composite.ts:Composite'), { numEnvs: 2, maxEpisodeSteps: 2 });
  env.reset({ seed: 1 });
  const actions = [
    [0, 'x'],
    [1, 'y'],
  ] as never;
  env.step(actions);
  const { infos, truncations } = env.step(actions);
  assert.equal([...truncations], [1, 1]);
  const [first, second] = infos.finalObs as { say: string; at: Float32Array; pair: unknown[] }[];
  assert.equal([first!.say, second!.say], ['aa', 'bb']);
  assert.is(first!.at.length, 2);
  assert.is(first!.pair[0], 2);
});

test.run();
