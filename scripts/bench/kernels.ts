// Times the SIMD kernels on one thread: node dist/scripts/bench/kernels.js [--json]
import { performance } from 'node:perf_hooks';
import {
  ARENA_START,
  compileKernels,
  createMemory,
  Kernels,
  networkDescriptor,
  scratchBytes,
} from '../../src/backends/kernels/kernels.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { initialParameters, mlpNetwork } from '../../src/network/init.js';
import { parameterLayout } from '../../src/network/layout.js';
import { plainTowers } from '../../src/network/plan.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { actorOutputs } from '../../src/network/validate.js';

interface Result {
  readonly name: string;
  /** Median and fastest of the repetitions, in ms a call. */
  readonly median: number;
  readonly fastest: number;
  /** Work a second at the median. */
  readonly rate: string;
}

const REPETITIONS = 61;
const module = await compileKernels();
const results: Result[] = [];

/** Runs `body` long enough to time, `REPETITIONS` times. */
function measure(name: string, body: () => void, rate: (ms: number) => string, targetMs = 5): void {
  body();
  let calls = 1;
  for (;;) {
    const start = performance.now();
    for (let i = 0; i < calls; i += 1) body();
    if (performance.now() - start > targetMs) break;
    calls *= 2;
  }
  const times = Array.from({ length: REPETITIONS }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i += 1) body();
    return (performance.now() - start) / calls;
  }).sort((a, b) => a - b);
  const median = times[REPETITIONS >> 1]!;
  results.push({ name, median, fastest: times[0]!, rate: rate(median) });
}

/** Multiply-adds of one forward pass of both towers. */
function products(spec: NetworkSpec): number {
  let total = 0;
  const { actor, critic } = plainTowers(spec)!;
  for (const tower of [actor, critic]) {
    let inputs = spec.observationSize;
    for (const { units } of tower) {
      total += inputs * units;
      inputs = units;
    }
  }
  return total;
}

function network(
  observationSize: number,
  width: number,
  activation: 'tanh' | 'relu',
  outputs: number,
  gaussian = false,
) {
  return mlpNetwork({
    observationSize,
    hidden: [width, width],
    activation,
    distribution: gaussian
      ? { type: 'gaussian', size: outputs, logStdInit: 0 }
      : { type: 'categorical', actions: outputs },
  });
}

/** Everything a network needs in one memory, `rows` samples long. */
function setUp(spec: NetworkSpec, rows: number, shards: number) {
  const generator = Generator.fromSeed(1);
  const { count } = parameterLayout(spec);
  const size = spec.observationSize;
  const width = actorOutputs(spec);
  const bytes = scratchBytes(spec) + 4 * (count * (3 + shards) + rows * (size + width + 6) + 2 * size) + 65536;
  const memory = createMemory(bytes);
  const kernels = new Kernels(module, memory);
  let next = ARENA_START;
  const take = (count: number, fill: () => number): number => {
    const at = next;
    const view = new Float32Array(memory.buffer, at, count);
    for (let i = 0; i < count; i += 1) view[i] = fill();
    next += Math.ceil(count / 16) * 64;
    return at;
  };
  const zero = (): number => 0;
  const normal = (): number => generator.standardNormal();
  const table = networkDescriptor(spec);
  const pointers = {
    network: take(table.length, zero),
    parameters: take(count, zero),
    first: take(count, zero),
    second: take(count, zero),
    gradients: take(count * shards, zero),
    scratch: take(scratchBytes(spec) / 4, zero),
    mean: take(size, zero),
    invStd: take(size, () => 1),
    observations: take(rows * size, normal),
    actions: take(rows * width, zero),
    logProbs: take(rows, zero),
    values: take(rows, zero),
    advantages: take(rows, normal),
    returns: take(rows, normal),
    indices: take(rows, zero),
    stats: take(64, zero),
  };
  new Int32Array(memory.buffer, pointers.network, table.length).set(table);
  new Float32Array(memory.buffer, pointers.parameters, count).set(initialParameters(spec, generator));
  new Int32Array(memory.buffer, pointers.indices, rows).set(generator.permutation(rows));
  return { kernels, count, ...pointers };
}

