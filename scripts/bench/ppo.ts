/**
 * PPO end to end on CartPole-v1, steps/s from the first reset to the last update: five seeded rounds of each setting, taken
 * in turns, after one round that is not counted.
 *
 *     node dist/scripts/bench/ppo.js [--json]
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { networkFor } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo } from '../../agents/ppo/ppo.js';
import { make, spec } from '../../src/index.js';

const ROUNDS = 5;
const settings: readonly { readonly name: string; readonly config: Partial<PpoConfig> }[] = [
  {
    name: '64 x 32, minibatch 256, 4 epochs',
    config: { numEnvs: 64, numSteps: 32, minibatchSize: 256, totalSteps: 300_000 },
  },
  {
    name: '256 x 64, minibatch 4096, 4 epochs',
    config: { numEnvs: 256, numSteps: 64, minibatchSize: 4096, totalSteps: 800_000 },
  },
  {
    name: '2048 x 32, minibatch 16384, 2 epochs',
    config: { numEnvs: 2048, numSteps: 32, minibatchSize: 16_384, updateEpochs: 2, totalSteps: 1_500_000 },
  },
];

async function round(config: PpoConfig, seed: number): Promise<number> {
  const env = await make('CartPole-v1');
  const problem = {
    spec: spec('CartPole-v1'),
    network: networkFor(env, config),
    seed,
    workers: availableParallelism(),
    measures: [],
  };
  const ppo = await Ppo.create(config, problem);
  const started = performance.now();
  while (ppo.state.iteration < ppo.plan.iterations) await ppo.iterate();
  const seconds = (performance.now() - started) / 1000;
  await ppo.close();
  return ppo.state.steps / seconds;
}

const rates = settings.map((): number[] => []);
for (let k = 0; k <= ROUNDS; k++) {
  for (const [index, { config }] of settings.entries()) {
    const full = { ...defaultPpoConfig, normObs: false, normReward: false, gamma: 0.98, gaeLambda: 0.9, ...config };
    const rate = await round(full, k + 1);
    if (k > 0) rates[index]!.push(rate);
  }
}
const rows = settings.map(({ name }, index) => {
  const sorted = rates[index]!.sort((a, b) => a - b);
  return { name, median: sorted[Math.floor(sorted.length / 2)]!, low: sorted[0]!, high: sorted.at(-1)! };
});
const machine = { processor: cpus()[0]?.model ?? 'unknown', workers: availableParallelism(), load: loadavg()[0]! };
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ machine, rows })}\n`);
else {
  process.stdout.write(
    `${machine.processor}, ${machine.workers} workers, load ${machine.load.toFixed(1)}\n\n| setting | steps/s, median | lowest to highest |\n|---|---|---|\n`,
  );
  for (const { name, median, low, high } of rows) {
    process.stdout.write(
      `| ${name} | ${Math.round(median / 1000)}k | ${Math.round(low / 1000)}k to ${Math.round(high / 1000)}k |\n`,
    );
  }
}
