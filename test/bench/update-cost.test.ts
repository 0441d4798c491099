import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { projectRoot } from '../support/paths.js';

function run(script: string, ...args: string[]) {
  const file = join(projectRoot, 'dist', 'scripts', 'bench', `${script}.js`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    timeout: 150_000,
  });
  assert.is(status, 0, stderr);
  return stdout;
}

test('update-cost measures each cell, leaves out what would take too long, and writes nothing unless told', () => {
  const page = readFileSync(join(projectRoot, 'docs', 'benchmarks.md'), 'utf8');
  const sizes = ['--widths', '8,16', '--batches', '32,64,1000000000', '--backends', 'kernels,onnx', '--workers', '1'];
  const { cells, transfers, machine } = JSON.parse(
    run('update-cost', ...sizes, '--rounds', '2', '--cap', '5', '--json'),
  );
  assert.ok(machine.threads >= 1);
  assert.is(cells.length, 12);
  for (const { batch, ms, missing } of cells) {
    if (batch === 1e9) assert.match(missing, /^about [\d,.]+ s a minibatch$/);
    else assert.ok(ms.low > 0 && ms.low <= ms.median && ms.median <= ms.high, JSON.stringify(ms));
  }
  assert.is(transfers.length, 2);
  for (const { minibatch, stateMiB } of transfers) assert.ok(minibatch > 0 && stateMiB > 0);
  assert.is(readFileSync(join(projectRoot, 'docs', 'benchmarks.md'), 'utf8'), page);
});

test('device-steps has three columns for every env and number of envs', () => {
  const sizes = ['--ids', 'CartPole-v1', '--envs', '8,16', '--steps', '8', '--rounds', '1', '--workers', '1'];
  const { rows } = JSON.parse(run('device-steps', ...sizes, '--backend', 'kernels', '--json'));
  assert.is(rows.length, 2);
  for (const { envsAlone, withInference, withTraining, backend, reason } of rows) {
    assert.ok(Math.min(envsAlone, withInference, withTraining) > 0);
    assert.equal([backend, reason], ['kernels', 'asked for']);
  }
});

test.run();
