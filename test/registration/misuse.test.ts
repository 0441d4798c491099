// Bad input to register, spec, make, resolveEnv: each row says what comes out of it.
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Env, type ResetResult, type StepResult } from '../../src/core/env.js';
import {
  constructEnv,
  type MakeOptions,
  make,
  makeFromSpec,
  type Registration,
  register,
  registry,
  resolveEnv,
  spec,
} from '../../src/registration/index.js';
import { Box, Discrete } from '../../src/spaces/index.js';
import { type ExpectedError, rejectsWith, throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';
import { writeFiles } from './layouts.js';

class Plain extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-1, 1);
  readonly actionSpace = new Discrete(2);
  override reset(): ResetResult<Float32Array> {
    super.reset();
    return { observation: new Float32Array(1), info: {} };
  }
  step(): StepResult<Float32Array> {
    return { observation: new Float32Array(1), reward: 0, terminated: false, truncated: false, info: {} };
  }
}
class Bumpy extends Plain {
  constructor() {
    super();
    throw new RangeError('no wheels');
  }
}

/** Values that the types would refuse. */
const untyped = <T>(value: unknown): T => value as T;

const IDS: readonly [unknown, ExpectedError][] = [
  [
    'CartPol-v1',
    { code: 'ENV_NOT_FOUND', says: ["there is no environment 'CartPol-v1'", "Did you mean 'CartPole-v1'?"] },
  ],
  ['cartpole-v1', { code: 'ENV_NOT_FOUND', says: ["Did you mean 'CartPole-v1'?"] }],
  ['CartPole-v0', { code: 'ENV_NOT_FOUND', says: ["'CartPole' exists as 'CartPole-v1'."] }],
  ['MountainCarContinous-v0', { code: 'ENV_NOT_FOUND', says: ["Did you mean 'MountainCarContinuous-v0'?"] }],
  ['Zzzzzz-v3', { code: 'ENV_NOT_FOUND', says: ['There are: CartPole-v1, MountainCar-v0', 'gymkhana list'] }],
  ['CartPole', { code: 'INVALID_ENV_ID', says: ["'CartPole' is not an environment id", "'CartPole-v1'"] }],
  ['CartPole-v', { code: 'INVALID_ENV_ID' }],
  ['CartPole v1', { code: 'INVALID_ENV_ID' }],
  ['a/b/CartPole-v1', { code: 'INVALID_ENV_ID' }],
  ['', { code: 'INVALID_ENV_ID' }],
  [undefined, { code: 'INVALID_ENV_ID', says: ['undefined is not an environment id'] }],
  [null, { code: 'INVALID_ENV_ID', says: ['null is not'] }],
  [1, { code: 'INVALID_ENV_ID' }],
];
for (const [id, expected] of IDS) {
  test(`spec and make of ${JSON.stringify(id)}: ${expected.code}`, async () => {
    throwsError(() => spec(untyped(id)), { kind: 'usage', ...expected });
    await rejectsWith(() => make(untyped<string>(id)), { kind: 'usage', ...expected });
    if (typeof id === 'string') await rejectsWith(() => resolveEnv(id, { cwd: '.' }), { kind: 'usage', ...expected });
  });
}

