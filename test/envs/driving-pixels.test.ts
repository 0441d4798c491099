// Driving-pixels-v0: that its game is Driving's, what its pictures show, and that they are the same bytes every time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { DrivingEnv } from '../../envs/driving/driving.js';
import type { DrivingGameOptions } from '../../envs/driving/options.js';
import { DrivingPixelsEnv } from '../../envs/driving-pixels/driving-pixels.js';
import type { DrivingPixelsOptions } from '../../envs/driving-pixels/options.js';
import type { Env } from '../../src/core/env.js';
import { Generator } from '../../src/core/seeding/index.js';
import { make, spec } from '../../src/registration/index.js';
import { FrameStackObservation } from '../../src/wrappers/index.js';
import { goldenFrames, VARIANTS } from '../support/driving-pixels-golden.js';
import { throwsError } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';

const RANDOMISED: DrivingGameOptions = { grip: [0.7, 1.1], mass: [0.8, 1.3], actionDelay: [0, 3], split: 'test' };
const GAS = Float32Array.of(0, 1);

/** Where in a picture the rows of the black bar begin. */
const barOf = (size: number): number => size - size / 8;

/** Drives with the scripted driver for so many steps and returns the last observation. */
function driven(env: DrivingPixelsEnv, seed: number, steps: number): Uint8Array {
  const act = DrivingPixelsEnv.baselines['pure-pursuit']!(env);
  let { observation } = env.reset({ seed });
  for (let k = 0; k < steps; k++) observation = env.step(act(observation)).observation;
  return observation;
}

test('spaces by size and colour, and the time limit', async () => {
  const { kwargs, maxEpisodeSteps, rewardThreshold } = spec('Driving-pixels-v0');
  assert.equal([kwargs, maxEpisodeSteps, rewardThreshold], [{}, 1000, null]);
  const env = await make('Driving-pixels-v0');
  assert.is(String(env.observationSpace), 'Box(0, 255, (64, 64), uint8)');
  assert.is(String(env.actionSpace), 'Box(-1.0, 1.0, (2,), float32)');
  for (const options of VARIANTS) {
    const made = await make('Driving-pixels-v0', options);
    const { size, color } = options;
    assert.equal(made.observationSpace.shape, color === 'rgb' ? [size, size, 3] : [size, size]);
    assert.is(made.observationSpace.explain(made.reset({ seed: 1 }).observation), null);
  }
});

test('frames of every view, size and colour have the recorded checksums', () => {
  const golden = JSON.parse(readFileSync(join(projectRoot, 'test/golden/driving-pixels.json'), 'utf8'));
  assert.equal(goldenFrames(), golden);
});

test("rewards, ends, infos and the car are Driving's for the same seeds and actions", () => {
  for (const options of [{}, RANDOMISED]) {
    const lidar = new DrivingEnv(options);
    for (const view of ['top-down', 'driver'] as const) {
      const pixels = new DrivingPixelsEnv({ ...options, view });
      const rng = Generator.fromSeed(4);
      assert.equal(pixels.reset({ seed: 9 }).info, lidar.reset({ seed: 9 }).info);
      let ends = 0;
      for (let k = 0; k < 500; k++) {
        const action = Float32Array.of(rng.uniform(-0.6, 0.6), rng.uniform(-0.3, 1.2));
        const [a, b] = [pixels.step(action), lidar.step(action)];
        assert.equal([a.reward, a.terminated, a.truncated, a.info], [b.reward, b.terminated, b.truncated, b.info]);
        assert.equal(pixels.car.save(), lidar.car.save());
        if (!a.terminated) continue;
        ends++;
        assert.equal(pixels.reset().info, lidar.reset().info);
      }
      assert.ok(ends > 2, `${ends} episodes ended`);
      assert.equal(pixels.rng.state, lidar.rng.state);
    }
  }
});

