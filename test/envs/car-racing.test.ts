// Recorded tracks, drives and pictures of Gymnasium's CarRacing, and what the recordings do not show.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { CarRacingEnv } from '../../envs/car-racing/car-racing.js';
import type { CarRacingOptions } from '../../envs/car-racing/options.js';
import { make, spec } from '../../src/registration/index.js';
import { playSampled, unpack } from '../support/box2d-golden.js';
import {
  actionsOf,
  drive,
  filmDifferences,
  goldenDrives,
  goldenFilms,
  goldenTracks,
  hullOf,
  racingEnv,
  titleOf,
} from '../support/car-racing-golden.js';
import { throwsError } from '../support/misuse.js';

const { episodes, digests } = goldenDrives();
const GAS = Float32Array.of(0, 0.3, 0);

test('tracks of 13 resets: tiles, kerbs, colours and the generator after them', () => {
  for (const track of goldenTracks()) {
    const env = racingEnv(track);
    env.reset({ seed: track.seed, options: track.options ?? {} });
    const where = `seed ${track.seed} ${JSON.stringify(track.kwargs)}`;
    assert.is(env.track.count, track.tiles, where);
    const points = new Float64Array(unpack(track.points_f8));
    for (let i = 0; i < track.tiles; i++) {
      const ours = [env.track.beta[i]!, env.track.x[i]!, env.track.y[i]!];
      ours.forEach((value, column) => {
        // Node's sine and cosine differ from glibc's in the last bit of some numbers.
        const expected = points[3 * i + column]!;
        assert.ok(Math.abs(value - expected) < 1e-10, `${where}: ${column} of point ${i}: ${value}, ${expected}`);
      });
    }
    const kerbs = Array.from(env.track.kerb.subarray(0, track.tiles), (side, i) => (side === 0 ? 0 : 1 + (i % 2)));
    assert.is(kerbs.join(''), track.kerbs, where);
    assert.is(String(env.rng.state.state), track.generator, where);
    if (track.road_color === undefined) continue;
    const { road, bg, grass } = env.colors;
    assert.equal(
      [road, bg, grass].map((color) => Array.from(color)),
      [track.road_color, track.bg_color, track.grass_color],
      where,
    );
  }
});

for (const [k, drives] of [episodes.slice(0, 8), episodes.slice(8)].entries()) {
  test(`${drives.length} recorded drives, step by step, every bit (${k + 1} of 2)`, () => {
    for (const recorded of drives) {
      const where = titleOf(recorded);
      const env = racingEnv(recorded);
      const states = new Float32Array(unpack(recorded.states_f4));
      const wheels = new Float64Array(unpack(recorded.wheels_f8));
      const rewards = new Float64Array(unpack(recorded.rewards_f8));
      const same = (step: number): void => {
        const state = states.subarray(6 * step, 6 * step + 6);
        assert.equal(Array.from(hullOf(env)), Array.from(state), `${where}: hull after step ${step}`);
        const speeds = env.car.wheels.map(({ omega }) => omega);
        assert.equal(speeds, Array.from(wheels.subarray(4 * step, 4 * step + 4)), `${where}: wheels, step ${step}`);
      };
      env.reset({ seed: recorded.seed });
      same(0);
      actionsOf(recorded).forEach((action, at) => {
        const result = env.step(action);
        same(at + 1);
        assert.is(result.reward, rewards[at], `${where}: reward of step ${at + 1}`);
        assert.is(result.terminated, at + 1 === recorded.steps && recorded.terminated);
      });
    }
  });
}

for (const policy of ['pursuit', 'fast', 'random', 'straight', 'wild']) {
  const rounds = digests.filter((digest) => digest.policy === policy);
  test(`${rounds.length} whole episodes by their checksums, ${policy}`, () => {
    for (const digest of rounds) {
      const { steps, terminated, lapFinished, visited, total, crc } = drive(
        racingEnv(digest),
        digest.seed,
        actionsOf(digest),
      );
      assert.equal(
        [steps, terminated, lapFinished, visited, total, crc],
        [digest.steps, digest.terminated, digest.lap_finished, digest.visited, digest.return, digest.crc],
        titleOf(digest),
      );
    }
  });
}