const here = import.meta.url;
const REGISTRATIONS: readonly [object, ExpectedError][] = [
  [{ id: 'no version' }, { code: 'INVALID_ENV_ID', says: ["'no version'", 'a name'] }],
  [{ entryPoint: undefined }, { code: 'INVALID_ENTRY_POINT', says: ["a class or 'module:Export', got undefined"] }],
  [{ entryPoint: 'NoColon' }, { code: 'INVALID_ENTRY_POINT', says: ["got 'NoColon'"] }],
  [{ entryPoint: './file.js:' }, { code: 'INVALID_ENTRY_POINT' }],
  [{ entryPoint: './file.js:Env' }, { code: 'INVALID_ENTRY_POINT', says: ['relative', 'moduleUrl: import.meta.url'] }],
  [{ entryPoint: 'no-such-package:Env' }, { code: 'MODULE_NOT_FOUND', says: ["no package 'no-such-package'"] }],
  [
    { moduleUrl: 'walk.ts' },
    { code: 'INVALID_MODULE_URL', says: ["must be import.meta.url, a file: URL, got 'walk.ts'"] },
  ],
  [{ moduleUrl: 'https://example.org/a.js' }, { code: 'INVALID_MODULE_URL' }],
  [
    { maxEpisodeSteps: 0 },
    { code: 'INVALID_OPTION', says: ['maxEpisodeSteps must be a whole number above 0', 'got 0'] },
  ],
  [{ maxEpisodeSteps: 1.5 }, { code: 'INVALID_OPTION' }],
  [{ rewardThreshold: Number.NaN }, { code: 'INVALID_OPTION', says: ['rewardThreshold'] }],
  [{ nondeterministic: 'yes' }, { code: 'INVALID_OPTION', says: ['nondeterministic'] }],
  [{ kwargs: { size: Number.POSITIVE_INFINITY } }, { code: 'INVALID_OPTION', says: ["'size' is Infinity"] }],
  [{ kwargs: { on: () => 1 } }, { code: 'INVALID_OPTION', says: ["plain JSON, but 'on' is a function"] }],
  [{ kwargs: { at: new Float32Array(1) } }, { code: 'INVALID_OPTION', says: ["'at' is a Float32Array"] }],
  [{ maxSteps: 3 }, { code: 'INVALID_OPTION', says: ["there is no option 'maxSteps'"] }],
  [{ maxEpisodeStep: 3 }, { code: 'INVALID_OPTION', says: ["Did you mean 'maxEpisodeSteps'?"] }],
];
for (const [change, expected] of REGISTRATIONS) {
  test(`register ${Object.entries(change).map(([name, value]) => `${name}: ${String(value)}`)}: ${expected.code}`, () => {
    const registration = { id: 'Bad-v0', entryPoint: Plain, ...change } as Registration;
    throwsError(() => register(registration), { kind: 'usage', ...expected });
    assert.not(registry.has('Bad-v0'));
  });
}

const OPTIONS: readonly [string, unknown, ExpectedError][] = [
  [
    'CartPole-v1',
    { suttonBarto: true },
    { code: 'UNKNOWN_ENV_OPTION', says: ['CartPole', "'suttonBarto'", 'suttonBartoReward'] },
  ],
  [
    'CartPole-v1',
    { suttonBartoReward: 1 },
    { code: 'INVALID_ENV_OPTION', says: ["'suttonBartoReward' must be true or false, got 1"] },
  ],
  ['Acrobot-v1', { speed: 1 }, { code: 'UNKNOWN_ENV_OPTION', says: ['It takes none.'] }],
  ['Pendulum-v1', { G: 9 }, { code: 'UNKNOWN_ENV_OPTION', says: ["Did you mean 'g'?"] }],
  ['Pendulum-v1', { g: '9' }, { code: 'INVALID_ENV_OPTION', says: ['must be a number from -1000 to 1000, got "9"'] }],
  ['Pendulum-v1', { g: 1e9 }, { code: 'INVALID_ENV_OPTION', says: ['got 1000000000'] }],
  ['Pendulum-v1', { g: Number.NaN }, { code: 'INVALID_ENV_OPTION', says: ["plain JSON, but 'g' is NaN"] }],
  ['Pendulum-v1', { g: null }, { code: 'INVALID_ENV_OPTION', says: ['got null'] }],
  ['Driving-v0', { split: 'trian' }, { code: 'INVALID_ENV_OPTION', says: ["one of 'train', 'test'", 'got "trian"'] }],
  ['Driving-v0', { rays: 3.5 }, { code: 'INVALID_ENV_OPTION', says: ['a whole number from 1 to 64'] }],
  ['Driving-v0', { grip: [2, 1] }, { code: 'INVALID_ENV_OPTION', says: ['low <= high', 'got [2,1]'] }],
  ['CartPole-v1', { maxEpisodeSteps: 0 }, { code: 'INVALID_OPTION', says: ['maxEpisodeSteps'] }],
  ['CartPole-v1', { maxEpisodeSteps: '9' }, { code: 'INVALID_OPTION' }],
  [
    'CartPole-v1',
    { renderMode: 'human' },
    { code: 'INVALID_RENDER_MODE', says: ["no render mode 'human'. It has: scene, rgb_array."] },
  ],
  ['CartPole-v1', 3, { code: 'INVALID_OPTION', says: ["make('CartPole-v1', { ... })"] }],
];
for (const [id, options, expected] of OPTIONS) {
  test(`make('${id}', ${JSON.stringify(options)}): ${expected.code}`, async () => {
    await rejectsWith(() => make(id, options as MakeOptions), { kind: 'usage', ...expected });
  });
}

