/** Composite values as a list of their numbers and texts, to compare them part by part. */

/** One number or text of a value. */
export interface Leaf {
  /** Where it is in a composite value; empty in a plain array. */
  readonly path: string;
  readonly value: unknown;
}

/** The numbers and texts of a value in one order, whatever the order of an object's keys. */
export function leaves(value: unknown, path = ''): Leaf[] {
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) {
    return Array.from(value as Iterable<number>, (element, k) => ({
      path: path === '' ? '' : `${path}[${k}]`,
      value: element,
    }));
  }
  if (Array.isArray(value)) return value.flatMap((part, k) => leaves(part, `${path}[${k}]`));
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const parts = value as Readonly<Record<string, unknown>>;
  return Object.keys(parts)
    .sort()
    .flatMap((key) => leaves(parts[key], path === '' ? key : `${path}.${key}`));
}