test("pictures are Gymnasium's to less than 0.1 of 255 on average, and no byte is off by an eighth", () => {
  const differences = goldenFilms().flatMap((film) => {
    const frames = filmDifferences(film);
    for (const { step, mean, most } of frames) {
      assert.ok(mean < 0.15 && most < 32, `${titleOf(film)}, step ${step}: ${mean} on average, ${most} at most`);
    }
    return frames.map(({ mean }) => mean);
  });
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  assert.ok(mean < 0.1, `${mean} in ${differences.length} pictures`);
});

test('ids, limits and spaces are the original ones', async () => {
  const { kwargs, maxEpisodeSteps, rewardThreshold } = spec('CarRacing-v3');
  assert.equal([kwargs, maxEpisodeSteps, rewardThreshold], [{}, 1000, 900]);
  const env = await make('CarRacing-v3');
  assert.is(String(env.observationSpace), 'Box(0, 255, (96, 96, 3), uint8)');
  assert.is(String(env.actionSpace), 'Box([-1.  0.  0.], 1.0, (3,), float32)');
  const discrete = await make('CarRacing-v3', { continuous: false });
  assert.is(String(discrete.actionSpace), 'Discrete(5)');
});

test('the five choices are the pedals that they stand for', () => {
  const pedals = [
    [0, 0, 0],
    [0.6, 0, 0],
    [-0.6, 0, 0],
    [0, 0.2, 0],
    [0, 0, 0.8],
  ];
  for (const [choice, values] of pedals.entries()) {
    const [one, two] = [new CarRacingEnv({ continuous: false }), new CarRacingEnv()];
    for (const env of [one, two]) env.reset({ seed: 3 });
    for (let k = 0; k < 40; k++) {
      one.step(3);
      two.step(Float32Array.of(0, 0.2, 0));
    }
    for (let k = 0; k < 15; k++) {
      one.step(choice);
      two.step(Float32Array.from(values));
    }
    const [a, b] = [hullOf(one), hullOf(two)];
    a.forEach((value, k) => {
      assert.ok(Math.abs(value - b[k]!) < 1e-3, `choice ${choice}, ${k}: ${value}, ${b[k]}`);
    });
    const turn = one.car.wheels[0]!.joint.angle;
    assert.is(Math.sign(Math.round(turn * 10)) + 0, choice === 1 ? -1 : choice === 2 ? 1 : 0, `choice ${choice}`);
  }
});

test('domain randomisation: other colours in each episode, the same for the same seed, the standard ones on demand', () => {
  const env = new CarRacingEnv({ domainRandomize: true });
  const colours = (seed: number, options = {}): string => {
    env.reset({ seed, options });
    return [env.colors.road, env.colors.bg, env.colors.grass].map(String).join(' ');
  };
  const seen = new Set([1, 2, 3, 4].map((seed) => colours(seed)));
  assert.is(seen.size, 4);
  assert.is(colours(1), colours(1, { randomize: true }));
  assert.is(colours(1, { randomize: false }), '102,102,102 102,204,102 102,230,102');
  const plain = new CarRacingEnv();
  const { observation } = plain.reset({ seed: 1 });
  assert.equal(env.reset({ seed: 1, options: { randomize: false } }).observation, observation);
  const pixels = (seed: number): string => String(env.reset({ seed }).observation);
  assert.is.not(pixels(1), pixels(2));
});

