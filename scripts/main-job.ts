/**
 * The main job: train PPO on Driving-v0 in parallel rollouts, drive tracks that training never saw beside a random and the
 * scripted drivers, record an episode and verify the recording by simulating it again. `npm start` runs it.
 */
import { fileURLToPath } from 'node:url';
import { progressBlock } from '../src/cli/progress.js';
import {
  baselinesOf,
  type EvaluationResult,
  evaluate,
  evaluateController,
  GymkhanaError,
  makeFromSpec,
  randomController,
  recordRun,
  spec,
  type TrainProgress,
  train,
  verifyEpisodes,
  writeEpisodePage,
} from '../src/index.js';

const ENV = 'Driving-v0';
const SEED = 1;
const TRACKS = 200;
const RUN_DIR = fileURLToPath(new URL('../../runs/driving', import.meta.url));

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const whole = (value: number): string => Math.round(value).toLocaleString('en');

function progressOf({ iteration, stepsPerSecond, meanReturn, measures }: TrainProgress): string[] {
  return [
    `${whole(iteration.steps)} / ${whole(iteration.totalSteps)} steps`,
    `${whole(stepsPerSecond)} steps/s`,
    Number.isNaN(meanReturn)
      ? 'no episode has ended yet'
      : `mean return ${meanReturn.toFixed(1)}, lap rate ${(100 * (measures['lapRate'] ?? 0)).toFixed(0)} %`,
    `ETA ${whole((iteration.totalSteps - iteration.steps) / stepsPerSecond)} s`,
    'backend kernels',
  ];
}

async function main(): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const progress = await progressBlock(process.stdout, progressOf);
  const summary = await train({
    env: ENV,
    seed: SEED,
    runDir: RUN_DIR,
    overwrite: true,
    signal: stop.signal,
    onNotice: say,
    onStart: (run) =>
      say(
        `Training PPO on ${run.env.id}, ${whole(run.totalSteps)} steps of ${whole(run.numEnvs)} parallel environments in ${run.workers} worker threads; learner ${run.backend}: ${run.backendReason}.`,
      ),
    onIteration: (state) => progress.show(state),
  });
  progress.done();
  say(
    `Trained ${whole(summary.steps)} steps in ${summary.seconds.toFixed(1)} s, ${whole(summary.stepsPerSecond)} steps/s.`,
  );
  if (summary.status === 'stopped') {
    say(`Stopped; the policy so far is in ${summary.runDir}.`);
    process.exitCode = 130;
    return;
  }

  say(`\nDriving ${TRACKS} tracks that training never saw:\n`);
  const envKwargs = { split: 'test' };
  const test = { ...spec(ENV), kwargs: envKwargs };
  const options = { spec: test, episodes: TRACKS, seed: SEED, signal: stop.signal };
  const env = await makeFromSpec(test);
  const rows: [string, EvaluationResult][] = [
    ['trained', await evaluate(summary.runDir, { episodes: TRACKS, seed: SEED, envKwargs, signal: stop.signal })],
  ];
  for (const [name, controller] of Object.entries(baselinesOf(env)))
    rows.push([name, await evaluateController(controller, options)]);
  rows.push(['random', await evaluateController(randomController, options)]);
  const names = Object.keys(rows[0]![1].measures);
  say(['driver'.padEnd(16), 'mean return'.padStart(12), ...names.map((name) => name.padStart(12))].join(''));
  for (const [name, result] of rows) {
    const cells = names.map((measure) => {
      const value = result.measures[measure] ?? Number.NaN;
      return (Number.isNaN(value) ? '-' : value.toFixed(2)).padStart(12);
    });
    say([name.padEnd(16), result.meanReturn.toFixed(1).padStart(12), ...cells].join(''));
  }

  const recording = await recordRun(summary.runDir, { episodes: 1, seed: SEED, envKwargs, signal: stop.signal });
  const verification = await verifyEpisodes(recording.path);
  say(`\nRecorded an episode in ${recording.path}`);
  say(
    verification.ok
      ? `Verified it by simulating it again: ${verification.steps} steps, the same bit for bit.`
      : 'The recording differs when it is simulated again.',
  );
  const page = `${recording.path}.html`;
  await writeEpisodePage(page, recording.path);
  say(`Wrote a page that plays it: ${page}`);
  if (!verification.ok) process.exitCode = 1;
}

main().catch((error: unknown) => {
  const message =
    error instanceof GymkhanaError
      ? `${error.code}: ${error.message}`
      : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
});
