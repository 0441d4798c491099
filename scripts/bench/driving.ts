// Times Driving-v0 on one thread, driven by the scripted baseline, resets with new tracks included, through bare env.step:
//   node dist/scripts/bench/driving.js [--json]
import { performance } from 'node:perf_hooks';
import { DrivingEnv } from '../../envs/driving/driving.js';
import { Track } from '../../envs/driving/track.js';

const REPETITIONS = 9;
const STEPS = 200_000;
const EPISODE = 1000;

interface Row {
  readonly name: string;
  /** Median and best of the repetitions, per second. */
  readonly median: number;
  readonly best: number;
  /** Depends on everything computed: nothing can be left out. */
  readonly sink: number;
}

function measure(name: string, count: number, body: (repetition: number) => number): Row {
  let sink = body(0);
  const rates: number[] = [];
  for (let k = 1; k <= REPETITIONS; k++) {
    const start = performance.now();
    sink += body(k);
    rates.push((count / (performance.now() - start)) * 1000);
  }
  rates.sort((a, b) => a - b);
  return { name, median: Math.round(rates[REPETITIONS >> 1]!), best: Math.round(rates[REPETITIONS - 1]!), sink };
}

/** Steps episodes of at most `EPISODE` steps, each on a new track. */
function drive(driver: string, rays: number, seed: number): number {
  const env = new DrivingEnv({ rays });
  const act = DrivingEnv.baselines[driver]!(env);
  let { observation } = env.reset({ seed });
  let total = 0;
  let length = 0;
  for (let k = 0; k < STEPS; k++) {
    const result = env.step(act(observation));
    observation = result.observation;
    total += result.reward;
    length++;
    if (result.terminated || length === EPISODE) {
      observation = env.reset().observation;
      length = 0;
    }
  }
  return total;
}

const track = new Track();
const rows = [
  measure('steps/s, pure pursuit, 10 rays', STEPS, (k) => drive('pure-pursuit', 10, k)),
  measure('steps/s, pure pursuit, 32 rays', STEPS, (k) => drive('pure-pursuit', 32, k)),
  measure('steps/s, full throttle (a reset every 80 steps or so), 10 rays', STEPS, (k) =>
    drive('full-throttle', 10, k),
  ),
  measure('new tracks/s', 2000, (k) => {
    let length = 0;
    for (let i = 0; i < 2000; i++) {
      track.build(2000 * k + i);
      length += track.length;
    }
    return length;
  }),
];

if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify(rows)}\n`);
} else {
  for (const { name, median, best } of rows) {
    process.stdout.write(
      `${name.padEnd(66)} median ${String(median).padStart(8)}   best ${String(best).padStart(8)}\n`,
    );
  }
}
