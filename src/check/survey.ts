/** The main check: random steps in one bare env, every result looked at, and statistics of what it shows. */
import type { Env, Info } from '../core/env.js';
import { Box } from '../spaces/box.js';
import { randomAction } from './play.js';
import { type Fault, thrown } from './report.js';
import { resultFault } from './transition.js';
import { type Uses, watched } from './traps.js';

/** What the random policy met. */
export interface Survey {
  readonly steps: number;
  readonly fault: { readonly check: string; readonly fault: Fault } | null;
  readonly uses: Uses;
  readonly terminated: number;
  readonly truncated: number;
  readonly lengths: ReadonlySet<number>;
  readonly rewards: ReadonlySet<number>;
  readonly elements: Elements | null;
  /** The env hands out the same array again. */
  readonly sharesArrays: boolean;
}

/** Per element of a Box observation. */
export interface Elements {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** How often the element lay on one of its bounds. */
  readonly atBound: Uint32Array;
  readonly count: number;
}

/** Plays up to `steps` random steps, or until the clock says `until` (milliseconds of `now`). */
export function survey(env: Env, seed: number, steps: number, until: number, now: () => number): Survey {
  const uses: Uses = new Map();
  const [lengths, rewards] = [new Set<number>(), new Set<number>()];
  const box = env.observationSpace instanceof Box ? (env.observationSpace as Box) : null;
  const size = box?.size ?? 0;
  const low = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  const atBound = new Uint32Array(size);
  let [count, taken, length, terminations, truncations] = [0, 0, 0, 0, 0];
  let sharesArrays = false;
  let before: unknown = null;
  let fault: Survey['fault'] = null;

  const look = (observation: unknown): void => {
    if (typeof observation === 'object' && observation === before) sharesArrays = true;
    before = observation;
    if (box === null) return;
    const values = observation as Float32Array;
    count++;
    for (let k = 0; k < size; k++) {
      const value = values[k]!;
      if (value < low[k]!) low[k] = value;
      if (value > high[k]!) high[k] = value;
      if (value === box.low[k] || value === box.high[k]) atBound[k]!++;
    }
  };
  const begin = (options: { seed?: number }): Info | null => {
    const resets = env.unwrapped.baseResets;
    let result: ReturnType<Env['reset']>;
    try {
      result = watched(uses, () => env.reset(options));
    } catch (error) {
      fault = { check: 'reset result', fault: threw('reset()', error) };
      return null;
    }
    const wrong = env.unwrapped.baseResets === resets ? NO_SUPER : resultFault(env, 'reset', result, 0);
    if (wrong !== null) {
      fault = { check: 'reset result', fault: wrong };
      return null;
    }
    length = 0;
    look(result.observation);
    return result.info;
  };

  env.actionSpace.seed(seed);
  let info = begin({ seed });
  while (info !== null && taken < steps && (taken < 20 || now() < until)) {
    const action = randomAction(env, info);
    const kept = JSON.stringify(env.actionSpace.valueToJSON(action));
    taken++;
    length++;
    let result: ReturnType<Env['step']>;
    try {
      result = watched(uses, () => env.step(action));
    } catch (error) {
      fault = { check: 'step result', fault: threw(`step() at step ${taken} (step ${length} of its episode)`, error) };
      break;
    }
    const wrong = resultFault(env, 'step', result, taken) ?? mutated(kept, env, action, taken);
    if (wrong !== null) {
      fault = { check: 'step result', fault: wrong };
      break;
    }
    look(result.observation);
    if (rewards.size < 100) rewards.add(result.reward);
    info = result.info;
    if (!result.terminated && !result.truncated) continue;
    if (result.terminated) terminations++;
    else truncations++;
    if (lengths.size < 100) lengths.add(length);
    info = begin({});
  }
  return {
    steps: taken,
    fault,
    uses,
    terminated: terminations,
    truncated: truncations,
    lengths,
    rewards,
    elements: box === null ? null : { low, high, atBound, count },
    sharesArrays,
  };
}

const NO_SUPER: Fault = {
  code: 'RESET_WITHOUT_SUPER',
  message: 'reset() did not call super.reset(options), so the env is not seeded.',
  cause: 'The first line of reset() is missing.',
  fix: 'reset(options = {}) { super.reset(options); ... }',
};

function threw(where: string, error: unknown): Fault {
  return {
    code: 'ENV_THROWS',
    message: `${where} threw ${thrown(error)}`,
    cause: 'An action or state that the code does not expect, or a field that is not yet set.',
    fix: 'Go to the line named above; a valid action must never throw. End the episode with terminated: true instead.',
  };
}

function mutated(kept: string, env: Env, action: unknown, step: number): Fault | null {
  if (JSON.stringify(env.actionSpace.valueToJSON(action)) === kept) return null;
  return {
    code: 'ACTION_MUTATED',
    message: `step() at step ${step} changed the action it was given, from ${kept.slice(0, 80)}.`,
    cause: 'The action is clipped or scaled in place; it belongs to the caller, who learns from it and logs it.',
    fix: 'const force = Math.min(Math.max(action[0], -1), 1); // into variables of your own',
  };
}
