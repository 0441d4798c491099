/** What the design asks of speed, beside what was measured. */

import { markdownTable, shown } from './format.js';
import { OURS } from './race.js';
import type { SuiteResult } from './results.js';

interface Demand {
  readonly row: string;
  readonly what: string;
  /** Contestant that the demand is relative to; without one it is absolute. */
  readonly peer?: string;
  readonly floor: number;
  readonly goal?: number;
  /** Of absolute demands: a lower figure is the better one. */
  readonly lower?: boolean;
  readonly unit: string;
  /** Takes the best of Gymkhana's own contestants: its learners. */
  readonly anyOfOurs?: boolean;
}

const jax = 'JAX, gymnax';
const torch = 'EnvPool + PyTorch';

export const BUDGET: readonly Demand[] = [
  { row: 'vector-CartPole-v1-1024', what: 'stepping CartPole, 1,024 envs', floor: 10e6, goal: 15e6, unit: 'steps/s' },
  { row: 'vector-CartPole-v1-16384', what: 'stepping CartPole, 16,384 envs', floor: 20e6, goal: 40e6, unit: 'steps/s' },
  { row: 'user-cartpole', what: "a user's one-class CartPole", peer: 'EnvPool', floor: 5, unit: 'x' },
  {
    row: 'vector-LunarLander-v3-256-fast',
    what: 'LunarLander, exact: false',
    peer: 'EnvPool',
    floor: 1.6,
    goal: 2,
    unit: 'x',
  },
  { row: 'vector-LunarLander-v3-256', what: 'LunarLander', peer: 'EnvPool', floor: 1.6, goal: 2, unit: 'x' },
  { row: 'vector-BipedalWalker-v3-256', what: 'BipedalWalker', peer: 'EnvPool', floor: 1, goal: 1.5, unit: 'x' },
  { row: 'vector-CarRacing-v3-64', what: 'CarRacing with pixels', peer: 'EnvPool', floor: 3, goal: 5, unit: 'x' },
  { row: 'ppo-64x32', what: 'PPO, 64 x 32', peer: torch, floor: 7, goal: 8, unit: 'x' },
  { row: 'ppo-64x32', what: 'PPO, 64 x 32', peer: jax, floor: 1, goal: 1.1, unit: 'x' },
  { row: 'ppo-256x64', what: 'PPO, 256 x 64', peer: torch, floor: 3, goal: 5, unit: 'x' },
  { row: 'ppo-256x64', what: 'PPO, 256 x 64', peer: jax, floor: 1, goal: 1.5, unit: 'x' },
  { row: 'ppo-2048x32', what: 'PPO, 2048 x 32', peer: torch, floor: 3, goal: 4.5, unit: 'x' },
  { row: 'ppo-2048x32', what: 'PPO, 2048 x 32', peer: jax, floor: 1, goal: 1.5, unit: 'x' },
  { row: 'solve-process', what: 'CartPole to 475, whole process', floor: 3, goal: 1.5, lower: true, unit: 's' },
  {
    row: 'update-64-64',
    what: 'update, 64 wide, minibatch 64',
    floor: 0.08,
    goal: 0.05,
    lower: true,
    unit: 'ms',
    anyOfOurs: true,
  },
  {
    row: 'update-64-256',
    what: 'update, 64 wide, minibatch 256',
    floor: 0.22,
    goal: 0.16,
    lower: true,
    unit: 'ms',
    anyOfOurs: true,
  },
  {
    row: 'update-64-4096',
    what: 'update, 64 wide, minibatch 4096',
    floor: 2.8,
    goal: 1.5,
    lower: true,
    unit: 'ms',
    anyOfOurs: true,
  },
  {
    row: 'update-256-4096',
    what: 'update, 256 wide, minibatch 4096',
    floor: 20,
    goal: 13,
    lower: true,
    unit: 'ms',
    anyOfOurs: true,
  },
  { row: 'memory-100000', what: '100,000 CartPole envs in memory', floor: 300, lower: true, unit: 'MiB' },
  { row: 'scaling-100000', what: 'PPO with 100,000 envs', floor: 1, goal: 1e6, unit: 'steps/s' },
];

/** Median of what a demand is about; null where it was not measured. */
function measured(demand: Demand, results: readonly SuiteResult[]): number | null {
  const row = results.flatMap(({ rows }) => rows).find(({ id }) => id === demand.row);
  if (demand.peer !== undefined) return row?.entries.find(({ name }) => name === demand.peer)?.ratio?.median ?? null;
  const medians = (row?.entries ?? []).flatMap(({ name, summary }) =>
    summary !== null && (name === OURS || (demand.anyOfOurs === true && name.startsWith(OURS))) ? [summary.median] : [],
  );
  if (medians.length === 0) return null;
  return demand.lower === true ? Math.min(...medians) : Math.max(...medians);
}

export function budgetTable(results: readonly SuiteResult[]): string {
  const head = ['what', 'floor', 'goal', 'measured', 'verdict'];
  const rows = BUDGET.map((demand) => {
    const { what, peer, floor, goal, lower, unit } = demand;
    const figure = (value: number | undefined): string =>
      value === undefined ? '' : unit === 'x' ? `${value}x` : `${shown(value, unit)} ${unit}`;
    const value = measured(demand, results);
    const reaches = (bound: number): boolean => value !== null && (lower === true ? value <= bound : value >= bound);
    const verdict =
      value === null
        ? 'not measured'
        : goal !== undefined && reaches(goal)
          ? 'goal met'
          : reaches(floor)
            ? 'floor met'
            : '**missed**';
    return [
      peer === undefined ? what : `${what}, against ${peer}`,
      `${lower === true ? 'at most ' : ''}${figure(floor)}`,
      figure(goal),
      value === null ? '' : unit === 'x' ? `${value.toPrecision(3)}x` : figure(value),
      verdict,
    ];
  });
  return markdownTable(head, rows);
}
