// Every built-in env passes; every fault of a table is found by the check that should, with its cause and its fix.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { checkEnv } from '../../src/check/check-env.js';
import { type CheckResult, Findings } from '../../src/check/report.js';
import { checkSpace } from '../../src/check/spaces.js';
import { Env } from '../../src/core/env.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { make, registry, spec } from '../../src/registration/index.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { rejectsWith } from '../support/misuse.js';

const moduleUrl = new URL('../fixtures/envs/check-faults.js', import.meta.url).href;
const faulty = (exportName: string, change: Partial<EnvSpec> = {}): EnvSpec => ({
  id: exportName,
  moduleUrl,
  exportName,
  maxEpisodeSteps: null,
  rewardThreshold: null,
  nondeterministic: false,
  kwargs: {},
  ...change,
});

/** Warnings that the built-in envs may have, and why. */
const EXPLAINED: Readonly<Record<string, string>> = {
  SPACE_UNBOUNDED: "Gymnasium's own bounds of velocities",
  ACTION_NOT_NORMALISED: "Gymnasium's own torque, -2 to 2",
  REWARD_CONSTANT: 'a random policy does not reach the goal',
  OBSERVATION_SATURATED: 'a walker that falls at once has nothing in the range of its farthest ray',
};
for (const { id } of registry.values()) {
  test(`${id} passes`, async () => {
    const report = await checkEnv(id);
    const told = report.results.filter(({ status }) => status === 'fail' || status === 'skip');
    assert.equal(
      told.filter(({ name }) => name !== 'observations vary'),
      [],
      id,
    );
    assert.ok(report.passed);
    for (const { status, code } of report.results) {
      // Where the clock ended the look at random steps early, on a busy machine, what varies rarely may not have varied yet.
      const early = code === 'OBSERVATION_CONSTANT' && report.steps < 2000;
      if (status === 'warn') assert.ok(early || (code !== null && code in EXPLAINED), `${id} warns of ${code}`);
    }
    assert.ok(report.steps >= 20);
    assert.ok((report.stepsPerSecond ?? 0) > 1000, `${report.stepsPerSecond} steps/s`);
    assert.ok((report.bytesPerStep ?? -1) >= 0);
    assert.ok(report.seconds < 15, `${report.seconds} s`);
    assert.equal(JSON.parse(JSON.stringify(report)), report);
  });
}

test('a faultless env of a user has neither fails nor warnings', async () => {
  const { results, passed } = await checkEnv(faulty('Sound'));
  assert.ok(passed);
  assert.equal(
    results.filter(({ status }) => status !== 'pass'),
    [],
  );
});

