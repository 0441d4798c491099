import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  leastSquares,
  liveHeap,
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

test("a worker's live heap counts what it keeps, not its garbage", async () => {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    globalThis.kept = [];
    parentPort.on('message', ({ keep, drop }) => {
      for (let k = 0; k < keep; k++) kept.push(Array.from({ length: 1000 }, (_, i) => [i + 0.5]));
      for (let k = 0; k < drop; k++) new Float64Array(1000).fill(k);
      kept.push(new Float64Array(1e6));
      parentPort.postMessage('done');
    });`,
    { eval: true },
  );
  await once(worker, 'online');
  try {
    const before = await liveHeap(worker);
    worker.postMessage({ keep: 0, drop: 2000 });
    await once(worker, 'message');
    const buffer = (await liveHeap(worker)) - before;
    assert.ok(Math.abs(buffer - 8e6) < 0.3e6, `${buffer} bytes for an array of 8 MB`);
    worker.postMessage({ keep: 50, drop: 0 });
    await once(worker, 'message');
    // An array of one double: its object of 4 words, elements of 3, and the pointer to it.
    const arrays = (await liveHeap(worker)) - before - buffer - 8e6;
    assert.ok(arrays > 50 * 1000 * 32 && arrays < 50 * 1000 * 160, `${arrays} bytes for 50,000 small arrays`);
  } finally {
    await worker.terminate();
  }
});

test('memory is flat while CartPole steps: a share of npm run soak', async () => {
  const run = await soakCartPole(5e6);
  assert.ok(run.flat, JSON.stringify(run));
  assert.ok(run.steps >= 5e6);
});

test('memory is flat while Driving trains: a share of npm run soak', async () => {
  // Few envs: a snapshot of a heap takes as long as the heap is large.
  const run = await soakDriving(0.1, 3, { numEnvs: 16, numSteps: 64, numMinibatches: 4 });
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
