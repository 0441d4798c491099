/** Episodes: the log, its file, recording, verification, comparison. */
export type { Circumstance } from './circumstances.js';
export { type DiffOptions, type DiffSide, diffEpisodes, type EpisodeDiff, type FirstDifference } from './diff.js';
export { EXPORT_FORMATS, type ExportFormat, type ExportOptions, type ExportSummary, exportEpisodes } from './export.js';
export type { FieldDifference } from './field-differences.js';
export type { EpisodeFileHeader, EpisodeRecord, RecordedMetadata } from './format.js';
export { StepHasher } from './hash.js';
export {
  type Agreement,
  type ImportedEpisode,
  type ImportOptions,
  type ImportSummary,
  importEpisodes,
  type ResultAgreement,
} from './import.js';
export { type EpisodeInfo, type EpisodeSummary, episodeInfo } from './info.js';
export { type Episode, type EpisodeFailure, EpisodeLog, type EpisodeLogOptions, type EpisodeOrigin } from './log.js';
export {
  checkModule,
  type EnvOverride,
  type EpisodeFileHead,
  makeTrustedEnv,
  replayReset,
} from './module.js';
export type { EpisodeNotice } from './parser.js';
export { type EpisodeFile, parseEpisodes, type ReadOptions, readEpisodes } from './reader.js';
export { RecordReplay, type RecordReplayOptions } from './record-replay.js';
export {
  RecordEpisode,
  type RecordEpisodeOptions,
  type RecordedEpisode,
  type RecordedSummary,
  type RecordOptions,
  recordEpisodes,
} from './recorder.js';
export { type ReproductionOptions, writeReproduction } from './reproduction.js';
export { createStore, type Encoding, encodingOf, type StoreRole, storeFromBytes, type ValueStore } from './store.js';
export { type EpisodeStream, openEpisodes, skimEpisodes } from './stream.js';
export {
  type Difference,
  type DifferenceField,
  type Verification,
  type VerifiedEpisode,
  type VerifyOptions,
  verifyEpisodes,
} from './verify.js';
export { type EpisodeFileOptions, EpisodeWriter } from './writer.js';
