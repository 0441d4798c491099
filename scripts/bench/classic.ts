// Times the classic envs on one thread, resets included: bare `step`, and through what `make` returns (checks and copies).
//   node dist/scripts/bench/classic.js [--json]
import { performance } from 'node:perf_hooks';
import '../../envs/index.js';
import type { Env } from '../../src/core/env.js';
import { constructEnv, makeFromSpec, registry } from '../../src/registration/index.js';

const REPETITIONS = 9;
const ACTIONS = 1024;

interface Row {
  readonly env: string;
  /** Steps a second, median and best of the repetitions. */
  readonly median: number;
  readonly best: number;
  /** Depends on everything computed: nothing can be left out. */
  readonly sink: number;
}

/** Steps with random actions that were drawn before the clock starts. */
function measure(name: string, env: Env, steps: number, limit: number): Row {
  env.actionSpace.seed(1);
  const actions = Array.from({ length: ACTIONS }, () => env.actionSpace.sample());
  const rates: number[] = [];
  let sink = 0;
  for (let k = 0; k <= REPETITIONS; k++) {
    env.reset({ seed: k });
    let length = 0;
    const start = performance.now();
    for (let step = 0; step < steps; step++) {
      const { reward, terminated } = env.step(actions[step % ACTIONS]);
      sink += reward;
      length++;
      if (terminated || length === limit) {
        env.reset();
        length = 0;
      }
    }
    if (k > 0) rates.push((steps / (performance.now() - start)) * 1000);
  }
  rates.sort((a, b) => a - b);
  return { env: name, median: Math.round(rates[REPETITIONS >> 1]!), best: Math.round(rates[REPETITIONS - 1]!), sink };
}

const only = process.argv.slice(2).find((word) => !word.startsWith('-'));
const rows: Row[] = [];
for (const spec of registry.values()) {
  if (spec.id === 'Driving-v0' || (only !== undefined && only !== spec.id)) continue;
  const limit = spec.maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
  rows.push(
    measure(`${spec.id} bare`, await constructEnv(spec), spec.id === 'Acrobot-v1' ? 500_000 : 3_000_000, limit),
  );
  rows.push(measure(`${spec.id} made`, await makeFromSpec(spec), 200_000, limit));
}
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify(rows)}\n`);
} else {
  for (const { env, median, best } of rows) {
    const [low, high] = [median, best].map((rate) => (rate / 1e6).toFixed(2).padStart(7));
    process.stdout.write(`${env.padEnd(32)} median ${low}M   best ${high}M steps/s\n`);
  }
}
