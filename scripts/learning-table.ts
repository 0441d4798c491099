/**
 * Trains every preset over five seeds and writes docs/learning.md: returns of 100 greedy episodes of the last checkpoint,
 * every seed shown, with steps and wall time.
 *
 *     node dist/scripts/learning-table.js [EnvId ... | --none]
 *
 * Results of envs that are not named are kept from docs/learning.json; `--none` trains nothing and writes the page anew. The
 * scripted baselines play the same episodes each time the page is written.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ppoPresets } from '../agents/ppo/presets.js';
import { mean } from '../src/core/statistics.js';
import { baselinesOf, evaluate, evaluateController, type JsonObject, makeFromSpec, spec, train } from '../src/index.js';
import { quantile } from '../src/runs/report/bootstrap.js';

const SEEDS = [1, 2, 3, 4, 5];
/** Evaluation episodes come from a seed that no run trains with. */
const EVAL_SEED = 20_000;

/** What the table must show, and which episodes count. */
const goals: Record<
  string,
  { readonly goal: string; readonly episodes: number; readonly digits?: number; readonly envKwargs?: JsonObject }
> = {
  'CartPole-v1': { goal: '>= 475 on every seed', episodes: 100 },
  'Pendulum-v1': { goal: 'better than -200', episodes: 100 },
  'Acrobot-v1': { goal: 'better than -90', episodes: 100 },
  'MountainCar-v0': { goal: 'better than -115', episodes: 100 },
  'MountainCarContinuous-v0': { goal: '>= 88', episodes: 100 },
  'FrozenLake-v1': { goal: 'close to 0.74, the optimum', episodes: 1000, digits: 3 },
  'Taxi-v4': { goal: 'close to 7.9, the optimum', episodes: 1000, digits: 2 },
  'CliffWalking-v1': { goal: 'close to -13, the optimum', episodes: 100 },
  'Blackjack-v1': { goal: 'close to basic strategy', episodes: 10_000, digits: 3 },
  'StatelessCartPole-v0': { goal: '>= 475 on every seed, without velocities', episodes: 100 },
  'MemoryChain-v0': { goal: 'close to 1, the optimum', episodes: 1000, digits: 3 },
  'LunarLander-v3': { goal: '>= 240 (zoo 242.1)', episodes: 100 },
  'LunarLanderContinuous-v3': { goal: '>= 270 (zoo 270.9)', episodes: 100 },
  'BipedalWalker-v3': { goal: '>= 290 (zoo 287.9, in an earlier edition 213.3)', episodes: 100 },
  'BipedalWalkerHardcore-v3': { goal: 'none (zoo 122.4 after 100M steps)', episodes: 100 },
  'CarRacing-lidar-v3': { goal: '>= 850 (zoo, from pictures: 153.9; with an LSTM 862.5)', episodes: 100 },
  'Driving-v0': { goal: 'lap rate >= 0.90 on 200 held-out tracks', episodes: 200, envKwargs: { split: 'test' } },
};

interface SeedResult {
  readonly seed: number;
  readonly meanReturn: number;
  readonly stdReturn: number;
  readonly measures: { readonly [name: string]: number };
  readonly steps: number;
  readonly seconds: number;
  /** Missing in results that are older than this field, all of one machine. */
  readonly processor?: string;
  /** 10, 50 and 90 % quantiles of the episodes' returns, and the share that reached the env's threshold; older results lack them. */
  readonly quantiles?: readonly number[];
  readonly reached?: number;
}

/** What the episodes of one seed look like beyond their mean. */
function distribution(id: string, returns: readonly number[]): Pick<SeedResult, 'quantiles' | 'reached'> {
  const sorted = returns.toSorted((a, b) => a - b);
  const quantiles = [0.1, 0.5, 0.9].map((q) => quantile(sorted, q));
  const threshold = spec(id).rewardThreshold;
  if (threshold === undefined || threshold === null) return { quantiles };
  return { quantiles, reached: returns.filter((value) => value >= threshold).length / returns.length };
}

const OLDER_PROCESSOR = 'AMD EPYC';
const processor = cpus()[0]?.model ?? 'an unknown processor';
const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const store = join(docs, 'learning.json');
mkdirSync(docs, { recursive: true });
const results = (existsSync(store) ? JSON.parse(readFileSync(store, 'utf8')) : {}) as Record<string, SeedResult[]>;
const named = process.argv.slice(2).filter((argument) => argument !== '--none');
const ids = process.argv.includes('--none') ? [] : named.length > 0 ? named : Object.keys(ppoPresets);
const folder = mkdtempSync(join(tmpdir(), 'gymkhana-learning-'));
for (const id of ids) {
  const { episodes, envKwargs } = goals[id] ?? { episodes: 100 };
  results[id] = [];
  for (const seed of SEEDS) {
    const runDir = join(folder, `${id}-${seed}`);
    const { steps, seconds } = await train({ env: id, seed, runDir });
    const result = await evaluate(runDir, { episodes, seed: EVAL_SEED, ...(envKwargs && { envKwargs }) });
    const { meanReturn, stdReturn, measures } = result;
    const shape = distribution(id, result.returns);
    results[id].push({ seed, meanReturn, stdReturn, measures, steps, seconds, processor, ...shape });
    process.stdout.write(
      `${id} seed ${seed}: ${meanReturn.toFixed(1)} ${JSON.stringify(measures)} ${seconds.toFixed(1)} s\n`,
    );
    // After each seed, so that an interrupted table keeps what it has.
    writeFileSync(store, `${JSON.stringify(results, null, 1)}\n`);
  }
}
rmSync(folder, { recursive: true, force: true });

