/**
 * Update time by width and minibatch, with the kernels and with ONNX Runtime, in the real worker threads: ms a minibatch,
 * gradient, barrier, reduction and Adam. One iteration with five epochs less one with a single epoch, taken in turns; medians.
 *
 *     node dist/scripts/bench/learner.js [--widths 64,256] [--batches 256,4096] [--workers 1,2] [--rounds 5] [--json]
 */
import { cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import '../../envs/index.js';
import { problemOf } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo } from '../../agents/ppo/ppo.js';
import type { WorkerLearner } from '../../src/backends/backend.js';
import { make, spec } from '../../src/index.js';
import { median } from './measure.js';

const { values: flags } = parseArgs({
  options: {
    widths: { type: 'string', default: '64,128,256,512' },
    batches: { type: 'string', default: '64,256,1024,4096,16384' },
    workers: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const list = (text: string): number[] => text.split(',').map(Number);
const rounds = Number(flags.rounds);
const LEARNERS: readonly WorkerLearner[] = ['kernels', 'onnx'];
/** Epochs of the two iterations whose difference is the update. */
const FEW = 1;
const MANY = 5;

interface Row {
  readonly width: number;
  readonly batch: number;
  readonly workers: number;
  /** ms a minibatch. */
  readonly kernels: number;
  readonly onnx: number;
}

/** A run after a first iteration that is not counted. */
async function start(config: PpoConfig, workers: number, workerLearner: WorkerLearner): Promise<Ppo> {
  const env = await make('CartPole-v1');
  const ppo = await Ppo.create(config, {
    ...problemOf(env, spec('CartPole-v1'), config),
    seed: 1,
    workers,
    workerLearner,
  });
  await ppo.iterate();
  return ppo;
}

async function timed(ppo: Ppo): Promise<number> {
  const from = performance.now();
  await ppo.iterate();
  return performance.now() - from;
}

async function measure(width: number, batch: number, workers: number): Promise<Row> {
  // Small minibatches need several to an epoch to be timed.
  const samples = Math.max(batch, 4096);
  const config = (updateEpochs: number): PpoConfig => ({
    ...defaultPpoConfig,
    hidden: [width, width],
    numEnvs: samples / 16,
    numSteps: 16,
    minibatchSize: batch,
    updateEpochs,
    totalSteps: samples * 1000,
  });
  const runs: { learner: WorkerLearner; few: Ppo; many: Ppo; times: number[] }[] = [];
  for (const learner of LEARNERS) {
    const [few, many] = [await start(config(FEW), workers, learner), await start(config(MANY), workers, learner)];
    runs.push({ learner, few, many, times: [] });
  }
  const minibatches = (MANY - FEW) * (samples / batch);
  for (let round = 0; round < rounds; round++) {
    for (const { few, many, times } of runs)
      times.push(-(await timed(few)) / minibatches + (await timed(many)) / minibatches);
  }
  for (const { few, many } of runs) {
    await few.close();
    await many.close();
  }
  const [kernels, onnx] = runs.map(({ times }) => median(times));
  return { width, batch, workers, kernels: kernels!, onnx: onnx! };
}

const rows: Row[] = [];
const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: loadavg()[0]! };
if (!flags.json) {
  process.stdout.write(
    `${machine.processor}, ${machine.cores} cores, load ${machine.load.toFixed(1)} at the start; ms a minibatch, medians of ${rounds}\n\n` +
      '| units | minibatch | workers | kernels | onnx | kernels / onnx |\n| --- | --- | --- | --- | --- | --- |\n',
  );
}
for (const width of list(flags.widths)) {
  for (const batch of list(flags.batches)) {
    for (const workers of list(flags.workers)) {
      const row = await measure(width, batch, workers);
      rows.push(row);
      if (flags.json) continue;
      const { kernels, onnx } = row;
      process.stdout.write(
        `| 2 x ${width} | ${batch} | ${workers} | ${kernels.toFixed(3)} | ${onnx.toFixed(3)} | ${(kernels / onnx).toFixed(2)} |\n`,
      );
    }
  }
}
if (flags.json) process.stdout.write(`${JSON.stringify({ machine, rows })}\n`);
