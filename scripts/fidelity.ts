// How close the Box2D envs are to Gymnasium's: returns of the same controllers and of policies trained there, over the same seeds.
// Usage: node dist/scripts/fidelity.js   (a minute or two; prints the tables of docs/fidelity.md)
import '../envs/index.js';
import { spec } from '../src/registration/index.js';
import {
  type EnvStats,
  envOf,
  FIRST_SEED,
  type GoldenPolicy,
  heuristicOf,
  playSeeds,
  policyController,
  readBox2d,
  seedsFrom,
} from '../test/support/box2d-golden.js';
import { racingFigures, racingReturns } from './fidelity-racing.js';
import { figures, type ReturnsRow as Row, sameEpisodes } from './fidelity-rows.js';

/** Keyword arguments of a world that may end its iterations early, and how a row says so. */
const FAST = [{ exact: false }, ', exact: false'] as const;
const EXACT = [{}, ''] as const;

async function controllers(file: string, id: string, [kwargs, label]: typeof FAST | typeof EXACT): Promise<Row[]> {
  const stats = readBox2d<Record<string, EnvStats>>(file)[id]!;
  const rows: Row[] = [];
  for (const policy of ['random', 'heuristic'] as const) {
    const { episodes, return: expected, outcome_fraction: ends, first_20: first } = stats[policy];
    const env = await envOf({ id, kwargs });
    const outcome = playSeeds(env, seedsFrom(FIRST_SEED, episodes), spec(id).maxEpisodeSteps!, (seed) => {
      if (policy === 'heuristic') return heuristicOf(env);
      env.actionSpace.seed(seed);
      return () => env.actionSpace.sample();
    });
    const failures = (ends['crashed'] ?? 0) + (ends['out_of_view'] ?? 0) + (ends['fell'] ?? 0);
    rows.push({
      what: `${id}${label}, ${policy}`,
      seeds: episodes,
      there: [expected.mean, expected.sd / Math.sqrt(expected.n), failures],
      here: figures(outcome.returns, outcome.failed),
      same: sameEpisodes(
        outcome,
        first.map(([total]) => total),
        first.map(([, steps]) => steps),
      ),
    });
  }
  return rows;
}

/** A policy's rows: beside what it did in the reference's env, and beside new envs for each seed where that was recorded. */
async function trained(
  file: string,
  id: string,
  what: string,
  [kwargs, label]: typeof FAST | typeof EXACT,
): Promise<Row[]> {
  const policy = readBox2d<GoldenPolicy>(file);
  const act = policyController(policy);
  const limit = spec(id).maxEpisodeSteps!;
  const outcome = playSeeds(await envOf({ id, kwargs }), policy.seeds, limit, () => act);
  const early = (lengths: readonly number[]): boolean[] => lengths.map((steps) => steps < limit);
  const row = (name: string, { returns, lengths }: Pick<GoldenPolicy, 'returns' | 'lengths'>): Row => ({
    what: `${id}${label}, ${name}`,
    seeds: policy.seeds.length,
    there: figures(returns, early(lengths)),
    here: figures(outcome.returns, early(outcome.lengths)),
    same: sameEpisodes(outcome, returns, lengths),
  });
  return [row(what, policy), ...(policy.fresh === undefined ? [] : [row(`${what}, new envs`, policy.fresh)])];
}

const lander = async (mode: typeof FAST | typeof EXACT): Promise<Row[]> => [
  ...(await controllers('lunar-lander-stats', 'LunarLander-v3', mode)),
  ...(await trained('lunar-lander-policy-early', 'LunarLander-v3', 'PPO early in training', mode)),
  ...(await trained('lunar-lander-policy-late', 'LunarLander-v3', 'PPO late in training', mode)),
  ...(await controllers('lunar-lander-stats', 'LunarLanderContinuous-v3', mode)),
];
const rows = [
  ...(await lander(EXACT)),
  ...(await lander(FAST)),
  ...(await controllers('bipedal-walker-stats', 'BipedalWalker-v3', EXACT)),
  ...(await trained('bipedal-walker-policy', 'BipedalWalker-v3', 'PPO', EXACT)),
  ...(await controllers('bipedal-walker-stats', 'BipedalWalkerHardcore-v3', EXACT)),
  ...racingReturns(),
];
const figure = ([mean, error, ended]: readonly [number, number, number]): string =>
  `${mean.toFixed(2)} +- ${error.toFixed(2)} | ${(100 * ended).toFixed(1)} %`;
const lines = rows.map(
  ({ what, seeds, there, here, same }) =>
    `| ${what} | ${seeds} | ${figure(there)} | ${figure(here)} | ${same[0]} of ${same[1]} |`,
);
process.stdout.write(
  `| env, controller | seeds | Gymnasium: return | ended | Gymkhana: return | ended | same episodes |\n| --- | --- | --- | --- | --- | --- | --- |\n${lines.join('\n')}\n`,
);
process.stdout.write(`\n| CarRacing-v3 | Gymnasium | Gymkhana |\n| --- | --- | --- |\n${racingFigures().join('\n')}\n`);
