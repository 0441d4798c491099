import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../support/temporary.js';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = temporaryFolder();
const file = join(folder, 'gymkhana', 'learner-speed.json');
const run = (...words: string[]) => {
  const env = { ...process.env, XDG_CACHE_HOME: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'doctor', ...words], {
    encoding: 'utf8',
    timeout: 150_000,
    env,
  });
  assert.is(status, 0, stderr);
  return { stdout, stderr };
};

test('doctor shows the learners, and which times auto goes by', () => {
  const { stdout } = run();
  assert.match(stdout, /onnx +present +ONNX Runtime 1\.\d+\.\d+, one thread in every worker/);
  assert.match(stdout, /by the times that come with gymkhana, of .*, \d{4}-\d\d-\d\d; --measure times this machine/);
});

test('doctor --measure times the learners, shows a table and keeps it for auto; a broken file is noticed', () => {
  const { stdout } = run('--measure');
  assert.match(stdout, /^ms a minibatch on one thread of .*, kernels \/ onnx$/m);
  assert.match(stdout, /^units +64 +256 +1,024 +4,096 +16,384$/m);
  assert.match(stdout, /^2 x 512( +[\d.,]+ \/ [\d.,]+){5}$/m);
  assert.ok(stdout.includes(`Kept in ${file}`), stdout);
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { date: string };
  assert.match(run().stdout, new RegExp(`by the times of this machine, ${stored.date}$`, 'm'));
  const { learnerSpeed } = JSON.parse(run('--json').stdout) as { learnerSpeed: object };
  assert.equal(learnerSpeed, { source: 'measured here', ...stored });
  writeFileSync(file, '{');
  const { stdout: again, stderr } = run();
  assert.match(stderr, /learner-speed\.json does not hold measured times \(not JSON\)/);
  assert.match(again, /by the times that come with gymkhana/);
});

test.run();
