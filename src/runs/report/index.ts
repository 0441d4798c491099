/** Reports on runs: reading them, the statistics, and the texts. */
export {
  aggregateIqm,
  aggregateMean,
  aggregateMedian,
  aggregateOptimalityGap,
  interquartileMean,
} from './aggregates.js';
export { type AnalyzeOptions, analyzeRuns } from './analyze-runs.js';
export { type BootstrapOptions, type Estimate, stratifiedBootstrap } from './bootstrap.js';
export { probabilityOfImprovement } from './improvement.js';
export type { Band } from './iqm-curve.js';
export { type LoadRunsOptions, loadRuns } from './load-runs.js';
export type { Setting } from './names.js';
export { performanceProfile } from './profile.js';
export {
  type EnvReferences,
  type RandomScore,
  type ReferenceScore,
  type ReferenceTable,
  readReferences,
} from './references.js';
export type {
  Improvement,
  MethodAggregates,
  NormalizedReport,
  Report,
  ReportCurve,
  ReportGroup,
  ReportMethod,
  ReportRun,
  ReportTask,
  ScoreSummary,
} from './report.js';
export type { TaskScores } from './scores.js';
export type { LeftOut, LoadedRuns, RunRecord, RunStatus } from './types.js';
export {
  REPORT_FORMATS,
  type ReportFormat,
  renderReport,
  type WriteReportOptions,
  type WrittenReport,
  writeReport,
} from './write-report.js';
