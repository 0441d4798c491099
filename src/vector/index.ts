export { AsyncVectorEnv, type AsyncVectorEnvOptions } from './async/async-vector-env.js';
export { type MakeVecOptions, makeVec } from './make-vec.js';
export { SyncVectorEnv, type SyncVectorEnvOptions } from './sync-vector-env.js';
export {
  type AutoresetMode,
  type VectorActions,
  VectorEnv,
  type VectorInfos,
  type VectorRecvResult,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from './vector-env.js';
