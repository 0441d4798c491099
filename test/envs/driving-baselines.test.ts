import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DrivingEnv, type DrivingInfo } from '../../envs/driving/driving.js';
import { SPLITS } from '../../envs/driving/track.js';
import { Generator } from '../../src/core/seeding/index.js';

const TRACKS = 40;

/** Drives held-out tracks; returns the share of completed first laps and their mean time, s. */
function laps(driver: (env: DrivingEnv) => (observation: Float32Array) => Float32Array): {
  rate: number;
  time: number;
} {
  const env = new DrivingEnv({ split: 'test' });
  const act = driver(env);
  let done = 0;
  let time = 0;
  env.reset({ seed: 0 });
  for (let k = 0; k < TRACKS; k++) {
    let { observation } = env.reset({ options: { track: SPLITS.test.first + k } });
    for (let step = 0; step < 1000; step++) {
      const result = env.step(act(observation));
      observation = result.observation;
      const info = result.info as DrivingInfo;
      if (info.laps > 0) {
        done++;
        time += info.lapTime;
        break;
      }
      if (result.terminated) break;
    }
  }
  return { rate: done / TRACKS, time: time / done };
}

test('the careful scripted driver completes its laps, in a reasonable time', () => {
  const { rate, time } = laps(DrivingEnv.baselines['pure-pursuit']!);
  assert.ok(rate >= 0.95, `lap rate ${rate}`);
  assert.ok(time > 20 && time < 40, `mean lap time ${time} s`);
});

test('full throttle with the same steering completes fewer than half of its laps', () => {
  const { rate } = laps(DrivingEnv.baselines['full-throttle']!);
  assert.ok(rate < 0.5, `lap rate ${rate}`);
});

test('random actions complete none', () => {
  const rng = Generator.fromSeed(0);
  const { rate } = laps(() => () => Float32Array.of(rng.uniform(-1, 1), rng.uniform(-1, 1)));
  assert.is(rate, 0);
});

test.run();
