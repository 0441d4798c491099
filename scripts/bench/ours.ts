/**
 * Gymkhana's side of the benchmark: the same protocol as peers/protocol.py. `ours.js solve|memory|start '{...}'` is one whole
 * process instead.
 */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { networkFor } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo } from '../../agents/ppo/ppo.js';
import { ppoSegments } from '../../agents/ppo/worker.js';
import type { WorkerLearner } from '../../src/backends/backend.js';
import { chooseBackend } from '../../src/backends/choose.js';
import { Generator, type JsonObject, make, makeVec, resolveEnv } from '../../src/index.js';
import { initialParameters } from '../../src/network/init.js';
import { parameterLayout } from '../../src/network/layout.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { constructEnv } from '../../src/registration/index.js';
import { RolloutEngine } from '../../src/rollout/engine.js';
import { actionColumn, LOG_LIMIT, type RolloutOptions } from '../../src/rollout/plan.js';
import type { Reply } from './process.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Settings that every contestant understands. */
export interface TrainSettings {
  readonly env: string;
  readonly numEnvs: number;
  readonly numSteps: number;
  readonly minibatchSize: number;
  readonly updateEpochs: number;
  readonly totalSteps: number;
  readonly learningRate: number;
  readonly gamma: number;
  readonly gaeLambda: number;
  readonly clipCoef: number;
  readonly clipVloss: boolean;
  readonly entCoef: number;
  readonly vfCoef: number;
  readonly maxGradNorm: number;
  readonly width: number;
}

interface Task {
  readonly note?: string;
  round(seconds: number, seed: number): Promise<Reply> | Reply;
  close(): Promise<void> | void;
}

/** Calls `chunk`, which returns units and a sink, for about `seconds`. */
async function timed(seconds: number, chunk: () => [number, number] | Promise<[number, number]>): Promise<Reply> {
  let units = 0;
  let sink = 0;
  const begin = performance.now();
  for (;;) {
    const done = chunk();
    const [count, value] = done instanceof Promise ? await done : done;
    units += count;
    sink += value;
    const elapsed = (performance.now() - begin) / 1000;
    if (elapsed >= seconds) return { units, seconds: elapsed, sink };
  }
}

/** One env through `make`, its checks and copies included. */
async function single({ env: id }: { env: string }): Promise<Task> {
  const env = await make(id);
  env.actionSpace.seed(1);
  const actions = Array.from({ length: 1024 }, () => env.actionSpace.sample());
  let at = 0;
  env.reset({ seed: 1 });
  const chunk = (): [number, number] => {
    let sink = 0;
    for (let k = 0; k < 500; k++) {
      const { reward, terminated, truncated } = env.step(actions[at++ & 1023]);
      sink += reward;
      if (terminated || truncated) env.reset();
    }
    return [500, sink];
  };
  await timed(0.3, chunk);
  return { round: (seconds) => timed(seconds, chunk), close: () => env.close() };
}

interface VectorTask {
  env: string;
  numEnvs: number;
  mode: 'sync' | 'async' | 'vector-entry-point';
  workers?: number;
  maxEpisodeSteps?: number;
  envKwargs?: JsonObject;
}

async function buildVector({ env, numEnvs, mode, workers, maxEpisodeSteps, envKwargs }: VectorTask) {
  return await makeVec(await resolveEnv(env, { cwd: root }), {
    numEnvs,
    vectorizationMode: mode,
    copy: false,
    ...(mode === 'async' && workers !== undefined && { numWorkers: workers }),
    ...(maxEpisodeSteps !== undefined && { maxEpisodeSteps }),
    ...(envKwargs !== undefined && { envKwargs }),
  });
}

