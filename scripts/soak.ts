/**
 * Runs long and opens often, and says whether memory, threads or handles grow:
 *
 *     npm run soak -- [--steps 1e9] [--driving-minutes 20] [--iterations 30000] [--opens 1000] [--engines 50] [--quick] [--out file.json]
 *
 * CartPole is stepped in a vector env; Driving is trained by PPO, and CartPole in very short iterations; vector envs (in this thread, in worker threads, natively batched)
 * and the training engine are opened, used and closed. Memory is sampled after a garbage collection; its slope is that of a least-squares line, with the standard
 * error. The result is JSON; whatever grows ends the command with status 1. Threads and file descriptors are counted in `/proc`,
 * so on Linux only.
 */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { problemOf } from '../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../agents/ppo/config.js';
import { Ppo } from '../agents/ppo/ppo.js';
import { ppoPresets } from '../agents/ppo/presets.js';
import { mean } from '../src/core/statistics.js';
import { type MakeVecOptions, makeVec, spec } from '../src/index.js';
import { constructEnv } from '../src/registration/index.js';

/** The slope of a least-squares line with its standard error. */
export interface Slope {
  readonly slope: number;
  readonly standardError: number;
}

/** A memory figure along a run. */
export interface MemoryTrend {
  /** MB per unit, and per how much: a million steps or a minute. */
  readonly perUnit: Slope;
  readonly unit: string;
  /** What the slope adds up to over the whole run, MB. */
  readonly growthMb: number;
  readonly firstMb: number;
  readonly lastMb: number;
  readonly samples: number;
}

/** A long run. */
export interface LongRun {
  readonly steps: number;
  readonly seconds: number;
  readonly rss: MemoryTrend;
  readonly heapUsed: MemoryTrend;
  readonly flat: boolean;
}

/** What a process holds. */
export interface Holdings {
  /** -1 where the system does not say. */
  readonly threads: number;
  readonly descriptors: number;
  /** Timers, sockets, ports and the like, as Node counts them. */
  readonly resources: number;
}

/** Something opened and closed again and again. */
export interface OpenRun {
  readonly opens: number;
  readonly seconds: number;
  readonly before: Holdings;
  readonly after: Holdings;
  readonly rss: MemoryTrend;
  readonly leaked: boolean;
}

/** Growth that counts as none: the allocator's and the collector's own noise, MB over a whole run. */
const RSS_NOISE_MB = 32;
const HEAP_NOISE_MB = 1;
const MB = 1e6;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Fits `y = a + slope x`. */
export function leastSquares(x: readonly number[], y: readonly number[]): Slope {
  const n = x.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let xx = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i]! - meanX) * (x[i]! - meanX);
    xy += (x[i]! - meanX) * (y[i]! - meanY);
  }
  const slope = xy / xx;
  let residual = 0;
  for (let i = 0; i < n; i++) {
    const error = y[i]! - meanY - slope * (x[i]! - meanX);
    residual += error * error;
  }
  return { slope, standardError: Math.sqrt(residual / Math.max(1, n - 2) / xx) };
}

class MemoryLog {
  readonly #x: number[] = [];
  readonly #rss: number[] = [];
  readonly #heap: number[] = [];

  sample(x: number): void {
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    this.#x.push(x);
    this.#rss.push(rss / MB);
    this.#heap.push(heapUsed / MB);
  }

