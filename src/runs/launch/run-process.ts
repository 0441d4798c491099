/** Starts the process of one run and follows it to its end. */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { notWritable } from '../../core/files.js';
import type { Job, RunEnd, RunFailure, RunMessage, RunProgress } from './protocol.js';

/** How a run's process ended: with the run's end, or with a failure. */
export type RunOutcome = { readonly end: RunEnd } | { readonly failure: RunFailure };

/** A run's process, while it goes on. */
export interface RunProcess {
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly outcome: Promise<RunOutcome>;
  /** Asks the run to stop after its iteration, with a checkpoint. */
  stop(): void;
  /** Ends the process at once; the run goes on from its last checkpoint when it is started again. */
  kill(): void;
}

/** Who listens to a run. */
export interface RunListener {
  readonly onProgress?: (progress: RunProgress) => void;
  readonly onNotice?: (text: string) => void;
}

/**
 * Starts a process that does `job`; what it prints is appended to `logFile`.
 * @throws `NOT_WRITABLE` if the log cannot be opened.
 */
export function startRun(job: Job, logFile: string, listener: RunListener = {}): RunProcess {
  let log: number;
  try {
    log = openSync(logFile, 'a');
  } catch (cause) {
    throw notWritable(logFile, cause);
  }
  let child: ChildProcess;
  try {
    child = fork(fileURLToPath(new URL('./run-child.js', import.meta.url)), {
      cwd: job.cwd,
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
  const outcome = new Promise<RunOutcome>((resolve) => {
    let said: RunOutcome | null = null;
    const crashed = (how: string): RunOutcome => ({
      failure: {
        code: 'RUN_CRASHED',
        message: `the process of ${job.run.name} ${how} without a word; what it printed last is in ${logFile}.`,
        kind: 'failure',
      },
    });
    child.on('message', (message: RunMessage) => {
      if (message.type === 'progress') listener.onProgress?.(message);
      else if (message.type === 'notice') listener.onNotice?.(message.text);
      else if (message.type === 'ended') said = { end: message };
      else said = { failure: message.error };
    });
    child.on('error', (error) => {
      said ??= crashed(`could not be started (${error.message}), or ended`);
      if (child.pid === undefined) resolve(said);
    });
    // `close` comes after the last message, where `exit` may come before it.
    child.on('close', (status, signal) =>
      resolve(said ?? crashed(signal === null ? `ended with status ${status}` : `was ended by ${signal}`)),
    );
  });
  child.send(job, () => {
    // A process that ended before it could be told: `close` says so.
  });
  return {
    pid: child.pid,
    outcome,
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}
