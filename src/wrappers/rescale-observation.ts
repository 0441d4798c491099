import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import type { Box } from '../spaces/box.js';
import type { DType, DTypes } from '../spaces/space.js';
import { asBox, checkNames } from './options.js';
import { type Rescaling, rescaleBox } from './rescale.js';

/** How a RescaleObservation is made. */
export interface RescaleObservationOptions {
  /** New lower bound, one for all elements or one for each. */
  readonly minObs: number | readonly number[] | DTypes[DType];
  readonly maxObs: number | readonly number[] | DTypes[DType];
}

/** Maps Box observations to new bounds. */
export class RescaleObservation<Act> extends ObservationWrapper<DTypes[DType], Act, unknown> {
  readonly observationSpace: Box<DType>;
  readonly #rescaling: Rescaling;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<unknown, Act>, kwargs: RescaleObservationOptions) {
    const name = 'RescaleObservation';
    checkNames(name, kwargs, ['minObs', 'maxObs']);
    const box = asBox(name, 'observation', env.observationSpace);
    const [min, max] = [
      { field: 'minObs', value: kwargs.minObs },
      { field: 'maxObs', value: kwargs.maxObs },
    ];
    const rescaling = rescaleBox(name, 'observation', box, min!, max!);
    super(env, kwargs);
    this.#rescaling = rescaling;
    this.observationSpace = rescaling.box;
  }

  override observation(observation: unknown): DTypes[DType] {
    return this.#rescaling.forward(observation as ArrayLike<number>);
  }
}
