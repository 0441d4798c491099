/** Runs that are disturbed from outside: signals, a full or read-only disk, a directory that is removed, kills. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { killRuns } from '../../scripts/kill.js';
import { loadCheckpoint } from '../../src/runs/checkpoint.js';
import { readJsonl } from '../../src/runs/metrics.js';
import { type CommandResult, type RunningCommand, run, start } from '../support/command.js';
import { skipped } from '../support/skip.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gymkhana-disturbed-'));
const SMALL = ['--num-envs', '32', '--num-steps', '32', '--hidden', '16', '--seed', '1'];
const gymkhana = (...args: string[]): Promise<CommandResult> => run(process.execPath, [main, ...args], { cwd: folder });
const started = (...args: string[]): RunningCommand => start(process.execPath, [main, ...args], { cwd: folder });
const files = (name: string): string[] =>
  ['metrics.jsonl', 'summary.json', 'checkpoints/last.safetensors'].map((file) =>
    readFileSync(join(folder, name, file), 'base64'),
  );

/** Resolves once a run has written some lines of metrics. */
async function underWay(name: string, lines = 20): Promise<void> {
  const path = join(folder, name, 'metrics.jsonl');
  for (;;) {
    if (existsSync(path) && readFileSync(path, 'utf8').split('\n').length > lines) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What a disturbed run must still be: whole files, that agree. */
function assertWhole(name: string): void {
  const { iteration } = loadCheckpoint(join(folder, name, 'checkpoints', 'last.safetensors'));
  const lines = readJsonl(join(folder, name, 'metrics.jsonl'));
  assert.ok(lines.length >= iteration, `${lines.length} lines, checkpoint at ${iteration}`);
  assert.equal(
    lines.map((line) => line['iteration']),
    lines.map((_, k) => k + 1),
  );
}

test('SIGTERM, SIGHUP and SIGINT stop a run after its iteration; resumed, it comes to the bytes of one that was not stopped', async () => {
  const flags = ['CartPole-v1', '--total-steps', '60_000', ...SMALL];
  const whole = await gymkhana('train', ...flags, '--run-dir', 'whole');
  assert.is(whole.status, 0, whole.stderr);
  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const) {
    const running = started('train', ...flags, '--run-dir', signal);
    await underWay(signal);
    running.child.kill(signal);
    const ended = await running.ended;
    assert.is(ended.status, status, ended.stderr);
    assert.match(ended.stdout, new RegExp(`Next: gymkhana train --resume .*${signal}`));
    assertWhole(signal);
    assert.is(JSON.parse(readFileSync(join(folder, signal, 'summary.json'), 'utf8')).status, 'stopped');
    const resumed = await gymkhana('train', '--resume', signal, '--workers', '1');
    assert.is(resumed.status, 0, resumed.stderr);
    assert.match(resumed.stderr, /Training CartPole-v1 from step [\d,]+ on/);
    assert.equal(files(signal), files('whole'));
  }
});

test('SIGINT twice ends a run at once, even where a worker hangs; nothing is torn', async () => {
  writeFileSync(
    join(folder, 'hang.ts'),
    `import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
export class Hang extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-1, 1, { shape: [1] });
  readonly actionSpace = new Discrete(2);
  #steps = 0;
  override reset(options: ResetOptions = {}) { super.reset(options); this.#steps = 0; return { observation: Float32Array.of(0), info: {} }; }
  step(action: number) {
    if (++this.#steps === 70) for (;;);
    return { observation: Float32Array.of(0.5), reward: action, terminated: this.rng.random() < 0.1, truncated: false, info: {} };
  }
}`,
  );
  const running = started(
    'train',
    './hang.ts:Hang',
    '--total-steps',
    '1e9',
    ...SMALL,
    '--run-dir',
    'hang',
    '--checkpoint-every',
    '5',
  );
  await underWay('hang', 5);
  for (let lines = -1, now = 0; lines !== now; await new Promise((resolve) => setTimeout(resolve, 400))) {
    [lines, now] = [now, readJsonl(join(folder, 'hang', 'metrics.jsonl')).length];
  }
  running.child.kill('SIGINT');
  await running.saying('Once more to stop at once');
  const from = performance.now();
  running.child.kill('SIGINT');
  const ended = await running.ended;
  assert.is(ended.status, 130);
  assert.ok(performance.now() - from < 1500, `took ${performance.now() - from} ms`);
  assertWhole('hang');

  const hung = await gymkhana('train', '--resume', 'hang', '--hang-timeout', '1');
  assert.is(hung.status, 1);
  assert.match(
    hung.stderr,
    /WORKER_HUNG: worker \d has made no progress for 1 s while stepping Hang, env \d+ at step \d+ of its episode/,
  );
  assert.match(hung.stderr, /failure-env\d+\.episode reproduces it/);
});

test('a heap that is full, an exit and a throw in an env that does it each time: the run ends with the episode that does it', async () => {
  const broken = (name: string, accident: string): void =>
    writeFileSync(
      join(folder, `${name}.ts`),
      readFileSync(join(folder, 'hang.ts'), 'utf8').replace(
        'if (++this.#steps === 70) for (;;);',
        `if (++this.#steps === 70) { ${accident} }`,
      ),
    );
  for (const [name, accident, text, flags] of [
    ['throws', 'throw new RangeError("axle broke");', /ENV_THREW: .*axle broke/, []],
    ['exits', 'process.exit(0);', /WORKER_DIED: .*process\.exit/, []],
    [
      'fills',
      'for (const hog: number[][] = []; ; ) hog.push(new Array(1e5).fill(hog.length + 0.5));',
      /WORKER_DIED: .*memory/i,
      ['--worker-heap', '48'],
    ],
  ] as const) {
    broken(name, accident);
    const ended = await gymkhana(
      'train',
      `./${name}.ts:Hang`,
      '--total-steps',
      '1e6',
      ...SMALL,
      '--run-dir',
      name,
      ...flags,
    );
    assert.is(ended.status, 1, ended.stderr);
    assert.match(ended.stderr, text);
    assert.match(ended.stderr, /the iteration is done again/);
    assert.match(ended.stderr, /reproduces it: gymkhana replay verify/);
    assertWhole(name);
    assert.is(readdirSync(join(folder, name, 'episodes')).length, 1);
  }
  const [file] = readdirSync(join(folder, 'throws', 'episodes'));
  const verified = await gymkhana('replay', 'verify', join('throws', 'episodes', file!));
  assert.match(verified.stdout + verified.stderr, /axle broke|fails again|reproduced/);
});

test('a module that changed is not gone on with; flags that would change a run are refused', async () => {
  const source = readFileSync(join(folder, 'hang.ts'), 'utf8').replace('70', '2e9');
  writeFileSync(join(folder, 'own.ts'), source);
  const running = started('train', './own.ts:Hang', '--total-steps', '1e9', ...SMALL, '--run-dir', 'own');
  await underWay('own');
  running.child.kill('SIGTERM');
  assert.is((await running.ended).status, 143);
  writeFileSync(join(folder, 'own.ts'), source.replace('< 0.1', '< 0.2'));
  const changed = await gymkhana('train', '--resume', 'own');
  assert.is(changed.status, 2);
  assert.match(changed.stderr, /^MODULE_CHANGED: .*own\.ts has changed since/m);
  for (const flags of [
    ['--seed', '2'],
    ['--learning-rate', '1'],
    ['--eval-every', '3'],
    ['CartPole-v1'],
    ['--run-dir', 'x'],
  ]) {
    const refused = await gymkhana('train', '--resume', 'own', ...flags);
    assert.is(refused.status, 2);
    assert.match(refused.stderr, /^RESUME_CHANGES_RUN: .*--workers, --checkpoint-every/m);
  }
  const none = await gymkhana('train');
  assert.match(none.stderr, /^USAGE: train needs an env, or --resume/m);
});

test('a second process cannot go on with a run that is going', async () => {
  const running = started('train', 'CartPole-v1', '--total-steps', '1e9', ...SMALL, '--run-dir', 'taken');
  await underWay('taken');
  const second = await gymkhana('train', '--resume', 'taken');
  assert.is(second.status, 2);
  assert.match(second.stderr, new RegExp(`^RUN_DIR_TAKEN: .*in use by process ${running.child.pid}`, 'm'));
  running.child.kill('SIGKILL');
  await running.ended;
  const took = started('train', '--resume', 'taken');
  await took.saying('which has ended; the lock is taken over');
  await took.saying('Training CartPole-v1');
  took.child.kill('SIGTERM');
  assert.is((await took.ended).status, 143);
  assertWhole('taken');
});

test('a run directory that is removed is not made again behind the back of who removed it', async () => {
  const running = started(
    'train',
    'CartPole-v1',
    '--total-steps',
    '1e9',
    ...SMALL,
    '--run-dir',
    'removed',
    '--checkpoint-every',
    '1',
  );
  await underWay('removed');
  // Moved away at once: files that appear while a folder is emptied would keep it.
  renameSync(join(folder, 'removed'), join(folder, 'gone'));
  const ended = await running.ended;
  assert.is(ended.status, 1);
  assert.match(ended.stderr, /^(RUN_DIR_REMOVED|NOT_WRITABLE): /m);
  assert.not(existsSync(join(folder, 'removed')));
});

/** Trains on a small file system of its own, or under a limit of the size of files; null where the system lets us do neither. */
function onFullDisk(name: string): { disk: string; free: () => void } | null {
  const disk = join(folder, name);
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', disk]);
  if (mounted.status !== 0) return null;
  return {
    disk,
    free: () => {
      spawnSync('mount', ['-o', 'remount,size=64m', disk]);
    },
  };
}

const full = onFullDisk('disk');
const FULL = 'a disk that is full ends the run with whole files; with space again it goes on to the same bytes';
if (full === null) {
  skipped(FULL, 'this user may not mount a small file system');
  test.skip(FULL);
} else {
  test(FULL, async () => {
    const flags = ['CartPole-v1', '--total-steps', '60_000', ...SMALL, '--checkpoint-every', '1'];
    // The reference may be left from the first test, but this one stands alone.
    await gymkhana('train', ...flags, '--run-dir', 'undisturbed');
    const ended = await gymkhana('train', ...flags, '--run-dir', 'disk/run');
    assert.is(ended.status, 1);
    assert.match(ended.stderr, /^NOT_WRITABLE: .*no space is left on the device/m);
    const { iteration } = loadCheckpoint(join(full.disk, 'run', 'checkpoints', 'last.safetensors'));
    assert.ok(iteration > 0);
    assert.not(readdirSync(join(full.disk, 'run', 'checkpoints')).some((name) => name.endsWith('.tmp')));
    full.free();
    const resumed = await gymkhana('train', '--resume', 'disk/run');
    assert.is(resumed.status, 0, resumed.stderr);
    assert.equal(files('disk/run'), files('undisturbed'));
  });
}

test('files that may not grow end the run with NOT_WRITABLE, and it can go on', async () => {
  const command = `ulimit -f 40; exec "${process.execPath}" "${main}" train CartPole-v1 --total-steps 60_000 ${SMALL.join(' ')} --run-dir limited --checkpoint-every 1`;
  const ended = await run('sh', ['-c', command], { cwd: folder });
  assert.is(ended.status, 1);
  assert.match(ended.stderr, /^NOT_WRITABLE: .*EFBIG/m);
  const resumed = await gymkhana('train', '--resume', 'limited');
  assert.is(resumed.status, 0, resumed.stderr);
  assert.equal(files('limited'), files('whole'));
});

const READ_ONLY = 'a run directory that may not be written is refused, and nothing is trained';
if (process.getuid?.() === 0 || process.platform === 'win32') {
  const disk = join(folder, 'read-only');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', disk]).status !== 0) {
    skipped(READ_ONLY, 'this user may write everywhere, and may not mount a file system');
    test.skip(READ_ONLY);
  } else {
    test(READ_ONLY, async () => {
      cpSync(join(folder, 'SIGTERM'), join(disk, 'run'), { recursive: true });
      spawnSync('mount', ['-o', 'remount,ro', disk]);
      for (const flags of [
        ['CartPole-v1', '--run-dir', 'read-only/new'],
        ['--resume', 'read-only/run'],
      ]) {
        const refused = await gymkhana('train', ...flags);
        assert.is(refused.status, 1);
        assert.match(refused.stderr, /^NOT_WRITABLE: .*read-only/m);
      }
    });
  }
} else {
  test(READ_ONLY, async () => {
    mkdirSync(join(folder, 'read-only'));
    cpSync(join(folder, 'SIGTERM'), join(folder, 'read-only', 'run'), { recursive: true });
    chmodSync(join(folder, 'read-only'), 0o555);
    chmodSync(join(folder, 'read-only', 'run'), 0o555);
    for (const flags of [
      ['CartPole-v1', '--run-dir', 'read-only/new'],
      ['--resume', 'read-only/run'],
    ]) {
      const refused = await gymkhana('train', ...flags);
      assert.is(refused.status, 1);
      assert.match(refused.stderr, /^NOT_WRITABLE: .*permission denied/m);
    }
  });
}

test('runs that are killed at random moments come to the bytes of undisturbed ones', async () => {
  const report = await killRuns(3, 11);
  assert.equal(report.differences, []);
});

test.after(() => {
  for (const name of ['disk', 'read-only']) spawnSync('umount', [join(folder, name)]);
  rmSync(folder, { recursive: true, force: true });
});
test.run();
