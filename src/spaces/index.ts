export {
  type Batch,
  type BatchOf,
  batchDifferingSpaces,
  batchSpace,
  concatenate,
  createEmptyArray,
  iterate,
} from './batch.js';
export { Box, type BoxOptions } from './box.js';
export type { ValueOf } from './composite.js';
export { Dict, type DictValue, type SpaceRecord } from './dict.js';
export { Discrete, type DiscreteDType } from './discrete.js';
export { type Flat, flatdim, flatten, flattenSpace, isFlattenable, unflatten } from './flatten.js';
export { spaceFromJSON } from './from-json.js';
export { Graph, type GraphSampleOptions, type GraphValue } from './graph.js';
export type { SampleOptions } from './masks.js';
export { MultiBinary } from './multi-binary.js';
export { MultiDiscrete, type MultiSampleOptions } from './multi-discrete.js';
export { OneOf, type OneOfValue } from './one-of.js';
export type { Seeds } from './seeds.js';
export { Sequence, type SequenceValue } from './sequence.js';
export { type DType, type DTypes, type SampleMasks, Space } from './space.js';
export { Text, type TextSampleOptions } from './text.js';
export { Tuple, type TupleValue } from './tuple.js';
