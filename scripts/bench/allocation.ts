/**
 * What the engine allocates on JavaScript's heap for each step, measured rather than promised:
 *
 *     node dist/scripts/bench/allocation.js [--steps 1e7] [--json]
 *
 * One worker's part of PPO runs in this thread: rollouts with the kernels' inference, and whole iterations with their updates; beside
 * it a vector env without copies. The young generation is made so large that nothing is collected while a piece is measured, so
 * that the growth of the heap is all that was allocated; a collection all the same is an error. One env never ends an episode and
 * allocates nothing, so what is left is the engine's; CartPole shows what an episode's end adds.
 */
import { spawnSync } from 'node:child_process';
import { PerformanceObserver } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { networkFor } from '../../agents/common/problem.js';
import { defaultPpoConfig } from '../../agents/ppo/config.js';
import { createProgram, ppoSegments } from '../../agents/ppo/worker.js';
import { compileKernels, Kernels, networkDescriptor } from '../../src/backends/kernels/kernels.js';
import { Generator, makeVec, resolveEnv } from '../../src/index.js';
import { initialParameters } from '../../src/network/init.js';
import { constructEnv } from '../../src/registration/index.js';
import { Arena } from '../../src/rollout/arena.js';
import { Control, createControlBuffer } from '../../src/rollout/control.js';
import { EnvGroup } from '../../src/rollout/env-group.js';
import { groupSize, LOG_LIMIT, planRollout, type RolloutOptions } from '../../src/rollout/plan.js';
import { markdownTable } from './format.js';

/** Bytes that something allocates. */
export interface Allocation {
  readonly what: string;
  readonly steps: number;
  /** Rollouts, iterations or calls of `step`. */
  readonly calls: number;
  readonly episodes: number;
  readonly bytes: number;
  readonly bytesPerStep: number;
  /** Of the piece that allocated least: on a busy machine V8 compiles late. */
  readonly leastPerStep: number;
  readonly bytesPerCall: number;
}

/** Room for all that is allocated between two collections, MiB. */
const YOUNG_MIB = 256;
/** Compiling waits for no other thread: on a busy machine the pieces would be run, and allocate, before their code is there. */
const FLAGS = [
  '--expose-gc',
  '--no-concurrent-recompilation',
  `--min-semi-space-size=${YOUNG_MIB}`,
  `--max-semi-space-size=${YOUNG_MIB}`,
];

const collections: number[] = [];

/** Calls `piece` once the heap is clean; bytes by which it has grown. */
async function growth(piece: () => void | Promise<void>): Promise<number> {
  (globalThis as { gc?: () => void }).gc!();
  await new Promise((resolve) => setTimeout(resolve, 1));
  const begin = performance.now();
  const before = process.memoryUsage().heapUsed;
  const pending = piece();
  if (pending !== undefined) await pending;
  const after = process.memoryUsage().heapUsed;
  const end = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1));
  if (collections.some((at) => at > begin && at < end)) throw new Error('a collection came into a measured piece');
  return after - before;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const ENVS = { still: './scripts/bench/fixtures/shape-env.ts:ShapeEnv', CartPole: 'CartPole-v1' } as const;
const NUM_ENVS = 1024;
const NUM_STEPS = 64;
/** Pieces that are run before any is measured: V8 compiles, and inline caches fill. */
const WARM_UP = 10;

async function measure(
  what: string,
  steps: number,
  stepsPerCall: number,
  call: () => void | Promise<void>,
  episodes: () => number,
): Promise<Allocation> {
  const inPiece = Math.max(1, Math.round(Math.min(400_000, steps / 8) / stepsPerCall));
  const piece = async (): Promise<void> => {
    for (let k = 0; k < inPiece; k++) {
      const pending = call();
      if (pending !== undefined) await pending;
    }
  };
  for (let k = 0; k < WARM_UP; k++) await piece();
  const episodesBefore = episodes();
  const pieces = Math.max(1, Math.ceil(steps / (inPiece * stepsPerCall)));
  let bytes = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < pieces; k++) {
    const grown = await growth(piece);
    bytes += grown;
    least = Math.min(least, grown);
  }
  const calls = pieces * inPiece;
  const taken = calls * stepsPerCall;
  return {
    what,
    steps: taken,
    calls,
    episodes: episodes() - episodesBefore,
    bytes,
    bytesPerStep: bytes / taken,
    leastPerStep: least / (inPiece * stepsPerCall),
    bytesPerCall: bytes / calls,
  };
}

