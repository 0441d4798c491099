/**
 * Runs long and opens often, and says whether memory, threads or handles grow:
 *
 *     npm run soak -- [--steps 1e9] [--driving-minutes 20] [--iterations 30000] [--opens 1000] [--engines 50] [--quick] [--out file.json]
 *
 * CartPole is stepped in a vector env; Driving is trained by PPO, and CartPole in very short iterations; vector envs (in this thread, in worker threads, natively batched)
 * and the training engine are opened, used and closed. Memory is sampled after a garbage collection in the main thread and, where Driving trains, in the
 * worker threads; its slope is that of a least-squares line, with the standard error. The result is JSON; whatever grows ends the command with status 1. Threads and file descriptors are counted in `/proc`,
 * so on Linux only.
 */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
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
  /** Of the main thread. */
  readonly heapUsed: MemoryTrend;
  /** What is alive in the heaps of all workers; null where they were not looked into. */
  readonly workerHeaps: MemoryTrend | null;
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

/**
 * Collects a worker's garbage and adds up what is alive in its heap, bytes, array buffers included. The snapshot is read as it comes, since it is several
 * times as long as the heap.
 */
export async function liveHeap(worker: Worker): Promise<number> {
  let head = '';
  let fields: string[] | null = null;
  let [field, number, total] = [0, 0, 0];
  for await (const chunk of (await worker.getHeapSnapshot()).setEncoding('latin1') as AsyncIterable<string>) {
    let at = 0;
    if (fields === null) {
      head += chunk;
      const nodes = head.indexOf('"nodes":[');
      if (nodes < 0) continue;
      fields = JSON.parse(/"node_fields":(\[.*?\])/.exec(head)![1]!) as string[];
      at = chunk.length - (head.length - nodes - '"nodes":['.length);
    }
    const size = fields.indexOf('self_size');
    for (; at < chunk.length; at++) {
      const digit = chunk.charCodeAt(at) - 48;
      if (digit >= 0 && digit <= 9) {
        number = 10 * number + digit;
        continue;
      }
      const last = chunk[at] === ']';
      if (!last && chunk[at] !== ',') continue;
      if (field === size) total += number;
      field = (field + 1) % fields.length;
      number = 0;
      // Leaving the loop closes the stream.
      if (last) return total;
    }
  }
  throw new Error('a heap snapshot without an end to its nodes');
}

type Trends = Pick<LongRun, 'rss' | 'heapUsed' | 'workerHeaps' | 'flat'>;

class MemoryLog {
  readonly #x: number[] = [];
  readonly #rss: number[] = [];
  readonly #heap: number[] = [];
  readonly #workers: number[] = [];

  /** Samples when this thread's garbage, and that of the workers if they are given, is collected. */
  async sample(x: number, workers: readonly Worker[] = []): Promise<void> {
    let live = 0;
    for (const worker of workers) live += await liveHeap(worker);
    if (workers.length > 0) this.#workers.push(live / MB);
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    this.#x.push(x);
    this.#rss.push(rss / MB);
    this.#heap.push(heapUsed / MB);
  }

  get samples(): number {
    return this.#x.length;
  }

  trends(unit: string): Trends {
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
    const [rss, heapUsed] = [trend(this.#rss), trend(this.#heap)];
    const workerHeaps = this.#workers.length > 0 ? trend(this.#workers) : null;
    return { rss, heapUsed, workerHeaps, flat: rss.growthMb < RSS_NOISE_MB && heapUsed.growthMb < HEAP_NOISE_MB };
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
/** How often the workers' heaps are weighed; it takes about a second for each of them. */
const WEIGHINGS = 8;

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
    await log.sample((t * numEnvs) / 1e6);
    // Lets timers and signals in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = (performance.now() - start) / 1000;
  env.close();
  if (!Number.isFinite(sum)) throw new Error('a reward is not finite');
  return { steps: calls * numEnvs, seconds, ...log.trends('million steps') };
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

/**
 * Trains Driving in worker threads. The first quarter of the time is left out of the slopes: until their first full collections, after two to three minutes,
 * the workers' heaps fill. Then the training goes on for half the time, and the workers' live heaps are weighed; by themselves, since a snapshot takes more memory
 * than what it is of.
 */
export async function soakDriving(
  minutes: number,
  weighings = WEIGHINGS,
  changes: Partial<PpoConfig> = {},
): Promise<LongRun> {
  const ppo = await createPpo('Driving-v0', { totalSteps: 1e12, ...changes });
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 60_000;
  const run = async (from: number, to: number, samples: number, workers: readonly Worker[]): Promise<Trends> => {
    const log = new MemoryLog();
    const every = (to - from) / samples;
    for (let next = from; elapsed() < to || log.samples < samples; ) {
      await ppo.iterate();
      if (elapsed() < next) continue;
      // Between iterations the workers only wait, so their heaps are of the same moment.
      await log.sample(elapsed(), workers);
      next += every;
    }
    return log.trends('minute');
  };
  try {
    const { rss, heapUsed, flat } = await run(minutes / 4, minutes, SAMPLES, []);
    const weighed = await run(minutes, minutes * 1.5, weighings, ppo.threads);
    const workerHeaps = weighed.workerHeaps!;
    return {
      steps: ppo.state.steps,
      seconds: elapsed() * 60,
      rss,
      heapUsed,
      workerHeaps,
      flat: flat && workerHeaps.growthMb < HEAP_NOISE_MB,
    };
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
      if (k >= iterations / 10 && k % every === 0) await log.sample(k / 1000);
    }
    const seconds = (performance.now() - start) / 1000;
    return { steps: ppo.state.steps, seconds, ...log.trends('thousand iterations') };
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
    if (k >= opens / 10 && k % every === 0) await log.sample(k / 100);
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
