/** What the script of `bundleEnv` gives a page as the global `gymkhanaSim`: the env and the parts of the engine that run it. */
export { Generator } from '../../core/seeding/generator.js';
export { StepHasher } from '../../episode/hash.js';
export { makePageEnv, pageSpec } from './make.js';
