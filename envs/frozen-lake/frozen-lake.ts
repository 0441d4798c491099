/**
 * FrozenLake-v1: walk over a frozen lake to the goal without falling into a hole. The same episodes as Gymnasium 1.4's
 * `toy_text/frozen_lake.py` for the same seed and actions.
 */
import type { EnvMetadata } from '../../src/core/env.js';
import { type Kwargs, readKwargs } from '../../src/core/kwargs.js';
import type { Scene, SceneItem } from '../../src/render/scene.js';
import { colorize } from '../toy-text/ansi.js';
import { TabularEnv } from '../toy-text/tabular-env.js';
import { type Outcome, shared, TransitionTable } from '../toy-text/transition-table.js';
import { optimalBaseline } from '../toy-text/value-iteration.js';
import { ACTIONS, frozenLakeFields, KWARGS, keyboard, MAPS } from './fields.js';
import { checkedMap } from './maps.js';
import { frozenLakeScene, lakeItems } from './scene.js';

interface Lake {
  readonly desc: readonly string[];
  readonly isSlippery: boolean;
  readonly successRate: number;
  readonly rewardSchedule: readonly number[];
}

/** The cell that a move from a cell ends in; the border holds. */
function moved(row: number, column: number, direction: number, rows: number, columns: number): [number, number] {
  if (direction === 0) return [row, Math.max(column - 1, 0)];
  if (direction === 1) return [Math.min(row + 1, rows - 1), column];
  if (direction === 2) return [row, Math.min(column + 1, columns - 1)];
  return [Math.max(row - 1, 0), column];
}

const lakeTable = shared(({ desc, isSlippery, successRate, rewardSchedule }: Lake) => {
  const [rows, columns] = [desc.length, desc[0]!.length];
  const [goal, hole, ice] = rewardSchedule as readonly [number, number, number];
  const letters = desc.join('');
  const failRate = (1 - successRate) / 2;
  const walk = (state: number, direction: number, probability: number): Outcome => {
    const [row, column] = moved(Math.floor(state / columns), state % columns, direction, rows, columns);
    const next = row * columns + column;
    const letter = letters[next];
    const reward = letter === 'G' ? goal : letter === 'H' ? hole : ice;
    return [probability, next, reward, letter === 'G' || letter === 'H'];
  };
  const starts = letters.split('S').length - 1;
  return new TransitionTable({
    states: rows * columns,
    actions: 4,
    start: Array.from(letters, (letter) => (letter === 'S' ? 1 / starts : 0)),
    outcomes: (state, action) => {
      if (letters[state] === 'G' || letters[state] === 'H') return [[1, state, 0, true]];
      if (!isSlippery) return [walk(state, action, 1)];
      return [
        walk(state, (action + 3) % 4, failRate),
        walk(state, action, successRate),
        walk(state, (action + 1) % 4, failRate),
      ];
    },
  });
});

/** What lakes of a size say about themselves. */
const lakeMetadata = shared(
  (cells: number): EnvMetadata => ({
    about: 'Cross a frozen lake to the goal without falling into a hole.',
    renderModes: ['scene', 'ansi'],
    renderFps: 4,
    fields: frozenLakeFields(cells),
    keyboard,
  }),
);

/** The walker on the lake: one observation, the number of the cell, and 4 actions. */
export class FrozenLakeEnv extends TabularEnv {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: FrozenLakeEnv) => (observation: number) => number> = {
    optimal: optimalBaseline,
  };

  override readonly metadata: EnvMetadata;
  /** The map, one text a row. */
  readonly desc: readonly string[];
  /** What does not move, once it is drawn. */
  #still: readonly SceneItem[] | null = null;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: Partial<Kwargs<typeof KWARGS>> = {}) {
    const { mapName, desc, ...dynamics } = readKwargs('FrozenLake', kwargs, KWARGS);
    const map = desc === null ? MAPS[mapName] : checkedMap(desc);
    super('FrozenLake', lakeTable({ desc: map, ...dynamics }), kwargs);
    this.desc = map;
    this.metadata = lakeMetadata(this.table.states);
  }

  protected override text(): string {
    const columns = this.desc[0]!.length;
    const letters = this.desc.map((row) => Array.from(row));
    const row = letters[Math.floor(this.state / columns)]!;
    const column = this.state % columns;
    row[column] = colorize(row[column]!, 'red', { highlight: true });
    const { lastAction } = this;
    const head = lastAction === null ? '' : `  (${['Left', 'Down', 'Right', 'Up'][lastAction]})`;
    return `${head}\n${letters.map((cells) => cells.join('')).join('\n')}\n`;
  }

  protected override scene(): Scene {
    const { lastAction } = this;
    this.#still ??= lakeItems(this.desc);
    return frozenLakeScene(
      this.desc,
      this.#still,
      this.state,
      lastAction,
      lastAction === null ? null : ACTIONS[lastAction]!,
    );
  }
}
