/** `gymkhana launch` as a user meets it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LaunchResult } from '../../src/index.js';
import { type CommandResult, type RunningCommand, run, start } from '../support/command.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gymkhana-launch-'));
const gymkhana = (...args: string[]): Promise<CommandResult> => run(process.execPath, [main, ...args], { cwd: folder });
const started = (...args: string[]): RunningCommand => start(process.execPath, [main, ...args], { cwd: folder });
const SET = ['numEnvs=8', 'numSteps=16', 'hidden=[8]', 'minibatchSize=64'].flatMap((pair) => ['--set', pair]);

writeFileSync(
  join(folder, 'sweep.yaml'),
  'env: CartPole-v1\nseeds: [1, 2, 3]\ntotalSteps: 120_000\nconfig: { numEnvs: 8, numSteps: 16, hidden: [8], minibatchSize: 64 }\n',
);

/** What every run of a launch left, by its name. */
function results(launchDir: string): Record<string, string[]> {
  const place = join(folder, launchDir);
  const names = readdirSync(place).filter((name) => name.startsWith('CartPole'));
  return Object.fromEntries(
    names.map((name) => [
      name,
      ['metrics.jsonl', 'summary.json', 'checkpoints/last.safetensors'].map((file) =>
        readFileSync(join(place, name, file), 'base64'),
      ),
    ]),
  );
}

/** Resolves once some runs of a launch have a checkpoint and lines of metrics. */
async function underWay(launchDir: string, runs: number): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const place = join(folder, launchDir);
    const names = existsSync(place) ? readdirSync(place).filter((name) => name.startsWith('CartPole')) : [];
    const going = names.filter((name) => {
      const metrics = join(place, name, 'metrics.jsonl');
      return existsSync(metrics) && readFileSync(metrics, 'utf8').split('\n').length > 30;
    });
    if (going.length >= runs) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Not ${runs} runs of ${launchDir} are under way after a minute.`);
}

test('a launch that is killed with SIGKILL is gone on with: nothing done is done again, and the bytes are those of one that was not', async () => {
  const whole = await gymkhana('launch', 'sweep.yaml', '--run-dir', 'whole', '--parallel', '2');
  assert.is(whole.status, 0, whole.stderr);
  assert.match(whole.stdout, /3 finished, 0 failed/);
  const running = started('launch', 'sweep.yaml', '--run-dir', 'killed', '--parallel', '1');
  await underWay('killed', 2);
  running.child.kill('SIGKILL');
  await running.ended;
  const resumed = await gymkhana('launch', '--resume', 'killed', '--json');
  assert.is(resumed.status, 0, resumed.stderr);
  const { runs } = JSON.parse(resumed.stdout) as LaunchResult;
  assert.equal(
    runs.map(({ status, attempts }) => [status, attempts > 0]),
    [
      ['finished', false],
      ['finished', true],
      ['finished', true],
    ],
  );
  assert.equal(results('killed'), results('whole'));
});

test('Ctrl-C stops all runs, each with a checkpoint, and says how to go on', async () => {
  const running = started('launch', 'sweep.yaml', '--run-dir', 'stopped', '--parallel', '2');
  await underWay('stopped', 2);
  running.child.kill('SIGINT');
  const ended = await running.ended;
  assert.is(ended.status, 130, ended.stderr);
  assert.match(ended.stderr, /stopping all runs, each with a checkpoint/);
  assert.match(ended.stdout, /0 failed, \d unfinished/);
  assert.match(ended.stdout, /Next: gymkhana launch --resume .*stopped/);
  const resumed = await gymkhana('launch', 'sweep.yaml', '--run-dir', 'stopped', '--resume', '--quiet');
  assert.is(resumed.status, 0, resumed.stderr);
  assert.is(resumed.stderr, '');
  assert.equal(results('stopped'), results('whole'));
});

test('Ctrl-C leaves a checkpoint in every run that was under way, and none in one that had not begun', async () => {
  const running = started(
    'launch',
    'sweep.yaml',
    '--total-steps',
    '500_000_000',
    '--run-dir',
    'long',
    '--parallel',
    '2',
  );
  await underWay('long', 2);
  running.child.kill('SIGINT');
  const ended = await running.ended;
  assert.is(ended.status, 130, ended.stderr);
  assert.match(ended.stdout, /0 finished, 0 failed, 3 unfinished/);
  const kept = readdirSync(join(folder, 'long')).filter((name) =>
    existsSync(join(folder, 'long', name, 'checkpoints', 'last.safetensors')),
  );
  assert.is(kept.length, 2);
});

test('Ctrl-C twice ends everything at once, and leaves no process', async () => {
  const running = started('launch', 'sweep.yaml', '--run-dir', 'twice', '--parallel', '2');
  await underWay('twice', 2);
  running.child.kill('SIGINT');
  await running.saying('Once more to stop at once');
  running.child.kill('SIGINT');
  assert.is((await running.ended).status, 130);
  const resumed = await gymkhana('launch', '--resume', 'twice', '--quiet');
  assert.is(resumed.status, 0, resumed.stderr);
  assert.equal(results('twice'), results('whole'));
});

test('flags alone make a launch; --dry-run shows it and writes nothing', async () => {
  const flags = [
    '--env',
    'CartPole-v1',
    '--env',
    'Acrobot-v1',
    '--algo',
    'ppo',
    '--seeds',
    '1,2',
    '--total-steps',
    '2_000',
    ...SET,
    '--set',
    'learningRate={grid: [1e-3, 3e-4]}',
    '--run-dir',
    'flags',
  ];
  const shown = await gymkhana('launch', ...flags, '--dry-run');
  assert.is(shown.status, 0, shown.stderr);
  assert.match(
    shown.stdout,
    /^run +env +algo +seed +settings +steps +hash\n0 +CartPole-v1 +ppo +1 +learningRate=0.001 +2,000 +[0-9a-f]{12}\n/,
  );
  assert.match(shown.stdout, /8 runs in .*flags\./);
  assert.not(existsSync(join(folder, 'flags')));
  const json = JSON.parse((await gymkhana('launch', ...flags, '--dry-run', '--json')).stdout) as {
    runs: { seed: number }[];
  };
  assert.equal(
    json.runs.map(({ seed }) => seed),
    [1, 2, 1, 2, 1, 2, 1, 2],
  );
  const launched = await gymkhana('launch', ...flags, '--json', '--only', '0,7');
  assert.is(launched.status, 0, launched.stderr);
  assert.is((JSON.parse(launched.stdout) as LaunchResult).finished, 2);
});

test('flags go over the file', async () => {
  const { stdout } = await gymkhana(
    'launch',
    'sweep.yaml',
    '--seeds',
    '2',
    '--set',
    'gamma={list: [0.9, 0.95]}',
    '--dry-run',
    '--json',
  );
  const { runs } = JSON.parse(stdout) as { runs: { seed: number; config: Record<string, unknown> }[] };
  assert.equal(
    runs.map(({ seed, config }) => [seed, config['gamma'], config['numEnvs']]),
    [
      [1, 0.9, 8],
      [2, 0.9, 8],
      [1, 0.95, 8],
      [2, 0.95, 8],
    ],
  );
});

test('a failed run is listed at the end, with its log, and the status says so', async () => {
  writeFileSync(
    join(folder, 'bad.ts'),
    `import { Box, Discrete, Env } from 'gymkhana';