/** Many envs through `makeVec`. */
async function vector(task: VectorTask): Promise<Task> {
  const env = await buildVector(task);
  env.reset({ seed: 1 });
  env.actionSpace.seed(1);
  const actions = Array.from({ length: 16 }, () => env.actionSpace.sample() as Float32Array);
  let at = 0;
  // About a millisecond between looks at the clock.
  let times = 1;
  const chunk = (): [number, number] => {
    let sink = 0;
    for (let k = 0; k < times; k++) sink += env.step(actions[at++ & 15]!).rewards[0]!;
    return [times * task.numEnvs, sink];
  };
  await timed(0.1, chunk);
  const { units, seconds } = await timed(0.2, chunk);
  times = Math.max(1, Math.round(((units! / seconds!) * 0.001) / task.numEnvs));
  return { round: (length) => timed(length, chunk), close: () => env.close() };
}

function configOf(s: TrainSettings): PpoConfig {
  const { env: _, width, ...settings } = s;
  return { ...defaultPpoConfig, normObs: false, normReward: false, hidden: [width, width], ...settings };
}

async function problemOf(s: TrainSettings, seed: number, workers: number) {
  const spec = await resolveEnv(s.env, { cwd: root });
  const env = await make(spec.id);
  const network = networkFor(env, configOf(s));
  env.close();
  return { spec, network, seed, workers, measures: [] };
}

/** A training run from its first reset to its last update, or until the mean return of the last 100 episodes reaches `target`. */
async function trainOnce(
  s: TrainSettings,
  seed: number,
  workers: number,
  workerLearner: WorkerLearner = 'kernels',
  target?: number,
): Promise<Reply> {
  const ppo = await Ppo.create(configOf(s), { ...(await problemOf(s, seed, workers)), workerLearner });
  const last: number[] = [];
  const curve: [number, number][] = [];
  let solved = false;
  const begin = performance.now();
  while (ppo.state.iteration < ppo.plan.iterations && !solved) {
    const { steps, episodes } = await ppo.iterate();
    for (const episode of episodes) last.push(episode.return);
    if (last.length > 100) last.splice(0, last.length - 100);
    if (last.length === 0) continue;
    const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
    curve.push([steps, mean]);
    solved = target !== undefined && last.length === 100 && mean >= target;
  }
  const seconds = (performance.now() - begin) / 1000;
  const sink = ppo.state.parameters.reduce((sum, value) => sum + value, 0);
  const rssMiB = Math.round(process.memoryUsage.rss() / 1024 ** 2);
  await ppo.close();
  return { units: ppo.state.steps, seconds, sink, solved, curve, rssMiB };
}

function train(task: { settings: TrainSettings; workers: number; learner?: WorkerLearner }): Task {
  return { round: (_, seed) => trainOnce(task.settings, seed, task.workers, task.learner), close() {} };
}

/** A rollout engine that runs one of the programs beside this file. */
async function engineFor(
  program: string,
  problem: { spec: RolloutOptions['spec']; network: NetworkSpec },
  size: { numEnvs: number; numSteps: number; workers: number },
  config: unknown,
  ppoConfig?: PpoConfig,
): Promise<RolloutEngine> {
  const options: RolloutOptions = {
    ...problem,
    ...size,
    seed: 1,
    observationClip: Number.POSITIVE_INFINITY,
    noiseHold: 1,
    measures: [],
    logLimit: LOG_LIMIT,
  };
  const url = new URL(`./programs/${program}.js`, import.meta.url).href;
  const segments = (sized: RolloutOptions) => (ppoConfig === undefined ? [] : ppoSegments(sized, ppoConfig));
  const { count } = parameterLayout(problem.network);
  const parameters = initialParameters(problem.network, Generator.fromSeed(1));
  return await RolloutEngine.create(
    options,
    { url, config, segments },
    {
      publish: (arena) => {
        for (let rank = 0; rank < size.workers; rank++) arena.f32('parameters').set(parameters, rank * count);
        arena.f32('invStd').fill(1);
        if (ppoConfig !== undefined) arena.f64('returnStatistics').set([0, 1, 1e-4]);
      },
      onNotice: (text) => process.stderr.write(`${text}\n`),
      hangSeconds: 0,
    },
  );
}

