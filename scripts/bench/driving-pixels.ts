// Times Driving-pixels-v0 on one thread, driven by the scripted baseline, for each view, size and colour: pictures alone, along a
// recorded drive, and steps with resets to new tracks, through bare env.step:
//   node dist/scripts/bench/driving-pixels.js [--json]
import { performance } from 'node:perf_hooks';
import { Car } from '../../envs/driving/car.js';
import { Track } from '../../envs/driving/track.js';
import { DriverPicture } from '../../envs/driving-pixels/driver.js';
import { DrivingPixelsEnv } from '../../envs/driving-pixels/driving-pixels.js';
import { makeCanvas } from '../../envs/driving-pixels/fill.js';
import { drawGauges } from '../../envs/driving-pixels/gauges.js';
import type {
  DrivingPixelsOptions,
  PictureColor,
  PictureSize,
  PictureView,
} from '../../envs/driving-pixels/options.js';
import { TopDownPicture } from '../../envs/driving-pixels/top-down.js';

/** Short repetitions: the best of many says what a free core does, also on a busy machine. */
const REPETITIONS = 120;
const STEPS = 80;
const EPISODE = 250;
/** Poses of a drive that pictures are taken of. */
const POSES = 250;

interface Row {
  readonly name: string;
  /** Median and best of the repetitions, per second. */
  readonly median: number;
  readonly best: number;
  /** Depends on everything computed: nothing can be left out. */
  readonly sink: number;
}

function measure(name: string, body: () => number): Row {
  let sink = body();
  const rates: number[] = [];
  for (let k = 1; k <= REPETITIONS; k++) {
    const start = performance.now();
    sink += body();
    rates.push((STEPS / (performance.now() - start)) * 1000);
  }
  rates.sort((a, b) => a - b);
  return { name, median: Math.round(rates[REPETITIONS >> 1]!), best: Math.round(rates[REPETITIONS - 1]!), sink };
}

/** What steps episodes of at most `EPISODE` steps, each on a new track, and goes on with each call. */
function driving(options: DrivingPixelsOptions): () => number {
  const env = new DrivingPixelsEnv(options);
  const act = DrivingPixelsEnv.baselines['pure-pursuit']!(env);
  let { observation } = env.reset({ seed: 1 });
  let length = 0;
  return () => {
    let total = 0;
    for (let k = 0; k < STEPS; k++) {
      const result = env.step(act(observation));
      observation = result.observation;
      total += result.reward + observation[(17 * k) % observation.length]!;
      length++;
      if (result.terminated || length === EPISODE) {
        observation = env.reset().observation;
        length = 0;
      }
    }
    return total;
  };
}

/** The track of a drive, and the car at each of its steps. */
function record(): { readonly track: Track; readonly cars: readonly Car[] } {
  const env = new DrivingPixelsEnv();
  const act = DrivingPixelsEnv.baselines['pure-pursuit']!(env);
  let { observation } = env.reset({ seed: 1 });
  const cars: Car[] = [];
  for (let k = 0; k < POSES; k++) {
    observation = env.step(act(observation)).observation;
    const car = new Car({ x: 0, y: 0, angle: 0 });
    car.restore(env.car.save());
    cars.push(car);
  }
  const track = new Track();
  track.build(env.track.number);
  return { track, cars };
}

const { track, cars } = record();
const rows: Row[] = [];
for (const view of ['top-down', 'driver'] satisfies PictureView[]) {
  for (const size of [64, 96] satisfies PictureSize[]) {
    for (const color of ['grey', 'rgb'] satisfies PictureColor[]) {
      const canvas = makeCanvas(size, color === 'rgb');
      const picture = view === 'driver' ? new DriverPicture(canvas) : new TopDownPicture(canvas);
      picture.begin(track);
      let pose = 0;
      const name = `${view}, ${size} x ${size}, ${color}`;
      rows.push(
        measure(`pictures/s, ${name}`, () => {
          let sum = 0;
          for (let k = 0; k < STEPS; k++) {
            const car = cars[pose]!;
            pose = pose + 1 === POSES ? 0 : pose + 1;
            picture.draw(car);
            drawGauges(canvas, car);
            sum += canvas.pixels[(17 * k) % canvas.pixels.length]!;
          }
          return sum;
        }),
        measure(`steps/s, ${name}`, driving({ view, size, color })),
      );
    }
  }
}

if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify(rows)}\n`);
} else {
  for (const { name, median, best } of rows) {
    process.stdout.write(
      `${name.padEnd(44)} median ${String(median).padStart(7)}   best ${String(best).padStart(7)}\n`,
    );
  }
}