test('specs that nothing can be built from', async () => {
  const base = spec('CartPole-v1');
  const table: readonly [object, ExpectedError][] = [
    [
      { id: 'Gone-v0', exportName: null, moduleUrl: null },
      { code: 'ENV_NOT_FOUND', says: ['not registered in this thread'] },
    ],
    [
      { id: 'Gone-v0', exportName: null },
      { code: 'ENV_NOT_FOUND', says: ["did not register 'Gone-v0'"] },
    ],
    [{ exportName: 'CartPol' }, { code: 'EXPORT_NOT_FOUND', says: ['It exports: CartPoleEnv.'] }],
    [
      { moduleUrl: 'gymkhana:envs/gone/gone.js' },
      { code: 'MODULE_LOAD_FAILED', says: ['has no module gymkhana:envs/gone/gone.js'] },
    ],
    [
      { moduleUrl: 'gymkhana:envs/index.js', exportName: 'x' },
      { code: 'EXPORT_NOT_FOUND', says: ['It exports: nothing.'] },
    ],
    [{ moduleUrl: 'https://example.org/a.js' }, { code: 'INVALID_MODULE_URL' }],
    [{ moduleUrl: pathToFileURL('/no/such/file.ts').href }, { code: 'MODULE_NOT_FOUND', says: ['there is no file'] }],
    [{ moduleUrl: null }, { code: 'INVALID_OPTION', says: ['exportName but no moduleUrl'] }],
  ];
  for (const [change, expected] of table) await rejectsWith(() => makeFromSpec({ ...base, ...change }), expected);
});

test('an env whose constructor throws is named', async () => {
  register({ id: 'Bumpy-v0', entryPoint: Bumpy });
  await rejectsWith(() => make('Bumpy-v0'), {
    code: 'ENV_CONSTRUCTOR_FAILED',
    kind: 'failure',
    says: ['Bumpy-v0 could not be built: RangeError: no wheels'],
  });
});

const REFERENCES: readonly [string, ExpectedError][] = [
  ['./nothing.ts:Env', { code: 'MODULE_NOT_FOUND', says: ['there is no file', 'nothing.ts'] }],
  ['nothing.ts:Env', { code: 'MODULE_NOT_FOUND', says: ['there is no file'] }],
  ['./folder:Env', { code: 'MODULE_NOT_FOUND', says: ['is not a file'] }],
  [
    'no-such-package:Env',
    { code: 'MODULE_NOT_FOUND', says: ["no package 'no-such-package' was found", './no-such-package.ts:EnvId'] },
  ],
  ['./there.ts', { code: 'INVALID_ENV_ID', says: ["'./there.ts' does not say which env", "Write './there.ts:EnvId'"] }],
  ['./there.ts:', { code: 'INVALID_ENV_ID', says: ["Write './there.ts:EnvId'"] }],
  ['./there.ts:no name', { code: 'INVALID_ENV_ID' }],
  [
    './there.ts:Missing',
    {
      code: 'EXPORT_NOT_FOUND',
      says: ["neither registers nor exports 'Missing'", 'Twice, x', 'It registers: There-v0.'],
    },
  ],
  ['./there.ts:CartPole-v1', { code: 'EXPORT_NOT_FOUND', says: ['There-v0'] }],
  ['./there.ts:x', { code: 'NOT_AN_ENV', says: ["'x' of file:", 'extends Env'] }],
];
for (const [reference, expected] of REFERENCES) {
  test(`resolveEnv('${reference}'): ${expected.code}`, async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, {
      'folder/x.txt': '',
      'there.ts':
        "import { Env, register } from 'gymkhana';\nexport const x = 1;\nexport class Twice extends Env { step(): never { throw 1; } }\nregister({ id: 'There-v0', entryPoint: Twice, moduleUrl: import.meta.url });\n",
    });
    await rejectsWith(() => resolveEnv(reference, { cwd }), { kind: 'usage', ...expected });
  });
}

test('registering again replaces; entry points may be relative to moduleUrl', async () => {
  register({ id: 'Mine-v0', entryPoint: Plain, maxEpisodeSteps: 3 });
  assert.is((await make('Mine-v0')).spec?.maxEpisodeSteps, 3);
  register({ id: 'Mine-v0', entryPoint: '../../envs/cartpole/cartpole.js:CartPoleEnv', moduleUrl: here });
  const found = spec('Mine-v0');
  assert.is(found.moduleUrl, new URL('../../envs/cartpole/cartpole.js', here).href);
  assert.equal([found.exportName, found.maxEpisodeSteps], ['CartPoleEnv', null]);
  assert.is((await constructEnv(found)).actionSpace.type, 'Discrete');
});

test.run();