  trends(unit: string): { rss: MemoryTrend; heapUsed: MemoryTrend } {
    const trend = (values: readonly number[]): MemoryTrend => {
      const perUnit = leastSquares(this.#x, values);
      return {
        perUnit,
        unit,
        growthMb: perUnit.slope * (this.#x.at(-1)! - this.#x[0]!),
        firstMb: values[0]!,
        lastMb: values.at(-1)!,
        samples: values.length,
      };
    };
    return { rss: trend(this.#rss), heapUsed: trend(this.#heap) };
  }
}

const entries = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Counts what the process holds now. */
export function holdings(): Holdings {
  const descriptors = entries('/proc/self/fd').filter((name) => {
    try {
      // Not the one that lists them.
      return !readlinkSync(`/proc/self/fd/${name}`).startsWith('/proc/');
    } catch {
      return false;
    }
  });
  return {
    threads: entries('/proc/self/task').length || -1,
    descriptors: descriptors.length || -1,
    resources: process.getActiveResourcesInfo().length,
  };
}

const SAMPLES = 40;
const isFlat = (rss: MemoryTrend, heap: MemoryTrend): boolean =>
  rss.growthMb < RSS_NOISE_MB && heap.growthMb < HEAP_NOISE_MB;

/** Steps CartPole in a vector env of this thread. The first twentieth is left out of the slopes. */
export async function soakCartPole(steps: number): Promise<LongRun> {
  const numEnvs = 1024;
  const env = await makeVec('CartPole-v1', { numEnvs, copy: false });
  const actions = Array.from({ length: 16 }, (_, t) =>
    Int32Array.from({ length: numEnvs }, (__, i) => (i * 7 + t) % 2),
  );
  const log = new MemoryLog();
  const calls = Math.ceil(steps / numEnvs);
  const warmUp = Math.ceil(calls / 20);
  const every = Math.max(1, Math.floor((calls - warmUp) / SAMPLES));
  env.reset({ seed: 1 });
  const start = performance.now();
  let sum = 0;
  for (let t = 0; t < calls; t++) {
    sum += env.step(actions[t % 16]!).rewards[0]!;
    if (t < warmUp || (t - warmUp) % every !== 0) continue;
    log.sample((t * numEnvs) / 1e6);
    // Lets timers and signals in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = (performance.now() - start) / 1000;
  env.close();
  if (!Number.isFinite(sum)) throw new Error('a reward is not finite');
  const trends = log.trends('million steps');
  return { steps: calls * numEnvs, seconds, ...trends, flat: isFlat(trends.rss, trends.heapUsed) };
}

const SHORT = { numEnvs: 8, numSteps: 8, minibatchSize: 64, updateEpochs: 1 };

async function createPpo(id: string, changes: Partial<PpoConfig>): Promise<Ppo> {
  const env = await constructEnv(spec(id));
  const config = { ...defaultPpoConfig, ...ppoPresets[id], ...changes };
  return await Ppo.create(config, {
    ...problemOf(env, spec(id), config),
    seed: 1,
    workers: availableParallelism(),
  });
}

/** Trains Driving in worker threads. The first tenth of the time is left out of the slopes. */
export async function soakDriving(minutes: number): Promise<LongRun> {
  const ppo = await createPpo('Driving-v0', { totalSteps: 1e12 });
  const log = new MemoryLog();
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 60_000;
  const every = (0.9 * minutes) / SAMPLES;
  try {
    for (let next = 0.1 * minutes; elapsed() < minutes; ) {
      await ppo.iterate();
      if (elapsed() < next) continue;
      log.sample(elapsed());
      next = elapsed() + every;
    }
    const trends = log.trends('minute');
    const seconds = elapsed() * 60;
    return { steps: ppo.state.steps, seconds, ...trends, flat: isFlat(trends.rss, trends.heapUsed) };
  } finally {
    await ppo.close();
  }
}

/**
 * Trains CartPole in iterations of 64 steps: what each of them leaves behind adds up soonest. The first tenth, in which V8 compiles, is left
 * out of the slopes.
 */
export async function soakIterations(iterations: number): Promise<LongRun> {
  const ppo = await createPpo('CartPole-v1', { totalSteps: 1e12, ...SHORT });
  const log = new MemoryLog();
  const every = Math.max(1, Math.floor((0.9 * iterations) / SAMPLES));
  const start = performance.now();
  try {
    for (let k = 1; k <= iterations; k++) {
      await ppo.iterate();
      if (k >= iterations / 10 && k % every === 0) log.sample(k / 1000);
    }
    const trends = log.trends('thousand iterations');
    const seconds = (performance.now() - start) / 1000;
    return { steps: ppo.state.steps, seconds, ...trends, flat: isFlat(trends.rss, trends.heapUsed) };
  } finally {
    await ppo.close();
  }
}

/** Counts once what was closed has had time to end; a thread takes some milliseconds. */
async function settled(before: Holdings | null): Promise<Holdings> {
  for (let tries = 0; ; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
    const now = holdings();
    const grown =
      before !== null &&
      (now.threads > before.threads || now.descriptors > before.descriptors || now.resources > before.resources);
    if ((before !== null && !grown) || tries >= (before === null ? 4 : 60)) return now;
  }
}

/** Opens and closes something again and again; what stays from the first six times is no leak. */
export async function openOften(opens: number, open: (k: number) => Promise<void>): Promise<OpenRun> {
  // Threads of the pool, compiled modules and caches come with the first ones and stay.
  for (let k = 0; k < 6; k++) await open(k);
  const before = await settled(null);
  const log = new MemoryLog();
  const every = Math.max(1, Math.floor(opens / SAMPLES));
  const start = performance.now();
  for (let k = 0; k < opens; k++) {
    await open(k);
    if (k >= opens / 10 && k % every === 0) log.sample(k / 100);
  }
  const seconds = (performance.now() - start) / 1000;
  const after = await settled(before);
  const { rss } = log.trends('hundred opens');
  const leaked =
    after.threads > before.threads ||
    after.descriptors > before.descriptors ||
    after.resources > before.resources ||
    rss.growthMb > RSS_NOISE_MB;
  return { opens, seconds, before, after, rss, leaked };
}

const VECTORS: readonly (readonly [string, MakeVecOptions])[] = [
  ['CartPole-v1', { numEnvs: 16 }],
  ['CartPole-v1', { numEnvs: 16, vectorizationMode: 'async', numWorkers: 2 }],
  ['CartPole-v1', { numEnvs: 16, vectorizationMode: 'vector-entry-point' }],
  ['Driving-v0', { numEnvs: 2, vectorizationMode: 'async', numWorkers: 1 }],
  ['Taxi-v4', { numEnvs: 4 }],
  ['Pendulum-v1', { numEnvs: 8, vectorizationMode: 'async', numWorkers: 2 }],
];

/** Opens, steps and closes vector envs of all kinds in turn. */
export function soakVectorEnvs(opens: number): Promise<OpenRun> {
  return openOften(opens, async (k) => {
    const [id, options] = VECTORS[k % VECTORS.length]!;
    const env = await makeVec(id, options);
    env.reset({ seed: k });
    for (let t = 0; t < 3; t++) env.step(env.actionSpace.sample() as never);
    env.close();
  });
}

/** Opens the training engine with its worker threads, trains an iteration, and closes it. */
export function soakEngines(opens: number): Promise<OpenRun> {
  return openOften(opens, async () => {
    const ppo = await createPpo('CartPole-v1', { numEnvs: 32 });
    await ppo.iterate();
    await ppo.close();
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      steps: { type: 'string' },
      'driving-minutes': { type: 'string' },
      iterations: { type: 'string' },
      opens: { type: 'string' },
      engines: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  const amount = (given: string | undefined, full: number, quick: number): number =>
    given === undefined ? (values.quick ? quick : full) : Number(given);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const steps = amount(values.steps, 1e9, 2e7);
  const minutes = amount(values['driving-minutes'], 20, 0.5);
  const iterations = amount(values.iterations, 30_000, 3000);
  const opens = amount(values.opens, 1000, 60);
  const engines = amount(values.engines, 50, 12);
  say(`CartPole, ${steps.toExponential()} steps ...`);
  const cartPole = steps > 0 ? await soakCartPole(steps) : null;
  say(`Driving, ${minutes} minutes of training ...`);
  const driving = minutes > 0 ? await soakDriving(minutes) : null;
  say(`CartPole, ${iterations} short iterations of training ...`);
  const shortIterations = iterations > 0 ? await soakIterations(iterations) : null;
  say(`${opens} vector envs opened and closed ...`);
  const vectorEnvs = opens > 0 ? await soakVectorEnvs(opens) : null;
  say(`${engines} training engines opened and closed ...`);
  const trainingEngines = engines > 0 ? await soakEngines(engines) : null;
  const ok =
    cartPole?.flat !== false &&
    driving?.flat !== false &&
    shortIterations?.flat !== false &&
    vectorEnvs?.leaked !== true &&
    trainingEngines?.leaked !== true;
  const result = { node: process.version, cartPole, driving, shortIterations, vectorEnvs, trainingEngines, ok };
  const rounded = JSON.stringify(
    result,
    (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value),
    2,
  );
  process.stdout.write(`${rounded}\n`);
  if (values.out !== undefined) writeFileSync(values.out, `${rounded}\n`);
  if (!ok) process.exitCode = 1;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) await main();