export class Bad extends Env {
  observationSpace = new Box(-1, 1, { shape: [1] });
  actionSpace = new Discrete(2);
  reset(options = {}) { super.reset(options); return { observation: new Float32Array(1), info: {} }; }
  step() { console.log('about to break'); throw new Error('broken step'); }
}
`,
  );
  const ended = await gymkhana(
    'launch',
    '--env',
    './bad.ts:Bad',
    '--env',
    'CartPole-v1',
    '--total-steps',
    '1000',
    ...SET,
    '--retries',
    '1',
    '--run-dir',
    'bad',
  );
  assert.is(ended.status, 1);
  assert.match(ended.stdout, /Bad-ppo-seed1-\w+ failed after 2 attempts: ENV_THREW: .*broken step/);
  assert.match(ended.stdout, /1 finished, 1 failed in/);
  const log = /Its log: (.*)/.exec(ended.stdout)![1]!;
  assert.match(readFileSync(log, 'utf8'), /about to break/);
});

const mistakes: [string, string[], RegExp][] = [
  ['nothing to launch', [], /USAGE: launch needs a launch file, or --env/],
  ['a file that is not there', ['gone.yaml'], /LAUNCH_NOT_FOUND: .*gone\.yaml/],
  ['a setting without a value', ['--env', 'CartPole-v1', '--set', 'gamma'], /INVALID_FLAG: --set takes name=value/],
  [
    'a setting that is not there',
    ['--env', 'CartPole-v1', '--set', 'gama=0.9'],
    /UNKNOWN_OPTION: .*Did you mean 'gamma'/,
  ],
  ['a number of runs that is none', ['--env', 'CartPole-v1', '--parallel', 'two'], /INVALID_FLAG: --parallel/],
  ['a folder without a launch', ['--resume', tmpdir()], /LAUNCH_NOT_FOUND|LAUNCH_INVALID/],
];
for (const [what, args, says] of mistakes) {
  test(`a clear error for ${what}`, async () => {
    const { status, stderr } = await gymkhana('launch', ...args);
    assert.is(status, 2, stderr);
    assert.match(stderr, says);
  });
}

test.run();
