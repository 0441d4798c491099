/** What `JSON.stringify` and `JSON.parse` carry without loss. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object, such as an env's keyword arguments. */
export type JsonObject = { [key: string]: Json };

/** A copy as plain JSON, without `undefined`. @internal */
export function plainJson<T extends Json>(value: T): T;
export function plainJson(value: object): JsonObject;
export function plainJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Why a value cannot cross threads and files as JSON, such as "kwargs.speed is NaN"; null if it can. */
export function notJson(value: unknown, where = 'it'): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${where} is ${value}`;
  if (typeof value !== 'object') return `${where} is a ${typeof value}`;
  if (Array.isArray(value)) return first(value.map((item, k) => notJson(item, `${where}[${k}]`)));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return `${where} is a ${value.constructor.name}`;
  return first(
    Object.entries(value).map(([name, item]) => notJson(item, where === 'it' ? `'${name}'` : `${where}.${name}`)),
  );
}

function first(problems: readonly (string | null)[]): string | null {
  return problems.find((problem) => problem !== null) ?? null;
}
