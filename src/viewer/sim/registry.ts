/** `register` and `registerWrapper` of a module that runs in a page: they only keep the classes, since a page gets its spec ready-made. */
import type { WrapperClass } from '../../core/wrapper.js';

/** An env's class, of any observation and action. */
export type PageEnvClass = new (kwargs: never) => object;

/** Classes that modules of the page registered, by id. */
export const registeredEnvs: Map<string, PageEnvClass> = new Map();

/** Keeps the class of an id; an entry point that is a text was resolved in Node. */
export function register({ id, entryPoint }: { readonly id: string; readonly entryPoint: unknown }): void {
  if (typeof entryPoint === 'function') registeredEnvs.set(id, entryPoint as PageEnvClass);
}

/** Does nothing: a page finds a wrapper's class among the exports of its module. */
export function registerWrapper(_Class: WrapperClass): void {}