/** Env and inference: rollouts of every env by the workers. */
async function inference({ settings, workers }: { settings: TrainSettings; workers: number }): Promise<Task> {
  const { numEnvs, numSteps } = settings;
  const engine = await engineFor(
    'collect',
    await problemOf(settings, 1, workers),
    { numEnvs, numSteps, workers },
    null,
  );
  const chunk = async (): Promise<[number, number]> => {
    await engine.run(false);
    return [numEnvs * numSteps, engine.arena.f32('values')[0]!];
  };
  await timed(0.2, chunk);
  return { round: (seconds) => timed(seconds, chunk), close: () => engine.close() };
}

interface UpdateTask {
  inputs: number;
  outputs: number;
  width: number;
  batch: number;
  workers: number;
  backend: string;
  /** Updates in one call; as many as make the call itself not matter if absent. */
  epochs?: number;
}

/** Adam steps on a synthetic minibatch, permuted anew each time. */
async function update(task: UpdateTask): Promise<Task> {
  const { inputs, outputs, width, batch, workers, backend } = task;
  const base = await resolveEnv('./scripts/bench/fixtures/shape-env.ts:ShapeEnv', { cwd: root });
  const spec = { ...base, kwargs: { inputs, outputs } };
  // As many updates a ring as make the ring itself, 0.1 ms, not matter.
  const epochs = task.epochs ?? Math.max(4, Math.min(400, Math.round(6e7 / (batch * width * (width + inputs)))));
  const config: PpoConfig = {
    ...defaultPpoConfig,
    normObs: false,
    normReward: false,
    hidden: [width, width],
    numEnvs: batch,
    numSteps: 1,
    minibatchSize: batch,
    updateEpochs: epochs,
    learningRate: 1e-6,
  };
  const network = networkFor(await constructEnv(spec), config);
  const inWorkers = backend === 'kernels' || backend === 'onnx';
  const engine = await engineFor(
    'update',
    { spec, network },
    { numEnvs: batch, numSteps: 1, workers: inWorkers ? workers : 1 },
    { ...config, workerLearner: inWorkers ? backend : 'kernels' },
    config,
  );
  const { arena } = engine;
  const generator = Generator.fromSeed(2);
  const normal = (column: Float32Array): void => {
    for (let k = 0; k < column.length; k++) column[k] = generator.standardNormal();
  };
  normal(arena.f32('observations'));
  normal(arena.f32('advantages'));
  normal(arena.f32('returns'));
  arena.f32('logProbs').fill(-Math.log(outputs));
  const actions = actionColumn(arena);
  for (let k = 0; k < batch; k++) actions[k] = Math.floor(generator.random() * outputs);
  let adamStep = 0;
  if (inWorkers) {
    const chunk = async (): Promise<[number, number]> => {
      // PPO's CLOCK: iteration, learning rate, Adam steps so far.
      arena.f64('clock').set([adamStep / epochs, config.learningRate, adamStep]);
      await engine.run(true);
      adamStep += epochs;
      return [epochs, arena.f32('parameters')[0]!];
    };
    await timed(0.2, chunk);
    return { round: (seconds) => timed(seconds, chunk), close: () => engine.close() };
  }
  const { learner, reason } = await chooseBackend(backend, network);
  if (learner === null) throw new Error(`${backend} has no learner that can be timed alone (${reason})`);
  const { count } = parameterLayout(network);
  const state = {
    parameters: arena.f32('parameters').slice(0, count),
    firstMoments: new Float32Array(count),
    secondMoments: new Float32Array(count),
    step: 0,
  };
  const columns = {
    observations: arena.f32('observations').slice(0, batch * inputs),
    mean: new Float32Array(inputs),
    invStd: new Float32Array(inputs).fill(1),
    observationClip: Number.POSITIVE_INFINITY,
    actions: actions.slice(0, batch),
    logProbs: arena.f32('logProbs').slice(0, batch),
    advantages: arena.f32('advantages').slice(0, batch),
    returns: arena.f32('returns').slice(0, batch),
    values: new Float32Array(batch),
  };
  await engine.close();
  const times = Math.min(epochs, 50);
  const chunk = async (): Promise<[number, number]> => {
    const permutations = Array.from({ length: times }, () => Int32Array.from(generator.permutation(batch)));
    await learner.update(columns, permutations, 1, config, state);
    return [times, state.parameters[0]!];
  };
  await timed(0.2, chunk);
  return { round: (seconds) => timed(seconds, chunk), close: () => learner.dispose() };
}

