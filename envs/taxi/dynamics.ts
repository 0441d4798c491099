/** The table of Taxi: 500 states of 6 actions, as Gymnasium 1.4 builds it. */
import { type Outcome, shared, TransitionTable } from '../toy-text/transition-table.js';
import { CONSTANTS, MAP, RANKS } from './fields.js';

const STATES = 500;
const SIZE = 5;
/** The passenger's number inside the taxi. */
export const IN_TAXI = 4;
const STEP = CONSTANTS.STEP_REWARD.value;
const DELIVERY = CONSTANTS.DELIVERY_REWARD.value;
const ILLEGAL = CONSTANTS.ILLEGAL_REWARD.value;

/** What a state's number says. */
export interface TaxiState {
  readonly row: number;
  readonly column: number;
  /** A rank, or 4 in the taxi. */
  readonly passenger: number;
  /** A rank. */
  readonly destination: number;
}

/** The number of a state. */
export function encode(row: number, column: number, passenger: number, destination: number): number {
  return ((row * SIZE + column) * 5 + passenger) * 4 + destination;
}

/** What a state's number says. */
export function decode(state: number): TaxiState {
  const cell = Math.floor(state / 20);
  return {
    row: Math.floor(cell / SIZE),
    column: cell % SIZE,
    passenger: Math.floor(state / 4) % 5,
    destination: state % 4,
  };
}

/** Row and column steps of south, north, east and west; then those of drifting to the left and to the right of each. */
const MOVES = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;
const LEFT_OF = [2, 3, 1, 0] as const;
const RIGHT_OF = [3, 2, 0, 1] as const;

const inside = (value: number): number => Math.max(0, Math.min(value, SIZE - 1));

/** Whether a drive leads to another cell. */
function isFree(row: number, column: number, direction: number): boolean {
  if (direction === 0) return row < SIZE - 1;
  if (direction === 1) return row > 0;
  return MAP[row + 1]![2 * column + (direction === 2 ? 2 : 0)] === ':';
}

/** The cell `[row, column]` after a drive; walls hold. */
function drive(row: number, column: number, direction: number): readonly [number, number] {
  if (!isFree(row, column, direction)) return [row, column];
  const [down, right] = MOVES[direction]!;
  return [inside(row + down), inside(column + right)];
}

function rankAt(row: number, column: number): number {
  return RANKS.findIndex(([r, c]) => r === row && c === column);
}

function serve({ row, column, passenger, destination }: TaxiState, action: number): Outcome {
  const rank = rankAt(row, column);
  const to = (next: number, reward: number, terminated = false): Outcome => {
    return [1, encode(row, column, next, destination), reward, terminated];
  };
  if (action === 4) return rank >= 0 && passenger === rank ? to(IN_TAXI, STEP) : to(passenger, ILLEGAL);
  if (passenger !== IN_TAXI || rank < 0) return to(passenger, ILLEGAL);
  return rank === destination ? to(rank, DELIVERY, true) : to(rank, STEP);
}

/** Whether an action changes the state: Gymnasium's `action_mask`. */
function isUseful(state: number, action: number): boolean {
  const { row, column, passenger } = decode(state);
  if (action < 4) return isFree(row, column, action);
  const rank = rankAt(row, column);
  return rank >= 0 && (action === 4 ? passenger === rank : passenger === IN_TAXI);
}

/** What the table depends on. */
export interface TaxiWeather {
  readonly isRainy: boolean;
  /** Probability that a drive in the rain goes where it should. */
  readonly rainyProbability: number;
}

/** The table for a weather; the same object for the same weather. */
export const taxiTable = shared(({ isRainy, rainyProbability }: TaxiWeather) => {
  const drift = (1 - rainyProbability) / 2;
  const starts = Array.from({ length: STATES }, (_, state) => {
    const { passenger, destination } = decode(state);
    return passenger < IN_TAXI && passenger !== destination;
  });
  const count = starts.filter(Boolean).length;
  return new TransitionTable({
    states: STATES,
    actions: 6,
    start: starts.map((is) => (is ? 1 / count : 0)),
    mask: isUseful,
    outcomes: (state, action) => {
      const at = decode(state);
      if (action >= 4) return [serve(at, action)];
      const { row, column, passenger, destination } = at;
      const free = isFree(row, column, action);
      const go = (direction: number, probability: number): Outcome => {
        const [r, c] = free ? drive(row, column, direction) : [row, column];
        return [probability, encode(r, c, passenger, destination), STEP, false];
      };
      if (!isRainy) return [go(action, 1)];
      return [go(action, rainyProbability), go(LEFT_OF[action]!, drift), go(RIGHT_OF[action]!, drift)];
    },
  });
});
