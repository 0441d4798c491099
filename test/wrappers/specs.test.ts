// Wrappers in specs: built again from JSON, in files and in worker threads.
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Env,
  engineLimit,
  evaluateController,
  evaluatePolicy,
  type JsonObject,
  make,
  makeFromSpec,
  makeVec,
  NormalizeObservation,
  Policy,
  RecordReplay,
  RepeatAction,
  RewardWrapper,
  randomController,
  readEpisodes,
  register,
  registry,
  restoreWrapperStates,
  StickyAction,
  spec as specOf,
  TimeLimit,
  TransformReward,
  verifyEpisodes,
  wrapperStates,
} from '../../src/index.js';
import { rejectsWith, throwsError } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';
import { temporaryFolder } from '../support/temporary.js';

const fixture = (path: string): string => join(projectRoot, 'test', 'fixtures', path);

type Spec = NonNullable<Env['spec']>;
const overJson = (spec: Spec): Spec => JSON.parse(JSON.stringify(spec)) as Spec;

function play(env: Env, steps: number): unknown[] {
  const rows: unknown[] = [env.reset({ seed: 5 }).observation];
  for (let k = 0; k < steps; k++) {
    const { observation, reward, terminated, truncated } = env.step(k % 3 === 0 ? 1 : 0);
    rows.push([observation, reward, terminated, truncated]);
    if (terminated || truncated) rows.push(env.reset().observation);
  }
  return rows;
}

test('wrapping by hand writes the spec that builds the same stack again', async () => {
  const byHand = new NormalizeObservation(
    new RepeatAction(new StickyAction(await make('CartPole-v1'), { repeatActionProbability: 0.25 }), { numRepeats: 2 }),
  );
  const spec = byHand.spec!;
  assert.equal(spec.wrappers, [
    { name: 'StickyAction', moduleUrl: null, kwargs: { repeatActionProbability: 0.25 } },
    { name: 'RepeatAction', moduleUrl: null, kwargs: { numRepeats: 2 } },
    { name: 'NormalizeObservation', moduleUrl: null, kwargs: {} },
  ]);
  const rebuilt = await makeFromSpec(overJson(spec));
  assert.equal(play(rebuilt, 200), play(byHand as unknown as Env, 200));
  assert.equal(rebuilt.spec, spec);
});

test('register, make and makeVec take wrappers', async () => {
  register({
    ...registrationOf('CartPole-v1'),
    id: 'WrappedPole-v0',
    wrappers: [{ name: 'RepeatAction', kwargs: { numRepeats: 3 } }],
  });
  const env = await make('WrappedPole-v0', { maxEpisodeSteps: 6, wrappers: ['NormalizeObservation'] });
  assert.equal(
    env.spec!.wrappers!.map(({ name }) => name),
    ['RepeatAction', 'NormalizeObservation'],
  );
  assert.is(engineLimit(env.spec!), null);
  env.reset({ seed: 1 });
  assert.is(env.step(0).truncated, false);
  assert.is(env.step(1).truncated, true, 'the limit counts steps of the env, inside the wrappers');
  const vector = await makeVec('CartPole-v1', { numEnvs: 2, wrappers: ['NormalizeObservation'] });
  const single = await make('CartPole-v1', { wrappers: ['NormalizeObservation'] });
  const rows = Array.from(vector.reset({ seed: 9 }).observations as Float32Array);
  assert.equal(rows.slice(0, 4), Array.from(single.reset({ seed: 9 }).observation));
});

function registrationOf(id: string): { id: string; entryPoint: string; maxEpisodeSteps: number | null } {
  const { moduleUrl, exportName, maxEpisodeSteps } = specOf(id);
  return { id, entryPoint: `${moduleUrl}:${exportName}`, maxEpisodeSteps };
}

test('a wrapper of a user: by module and export', async () => {
  const name = `${fixture('envs/half-reward.ts')}:HalfReward`;
  const env = await make('CartPole-v1', { wrappers: [{ name, kwargs: { factor: 0.25 } }] });
  env.reset({ seed: 1 });
  assert.is(env.step(0).reward, 0.25);
  const again = await makeFromSpec(overJson(env.spec!));
  again.reset({ seed: 1 });
  assert.is(again.step(0).reward, 0.25);
});

