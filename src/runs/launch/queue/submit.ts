/** Puts a launch's runs on a queue, follows them, and brings their files back. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { acquireRunLock } from '../../lock.js';
import { initial, type LaunchedRun, type LaunchedStatus, type LaunchResult, writePlan } from '../launch.js';
import { pause } from '../pause.js';
import type { LaunchPlan } from '../plan.js';
import type { RunFailure } from '../protocol.js';
import { beginEpoch, download, forget, hasFiles, Uploader } from './artefacts.js';
import { connectQueue, queueName } from './connection.js';
import { cancelKey, parseProgress, type QueuedRun } from './jobs.js';

/** How a launch is put on a queue. */
export interface QueueLaunchOptions {
  /** `redis://...` */
  readonly queue: string;
  /** Folder that the runs come back to. */
  readonly runDir: string;
  /** Times that a run which failed is tried again; the file's by default. */
  readonly retries?: number;
  /** Smaller goes first; the file's by default. */
  readonly priority?: number;
  /** Stops following: the queue goes on. */
  readonly signal?: AbortSignal;
  readonly onChange?: (runs: readonly LaunchedRun[]) => void;
  readonly onNotice?: (text: string) => void;
}

/** Between two looks at the queue, ms. */
const LOOK_MS = 500;
/** Jobs whose state is asked for at each look, besides those that are being done. */
const ASKED = 200;
/** Jobs stay in the queue for so long after their end, s: a week. */
const KEEP_SECONDS = 7 * 24 * 3600;

const jobId = (hash: string): string => `run-${hash}`;

/**
 * Queues what is not done and follows it to its end. Started again after it was stopped or killed, it follows the same jobs.
 * @throws `QUEUE_URL`, `QUEUE_UNREACHABLE`, `RUN_DIR_TAKEN`, `NOT_WRITABLE`.
 */
export async function launchQueued(plan: LaunchPlan, options: QueueLaunchOptions): Promise<LaunchResult> {
  const { signal, onNotice = () => {} } = options;
  const started = performance.now();
  const runDir = resolve(plan.cwd, options.runDir);
  const redis = await connectQueue(options.queue);
  const queue = new Queue<QueuedRun>(queueName(), { connection: redis });
  queue.on('error', (error) => onNotice(`the queue: ${error.message}`));
  try {
    writePlan(runDir, plan);
    const lock = await acquireRunLock(runDir);
    try {
      const runs = plan.runs.map((run) => initial(run, runDir));
      const change = (i: number, with_: Partial<LaunchedRun>): void => {
        runs[i] = { ...runs[i]!, ...with_ };
        options.onChange?.(runs);
      };
      options.onChange?.(runs);
      const retries = options.retries ?? plan.file.retries;
      const priority = options.priority ?? plan.file.priority;
      await submit(queue, redis, runs, { retries, priority, onNotice });
      await followAll(queue, redis, runs, change, signal);
      const count = (...statuses: LaunchedStatus[]): number =>
        runs.filter(({ status }) => statuses.includes(status)).length;
      return {
        runDir,
        name: plan.name,
        finished: count('finished'),
        failed: count('failed'),
        unfinished: count('waiting', 'running', 'stopped', 'cancelled'),
        seconds: (performance.now() - started) / 1000,
        runs,
      };
    } finally {
      lock.release();
    }
  } finally {
    await queue.close().catch(() => {});
    redis.disconnect();
  }
}

interface Submission {
  readonly retries: number;
  readonly priority: number;
  readonly onNotice: (text: string) => void;
}

