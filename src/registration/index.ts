export type { BundledModule } from './bundle.js';
export type { EnvTypes } from './env-types.js';
export { constructEnv, type MakeOptions, make, makeFromSpec, type SpecOptions } from './make.js';
export {
  assertNotImporting,
  assertPortable,
  bundledModules,
  importModule,
  importModules,
  type ModuleTable,
  modulesFor,
} from './modules.js';
export { findPlugins, loadPlugins, type Plugin, type PluginEnvs } from './plugins.js';
export { type EnvClass, type Registration, register, registry, spec } from './registry.js';
export { resolveEnv } from './resolve.js';
export {
  assertModulesNamed,
  BUILTIN_MODULE,
  isNamed,
  nameModule,
  nameModules,
  rememberNamedModules,
  trustModule,
  unnamedModule,
} from './trust.js';
export { registerWrapper, type WrapperReference, type WrapperRegistration, withWrappers } from './wrappers.js';
