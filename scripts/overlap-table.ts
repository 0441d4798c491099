/**
 * What `--overlap` gains and costs: presets trained with and without it, seed by seed, on a learner outside of the workers. Prints steps/s of whole runs
 * and returns of 100 greedy episodes of the last checkpoint.
 *
 *     node dist/scripts/overlap-table.js [EnvId ...] [--backend tfjs:wasm] [--workers 1] [--seeds 5] [--total-steps N]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import '../envs/index.js';
import type { BackendName } from '../src/backends/backend.js';
import { mean } from '../src/core/statistics.js';
import { evaluate, train } from '../src/index.js';
import { markdownTable } from './bench/format.js';
import { machine } from './bench/machine.js';
import { median } from './bench/measure.js';

/** Evaluation episodes come from a seed that no run trains with. */
const EVAL_SEED = 20_000;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'tfjs:wasm' },
    workers: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '5' },
    'total-steps': { type: 'string' },
  },
});
const ids = positionals.length > 0 ? positionals : ['CartPole-v1', 'LunarLander-v3'];
const seeds = Array.from({ length: Number(flags.seeds) }, (_, k) => k + 1);
const folder = mkdtempSync(join(tmpdir(), 'gymkhana-overlap-'));

interface Outcome {
  readonly rate: number;
  readonly return: number;
}

async function outcome(env: string, seed: number, overlap: boolean): Promise<Outcome> {
  const runDir = join(folder, `${env}-${seed}-${overlap}`);
  const { stepsPerSecond } = await train({
    env,
    seed,
    runDir,
    backend: flags.backend as BackendName,
    workers: Number(flags.workers),
    config: { overlap, ...(flags['total-steps'] !== undefined && { totalSteps: Number(flags['total-steps']) }) },
  });
  const { meanReturn } = await evaluate(runDir, { episodes: 100, seed: EVAL_SEED });
  rmSync(runDir, { recursive: true });
  return { rate: stepsPerSecond, return: meanReturn };
}

const shown = (values: readonly number[], digits: number): string =>
  `${mean(values).toFixed(digits)} (${values.map((value) => value.toFixed(digits)).join(', ')})`;

const rows: string[][] = [];
for (const id of ids) {
  const of = new Map<boolean, Outcome[]>([
    [false, []],
    [true, []],
  ]);
  // Turn by turn: a noisy machine is noisy for both.
  for (const seed of seeds) for (const [overlap, outcomes] of of) outcomes.push(await outcome(id, seed, overlap));
  const rate = (overlap: boolean): number => median(of.get(overlap)!.map((one) => one.rate));
  for (const [overlap, outcomes] of of) {
    const returns = outcomes.map((one) => one.return);
    const ratio = overlap ? `${(rate(true) / rate(false)).toFixed(2)}x` : '';
    rows.push([id, overlap ? 'overlap' : 'in turn', shown(returns, 1), String(Math.round(rate(overlap))), ratio]);
  }
}
rmSync(folder, { recursive: true, force: true });
const head = ['env', 'collecting and learning', `return, mean (of each seed)`, 'steps/s, median', 'ratio'];
process.stdout.write(
  `${JSON.stringify({ ...machine(), backend: flags.backend, workers: flags.workers })}\n${markdownTable(head, rows)}\n`,
);
