import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import { sizeOf } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import type { DType, DTypes } from '../spaces/space.js';
import { asBox, checkNames, invalidOption } from './options.js';

/** How a ReshapeObservation is made. */
export interface ReshapeObservationOptions {
  /** Lengths of the axes; their product must stay what it is. */
  readonly shape: readonly number[];
}

/** A Box with other axes. @throws `INVALID_WRAPPER_OPTION` */
export function reshapedBox(wrapper: string, box: Box<DType>, shape: unknown): Box<DType> {
  const fits =
    Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0) && sizeOf(shape) === box.size;
  if (!fits) throw invalidOption(wrapper, 'shape', `a list of whole numbers whose product is ${box.size}`, shape);
  return new Box<DType>(Array.from(box.low), Array.from(box.high), { shape: shape as number[], dtype: box.dtype });
}

/** Gives Box observations other axes; the row of numbers stays what it is. */
export class ReshapeObservation<Act> extends ObservationWrapper<DTypes[DType], Act, unknown> {
  readonly observationSpace: Box<DType>;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<unknown, Act>, kwargs: ReshapeObservationOptions) {
    checkNames('ReshapeObservation', kwargs, ['shape']);
    const box = reshapedBox(
      'ReshapeObservation',
      asBox('ReshapeObservation', 'observation', env.observationSpace),
      kwargs.shape,
    );
    super(env, kwargs);
    this.observationSpace = box;
  }

  override observation(observation: unknown): DTypes[DType] {
    return observation as DTypes[DType];
  }
}
