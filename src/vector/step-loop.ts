/**
 * The step loop of a SyncVectorEnv. This module imports nothing and keeps nothing, for `loopFor` imports it anew for each class of
 * envs: V8 compiles calls and property reads by what one instance of the code has met, and a loop that has met five classes of
 * envs runs at half the speed, for all of them. Nothing is allocated here.
 */
import type { Env, Info, StepResult } from '../core/env.js';

/** A number for each element of all rows. */
type Numbers = { readonly length: number; [index: number]: number };

/** What a loop steps, and where it writes; made once for a vector env. */
export interface Lanes<Obs, Act> {
  readonly envs: readonly Env<Obs, Act>[];
  /** Actions `[N]` that are numbers, or null. */
  readonly scalars: Numbers | null;
  /** Actions that are arrays or objects, one for each env, or null for those that only `act` knows. */
  readonly rows: readonly unknown[] | null;
  /** Observations `[N, width]` that are rows of one array, or null for those that only `observe` knows. */
  readonly observations: Numbers | null;
  readonly width: number;
  /** Bounds of each element of a row. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly rewards: Float64Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;
  /** Steps of each env's episode. */
  readonly lengths: Int32Array;
  readonly maxSteps: number;
  /** 1 where a reset is due. */
  readonly over: Uint8Array;
}

/** What is rare, or differs by mode or space: the vector env's own part. */
export interface LoopEvents<Obs, Act> {
  /** The action of an env whose actions are no rows. */
  act(i: number): Act;
  /** Writes an observation that is no row of floats. */
  observe(i: number, observation: Obs): void;
  /** A reset is due. */
  begin(i: number): void;
  /** The episode is over; observation, reward and flags are written. */
  end(i: number, info: Info): void;
  /** `info` says something. */
  note(i: number, info: Info): void;
  /** What is thrown where the env threw. */
  locate(i: number, error: unknown): Error;
  badReward(i: number, reward: number): Error;
  badObservation(i: number, observation: Obs): Error;
}

/** Steps the envs from place `from` up to `to` once. */
export function stepLoop<Obs, Act>(
  lanes: Lanes<Obs, Act>,
  events: LoopEvents<Obs, Act>,
  from: number,
  to: number,
): void {
  const { envs, scalars, rows, observations, width, low, high } = lanes;
  const { rewards, terminations, truncations, lengths, maxSteps, over } = lanes;
  for (let i = from; i < to; i++) {
    if (over[i] === 1) {
      events.begin(i);
      continue;
    }
    const action = scalars !== null ? scalars[i] : rows !== null ? rows[i] : events.act(i);
    let result: StepResult<Obs>;
    try {
      result = envs[i]!.step(action as Act);
    } catch (error) {
      throw events.locate(i, error);
    }
    const { observation, reward, terminated, info } = result;
    const length = lengths[i]! + 1;
    const truncated = result.truncated || length >= maxSteps;
    lengths[i] = length;
    if (!(reward - reward === 0)) throw events.badReward(i, reward);
    rewards[i] = reward;
    terminations[i] = terminated ? 1 : 0;
    truncations[i] = truncated ? 1 : 0;
    if (observations !== null) {
      const source = observation as Numbers;
      if (source === null || source === undefined || source.length !== width) {
        throw events.badObservation(i, observation);
      }
      for (let k = 0, at = i * width; k < width; k++, at++) {
        const value = source[k]!;
        if (!(value >= low[k]! && value <= high[k]!)) throw events.badObservation(i, observation);
        observations[at] = value;
      }
    } else {
      events.observe(i, observation);
    }
    if (terminated || truncated) {
      events.end(i, info);
      continue;
    }
    // Most infos are empty.
    for (const _ in info) {
      events.note(i, info);
      break;
    }
  }
}
