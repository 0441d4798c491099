import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceLearnerFactory, LearnerStats } from '../../src/backends/backend.js';
import { chooseBackend, measurableDevices } from '../../src/backends/choose.js';
import {
  chooseLearner,
  type DeviceSpeed,
  expectedTimes,
  knownSpeed,
  type LearnerSpeed,
  measuredNetwork,
  processorName,
  shippedSpeed,
  speedFile,
  storeSpeed,
} from '../../src/backends/learner-speed.js';
import { measureLearnerSpeed } from '../../src/backends/measure-learners.js';
import { GymkhanaError } from '../../src/core/errors.js';
import { mlpNetwork } from '../../src/network/init.js';
import { plainTowers } from '../../src/network/plan.js';
import { temporaryFolder } from '../support/temporary.js';

process.env['XDG_CACHE_HOME'] = temporaryFolder();

const SPEED: LearnerSpeed = {
  version: 1,
  processor: processorName(),
  date: '2026-11-20',
  units: [64, 256],
  minibatches: [64, 256, 4096],
  kernels: [
    [0.1, 0.4, 6.4],
    [1.6, 6.4, 102.4],
  ],
  onnx: [
    [0.4, 0.5, 5.6],
    [2, 4, 50],
  ],
};
const close = (a: number, b: number): void => assert.ok(Math.abs(a / b - 1) < 1e-9, `${a} instead of ${b}`);

test('at its points a table gives its own times', () => {
  SPEED.units.forEach((units, i) => {
    SPEED.minibatches.forEach((minibatch, j) => {
      const { kernels, onnx } = expectedTimes(SPEED, measuredNetwork(units), minibatch);
      close(kernels, SPEED.kernels[i]![j]!);
      close(onnx, SPEED.onnx[i]![j]!);
    });
  });
});

test('between its points times lie between, beyond its edges they grow in proportion', () => {
  const narrow = measuredNetwork(64);
  // Kernels' times are proportional to the minibatch here, so logarithmic interpolation is exact.
  close(expectedTimes(SPEED, narrow, 1024).kernels, 1.6);
  close(expectedTimes(SPEED, narrow, 128).onnx, Math.sqrt(0.4 * 0.5));
  const between = expectedTimes(SPEED, measuredNetwork(128), 256);
  assert.ok(between.kernels > 0.4 && between.kernels < 6.4, `${between.kernels}`);
  close(expectedTimes(SPEED, narrow, 8192).onnx, 11.2);
  close(expectedTimes(SPEED, narrow, 32).kernels, 0.05);
  const wide = expectedTimes(SPEED, measuredNetwork(1024), 4096);
  const wider = expectedTimes(SPEED, measuredNetwork(2048), 4096);
  assert.ok(wide.kernels > 102.4 && wider.kernels > 3 * wide.kernels);
  close(wide.kernels / wide.onnx, 102.4 / 50);
});

test('auto takes the faster learner and says why; the kernels where there is little to gain', () => {
  const here = { speed: SPEED, source: 'measured here', notice: null } as const;
  assert.equal(chooseLearner(here, measuredNetwork(64), 256), {
    learner: 'kernels',
    inWorkers: 'kernels',
    reason:
      'for this network and minibatches of 256 about 0.40 ms with the kernels and 0.50 ms with ONNX Runtime on one thread, as measured on this machine, 2026-11-20',
  });
  assert.equal(chooseLearner({ ...here, source: 'shipped' }, measuredNetwork(256), 4096), {
    learner: 'onnx',
    inWorkers: 'onnx',
    reason: `for this network and minibatches of 4,096 about 102 ms with the kernels and 50 ms with ONNX Runtime on one thread, as measured on another machine (${SPEED.processor}), 2026-11-20; gymkhana doctor --measure times this one`,
  });
  const close = chooseLearner(here, measuredNetwork(64), 4096);
  assert.is(close.learner, 'kernels');
  assert.match(
    close.reason,
    /6\.4 ms .* 5\.6 ms .*, too little to give up the same bits on every kind of machine, as measured/,
  );
});

/** A device that takes 0.8 ms for anything small and then grows slowly. */
const CARD: DeviceSpeed = {
  name: 'onnx:cuda',
  device: 'a card',
  times: [
    [0.8, 0.8, 1],
    [0.9, 0.9, 2],
  ],
};
const withCard = (threads: number, devices: readonly DeviceSpeed[] = [CARD]) =>
  ({ speed: { ...SPEED, threads, devices }, source: 'measured here', notice: null }) as const;

