/**
 * Writes src/runs/report/references.json, what reports compare scores with: `node dist/scripts/reference-scores.js [id ...]`. With ids
 * only those are measured, and the others keep the random scores that they have.
 *
 * Random scores are measured, 1,000 episodes of uniformly random actions; our own results are read from docs/learning.json; the
 * published ones are listed here. The first reference of an env is the one that counts as a normalised score of 1.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomicSync } from '../src/core/files.js';
import { mean } from '../src/core/statistics.js';
import { evaluateController, randomController, registry, spec } from '../src/index.js';
import type { RandomScore, ReferenceScore, ReferenceTable } from '../src/runs/report/references.js';

const EPISODES = 1000;
const SEED = 30_000;
const ZOO =
  'DLR-RM/rl-baselines3-zoo, benchmark.md at commit 0088472b: one run, its deterministic policy, 150,000 evaluation steps';

/** The table of that commit has no rows for the car; the numbers are of the same file in the edition that has them. */
const ZOO_CAR =
  'DLR-RM/rl-baselines3-zoo, benchmark.md in the edition with CarRacing-v0: one run, its deterministic policy, in version 0 of the env';

/** The zoo played the landers' version 2. */
const V2 = '; in version 2 of the env';

const zoo = (algo: string, score: number, std: number, steps: number, note = ''): ReferenceScore => ({
  name: `${algo}, RL Baselines3 Zoo`,
  score,
  std,
  steps,
  source: `${ZOO}${note}`,
});

const zooCar = (algo: string, score: number, std: number): ReferenceScore => ({
  ...zoo(algo, score, std, 4_000_000),
  source: ZOO_CAR,
});

/** PPO first; then the best of the zoo's algorithms. */
const published: Readonly<Record<string, readonly ReferenceScore[]>> = {
  'CartPole-v1': [zoo('PPO', 500, 0, 100_000), zoo('DQN', 500, 0, 50_000)],
  'Acrobot-v1': [zoo('PPO', -73.506, 18.201, 1_000_000), zoo('QR-DQN', -69.135, 9.967, 100_000)],
  'MountainCar-v0': [zoo('PPO', -110.423, 19.473, 1_000_000), zoo('DQN', -100.849, 9.925, 120_000)],
  'MountainCarContinuous-v0': [zoo('PPO', 88.343, 2.572, 20_000), zoo('ARS', 96.672, 0.784, 500_000)],
  'Pendulum-v1': [zoo('PPO', -172.225, 104.159, 100_000), zoo('TD3', -151.855, 90.227, 20_000)],
  'LunarLander-v3': [zoo('PPO', 242.119, 31.823, 1_000_000, V2), zoo('A2C', 155.751, 80.419, 200_000, V2)],
  'LunarLanderContinuous-v3': [zoo('PPO', 270.863, 32.072, 1_000_000, V2), zoo('TQC', 277.956, 25.466, 500_000, V2)],
  'BipedalWalker-v3': [zoo('PPO', 213.299, 129.49, 5_000_000), zoo('TQC', 329.808, 45.083, 500_000)],
  'BipedalWalkerHardcore-v3': [zoo('PPO', 122.374, 117.605, 100_000_000), zoo('TQC', 235.226, 110.569, 2_000_000)],
  'CarRacing-v3': [zooCar('PPO', 153.938, 74.465), zooCar('PPO with an LSTM', 862.549, 97.342)],
};

interface OwnResult {
  readonly meanReturn: number;
  readonly steps: number;
}

/** Over seeds: the mean of each seed's mean return, and their sample standard deviation. */
function own(id: string, rows: readonly OwnResult[]): ReferenceScore {
  const returns = rows.map(({ meanReturn }) => meanReturn);
  const middle = mean(returns);
  const squares = returns.map((value) => (value - middle) * (value - middle));
  const where = id === 'Driving-v0' ? ', 200 held-out tracks' : '';
  return {
    name: 'PPO, Gymkhana',
    score: rounded(middle),
    std: rounded(Math.sqrt((mean(squares) * returns.length) / (returns.length - 1))),
    steps: rows[0]!.steps,
    source: `docs/learning.json: ${rows.length} seeds, greedy episodes of the last checkpoint${where}`,
  };
}

/** Seven digits: as many as matter. */
const rounded = (value: number): number => Number(value.toPrecision(7));

/** Mean and population standard deviation of the returns of random play. */
export async function measureRandom(id: string): Promise<RandomScore> {
  const { meanReturn, stdReturn, episodes } = await evaluateController(randomController, {
    spec: spec(id),
    episodes: EPISODES,
    seed: SEED,
  });
  return { score: rounded(meanReturn), std: rounded(stdReturn), episodes, seed: SEED };
}

/** The whole table; with `ids`, what `known` says of the random scores of all others stays. */
export async function measureReferences(
  root: string,
  ids: readonly string[] = [],
  known: ReferenceTable['envs'] = {},
): Promise<ReferenceTable> {
  const learning = JSON.parse(readFileSync(join(root, 'docs/learning.json'), 'utf8')) as Record<string, OwnResult[]>;
  const envs: Record<string, ReferenceTable['envs'][string]> = {};
  for (const id of registry.keys()) {
    const rows = learning[id];
    const references = [...(published[id] ?? []), ...(rows === undefined ? [] : [own(id, rows)])];
    const kept = ids.length === 0 || ids.includes(id) ? undefined : known[id]?.random;
    envs[id] = { random: kept ?? (await measureRandom(id)), references };
  }
  return { version: 1, envs };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const path = join(root, 'src/runs/report/references.json');
  const { envs } = JSON.parse(readFileSync(path, 'utf8')) as ReferenceTable;
  const table = await measureReferences(root, process.argv.slice(2), envs);
  writeFileAtomicSync(path, `${JSON.stringify(table, null, 1)}\n`);
}