/** Adds the runs that wait; those that are in the queue already stay; those that failed there, or whose files were fetched, begin again. */
async function submit(
  queue: Queue<QueuedRun>,
  redis: Redis,
  runs: readonly LaunchedRun[],
  { retries, priority, onNotice }: Submission,
): Promise<void> {
  const waiting = runs.filter(({ status }) => status === 'waiting');
  for (const { run, runDir } of waiting) {
    await redis.del(cancelKey(queueName(), run.hash));
    const job = await queue.getJob(jobId(run.hash));
    const over =
      job !== undefined &&
      ((await job.isFailed()) || ((await job.isCompleted()) && !(await hasFiles(redis, queueName(), run.hash))));
    if (over) await job.remove();
    if (job !== undefined || !existsSync(join(runDir, 'config.json'))) continue;
    // It was begun on this machine: whoever takes it goes on from there.
    const epoch = await beginEpoch(redis, queueName(), run.hash);
    await new Uploader(redis, { queue: queueName(), hash: run.hash, runDir, epoch }, onNotice).upload();
  }
  await queue.addBulk(
    waiting.map(({ run }) => ({
      name: 'run',
      data: { run, retries },
      opts: {
        jobId: jobId(run.hash),
        attempts: retries + 1,
        backoff: { type: 'fixed', delay: 1000 },
        ...(priority > 0 && { priority }),
        removeOnComplete: { age: KEEP_SECONDS },
        removeOnFail: { age: KEEP_SECONDS },
      },
    })),
  );
}

async function followAll(
  queue: Queue<QueuedRun>,
  redis: Redis,
  runs: readonly LaunchedRun[],
  change: (i: number, with_: Partial<LaunchedRun>) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const places = new Map(runs.map(({ run }, i) => [jobId(run.hash), i]));
  const open = new Set(runs.flatMap(({ status }, i) => (status === 'waiting' ? [i] : [])));
  let turn = 0;
  while (open.size > 0 && signal?.aborted !== true) {
    const active = new Set<number>();
    for (const job of await queue.getActive()) {
      const i = places.get(String(job?.id));
      if (i === undefined || !open.has(i)) continue;
      active.add(i);
      const progress = parseProgress(job.progress);
      const { steps, totalSteps, stepsPerSecond, meanReturn } = progress ?? runs[i]!;
      change(i, { status: 'running', attempts: job.attemptsMade + 1, steps, totalSteps, stepsPerSecond, meanReturn });
    }
    const others = [...open].filter((i) => !active.has(i));
    const asked = Array.from({ length: Math.min(ASKED, others.length) }, (_, k) => others[(turn + k) % others.length]!);
    turn += ASKED;
    for (const i of asked) {
      const ended = await endOf(queue, redis, runs[i]!);
      if (ended === null) {
        if (runs[i]!.status === 'running') change(i, { status: 'waiting', stepsPerSecond: 0 });
        continue;
      }
      open.delete(i);
      change(i, ended);
    }
    if (open.size > 0) await pause(LOOK_MS, signal);
  }
}

/** How a run in the queue ended, with its files brought back; null while it has not. */
async function endOf(
  queue: Queue<QueuedRun>,
  redis: Redis,
  { run, runDir }: LaunchedRun,
): Promise<Partial<LaunchedRun> | null> {
  const id = jobId(run.hash);
  const state = await queue.getJobState(id);
  const files = { queue: queueName(), hash: run.hash, runDir };
  if (state === 'completed') {
    await download(redis, files);
    const { status, steps, meanReturn } = initial(run, join(runDir, '..'));
    if (status === 'finished') {
      await forget(redis, files);
      return { status, steps, meanReturn, stepsPerSecond: 0, failure: null };
    }
    const failure: RunFailure = {
      code: 'QUEUE_LOST_FILES',
      message: `${run.name} was finished by a worker, but its files are not in the queue any more. It is begun again by launching it with --resume.`,
      kind: 'failure',
    };
    await (await queue.getJob(id))?.remove();
    return { status: 'failed', failure };
  }
  if (state === 'failed') {
    await download(redis, files);
    const failure = parseFailure((await queue.getJob(id))?.failedReason);
    return { status: failure.code === 'CANCELLED' ? 'cancelled' : 'failed', failure, stepsPerSecond: 0 };
  }
  if (state !== 'unknown') return null;
  await download(redis, files);
  return {
    status: 'cancelled',
    failure: { code: 'CANCELLED', message: `${run.name} was taken off the queue.`, kind: 'failure' },
    stepsPerSecond: 0,
  };
}

function parseFailure(reason: string | undefined): RunFailure {
  try {
    const { code, message, kind } = JSON.parse(reason ?? '') as Record<string, unknown>;
    if (typeof code === 'string' && typeof message === 'string')
      return { code, message, kind: kind === 'usage' ? 'usage' : 'failure' };
  } catch {
    // BullMQ's own reason, in words.
  }
  return { code: 'RUN_CRASHED', message: reason ?? 'the queue does not say why', kind: 'failure' };
}