test('an episode from the middle of a run verifies, with the statistics that its wrapper carried in', async () => {
  const path = join(temporaryFolder(), 'run.gymkhana');
  const env = new RecordReplay(await make('CartPole-v1', { wrappers: ['NormalizeObservation', 'NormalizeReward'] }), {
    path,
    episodeTrigger: (episode) => episode >= 2,
  });
  play(env as unknown as Env, 150);
  env.close();
  const file = await readEpisodes(path);
  assert.equal(
    file.episodes[0]!.wrappers!.map(({ wrapper }) => wrapper),
    ['NormalizeReward', 'NormalizeObservation'],
  );
  const verdict = await verifyEpisodes(path);
  assert.is(verdict.ok, true);
  assert.ok(verdict.episodes.length > 1);
});

test('a wrapped env trains to the same bits over 1, 2 and 4 workers', async () => {
  const half = `${fixture('envs/half-reward.ts')}:HalfReward`;
  const { spec } = await make('CartPole-v1', { maxEpisodeSteps: 30, wrappers: ['NormalizeObservation', half] });
  const hashes: string[] = [];
  for (const workers of [1, 2, 4]) {
    const ppo = await startPpo(overJson(spec!), { numEnvs: 32, numSteps: 32, totalSteps: 4096 }, workers);
    for (let k = 0; k < 2; k++) await ppo.iterate();
    hashes.push(stateHash(ppo));
    await ppo.close();
  }
  assert.equal(hashes, [hashes[0], hashes[0], hashes[0]]);
});

test('states go from one stack to an equal one only', async () => {
  const [one, two] = [await make('CartPole-v1', { wrappers: ['NormalizeObservation'] }), await make('CartPole-v1')];
  const same = await make('CartPole-v1', { wrappers: ['NormalizeObservation'] });
  play(one as unknown as Env, 40);
  restoreWrapperStates(same as Env, wrapperStates(one as Env)!);
  assert.equal(wrapperStates(same as Env), wrapperStates(one as Env));
  assert.is(wrapperStates(two as Env), null);
  throwsError(() => restoreWrapperStates(two as Env, wrapperStates(one as Env)!), {
    code: 'INVALID_WRAPPER_STATE',
    says: ['NormalizeObservation', 'none'],
  });
});

test('an evaluation of a wrapped env counts the limit once', async () => {
  const { spec } = await make('Pendulum-v1', {
    maxEpisodeSteps: 12,
    wrappers: [{ name: 'RepeatAction', kwargs: { numRepeats: 4 } }],
  });
  const result = await evaluateController(randomController, { spec: spec!, episodes: 2, seed: 1 });
  assert.is(result.meanLength, 3);
});

test('attributes are found through the stack', async () => {
  const env = new TimeLimit(new RepeatAction(await make('CartPole-v1'), { numRepeats: 2 }), { maxEpisodeSteps: 5 });
  assert.is(env.getWrapperAttr('numRepeats'), 2);
  assert.is(env.hasWrapperAttr('wings'), false);
  env.setWrapperAttr('numRepeats', 3);
  assert.is(env.getWrapperAttr('numRepeats'), 3);
  throwsError(() => env.getWrapperAttr('wings'), { code: 'ATTRIBUTE_NOT_FOUND', says: ['wings'] });
});

class Mine<Obs, Act> extends RewardWrapper<Obs, Act> {
  override reward(reward: number): number {
    return -reward;
  }
}

test('what cannot be built again says so when it is sent away', async () => {
  const lambda = new TransformReward(await make('CartPole-v1'), { func: (reward) => 2 * reward });
  assert.is(lambda.reset({ seed: 1 }) !== null && lambda.step(0).reward, 2);
  await rejectsWith(() => makeFromSpec(lambda.spec!), {
    code: 'WRAPPER_NOT_PORTABLE',
    says: ['func', 'export a class'],
  });
  const mine = new Mine(await make('CartPole-v1'));
  await rejectsWith(() => makeFromSpec(overJson(mine.spec!)), {
    code: 'WRAPPER_NOT_PORTABLE',
    says: ['Mine', 'registerWrapper'],
  });
  const path = join(temporaryFolder(), 'never.gymkhana');
  throwsError(() => new RecordReplay(lambda, { path }), { code: 'WRAPPER_NOT_PORTABLE' });
});

