// Trains PPO on Catch in pixels with two worker threads, and Stable-Baselines3 with two threads of PyTorch on the same work beside it, turn by
// turn; prints steps per second of whole trainings and their ratio:
//   node dist/scripts/bench/pixels.js --python bench/.venv/bin/python [--rounds 3] [--json]
// The Python needs gymnasium and stable-baselines3; `npm run bench` makes such an environment. Without one only our side is timed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { problemOf } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo } from '../../agents/ppo/ppo.js';
import type { EnvSpec } from '../../src/core/spec.js';

import { constructEnv } from '../../src/registration/index.js';
import { markdownTable } from './format.js';
import { machine } from './machine.js';
import { median } from './measure.js';

interface Setting {
  readonly name: string;
  readonly network: 'small-cnn' | 'nature-cnn';
  /** Cells of six pixels a side. */
  readonly cells: number;
  /** Stacked frames. */
  readonly stack: number;
  readonly totalSteps: number;
}

const SETTINGS: readonly Setting[] = [
  { name: 'small CNN, 42x42 grey', network: 'small-cnn', cells: 7, stack: 1, totalSteps: 16_384 },
  { name: 'NatureCNN, 84x84 grey, 4 frames', network: 'nature-cnn', cells: 14, stack: 4, totalSteps: 2048 },
];
const COMMON = { numEnvs: 16, numSteps: 64, minibatchSize: 256, updateEpochs: 4, learningRate: 3e-4 };

const { values: flags } = parseArgs({
  options: { python: { type: 'string' }, rounds: { type: 'string', default: '3' }, json: { type: 'boolean' } },
});
const rounds = Number(flags.rounds);

/** Steps per second of one training here. */
async function ours({ network, cells, stack, totalSteps }: Setting): Promise<number> {
  const spec: EnvSpec = {
    id: 'Catch-v0',
    moduleUrl: new URL('./catch.js', import.meta.url).href,
    exportName: 'CatchEnv',
    maxEpisodeSteps: null,
    rewardThreshold: null,
    nondeterministic: false,
    kwargs: { cells },
    ...(stack > 1 && {
      wrappers: [{ name: 'FrameStackObservation', moduleUrl: null, kwargs: { stackSize: stack } }],
    }),
  };
  const env = await constructEnv(spec);
  const config: PpoConfig = { ...defaultPpoConfig, ...COMMON, encoder: network, normReward: false, totalSteps };
  const problem = problemOf(env, spec, config);
  const ppo = await Ppo.create(config, { ...problem, seed: 1, workers: 2, workerLearner: 'onnx' });
  await ppo.iterate();
  const begin = performance.now();
  const iterations = totalSteps / (COMMON.numEnvs * COMMON.numSteps);
  for (let k = 0; k < iterations; k++) await ppo.iterate();
  const rate = (totalSteps / (performance.now() - begin)) * 1000;
  await ppo.close();
  return rate;
}

/** The same of Stable-Baselines3, in a process of its own. */
async function theirs(python: string, setting: Setting): Promise<number> {
  const file = fileURLToPath(new URL('../../../scripts/bench/peers/sb3_pixels.py', import.meta.url));
  const child = spawn(python, [file, JSON.stringify({ ...COMMON, ...setting, rounds: 1 })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let rate = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) rate = Number(line);
  await ended;
  return rate;
}

const rows: { name: string; ours: number[]; theirs: number[] }[] = [];
for (const setting of SETTINGS) {
  const row = { name: setting.name, ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    row.ours.push(await ours(setting));
    if (flags.python !== undefined) row.theirs.push(await theirs(flags.python, setting));
  }
  rows.push(row);
}
const shown = (rates: readonly number[]): string =>
  rates.length === 0 ? '-' : `${Math.round(median(rates))} (${rates.map((rate) => Math.round(rate)).join(', ')})`;
if (flags.json === true) process.stdout.write(`${JSON.stringify({ machine: machine(), rows })}\n`);
else {
  const table = rows.map((row) => [
    row.name,
    shown(row.ours),
    shown(row.theirs),
    row.theirs.length === 0 ? '-' : `${(median(row.ours) / median(row.theirs)).toFixed(2)}x`,
  ]);
  const head = ['training', 'Gymkhana, steps/s', 'Stable-Baselines3, steps/s', 'ratio'];
  process.stdout.write(`${JSON.stringify(machine())}\n${markdownTable(head, table)}\n`);
}
