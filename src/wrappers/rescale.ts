/** The affine map between two boxes. */
import { usageError } from '../core/errors.js';
import { newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import type { DType, DTypes } from '../spaces/space.js';
import { spread, unsuitable } from './options.js';
import { rounding } from './values.js';

/** A box and the map from another one to it, and back. */
export interface Rescaling {
  readonly box: Box<DType>;
  forward(values: ArrayLike<number>): DTypes[DType];
  backward(values: ArrayLike<number>): DTypes[DType];
}

/**
 * Maps a box to new bounds, with arithmetic of the box's dtype. An infinite bound must stay what it is.
 * @throws `INVALID_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE` for a box of whole numbers.
 */
export function rescaleBox(
  wrapper: string,
  role: 'observation' | 'action',
  from: Box<DType>,
  min: { readonly field: string; readonly value: unknown },
  max: { readonly field: string; readonly value: unknown },
): Rescaling {
  const { size, dtype, low, high, shape } = from;
  if (dtype !== 'float32' && dtype !== 'float64') throw unsuitable(wrapper, role, 'a Box of float32 or float64', from);
  const f = rounding(dtype);
  const mins = spread(wrapper, min.field, min.value, size);
  const maxs = spread(wrapper, max.field, max.value, size);
  const refuse = (why: string): never => {
    throw usageError('INVALID_WRAPPER_OPTION', `${wrapper}: ${why}.`, { field: `${min.field}, ${max.field}` });
  };
  const gradient = newArray(dtype, size).fill(1);
  const intercept = newArray(dtype, size);
  for (let i = 0; i < size; i++) {
    const [a, b] = [mins[i]!, maxs[i]!];
    const unbounded = (x: number, y: number): boolean => x !== y && !(Number.isFinite(x) && Number.isFinite(y));
    if (unbounded(a, low[i]!) || unbounded(b, high[i]!)) {
      refuse(
        `an infinite bound must stay as it is, but element ${i} is ${low[i]} to ${high[i]} and would become ${a} to ${b}`,
      );
    }
    if (!(a <= b)) refuse(`${min.field} must not be above ${max.field}, got ${a} and ${b} at element ${i}`);
    const [bottom, top] = [Number.isFinite(a), Number.isFinite(b)];
    if (bottom && top) gradient[i] = (b - a) / (high[i]! - low[i]!);
    if (top) intercept[i] = b - high[i]!;
    if (bottom) intercept[i] = f(gradient[i]! * -low[i]!) + a;
  }
  const map = (values: ArrayLike<number>, one: (value: number, i: number) => number): DTypes[DType] => {
    const out = newArray(dtype, size);
    for (let i = 0; i < size; i++) out[i] = one(values[i]!, i);
    return out;
  };
  return {
    box: new Box<DType>(mins, maxs, { shape, dtype }),
    forward: (values) => map(values, (value, i) => f(gradient[i]! * value) + intercept[i]!),
    backward: (values) => map(values, (value, i) => f(value - intercept[i]!) / gradient[i]!),
  };
}
