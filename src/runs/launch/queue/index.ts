/** Runs on more machines: a queue in Redis, and the workers that take from it. What speaks to Redis is loaded when it is used: it takes longer to load than a short run to train. */
import type { LaunchResult } from '../launch.js';
import type { LaunchPlan } from '../plan.js';
import type { QueueEntry } from './manage.js';
import type { QueueLaunchOptions } from './submit.js';
import type { QueueWorkerOptions, QueueWorkerResult } from './worker.js';

export type { QueueEntry } from './manage.js';
export type { QueueLaunchOptions } from './submit.js';
export type { QueueWorkerOptions, QueueWorkerResult } from './worker.js';

/**
 * Queues what of a launch is not done and follows it to its end. Started again after it was stopped or killed, it follows the same jobs.
 * @throws `QUEUE_URL`, `QUEUE_UNREACHABLE`, `RUN_DIR_TAKEN`, `NOT_WRITABLE`.
 */
export async function launchQueued(plan: LaunchPlan, options: QueueLaunchOptions): Promise<LaunchResult> {
  const queue = await import('./submit.js');
  return await queue.launchQueued(plan, options);
}

/**
 * Works at a queue until `signal`, or until it is empty.
 * @throws `QUEUE_URL`, `QUEUE_UNREACHABLE`, `INVALID_OPTION`.
 */
export async function serveQueue(options: QueueWorkerOptions): Promise<QueueWorkerResult> {
  const queue = await import('./worker.js');
  return await queue.serveQueue(options);
}

/** All runs of a queue. @throws `QUEUE_URL`, `QUEUE_UNREACHABLE` */
export async function listQueue(url: string): Promise<QueueEntry[]> {
  const queue = await import('./manage.js');
  return await queue.listQueue(url);
}

/**
 * Cancels runs by name or by the first digits of their hash: those that wait are taken off, those that are being done stop with a checkpoint. Returns the names.
 * @throws `QUEUE_RUN_NOT_FOUND` for what matches no run that waits or is being done; then none is cancelled.
 */
export async function cancelQueued(url: string, wanted: readonly string[]): Promise<string[]> {
  const queue = await import('./manage.js');
  return await queue.cancelQueued(url, wanted);
}
