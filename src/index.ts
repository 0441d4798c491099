/** The public API, one explicit list. */
import '../envs/index.js';

export {
  baselinesOf,
  type Controller,
  type EvaluationOptions,
  type EvaluationResult,
  evaluateController,
  evaluatePolicy,
  randomController,
} from '../agents/common/evaluate.js';
export { Policy, type PolicyWeights } from '../agents/common/policy.js';
export { defaultPpoConfig, type PpoConfig } from '../agents/ppo/config.js';
export { generateRandomMap, type RandomMapOptions } from '../envs/frozen-lake/maps.js';
export { TabularEnv } from '../envs/toy-text/tabular-env.js';
export { type Outcome, TransitionTable } from '../envs/toy-text/transition-table.js';
export { type InitOptions, type InitResult, initPackage, TEMPLATES, type Template } from './authoring/index.js';
export type { BackendName, BackendStatus } from './backends/backend.js';
export { backendStatuses } from './backends/choose.js';
export { type CheckOptions, checkEnv } from './check/check-env.js';
export {
  checkEnvironmentsMatch,
  type InfoComparison,
  type MatchOptions,
  type MatchResult,
} from './check/environments-match.js';
export type { CheckReport, CheckResult, CheckStatus } from './check/report.js';
export {
  Env,
  type EnvMetadata,
  type Field,
  type FieldTables,
  type Info,
  type RenderMode,
  type ResetOptions,
  type ResetResult,
  type StepResult,
} from './core/env.js';
export { type ErrorDetails, type ErrorKind, GymkhanaError } from './core/errors.js';
export { type EngineInfo, engineInfo } from './core/fingerprint.js';
export {
  type FuncEnv,
  type FunctionalClass,
  FunctionalEnv,
  type FunctionalOptions,
  fromFunctional,
} from './core/functional-env.js';
export type { Json, JsonObject } from './core/json.js';
export { type Kwargs, type KwargTable, readKwargs } from './core/kwargs.js';
export { GENERATOR_WORDS, Generator, type GeneratorState, SeedSequence } from './core/seeding/index.js';
export type { EnvSnapshot, SnapshotEpisode, SnapshotIdentity } from './core/snapshot.js';
export { type EnvSpec, engineLimit, type WrapperSpec } from './core/spec.js';
export {
  ActionWrapper,
  ObservationWrapper,
  RewardWrapper,
  restoreWrapperStates,
  TransparentWrapper,
  Wrapper,
  type WrapperClass,
  type WrapperState,
  wrapperStates,
} from './core/wrapper.js';
export {
  type Circumstance,
  type DiffOptions,
  type DiffSide,
  diffEpisodes,
  type EpisodeDiff,
  type EpisodeFileHead,
  type EpisodeInfo,
  type EpisodeStream,
  EpisodeWriter,
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportOptions,
  type ExportSummary,
  episodeInfo,
  exportEpisodes,
  type FieldDifference,
  type FirstDifference,
  openEpisodes,
  RecordEpisode,
  type RecordedSummary,
  RecordReplay,
  type RecordReplayOptions,
  readEpisodes,
  recordEpisodes,
  type Verification,
  type VerifiedEpisode,
  verifyEpisodes,
} from './episode/index.js';
export {
  type EnvTypes,
  loadPlugins,
  type MakeOptions,
  make,
  makeFromSpec,
  type PluginEnvs,
  type Registration,
  register,
  registerWrapper,
  registry,
  resolveEnv,
  spec,
  type WrapperReference,
  type WrapperRegistration,
} from './registration/index.js';
export type { Camera, Scene, SceneItem, Shape } from './render/scene.js';
export { parametersHash } from './runs/checkpoint.js';
export { type EvaluateOptions, evaluate, type LoadedPolicy, loadPolicy } from './runs/policies.js';
export { type RecordRunOptions, recordRun } from './runs/record.js';
export type { RunSummary, TrainProgress } from './runs/session.js';
export { type ResumeOptions, resume, type SittingOptions, type TrainOptions, train } from './runs/train.js';
export {
  type Batch,
  type BatchOf,
  Box,
  type BoxOptions,
  batchDifferingSpaces,
  batchSpace,
  concatenate,
  createEmptyArray,
  Dict,
  type DictValue,
  Discrete,
  type DType,
  type DTypes,
  type Flat,
  flatdim,
  flatten,
  flattenSpace,
  Graph,
  type GraphSampleOptions,
  type GraphValue,
  isFlattenable,
  iterate,
  MultiBinary,
  MultiDiscrete,
  OneOf,
  type OneOfValue,
  type SampleMasks,
  type SampleOptions,
  type Seeds,
  Sequence,
  type SequenceValue,
  Space,
  spaceFromJSON,
  Text,
  type TextSampleOptions,
  Tuple,
  type TupleValue,
  unflatten,
  type ValueOf,
} from './spaces/index.js';
export {
  AsyncVectorEnv,
  type AsyncVectorEnvOptions,
  type AutoresetMode,
  type MakeVecOptions,
  makeVec,
  SyncVectorEnv,
  type SyncVectorEnvOptions,
  type VectorActions,
  VectorEnv,
  type VectorInfos,
  type VectorRecvResult,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from './vector/index.js';
export {
  VectorActionWrapper,
  VectorClipAction,
  VectorClipReward,
  VectorDictInfoToList,
  VectorDtypeObservation,
  VectorFlattenObservation,
  VectorNormalizeObservation,
  VectorNormalizeReward,
  VectorObservationWrapper,
  VectorRecordEpisodeStatistics,
  VectorRescaleAction,
  VectorRescaleObservation,
  VectorReshapeObservation,
  VectorRewardWrapper,
  VectorTransformAction,
  type VectorTransformActionOptions,
  VectorTransformObservation,
  type VectorTransformObservationOptions,
  VectorTransformReward,
  VectorWrapper,
} from './vector/wrappers/index.js';
export { type EpisodePageOptions, renderEpisodePage, writeEpisodePage } from './viewer/index.js';
export {
  AddWhiteNoise,
  type AddWhiteNoiseOptions,
  Autoreset,
  ClipAction,
  ClipReward,
  type ClipRewardOptions,
  DelayObservation,
  type DelayObservationOptions,
  DiscretizeAction,
  DiscretizeObservation,
  type DiscretizeOptions,
  DtypeObservation,
  type DtypeObservationOptions,
  type EpisodeStatistics,
  FilterObservation,
  type FilterObservationOptions,
  FlattenObservation,
  FrameStackObservation,
  type FrameStackObservationOptions,
  MaxAndSkipObservation,
  type MaxAndSkipObservationOptions,
  NormalizeObservation,
  type NormalizeObservationOptions,
  NormalizeReward,
  type NormalizeRewardOptions,
  OrderEnforcing,
  PassiveEnvChecker,
  RecordEpisodeStatistics,
  type RecordEpisodeStatisticsOptions,
  RenderCollection,
  type RenderCollectionOptions,
  RepeatAction,
  type RepeatActionOptions,
  RescaleAction,
  type RescaleActionOptions,
  RescaleObservation,
  type RescaleObservationOptions,
  ReshapeObservation,
  type ReshapeObservationOptions,
  RunningMeanStd,
  StickyAction,
  type StickyActionOptions,
  TimeAwareObservation,
  type TimeAwareObservationOptions,
  TimeLimit,
  type TimeLimitOptions,
  TransformAction,
  type TransformActionOptions,
  TransformObservation,
  type TransformObservationOptions,
  TransformReward,
  type TransformRewardOptions,
} from './wrappers/index.js';
