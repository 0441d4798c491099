/**
 * What a user gets from the registry: the packed tarball in an empty folder, with an env of their own in TypeScript. The env is the
 * README's example, word for word. It takes most of a minute, nearly all of it npm's.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandResult, run } from '../support/command.js';
import { projectRoot } from '../support/paths.js';
import { skipped } from '../support/skip.js';
import { temporaryFolder } from '../support/temporary.js';

const workspace = temporaryFolder();
const user = join(workspace, 'my project');
const bin = join(user, 'node_modules', '.bin', 'gymkhana');

/** The environment of somebody who did not start this through npm: no `npm_config_*`, no coverage. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_V8_COVERAGE|INIT_CWD)/i.test(name));
  return Object.fromEntries(entries);
}

function inProject(command: string, ...words: string[]): Promise<CommandResult> {
  return run(command, words, { cwd: user, env: plainEnvironment() });
}

function succeeded(result: CommandResult): string {
  assert.is(result.status, 0, `${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

async function gymkhana(...words: string[]): Promise<string> {
  return succeeded(await inProject(bin, ...words));
}

function lastJson(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
}

/** The README's example of an env, with the file name that its first line gives. */
function readmeExample(): { file: string; text: string } {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const [, text = '', file = ''] = /```ts\n(\/\/ ([\w-]+\.ts)\n[\s\S]*?)```/.exec(readme) ?? [];
  return { file, text };
}

async function packAndInstall(): Promise<string | null> {
  mkdirSync(user, { recursive: true });
  const npm = (cwd: string, ...words: string[]): Promise<CommandResult> => {
    return run('npm', words, { cwd, env: plainEnvironment() });
  };
  succeeded(await npm(projectRoot, 'pack', '--ignore-scripts', '--silent', '--pack-destination', workspace));
  const tarball = readdirSync(workspace).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(user, 'package.json'), '{ "name": "my-project", "private": true }\n');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const installed = await npm(user, 'install', ...flags, join(workspace, tarball));
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT/.test(installed.stderr);
  if (installed.status !== 0 && offline)
    return 'the npm registry cannot be reached, so the tarball cannot be installed';
  succeeded(installed);
  return null;
}

const unavailable = await packAndInstall();
const { file, text } = readmeExample();
const exported = /export class (\w+)/.exec(text)?.[1] ?? '';
const env = `./${file}:${exported}`;

function testInstalled(name: string, body: () => Promise<void>): void {
  if (unavailable === null) {
    test(name, body);
    return;
  }
  test.skip(name);
  skipped(name, unavailable);
}

testInstalled('the package holds what runs, its types, and nothing else', async () => {
  const root = join(user, 'node_modules', 'gymkhana');
  assert.equal(readdirSync(root).sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
  assert.equal(readdirSync(join(root, 'dist')).sort(), ['agents', 'envs', 'src']);
  for (const path of [
    'index.js',
    'index.d.ts',
    'cli/main.js',
    'backends/kernels/kernels-fused.wasm',
    'backends/kernels/kernels-plain.wasm',
  ]) {
    assert.ok(existsSync(join(root, 'dist', 'src', path)), path);
  }
  const maps = readdirSync(root, { recursive: true }).filter((path) => String(path).endsWith('.map'));
  assert.equal(maps, []);
});

testInstalled(
  'the README’s env and a program around it pass the strict compiler against the package’s types',
  async () => {
    writeFileSync(join(user, file), text);
    writeFileSync(
      join(user, 'program.ts'),
      `import { make, makeVec, train, evaluate, loadPolicy, GymkhanaError, type Env } from 'gymkhana';
import { ${exported} } from './${file.replace(/ts$/, 'js')}';

const own: Env<Float32Array, number> = new ${exported}();
const env = await make('CartPole-v1');
const observation: Float32Array = env.reset({ seed: 42 }).observation;
const reward: number = env.step(1).reward;
// @ts-expect-error: an action of CartPole is a number
env.step('left');
const pendulum = await make('Pendulum-v1');
// @ts-expect-error: an action of Pendulum is a Float32Array
pendulum.step(1);
const vector = await makeVec('CartPole-v1', { numEnvs: 4 });
const { runDir } = await train({ env: 'CartPole-v1', config: { totalSteps: 1000 } });
const { meanReturn } = await evaluate(runDir, { episodes: 1 });
const action = (await loadPolicy(runDir)).predict(observation, { deterministic: true });
export { own, reward, vector, meanReturn, action, GymkhanaError };
`,
    );
    const options = {
      target: 'ES2022',
      lib: ['ES2023', 'ES2024.SharedMemory'],
      module: 'NodeNext',
      strict: true,
      noImplicitOverride: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(projectRoot, 'node_modules', '@types')],
    };
    const files = [file, 'program.ts'];
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
    // Top-level await needs a module; the env itself is also loaded without this line below.
    writeFileSync(join(user, 'package.json'), '{ "name": "my-project", "private": true, "type": "module" }\n');
    succeeded(await inProject(process.execPath, join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc')));
  },
);

testInstalled('the installed command trains, evaluates, records and verifies the user’s env', async () => {
  const trained = lastJson(await gymkhana('train', env, '--total-steps', '8192', '--run-dir', 'run', '--json'));
  assert.is(trained['runDir'], join(user, 'run'));
  assert.is(trained['steps'], 8192);
  for (const name of ['seconds', 'stepsPerSecond', 'meanReturn']) assert.type(trained[name], 'number', name);
  assert.match(String(trained['parametersHash']), /^[0-9a-f]{64}$/);
  const evaluated = lastJson(await gymkhana('eval', 'run', '--episodes', '20', '--json'));
  assert.is(evaluated['episodes'], 20);
  assert.ok(Number(evaluated['meanReturn']) > 8, `of 10, a random policy has 5: ${evaluated['meanReturn']}`);
  const recorded = lastJson(await gymkhana('record', 'run', '--json'));
  const episode = String(recorded['path']);
  assert.ok(existsSync(join(user, episode)) || existsSync(episode), episode);
  const verified = lastJson(await gymkhana('replay', 'verify', episode, '--json'));
  assert.is(verified['ok'], true, JSON.stringify(verified));
});

testInstalled('the installed library is the one that the user’s program imports', async () => {
  writeFileSync(
    join(user, 'program.mjs'),
    `import { make, registry, loadPolicy } from 'gymkhana';
const env = await make('CartPole-v1');
const { observation } = env.reset({ seed: 42 });
const action = (await loadPolicy('run')).predict(Float32Array.of(1), { deterministic: true });
console.log(JSON.stringify({ first: observation[0], envs: registry.size, action }));`,
  );
  const said = lastJson(succeeded(await inProject(process.execPath, 'program.mjs')));
  // Gymnasium 1.x: gym.make('CartPole-v1').reset(seed=42)[0][0]
  assert.is(said['first'], Math.fround(0.02739560417830944));
  assert.ok(Number(said['envs']) >= 6);
});

test.run();
