import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gymkhana-cli-'));
const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
const json = (...args: string[]): Record<string, unknown> => {
  const { status, stdout, stderr } = run(...args, '--json');
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
};

const ENV = `
import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
export class Guess extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-1, 1, { shape: [1] });
  readonly actionSpace = new Discrete(2);
  #side = 0;
  #steps = 0;
  override reset(options: ResetOptions = {}) {
    super.reset(options);
    console.log('noise on standard output');
    this.#side = this.rng.random() < 0.5 ? -1 : 1;
    this.#steps = 0;
    return { observation: Float32Array.of(this.#side), info: {} };
  }
  step(action: number) {
    const reward = (action === 1) === this.#side > 0 ? 1 : 0;
    return { observation: Float32Array.of(this.#side), reward, terminated: ++this.#steps === 10, truncated: false, info: {} };
  }
}
`;

test("a user's TypeScript env outside the project trains, evaluates, records and verifies; --json stays parseable", () => {
  writeFileSync(join(folder, 'guess.ts'), ENV);
  const trained = json(
    'train',
    './guess.ts:Guess',
    '--total-steps',
    '20_000',
    '--num-envs',
    '32',
    '--num-steps',
    '32',
    '--run-dir',
    'run',
  );
  assert.is(trained['steps'], 20_480);
  assert.match(String(trained['parametersHash']), /^[0-9a-f]{64}$/);
  const evaluated = json('eval', 'run', '--episodes', '20');
  assert.is(evaluated['episodes'], 20);
  assert.ok(Number(evaluated['meanReturn']) >= 9, `mean return ${evaluated['meanReturn']}`);
  const exported = json('export', 'run');
  assert.is(exported['format'], 'onnx');
  const file = join('run', 'policy.onnx');
  assert.ok(existsSync(join(folder, file)));
  assert.equal(json('eval', './guess.ts:Guess', '--policy', file, '--episodes', '20'), evaluated);
  assert.is(run('eval', './guess.ts:Guess', '--policy', file, '--checkpoint', 'last').status, 2);
  const played = json('record', './guess.ts:Guess', '--policy', file);
  assert.is(json('replay', 'verify', String(played['path']))['ok'], true);
  json('record', 'run', '--episodes', '2');
  const verified = json('replay', 'verify', join('run', 'episodes', 'seed0.episode'));
  assert.is(verified['ok'], true);
  assert.is(run('train', './guess.ts:Guess', '--run-dir', 'run').status, 2);
});

test('wrappers given on the command line are kept by the run: it evaluates, records and verifies with them', () => {
  const sticky = 'StickyAction:{"repeatActionProbability":0.1}';
  const flags = [
    '--wrapper',
    'NormalizeObservation',
    '--wrapper',
    sticky,
    '--total-steps',
    '4096',
    '--run-dir',
    'wrapped',
  ];
  const trained = json('train', 'CartPole-v1', ...flags);
  assert.is(trained['status'], 'finished');
  const { env } = JSON.parse(readFileSync(join(folder, 'wrapped', 'config.json'), 'utf8')) as {
    env: { wrappers: unknown };
  };
  assert.equal(env.wrappers, [
    { name: 'NormalizeObservation', moduleUrl: null, kwargs: {} },
    { name: 'StickyAction', moduleUrl: null, kwargs: { repeatActionProbability: 0.1 } },
  ]);
  assert.is(json('eval', 'wrapped', '--episodes', '3')['episodes'], 3);
  assert.is(run('record', 'wrapped').status, 0);
  assert.match(run('replay', 'verify', 'wrapped/episodes/seed0.episode').stdout, /bit for bit/);
  for (const [wrapper, says] of [
    ['StickyActoin', /WRAPPER_NOT_FOUND[\s\S]*StickyAction/],
    ['StickyAction:{bad', /INVALID_FLAG[\s\S]*JSON object/],
    ['StickyAction:{"x":1}', /UNKNOWN_WRAPPER_OPTION/],
  ] as const) {
    const { status, stderr } = run('train', 'CartPole-v1', '--wrapper', wrapper, '--run-dir', 'never');
    assert.is(status, 2);
    assert.match(stderr, says);
  }
  assert.not(existsSync(join(folder, 'never')));
});

