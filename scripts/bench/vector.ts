// Steps per second of vector envs on CartPole, by mode and number of envs: medians of seeded, repeated rounds.
// Usage: node dist/scripts/bench/vector.js [rounds]
import { availableParallelism, cpus } from 'node:os';
import { type MakeVecOptions, makeVec } from '../../src/index.js';

const rounds = Number(process.argv[2] ?? 5);
const cores = availableParallelism();
const settings: readonly (readonly [string, Partial<MakeVecOptions>])[] = [
  ['sync', { copy: false }],
  ['sync, copies', {}],
  ['async, 1 worker', { vectorizationMode: 'async', numWorkers: 1, copy: false }],
  [`async, ${cores} workers`, { vectorizationMode: 'async', numWorkers: cores, copy: false }],
  ['vector entry point', { vectorizationMode: 'vector-entry-point' }],
];

process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, ${cores} threads, Node ${process.version}\n`);
process.stdout.write('| mode | envs | steps/s, median | lowest to highest |\n| --- | --- | --- | --- |\n');
for (const numEnvs of [1024, 16384]) {
  for (const [name, options] of settings) {
    const env = await makeVec('CartPole-v1', { numEnvs, ...options });
    env.reset({ seed: 1 });
    const actions = Array.from({ length: 16 }, (_, t) =>
      Int32Array.from({ length: numEnvs }, (__, i) => (i * 7 + t) % 2),
    );
    const steps = Math.ceil(2_000_000 / numEnvs);
    const rates: number[] = [];
    let sink = 0;
    for (let round = 0; round <= rounds; round++) {
      const start = performance.now();
      for (let t = 0; t < steps; t++) sink += env.step(actions[t % 16]!).rewards[0]!;
      // The first round warms up.
      if (round > 0) rates.push((1000 * steps * numEnvs) / (performance.now() - start));
    }
    env.close();
    if (!Number.isFinite(sink)) throw new Error('a reward is not finite');
    rates.sort((a, b) => a - b);
    const shown = (rate: number): string => `${(rate / 1e6).toFixed(2)}M`;
    const middle = rates[Math.floor(rates.length / 2)]!;
    process.stdout.write(
      `| ${name} | ${numEnvs} | ${shown(middle)} | ${shown(rates[0]!)} to ${shown(rates.at(-1)!)} |\n`,
    );
  }
}