/** How long the workers take to meet. */
async function barrier({ workers, meetings }: { workers: number; meetings: number }): Promise<Task> {
  const problem = await problemOf({ ...SMALL, env: 'CartPole-v1' }, 1, workers);
  const engine = await engineFor('barrier', problem, { numEnvs: 16, numSteps: 1, workers }, meetings);
  const units = Math.max(1, meetings);
  const chunk = async (): Promise<[number, number]> => {
    await engine.run(false);
    return [units, 1];
  };
  await timed(0.1, chunk);
  return { round: (seconds) => timed(seconds, chunk), close: () => engine.close() };
}

const SMALL = { width: 64 } as TrainSettings;

const KINDS: Readonly<Record<string, (task: never) => Promise<Task> | Task>> = {
  single,
  vector,
  train,
  inference,
  update,
  barrier,
};

async function serve(): Promise<void> {
  const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
  say({ ready: true, version: process.version, importSeconds: performance.now() / 1000 });
  let task: Task | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as {
      call: string;
      task: { kind: string };
      seconds: number;
      seed: number;
    };
    try {
      if (request.call === 'open') {
        await task?.close();
        task = null;
        const { kind, ...settings } = request.task;
        const begin = performance.now();
        task = await KINDS[kind]!(settings as never);
        say({ opened: true, setupSeconds: (performance.now() - begin) / 1000, note: task.note });
      } else {
        say(await task!.round(request.seconds, request.seed));
      }
    } catch (error) {
      say({ error: (error as Error).message });
    }
  }
  await task?.close();
}

/** Growth of the process by a vector env that has been reset and stepped. */
async function memory(task: VectorTask): Promise<Reply> {
  const warm = await buildVector({ ...task, numEnvs: 2, ...(task.mode === 'async' && { workers: 1 }) });
  warm.reset({ seed: 1 });
  warm.step(warm.actionSpace.sample() as Float32Array);
  warm.close();
  // As a flag of the command line it would be refused by worker threads.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const before = process.memoryUsage.rss();
  const begin = performance.now();
  const env = await buildVector(task);
  env.reset({ seed: 1 });
  const setupSeconds = (performance.now() - begin) / 1000;
  let sink = 0;
  for (let k = 0; k < 20; k++) sink += env.step(env.actionSpace.sample() as Float32Array).rewards[0]!;
  const growth = process.memoryUsage.rss() - before;
  env.close();
  return { rssMiB: growth / 1024 ** 2, bytesPerEnv: growth / task.numEnvs, sink, setupSeconds };
}

async function whole(word: string, given: never): Promise<object> {
  if (word === 'memory') return await memory(given);
  if (word === 'solve') {
    const { settings, seed, workers, target } = given as {
      settings: TrainSettings;
      seed: number;
      workers: number;
      target: number;
    };
    return await trainOnce(settings, seed, workers, 'kernels', target);
  }
  if (word === 'start') {
    const env = await make('CartPole-v1');
    env.reset({ seed: 1 });
    return { sink: env.step(0).reward };
  }
  throw new Error(`'${word}' is not solve, memory or start`);
}

const [word, text] = process.argv.slice(2);
if (word === undefined) await serve();
else process.stdout.write(`${JSON.stringify(await whole(word, JSON.parse(text ?? '{}') as never))}\n`);
