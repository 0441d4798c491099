/**
 * CliffWalking-v1: walk along a cliff to the goal (Sutton and Barto, example 6.6). The same episodes as Gymnasium 1.4's
 * `toy_text/cliffwalking.py` for the same seed and actions.
 */
import type { EnvMetadata } from '../../src/core/env.js';
import { type Kwargs, readKwargs } from '../../src/core/kwargs.js';
import type { Scene } from '../../src/render/scene.js';
import { TabularEnv } from '../toy-text/tabular-env.js';
import { type Outcome, shared, TransitionTable } from '../toy-text/transition-table.js';
import { optimalBaseline } from '../toy-text/value-iteration.js';
import { ACTIONS, CONSTANTS, fields, KWARGS, keyboard } from './fields.js';
import { cliffScene } from './scene.js';

const ROWS = CONSTANTS.ROWS.value;
const COLUMNS = CONSTANTS.COLUMNS.value;
const STATES = ROWS * COLUMNS;
const START = (ROWS - 1) * COLUMNS;
const GOAL = STATES - 1;

/** Whether a cell is the cliff: the bottom row between start and goal. */
function isCliff(cell: number): boolean {
  return cell > START && cell < GOAL;
}

function walk(state: number, direction: number, probability: number): Outcome {
  let row = Math.floor(state / COLUMNS);
  let column = state % COLUMNS;
  if (direction === 0) row = Math.max(row - 1, 0);
  else if (direction === 1) column = Math.min(column + 1, COLUMNS - 1);
  else if (direction === 2) row = Math.min(row + 1, ROWS - 1);
  else column = Math.max(column - 1, 0);
  const next = row * COLUMNS + column;
  if (isCliff(next)) return [probability, START, CONSTANTS.FALL_REWARD.value, false];
  return [probability, next, CONSTANTS.STEP_REWARD.value, next === GOAL];
}

const cliffTable = shared((isSlippery: boolean) => {
  return new TransitionTable({
    states: STATES,
    actions: 4,
    start: Array.from({ length: STATES }, (_, cell) => (cell === START ? 1 : 0)),
    outcomes: (state, action) =>
      isSlippery
        ? [(action + 3) % 4, action, (action + 1) % 4].map((direction) => walk(state, direction, 1 / 3))
        : [walk(state, action, 1)],
    ...(isSlippery && { mask: () => true }),
  });
});

const METADATA: EnvMetadata = {
  about: 'Walk along a cliff to the goal without falling down.',
  renderModes: ['scene', 'ansi'],
  renderFps: 4,
  fields,
  keyboard,
};

/** The walker at the cliff: one observation, the number of the cell, and 4 actions. */
export class CliffWalkingEnv extends TabularEnv {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: CliffWalkingEnv) => (observation: number) => number> = {
    optimal: optimalBaseline,
  };

  override readonly metadata = METADATA;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: Partial<Kwargs<typeof KWARGS>> = {}) {
    super('CliffWalking', cliffTable(readKwargs('CliffWalking', kwargs, KWARGS).isSlippery), kwargs);
  }

  protected override text(): string {
    const mark = (cell: number): string => {
      if (cell === this.state) return 'x';
      if (cell === GOAL) return 'T';
      return isCliff(cell) ? 'C' : 'o';
    };
    const rows = Array.from({ length: ROWS }, (_, row) =>
      Array.from({ length: COLUMNS }, (__, column) => mark(row * COLUMNS + column)).join('  '),
    );
    return `${rows.join('\n')}\n\n`;
  }

  protected override scene(): Scene {
    const { state, lastAction } = this;
    return cliffScene(
      Math.floor(state / COLUMNS),
      state % COLUMNS,
      lastAction,
      lastAction === null ? null : ACTIONS[lastAction]!,
    );
  }
}
