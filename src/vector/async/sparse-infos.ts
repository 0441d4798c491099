/**
 * Infos on their way from a worker: the elements that say something, field by field. Most are final observations, which are rows
 * of one typed array, empty objects, of which only the places travel, and numbers: a message of hundreds of small objects takes longer
 * than the steps that it tells of.
 */
import type { DType, DTypes } from '../../spaces/space.js';
import type { VectorInfos } from '../vector-env.js';

type Row = DTypes[DType];

/** One field of infos. */
export interface SparseField {
  readonly field: string;
  /** Envs, within the worker, whose element says something; null for all of them. */
  readonly places: Int32Array | null;
  /** How many elements there are. */
  readonly count: number;
  readonly values: Packed;
}

/** Elements of one kind: empty objects, numbers, typed arrays of equal length one after another, or anything else. */
type Packed =
  | { readonly kind: 'empty' }
  | { readonly kind: 'numbers'; readonly numbers: Float64Array }
  | { readonly kind: 'rows'; readonly rows: Row }
  | { readonly kind: 'list'; readonly list: readonly unknown[] };

/** Field by field. */
export type SparseInfos = readonly SparseField[];

/** What an element is where an env has nothing to say. */
function nothing(field: string): null | undefined {
  return field === 'finalObs' || field === 'finalInfo' ? null : undefined;
}

/** The elements that say something. */
export function sparseInfos(infos: VectorInfos): SparseInfos {
  return Object.entries(infos).map(([field, all]) => {
    const places: number[] = [];
    const values: unknown[] = [];
    for (let i = 0; i < all!.length; i++) {
      const value = all![i];
      if (value === undefined || value === nothing(field)) continue;
      places.push(i);
      values.push(value);
    }
    const count = places.length;
    return { field, places: count === all!.length ? null : Int32Array.from(places), count, values: packed(values) };
  });
}

function packed(values: readonly unknown[]): Packed {
  const first = values[0];
  if (typeof first === 'number') {
    if (values.every((value) => typeof value === 'number')) {
      return { kind: 'numbers', numbers: Float64Array.from(values as readonly number[]) };
    }
  } else if (isRow(first)) {
    const width = first.length;
    if (values.every((value) => isRow(value) && value.length === width && value.constructor === first.constructor)) {
      const rows = new (first.constructor as new (length: number) => Row)(values.length * width);
      let at = 0;
      for (const value of values as readonly Row[]) for (let k = 0; k < width; k++) rows[at++] = value[k]!;
      return { kind: 'rows', rows };
    }
  } else if (values.every(isEmpty)) {
    return { kind: 'empty' };
  }
  return { kind: 'list', list: values };
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const _ in value) return false;
  return true;
}

function isRow(value: unknown): value is Row {
  return ArrayBuffer.isView(value) && 'length' in value && typeof value[0 as never] === 'number';
}

/** The place of element `k`. */
export function placeOf({ places }: SparseField, k: number): number {
  return places === null ? k : places[k]!;
}

/** The elements of a field, one for each place; arrays are copies. */
export function elementsOf({ count, values }: SparseField): readonly unknown[] {
  if (values.kind === 'list') return values.list;
  if (values.kind === 'numbers') return Array.from(values.numbers);
  if (values.kind === 'empty') return Array.from({ length: count }, () => ({}));
  const { rows } = values;
  const width = rows.length / count;
  const Rows = rows.constructor as new (length: number) => Row;
  return Array.from({ length: count }, (_, n) => {
    // A loop, since slice() of a small typed array is several times slower.
    const row = new Rows(width);
    for (let k = 0, at = n * width; k < width; k++, at++) row[k] = rows[at]!;
    return row;
  });
}

/** Infos without what cannot cross threads, such as functions, which become text. */
export function plainInfos(infos: SparseInfos): SparseInfos {
  return infos.map((sparse) => {
    if (sparse.values.kind !== 'list') return sparse;
    const { list } = sparse.values;
    try {
      structuredClone(list);
      return sparse;
    } catch {
      const text = (_: string, value: unknown): unknown => (typeof value === 'function' ? String(value) : value);
      return { ...sparse, values: { kind: 'list', list: JSON.parse(JSON.stringify(list, text)) as unknown[] } };
    }
  });
}

/** A field of infos for `n` envs that have nothing to say yet. */
export function emptyField(field: string, n: number): unknown[] {
  return new Array<unknown>(n).fill(nothing(field));
}
