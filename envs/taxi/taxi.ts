/**
 * Taxi-v4: fetch a passenger and drive to the destination (Dietterich 2000). The same episodes as Gymnasium 1.4's
 * `toy_text/taxi.py` for the same seed and actions.
 */
import type { EnvMetadata, ResetOptions, ResetResult, StepResult } from '../../src/core/env.js';
import { type Kwargs, readKwargs } from '../../src/core/kwargs.js';
import type { Scene } from '../../src/render/scene.js';
import { colorize } from '../toy-text/ansi.js';
import { TabularEnv } from '../toy-text/tabular-env.js';
import { optimalBaseline } from '../toy-text/value-iteration.js';
import { decode, IN_TAXI, taxiTable } from './dynamics.js';
import { fields, KWARGS, keyboard, MAP, RANKS } from './fields.js';
import { taxiScene } from './scene.js';

/** Number of states with the same taxi cell and passenger but another destination. */
const DESTINATIONS = RANKS.length;
const ACTION_TEXTS = ['South', 'North', 'East', 'West', 'Pickup', 'Dropoff'] as const;

const METADATA: EnvMetadata = {
  about: 'Fetch a passenger and drive to the destination.',
  renderModes: ['scene', 'ansi'],
  renderFps: 4,
  fields,
  keyboard,
};

/** The taxi: one observation, the number of the state, and 6 actions. */
export class TaxiEnv extends TabularEnv {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: TaxiEnv) => (observation: number) => number> = {
    optimal: optimalBaseline,
  };

  override readonly metadata = METADATA;

  readonly #fickleProbability: number | null;
  /** Whether the passenger will choose another destination at the first move of the taxi. */
  #fickle = false;
  /** The direction that the taxi faces, an action from 0 to 3. */
  #heading = 0;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: Partial<Kwargs<typeof KWARGS>> = {}) {
    const { ficklePassenger, fickleProbability, ...weather } = readKwargs('Taxi', kwargs, KWARGS);
    super('Taxi', taxiTable(weather), kwargs);
    this.#fickleProbability = ficklePassenger ? fickleProbability : null;
  }

  override reset(options: ResetOptions = {}): ResetResult<number> {
    const result = super.reset(options);
    this.#fickle = this.#fickleProbability !== null && this.rng.random() < this.#fickleProbability;
    this.#heading = 0;
    return result;
  }

  override step(action: number): StepResult<number> {
    if (action < 4) this.#heading = action;
    return super.step(action);
  }

  /** A fickle passenger in a moving taxi draws one of the other destinations, once. */
  protected override arrive(from: number, to: number): number {
    if (!this.#fickle) return to;
    const moves = Math.floor(from / 20) !== Math.floor(to / 20);
    if (!moves || decode(from).passenger !== IN_TAXI) return to;
    this.#fickle = false;
    const destination = from % DESTINATIONS;
    const other = this.rng.integers(DESTINATIONS - 1);
    return to - (to % DESTINATIONS) + (other < destination ? other : other + 1);
  }

  protected override text(): string {
    const out = MAP.map((row) => Array.from(row));
    const { row, column, passenger, destination } = decode(this.state);
    const paint = (r: number, c: number, change: (letter: string) => string): void => {
      const cells = out[r + 1]!;
      cells[2 * c + 1] = change(cells[2 * c + 1]!);
    };
    if (passenger < IN_TAXI) {
      paint(row, column, (letter) => colorize(letter, 'yellow', { highlight: true }));
      paint(...RANKS[passenger]!, (letter) => colorize(letter, 'blue', { bold: true }));
    } else {
      paint(row, column, (letter) => colorize(letter === ' ' ? '_' : letter, 'green', { highlight: true }));
    }
    paint(...RANKS[destination]!, (letter) => colorize(letter, 'magenta'));
    const { lastAction } = this;
    const tail = lastAction === null ? '' : `  (${ACTION_TEXTS[lastAction]})`;
    return `${out.map((cells) => cells.join('')).join('\n')}\n${tail}\n`;
  }

  protected override scene(): Scene {
    return taxiScene(decode(this.state), this.#heading, this.lastAction);
  }
}
