import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { usageError } from '../core/errors.js';
import { ObservationWrapper, Wrapper } from '../core/wrapper.js';
import { newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import { Dict } from '../spaces/dict.js';
import { flatten, flattenSpace, isFlattenable } from '../spaces/flatten.js';
import type { DType, Space } from '../spaces/space.js';
import { Tuple } from '../spaces/tuple.js';
import { checkFlag, checkNames, invalidOption } from './options.js';
import { TimeLimit } from './time-limit.js';

/** How a TimeAwareObservation is made. */
export interface TimeAwareObservationOptions {
  /** Whether the result is one row of numbers, true by default. */
  readonly flatten?: boolean | undefined;
  /** Whether the time goes from 0 to 1 instead of counting steps, false by default. */
  readonly normalizeTime?: boolean | undefined;
  /** The time's key in Dict observations, `'time'` by default. */
  readonly dictTimeKey?: string | undefined;
}

/** Adds the steps taken so far to observations, for envs with a time limit. */
export class TimeAwareObservation<Act> extends ObservationWrapper<unknown, Act, unknown> {
  readonly observationSpace: Space;
  readonly maxTimesteps: number;
  timesteps = 0;
  readonly #normalize: boolean;
  readonly #key: string;
  readonly #joined: Space | null;
  readonly #flatten: boolean;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`, `TIME_LIMIT_NEEDED`. */
  constructor(env: Env<unknown, Act>, kwargs: TimeAwareObservationOptions = {}) {
    const name = 'TimeAwareObservation';
    checkNames(name, kwargs, ['flatten', 'normalizeTime', 'dictTimeKey']);
    const { flatten: flat = true, normalizeTime = false, dictTimeKey = 'time' } = kwargs;
    checkFlag(name, 'flatten', flat);
    checkFlag(name, 'normalizeTime', normalizeTime);
    if (typeof dictTimeKey !== 'string') throw invalidOption(name, 'dictTimeKey', 'a text', dictTimeKey);
    const limit = limitOf(env as Env);
    const time = normalizeTime ? new Box(0, 1) : new Box(0, limit, { dtype: 'int32' });
    const inner = env.observationSpace;
    let joined: Space | null = null;
    if (inner instanceof Tuple) joined = new Tuple([...(inner.spaces as readonly Space[]), time]);
    else if (inner instanceof Dict) {
      if (dictTimeKey in inner.spaces)
        throw invalidOption(name, 'dictTimeKey', 'a key that the space lacks', dictTimeKey);
      joined = new Dict({ ...(inner as Dict).spaces, [dictTimeKey]: time });
    } else if (!flat || !isFlattenable(inner)) joined = new Dict({ obs: inner, time });
    super(env, kwargs);
    this.maxTimesteps = limit;
    this.#normalize = normalizeTime;
    this.#key = dictTimeKey;
    this.#joined = joined;
    this.#flatten = flat;
    this.observationSpace = flat ? flattenSpace(joined ?? new Tuple([inner, time])) : joined!;
  }

  override reset(options: ResetOptions = {}): ResetResult<unknown> {
    this.timesteps = 0;
    return super.reset(options);
  }

  override step(action: Act): StepResult<unknown> {
    this.timesteps++;
    return super.step(action);
  }

  override observation(observation: unknown): unknown {
    const time = this.#normalize ? Float32Array.of(this.timesteps / this.maxTimesteps) : Int32Array.of(this.timesteps);
    if (this.#joined === null) {
      const row = flatten(this.env.observationSpace, observation) as ArrayLike<number>;
      const out = newArray((this.observationSpace as Box<DType>).dtype, row.length + 1);
      out.set(row);
      out[row.length] = time[0]!;
      return out;
    }
    const inner = this.env.observationSpace;
    const value =
      inner instanceof Tuple
        ? [...(observation as unknown[]), time]
        : inner instanceof Dict
          ? { ...(observation as object), [this.#key]: time }
          : { obs: observation, time };
    return this.#flatten ? flatten(this.#joined, value) : value;
  }
}

/** The time limit that the spec or a wrapper has. @throws `TIME_LIMIT_NEEDED` */
function limitOf(env: Env): number {
  for (let at: Env = env; at instanceof Wrapper; at = at.env) if (at instanceof TimeLimit) return at.maxEpisodeSteps;
  const limit = env.spec?.maxEpisodeSteps ?? null;
  if (limit !== null) return limit;
  throw usageError(
    'TIME_LIMIT_NEEDED',
    `TimeAwareObservation needs an env with a time limit: register it with maxEpisodeSteps, or put a TimeLimit inside.`,
    { field: 'maxEpisodeSteps' },
  );
}
