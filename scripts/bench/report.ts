/**
 * How long a report on many long runs takes: `node dist/scripts/bench/report.js [runs] [points]`, 500 runs of 10,000 iterations by
 * default, ten seeds of each of ten settings on five envs. The runs are made up in a temporary folder (2.3 GB) and removed.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyzeRuns, Generator, loadRuns, REPORT_FORMATS, renderReport, spec } from '../../src/index.js';

const [runs = 500, points = 10_000] = process.argv.slice(2).map(Number);
const ENVS = ['CartPole-v1', 'Acrobot-v1', 'MountainCar-v0', 'Pendulum-v1', 'Taxi-v4'];
const SEEDS = 10;
/** What a line of a run holds besides, so that lines have their usual length. */
const LOSSES = {
  'losses/policy_loss': -0.010750530891527887,
  'losses/value_loss': 14.038954235613346,
  'losses/entropy': 0.6708615520037711,
  'losses/old_approx_kl': 0.011237886199523928,
  'losses/approx_kl': 0.007444119339197641,
  'losses/clipfrac': 0.1016845703125,
  'losses/grad_norm': 1.0958282434994857,
  'losses/explained_variance': 0.01167072979538164,
};

const root = mkdtempSync(join(tmpdir(), 'gymkhana-report-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
const random = Generator.fromSeed(1);
let bytes = 0;
for (let run = 0; run < runs; run++) {
  const group = Math.floor(run / SEEDS);
  const folder = join(root, `group${group}`, `seed${run % SEEDS}`);
  mkdirSync(folder, { recursive: true });
  const config = {
    version: 1,
    engine: {},
    env: spec(ENVS[group % ENVS.length]!),
    algo: 'ppo',
    seed: run % SEEDS,
    workers: 1,
    backend: 'kernels',
    config: { learningRate: 0.001 * (1 + Math.floor(group / ENVS.length)) },
    network: {},
    modules: {},
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'summary.json'), JSON.stringify({ status: 'finished' }));
  const skill = random.uniform(0.5, 1.5);
  const lines: string[] = [];
  for (let k = 1; k <= points; k++) {
    const value = -500 * Math.exp((-3 * k * skill) / points) + random.normal(0, 5);
    lines.push(
      JSON.stringify({
        iteration: k,
        steps: 2048 * k,
        'charts/learning_rate': 0.00225,
        'charts/episodic_return': value,
        ...LOSSES,
      }),
    );
  }
  const file = join(folder, 'metrics.jsonl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  bytes += statSync(file).size;
}

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${name}: ${seconds.toFixed(1)} s, of which processor ${((user + system) / 1e6).toFixed(1)} s\n`,
  );
  return result;
}

process.stdout.write(
  `${runs} runs of ${points} iterations, ${(bytes / 1e9).toFixed(2)} GB, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}\n`,
);
const loaded = await timed('read', () => loadRuns([root]));
const report = await timed('analyse', () => analyzeRuns(loaded));
for (const format of REPORT_FORMATS) await timed(format, () => renderReport(report, format));
process.stdout.write(
  `${report.runs.length} runs in ${report.groups.length} groups; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`,
);