test('misuse of wrappers in specs', async () => {
  const wrapped = (...wrappers: unknown[]) => make('CartPole-v1', { wrappers: wrappers as string[] });
  await rejectsWith(() => wrapped('NormaliseObservation'), {
    code: 'WRAPPER_NOT_FOUND',
    kind: 'usage',
    says: ["Did you mean 'NormalizeObservation'?"],
  });
  await rejectsWith(() => wrapped({ name: 'RepeatAction', kwargs: { numRepeat: 2 } }), {
    code: 'UNKNOWN_WRAPPER_OPTION',
    says: ["'numRepeats'"],
  });
  await rejectsWith(() => wrapped({ name: 'TransformReward', kwargs: { func: Math.abs } }), {
    code: 'INVALID_WRAPPER_OPTION',
    says: ['plain JSON', 'module:Export'],
  });
  await rejectsWith(() => wrapped(7), { code: 'INVALID_OPTION', says: ['name'] });
  await rejectsWith(() => make('CartPole-v1', { wrappers: 'ClipReward' as never }), {
    code: 'INVALID_OPTION',
    says: ['list'],
  });
  const module = fixture('envs/half-reward.ts');
  await rejectsWith(() => wrapped(`${module}:HalfRewards`), {
    code: 'WRAPPER_NOT_FOUND',
    says: ["Did you mean 'HalfReward'?"],
  });
  await rejectsWith(() => wrapped(`${module}:notAWrapper`), { code: 'NOT_A_WRAPPER' });
});

