/**
 * Steps/s in three columns, as Isaac Lab publishes them: envs alone, with inference, and with training. For a machine with a card:
 *
 *     node dist/scripts/bench/device-steps.js [--envs 4096,16384,65536] [--ids CartPole-v1,Driving-v0] [--backend onnx:cuda]
 *         [--workers N] [--steps 16] [--epochs 4] [--minibatches 4] [--rounds 3] [--json]
 *
 * Envs alone take random actions through `makeVec`, in the faster of its modes; inference runs in the workers, where the envs are; training is whole
 * iterations of PPO, after one that is not counted. It prints the processor, the card and its driver.
 */
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import '../../envs/index.js';
import { problemOf } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo } from '../../agents/ppo/ppo.js';
import { chooseBackend } from '../../src/backends/choose.js';
import { nvidiaCard } from '../../src/backends/onnx/providers.js';
import { make, spec } from '../../src/index.js';
import { markdownTable, shown } from './format.js';
import { machine } from './machine.js';
import { median, rounded } from './measure.js';
import { Contestant } from './process.js';

const here = machine();
const { values: flags } = parseArgs({
  options: {
    envs: { type: 'string', default: '4096,16384,65536' },
    ids: { type: 'string', default: 'CartPole-v1,Driving-v0' },
    backend: { type: 'string', default: 'auto' },
    workers: { type: 'string', default: String(here.threads) },
    steps: { type: 'string', default: '16' },
    epochs: { type: 'string', default: '4' },
    minibatches: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const workers = Number(flags.workers);
const rounds = Number(flags.rounds);

interface Row {
  readonly env: string;
  readonly numEnvs: number;
  readonly backend: string;
  /** Why this learner. */
  readonly reason: string;
  /** Steps/s. */
  readonly envsAlone: number;
  readonly withInference: number;
  readonly withTraining: number;
}

function configOf(numEnvs: number): PpoConfig {
  const numSteps = Number(flags.steps);
  return {
    ...defaultPpoConfig,
    numEnvs,
    numSteps,
    updateEpochs: Number(flags.epochs),
    numMinibatches: Number(flags.minibatches),
    totalSteps: numEnvs * numSteps * (rounds + 1),
  };
}

/** Median of a task's rounds in a process of its own, steps/s; 0 where the env does not have this mode. */
async function rate(task: object): Promise<number> {
  const host = { command: process.execPath, args: [fileURLToPath(new URL('./ours.js', import.meta.url))] };
  const { contestant } = await Contestant.start(host);
  try {
    if ((await contestant.call({ call: 'open', task })).error !== undefined) return 0;
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { units, seconds, error } = await contestant.call({ call: 'round', seconds: 0.5, seed: round });
      if (error !== undefined) throw new Error(error);
      rates.push(units! / seconds!);
    }
    return rounded(median(rates));
  } finally {
    await contestant.close();
  }
}

async function envsAlone(env: string, numEnvs: number): Promise<number> {
  const rates: number[] = [];
  for (const mode of ['vector-entry-point', 'async', 'sync']) {
    rates.push(await rate({ kind: 'vector', env, numEnvs, mode, workers }));
  }
  return Math.max(...rates);
}

async function withTraining(id: string, config: PpoConfig): Promise<Pick<Row, 'backend' | 'reason' | 'withTraining'>> {
  const problem = problemOf(await make(id), spec(id), config);
  const minibatch = Math.ceil((config.numEnvs * config.numSteps) / config.numMinibatches);
  const { name, reason, learner } = await chooseBackend(flags.backend, problem.network, { minibatch });
  const ppo = await Ppo.create(config, {
    ...problem,
    seed: 1,
    workers,
    ...(learner === null ? { workerLearner: name === 'onnx' ? 'onnx' : 'kernels' } : { learner }),
  });
  await ppo.iterate();
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    await ppo.iterate();
    rates.push((1000 * ppo.plan.samples) / (performance.now() - from));
  }
  await ppo.close();
  return { backend: name, reason, withTraining: rounded(median(rates)) };
}

const rows: Row[] = [];
for (const env of flags.ids.split(',')) {
  for (const numEnvs of flags.envs.split(',').map(Number)) {
    const config = configOf(numEnvs);
    const settings = { ...config, env, width: defaultPpoConfig.hidden[0], minibatchSize: null };
    rows.push({
      env,
      numEnvs,
      envsAlone: await envsAlone(env, numEnvs),
      withInference: await rate({ kind: 'inference', settings, workers }),
      ...(await withTraining(env, config)),
    });
    process.stderr.write(`${env}, ${numEnvs} envs: ${rows.at(-1)!.backend} (${rows.at(-1)!.reason})\n`);
  }
}

const card = nvidiaCard();
const place = `${here.processor}, ${here.threads} threads, ${workers} workers, ${here.platform}, Node ${here.node.slice(1)}; ${card ?? 'no card'}.`;
const table = markdownTable(
  ['env', 'envs', 'learner', 'envs alone', 'with inference', 'with training'],
  rows.map((row) => [
    row.env,
    row.numEnvs.toLocaleString('en'),
    row.backend,
    shown(row.envsAlone, 'steps/s'),
    shown(row.withInference, 'steps/s'),
    shown(row.withTraining, 'steps/s'),
  ]),
);
process.stdout.write(
  flags.json ? `${JSON.stringify({ machine: here, card, workers, rows })}\n` : `${place} Steps/s.\n\n${table}\n`,
);
