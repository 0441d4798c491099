/** Takes runs from a queue and does them: each in a process of its own, its files uploaded as it goes, so that any other worker can go on with it. */
import { rmSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Job as QueueJob, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { GymkhanaError, usageError } from '../../../core/errors.js';
import { registry } from '../../../registration/index.js';
import { makeFolder } from '../../folders.js';
import { shareOf } from '../launch.js';
import { type PlannedRun, specOf } from '../plan.js';
import type { RunEnd, RunFailure, RunProgress } from '../protocol.js';
import { type RunProcess, startRun } from '../run-process.js';
import { beginEpoch, download, Uploader } from './artefacts.js';
import { connectQueue, queueName } from './connection.js';
import { cancelKey, parseQueued } from './jobs.js';

/** How a worker takes runs. */
export interface QueueWorkerOptions {
  /** `redis://...` */
  readonly queue: string;
  /** Folder for the runs' files while they are worked at; they are removed once they are uploaded. */
  readonly runDir: string;
  /** Folder that the files of envs are found in; the process's own by default. */
  readonly cwd?: string;
  /** Runs at a time, as for a launch. */
  readonly parallel?: number;
  readonly workers?: number;
  /** Envs besides the built-in ones that may run here, as launches write them: `./my-env.ts:MyEnv`. No other code is loaded, whatever a queue says. */
  readonly allowEnvs?: readonly string[];
  /** A worker that is not heard of for so long, s, has lost its runs to others; 15 by default. */
  readonly heartbeat?: number;
  /** End once the queue has nothing more to do. */
  readonly untilEmpty?: boolean;
  /** Stops: runs in progress go back to the queue, with checkpoints. */
  readonly signal?: AbortSignal;
  readonly onNotice?: (text: string) => void;
  readonly onStart?: (run: PlannedRun) => void;
  readonly onEnd?: (run: PlannedRun, how: 'finished' | 'returned' | 'failed', failure: RunFailure | null) => void;
}

/** What a worker did. */
export interface QueueWorkerResult {
  readonly finished: number;
  readonly returned: number;
  readonly failed: number;
}

/** Between two looks at a run's checkpoint and at whether it is cancelled, ms. */
const LOOK_MS = 500;

/**
 * Works at a queue until `signal`, or until it is empty.
 * @throws `QUEUE_URL`, `QUEUE_UNREACHABLE`, `INVALID_OPTION`.
 */
export async function serveQueue(options: QueueWorkerOptions): Promise<QueueWorkerResult> {
  const { heartbeat = 15, signal, onNotice = () => {} } = options;
  if (!(Number.isFinite(heartbeat) && heartbeat >= 1)) {
    throw usageError('INVALID_OPTION', `heartbeat must be a number of seconds from 1, got ${heartbeat}.`, {
      field: 'heartbeat',
      got: String(heartbeat),
    });
  }
  const { parallel, workers } = shareOf(options, availableParallelism() * 64);
  const runDir = resolve(options.runDir);
  makeFolder(runDir);
  const redis = await connectQueue(options.queue);
  const counts = { finished: 0, returned: 0, failed: 0 };
  const context: Context = {
    ...options,
    redis,
    runDir,
    workers,
    onNotice,
    cwd: resolve(options.cwd ?? '.'),
    queueKey: queueName(),
  };
  const worker = new Worker<unknown, RunEnd>(
    queueName(),
    async (job, token) => {
      const { run } = readJob(job.data);
      options.onStart?.(run);
      try {
        const end = await attend(job, run, context);
        counts.finished++;
        options.onEnd?.(run, 'finished', null);
        return end;
      } catch (error) {
        if (error instanceof Returned) {
          await job.moveToWait(token);
          counts.returned++;
          options.onEnd?.(run, 'returned', null);
          throw new WaitingError();
        }
        counts.failed++;
        const failed = failureOf(error);
        options.onEnd?.(run, 'failed', failed);
        throw asJobError(failed);
      }
    },
    {
      connection: redis,
      name: workerName(),
      concurrency: parallel,
      lockDuration: heartbeat * 1000,
      stalledInterval: (heartbeat * 1000) / 2,
      // Workers die for reasons of their own: that says nothing against a run.
      maxStalledCount: 10_000,
    },
  );
  worker.on('error', (error) => onNotice(`the queue: ${error.message}`));
  try {
    await new Promise<void>((done) => {
      if (signal?.aborted) return done();
      signal?.addEventListener('abort', () => done(), { once: true });
      if (options.untilEmpty) worker.on('drained', () => done());
    });
    // Waits for the runs in progress, which the signal has asked to stop.
    await worker.close();
  } finally {
    redis.disconnect();
  }
  return counts;
}

/** Who works at a run, for people: host and process. */
const workerName = (): string => `${hostname()}-${process.pid}`;

/** A run went back to the queue because this worker stops. */
class Returned extends Error {}

interface Context extends QueueWorkerOptions {
  readonly redis: Redis;
  readonly queueKey: string;
  readonly cwd: string;
  readonly workers: number;
  readonly onNotice: (text: string) => void;
}

function readJob(data: unknown): ReturnType<typeof parseQueued> {
  try {
    return parseQueued(data);
  } catch (error) {
    throw asJobError(failureOf(error));
  }
}

function failureOf(error: unknown): RunFailure {
  if (error instanceof GymkhanaError) return { code: error.code, message: error.message, kind: error.kind };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error), kind: 'failure' };
}

