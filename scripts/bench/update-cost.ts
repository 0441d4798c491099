/**
 * One optimiser step of PPO by width, minibatch and learner, ms: medians of rounds, data and orders from fixed seeds.
 *
 *     node dist/scripts/bench/update-cost.js [--widths 64,256,1024] [--batches 256,1024,...] [--backends kernels,onnx:cuda]
 *         [--workers 1,2] [--rounds 5] [--cap 20] [--json] [--write]
 *
 * A cell that would take longer than `--cap` seconds, by the cell before it, is left out with its estimate. `--write` keeps the results in
 * bench/results/update-cost.json and writes the table of docs/benchmarks.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Provider } from '../../src/backends/backend.js';
import { type BackendName, isOnnxDevice } from '../../src/backends/backend.js';
import { backendStatuses } from '../../src/backends/choose.js';
import { OnnxLearner, type Scheme, schemeOf } from '../../src/backends/onnx/device-learner.js';
import { nvidiaCard } from '../../src/backends/onnx/providers.js';
import { Generator } from '../../src/index.js';
import { initialParameters, mlpNetwork } from '../../src/network/init.js';
import { multiplyAdds } from '../../src/network/validate.js';
import { markdownTable, threeDigits } from './format.js';
import { LoadWatch, machine } from './machine.js';
import { median, rounded, type Summary, summarize } from './measure.js';
import { Contestant, livePids } from './process.js';
import { writeSection } from './tables.js';

const INPUTS = 16;
const OUTPUTS = 4;

const { values: flags } = parseArgs({
  options: {
    widths: { type: 'string', default: '64,256,1024' },
    batches: { type: 'string', default: '256,1024,4096,16384,65536,131072' },
    backends: { type: 'string' },
    workers: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '5' },
    cap: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const list = (text: string): number[] => text.split(',').map(Number);
const rounds = Number(flags.rounds);
const watch = new LoadWatch(livePids);
const cap = Number(flags.cap);

/** One learner's time for a minibatch; null with the reason where it was not measured. */
interface Cell {
  readonly width: number;
  readonly batch: number;
  readonly backend: string;
  readonly workers: number;
  readonly ms: Summary | null;
  readonly missing: string | null;
}

/** What an iteration costs a device learner besides its minibatches. */
interface Transfer {
  readonly learner: string;
  readonly width: number;
  readonly samples: number;
  /** MiB of the rollout that go up once, and of parameters and moments each way. */
  readonly rolloutMiB: number;
  readonly stateMiB: number;
  /** ms of a minibatch, and of an iteration besides. */
  readonly minibatch: number;
  readonly besides: number;
}

const problemOf = (width: number) =>
  mlpNetwork({
    observationSize: INPUTS,
    hidden: [width, width],
    distribution: { type: 'categorical', actions: OUTPUTS },
  });

/** Measures a backend's cells in the order of their work; a cell's time foretells the next one's. */
async function measure(backend: string, workers: number, say: (cell: Cell) => void): Promise<void> {
  let known: { readonly ms: number; readonly work: number } | null = null;
  for (const width of list(flags.widths)) {
    for (const batch of list(flags.batches)) {
      const work = multiplyAdds(problemOf(width)) * batch;
      const expected: number = known === null ? 1 : Math.max(0.02, (known.ms * work) / known.work);
      const head = { width, batch, backend, workers };
      // One call warms up; each round is at least one more.
      const epochs = Math.max(1, Math.min(400, Math.round(50 / expected)));
      const seconds = ((expected * epochs) / 1000) * (rounds + 1);
      if (known !== null && seconds > cap) {
        say({ ...head, ms: null, missing: `about ${threeDigits(expected / 1000)} s a minibatch` });
        continue;
      }
      const task = { kind: 'update', inputs: INPUTS, outputs: OUTPUTS, width, batch, workers, backend, epochs };
      const answer = await timesOf(task);
      if (typeof answer === 'string') {
        say({ ...head, ms: null, missing: answer });
        continue;
      }
      known = { ms: median(answer), work };
      say({ ...head, ms: summarize(answer.map(rounded)), missing: null });
    }
  }
}