/** A worker's part of a run, in this thread. */
async function worker(env: string) {
  const spec = await resolveEnv(env, { cwd: root });
  const config = {
    ...defaultPpoConfig,
    numEnvs: NUM_ENVS,
    numSteps: NUM_STEPS,
    minibatchSize: 16_384,
    updateEpochs: 1,
    workerLearner: 'kernels',
  } as const;
  const sample = await constructEnv(spec);
  const network = networkFor(sample, config);
  sample.close();
  const options: RolloutOptions = {
    spec,
    network,
    numEnvs: NUM_ENVS,
    numSteps: NUM_STEPS,
    workers: 1,
    seed: 1,
    observationClip: Number.POSITIVE_INFINITY,
    noiseHold: 1,
    measures: [],
    logLimit: LOG_LIMIT,
  };
  const arena = new Arena(planRollout(options, ppoSegments(options, config)));
  arena.i32('network').set(networkDescriptor(network));
  arena.f32('parameters').set(initialParameters(network, Generator.fromSeed(1)));
  arena.f32('invStd').fill(1);
  arena.f64('returnStatistics').set([0, 1, 1e-4]);
  const clock = arena.f64('clock');
  clock[1] = 1e-5;
  const kernels = new Kernels(await compileKernels(), arena.memory);
  const size = groupSize(NUM_ENVS);
  const groups: EnvGroup[] = [];
  for (let g = 0; g * size < NUM_ENVS; g++) {
    const envs = await Promise.all(Array.from({ length: size }, () => constructEnv(spec)));
    groups.push(new EnvGroup(g, envs, options, arena, kernels, 0));
  }
  const control = new Control(createControlBuffer(), 1, 1);
  const context = { rank: 0, workers: 1, options, arena, kernels, control, groups, blocks: null };
  const iterate = await createProgram(context, config);
  const counts = arena.i32('episodeCounts');
  let ended = 0;
  const count = (): void => {
    for (let g = 0; g < groups.length; g++) ended += counts[g]!;
    clock[0]!++;
  };
  return {
    collect: (): void => {
      for (const group of groups) group.collect(clock[0]! * NUM_STEPS);
      count();
    },
    iterate: (): void | Promise<void> => {
      // Tickets of the minibatches' shards, which the main thread sets back at each ring.
      control.ring('iterate');
      const pending = iterate(true);
      clock[2]! += 4;
      count();
      return pending;
    },
    episodes: () => ended,
    close: (): void => {
      for (const group of groups) group.close();
    },
  };
}

/** What each part allocates in about so many steps of one env. Needs this process to run with `FLAGS`. */
async function measureEnv(name: keyof typeof ENVS, steps: number): Promise<Allocation[]> {
  const observer = new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) collections.push(startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  const results: Allocation[] = [];
  const env = ENVS[name];
  const { collect, iterate, episodes, close } = await worker(env);
  const perCall = NUM_ENVS * NUM_STEPS;
  results.push(await measure(`rollouts, ${name}`, steps, perCall, collect, episodes));
  results.push(await measure(`PPO iterations, ${name}`, steps, perCall, iterate, episodes));
  close();
  const vector = await makeVec(await resolveEnv(env, { cwd: root }), { numEnvs: NUM_ENVS, copy: false });
  vector.reset({ seed: 1 });
  const actions = vector.actionSpace.sample() as Int32Array;
  let ended = 0;
  const step = (): void => {
    const { terminations, truncations } = vector.step(actions);
    for (let i = 0; i < NUM_ENVS; i++) ended += terminations[i]! | truncations[i]!;
  };
  results.push(await measure(`vector env, ${name}`, steps, NUM_ENVS, step, () => ended));
  vector.close();
  observer.disconnect();
  return results;
}

/**
 * What each part allocates in about so many steps, each env in a process of its own: a worker thread has one class of envs too.
 * @throws if a process fails.
 */
export function measureAllocation(steps: number): Allocation[] {
  const file = fileURLToPath(import.meta.url);
  return Object.keys(ENVS).flatMap((name) => {
    const args = [...FLAGS, file, '--inner', name, String(steps)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`allocation.js ended with status ${status}: ${stderr}`);
    return JSON.parse(stdout) as Allocation[];
  });
}

function main(): void {
  const { values } = parseArgs({ options: { steps: { type: 'string', default: '1e7' }, json: { type: 'boolean' } } });
  const results = measureAllocation(Number(values.steps));
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
    return;
  }
  const rows = results.map(({ what, steps, episodes, bytesPerStep, bytesPerCall }) => [
    what,
    steps.toLocaleString('en'),
    episodes.toLocaleString('en'),
    bytesPerStep.toFixed(3),
    Math.round(bytesPerCall).toLocaleString('en'),
  ]);
  process.stdout.write(`${markdownTable(['what', 'steps', 'episodes', 'bytes a step', 'bytes a call'], rows)}\n`);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  const [inner, name, steps] = process.argv.slice(2);
  if (inner !== '--inner') main();
  else process.stdout.write(JSON.stringify(await measureEnv(name as keyof typeof ENVS, Number(steps))));
}
