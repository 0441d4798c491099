import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { acquireRunLock } from '../../src/runs/lock.js';
import { type RunConfig, RunDirectory } from '../../src/runs/run-directory.js';
import { rejectsWith, throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';

const config: RunConfig = {
  version: 1,
  engine: { version: '0.1.0' },
  env: {
    id: 'CartPole-v1',
    moduleUrl: 'gymkhana:envs/cartpole/cartpole.js',
    exportName: 'CartPoleEnv',
    maxEpisodeSteps: 500,
    rewardThreshold: 475,
    nondeterministic: false,
    kwargs: {},
  },
  algo: 'ppo',
  seed: 3,
  workers: 2,
  backend: 'kernels',
  config: { gamma: 0.99, hidden: [64, 64] },
  network: { version: 1 },
  modules: {},
  evaluation: { every: 0, episodes: 20 },
  record: null,
  targetReturn: null,
  extended: [],
};

/** Starts a process that tries to lock `folder`, prints `held` or the error's code, and waits to be killed. */
function contender(folder: string) {
  const lock = new URL('../../src/runs/lock.js', import.meta.url).href;
  const code = `
    import { acquireRunLock } from ${JSON.stringify(lock)};
    await acquireRunLock(process.argv[1]).then(() => console.log('held'), (error) => console.log(error.code));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = once(child.stdout, 'data').then(([chunk]) => String(chunk).trim());
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { pid: child.pid!, said, kill };
}

test('a run’s files: created, read, summarised', async () => {
  const folder = join(temporaryFolder(), 'deep', 'run');
  const run = await RunDirectory.create(folder, config);
  assert.equal(readdirSync(folder).sort(), ['.lock', 'checkpoints', 'config.json', 'episodes']);
  const reader = RunDirectory.open(folder);
  assert.equal(reader.config, config);
  assert.is(reader.readSummary(), null);
  run.writeSummary({ status: 'finished', meanReturn: 500 }, { seconds: 1.5 });
  run.close();
  run.close();
  assert.equal(reader.readSummary(), { status: 'finished', meanReturn: 500 });
  assert.not(readFileSync(join(folder, 'summary.json'), 'utf8').includes('seconds'));
  assert.equal(readdirSync(folder).sort(), ['checkpoints', 'config.json', 'episodes', 'summary.json', 'timing.json']);
});

test('a directory in use is refused, with its owner’s process', async () => {
  const folder = temporaryFolder();
  const other = contender(folder);
  try {
    assert.is(await other.said, 'held');
    const expected = {
      code: 'RUN_DIR_TAKEN',
      kind: 'usage' as const,
      says: [folder, `process ${other.pid}`, '--run-dir'],
    };
    await rejectsWith(() => RunDirectory.create(folder, config), expected);
    assert.not(existsSync(join(folder, 'config.json')));
  } finally {
    await other.kill();
  }
});

test('a second run of the same process is refused too, until the first ends', async () => {
  const folder = temporaryFolder();
  const first = await RunDirectory.create(folder, config);
  await rejectsWith(() => RunDirectory.create(folder, config), {
    code: 'RUN_DIR_TAKEN',
    says: [`process ${process.pid}`],
  });
  first.close();
  const second = await RunDirectory.create(folder, config, { overwrite: true });
  second.close();
});

test('the lock of a killed process is taken over, with a notice, and its files are kept', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'config.json'), '{}');
  mkdirSync(join(folder, 'checkpoints'));
  writeFileSync(join(folder, 'checkpoints', 'last.safetensors'), 'weights');
  const other = contender(folder);
  assert.is(await other.said, 'held');
  await other.kill();
  assert.ok(existsSync(join(folder, '.lock')));
  const notices: string[] = [];
  const run = await RunDirectory.create(folder, config, { onNotice: (text) => notices.push(text) });
  assert.is(notices.length, 2);
  assert.match(notices[0]!, new RegExp(`process ${other.pid}, which has ended`));
  assert.match(notices[1]!, /previous-1/);
  assert.is(readFileSync(join(folder, 'previous-1', 'checkpoints', 'last.safetensors'), 'utf8'), 'weights');
  assert.equal(RunDirectory.open(folder).config, config);
  run.close();
  const again = await RunDirectory.create(folder, config);
  again.close();
  assert.ok(existsSync(join(folder, 'previous-2', 'config.json')));
});

test('a reused process number is not mistaken for the owner', async () => {
  if (process.platform !== 'linux') return;
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.lock'));
  const { hostname } = await import('node:os');
  const owner = { pid: process.pid, host: hostname(), started: 'another-boot/12345', state: 'holding' };
  writeFileSync(join(folder, '.lock', '1.json'), JSON.stringify(owner));
  let dead = 0;
  (await acquireRunLock(folder, ({ pid }) => (dead = pid))).release();
  assert.is(dead, process.pid);
  assert.not(existsSync(join(folder, '.lock')));
});

test('a lock from another machine is believed, and says what to delete', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.lock'));
  const file = join(folder, '.lock', '1.json');
  writeFileSync(file, JSON.stringify({ pid: 1, host: 'elsewhere', started: null, state: 'holding' }));
  await rejectsWith(() => acquireRunLock(folder), {
    code: 'RUN_DIR_TAKEN',
    says: ['process 1 on elsewhere', `delete ${file}`],
  });
});

test('of processes that race for one directory, one gets it', async () => {
  const folder = temporaryFolder();
  const racers = Array.from({ length: 4 }, () => contender(folder));
  try {
    const said = await Promise.all(racers.map((racer) => racer.said));
    assert.equal(said.sort(), ['RUN_DIR_TAKEN', 'RUN_DIR_TAKEN', 'RUN_DIR_TAKEN', 'held']);
  } finally {
    await Promise.all(racers.map((racer) => racer.kill()));
  }
});

test('many rounds of contenders in one process never overlap, and all but the holder fail', async () => {
  const folder = temporaryFolder();
  let holders = 0;
  const contend = async (): Promise<number> => {
    try {
      const lock = await acquireRunLock(folder);
      holders++;
      assert.is(holders, 1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      holders--;
      lock.release();
      return 1;
    } catch (error) {
      assert.is((error as { code?: string }).code, 'RUN_DIR_TAKEN');
      return 0;
    }
  };
  for (let round = 0; round < 20; round++) {
    const won = await Promise.all([contend(), contend(), contend()]);
    assert.ok(won.reduce((sum, x) => sum + x) >= 1, `round ${round}: nobody won`);
  }
});

test('a finished run and foreign files are refused; overwrite replaces a run and spares the rest', async () => {
  const folder = temporaryFolder();
  const run = await RunDirectory.create(folder, config);
  writeFileSync(join(run.checkpointsFolder, 'last.safetensors'), '');
  run.writeSummary({ status: 'finished' }, {});
  run.close();
  await rejectsWith(() => RunDirectory.create(folder, config), {
    code: 'RUN_DIR_NOT_EMPTY',
    kind: 'usage',
    says: [folder, 'a finished run', '--run-dir'],
  });
  assert.not(existsSync(join(folder, '.lock')));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  (await RunDirectory.create(folder, { ...config, seed: 4 }, { overwrite: true })).close();
  assert.is(RunDirectory.open(folder).config.seed, 4);
  assert.is(RunDirectory.open(folder).readSummary(), null);
  assert.equal(readdirSync(join(folder, 'checkpoints')), []);
  assert.is(readFileSync(join(folder, 'notes.txt'), 'utf8'), 'mine');

  const foreign = temporaryFolder();
  writeFileSync(join(foreign, 'thesis.tex'), '');
  await rejectsWith(() => RunDirectory.create(foreign, config), { code: 'RUN_DIR_NOT_EMPTY', says: ['thesis.tex'] });
  assert.equal(readdirSync(foreign), ['thesis.tex']);
});

test('paths that cannot be a run’s directory', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await rejectsWith(() => RunDirectory.create(file, config), { code: 'RUN_DIR_IS_FILE', kind: 'usage', says: [file] });
  await rejectsWith(() => RunDirectory.create(join(file, 'run'), config), {
    code: 'NOT_WRITABLE',
    kind: 'failure',
    says: [join(file, 'run')],
  });
  if (existsSync('/proc/self')) {
    await rejectsWith(() => RunDirectory.create('/proc/gymkhana-run', config), { code: 'NOT_WRITABLE' });
    await rejectsWith(() => RunDirectory.create('/proc/sys/kernel', config), { code: 'NOT_WRITABLE' });
  }
});

test('opening what is no run says what is wrong, and points at runs below', async () => {
  const folder = temporaryFolder();
  throwsError(() => RunDirectory.open(join(folder, 'none')), {
    code: 'RUN_NOT_FOUND',
    kind: 'usage',
    says: ['does not exist'],
  });
  throwsError(() => RunDirectory.open(folder), { code: 'RUN_NOT_FOUND', says: ['no config.json', 'runDir'] });
  (await RunDirectory.create(join(folder, 'cartpole-3'), config)).close();
  throwsError(() => RunDirectory.open(folder), { code: 'RUN_NOT_FOUND', says: [join(folder, 'cartpole-3')] });
});

const damaged: [string, string, (string | RegExp)[]][] = [
  ['cut off', '{"version": 1, "en', ['not JSON']],
  ['empty', '', ['not JSON']],
  ['a list', '[]', ['expected object']],
  ['of another version', JSON.stringify({ ...config, version: 2 }), ['another version of gymkhana']],
  ['without an env', JSON.stringify({ ...config, env: undefined }), ['env']],
  ['with a fractional seed', JSON.stringify({ ...config, seed: 0.5 }), ['seed']],
  ['with a bad env', JSON.stringify({ ...config, env: { ...config.env, kwargs: 5 } }), ['env.kwargs']],
];
for (const [title, text, says] of damaged) {
  test(`a configuration that is ${title} is named as damaged`, () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'config.json'), text);
    const expected = { code: 'CONFIG_CORRUPT', kind: 'failure' as const, says: [join(folder, 'config.json'), ...says] };
    throwsError(() => RunDirectory.open(folder), expected);
  });
}

test('a damaged summary is named', async () => {
  const run = await RunDirectory.create(temporaryFolder(), config);
  run.close();
  writeFileSync(join(run.path, 'summary.json'), '{"status":"?"}');
  throwsError(() => run.readSummary(), { code: 'SUMMARY_CORRUPT', says: ['summary.json'] });
});

test.run();
