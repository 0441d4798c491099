/** The best policy of a table by value iteration: what an agent that knew the dynamics would do. */
import type { TabularEnv } from './tabular-env.js';
import type { TransitionTable } from './transition-table.js';

const DISCOUNT = 0.999;
const TOLERANCE = 1e-9;
const MAX_SWEEPS = 20_000;

/** The discounted return expected from action `a` in state `s`, `values` being those of the next states. */
function actionValue(table: TransitionTable, values: Float64Array, s: number, a: number): number {
  const k = s * table.actions + a;
  let sum = 0;
  for (let i = table.first[k]!; i < table.first[k + 1]!; i++) {
    const future = table.terminated[i] === 1 ? 0 : DISCOUNT * values[table.next[i]!]!;
    sum += table.probability[i]! * (table.reward[i]! + future);
  }
  return sum;
}

/** The best action of each state (S numbers), the lowest of equals, for a discount of 0.999 and no time limit. */
export function optimalActions(table: TransitionTable): Int32Array {
  const values = new Float64Array(table.states);
  for (let sweep = 0, change = 1; change > TOLERANCE && sweep < MAX_SWEEPS; sweep++) {
    change = 0;
    for (let s = 0; s < table.states; s++) {
      let best = Number.NEGATIVE_INFINITY;
      for (let a = 0; a < table.actions; a++) best = Math.max(best, actionValue(table, values, s, a));
      change = Math.max(change, Math.abs(best - values[s]!));
      values[s] = best;
    }
  }
  return Int32Array.from({ length: table.states }, (_, s) => {
    let action = 0;
    let best = actionValue(table, values, s, 0);
    for (let a = 1; a < table.actions; a++) {
      const value = actionValue(table, values, s, a);
      if (value <= best + TOLERANCE) continue;
      best = value;
      action = a;
    }
    return action;
  });
}

/** A baseline: plays the best action of each state by the env's own table. */
export function optimalBaseline(env: TabularEnv): (observation: number) => number {
  const actions = optimalActions(env.table);
  return (observation) => actions[observation]!;
}