const spread = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) * (value - middle), 0) / (values.length - 1));
};
/** Which processor trained what, for the times. */
function processors(): string {
  const byName = new Map<string, string[]>();
  for (const [id, [first]] of Object.entries(results)) {
    const name = first?.processor ?? OLDER_PROCESSOR;
    byName.set(name, [...(byName.get(name) ?? []), id]);
  }
  const [most, ...others] = [...byName].sort(([, a], [, b]) => b.length - a.length);
  return [most?.[0] ?? processor, ...others.map(([name, of]) => `${name} (${of.join(', ')})`)].join(', ');
}

const lines = [
  '# Learning',
  '',
  'PPO with the presets of `agents/ppo/presets.ts`, seeds 1 to 5, each evaluated over greedy episodes of the last checkpoint on streams',
  `that training never used. Made by \`node dist/scripts/learning-table.js\` with ${availableParallelism()} worker threads on ${processors()}.`,
  'Steps per second depend on the machine and its load; returns do not.',
  '',
  '| env | goal | mean over seeds | spread | each seed | steps | wall time, s |',
  '|---|---|---|---|---|---|---|',
];
for (const [id, rows] of Object.entries(results)) {
  if (rows.length < 2) continue;
  const returns = rows.map((row) => row.meanReturn);
  const digits = goals[id]?.digits ?? 1;
  lines.push(
    `| ${id} | ${goals[id]?.goal ?? ''} | ${mean(returns).toFixed(digits)} | ${spread(returns).toFixed(digits)} | ${returns.map((value) => value.toFixed(digits)).join(', ')} | ` +
      `${rows[0]!.steps.toLocaleString('en')} | ${rows.map((row) => row.seconds.toFixed(1)).join(', ')} |`,
  );
}
const spreadOut = Object.entries(results).filter(([, rows]) => rows.length > 1 && rows.every((row) => row.quantiles));
if (spreadOut.length > 0) {
  lines.push(
    '',
    "Single episodes: quantiles of the returns and the share of episodes that reach the env's threshold, each the mean over the seeds.",
    '',
    '| env | 10 % | 50 % | 90 % | threshold | reach it | steps a second |',
    '|---|---|---|---|---|---|---|',
  );
}
for (const [id, rows] of spreadOut) {
  const digits = goals[id]?.digits ?? 1;
  const quantiles = [0, 1, 2].map((k) => mean(rows.map((row) => row.quantiles![k]!)).toFixed(digits));
  const threshold = spec(id).rewardThreshold;
  const share = rows.every((row) => row.reached !== undefined) ? mean(rows.map((row) => row.reached!)).toFixed(2) : '';
  const speed = Math.round(mean(rows.map((row) => row.steps / row.seconds)));
  lines.push(`| ${id} | ${quantiles.join(' | ')} | ${threshold ?? ''} | ${share} | ${speed.toLocaleString('en')} |`);
}
lines.push('', 'Scripted baselines on the same episodes:', '');
for (const id of Object.keys(results)) {
  const { episodes, envKwargs = {} } = goals[id] ?? { episodes: 100 };
  const base = spec(id);
  const env = await makeFromSpec(base);
  for (const [name, controller] of Object.entries(baselinesOf(env))) {
    const options = { spec: { ...base, kwargs: { ...base.kwargs, ...envKwargs } }, episodes, seed: EVAL_SEED };
    const { meanReturn, measures } = await evaluateController(controller, options);
    const rates = Object.entries(measures).map(
      ([measure, value]) => `${measure} ${Number.isNaN(value) ? '-' : value.toFixed(2)}`,
    );
    lines.push(`- ${id}, ${name}: ${[meanReturn.toFixed(goals[id]?.digits ?? 1), ...rates].join(', ')}`);
  }
}
const driving = results['Driving-v0'];
if (driving !== undefined) {
  const column = (name: string): string =>
    driving.map((row) => (row.measures[name] ?? Number.NaN).toFixed(3)).join(', ');
  lines.push(
    '',
    `Driving-v0 on 200 held-out tracks, each seed: lap rate ${column('lapRate')}; mean time of the first lap, s: ${column('lapTime')}.`,
  );
}
writeFileSync(join(docs, 'learning.md'), `${lines.join('\n')}\n`);