type Row = readonly [string, 'fail' | 'warn', string, string, string | RegExp, Partial<EnvSpec>?];
/** Class, status, check, code, what its cause, message or fix must say. */
const FAULTS: readonly Row[] = [
  ['Leaks', 'fail', 'determinism', 'STATE_LEAK', 'A field keeps its value over reset()'],
  ['Leaks', 'fail', 'state over resets', 'STATE_LEAK', 'in a fresh instance in another thread: reward'],
  ['ModuleState', 'fail', 'determinism', 'NOT_DETERMINISTIC', 'a static field'],
  ['ModuleState', 'fail', 'snapshot', 'SNAPSHOT_DIFFERS', 'is not deterministic'],
  ['UsesMathRandom', 'fail', 'randomness', 'UNSEEDED_RANDOMNESS', /Math\.random \(at .*check-faults/],
  ['UsesMathRandom', 'fail', 'seeding', 'SEED_IGNORED', 'calls Math.random'],
  ['UsesMathRandom', 'fail', 'determinism', 'NOT_DETERMINISTIC', 'this.rng.uniform'],
  ['UsesMathRandom', 'fail', 'other thread', 'THREAD_DIFFERS', 'observation'],
  ['ReadsClock', 'fail', 'randomness', 'UNSEEDED_RANDOMNESS', 'Date.now'],
  ['WrongType', 'fail', 'reset result', 'OBSERVATION_TYPE', 'Float32Array.of(...)'],
  ['GivesNaN', 'fail', 'step result', 'OBSERVATION_NAN', 'step() at step 5'],
  ['Escapes', 'fail', 'step result', 'OBSERVATION_OUTSIDE', 'Widen the bounds'],
  ['NeverEnds', 'warn', 'episodes end', 'NEVER_ENDS', 'maxEpisodeSteps: 500'],
  ['ConstantReward', 'warn', 'rewards', 'REWARD_CONSTANT', 'was 0'],
  ['ForgetsSuper', 'fail', 'reset result', 'RESET_WITHOUT_SUPER', 'super.reset(options)'],
  ['ReturnsPromise', 'fail', 'step result', 'RESULT_PROMISE', 'declared async'],
  ['MutatesAction', 'fail', 'step result', 'ACTION_MUTATED', 'clipped or scaled in place'],
  ['ThrowsLate', 'fail', 'step result', 'ENV_THROWS', /step 77 .*RangeError: no segment 77 \(at .*check-faults/],
  ['IgnoresSeed', 'fail', 'seeding', 'SEED_IGNORED', 'twice gives different observations'],
  ['OwnGenerator', 'fail', 'seeding', 'SEED_IGNORED', 'leaves the same generator'],
  ['RenderModeMissing', 'warn', 'render', 'RENDER_MODE_MISSING', "renderModes: ['scene']"],
  ['DrawsNothing', 'fail', 'render', 'RENDER_INVALID', "mode 'scene' returned null"],
  ['ConstantElement', 'warn', 'observations vary', 'OBSERVATION_CONSTANT', 'element 1'],
  ['Saturates', 'warn', 'observations vary', 'OBSERVATION_SATURATED', 'element 1'],
  ['InfoOfClass', 'fail', 'step result', 'INFO_NOT_PLAIN', 'info.rng of step() at step 1 is a Generator'],
  ['NaNReward', 'fail', 'step result', 'REWARD_INVALID', 'NaN'],
  ['NeedsOption', 'fail', 'construction', 'CONSTRUCTION_FAILED', 'every kwarg needs a default'],
  ['DoneFlag', 'fail', 'step result', 'FLAGS_INVALID', 'there is no `done`'],
  ['Tuple', 'fail', 'reset result', 'RESULT_SHAPE', "Gymnasium's tuple"],
  ['BadSnapshot', 'fail', 'snapshot', 'SNAPSHOT_DIFFERS', 'saveState() leaves out a field'],
  ['FieldsShort', 'fail', 'field table', 'FIELDS_MISMATCH', '1 rows for 2 elements'],
  ['WrongKeys', 'fail', 'keyboard', 'KEYBOARD_INVALID', "the action of 'right' is not in the action space"],
  ['OldSeed', 'warn', 'construction', 'SEED_METHOD', 'which nothing calls'],
  ['SmallImage', 'warn', 'observation space', 'IMAGE_UNUSUAL', 'it is smaller than 36 x 36 (1 x 2 x 1)'],
  ['Unbounded', 'warn', 'observation space', 'SPACE_UNBOUNDED', '2 bounds of the observation space are infinite'],
  ['Slow', 'warn', 'speed', 'STEP_SLOW', 'steps/s in one thread'],
  ['Allocates', 'warn', 'allocation', 'STEP_ALLOCATES', 'a step allocates about 3'],
  ['EndsTheThread', 'fail', 'other thread', 'THREAD_FAILED', 'TypeError: document is not defined'],
  ['Sound', 'fail', 'spec', 'SPEC_NOT_JSON', 'kwargs.reward is a function', { kwargs: { reward: (() => 1) as never } }],
  ['Sound', 'fail', 'spec', 'SPEC_NOT_JSON', 'Map', { kwargs: { track: new Map() as never } }],
];
for (const [Class, status, check, code, says, change] of FAULTS) {
  test(`${Class}: ${code} by '${check}'`, async () => {
    const { results, passed } = await checkEnv(faulty(Class, change), { seconds: 1 });
    const hit = results.find((one: CheckResult) => one.name === check && one.code === code);
    assert.ok(hit, JSON.stringify(results.filter((one) => one.status !== 'pass')));
    assert.is(hit!.status, status);
    const text = `${hit!.message} ${hit!.cause} ${hit!.fix}`;
    assert.ok(typeof says === 'string' ? text.includes(says) : says.test(text), text);
    assert.ok((hit!.cause ?? '').length > 10 && (hit!.fix ?? '').length > 10, 'a cause and a fix');
    assert.is(passed, status === 'warn');
  });
}

test('spaces that train() does not take are told', () => {
  class Odd extends Discrete {
    override readonly type = 'Text' as never;
  }
  const found = new Findings();
  checkSpace('observation space', new Odd(3), found);
  checkSpace('action space', null, found);
  assert.equal(
    found.results.map(({ status, code }) => [status, code]),
    [
      ['warn', 'SPACE_NOT_TRAINED'],
      ['fail', 'SPACE_MISSING'],
    ],
  );
});

test('a slow env is checked in bounded time', async () => {
  const { seconds, results } = await checkEnv(faulty('Slow'), { seconds: 1 });
  assert.ok(seconds < 20, `${seconds} s`);
  assert.ok(results.some(({ name, status }) => name === 'determinism' && status === 'pass'));
});

test('clocks and Math.random are as before after a check', async () => {
  const before = [Math.random, Date.now, performance.now];
  await checkEnv(faulty('UsesMathRandom'), { steps: 20 });
  assert.equal([Math.random, Date.now, performance.now], before);
});

test('what has no limit in the spec may have one there; nondeterministic envs are not compared', async () => {
  const limited = await checkEnv(faulty('NeverEnds', { maxEpisodeSteps: 100 }));
  assert.ok(!limited.results.some(({ code }) => code === 'NEVER_ENDS'));
  const { results } = await checkEnv(faulty('Leaks', { nondeterministic: true }));
  const skipped = results.filter(({ status }) => status === 'skip').map(({ name }) => name);
  assert.equal(skipped, ['seeding', 'determinism', 'other thread', 'state over resets', 'snapshot']);
});

class ByHand extends Env<Float32Array, number> {
  readonly observationSpace = new Box(0, 1, { shape: [2, 2] });
  readonly actionSpace = new Discrete(2);
  override reset(options = {}) {
    super.reset(options);
    return { observation: new Float32Array(4), info: {} };
  }
  override step(action: number) {
    return { observation: this.observationSpace.low, reward: action, terminated: true, truncated: false, info: {} };
  }
}

test('an instance is checked as far as one goes; one from make() by its spec', async () => {
  const { env, passed, results } = await checkEnv(new ByHand());
  assert.is(env, 'ByHand');
  assert.ok(passed);
  const skipped = results.filter(({ status }) => status === 'skip').map(({ name }) => name);
  assert.equal(skipped, ['other thread', 'state over resets', 'snapshot', 'close']);
  assert.ok(results.some(({ code }) => code === 'SHAPE_UNUSUAL'));
  const made = await checkEnv(await make('CartPole-v1'));
  assert.ok(made.passed && made.results.some(({ name, status }) => name === 'other thread' && status === 'pass'));
});

test('misuse', async () => {
  const table: readonly [unknown, object, string, string][] = [
    [null, {}, 'INVALID_ENV', "'CartPole-v1'"],
    [7, {}, 'INVALID_ENV', 'got 7'],
    [ByHand, {}, 'INVALID_ENV', 'the class ByHand'],
    ['Nothing-v3', {}, 'ENV_NOT_FOUND', 'Nothing'],
    ['./nowhere.ts:A', {}, 'MODULE_NOT_FOUND', 'nowhere.ts'],
    ['CartPole-v1', { steps: 0 }, 'INVALID_OPTION', 'steps'],
    ['CartPole-v1', { seed: -1 }, 'INVALID_OPTION', 'seed'],
    ['CartPole-v1', { seconds: Number.NaN }, 'INVALID_OPTION', 'seconds'],
  ];
  for (const [env, options, code, says] of table) {
    await rejectsWith(() => checkEnv(env as never, options), { code, says: [says] });
  }
  assert.is(spec('CartPole-v1').id, 'CartPole-v1');
});

test.run();
