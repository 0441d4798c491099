import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../support/temporary.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const folder = temporaryFolder();
/** Makes the package impossible to load, as on a system that it has no library for. */
const hook = join(folder, 'hook.mjs');
writeFileSync(
  hook,
  `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`export async function resolve(specifier, context, next) {
  if (specifier === 'onnxruntime-node') throw new Error('no library for this system');
  return next(specifier, context);
}\`));
`,
);
const run = (...words: string[]) =>
  spawnSync(process.execPath, ['--import', hook, main, ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
  });

test('--backend onnx without its library is a named error before the run has a directory', () => {
  const { status, stderr } = run('train', 'CartPole-v1', '--backend', 'onnx', '--run-dir', 'run');
  assert.is(status, 2, stderr);
  assert.match(
    stderr,
    /'onnx' cannot run here: no library for this system\. Install gymkhana again .*--backend kernels/,
  );
  assert.not.ok(existsSync(join(folder, 'run')));
});

test('auto then takes the kernels and says what it would rather have', () => {
  const wide = ['--hidden', '256,256', '--num-envs', '64', '--num-steps', '16', '--minibatch-size', '1024'];
  const { status, stderr } = run('train', 'CartPole-v1', ...wide, '--total-steps', '1024', '--run-dir', 'auto');
  assert.is(status, 0, stderr);
  assert.match(stderr, /learner kernels \(for this network .*; but the learner 'onnx' cannot run here: no library/);
});

test('doctor shows it as absent, with the reason', () => {
  const { status, stdout } = run('doctor');
  assert.is(status, 0);
  assert.match(stdout, /onnx +absent +the learner 'onnx' cannot run here: no library for this system/);
  const measured = run('doctor', '--measure');
  assert.is(measured.status, 2, measured.stdout);
  assert.match(measured.stderr, /no library for this system/);
});

test.run();
