import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LaunchInput, parseLaunch, planLaunch, readLaunch } from '../../../src/index.js';
import { parseYaml } from '../../../src/runs/launch/launch-file.js';
import { rejectsWith, throwsError } from '../../support/misuse.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder();
const plan = (launch: LaunchInput, cwd = folder) => planLaunch(parseLaunch(launch), { cwd, name: 'test' });

test('envs x settings x seeds, each run with a name and a hash of its own', async () => {
  const { runs, duplicates } = await plan({
    env: ['CartPole-v1', { id: 'Driving-v0', kwargs: { split: 'test' } }],
    seeds: 3,
    totalSteps: 1000,
    config: { learningRate: { grid: [1e-3, 3e-4] }, gamma: 0.98 },
  });
  assert.is(runs.length, 12);
  assert.is(duplicates, 0);
  assert.equal(
    runs.map(({ index }) => index),
    runs.map((_, k) => k),
  );
  assert.is(new Set(runs.map(({ hash }) => hash)).size, 12);
  assert.is(new Set(runs.map(({ name }) => name)).size, 12);
  assert.equal(
    runs.slice(0, 4).map(({ envId, seed, varied }) => [envId, seed, varied]),
    [
      ['CartPole-v1', 1, { learningRate: 1e-3 }],
      ['CartPole-v1', 2, { learningRate: 1e-3 }],
      ['CartPole-v1', 3, { learningRate: 1e-3 }],
      ['CartPole-v1', 1, { learningRate: 3e-4 }],
    ],
  );
  const last = runs.at(-1)!;
  assert.equal(last.envKwargs, { split: 'test' });
  assert.equal(last.config, { learningRate: 3e-4, gamma: 0.98, totalSteps: 1000 });
  assert.is(last.totalSteps, 1000);
  assert.match(last.name, /^Driving-v0-ppo-seed3-[0-9a-f]{12}$/);
});

test('the hash is that of the resolved configuration: not of its order, its defaults written out, or the launch around it', async () => {
  const hash = async (launch: LaunchInput): Promise<string> => (await plan(launch)).runs[0]!.hash;
  const one = await hash({ env: 'CartPole-v1', config: { gamma: 0.99, learningRate: 1e-3 }, totalSteps: 1000 });
  const same: LaunchInput[] = [
    { env: 'CartPole-v1', config: { learningRate: 1e-3, gamma: 0.99, totalSteps: 1000 } },
    { env: ['CartPole-v1'], config: { learningRate: { grid: [1e-3] }, gamma: { list: [0.99] } }, totalSteps: 1000 },
    {
      env: { id: 'CartPole-v1' },
      config: { learningRate: 1e-3, gamma: 0.99, totalSteps: 1000, clipCoef: 0.2 },
      parallel: 7,
      retries: 0,
      workers: 2,
    },
  ];
  for (const launch of same) assert.is(await hash(launch), one, JSON.stringify(launch));
  const others: LaunchInput[] = [
    { env: 'CartPole-v1', config: { gamma: 0.98, learningRate: 1e-3 }, totalSteps: 1000 },
    { env: 'CartPole-v1', config: { gamma: 0.99, learningRate: 1e-3 }, totalSteps: 1001 },
    { env: 'CartPole-v1', config: { gamma: 0.99, learningRate: 1e-3 }, totalSteps: 1000, seeds: [2] },
    { env: 'CartPole-v1', config: { gamma: 0.99, learningRate: 1e-3 }, totalSteps: 1000, evalEvery: 5 },
    { env: 'CartPole-v1', config: { gamma: 0.99, learningRate: 1e-3 }, totalSteps: 1000, backend: 'onnx' },
    { env: 'CartPole-v1', config: { gamma: 0.99, learningRate: 1e-3 }, totalSteps: 1000, targetReturn: 100 },
    {
      env: 'CartPole-v1',
      config: { gamma: 0.99, learningRate: 1e-3 },
      totalSteps: 1000,
      wrappers: ['NormalizeReward'],
    },
    {
      env: 'CartPole-v1',
      config: { gamma: 0.99, learningRate: 1e-3 },
      totalSteps: 1000,
      envKwargs: { suttonBartoReward: true },
    },
  ];
  for (const launch of others) assert.is.not(await hash(launch), one, JSON.stringify(launch));
});

test('combinations that are the same are one run', async () => {
  const { runs, duplicates } = await plan({
    env: ['CartPole-v1', 'CartPole-v1'],
    seeds: [1, 1, 2],
    config: { gamma: { grid: [0.99, 0.99] } },
  });
  assert.is(runs.length, 2);
  assert.is(duplicates, 10);
});

test("an env's keyword arguments vary too, and an env's own go over those of all", async () => {
  const { runs } = await plan({
    env: ['Driving-v0', { id: 'Driving-v0', kwargs: { split: 'train' } }],
    envKwargs: { split: { grid: ['train', 'test'] } },
  });
  assert.equal(
    runs.map(({ envKwargs }) => envKwargs['split']),
    ['train', 'test'],
  );
  assert.equal(runs[1]!.varied, { 'envKwargs.split': 'test' });
});

const ENV = `import { Box, Discrete, Env } from 'gymkhana';
export class Tiny extends Env {
  observationSpace = new Box(-1, 1, { shape: [1] });
  actionSpace = new Discrete(2);
  reset(options = {}) { super.reset(options); return { observation: new Float32Array(1), info: {} }; }
  step() { return { observation: new Float32Array(1), reward: 1, terminated: this.rng.random() < 0.1, truncated: false, info: {} }; }
}
`;