test("the scripted drivers are Driving's: the same drive to the last bit", () => {
  for (const name of ['pure-pursuit', 'full-throttle']) {
    const pixels = new DrivingPixelsEnv();
    const lidar = new DrivingEnv();
    const byEnv = DrivingPixelsEnv.baselines[name]!(pixels);
    const byObservation = DrivingEnv.baselines[name]!(lidar);
    const picture = pixels.reset({ seed: 2 }).observation;
    let { observation } = lidar.reset({ seed: 2 });
    for (let k = 0, over = false; k < 200 && !over; k++) {
      const [a, b] = [byEnv(picture), byObservation(observation)];
      // The observation is rounded to float32, the env's own speed is not.
      for (let i = 0; i < 2; i++) assert.ok(Math.abs(a[i]! - b[i]!) < 1e-4, `${name}, step ${k}: ${a}, ${b}`);
      pixels.step(b);
      ({ observation, terminated: over } = lidar.step(b));
    }
  }
});

test('a snapshot in mid-drive goes on with the same pictures, in place and elsewhere', () => {
  const cases: DrivingPixelsOptions[] = [...VARIANTS, { ...RANDOMISED, sensorNoise: [0.01, 0.1] }];
  for (const options of cases) {
    const env = new DrivingPixelsEnv(options);
    driven(env, 7, 120);
    const seen = env.step(GAS).observation.slice();
    const snapshot = JSON.parse(JSON.stringify(env.snapshot()));
    const goOn = (one: DrivingPixelsEnv): unknown[] =>
      Array.from({ length: 60 }, (_, k) => {
        const { observation, info, ...rest } = one.step(Float32Array.of(0.4 * Math.sin(k), 0.8));
        const all = { ...rest, observation: observation.slice(), info: { ...info } };
        return rest.terminated ? [all, one.reset().observation.slice()] : all;
      });
    const expected = goOn(env);
    const other = new DrivingPixelsEnv(options);
    assert.equal(other.restore(snapshot).observation, seen);
    assert.equal(goOn(other), expected);
    assert.equal(env.restore(snapshot).observation, seen);
    assert.equal(goOn(env), expected);
  }
});

test('Driving-v0 saves and restores its state too, noise included', () => {
  for (const options of [{}, { ...RANDOMISED, sensorNoise: 0.05 }]) {
    const env = new DrivingEnv(options);
    env.reset({ seed: 3 });
    for (let k = 0; k < 20; k++) env.step(Float32Array.of(0.1, 0.9));
    const snapshot = JSON.parse(JSON.stringify(env.snapshot()));
    const goOn = (one: DrivingEnv): unknown[] =>
      Array.from({ length: 12 }, () => {
        const { observation, info, ...rest } = one.step(Float32Array.of(-0.1, 0.7));
        return { ...rest, observation: observation.slice(), info: { ...info } };
      });
    const expected = goOn(env);
    const other = new DrivingEnv(options);
    other.restore(snapshot);
    assert.equal(goOn(other), expected);
  }
});

test('a picture depends on the present state alone: another instance that jumps there draws the same', () => {
  for (const view of ['top-down', 'driver'] as const) {
    const env = new DrivingPixelsEnv({ view, size: 96, color: 'rgb' });
    const expected = driven(env, 11, 100).slice();
    const other = new DrivingPixelsEnv({ view, size: 96, color: 'rgb' });
    driven(other, 12, 333);
    assert.equal(other.restore(env.snapshot()).observation, expected);
  }
});

test('grey pictures are the luma of the coloured ones, but for rounding at edges', () => {
  for (const view of ['top-down', 'driver'] as const) {
    for (const size of [64, 96] as const) {
      const grey = driven(new DrivingPixelsEnv({ view, size }), 5, 80);
      const rgb = driven(new DrivingPixelsEnv({ view, size, color: 'rgb' }), 5, 80);
      let worst = 0;
      for (let i = 0; i < grey.length; i++) {
        const luma = 0.2125 * rgb[3 * i]! + 0.7154 * rgb[3 * i + 1]! + 0.0721 * rgb[3 * i + 2]!;
        worst = Math.max(worst, Math.abs(grey[i]! - luma));
      }
      assert.ok(worst < 5, `${view} ${size}: ${worst}`);
    }
  }
});