/** ms a minibatch of every round, in a process of its own; a text says why there are none. */
async function timesOf(task: object): Promise<number[] | string> {
  const host = { command: process.execPath, args: [fileURLToPath(new URL('./ours.js', import.meta.url))] };
  const { contestant } = await Contestant.start(host);
  try {
    const opened = await contestant.call({ call: 'open', task }, 20 * cap);
    if (opened.error !== undefined) return opened.error;
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      watch.begin();
      const { units, seconds, error } = await contestant.call({ call: 'round', seconds: 0.2, seed: round }, 20 * cap);
      watch.end();
      if (error !== undefined) return error;
      times.push((1000 * seconds!) / units!);
    }
    return times;
  } finally {
    await contestant.close();
  }
}

/** Iterations of one and of five epochs in turns: their difference is minibatches, the rest is what an iteration costs besides. */
async function transfer(
  name: BackendName,
  provider: Provider,
  scheme: Scheme,
  width: number,
  samples: number,
): Promise<Transfer> {
  const network = problemOf(width);
  const generator = Generator.fromSeed(2);
  const normals = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => generator.standardNormal());
  const parameters = initialParameters(network, generator);
  const state = {
    parameters,
    firstMoments: new Float32Array(parameters.length),
    secondMoments: new Float32Array(parameters.length),
    step: 0,
  };
  const batch = {
    observations: normals(samples * INPUTS),
    mean: new Float32Array(INPUTS),
    invStd: new Float32Array(INPUTS).fill(1),
    observationClip: Number.POSITIVE_INFINITY,
    actions: Int32Array.from({ length: samples }, () => generator.integers(0, OUTPUTS)),
    logProbs: new Float32Array(samples).fill(-Math.log(OUTPUTS)),
    advantages: normals(samples),
    returns: normals(samples),
    values: normals(samples),
  };
  const settings = {
    learningRate: 1e-6,
    clipCoef: 0.2,
    clipVloss: true,
    normAdv: true,
    entCoef: 0,
    vfCoef: 0.5,
    maxGradNorm: 0.5,
    adamEps: 1e-5,
    targetKl: null,
  };
  const orders = Array.from({ length: 5 }, () => Int32Array.from(generator.permutation(samples)));
  const learner = new OnnxLearner(name, provider, network, scheme);
  const iteration = async (epochs: number): Promise<number> => {
    const from = performance.now();
    await learner.update(batch, orders.slice(0, epochs), 4, settings, state);
    return performance.now() - from;
  };
  await iteration(1);
  // The lowest of many: a difference of medians would be the machine's noise.
  let [few, many] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 4 * rounds; round++) {
    few = Math.min(few, await iteration(1));
    many = Math.min(many, await iteration(5));
  }
  learner.dispose();
  const minibatch = (many - few) / 16;
  const perSample = 4 * (INPUTS + 6);
  return {
    learner: `${name === 'onnx' ? 'ONNX Runtime on the processor' : name}, ${scheme === 'loop' ? 'one run an iteration' : 'a run each minibatch'}`,
    width,
    samples,
    rolloutMiB: rounded((samples * perSample) / 2 ** 20),
    stateMiB: rounded((12 * parameters.length) / 2 ** 20),
    minibatch: rounded(minibatch),
    besides: rounded(few - 4 * minibatch),
  };
}

/** A row for each width and learner, a column for each minibatch. */
function costTable(cells: readonly Cell[]): string {
  const batches = list(flags.batches);
  const keys = [...new Set(cells.map(({ width, backend, workers }) => `${width} ${backend} ${workers}`))];
  const rows = keys.map((key) => {
    const own = cells.filter(({ width, backend, workers }) => `${width} ${backend} ${workers}` === key);
    const { width, backend, workers } = own[0]!;
    const inWorkers = backend === 'kernels' || backend === 'onnx';
    const shown = batches.map((batch) => {
      const { ms, missing } = own.find((cell) => cell.batch === batch)!;
      return ms === null ? `- (${missing!})` : threeDigits(ms.median);
    });
    const label = inWorkers ? `${backend}, ${workers} ${workers === 1 ? 'worker' : 'workers'}` : backend;
    return [`2 x ${width}-${width}`, label, ...shown];
  });
  rows.sort((a, b) => Number(a[0]!.split('-')[1]) - Number(b[0]!.split('-')[1]));
  return markdownTable(['towers', 'learner', ...batches.map((batch) => batch.toLocaleString('en'))], rows);
}

