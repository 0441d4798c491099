/** Differences of one column of two episodes, element by element. */
import type { RecordedMetadata } from './format.js';
import { leaves } from './leaves.js';

type Fields = NonNullable<RecordedMetadata['fields']>['observation'];

/** How far one element strays over the steps that both episodes have. */
export interface FieldDifference {
  readonly column: 'action' | 'observation' | 'reward';
  /** The env's name of the element, or its place. */
  readonly name: string;
  /** Its unit; absent where the env does not say. */
  readonly unit?: string;
  /** Largest absolute difference; null where values are not numbers, or are not finite. */
  readonly largest: number | null;
  /** The step of the largest difference, or of the first where there is none. */
  readonly step: number;
  readonly a: string;
  readonly b: string;
  /** Steps in which it differs. */
  readonly steps: number;
}

type Mutable = { -readonly [K in keyof FieldDifference]: FieldDifference[K] };

/** Collects the differences of one column, and the first of them. */
export class FieldTracker {
  readonly column: FieldDifference['column'];
  first: {
    readonly step: number;
    readonly name?: string;
    readonly unit?: string;
    readonly a: string;
    readonly b: string;
  } | null = null;
  readonly #fields: Fields | undefined;
  readonly #meanings: Fields | undefined;
  readonly #found = new Map<number, Mutable>();

  /** @param meanings names of the values of a Discrete column, from the value 0 on. */
  constructor(column: FieldDifference['column'], fields: Fields | undefined, meanings?: Fields) {
    this.column = column;
    this.#fields = fields;
    this.#meanings = meanings;
  }

  /** Compares the values of a step, bit for bit. */
  compare(step: number, a: unknown, b: unknown): void {
    const [was, is] = [leaves(a), leaves(b)];
    const count = Math.max(was.length, is.length);
    for (let k = 0; k < count; k++) {
      const [x, y] = [was[k], is[k]];
      if (Object.is(x?.value, y?.value) && x?.path === y?.path) continue;
      this.#differs(step, k, x?.path ?? y?.path ?? '', x?.value, y?.value);
    }
  }

  #differs(step: number, k: number, path: string, x: unknown, y: unknown): void {
    const known = this.#fields?.[k];
    const alone = this.column === 'reward' || (path === '' && this.#meanings !== undefined);
    const name = known?.name ?? (path !== '' ? path : alone ? this.column : `element ${k}`);
    const [a, b] = [this.#shown(x), this.#shown(y)];
    const unit = known === undefined ? {} : { unit: known.unit };
    this.first ??= { step, name, ...unit, a, b };
    const distance = typeof x === 'number' && typeof y === 'number' ? Math.abs(x - y) : Number.NaN;
    const finite = Number.isFinite(distance) ? distance : null;
    const field = this.#found.get(k);
    if (field === undefined) {
      this.#found.set(k, { column: this.column, name, ...unit, largest: finite, step, a, b, steps: 1 });
      return;
    }
    field.steps++;
    if (finite === null || (field.largest !== null && finite <= field.largest)) return;
    Object.assign(field, { largest: finite, step, a, b });
  }

  #shown(value: unknown): string {
    const text = Object.is(value, -0) ? '-0' : String(value);
    const meaning = typeof value === 'number' ? this.#meanings?.[value]?.name : undefined;
    return meaning === undefined ? text : `${text} (${meaning})`;
  }

  /** The elements that differ, in their own order. */
  fields(): FieldDifference[] {
    return [...this.#found.entries()].sort(([x], [y]) => x - y).map(([, field]) => field);
  }
}
