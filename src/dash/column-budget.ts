/** Bounds the memory of curves: the columns that were asked for longest ago are forgotten first. */
import type { MetricsFile } from './metrics-file.js';
import type { ThinCurve } from './thin.js';

/** A curve as it was thinned last. */
interface Thinned {
  readonly points: number;
  readonly stamp: string;
  readonly curve: ThinCurve;
}

/** Columns in the order of their last use. */
export class ColumnBudget {
  readonly #limit: number;
  /** The first was used longest ago. */
  readonly #columns = new Map<string, { readonly file: MetricsFile; readonly name: string; thinned: Thinned | null }>();

  /** @param limit bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of all columns. */
  get bytes(): number {
    let bytes = 0;
    for (const file of new Set([...this.#columns.values()].map((one) => one.file))) bytes += file.bytes;
    return bytes;
  }

  /** A column was read, or read on. */
  used(file: MetricsFile, name: string): void {
    const key = keyOf(file, name);
    const known = this.#columns.get(key);
    this.#columns.delete(key);
    this.#columns.set(key, known ?? { file, name, thinned: null });
    if (known !== undefined) return;
    for (let bytes = this.bytes; bytes > this.#limit && this.#columns.size > 1; bytes = this.bytes) {
      const [oldest, column] = this.#columns.entries().next().value!;
      column.file.release(column.name);
      this.#columns.delete(oldest);
    }
  }

  /** The curve as `keep` was given it, if nothing was added since. */
  thinned(file: MetricsFile, name: string, points: number, stamp: string): ThinCurve | null {
    const known = this.#columns.get(keyOf(file, name))?.thinned;
    return known?.points === points && known.stamp === stamp ? known.curve : null;
  }

  keep(file: MetricsFile, name: string, points: number, stamp: string, curve: ThinCurve): ThinCurve {
    const column = this.#columns.get(keyOf(file, name));
    if (column !== undefined) column.thinned = { points, stamp, curve };
    return curve;
  }

  /** The file is gone. */
  forget(file: MetricsFile): void {
    for (const [key, column] of this.#columns) if (column.file === file) this.#columns.delete(key);
  }
}

const keyOf = (file: MetricsFile, name: string): string => `${file.path}\0${name}`;
