import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONSTANTS } from '../../envs/driving/constants.js';
import { DrivingEnv } from '../../envs/driving/driving.js';
import type { DrivingOptions } from '../../envs/driving/options.js';
import { SPLITS } from '../../envs/driving/track.js';
import type { StepResult } from '../../src/core/env.js';
import { GymkhanaError } from '../../src/core/errors.js';
import { Generator } from '../../src/core/seeding/index.js';

/** Plays random actions for `steps` steps, through several episodes, and returns everything that was seen. */
function play(env: DrivingEnv, seed: number, steps: number): unknown[] {
  const rng = Generator.fromSeed(seed + 1);
  const seen: unknown[] = [[...env.reset({ seed }).observation]];
  for (let k = 0; k < steps; k++) {
    const result = env.step(Float32Array.of(rng.uniform(-1.2, 1.2), rng.uniform(-0.4, 1.2)));
    seen.push([...result.observation, result.reward, result.terminated], { ...result.info });
    if (result.terminated) seen.push([...env.reset().observation]);
  }
  return seen;
}

const RANDOMISED: DrivingOptions = { grip: [0.7, 1.1], mass: [0.8, 1.3], sensorNoise: [0, 0.05], actionDelay: [0, 3] };

test('the same seed and actions give the same bits: another instance, and the same one after other episodes', () => {
  for (const options of [{}, RANDOMISED, { split: 'test', rays: 3 }] satisfies DrivingOptions[]) {
    const first = new DrivingEnv(options);
    const expected = play(first, 5, 300);
    assert.equal(play(new DrivingEnv(options), 5, 300), expected);
    play(first, 6, 150);
    assert.equal(play(first, 5, 300), expected);
  }
});

test('a saved generator state and the options replay an episode', () => {
  const env = new DrivingEnv(RANDOMISED);
  play(env, 1, 120);
  const { state } = env.rng;
  const drive = (target: DrivingEnv): number[][] => {
    target.reset();
    return Array.from({ length: 25 }, () => [...target.step(Float32Array.of(0.1, 0.8)).observation]);
  };
  const expected = drive(env);
  const other = new DrivingEnv(RANDOMISED);
  other.rng = Generator.fromState(state);
  assert.equal(drive(other), expected);
});