test("a user's env counts by its code, not by its place", async () => {
  const hashes: string[] = [];
  for (const code of [ENV, ENV, ENV.replace('0.1', '0.2')]) {
    const place = temporaryFolder();
    writeFileSync(join(place, 'tiny.ts'), code);
    const { runs } = await plan({ env: './tiny.ts:Tiny' }, place);
    hashes.push(runs[0]!.hash);
  }
  assert.is(hashes[0], hashes[1]);
  assert.is.not(hashes[0], hashes[2]);
});

test('a launch file is YAML or JSON; numbers may be written as people write them', () => {
  const yaml = join(folder, 'a.yaml');
  writeFileSync(
    yaml,
    'env: CartPole-v1   # comment\nseeds: [1, 2]\ntotalSteps: 100_000\nconfig:\n  learningRate: {grid: [1e-3, 3e-4]}\n',
  );
  const json = join(folder, 'a.json');
  writeFileSync(
    json,
    '{"env": "CartPole-v1", "seeds": [1, 2], "totalSteps": 1e5, "config": {"learningRate": {"grid": [1e-3, 3e-4]}}}',
  );
  assert.equal(readLaunch(yaml), readLaunch(json));
  assert.is(readLaunch(yaml).totalSteps, 100_000);
  assert.equal(parseYaml('{grid: [1e-4, 3e-4]}', 'it'), { grid: [1e-4, 3e-4] });
});

test('a launch file is data: tags make nothing, keys reach no prototype, references do not multiply', () => {
  const write = (text: string): string => {
    const path = join(folder, 'hostile.yaml');
    writeFileSync(path, text);
    return path;
  };
  const refused = (text: string, says: string): void =>
    throwsError(() => readLaunch(write(text)), { code: 'LAUNCH_INVALID', kind: 'usage', says: [says] });
  refused('env: !!js/function "function () { process.exit(7) }"', 'Unresolved tag');
  refused('env: CartPole-v1\n__proto__: { polluted: true }', '__proto__');
  assert.is(({} as { polluted?: boolean }).polluted, undefined);
  const level = (k: number): string =>
    `a${k}: &a${k} [${Array(10)
      .fill(k === 0 ? 'x' : `*a${k - 1}`)
      .join(', ')}]`;
  refused(`${Array.from({ length: 9 }, (_, k) => level(k)).join('\n')}\nenv: *a8`, 'neither YAML nor JSON');
  refused(`env: ${'x'.repeat(1_100_000)}`, 'bytes');
  refused('env: [', 'line');
  refused('env: CartPole-v1\nenv: Acrobot-v1', 'unique');
  refused('- CartPole-v1', 'expected object');
});

const mistakes: [string, unknown, string][] = [
  ['no env', {}, 'env'],
  ['an unknown key', { env: 'CartPole-v1', seed: 3 }, 'seed'],
  ['a seed that is none', { env: 'CartPole-v1', seeds: [-1] }, 'seeds'],
  ['no seeds', { env: 'CartPole-v1', seeds: [] }, 'seeds'],
  ['an algorithm that is not there', { env: 'CartPole-v1', algo: 'dqn' }, 'algo'],
  ['a backend that is not there', { env: 'CartPole-v1', backend: 'cuda' }, 'backend'],
  ['steps that are a text', { env: 'CartPole-v1', totalSteps: 'many' }, 'totalSteps'],
  ['a name that leaves the folder', { env: 'CartPole-v1', name: '../up' }, 'name'],
];
for (const [what, launch, says] of mistakes) {
  test(`a clear error for ${what}`, () => {
    throwsError(() => parseLaunch(launch, 'x.yaml'), { code: 'LAUNCH_INVALID', kind: 'usage', says: ['x.yaml', says] });
  });
}

test('settings, envs and their arguments are checked before anything starts', async () => {
  await rejectsWith(() => plan({ env: 'CartPole-v1', config: { learningRat: 1 } }), {
    code: 'UNKNOWN_OPTION',
    says: ["Did you mean 'learningRate'"],
  });
  await rejectsWith(() => plan({ env: 'CartPole-v1', config: { gamma: { grid: [0.9, 2] } } }), {
    code: 'INVALID_OPTION',
    says: ['gamma'],
  });
  await rejectsWith(() => plan({ env: 'CartPol-v1' }), { code: 'ENV_NOT_FOUND', says: ['CartPole-v1'] });
  await rejectsWith(() => plan({ env: 'Driving-v0', envKwargs: { splt: 'test' } }), {
    code: 'UNKNOWN_ENV_OPTION',
    says: ['split'],
  });
  await rejectsWith(() => plan({ env: 'CartPole-v1', wrappers: ['NormaliseReward'] }), {
    code: 'WRAPPER_NOT_FOUND',
    says: ['NormalizeReward'],
  });
  await rejectsWith(() => plan({ env: 'CartPole-v1', seeds: 10_000, config: { gamma: { grid: [0.9, 0.8] } } }), {
    code: 'LAUNCH_INVALID',
    says: ['20000 runs'],
  });
  await rejectsWith(() => plan({ env: 'CartPole-v1', recordEpisodes: 'some' }), {
    code: 'INVALID_OPTION',
    says: ['every:N'],
  });
  throwsError(() => readLaunch(join(folder, 'gone.yaml')), { code: 'LAUNCH_NOT_FOUND', says: ['ENOENT'] });
});

test.run();