test('misuse of each wrapper', async () => {
  const table: readonly (readonly [string, string, JsonObject, string, string])[] = [
    ['CartPole-v1', 'TimeLimit', { maxEpisodeSteps: 0 }, 'INVALID_OPTION', 'above 0'],
    ['CartPole-v1', 'Autoreset', { x: 1 }, 'UNKNOWN_WRAPPER_OPTION', 'takes none'],
    ['CartPole-v1', 'PassiveEnvChecker', { x: 1 }, 'UNKNOWN_WRAPPER_OPTION', 'takes none'],
    ['CartPole-v1', 'RecordEpisodeStatistics', { bufferLength: -1 }, 'INVALID_WRAPPER_OPTION', 'bufferLength'],
    ['CartPole-v1', 'NormalizeObservation', { epsilon: 0 }, 'INVALID_WRAPPER_OPTION', 'epsilon'],
    ['CartPole-v1', 'NormalizeReward', { gamma: 1.5 }, 'INVALID_WRAPPER_OPTION', 'gamma'],
    ['CartPole-v1', 'FilterObservation', { filterKeys: ['a'] }, 'INVALID_WRAPPER_SPACE', 'Dict or Tuple'],
    ['CartPole-v1', 'FlattenObservation', { flat: true }, 'UNKNOWN_WRAPPER_OPTION', 'takes none'],
    ['CartPole-v1', 'FrameStackObservation', { stackSize: 0 }, 'INVALID_WRAPPER_OPTION', 'stackSize'],
    [
      'CartPole-v1',
      'FrameStackObservation',
      { stackSize: 2, paddingType: 'zeros' },
      'INVALID_WRAPPER_OPTION',
      'paddingType',
    ],
    ['CartPole-v1', 'DelayObservation', { delay: -1 }, 'INVALID_WRAPPER_OPTION', 'delay'],
    ['CartPole-v1', 'TimeAwareObservation', { flatten: 1 }, 'INVALID_WRAPPER_OPTION', 'true or false'],
    ['CartPole-v1', 'RescaleObservation', { minObs: 0, maxObs: 1 }, 'INVALID_WRAPPER_OPTION', 'infinite bound'],
    ['Pendulum-v1', 'RescaleObservation', { minObs: 2, maxObs: 1 }, 'INVALID_WRAPPER_OPTION', 'must not be above'],
    ['CartPole-v1', 'ReshapeObservation', { shape: [3] }, 'INVALID_WRAPPER_OPTION', 'product is 4'],
    ['CartPole-v1', 'GrayscaleObservation', {}, 'INVALID_WRAPPER_SPACE', 'a uint8 Box'],
    ['CarRacing-v3', 'GrayscaleObservation', { keepDim: 1 }, 'INVALID_WRAPPER_OPTION', 'true or false'],
    ['CarRacing-lidar-v3', 'ResizeObservation', { shape: [2, 2] }, 'INVALID_WRAPPER_SPACE', 'a uint8 Box'],
    ['CarRacing-v3', 'ResizeObservation', { shape: [84, 84.5] }, 'INVALID_WRAPPER_OPTION', 'two whole numbers'],
    ['CartPole-v1', 'DtypeObservation', { dtype: 'float16' }, 'INVALID_WRAPPER_OPTION', 'float32'],
    ['CartPole-v1', 'DiscretizeObservation', { bins: 3 }, 'INVALID_WRAPPER_SPACE', 'finite bounds'],
    ['CartPole-v1', 'ClipAction', {}, 'INVALID_WRAPPER_SPACE', 'a Box'],
    ['CartPole-v1', 'RescaleAction', { minAction: 0, maxAction: 1 }, 'INVALID_WRAPPER_SPACE', 'a Box'],
    ['Pendulum-v1', 'DiscretizeAction', { bins: [2, 2] }, 'INVALID_WRAPPER_OPTION', 'bins'],
    ['CartPole-v1', 'StickyAction', { repeatActionProbability: 1 }, 'INVALID_WRAPPER_OPTION', 'below 1'],
    ['CartPole-v1', 'RepeatAction', { numRepeats: 0.5 }, 'INVALID_WRAPPER_OPTION', 'whole number from 1'],
    ['CartPole-v1', 'ClipReward', {}, 'INVALID_WRAPPER_OPTION', 'minReward or maxReward'],
    ['CartPole-v1', 'TransformReward', { func: 1 }, 'INVALID_WRAPPER_OPTION', 'a function'],
    ['CartPole-v1', 'TransformAction', { func: 1 }, 'INVALID_WRAPPER_OPTION', 'a function'],
    ['CartPole-v1', 'TransformObservation', { func: 1 }, 'INVALID_WRAPPER_OPTION', 'a function'],
    ['CartPole-v1', 'MaxAndSkipObservation', { skip: 1 }, 'INVALID_WRAPPER_OPTION', 'from 2'],
    ['CartPole-v1', 'RenderCollection', { popFrames: 'no' }, 'INVALID_WRAPPER_OPTION', 'popFrames'],
  ];
  for (const [id, name, kwargs, code, says] of table) {
    await rejectsWith(() => make(id, { wrappers: [{ name, kwargs }] }), {
      code,
      kind: 'usage',
      says: [name === 'TimeLimit' ? says : name, says],
    });
  }
  assert.ok(registry.has('CartPole-v1'));
});

test('evaluation does not depend on how many episodes go beside each other, with statistics in the spec', async () => {
  const spec = { ...specOf('Pendulum-v1'), wrappers: [{ name: 'NormalizeObservation', moduleUrl: null, kwargs: {} }] };
  const swing = () => (observation: unknown) => Float32Array.of((observation as Float32Array)[2]! > 0 ? 2 : -2);
  const few = await evaluateController(swing, { spec, episodes: 2, seed: 3 });
  const many = await evaluateController(swing, { spec, episodes: 5, seed: 3 });
  assert.equal(many.returns.slice(0, 2), few.returns);
  const ppo = await startPpo(spec, { numEnvs: 4, numSteps: 8, totalSteps: 32 }, 1);
  const env = await makeFromSpec(spec);
  const policy = await Policy.create(ppo.weights(), { observation: env.observationSpace, action: env.actionSpace });
  await ppo.close();
  const alone = await evaluatePolicy(policy, { spec, episodes: 3, seed: 3 });
  const beside = await evaluatePolicy(policy, { spec, episodes: 70, seed: 3 });
  assert.equal(beside.returns.slice(0, 3), alone.returns);
});

test.run();