test('a lap is complete at the first tile when more than lapCompletePercent are visited, or with all tiles', () => {
  const first = (lapCompletePercent: number): [boolean, unknown] => {
    const env = new CarRacingEnv({ lapCompletePercent });
    env.reset({ seed: 1 });
    const { terminated, info } = env.step(GAS);
    return [terminated, info['lapFinished']];
  };
  assert.equal(first(0), [true, true]);
  assert.equal(first(0.95), [false, false]);
  // The car stands at the first tile: that one is among the first few that count.
  assert.equal(first(0.1), [false, false]);
  const env = new CarRacingEnv();
  const act = CarRacingEnv.baselines['pure-pursuit']!(env);
  let { observation } = env.reset({ seed: 3 });
  for (let k = 0; k < 1000; k++) {
    const result = env.step(act(observation));
    observation = result.observation;
    const { visited, tiles, progress, lapFinished } = result.info as Record<string, number | boolean>;
    assert.is(progress, Number(visited) / Number(tiles));
    assert.is(result.terminated, visited === tiles);
    assert.is(lapFinished, result.terminated);
    if (result.terminated) return;
  }
  assert.unreachable('the driver finishes its lap');
});

test('the pure pursuit completes laps above the threshold', () => {
  for (const options of [{}, { continuous: false }] satisfies CarRacingOptions[]) {
    const env = new CarRacingEnv(options);
    const act = CarRacingEnv.baselines['pure-pursuit']!(env);
    let { observation } = env.reset({ seed: 1 });
    let total = 0;
    for (let over = false; !over; ) {
      const result = env.step(act(observation));
      observation = result.observation;
      total += result.reward;
      over = result.terminated;
    }
    assert.ok(total > 900, `${JSON.stringify(options)}: ${total}`);
  }
});

test('a snapshot in mid-drive goes on exactly, in place and elsewhere, with the same pictures', () => {
  for (const options of [{}, { continuous: false, domainRandomize: true }] satisfies CarRacingOptions[]) {
    const env = new CarRacingEnv(options);
    const act = CarRacingEnv.baselines['pure-pursuit']!(env);
    let { observation } = env.reset({ seed: 5 });
    for (let k = 1; k <= 200; k++) {
      observation = env.step(act(observation)).observation;
      if (k !== 20 && k !== 200) continue;
      const snapshot = JSON.parse(JSON.stringify(env.snapshot()));
      const [pixels, scene] = [String(observation), JSON.stringify(env.render())];
      const other = new CarRacingEnv(options);
      other.reset({ seed: 8 });
      assert.is(String(other.restore(snapshot).observation), pixels);
      assert.is(JSON.stringify(other.render()), scene, 'the scene is the same, too');
      for (const one of [env, other]) one.actionSpace.seed(k);
      const expected = playSampled(env, 60);
      assert.equal(playSampled(other, 60), expected, `after ${k} steps`);
      env.actionSpace.seed(k);
      assert.is(String(env.restore(snapshot).observation), pixels);
      assert.equal(playSampled(env, 60), expected, `in place after ${k} steps`);
      ({ observation } = env.restore(snapshot));
    }
  }
});

test('the bare env reuses its picture and result; a scene changes nothing', () => {
  const [seen, unseen] = [new CarRacingEnv({ renderMode: 'scene' }), new CarRacingEnv()];
  assert.is(seen.render(), null);
  const { observation } = seen.reset({ seed: 2 });
  unseen.reset({ seed: 2 });
  const first = seen.step(GAS);
  unseen.step(GAS);
  for (let k = 0; k < 60; k++) {
    assert.is(seen.step(GAS), first);
    assert.is(first.observation, observation);
    assert.equal(unseen.step(GAS).observation, observation);
    seen.render();
  }
});

