export { constructEnv, type EnvTypes, make, makeFromSpec, type MakeOptions, resolveEnv } from './make.js';
export { assertNotImporting, assertPortable, type BundledModule, bundledModules, importModules, type ModuleTable } from './modules.js';
export { type EnvClass, register, type Registration, registry, spec } from './registry.js';