function benchAct(label: string, spec: NetworkSpec, n: number): void {
  const s = setUp(spec, n, 1);
  let step = 0;
  measure(
    `act ${label} n=${n}`,
    () => {
      step += 1;
      // biome-ignore format: operands in the kernel's order
      s.kernels.act(s.network, s.parameters, s.scratch, s.observations, n, s.mean, s.invStd, 10, s.actions, s.logProbs,
        s.values, 1, 2, 0, step, 0, 0);
    },
    (ms) => `${((n / ms) * 1e-3).toFixed(2)}M samples/s, ${((2e-6 * n * products(spec)) / ms).toFixed(1)} GFLOP/s`,
  );
}

function benchUpdate(label: string, spec: NetworkSpec, batch: number): void {
  const shards = Math.min(8, Math.max(2, batch >> 6));
  const s = setUp(spec, batch, shards);
  const each = Math.ceil(batch / shards);
  // Forward, input gradient and weight gradient: three products a weight, less the first layers' input gradients.
  const { actor, critic } = plainTowers(spec)!;
  const flops = 2 * (3 * products(spec) - spec.observationSize * (actor[0]!.units + critic[0]!.units));
  // biome-ignore format: operands in the kernel's order
  s.kernels.act(s.network, s.parameters, s.scratch, s.observations, batch, s.mean, s.invStd, 10, s.actions, s.logProbs,
    s.values, 1, 2, 0, 3, 4, 0);
  measure(
    `update ${label} B=${batch}`,
    () => {
      for (let i = 0; i < shards; i += 1) {
        const count = Math.min(each, batch - i * each);
        // biome-ignore format: operands in the kernel's order
        s.kernels.gradient(s.network, s.parameters, s.scratch, s.indices + i * each * 4, count, s.observations, s.mean,
          s.invStd, 10, s.actions, s.logProbs, s.advantages, s.returns, s.values, 0, 1, 1 / batch, 0.2, 1, 0.01, 0.5,
          s.gradients + i * s.count * 4, s.stats);
      }
      // A learning rate of 0 keeps the problem the same from call to call.
      // biome-ignore format: operands in the kernel's order
      s.kernels.adam(s.parameters, s.first, s.second, s.gradients, shards, s.count * 4, s.count, 0, 0.9, 0.999, 1e-5, 0.1,
        0.001, 0.5);
    },
    (ms) => `${((1e-6 * flops * batch) / ms).toFixed(1)} GFLOP/s`,
  );
}

for (const n of [8, 32, 64, 256]) benchAct('4-64-64-2 tanh', network(4, 64, 'tanh', 2), n);
benchAct('4-64-64-2 relu', network(4, 64, 'relu', 2), 64);
benchAct('17-64-64-6 tanh gaussian', network(17, 64, 'tanh', 6, true), 64);
benchAct('64-256-256-8 tanh', network(64, 256, 'tanh', 8), 64);
for (const batch of [64, 256, 4096]) benchUpdate('8-64-64-4 tanh', network(8, 64, 'tanh', 4), batch);
benchUpdate('8-64-64-4 relu', network(8, 64, 'relu', 4), 4096);
benchUpdate('17-64-64-6 tanh gaussian', network(17, 64, 'tanh', 6, true), 4096);
benchUpdate('64-256-256-8 tanh', network(64, 256, 'tanh', 8), 4096);
{
  const s = setUp(network(8, 64, 'tanh', 4), 65536, 8);
  // biome-ignore format: operands in the kernel's order
  measure('adam 8 shards of 8-64-64-4', () => s.kernels.adam(s.parameters, s.first, s.second, s.gradients, 8, s.count * 4,
    s.count, 0, 0.9, 0.999, 1e-5, 0.1, 0.001, 0.5), (ms) => `${((s.count / ms) * 1e-3).toFixed(0)}M parameters/s`);
  measure(
    'shuffle 65536',
    () => s.kernels.shuffle(s.indices, 65536, 1, 2, 3, 4),
    (ms) => `${(65.536 / ms).toFixed(1)}M/s`,
  );
  measure(
    'meanStd 65536',
    () => s.kernels.meanStd(s.advantages, s.indices, 65536, s.stats),
    (ms) => `${(65.536 / ms).toFixed(1)}M/s`,
  );
}

if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify(results)}\n`);
} else {
  for (const { name, median, fastest, rate } of results) {
    process.stdout.write(
      `${name.padEnd(38)} ${median.toFixed(4).padStart(9)} ms (min ${fastest.toFixed(4)})  ${rate}\n`,
    );
  }
}
