import type { Env } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { ObservationWrapper } from '../core/wrapper.js';
import { sizeOf } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import { checkNames, checkPositive, unsuitable } from './options.js';
import { RunningMeanStd } from './running-mean-std.js';
import { rounding } from './values.js';

/** How a NormalizeObservation is made. */
export interface NormalizeObservationOptions {
  /** Added to the variance, `1e-8` by default. */
  readonly epsilon?: number | undefined;
}

/** Shifts and scales observations to mean 0 and variance 1 by the running statistics of what it has seen. */
export class NormalizeObservation<Act> extends ObservationWrapper<Float32Array, Act, unknown> {
  readonly observationSpace: Box;
  readonly obsRms: RunningMeanStd;
  /** Whether observations still change the statistics; set it to false to evaluate. */
  updateRunningMean = true;
  readonly #epsilon: number;
  readonly #round: (value: number) => number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<unknown, Act>, kwargs: NormalizeObservationOptions = {}) {
    checkNames('NormalizeObservation', kwargs, ['epsilon']);
    const { epsilon = 1e-8 } = kwargs;
    checkPositive('NormalizeObservation', 'epsilon', epsilon);
    super(env, kwargs);
    const { shape, dtype } = env.observationSpace;
    if (shape === null)
      throw unsuitable('NormalizeObservation', 'observation', 'a space with a shape', env.observationSpace);
    this.observationSpace = new Box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape });
    this.obsRms = new RunningMeanStd(sizeOf(shape), dtype);
    this.#epsilon = epsilon;
    this.#round = rounding(dtype);
  }

  override observation(observation: unknown): Float32Array {
    const values = typeof observation === 'number' ? [observation] : (observation as ArrayLike<number>);
    if (this.updateRunningMean) this.obsRms.update(values, 1);
    return normalized(values, 1, this.obsRms, this.#epsilon, this.#round);
  }

  override getState(): Json {
    return this.obsRms.toJSON();
  }

  override setState(state: Json): void {
    if (!this.obsRms.restore(state)) throw invalidState('NormalizeObservation');
  }
}

/** Rows of values less the mean, by the standard deviation, in float32. */
export function normalized(
  values: ArrayLike<number>,
  rows: number,
  { mean, var: variance }: RunningMeanStd,
  epsilon: number,
  f: (value: number) => number,
): Float32Array {
  const size = mean.length;
  const out = new Float32Array(rows * size);
  for (let k = 0; k < size; k++) {
    const deviation = f(Math.sqrt(f(variance[k]! + f(epsilon))));
    for (let i = k; i < out.length; i += size) out[i] = f(f(values[i]! - mean[k]!) / deviation);
  }
  return out;
}

/** The error of a state that another wrapper gave. */
export function invalidState(wrapper: string): Error {
  return usageError('INVALID_WRAPPER_STATE', `${wrapper}.setState takes what getState of the same wrapper gave.`, {
    field: wrapper,
  });
}
