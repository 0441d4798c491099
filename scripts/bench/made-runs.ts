/** Run directories that were never trained, for benchmarks and tests: ten seeds of each setting, on five envs, with lines of the usual length. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EnvSpec, Generator, spec } from '../../src/index.js';

const ENVS = ['CartPole-v1', 'Acrobot-v1', 'MountainCar-v0', 'Pendulum-v1', 'Taxi-v4'];
const SEEDS = 10;
/** What a line of a run holds besides its return. */
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
/** Environment steps of an iteration. */
const STEPS = 2048;

/** The configuration of a run, as far as anything but training reads it. */
export function madeConfig(env: EnvSpec, seed: number, settings: object): object {
  return {
    version: 1,
    engine: {},
    env,
    algo: 'ppo',
    seed,
    workers: 1,
    backend: 'kernels',
    config: settings,
    network: {},
    modules: {},
  };
}

/** The line of one iteration. */
export function madeLine(iteration: number, meanReturn: number): string {
  return JSON.stringify({
    iteration,
    steps: STEPS * iteration,
    'charts/learning_rate': 0.00225,
    'charts/episodic_return': meanReturn,
    ...LOSSES,
  });
}

/** Writes finished runs below a folder, always the same. @returns their folders, and the bytes of their metrics. */
export function makeRuns(root: string, runs: number, points: number): { folders: string[]; bytes: number } {
  const random = Generator.fromSeed(1);
  const folders: string[] = [];
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    const group = Math.floor(run / SEEDS);
    const folder = join(root, `group${group}`, `seed${run % SEEDS}`);
    folders.push(folder);
    mkdirSync(folder, { recursive: true });
    const settings = { totalSteps: STEPS * points, learningRate: 0.001 * (1 + Math.floor(group / ENVS.length)) };
    const config = madeConfig(spec(ENVS[group % ENVS.length]!), run % SEEDS, settings);
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'summary.json'), JSON.stringify({ status: 'finished' }));
    const skill = random.uniform(0.5, 1.5);
    const lines: string[] = [];
    for (let k = 1; k <= points; k++) {
      lines.push(madeLine(k, -500 * Math.exp((-3 * k * skill) / points) + random.normal(0, 5)));
    }
    const file = join(folder, 'metrics.jsonl');
    writeFileSync(file, `${lines.join('\n')}\n`);
    bytes += statSync(file).size;
  }
  return { folders, bytes };
}
