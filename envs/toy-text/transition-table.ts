/** The dynamics of a small task as a table: what each action does in each state, with which probability. */
import { usageError } from '../../src/core/errors.js';
import type { Generator } from '../../src/core/seeding/generator.js';

/** One outcome of an action: `[probability, next state, reward, terminated]`, as in Gymnasium's `P[state][action]`. */
export type Outcome = readonly [probability: number, next: number, reward: number, terminated: boolean];

/**
 * The first index whose cumulative probability is above `draw`, 0 if there is none: Gymnasium's `categorical_sample`.
 * `cumulative[from .. to - 1]` are running sums.
 */
export function categoricalIndex(cumulative: Float64Array, from: number, to: number, draw: number): number {
  for (let k = from; k < to; k++) if (cumulative[k]! > draw) return k;
  return from;
}

/** How far the sum of probabilities may be from 1. */
const SUM_ERROR = 1e-9;

function invalid(problem: string, got: unknown): Error {
  return usageError('INVALID_TRANSITIONS', `A table of transitions is wrong: ${problem}, got ${String(got)}.`, {
    got: String(got),
  });
}

function checkSum(sum: number, where: string): void {
  if (Math.abs(sum - 1) <= SUM_ERROR) return;
  throw invalid(`expected probabilities with the sum 1 for ${where}`, sum);
}

function checkOutcome([probability, next, reward]: Outcome, states: number, where: string): void {
  if (!(probability >= 0 && probability <= 1)) {
    throw invalid(`expected probabilities from 0 to 1 for ${where}`, probability);
  }
  if (!Number.isInteger(next) || next < 0 || next >= states) {
    throw invalid(`expected a next state from 0 to ${states - 1} for ${where}`, next);
  }
  if (!Number.isFinite(reward)) throw invalid(`expected a finite reward for ${where}`, reward);
}

/**
 * The table of S states and A actions. Outcomes lie in flat arrays, those of action `a` in state `s` from
 * `first[s * A + a]` to `first[s * A + a + 1] - 1`. A table never changes, so envs of the same task share one.
 */
export class TransitionTable {
  readonly states: number;
  readonly actions: number;
  readonly first: Int32Array;
  readonly probability: Float64Array;
  readonly next: Int32Array;
  readonly reward: Float64Array;
  readonly terminated: Uint8Array;
  readonly #cumulative: Float64Array;
  readonly #starts: Float64Array;
  readonly #masks: Int8Array;
  #nested: readonly (readonly (readonly Outcome[])[])[] | null = null;

  /**
   * `outcomes(s, a)` are tried in order; `start[s]` is the probability to begin in `s`.
   * Without `mask`, an action is allowed in a state if it can lead to another one; all are where none can.
   * @throws `INVALID_TRANSITIONS` for probabilities that do not sum to 1, or a next state or reward that is none.
   */
  constructor(options: {
    readonly states: number;
    readonly actions: number;
    readonly outcomes: (state: number, action: number) => readonly Outcome[];
    readonly start: readonly number[];
    readonly mask?: (state: number, action: number) => boolean;
  }) {
    const sound =
      Number.isSafeInteger(options?.states) &&
      options.states > 0 &&
      Number.isSafeInteger(options.actions) &&
      options.actions > 0;
    if (!sound || typeof options.outcomes !== 'function' || !Array.isArray(options.start)) {
      throw usageError(
        'INVALID_TRANSITIONS',
        'a TransitionTable takes { states, actions, outcomes, start }: two whole numbers from 1, a function and a list.',
        { expected: '{ states, actions, outcomes, start }', got: String(options) },
      );
    }
    const { states, actions, outcomes, start, mask } = options;
    this.states = states;
    this.actions = actions;
    this.first = new Int32Array(states * actions + 1);
    const all: Outcome[] = [];
    const sums: number[] = [];
    for (let k = 0; k < states * actions; k++) {
      let sum = 0;
      const where = `action ${k % actions} in state ${Math.floor(k / actions)}`;
      for (const outcome of outcomes(Math.floor(k / actions), k % actions)) {
        checkOutcome(outcome, states, where);
        sum += outcome[0];
        all.push(outcome);
        sums.push(sum);
      }
      checkSum(sum, where);
      this.first[k + 1] = all.length;
    }
    this.#cumulative = Float64Array.from(sums);
    this.probability = Float64Array.from(all, ([probability]) => probability);
    this.next = Int32Array.from(all, ([, next]) => next);
    this.reward = Float64Array.from(all, ([, , reward]) => reward);
    this.terminated = Uint8Array.from(all, ([, , , terminated]) => (terminated ? 1 : 0));
    let sum = 0;
    this.#starts = Float64Array.from(start, (probability) => {
      sum += probability;
      return sum;
    });
    if (start.length !== states)
      throw invalid(`expected a starting probability for each of ${states} states`, start.length);
    checkSum(sum, 'the starting states');
    this.#masks = new Int8Array(states * actions);
    for (let s = 0; s < states; s++) this.#fillMask(s, mask ?? ((state, action) => this.#moves(state, action)));
  }

  #moves(state: number, action: number): boolean {
    const k = state * this.actions + action;
    for (let i = this.first[k]!; i < this.first[k + 1]!; i++) {
      if (this.probability[i]! > 0 && this.next[i] !== state) return true;
    }
    return false;
  }

  #fillMask(state: number, allows: (state: number, action: number) => boolean): void {
    const row = this.#masks.subarray(state * this.actions, (state + 1) * this.actions);
    for (let a = 0; a < this.actions; a++) row[a] = allows(state, a) ? 1 : 0;
    if (!row.includes(1)) row.fill(1);
  }

  /** Draws a starting state; one uniform number of `rng`. */
  drawStart(rng: Generator): number {
    return categoricalIndex(this.#starts, 0, this.states, rng.random());
  }

  /** Draws an outcome, an index into `next`, `reward`, `terminated` and `probability`; one uniform number of `rng`. */
  drawOutcome(state: number, action: number, rng: Generator): number {
    const k = state * this.actions + action;
    return categoricalIndex(this.#cumulative, this.first[k]!, this.first[k + 1]!, rng.random());
  }

  /** The actions allowed in a state: A numbers, 0 or 1, the caller's own. */
  mask(state: number): Int8Array {
    return this.#masks.slice(state * this.actions, (state + 1) * this.actions);
  }

  /** `P[state][action]`: the outcomes as nested lists, built at first use. */
  get nested(): readonly (readonly (readonly Outcome[])[])[] {
    this.#nested ??= Array.from({ length: this.states }, (_, s) =>
      Array.from({ length: this.actions }, (__, a) => this.#outcomes(s * this.actions + a)),
    );
    return this.#nested;
  }

  #outcomes(k: number): Outcome[] {
    const list: Outcome[] = [];
    for (let i = this.first[k]!; i < this.first[k + 1]!; i++) {
      list.push([this.probability[i]!, this.next[i]!, this.reward[i]!, this.terminated[i] === 1]);
    }
    return list;
  }
}

/** How many values one task keeps for envs still to come. */
const KEPT = 8;

/** A builder, of tables say, that gives the same value again for the same options, so that a thousand envs share it. */
export function shared<Options, Value>(build: (options: Options) => Value): (options: Options) => Value {
  const values = new Map<string, Value>();
  return (options) => {
    const key = JSON.stringify(options);
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = build(options);
    const [oldest] = values.keys();
    if (values.size >= KEPT && oldest !== undefined) values.delete(oldest);
    values.set(key, value);
    return value;
  };
}
