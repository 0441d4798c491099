/** Many runs at once: launch files, their plan, and what carries it out. */
export { type KubernetesOptions, kubernetesManifest } from './export-kubernetes.js';
export { type SlurmOptions, slurmScript } from './export-slurm.js';
export {
  type LaunchedRun,
  type LaunchedStatus,
  type LaunchOptions,
  type LaunchResult,
  launch,
} from './launch.js';
export { type LaunchFile, type LaunchInput, parseLaunch, readLaunch } from './launch-file.js';
export { type LaunchPlan, type PlannedRun, planLaunch } from './plan.js';
export type { RunEnd, RunFailure, RunProgress } from './protocol.js';
export {
  cancelQueued,
  launchQueued,
  listQueue,
  type QueueEntry,
  type QueueLaunchOptions,
  type QueueWorkerOptions,
  type QueueWorkerResult,
  serveQueue,
} from './queue/index.js';
