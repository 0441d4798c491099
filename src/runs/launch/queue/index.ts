/** Runs on more machines: a queue in Redis, and the workers that take from it. */
export { cancelQueued, listQueue, type QueueEntry } from './manage.js';
export { launchQueued, type QueueLaunchOptions } from './submit.js';
export { type QueueWorkerOptions, type QueueWorkerResult, serveQueue } from './worker.js';
