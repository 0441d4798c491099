import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import { Space } from '../spaces/space.js';
import { checkFunction, checkNames, invalidOption } from './options.js';

/** How a TransformObservation is made. */
export interface TransformObservationOptions<Obs, InnerObs> {
  readonly func: (observation: InnerObs) => Obs;
  /** The space of the results; the env's own if absent. */
  readonly observationSpace?: Space<Obs> | null | undefined;
}

/** Applies a function to observations. A function is no JSON: for workers and files export a class of your own. */
export class TransformObservation<Obs, Act, InnerObs = Obs> extends ObservationWrapper<Obs, Act, InnerObs> {
  readonly observationSpace: Space<Obs>;
  readonly func: (observation: InnerObs) => Obs;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<InnerObs, Act>, kwargs: TransformObservationOptions<Obs, InnerObs>) {
    checkNames('TransformObservation', kwargs, ['func', 'observationSpace']);
    checkFunction('TransformObservation', 'func', kwargs.func);
    const space = kwargs.observationSpace ?? null;
    if (space !== null && !(space instanceof Space)) {
      throw invalidOption('TransformObservation', 'observationSpace', 'a Space', space);
    }
    super(env, kwargs);
    this.func = kwargs.func;
    this.observationSpace = space ?? (env.observationSpace as unknown as Space<Obs>);
  }

  override observation(observation: InnerObs): Obs {
    return this.func(observation);
  }
}