test('the gauges: speed from the left, steering, slip and yaw rate from the middle', () => {
  for (const size of [64, 96] as const) {
    const env = new DrivingPixelsEnv({ size });
    driven(env, 1, 60);
    const picture = env.loadState(env.saveState()).observation;
    const bar = barOf(size);
    const half = size / 2;
    const lit = (line: number, from: number, to: number, full: number): number => {
      const start = (bar + line * (size / 16) + 1) * size;
      let sum = 0;
      for (let column = from; column < to; column++) sum += picture[start + column]!;
      return sum / full;
    };
    const { car } = env;
    const columns = (half - 2) * (car.forward / 30);
    assert.ok(Math.abs(lit(0, 0, half, 255) - columns) < 0.02, `${lit(0, 0, half, 255)} columns, ${columns}`);
    const quarter = size / 4;
    const steered = lit(0, half, half + quarter, 1) > lit(0, half + quarter, size, 1);
    assert.is(steered, car.steer > 0, 'left of its middle for a turn to the left');
    const yaw = lit(1, half, half + quarter, 1) > lit(1, half + quarter, size, 1);
    assert.is(yaw, car.body.omega > 0);
  }
});

test('seen from above the road is where the track is', () => {
  const env = new DrivingPixelsEnv({ size: 96, color: 'rgb' });
  let road = 0;
  let grass = 0;
  for (const [seed, steps] of [
    [1, 40],
    [2, 90],
    [3, 140],
  ] as const) {
    const picture = driven(env, seed, steps);
    const { body } = env.car;
    const { track } = env;
    for (let p = 0; p < 256; p += 2) {
      for (const [left, expected] of [
        [0.5 * track.halfWidth, 'road'],
        [-0.5 * track.halfWidth, 'road'],
        [track.halfWidth + 4.5, 'grass'],
      ] as const) {
        const dx = track.x[p]! - track.tangentY[p]! * left - body.x;
        const dy = track.y[p]! + track.tangentX[p]! * left - body.y;
        const u = Math.sin(body.angle) * dx - Math.cos(body.angle) * dy;
        const v = Math.cos(body.angle) * dx + Math.sin(body.angle) * dy;
        const [column, row] = [Math.floor(48 + 1.5 * u), Math.floor(1.5 * (45 - v))];
        const nearCar = Math.abs(u) < 4 && Math.abs(v) < 5;
        const nearStart = (track.x[p]! - track.x[0]!) ** 2 + (track.y[p]! - track.y[0]!) ** 2 < 25;
        if (nearCar || nearStart || column < 0 || column > 95 || row < 0 || row > 83) continue;
        const [red, green] = [picture[3 * (row * 96 + column)]!, picture[3 * (row * 96 + column) + 1]!];
        const where = `seed ${seed}, point ${p}, ${left} m: ${red}, ${green}`;
        if (expected === 'road') {
          assert.ok(green < red + 8, where);
          road++;
        } else {
          assert.ok(green > red + 15, where);
          grass++;
        }
      }
    }
  }
  assert.ok(road > 80 && grass > 40, `${road} and ${grass} places`);
});

test('noise changes what is seen, not what happens', () => {
  const noisy = new DrivingPixelsEnv({ sensorNoise: 0.1 });
  const plain = new DrivingPixelsEnv();
  noisy.reset({ seed: 1 });
  plain.reset({ seed: 1 });
  let square = 0;
  for (let k = 0; k < 20; k++) {
    const seen = noisy.step(GAS);
    const clear = plain.step(GAS);
    assert.is(seen.reward, clear.reward);
    for (let i = 0; i < 56 * 64; i++) square += (seen.observation[i]! - clear.observation[i]!) ** 2 / (20 * 56 * 64);
  }
  assert.ok(Math.abs(Math.sqrt(square) - 25.5) < 1, `${Math.sqrt(square)}`);
});

test('frames stack in front: [4, 64, 64]', async () => {
  const wrappers = [{ name: 'FrameStackObservation', kwargs: { stackSize: 4 } }];
  const stacked = await make('Driving-pixels-v0', { wrappers });
  assert.equal(stacked.observationSpace.shape, [4, 64, 64]);
  const byHand = new FrameStackObservation(new DrivingPixelsEnv() as Env, { stackSize: 4 });
  assert.equal(stacked.reset({ seed: 1 }).observation, byHand.reset({ seed: 1 }).observation);
});

