import { Env, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Discrete } from '../../src/spaces/discrete.js';
import type { Outcome, TransitionTable } from './transition-table.js';

const NO_OPTIONS = {};

/**
 * An env whose dynamics are a `TransitionTable`: the observation is the state's number. Draws are Gymnasium's, one uniform
 * number a reset and one a step, so the same seed gives the same episodes.
 *
 * A step reuses its result; `info` and its `actionMask` are new each time, so they may be kept.
 */
export abstract class TabularEnv extends Env<number, number> {
  readonly observationSpace: Discrete;
  readonly actionSpace: Discrete;
  readonly table: TransitionTable;
  readonly #name: string;
  readonly #text: boolean;
  readonly #result: StepResult<number> = { observation: 0, reward: 0, terminated: false, truncated: false, info: {} };
  #state = 0;
  #lastAction: number | null = null;

  /** `name` is for error messages. */
  protected constructor(name: string, table: TransitionTable, kwargs: object) {
    super();
    this.#name = name;
    this.#text = (kwargs as { readonly renderMode?: unknown }).renderMode === 'ansi';
    this.table = table;
    this.observationSpace = new Discrete(table.states);
    this.actionSpace = new Discrete(table.actions);
  }

  /** The dynamics as Gymnasium's `env.P`: `P[state][action]` lists `[probability, next, reward, terminated]`. */
  get P(): readonly (readonly (readonly Outcome[])[])[] {
    return this.table.nested;
  }

  /** The number of the present state. */
  get state(): number {
    return this.#state;
  }

  /** The last action of the episode, null before the first. */
  get lastAction(): number | null {
    return this.#lastAction;
  }

  /** `info` is `{ prob: 1, actionMask }`. There are no reset options. */
  override reset(options: ResetOptions = {}): ResetResult<number> {
    super.reset(options);
    resetNumbers(this.#name, options, NO_OPTIONS);
    this.#state = this.table.drawStart(this.rng);
    this.#lastAction = null;
    return { observation: this.#state, info: { prob: 1, actionMask: this.table.mask(this.#state) } };
  }

  /** `info` is `{ prob, actionMask }`: the probability of what happened and the actions that are of use next. */
  override step(action: number): StepResult<number> {
    const { table } = this;
    const k = table.drawOutcome(this.#state, action, this.rng);
    const state = this.arrive(this.#state, table.next[k]!);
    this.#state = state;
    this.#lastAction = action;
    const result = this.#result;
    result.observation = state;
    result.reward = table.reward[k]!;
    result.terminated = table.terminated[k] === 1;
    result.truncated = false;
    result.info = { prob: table.probability[k]!, actionMask: table.mask(state) };
    return result;
  }

  /** The state that the env is in after `from` led to `to`; the table's own unless a task overrides it. */
  protected arrive(_from: number, to: number): number {
    return to;
  }

  override render(): string | Scene {
    return this.#text ? this.text() : this.scene();
  }

  /** The picture as text with terminal colours, Gymnasium's. */
  protected abstract text(): string;

  protected abstract scene(): Scene;
}