test('an env that fails leaves an episode file that fails again', () => {
  writeFileSync(
    join(folder, 'broken.ts'),
    ENV.replace(
      'const reward =',
      'if (this.#side > 0 && this.#steps === 7) throw new Error("axle broke");\n    const reward =',
    ),
  );
  const failed = run(
    'train',
    './broken.ts:Guess',
    '--total-steps',
    '20_000',
    '--num-envs',
    '8',
    '--run-dir',
    'broken',
    '--json',
  );
  assert.is(failed.status, 1);
  assert.is(failed.stdout, '');
  assert.match(
    failed.stderr,
    /ENV_THREW: Guess \(env \d+, worker \d+, step 7 of its episode\) threw Error: axle broke/,
  );
  const file = readdirSync(join(folder, 'broken', 'episodes'))[0]!;
  const verified = json('replay', 'verify', join('broken', 'episodes', file));
  assert.is((verified['episodes'] as { failure: { reproduced: boolean } }[])[0]?.failure.reproduced, true);
});

test('Ctrl-C stops a run within a second and leaves a usable checkpoint', async () => {
  const child = spawn(
    process.execPath,
    [main, 'train', 'CartPole-v1', '--total-steps', '1e9', '--run-dir', 'stopped', '--json'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const metrics = join(folder, 'stopped', 'metrics.jsonl');
  while (!existsSync(metrics) || readFileSync(metrics, 'utf8').length === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const from = performance.now();
  child.kill('SIGINT');
  const status = await new Promise((resolve) => child.once('exit', resolve));
  assert.ok(performance.now() - from < 2000, `took ${performance.now() - from} ms`);
  assert.is(status, 130);
  assert.is((JSON.parse(output) as { status: string }).status, 'stopped');
  assert.is(json('eval', 'stopped', '--episodes', '3')['episodes'], 3);
});

test('the parameters are the same for 1, 2 and 4 workers', () => {
  const hashes = [1, 2, 4].map(
    (workers) =>
      json('train', 'CartPole-v1', '--total-steps', '4096', '--workers', String(workers), '--run-dir', `w${workers}`)[
        'parametersHash'
      ],
  );
  assert.is(new Set(hashes).size, 1);
});

const misuse: readonly [string, string[], RegExp, number?][] = [
  ['no command', [], /^USAGE: /],
  ['unknown command', ['trian', 'CartPole-v1'], /^USAGE: /],
  ['unknown env', ['train', 'CartPol-v1'], /^ENV_NOT_FOUND: .*Did you mean 'CartPole-v1'\?/],
  ['malformed id', ['info', 'CartPole'], /^INVALID_ENV_ID: /],
  ['a missing file', ['train', './none.ts:None'], /^MODULE_NOT_FOUND: /],
  ['unknown flag', ['train', 'CartPole-v1', '--sed', '1'], /^USAGE: .*sed/],
  ['a repeated flag', ['train', 'CartPole-v1', '--seed', '1', '--seed', '2'], /^REPEATED_FLAG: --seed/],
  ['a flag without its value', ['train', 'CartPole-v1', '--seed'], /^USAGE: .*seed/],
  [
    'a word for a number',
    ['train', 'CartPole-v1', '--seed', 'abc'],
    /^INVALID_FLAG: --seed takes a whole number|^INVALID_FLAG: --seed/,
  ],
  ['a fractional seed', ['train', 'CartPole-v1', '--seed', '1.5'], /^INVALID_FLAG: --seed/],
  ['a negative seed', ['train', 'CartPole-v1', '--seed=-1'], /^INVALID_OPTION: seed/],
  ['a seed beyond 2^53', ['train', 'CartPole-v1', '--seed', '9007199254740993'], /^INVALID_FLAG: --seed/],
  ['no envs', ['train', 'CartPole-v1', '--num-envs', '0'], /^INVALID_OPTION: numEnvs/],
  ['no workers', ['train', 'CartPole-v1', '--workers', '0'], /^INVALID_OPTION: workers/],
  ['a NaN rate', ['train', 'CartPole-v1', '--learning-rate', 'NaN'], /^INVALID_FLAG: --learning-rate/],
  [
    'a minibatch larger than the rollout',
    ['train', 'CartPole-v1', '--minibatch-size', '99999'],
    /^MINIBATCH_TOO_LARGE: .*64 envs x 32 steps = 2048/,
  ],
  [
    'an arena beyond 4 GiB',
    ['train', 'CartPole-v1', '--num-envs', '4_000_000', '--num-steps', '512'],
    /^ARENA_TOO_LARGE: /,
  ],
  ['an unknown option of the env', ['train', 'Pendulum-v1', '--env-kwargs', '{"grav":1}'], /^UNKNOWN_ENV_OPTION: /],
  ['a flag negated', ['train', 'CartPole-v1', '--no-seed'], /^USAGE: .*seed/],
  ['a flag with a dot', ['train', 'CartPole-v1', '--run-dir.x', 'a'], /^USAGE: .*run-dir/],
  ['an empty value', ['train', 'CartPole-v1', '--learning-rate='], /^(INVALID_FLAG|USAGE): .*learning-rate/],
  ['a module without that export', ['train', './guess.ts:Gues'], /^EXPORT_NOT_FOUND: /],
  [
    'a run directory under a file',
    ['train', 'CartPole-v1', '--total-steps', '2048', '--run-dir', 'guess.ts/run'],
    /^NOT_WRITABLE: /,
    1,
  ],
  ['an unknown learner', ['train', 'CartPole-v1', '--backend', 'cuda'], /^UNKNOWN_BACKEND: /],
  ['an action for a file that is not there', ['replay', 'verify', 'none.episode'], /^FILE_NOT_FOUND: /],
  ['no run there', ['eval', 'nowhere'], /^RUN_NOT_FOUND: /],
];
test('a damaged checkpoint and a damaged episode file are failures that name the part', () => {
  json('train', 'CartPole-v1', '--total-steps', '2048', '--run-dir', 'damaged');
  json('record', 'damaged');
  const flip = (path: string, at: number): void => {
    const bytes = readFileSync(path);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
  };
  const episode = join(folder, 'damaged', 'episodes', 'seed0.episode');
  flip(episode, readFileSync(episode).length - 60);
  const replayed = run('replay', 'verify', episode);
  assert.is(replayed.status, 1);
  assert.match(replayed.stderr, /^EPISODE_CORRUPT: /);
  assert.not.match(run('replay', 'verify', episode, '--ignore-checksum').stderr, /EPISODE_CORRUPT/);
  const checkpoint = join(folder, 'damaged', 'checkpoints', 'last.safetensors');
  flip(checkpoint, 5000);
  const evaluated = run('eval', 'damaged');
  assert.is(evaluated.status, 1);
  assert.match(evaluated.stderr, /^CHECKPOINT_CORRUPT: /);
});

test('a policy is refused in an env with other spaces', () => {
  json('train', 'Driving-v0', '--total-steps', '1024', '--num-envs', '32', '--num-steps', '32', '--run-dir', 'rays');
  const refused = run('eval', 'rays', '--env-kwargs', '{"rays":7}');
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /^CHECKPOINT_MISMATCH: /);
});

for (const [name, args, text, expected = 2] of misuse) {
  test(`misuse: ${name}`, () => {
    const { status, stdout, stderr } = run(
      ...args,
      ...(args[0] === 'train' && !args.includes('--run-dir') ? ['--run-dir', 'misuse'] : []),
    );
    assert.match(stderr, text);
    assert.is(status, expected, stderr);
    assert.is(stdout, '');
    assert.not.match(stderr, /\n\s+at /);
    assert.not.ok(existsSync(join(folder, 'misuse')), 'nothing is left behind');
  });
}

test.after(() => {
  assert.ok(readdirSync(folder).length > 0);
  rmSync(folder, { recursive: true, force: true });
});

test.run();