/** A failure as a job keeps it; what the caller got wrong, and what was cancelled, is not tried again. */
function asJobError(failed: RunFailure): Error {
  const text = JSON.stringify(failed);
  const lasting = failed.kind === 'usage' || failed.code === 'CANCELLED' || failed.code === 'QUEUE_CORRUPT';
  return lasting ? new UnrecoverableError(text) : new Error(text);
}

/** @throws `ENV_NOT_ALLOWED` for an env whose code this worker was not told to run. */
function assertAllowed(run: PlannedRun, allowed: readonly string[]): void {
  if (allowed.includes(run.env)) return;
  // An id that is registered without having loaded anything is a built-in env.
  if (run.moduleHash === null && registry.get(run.env)?.moduleUrl?.startsWith('gymkhana:')) return;
  throw usageError(
    'ENV_NOT_ALLOWED',
    `${run.env} is not an env of gymkhana's own, and this worker was not told that its code may run here. Start it with --allow-env '${run.env}' in a folder that has it.`,
    { env: run.envId, field: 'allow-env' },
  );
}

/** One attempt at a run. @throws `Returned`, and what the run fails with. */
async function attend(job: QueueJob<unknown>, run: PlannedRun, context: Context): Promise<RunEnd> {
  const { redis, queueKey, cwd, workers, signal, onNotice } = context;
  assertAllowed(run, context.allowEnvs ?? []);
  const spec = await specOf(run, cwd);
  const epoch = await beginEpoch(redis, queueKey, run.hash);
  // A folder of this attempt alone: what an earlier one left, or still writes, cannot reach it.
  const runDir = join(context.runDir, `${run.name}-${epoch}`);
  rmSync(runDir, { recursive: true, force: true });
  await download(redis, { queue: queueKey, hash: run.hash, runDir });
  const uploader = new Uploader(redis, { queue: queueKey, hash: run.hash, runDir, epoch }, onNotice);
  let progress: RunProgress | null = null;
  const child = startRun({ run, spec, runDir, cwd, workers }, join(context.runDir, `${run.name}.log`), {
    onProgress: (now) => {
      progress = now;
    },
    onNotice: (text) => onNotice(`${run.name}: ${text}`),
  });
  const stop = (): void => child.stop();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const watch = follow(
    child,
    async () => {
      if ((await redis.exists(cancelKey(queueKey, run.hash))) === 1) throw cancelled(run);
      await uploader.upload();
      if (progress !== null) await job.updateProgress({ ...progress, worker: workerName() });
      progress = null;
    },
    onNotice,
  );
  const outcome = await child.outcome;
  signal?.removeEventListener('abort', stop);
  const lost = await watch.end();
  if (lost?.code !== 'QUEUE_LOST_RUN') await uploader.upload();
  if (lost !== null) throw lost;
  rmSync(runDir, { recursive: true, force: true });
  if ('failure' in outcome) {
    const { code, message, kind } = outcome.failure;
    throw new GymkhanaError(code, message, { kind });
  }
  if (outcome.end.status === 'stopped') throw new Returned();
  return outcome.end;
}

const cancelled = (run: PlannedRun): GymkhanaError => new GymkhanaError('CANCELLED', `${run.name} was cancelled.`);

/** Looks after a child every now and then; an error of ours ends the child, any other (no connection) is told, and looked at again. */
function follow(
  child: RunProcess,
  look: () => Promise<void>,
  onNotice: (text: string) => void,
): { end(): Promise<GymkhanaError | null> } {
  let lost: GymkhanaError | null = null;
  let over = false;
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    if (over) return;
    over = true;
    looking = look().then(
      () => {
        over = false;
      },
      (error: unknown) => {
        if (error instanceof GymkhanaError) {
          lost = error;
          if (error.code === 'CANCELLED') child.stop();
          else child.kill();
          return;
        }
        onNotice(`the queue: ${error instanceof Error ? error.message : String(error)}`);
        over = false;
      },
    );
  }, LOOK_MS);
  return {
    async end() {
      clearInterval(timer);
      await looking;
      return lost;
    },
  };
}
