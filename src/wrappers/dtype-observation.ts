import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import { DTYPE_NAMES, isDType, newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import { Discrete } from '../spaces/discrete.js';
import { MultiBinary } from '../spaces/multi-binary.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { checkNames, invalidOption, unsuitable } from './options.js';

/** How a DtypeObservation is made. */
export interface DtypeObservationOptions<D extends DType> {
  readonly dtype: D;
}

/** The space of a space's values in another dtype. @throws `INVALID_WRAPPER_SPACE`, `INVALID_WRAPPER_OPTION`. */
export function dtypeSpace<D extends DType>(wrapper: string, space: Space, dtype: D): Box<D> {
  if (!isDType(dtype)) throw invalidOption(wrapper, 'dtype', `one of ${DTYPE_NAMES.join(', ')}`, dtype);
  const shape = space.shape ?? [];
  if (space instanceof Box) return new Box<D>(Array.from(space.low), Array.from(space.high), { shape, dtype });
  if (space instanceof Discrete) return new Box<D>(space.start, space.start + space.n, { shape: [], dtype });
  if (space instanceof MultiDiscrete) {
    const high = Array.from(space.nvec, (n, i) => n + space.start[i]! - 1);
    return new Box<D>(Array.from(space.start), high, { shape, dtype });
  }
  if (space instanceof MultiBinary) return new Box<D>(0, 1, { shape, dtype });
  throw unsuitable(wrapper, 'observation', 'a Box, Discrete, MultiDiscrete or MultiBinary', space);
}

/** Hands out observations as another dtype. */
export class DtypeObservation<Act, D extends DType = DType> extends ObservationWrapper<DTypes[D], Act, unknown> {
  readonly observationSpace: Space<DTypes[D]>;
  readonly dtype: D;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<unknown, Act>, kwargs: DtypeObservationOptions<D>) {
    checkNames('DtypeObservation', kwargs, ['dtype']);
    const space = dtypeSpace('DtypeObservation', env.observationSpace, kwargs.dtype);
    super(env, kwargs);
    this.dtype = kwargs.dtype;
    this.observationSpace = space;
  }

  override observation(observation: unknown): DTypes[D] {
    const values = typeof observation === 'number' ? [observation] : (observation as ArrayLike<number>);
    const out = newArray(this.dtype, values.length);
    out.set(values);
    return out;
  }
}
