export { Box, type BoxOptions } from './box.js';
export { Discrete, type DiscreteDType } from './discrete.js';
export { flatdim, flatten, flattenSpace, unflatten } from './flatten.js';
export { spaceFromJSON } from './from-json.js';
export type { SampleOptions } from './masks.js';
export { MultiBinary } from './multi-binary.js';
export { MultiDiscrete, type MultiSampleOptions } from './multi-discrete.js';
export { type DType, type DTypes, Space } from './space.js';
