/**
 * The main job: train PPO on Driving-v0 in parallel rollouts, then drive tracks that training never saw, beside a random and
 * the scripted drivers. `npm start` runs it.
 */
import { availableParallelism } from 'node:os';
import logUpdate from 'log-update';
import { networkFor } from '../agents/common/problem.js';
import { defaultPpoConfig } from '../agents/ppo/config.js';
import { Ppo } from '../agents/ppo/ppo.js';
import { ppoPresets } from '../agents/ppo/presets.js';
import {
  baselinesOf,
  type EvaluationResult,
  evaluateController,
  evaluatePolicy,
  GymkhanaError,
  makeFromSpec,
  Policy,
  randomController,
  spec,
} from '../src/index.js';

const ENV = 'Driving-v0';
const SEED = 1;
const TRACKS = 200;
/** Finished episodes that the shown means are over. */
const WINDOW = 200;
const PLAIN_LINE_MS = 5000;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const train = spec(ENV);
  const test = { ...train, kwargs: { ...train.kwargs, split: 'test' } };
  const env = await makeFromSpec(train);
  const config = { ...defaultPpoConfig, ...ppoPresets[ENV] };
  const workers = availableParallelism();
  const measures = env.metadata.episodeMeasures ?? [];
  const lapRate = measures.indexOf('lapRate');
  const network = networkFor(env, config);
  say(
    `Training PPO on ${ENV}: ${config.numEnvs.toLocaleString('en')} parallel environments in ${workers} worker threads, seed ${SEED}.`,
  );

  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
  });
  const ppo = await Ppo.create(config, { spec: train, network, seed: SEED, workers, measures });
  const started = performance.now();
  let shown = started;
  const returns: number[] = [];
  const laps: number[] = [];
  while (ppo.state.iteration < ppo.plan.iterations && !interrupted) {
    const iteration = await ppo.iterate();
    for (const episode of iteration.episodes) {
      returns.push(episode.return);
      laps.push(episode.measures[lapRate] ?? 0);
    }
    returns.splice(0, Math.max(0, returns.length - WINDOW));
    laps.splice(0, Math.max(0, laps.length - WINDOW));
    const seconds = (performance.now() - started) / 1000;
    const rate = iteration.steps / seconds;
    const values = [
      `${iteration.steps.toLocaleString('en')} / ${iteration.totalSteps.toLocaleString('en')} steps`,
      `${Math.round(rate).toLocaleString('en')} steps/s`,
      returns.length === 0
        ? 'no episode has ended yet'
        : `mean return ${mean(returns).toFixed(1)}, lap rate ${(100 * mean(laps)).toFixed(0)} %`,
      `ETA ${Math.round((iteration.totalSteps - iteration.steps) / rate)} s`,
      'backend kernels (SIMD)',
    ];
    if (process.stdout.isTTY) logUpdate(values.map((value) => `  ${value}`).join('\n'));
    else if (performance.now() - shown > PLAIN_LINE_MS) {
      shown = performance.now();
      say(values.join(' | '));
    }
  }
  if (process.stdout.isTTY) logUpdate.done();
  const seconds = (performance.now() - started) / 1000;
  const { steps } = ppo.state;
  const weights = ppo.weights();
  await ppo.close();
  say(
    `Trained ${steps.toLocaleString('en')} steps in ${seconds.toFixed(1)} s, ${Math.round(steps / seconds).toLocaleString('en')} steps/s.`,
  );
  if (interrupted) {
    process.exitCode = 130;
    return;
  }

  say(`\nDriving ${TRACKS} tracks that training never saw:\n`);
  const options = { spec: test, episodes: TRACKS, seed: SEED };
  const policy = await Policy.create(weights, { observation: env.observationSpace, action: env.actionSpace });
  const rows: [string, EvaluationResult][] = [['trained', await evaluatePolicy(policy, options)]];
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
}

main().catch((error: unknown) => {
  const message =
    error instanceof GymkhanaError
      ? `${error.code}: ${error.message}`
      : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
});
