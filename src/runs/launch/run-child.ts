/** The process of one run of a launch: trains, or goes on from the run's checkpoint, and tells the process that started it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PpoConfig } from '../../../agents/ppo/config.js';
import { GymkhanaError } from '../../core/errors.js';
import { nameModules } from '../../registration/index.js';
import { RunDirectory, type RunSummaryFile } from '../run-directory.js';
import type { RunSummary, TrainProgress } from '../session.js';
import { resume, type SittingOptions, train } from '../train.js';
import type { Job, RunEnd, RunMessage } from './protocol.js';

/** Least time between two reports of progress, ms. */
const REPORT_MS = 200;

const stop = new AbortController();
const say = (message: RunMessage): void => {
  if (process.connected) process.send?.(message);
};

/** The last word, and the end: whatever timers or sockets an env left open. */
const last = (message: RunMessage, status: number): void => {
  if (!process.connected) process.exit(status);
  process.send?.(message, () => process.exit(status));
};

// Ctrl-C reaches the whole group of a terminal: the launch decides, and says SIGTERM.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => stop.abort());
// Whoever started this process is gone: nobody waits for the rest, and a checkpoint keeps what there is.
process.on('disconnect', () => stop.abort());

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function sitting(workers: number): SittingOptions {
  let reported = 0;
  return {
    workers,
    signal: stop.signal,
    onNotice: (text) => {
      process.stderr.write(`${text}\n`);
      say({ type: 'notice', text });
    },
    onIteration: ({ iteration: { steps, totalSteps }, stepsPerSecond, meanReturn }: TrainProgress) => {
      const now = performance.now();
      if (now - reported < REPORT_MS) return;
      reported = now;
      say({ type: 'progress', steps, totalSteps, stepsPerSecond, meanReturn: finite(meanReturn) });
    },
  };
}

/** What a run that is done already reported at its end. */
function endOf(directory: RunDirectory, totalSteps: number): RunEnd {
  const { steps, meanReturn }: Partial<RunSummaryFile> = directory.readSummary() ?? {};
  return {
    status: 'finished',
    steps: typeof steps === 'number' ? steps : totalSteps,
    totalSteps,
    stepsPerSecond: 0,
    meanReturn: typeof meanReturn === 'number' ? meanReturn : null,
    seconds: 0,
  };
}

async function work({ run, spec, runDir, cwd, workers }: Job): Promise<RunEnd> {
  // Whoever planned the launch vouched for its envs.
  nameModules(spec);
  const begun = existsSync(join(runDir, 'config.json'));
  let summary: RunSummary;
  if (begun) {
    const directory = RunDirectory.open(runDir);
    // Another process of the same launch, an orphan of a killed one, may have brought it to its end meanwhile.
    if (directory.readSummary()?.status === 'finished') return endOf(directory, run.totalSteps);
    summary = await resume(runDir, sitting(workers));
  } else {
    summary = await train({
      env: spec,
      algo: run.algo,
      seed: run.seed,
      config: run.config as Partial<PpoConfig>,
      backend: run.backend,
      evalEvery: run.evalEvery,
      evalEpisodes: run.evalEpisodes,
      ...(run.targetReturn !== null && { targetReturn: run.targetReturn }),
      ...(run.recordEpisodes !== null && {
        recordEpisodes: run.recordEpisodes,
        recordObservations: run.recordObservations,
        recordPolicyOutputs: run.recordPolicyOutputs,
      }),
      runDir,
      cwd,
      ...sitting(workers),
    });
  }
  const { status, steps, stepsPerSecond, meanReturn, seconds } = summary;
  return { status, steps, totalSteps: run.totalSteps, stepsPerSecond, meanReturn: finite(meanReturn), seconds };
}

process.once('message', (job: Job) => {
  work(job).then(
    (end) => {
      last({ type: 'ended', ...end }, 0);
    },
    (error: unknown) => {
      const known = error instanceof GymkhanaError;
      const message = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${known ? `${error.code}: ` : ''}${error instanceof Error ? error.stack : message}\n`);
      const { code, kind } = known ? error : { code: 'UNEXPECTED', kind: 'failure' as const };
      last({ type: 'failed', error: { code, message, kind } }, 1);
    },
  );
});