test('a small network stays on the processor beside a device, a large one goes there; the reason has all times', () => {
  const small = chooseLearner(withCard(2), measuredNetwork(64), 256);
  assert.is(small.learner, 'kernels');
  assert.is(
    small.reason,
    'for this network and minibatches of 256 about 0.40 ms with the kernels and 0.50 ms with ONNX Runtime on one thread; shared between 2 threads at best 0.20 ms, against 0.80 ms with onnx:cuda on a card, as measured on this machine, 2026-11-20',
  );
  const large = chooseLearner(withCard(2), measuredNetwork(256), 4096);
  assert.equal([large.learner, large.inWorkers], ['onnx:cuda', 'onnx']);
  assert.match(large.reason, /shared between 2 threads at best 25 ms, against 2\.0 ms with onnx:cuda on a card, as/);
});

test("more threads keep work on the processor, as many as a minibatch has shards; the run's workers do not count", () => {
  const narrow = measuredNetwork(64);
  assert.is(chooseLearner(withCard(1), narrow, 4096).learner, 'onnx:cuda');
  assert.is(chooseLearner(withCard(8), narrow, 4096).learner, 'kernels');
  const { reason } = chooseLearner(withCard(64), narrow, 4096);
  assert.match(reason, /shared between 8 threads at best 0\.80 ms, against 1\.0 ms/);
  const close = chooseLearner(withCard(6), narrow, 4096);
  assert.is(close.learner, 'kernels');
  assert.match(close.reason, /at best 1\.1 ms, against 1\.0 ms with onnx:cuda on a card, too little to give up/);
});

test('of several devices the fastest counts', () => {
  const other = {
    name: 'onnx:webgpu',
    device: 'the same card',
    times: CARD.times.map((row) => row.map((t) => 3 * t)),
  } as const;
  const { learner, reason } = chooseLearner(withCard(1, [other, CARD]), measuredNetwork(256), 4096);
  assert.is(learner, 'onnx:cuda');
  assert.not.match(reason, /onnx:webgpu/);
});

test('a device that a program plays is not measured, so auto cannot choose it; nor is one that does not work', async () => {
  const asked: string[] = [];
  const found = await measurableDevices(async (name) => {
    asked.push(name);
    if (name === 'onnx:webgpu') return { device: 'Vulkan with vk_swiftshader_icd', software: true };
    if (name === 'onnx:cuda') return { device: 'a card', software: false };
    throw new GymkhanaError('BACKEND_UNAVAILABLE', 'not here', {});
  });
  assert.equal(asked, ['onnx:webgpu', 'onnx:cuda', 'onnx:dml', 'onnx:coreml']);
  assert.equal(
    found.map(({ name, device }) => [name, device]),
    [['onnx:cuda', 'a card']],
  );
});

test('a measured device that does not start any more leaves the work to the workers, with the reason', async () => {
  const dear = CARD.times.map((row) => row.map(() => 1e-4));
  storeSpeed(withCard(2, [{ ...CARD, name: 'onnx:coreml', times: dear }]).speed);
  if (process.platform === 'darwin') return assert.ok(true);
  const { name, reason, learner } = await chooseBackend('auto', measuredNetwork(64), { minibatch: 256 });
  rmSync(speedFile());
  assert.equal([name, learner], ['kernels', null]);
  assert.match(reason, /with onnx:coreml on a card.*; but the learner 'onnx:coreml' cannot run here: .* no provider/);
});

test('the table that comes with gymkhana prefers kernels for small work and onnx for large', () => {
  const known = { speed: shippedSpeed(), source: 'shipped', notice: null } as const;
  const pick = (units: number, minibatch: number): string =>
    chooseLearner(known, measuredNetwork(units), minibatch).learner;
  assert.is(pick(64, 64), 'kernels');
  assert.is(pick(64, 256), 'kernels');
  assert.is(pick(256, 4096), 'onnx');
  assert.is(pick(512, 16_384), 'onnx');
  const deep = mlpNetwork({
    observationSize: 40,
    hidden: [300, 200, 100],
    activation: 'relu',
    distribution: { type: 'gaussian', size: 6, logStdInit: 0 },
  });
  assert.is(chooseLearner(known, deep, 2048).learner, 'onnx');
});