function transferTable(transfers: readonly Transfer[]): string {
  return markdownTable(
    ['learner', 'towers', 'samples', 'rollout, MiB', 'state, MiB', 'a minibatch, ms', 'an iteration besides, ms'],
    transfers.map((t) => [
      t.learner,
      `2 x ${t.width}-${t.width}`,
      t.samples.toLocaleString('en'),
      threeDigits(t.rolloutMiB),
      threeDigits(t.stateMiB),
      threeDigits(t.minibatch),
      t.besides > 0 ? threeDigits(t.besides) : 'below the noise',
    ]),
  );
}

const statuses = await backendStatuses();
const wanted = flags.backends?.split(',');
const names = statuses.filter(({ name, available }) => (wanted?.includes(name) ?? true) && available);
const here = { ...machine(), card: nvidiaCard() };
const cells: Cell[] = [];
const say = (cell: Cell): void => {
  cells.push(cell);
  const what = cell.ms === null ? cell.missing : `${threeDigits(cell.ms.median)} ms`;
  process.stderr.write(`2 x ${cell.width}, ${cell.batch}: ${cell.backend}, ${cell.workers}: ${what}\n`);
};
for (const { name } of names) {
  const counts = name === 'kernels' || name === 'onnx' ? list(flags.workers) : [1];
  for (const workers of counts) await measure(name, workers, say);
}
const transfers: Transfer[] = [];
const [narrow] = list(flags.widths);
const samples = Math.min(16_384, ...list(flags.batches).slice(-1));
const devices = names.flatMap(({ name }) => (isOnnxDevice(name) ? [name] : []));
for (const scheme of ['loop', 'steps'] as const)
  transfers.push(await transfer('onnx', 'cpu', scheme, narrow!, samples));
for (const name of devices) {
  const provider = name.slice('onnx:'.length) as Provider;
  transfers.push(await transfer(name, provider, schemeOf(provider), narrow!, samples));
}

const load = watch.load();
const line =
  `${here.processor}, ${here.threads} threads, ${here.platform}, Node ${here.node.slice(1)}, ` +
  `${here.card ?? 'no card'}; medians of ${rounds} rounds (of what an iteration costs besides, the lowest of ${4 * rounds}); other ` +
  `processes kept ${load.others?.median ?? '?'} threads busy (median), ${load.others?.high ?? '?'} at most.`;
const absent = statuses
  .filter(({ name, available }) => !available && (wanted?.includes(name) ?? true))
  .map(({ name }) => name);
const section =
  `${line}${absent.length === 0 ? '' : ` Not on this machine: ${absent.join(', ')}.`}\n\n` +
  `${costTable(cells)}\n\n${transferTable(transfers)}`;
if (flags.write) {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const file = join(root, 'bench', 'results', 'update-cost.json');
  mkdirSync(dirname(file), { recursive: true });
  const rowsOf = (rows: readonly object[]): string => rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  writeFileSync(
    file,
    `{\n  "machine": ${JSON.stringify(here)},\n  "rounds": ${rounds},\n  "load": ${JSON.stringify(load)},\n  "absent": ${JSON.stringify(absent)},\n  "cells": [\n${rowsOf(cells)}\n  ],\n  "transfers": [\n${rowsOf(transfers)}\n  ]\n}\n`,
  );
  writeSection(join(root, 'docs', 'benchmarks.md'), section, [
    '<!-- update-cost:start -->',
    '<!-- update-cost:end -->',
  ]);
}
process.stdout.write(
  flags.json ? `${JSON.stringify({ machine: here, load, cells, transfers, absent })}\n` : `${section}\n`,
);
