/** Batches of observations and actions: one typed array with a row for each env. */
import { usageError } from '../core/errors.js';
import { preview } from '../spaces/arrays.js';
import { Box, Discrete, type DType, MultiBinary, MultiDiscrete, type Space } from '../spaces/index.js';

/** How the values of a space lie in a batch. */
export interface RowLayout {
  readonly dtype: DType;
  /** Elements of a row. */
  readonly width: number;
  /** Whether a value is a number rather than a typed array. */
  readonly scalar: boolean;
  /** Bounds of each element of a row. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Whether the dtype holds whole numbers only. */
  readonly whole: boolean;
  /** Whether every array of the dtype is within the bounds: bytes of a picture. */
  readonly covers: boolean;
}

/** The layout of a space's rows. @throws `UNSUPPORTED_SPACE` */
export function rowLayout(space: Space): RowLayout {
  if (space instanceof Box) {
    const { dtype, low, high, size, coversDtype } = space as Box<DType>;
    return {
      dtype,
      covers: coversDtype,
      width: size,
      scalar: false,
      low: Float64Array.from(low),
      high: Float64Array.from(high),
      whole: dtype !== 'float32' && dtype !== 'float64',
    };
  }
  if (space instanceof Discrete) {
    const low = Float64Array.of(space.start);
    const high = Float64Array.of(space.start + space.n - 1);
    return { dtype: 'int32', width: 1, scalar: true, low, high, whole: true, covers: false };
  }
  if (space instanceof MultiDiscrete) {
    const low = Float64Array.from(space.start);
    const high = Float64Array.from(space.nvec, (n, i) => low[i]! + n - 1);
    return { dtype: 'int32', width: space.size, scalar: false, low, high, whole: true, covers: false };
  }
  if (space instanceof MultiBinary) {
    const high = new Float64Array(space.size).fill(1);
    return {
      dtype: 'int8',
      width: space.size,
      scalar: false,
      low: new Float64Array(space.size),
      high,
      whole: true,
      covers: false,
    };
  }
  throw usageError(
    'UNSUPPORTED_SPACE',
    `Expected a Box, Discrete, MultiDiscrete or MultiBinary space, got ${preview(space)}.`,
    { expected: 'Box, Discrete, MultiDiscrete or MultiBinary', got: preview(space) },
  );
}
