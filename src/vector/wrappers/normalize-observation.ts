import { usageError } from '../../core/errors.js';
import { sizeOf } from '../../spaces/arrays.js';
import { Box } from '../../spaces/box.js';
import type { Batch } from '../../spaces/index.js';
import { type NormalizeObservationOptions, normalized } from '../../wrappers/normalize-observation.js';
import { checkNames, checkPositive, unsuitable } from '../../wrappers/options.js';
import { RunningMeanStd } from '../../wrappers/running-mean-std.js';
import { rounding } from '../../wrappers/values.js';
import type { VectorEnv, VectorResetOptions, VectorResetResult } from '../vector-env.js';
import { assertVectorEnv, VectorObservationWrapper } from './vector-wrapper.js';

/**
 * Shifts and scales observations to mean 0 and variance 1 by the running statistics of all envs together. Last observations
 * in `infos.finalObs` are scaled, but do not change the statistics.
 */
export class VectorNormalizeObservation<Act> extends VectorObservationWrapper<Float32Array, Act, unknown> {
  readonly obsRms: RunningMeanStd;
  /** Whether observations still change the statistics. */
  updateRunningMean = true;
  readonly #epsilon: number;
  readonly #round: (value: number) => number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<unknown, Act>, kwargs: NormalizeObservationOptions = {}) {
    checkNames('VectorNormalizeObservation', kwargs, ['epsilon']);
    const { epsilon = 1e-8 } = kwargs;
    checkPositive('VectorNormalizeObservation', 'epsilon', epsilon);
    assertVectorEnv('VectorNormalizeObservation', env);
    const space = env.singleObservationSpace;
    const { shape } = space;
    if (shape === null) throw unsuitable('VectorNormalizeObservation', 'observation', 'a space with a shape', space);
    super(env, { singleObservationSpace: new Box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape }) });
    this.obsRms = new RunningMeanStd(sizeOf(shape), space.dtype);
    this.#epsilon = epsilon;
    this.#round = rounding(space.dtype);
  }

  override get singleObservationSpace(): Box {
    return super.singleObservationSpace as Box;
  }

  override get observationSpace(): Box {
    return super.observationSpace as Box;
  }

  /** @throws `INVALID_RESET_OPTION` for a mask that leaves envs out: their rows would be counted twice. */
  override reset(options?: VectorResetOptions): VectorResetResult<Float32Array> {
    const mask = options?.options?.['resetMask'];
    if (Array.isArray(mask) && mask.includes(false)) {
      throw usageError(
        'INVALID_RESET_OPTION',
        'VectorNormalizeObservation cannot reset some envs only: resetMask must be all true.',
        {
          field: 'resetMask',
        },
      );
    }
    return super.reset(options);
  }

  override observations(observations: Batch<unknown>): Float32Array {
    const values = observations as ArrayLike<number>;
    if (this.updateRunningMean) this.obsRms.update(values, this.numEnvs);
    return normalized(values, this.numEnvs, this.obsRms, this.#epsilon, this.#round);
  }

  override finalObservation(observation: unknown): Float32Array {
    const values = typeof observation === 'number' ? [observation] : (observation as ArrayLike<number>);
    return normalized(values, 1, this.obsRms, this.#epsilon, this.#round);
  }
}