test('the bare env reuses its observation and result, and a frame allocates nothing', () => {
  for (const options of VARIANTS) {
    const env = new DrivingPixelsEnv(options);
    const { observation } = env.reset({ seed: 1 });
    const first = env.step(GAS);
    assert.is(env.step(GAS), first);
    assert.is(first.observation, observation);
    driven(env, 1, 600);
    // The least of several pieces: where engines compile or collect, the heap grows or shrinks besides.
    let least = Number.POSITIVE_INFINITY;
    const still = Float32Array.of(0, -1);
    for (let piece = 0; piece < 24; piece++) {
      const before = process.memoryUsage().heapUsed;
      for (let k = 0; k < 100; k++) env.step(still);
      const grown = (process.memoryUsage().heapUsed - before) / 100;
      if (grown >= 0) least = Math.min(least, grown);
    }
    assert.ok(least < 1024, `${JSON.stringify(options)}: ${least} bytes a step`);
  }
});

test('misuse is one clear error each', () => {
  const made = (options: object): unknown => new DrivingPixelsEnv(options);
  const stepped = (action: Float32Array): unknown => {
    const env = new DrivingPixelsEnv();
    env.reset({ seed: 0 });
    return env.step(action);
  };
  const reset = (options: object): unknown => new DrivingPixelsEnv().reset({ seed: 0, options: options as never });
  const table: [() => unknown, string, RegExp][] = [
    [() => made({ colour: 'grey' }), 'UNKNOWN_ENV_OPTION', /no option 'colour'.*Did you mean 'color'/],
    [() => made({ rays: 10 }), 'UNKNOWN_ENV_OPTION', /no option 'rays'.*It takes: size, color, view/],
    [() => made({ size: 84 }), 'INVALID_ENV_OPTION', /Driving-pixels: option 'size' must be 64 or 96, got 84/],
    [() => made({ size: '64' }), 'INVALID_ENV_OPTION', /'size' must be 64 or 96, got "64"/],
    [() => made({ color: 'gray' }), 'INVALID_ENV_OPTION', /'color' must be one of 'grey', 'rgb', got "gray"/],
    [() => made({ view: 'cockpit' }), 'INVALID_ENV_OPTION', /'view' must be one of 'top-down', 'driver'/],
    [() => made({ split: 'validation' }), 'INVALID_ENV_OPTION', /one of 'train', 'test', got "validation"/],
    [() => made({ grip: [1.2, 0.8] }), 'INVALID_ENV_OPTION', /'grip' must be/],
    [() => made({ mass: 0 }), 'INVALID_ENV_OPTION', /'mass' must be/],
    [() => made({ sensorNoise: 2 }), 'INVALID_ENV_OPTION', /'sensorNoise' must be/],
    [() => made({ actionDelay: 0.5 }), 'INVALID_ENV_OPTION', /'actionDelay' must be a whole number from 0 to 25/],
    [
      () => made({ renderMode: 'rgb_array' }),
      'INVALID_ENV_OPTION',
      /Driving-pixels: option 'renderMode' must be 'scene'/,
    ],
    [() => reset({ track: -1 }), 'INVALID_RESET_OPTION', /Driving-pixels: expected the reset option track/],
    [() => reset({ trak: 3 }), 'INVALID_RESET_OPTION', /unknown reset option 'trak'/],
    [() => new DrivingPixelsEnv().step(GAS), 'RESET_NEEDED', /Driving-pixels: call reset\(\)/],
    [() => stepped(Float32Array.of(0)), 'INVALID_ACTION', /Driving-pixels: expected an action.*two numbers/],
    [() => stepped(Float32Array.of(0, Number.NaN)), 'INVALID_ACTION', /NaN/],
  ];
  for (const [call, code, text] of table)
    throwsError(call, { code, kind: code === 'RESET_NEEDED' ? 'failure' : 'usage', says: [text] });
});

test.run();
