/** Gymnasium's running mean and variance, with its arithmetic: float32 for float32 data, float64 for other. */
import type { Json } from '../core/json.js';
import { numberFromJSON, numbersFromJSON, numbersToJSON, numberToJSON } from '../spaces/arrays.js';
import { checkWhole } from './options.js';
import { rounding } from './values.js';

/** Mean and variance of rows of numbers, by the parallel algorithm, starting from 0 and 1 with a weight of 0.0001. */
export class RunningMeanStd {
  readonly mean: Float64Array;
  readonly var: Float64Array;
  count = 1e-4;
  readonly #round: (value: number) => number;

  /**
   * @param dtype - of the data; `'float32'` makes every operation round to float32.
   * @throws `INVALID_WRAPPER_OPTION` unless `size` is a whole number from 1.
   */
  constructor(size: number, dtype: string | null) {
    checkWhole('RunningMeanStd', 'size', size, 1);
    this.mean = new Float64Array(size);
    this.var = new Float64Array(size).fill(1);
    this.#round = rounding(dtype);
  }

  /** Takes in `rows` rows of numbers; `batch` rounds the arithmetic on them where their dtype is another one. */
  update(data: ArrayLike<number>, rows: number, batch: (value: number) => number = this.#round): void {
    const f = this.#round;
    const { mean, var: variance, count } = this;
    const size = mean.length;
    const total = count + rows;
    for (let k = 0; k < size; k++) {
      const column = (row: number): number => data[row * size + k]!;
      const batchMean = batch(sum(column, rows, size, batch) / rows);
      const square = (row: number): number => {
        const off = batch(column(row) - batchMean);
        return batch(off * off);
      };
      const batchVar = batch(sum(square, rows, size, batch) / rows);
      const delta = f(batchMean - mean[k]!);
      const shared = f(f(f(f(delta * delta) * f(count)) * rows) / f(total));
      const second = f(f(f(variance[k]! * f(count)) + batch(batchVar * rows)) + shared);
      mean[k] = f(mean[k]! + f(f(delta * rows) / f(total)));
      variance[k] = f(second / f(total));
    }
    this.count = total;
  }

  toJSON(): Json {
    return { mean: numbersToJSON(this.mean), var: numbersToJSON(this.var), count: numberToJSON(this.count) };
  }

  /** Goes on from what `toJSON` gave; false for anything else. */
  restore(json: Json | undefined): boolean {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
    const mean = numbersFromJSON(json['mean']);
    const variance = numbersFromJSON(json['var']);
    const count = numberFromJSON(json['count']);
    if (mean?.length !== this.mean.length || variance?.length !== this.var.length || count === null) return false;
    this.mean.set(mean);
    this.var.set(variance);
    this.count = count;
    return true;
  }
}

/** NumPy's sum over an axis: in order over rows, and in eight interleaved parts over a single column of 8 or more. */
function sum(value: (row: number) => number, rows: number, size: number, f: (x: number) => number): number {
  if (size > 1 || rows < 8) {
    let total = value(0);
    for (let row = 1; row < rows; row++) total = f(total + value(row));
    return total;
  }
  return pairwise(value, 0, rows, f);
}

function pairwise(value: (row: number) => number, at: number, n: number, f: (x: number) => number): number {
  if (n < 8) {
    let total = 0;
    for (let i = 0; i < n; i++) total = f(total + value(at + i));
    return total;
  }
  if (n > 128) {
    let half = Math.floor(n / 2);
    half -= half % 8;
    return f(pairwise(value, at, half, f) + pairwise(value, at + half, n - half, f));
  }
  const r = Array.from({ length: 8 }, (_, i) => value(at + i));
  let i = 8;
  for (; i < n - (n % 8); i += 8) for (let k = 0; k < 8; k++) r[k] = f(r[k]! + value(at + i + k));
  let total = f(f(f(r[0]! + r[1]!) + f(r[2]! + r[3]!)) + f(f(r[4]! + r[5]!) + f(r[6]! + r[7]!)));
  for (; i < n; i++) total = f(total + value(at + i));
  return total;
}
