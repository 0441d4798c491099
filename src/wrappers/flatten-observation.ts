import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import { flatten, flattenSpace } from '../spaces/flatten.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { checkNames } from './options.js';

/** Flattens observations to one row of numbers; Discrete values become one-hot. */
export class FlattenObservation<Act> extends ObservationWrapper<DTypes[DType], Act, unknown> {
  readonly observationSpace: Space<DTypes[DType]>;

  /** @throws `UNKNOWN_WRAPPER_OPTION`, and what `flattenSpace` throws. */
  constructor(env: Env<unknown, Act>, kwargs: object = {}) {
    checkNames('FlattenObservation', kwargs, []);
    super(env, kwargs);
    this.observationSpace = flattenSpace(env.observationSpace) as Space<DTypes[DType]>;
  }

  override observation(observation: unknown): DTypes[DType] {
    return flatten(this.env.observationSpace, observation) as DTypes[DType];
  }
}
