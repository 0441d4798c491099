/** Looks at a queue, and takes runs off it. */
import { Queue } from 'bullmq';
import { usageError } from '../../../core/errors.js';
import type { RunProgress } from '../protocol.js';
import { connectQueue, queueName } from './connection.js';
import { cancelKey, parseProgress, parseQueued, type QueuedRun } from './jobs.js';

/** A run in a queue. */
export interface QueueEntry extends RunProgress {
  readonly name: string;
  readonly hash: string;
  readonly state: 'waiting' | 'running' | 'finished' | 'failed';
  readonly priority: number;
  /** Who works at it; null for nobody. */
  readonly worker: string | null;
}

/** A cancelled run's mark stays for so long, s. */
const KEEP_SECONDS = 7 * 24 * 3600;

async function withQueue<T>(
  url: string,
  use: (queue: Queue<QueuedRun>, redis: Awaited<ReturnType<typeof connectQueue>>) => Promise<T>,
): Promise<T> {
  const redis = await connectQueue(url);
  const queue = new Queue<QueuedRun>(queueName(), { connection: redis });
  queue.on('error', () => {});
  try {
    return await use(queue, redis);
  } finally {
    await queue.close().catch(() => {});
    redis.disconnect();
  }
}

const STATES = [
  ['running', ['active']],
  ['waiting', ['waiting', 'prioritized', 'delayed']],
  ['failed', ['failed']],
  ['finished', ['completed']],
] as const;

/** All runs of a queue. @throws `QUEUE_URL`, `QUEUE_UNREACHABLE` */
export function listQueue(url: string): Promise<QueueEntry[]> {
  return withQueue(url, async (queue) => {
    const entries: QueueEntry[] = [];
    for (const [state, types] of STATES) {
      for (const job of await queue.getJobs([...types])) {
        const { run } = parseQueued(job.data);
        const progress = parseProgress(job.progress);
        entries.push({
          name: run.name,
          hash: run.hash,
          state,
          priority: job.opts.priority ?? 0,
          worker: state === 'running' ? (progress?.worker ?? null) : null,
          steps: state === 'finished' ? run.totalSteps : (progress?.steps ?? 0),
          totalSteps: run.totalSteps,
          stepsPerSecond: state === 'running' ? (progress?.stepsPerSecond ?? 0) : 0,
          meanReturn: progress?.meanReturn ?? null,
        });
      }
    }
    return entries;
  });
}

/**
 * Cancels runs by name or by the first digits of their hash: those that wait are taken off, those that are being done stop with a checkpoint. Returns the names.
 * @throws `QUEUE_RUN_NOT_FOUND` for what matches no run that waits or is being done; then none is cancelled.
 */
export async function cancelQueued(url: string, wanted: readonly string[]): Promise<string[]> {
  const entries = (await listQueue(url)).filter(({ state }) => state === 'waiting' || state === 'running');
  const chosen = wanted.map((text) => {
    const matching = entries.filter(({ name, hash }) => name === text || (text.length >= 6 && hash.startsWith(text)));
    if (matching.length === 1) return matching[0]!;
    throw usageError(
      'QUEUE_RUN_NOT_FOUND',
      `${matching.length === 0 ? 'no run' : `${matching.length} runs`} of the queue that wait or go on are called '${text}'. 'gymkhana queue list' shows them.`,
      { got: text },
    );
  });
  return await withQueue(url, async (queue, redis) => {
    for (const { hash } of chosen) {
      await redis.set(cancelKey(queueName(), hash), '1', 'EX', KEEP_SECONDS);
      // One that a worker holds cannot be removed: the worker sees the mark.
      await (await queue.getJob(`run-${hash}`))?.remove().catch(() => {});
    }
    return chosen.map(({ name }) => name);
  });
}
