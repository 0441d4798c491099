import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  leastSquares,
  openOften,
  soakCartPole,
  soakDriving,
  soakEngines,
  soakIterations,
  soakVectorEnvs,
} from '../../scripts/soak.js';

test('a line is found with its slope and standard error', () => {
  const exact = leastSquares([0, 1, 2, 3], [1, 3, 5, 7]);
  assert.is(exact.slope, 2);
  assert.is(exact.standardError, 0);
  // By hand: means 1.5 and 1, Sxx 5, Sxy 1, residuals -0.7, 1.1, -0.1, -0.3, their squares 1.8.
  const noisy = leastSquares([0, 1, 2, 3], [0, 2, 1, 1]);
  assert.ok(Math.abs(noisy.slope - 0.2) < 1e-12);
  assert.ok(Math.abs(noisy.standardError - Math.sqrt(1.8 / 2 / 5)) < 1e-12);
});

test('memory is flat while CartPole steps: a share of npm run soak', async () => {
  const run = await soakCartPole(5e6);
  assert.ok(run.flat, JSON.stringify(run));
  assert.ok(run.steps >= 5e6);
});

test('memory is flat while Driving trains: a share of npm run soak', async () => {
  const run = await soakDriving(0.08);
  assert.ok(run.flat, JSON.stringify(run));
});

test('an iteration leaves nothing in the main thread: a share of npm run soak', async () => {
  const run = await soakIterations(4000);
  // A promise with its reactions, kept for each iteration, is 300 bytes.
  assert.ok(run.heapUsed.perUnit.slope < 0.06, JSON.stringify(run));
  assert.ok(run.flat, JSON.stringify(run));
});

test('no thread, file or handle is left of vector envs and training engines: a share of npm run soak', async () => {
  const vectors = await soakVectorEnvs(20);
  assert.not(vectors.leaked, JSON.stringify(vectors));
  const engines = await soakEngines(4);
  assert.not(engines.leaked, JSON.stringify(engines));
});

test('a file that stays open is seen', async () => {
  if (process.platform !== 'linux') return;
  const open: number[] = [];
  const run = await openOften(3, async () => void open.push(openSync(devNull, 'r')));
  for (const descriptor of open) closeSync(descriptor);
  assert.ok(run.leaked);
  assert.is(run.after.descriptors - run.before.descriptors, 3);
});

test.run();