test('misuse is one clear error each', () => {
  const made = (options: object): unknown => new CarRacingEnv(options);
  const stepped = (options: object, action: unknown): unknown => {
    const env = new CarRacingEnv(options);
    env.reset({ seed: 0 });
    return env.step(action as number);
  };
  const reset = (options: object, given: unknown): unknown =>
    new CarRacingEnv(options).reset({ seed: 0, options: given as never });
  const discrete = { continuous: false };
  const pedals = /three finite numbers \[steering, gas, brake\]/;
  const table: [() => unknown, string, RegExp][] = [
    [
      () => made({ domain_randomize: true }),
      'UNKNOWN_ENV_OPTION',
      /no option 'domain_randomize'.*Did you mean 'domainRandomize'/,
    ],
    [() => made({ lapCompletPercent: 0.9 }), 'UNKNOWN_ENV_OPTION', /Did you mean 'lapCompletePercent'/],
    [() => made({ lapCompletePercent: 1.1 }), 'INVALID_ENV_OPTION', /'lapCompletePercent'.*from 0 to 1, got 1.1/],
    [() => made({ lapCompletePercent: -0.1 }), 'INVALID_ENV_OPTION', /'lapCompletePercent'.*got -0.1/],
    [() => made({ lapCompletePercent: Number.NaN }), 'INVALID_ENV_OPTION', /'lapCompletePercent'.*got NaN/],
    [() => made({ lapCompletePercent: '0.9' }), 'INVALID_ENV_OPTION', /'lapCompletePercent'/],
    [() => made({ continuous: 1 }), 'INVALID_ENV_OPTION', /'continuous' must be true or false, got 1/],
    [() => made({ domainRandomize: 'yes' }), 'INVALID_ENV_OPTION', /'domainRandomize' must be true or false/],
    [() => new CarRacingEnv().step(GAS), 'RESET_NEEDED', /call reset\(\)/],
    [() => stepped({}, 2), 'INVALID_ACTION', /three finite numbers.*got 2/],
    [() => stepped({}, null), 'INVALID_ACTION', pedals],
    [() => stepped({}, undefined), 'INVALID_ACTION', pedals],
    [() => stepped({}, Float32Array.of(0, 0)), 'INVALID_ACTION', /got \[0,0\]/],
    [() => stepped({}, Float32Array.of(0, 0, 0, 0)), 'INVALID_ACTION', /got \[0,0,0,0\]/],
    [() => stepped({}, Float32Array.of(0, Number.NaN, 0)), 'INVALID_ACTION', /got \[0,NaN,0\]/],
    [() => stepped({}, Float32Array.of(Number.POSITIVE_INFINITY, 0, 0)), 'INVALID_ACTION', /got \[Infinity,0,0\]/],
    [() => stepped(discrete, 5), 'INVALID_ACTION', /a whole number from 0 to 4, got 5/],
    [() => stepped(discrete, 1.5), 'INVALID_ACTION', /got 1.5/],
    [() => stepped(discrete, Number.NaN), 'INVALID_ACTION', /got NaN/],
    [() => stepped(discrete, GAS), 'INVALID_ACTION', /from 0 to 4, got \[0,0.3/],
    [() => reset({}, { colour: 1 }), 'INVALID_RESET_OPTION', /no option 'colour'.*It takes: randomize/],
    [() => reset({}, { randomise: true }), 'INVALID_RESET_OPTION', /Did you mean 'randomize'/],
    [() => reset({ domainRandomize: true }, { randomize: 1 }), 'INVALID_RESET_OPTION', /true or false, got 1/],
    [() => reset({}, { randomize: true }), 'INVALID_RESET_OPTION', /make it with \{ domainRandomize: true \}/],
  ];
  for (const [call, code, text] of table)
    throwsError(call, { code, kind: code === 'RESET_NEEDED' ? 'failure' : 'usage', says: [text] });
});

test('a world that blows up is a failure that names body, place and step', () => {
  const env = new CarRacingEnv();
  env.reset({ seed: 1 });
  env.step(GAS);
  for (const body of env.car.bodies) body.setTransform(3e6, 10, 0);
  throwsError(() => env.step(GAS), {
    code: 'PHYSICS_DIVERGED',
    kind: 'failure',
    says: ["body 'hull' is at (", 'after step 2'],
  });
  env.reset({ seed: 1 });
  env.step(GAS);
});

test.run();