test('observations stay finite and in their space, whatever the actions and the randomisation', () => {
  const action = fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -1, max: 3, noNaN: true }));
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.array(action, { maxLength: 120 }),
      (seed, rays, wild, actions) => {
        const env = new DrivingEnv(
          wild ? { rays, grip: [0.1, 3], mass: [0.2, 5], sensorNoise: 1, actionDelay: [0, 25] } : { rays },
        );
        const check = (observation: Float32Array): void => {
          assert.is(env.observationSpace.explain(observation), null);
        };
        check(env.reset({ seed }).observation);
        for (const pair of actions) {
          const result = env.step(Float32Array.from(pair));
          check(result.observation);
          assert.ok(Number.isFinite(result.reward));
          assert.is(result.truncated, false);
          if (result.terminated) check(env.reset().observation);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('the return is the reward for progress less the cost', () => {
  const env = new DrivingEnv();
  const policy = DrivingEnv.baselines['pure-pursuit']!(env);
  let { observation } = env.reset({ seed: 3 });
  let total = 0;
  let result: StepResult<Float32Array> | null = null;
  for (let k = 0; k < 400; k++) {
    result = env.step(policy(observation));
    observation = result.observation;
    total += result.reward;
  }
  const { progress, cost } = result!.info as { progress: number; cost: number };
  assert.ok(progress > 200);
  assert.ok(Math.abs(total - (CONSTANTS.PROGRESS_REWARD.value * progress - cost)) < 1e-9);
});

test('leaving the road ends the episode at a cost', () => {
  const env = new DrivingEnv();
  for (let seed = 0; seed < 10; seed++) {
    env.reset({ seed });
    let result = env.step(Float32Array.of(0.5, 1));
    let before = result.reward;
    for (let k = 0; k < 200 && !result.terminated; k++) {
      before = result.reward;
      result = env.step(Float32Array.of(0.5, 1));
    }
    const info = result.info as { offRoad: boolean; crash: boolean; laps: number; lapTime: number };
    assert.ok(result.terminated && (info.offRoad || info.crash));
    assert.ok(result.reward < before - 0.8 * CONSTANTS.CRASH_COST.value);
    assert.is(info.laps, 0);
    assert.ok(Number.isNaN(info.lapTime));
  }
});

test('a standing car earns nothing, whatever it does with the brake and the wheel', () => {
  const env = new DrivingEnv();
  env.reset({ seed: 4 });
  for (let k = 0; k < 50; k++) {
    const { reward } = env.step(Float32Array.of(k % 2 === 0 ? 1 : -1, -1));
    assert.ok(reward < 0);
  }
});

test('each split draws its own track numbers; the reset option chooses one', () => {
  for (const split of ['train', 'test'] as const) {
    const env = new DrivingEnv({ split });
    const { first, count } = SPLITS[split];
    const numbers = new Set<unknown>();
    env.reset({ seed: 0 });
    for (let k = 0; k < 100; k++) {
      const { track } = env.reset().info as { track: number };
      assert.ok(track >= first && track < first + count, `${split} drew ${track}`);
      numbers.add(track);
    }
    assert.ok(numbers.size > 80, `${numbers.size} different tracks in 100`);
    assert.is(env.reset({ options: { track: 42 } }).info.track, 42);
  }
});

test('randomisation draws from its ranges, and a fixed number is fixed', () => {
  const env = new DrivingEnv({ ...RANDOMISED, mass: 1.25 });
  env.reset({ seed: 0 });
  const delays = new Set<unknown>();
  for (let k = 0; k < 60; k++) {
    const { info } = env.reset();
    const grip = info.grip as number;
    assert.ok(grip >= 0.7 && grip <= 1.1);
    assert.ok(Math.abs(env.car.grip - grip * CONSTANTS.GRIP.value) < 1e-12);
    assert.is(info.mass, 1.25);
    assert.is(env.car.mass, 1.25 * CONSTANTS.CAR_MASS.value);
    delays.add(info.actionDelay);
  }
  assert.equal([...delays].sort(), [0, 1, 2, 3]);
});

test('options do not move each other: the same seed gives the same track and start', () => {
  const plain = new DrivingEnv();
  const random = new DrivingEnv({ grip: [0.5, 1], actionDelay: 2 });
  for (let seed = 0; seed < 5; seed++) {
    plain.reset({ seed });
    random.reset({ seed });
    assert.equal(
      [random.car.body.x, random.car.body.y, random.track.number],
      [plain.car.body.x, plain.car.body.y, plain.track.number],
    );
  }
});

test('a delay of n steps makes actions work n steps later', () => {
  const delayed = new DrivingEnv({ actionDelay: 2 });
  const plain = new DrivingEnv();
  delayed.reset({ seed: 1 });
  plain.reset({ seed: 1 });
  const actions = Array.from({ length: 12 }, (_, k) => Float32Array.of(Math.sin(k), 0.9 - 0.1 * k));
  for (let k = 0; k < actions.length; k++) {
    const late = delayed.step(actions[k]!).observation.slice();
    const prompt = plain.step(k < 2 ? Float32Array.of(0, 0) : actions[k - 2]!).observation;
    assert.equal(late, prompt);
  }
});

test('noise changes what is seen, not what happens', () => {
  const noisy = new DrivingEnv({ sensorNoise: 0.1 });
  const plain = new DrivingEnv();
  noisy.reset({ seed: 1 });
  plain.reset({ seed: 1 });
  for (let k = 0; k < 20; k++) {
    const action = Float32Array.of(0.05, 0.7);
    const seen = noisy.step(action);
    const clear = plain.step(action);
    assert.is(seen.reward, clear.reward);
    assert.not.equal(seen.observation, clear.observation);
  }
});

test('fields match the spaces, and every measure is a number of info', () => {
  const env = new DrivingEnv({ rays: 7 });
  const { fields, episodeMeasures } = env.metadata;
  assert.is(fields!.observation.length, env.observationSpace.size);
  assert.is(new Set(fields!.observation.map((field) => field.name)).size, env.observationSpace.size);
  assert.is(fields!.action.length, env.actionSpace.size);
  const { info } = env.reset({ seed: 0 });
  assert.equal(fields!.info!.map((field) => field.name).sort(), Object.keys(info).sort());
  for (const name of episodeMeasures!) assert.type(info[name], 'number');
});

test('the scene is plain data whose static shapes stay the same objects', () => {
  const env = new DrivingEnv({ renderMode: 'scene' });
  assert.is(env.render(), null);
  env.reset({ seed: 0 });
  const first = env.render()!;
  env.step(Float32Array.of(0.3, 1));
  const second = env.render()!;
  const known = new Set(first.items.map((item) => item.shape));
  const fresh = second.items.filter((item) => !known.has(item.shape));
  assert.ok(fresh.length <= 2, `${fresh.length} new shapes in a frame`);
  assert.equal(JSON.parse(JSON.stringify(second)), second);
  const numbers = JSON.stringify(second).match(/null|NaN/);
  assert.is(numbers, null);
  assert.is(new DrivingEnv().render(), null);
});

test('misuse is one clear error each', () => {
  const reset = (track: unknown): unknown => new DrivingEnv().reset({ seed: 0, options: { track: track as number } });
  const stepped = (action: Float32Array): unknown => {
    const env = new DrivingEnv();
    env.reset({ seed: 0 });
    return env.step(action);
  };
  const made = (options: object): unknown => new DrivingEnv(options);
  const table: [() => unknown, string, RegExp][] = [
    [() => made({ ray: 5 }), 'UNKNOWN_ENV_OPTION', /no option 'ray'.*Did you mean 'rays'/],
    [() => made({ rays: 0 }), 'INVALID_ENV_OPTION', /'rays' must be a whole number from 1 to 64, got 0/],
    [() => made({ rays: 2.5 }), 'INVALID_ENV_OPTION', /'rays'/],
    [() => made({ split: 'validation' }), 'INVALID_ENV_OPTION', /one of 'train', 'test', got "validation"/],
    [() => made({ grip: [1.2, 0.8] }), 'INVALID_ENV_OPTION', /'grip' must be/],
    [() => made({ grip: 'wet' }), 'INVALID_ENV_OPTION', /got "wet"/],
    [() => made({ mass: 0 }), 'INVALID_ENV_OPTION', /'mass' must be/],
    [() => made({ sensorNoise: -0.1 }), 'INVALID_ENV_OPTION', /'sensorNoise' must be/],
    [
      () => made({ actionDelay: [0, 1.5] }),
      'INVALID_ENV_OPTION',
      /'actionDelay' must be a whole number from 0 to 25, or/,
    ],
    [() => made({ renderMode: 'rgb_array' }), 'INVALID_ENV_OPTION', /'renderMode' must be 'scene'/],
    [() => reset(-1), 'INVALID_RESET_OPTION', /whole number from 0 to 2\^32 - 1, got -1/],
    [() => reset('monza'), 'INVALID_RESET_OPTION', /got "monza"/],
    [() => new DrivingEnv().reset({ options: { trak: 3 } }), 'INVALID_RESET_OPTION', /unknown reset option 'trak'/],
    [() => new DrivingEnv().reset({ seed: -1 }), 'INVALID_SEED', /-1/],
    [() => new DrivingEnv().step(Float32Array.of(0, 0)), 'RESET_NEEDED', /call reset\(\)/],
    [() => stepped(Float32Array.of(0)), 'INVALID_ACTION', /two numbers/],
    [() => stepped(Float32Array.of(0, 0, 0)), 'INVALID_ACTION', /two numbers/],
    [() => stepped(Float32Array.of(0, Number.NaN)), 'INVALID_ACTION', /NaN/],
  ];
  for (const [call, code, text] of table) {
    try {
      call();
    } catch (error) {
      assert.instance(error, GymkhanaError);
      assert.is((error as GymkhanaError).code, code);
      assert.match((error as GymkhanaError).message, text);
      continue;
    }
    assert.unreachable(`expected ${code}`);
  }
});

test.run();
