import type { WrapperClass } from '../core/wrapper.js';
export const builtinWrappers: Readonly<Record<string, WrapperClass>> = {};