test("this machine's own table goes first, a broken one gives a notice and the shipped one", async () => {
  const network = measuredNetwork(64);
  assert.is(knownSpeed().source, 'shipped');
  assert.is(storeSpeed(SPEED), join(process.env['XDG_CACHE_HOME']!, 'gymkhana', 'learner-speed.json'));
  assert.equal(knownSpeed(), { speed: SPEED, source: 'measured here', notice: null });
  const chosen = await chooseBackend('auto', network, { minibatch: 256 });
  assert.match(chosen.reason, /0\.40 ms with the kernels .* measured on this machine, 2026-11-20$/);

  for (const [text, problem] of [
    ['not JSON at all', 'not JSON'],
    ['{}', 'expected'],
    [JSON.stringify({ ...SPEED, kernels: [[1, 2, 3]] }), 'a time for every width and minibatch'],
    [JSON.stringify({ ...SPEED, units: [256, 64] }), 'increasing'],
    [JSON.stringify({ ...SPEED, onnx: [SPEED.onnx[0], [2, 0, 50]] }), '>0'],
    [JSON.stringify({ ...SPEED, devices: [{ ...CARD, times: [[1]] }] }), 'a time for every width and minibatch'],
    [JSON.stringify({ ...SPEED, devices: [{ ...CARD, name: 'onnx:card' }] }), 'onnx:cuda'],
    [JSON.stringify({ ...SPEED, processor: 'another one' }), 'measured on another processor (another one)'],
  ] as const) {
    mkdirSync(dirname(speedFile()), { recursive: true });
    writeFileSync(speedFile(), text);
    const { source, notice } = knownSpeed();
    assert.is(source, 'shipped', text);
    assert.ok(notice!.includes(problem) && notice!.includes(speedFile()), `${notice}`);
    assert.match(notice!, /doctor --measure writes it anew/);
    const notices: string[] = [];
    const { reason } = await chooseBackend('auto', network, { onNotice: (said) => void notices.push(said) });
    assert.equal(notices, [notice]);
    assert.match(reason, /as measured on another machine/);
  }
});

test('devices are measured in whole updates, with the threads of the machine', async () => {
  const updates: string[] = [];
  const create: DeviceLearnerFactory = async (network) => ({
    name: 'onnx:cuda',
    async update(batch, permutations, minibatches) {
      assert.is(batch.observations.length, batch.logProbs.length * network.observationSize);
      assert.equal(
        permutations.map(({ length }) => length),
        [batch.logProbs.length, batch.logProbs.length],
      );
      const shape = `${plainTowers(network)!.actor[0]!.units} ${batch.logProbs.length / minibatches}`;
      if (updates.at(-1) !== shape) updates.push(shape);
      await new Promise((resolve) => setTimeout(resolve, 4));
      return {} as LearnerStats;
    },
    dispose: () => void updates.push('end'),
  });
  const devices = [{ name: 'onnx:cuda', device: 'a card', create }] as const;
  const speed = await measureLearnerSpeed({
    date: '2026-11-26',
    units: [8, 16],
    minibatches: [16, 128],
    rounds: 1,
    devices,
  });
  assert.equal(updates, ['8 16', '8 128', 'end', '16 16', '16 128', 'end']);
  assert.is(speed.threads, availableParallelism());
  assert.equal(
    speed.devices!.map(({ name, device }) => [name, device]),
    [['onnx:cuda', 'a card']],
  );
  // Four minibatches an update of 4 ms.
  for (const time of speed.devices![0]!.times.flat()) assert.ok(time > 0.9 && time < 30, `${time}`);
  storeSpeed(speed);
  assert.equal(knownSpeed(), { speed, source: 'measured here', notice: null });
});

test('a measurement gives every point, in its shape', async () => {
  const points: string[] = [];
  const speed = await measureLearnerSpeed({
    date: '2026-11-26',
    units: [8, 16],
    minibatches: [16, 128, 1100],
    rounds: 1,
    onPoint: ({ units, minibatch }) => void points.push(`${units} ${minibatch}`),
  });
  assert.equal(points, ['8 16', '8 128', '8 1100', '16 16', '16 128', '16 1100']);
  storeSpeed(speed);
  assert.equal(knownSpeed(), { speed, source: 'measured here', notice: null });
});

test.run();
