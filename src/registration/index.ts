export { constructEnv, type EnvTypes, type MakeOptions, make, makeFromSpec, resolveEnv } from './make.js';
export {
  assertNotImporting,
  assertPortable,
  type BundledModule,
  bundledModules,
  importModules,
  type ModuleTable,
} from './modules.js';
export { type EnvClass, type Registration, register, registry, spec } from './registry.js';
