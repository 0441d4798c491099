// CarRacing-lidar-v3: what its numbers mean, and that its game is CarRacing's.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { LOOK_AHEAD } from '../../envs/car-racing/road-ahead.js';
import { CarRacingLidarEnv } from '../../envs/car-racing-lidar/car-racing-lidar.js';
import { PARTS, RAY_DEGREES, SCALES, SIZE } from '../../envs/car-racing-lidar/fields.js';
import type { LidarOptions } from '../../envs/car-racing-lidar/options.js';
import { make, spec } from '../../src/registration/index.js';
import { playSampled } from '../support/box2d-golden.js';
import { actionsOf, goldenDrives, hullOf, racingEnv } from '../support/car-racing-golden.js';
import { throwsError } from '../support/misuse.js';

const GAS = Float32Array.of(0, 0.3, 0);

/** Poses of a drive that goes straight on over the grass, and of the scripted driver's. */
function* poses(): Iterable<{
  readonly env: CarRacingLidarEnv;
  readonly observation: Float32Array;
  readonly where: string;
}> {
  for (const seed of [1, 4]) {
    for (const careful of [true, false]) {
      const env = new CarRacingLidarEnv();
      const act = CarRacingLidarEnv.baselines['pure-pursuit']!(env);
      let { observation } = env.reset({ seed });
      for (let k = 1; k <= 240; k++) {
        observation = env.step(careful ? act(observation) : Float32Array.of(k > 80 ? 0.3 : 0, 0.3, 0)).observation;
        if (k % 12 === 0)
          yield { env, observation, where: `seed ${seed}, ${careful ? 'driver' : 'open loop'}, step ${k}` };
      }
    }
  }
}

/** Distance along a ray to the nearest of all pieces of the road's borders, by brute force. */
function rayLength(env: CarRacingLidarEnv, degrees: number): number {
  const { car, track } = env;
  const angle = car.hull.angle + (degrees * Math.PI) / 180;
  const [rx, ry] = [-Math.sin(angle), Math.cos(angle)];
  let nearest = SCALES.RAY_RANGE.value as number;
  for (let i = 0; i < track.count; i++) {
    const [endLeft, endRight, startRight, startLeft] = track.tile(i) as [number, number][];
    for (const [a, b] of [
      [startLeft!, endLeft!],
      [startRight!, endRight!],
    ] as const) {
      const [ex, ey] = [b[0] - a[0], b[1] - a[1]];
      const [ax, ay] = [a[0] - car.hull.x, a[1] - car.hull.y];
      const cross = rx * ey - ry * ex;
      const along = (ax * ey - ay * ex) / cross;
      const share = (ax * ry - ay * rx) / cross;
      if (along >= 0 && share >= 0 && share <= 1) nearest = Math.min(nearest, along);
    }
  }
  return nearest;
}

test('spaces, limits and the number of elements', async () => {
  const { kwargs, maxEpisodeSteps, rewardThreshold } = spec('CarRacing-lidar-v3');
  assert.equal([kwargs, maxEpisodeSteps, rewardThreshold], [{}, 1000, 900]);
  const env = await make('CarRacing-lidar-v3');
  assert.equal(env.observationSpace.shape, [47]);
  assert.is(SIZE, 47);
  assert.is(env.metadata.fields!.observation.length, 47);
  assert.is(String(env.actionSpace), 'Box([-1.  0.  0.], 1.0, (3,), float32)');
  assert.is(String((await make('CarRacing-lidar-v3', { continuous: false })).actionSpace), 'Discrete(5)');
  const names = env.metadata.fields!.observation.map(({ name }) => name);
  for (const [part, name] of [
    [PARTS.speed, 'speed'],
    [PARTS.gas, 'gas'],
    [PARTS.grass, 'grass_front_left'],
    [PARTS.offset, 'offset'],
    [PARTS.lookAhead, 'bearing_5'],
  ] as const)
    assert.is(names[part], name);
});

test('rays end at the nearest border of the road', () => {
  let hits = 0;
  for (const { env, observation, where } of poses()) {
    RAY_DEGREES.forEach((degrees, k) => {
      const length = rayLength(env, degrees);
      if (length < SCALES.RAY_RANGE.value) hits++;
      assert.ok(
        Math.abs(observation[k]! * SCALES.RAY_RANGE.value - length) < 1e-3,
        `${where}, ${degrees} degrees: ${observation[k]! * SCALES.RAY_RANGE.value} m, ${length} m`,
      );
    });
  }
  assert.ok(hits > 200, `${hits} rays hit`);
});

test("the car's readings", () => {
  let grass = 0;
  for (const { env, observation, where } of poses()) {
    const { hull, wheels } = env.car;
    const [c, s] = [Math.cos(hull.angle), Math.sin(hull.angle)];
    const expected = [
      (c * hull.vy - s * hull.vx) / 50,
      -(c * hull.vx + s * hull.vy) / 50,
      hull.omega / 5,
      wheels[0]!.joint.angle / 0.4,
      wheels[2]!.gas,
      ...wheels.map(({ omega }) => omega / 100),
      ...wheels.map(({ tiles }) => (tiles > 0 ? 0 : 1)),
    ];
    expected.forEach((value, k) => {
      const ours = observation[PARTS.speed + k]!;
      assert.ok(Math.abs(ours - value) < 1e-5, `${where}, ${PARTS.speed + k}: ${ours}, ${value}`);
    });
    grass += Number(observation[PARTS.grass] === 1);
  }
  assert.ok(grass > 5, 'some poses are on the grass');
});

test('offset and heading: distance from the nearest point of the centre line, direction relative to the road', () => {
  for (const { env, observation, where } of poses()) {
    const { car, track } = env;
    const { x, y, angle } = car.hull;
    let nearest = 0;
    const square = (i: number): number => (track.x[i]! - x) ** 2 + (track.y[i]! - y) ** 2;
    for (let i = 0; i < track.count; i++) if (square(i) < square(nearest)) nearest = i;
    // Far off the road, another part of it may be nearer than the one that the car left.
    if (square(nearest) > 400) continue;
    const [beta, half] = [track.beta[nearest]!, 40 / 6];
    const left = -(Math.cos(beta) * (x - track.x[nearest]!) + Math.sin(beta) * (y - track.y[nearest]!));
    const value = Math.min(4, Math.max(-4, left / half));
    assert.ok(Math.abs(observation[PARTS.offset]! - value) < 1e-4, `${where}: offset ${value}`);
    const turn = angle - beta;
    assert.ok(Math.abs(observation[PARTS.headingSine]! - Math.sin(turn)) < 1e-5, `${where}: sine`);
    assert.ok(Math.abs(observation[PARTS.headingCosine]! - Math.cos(turn)) < 1e-5, `${where}: cosine`);
  }
});

test('the look-ahead: where the centre line goes, and how much it turns on the way', () => {
  const env = new CarRacingLidarEnv();
  const act = CarRacingLidarEnv.baselines['pure-pursuit']!(env);
  let { observation } = env.reset({ seed: 2 });
  const signs = new Set<number>();
  for (let k = 1; k <= 400; k++) {
    observation = env.step(act(observation)).observation;
    const { car, track } = env;
    const { x, y, angle } = car.hull;
    let nearest = 0;
    const square = (i: number): number => (track.x[i]! - x) ** 2 + (track.y[i]! - y) ** 2;
    for (let i = 0; i < track.count; i++) if (square(i) < square(nearest)) nearest = i;
    let [turned, before] = [0, 0];
    LOOK_AHEAD.forEach((distance, at) => {
      const bearing = observation[PARTS.lookAhead + 2 * at]!;
      turned += observation[PARTS.lookAhead + 2 * at + 1]! * 0.1 * (distance - before);
      before = distance;
      // The nearest point may be half a tile off: a whole one to either side contains the true place.
      const i = (nearest + Math.round(distance / 3.5)) % track.count;
      const [dx, dy] = [track.x[i]! - x, track.y[i]! - y];
      const left = -(Math.cos(angle) * dx + Math.sin(angle) * dy);
      assert.ok(Math.abs(bearing * distance - left) < 4, `step ${k}, ${distance} m: ${bearing * distance}, ${left}`);
      const turn = Math.atan2(
        Math.sin(track.beta[i]! - track.beta[nearest]!),
        Math.cos(track.beta[i]! - track.beta[nearest]!),
      );
      const off = Math.abs(Math.atan2(Math.sin(turned - turn), Math.cos(turned - turn)));
      assert.ok(off < 0.65, `step ${k}, ${distance} m: turned ${turned}, ${turn}`);
      if (Math.abs(turn) > 0.8) signs.add(Math.sign(turn));
    });
  }
  assert.is(signs.size, 2, 'bends to both sides were met');
});

test("states, rewards, ends and infos are CarRacing's for the same actions", () => {
  for (const recorded of goldenDrives().episodes.filter(({ seed }) => seed <= 2)) {
    const pixels = racingEnv(recorded);
    const lidar = new CarRacingLidarEnv({ continuous: pixels.options.continuous });
    assert.equal(lidar.reset({ seed: recorded.seed }).info, pixels.reset({ seed: recorded.seed }).info);
    for (const action of actionsOf(recorded)) {
      const [a, b] = [lidar.step(action), pixels.step(action)];
      assert.equal([a.reward, a.terminated, a.info], [b.reward, b.terminated, b.info]);
      assert.equal(hullOf(lidar), hullOf(pixels));
    }
  }
});

test('the pure pursuit, which reads the observation, completes the lap on each of 20 tracks, above the threshold on average', () => {
  const env = new CarRacingLidarEnv();
  const act = CarRacingLidarEnv.baselines['pure-pursuit']!(env);
  const returns: number[] = [];
  let laps = 0;
  for (let seed = 100; seed < 120; seed++) {
    let { observation } = env.reset({ seed });
    let total = 0;
    for (let k = 0; k < 1000; k++) {
      const result = env.step(act(observation));
      observation = result.observation;
      total += result.reward;
      if (!result.terminated) continue;
      laps += Number(result.info['lapFinished']);
      break;
    }
    returns.push(total);
  }
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  assert.is(laps, returns.length, 'every lap is complete');
  assert.ok(mean > 910 && Math.min(...returns) > 895, `mean ${mean}, worst ${Math.min(...returns)}`);
});

test('a snapshot in mid-drive goes on exactly, in place and elsewhere', () => {
  for (const options of [{}, { continuous: false }] satisfies LidarOptions[]) {
    const env = new CarRacingLidarEnv(options);
    const act = CarRacingLidarEnv.baselines['pure-pursuit']!(env);
    let { observation } = env.reset({ seed: 7 });
    for (let k = 1; k <= 150; k++) observation = env.step(act(observation)).observation;
    const snapshot = JSON.parse(JSON.stringify(env.snapshot()));
    const seen = String(observation);
    const other = new CarRacingLidarEnv(options);
    assert.is(String(other.restore(snapshot).observation), seen);
    for (const one of [env, other]) one.actionSpace.seed(3);
    const expected = playSampled(env, 120);
    assert.equal(playSampled(other, 120), expected);
    env.actionSpace.seed(3);
    assert.is(String(env.restore(snapshot).observation), seen);
    assert.equal(playSampled(env, 120), expected);
  }
});

test('misuse is one clear error each', () => {
  const made = (options: object): unknown => new CarRacingLidarEnv(options);
  const stepped = (options: object, action: unknown): unknown => {
    const env = new CarRacingLidarEnv(options);
    env.reset({ seed: 0 });
    return env.step(action as number);
  };
  const reset = (options: object): unknown => new CarRacingLidarEnv().reset({ seed: 0, options: options as never });
  const table: [() => unknown, string, RegExp][] = [
    [() => made({ lap_complete_percent: 0.9 }), 'UNKNOWN_ENV_OPTION', /Did you mean 'lapCompletePercent'/],
    [() => made({ domainRandomize: true }), 'UNKNOWN_ENV_OPTION', /no option 'domainRandomize'.*It takes: lapComplete/],
    [() => made({ lapCompletePercent: 2 }), 'INVALID_ENV_OPTION', /from 0 to 1, got 2/],
    [() => made({ continuous: 'no' }), 'INVALID_ENV_OPTION', /'continuous' must be true or false/],
    [() => new CarRacingLidarEnv().step(GAS), 'RESET_NEEDED', /call reset\(\)/],
    [() => stepped({}, Float32Array.of(0, 0)), 'INVALID_ACTION', /three finite numbers.*got \[0,0\]/],
    [() => stepped({}, Float32Array.of(0, 0, Number.NaN)), 'INVALID_ACTION', /got \[0,0,NaN\]/],
    [() => stepped({ continuous: false }, -1), 'INVALID_ACTION', /from 0 to 4, got -1/],
    [() => reset({ randomize: true }), 'INVALID_RESET_OPTION', /no option 'randomize'.*It takes none/],
  ];
  for (const [call, code, text] of table)
    throwsError(call, { code, kind: code === 'RESET_NEEDED' ? 'failure' : 'usage', says: [text] });
});

test('the bare env reuses its observation and result', () => {
  const env = new CarRacingLidarEnv();
  const { observation } = env.reset({ seed: 1 });
  const first = env.step(GAS);
  assert.is(env.step(GAS), first);
  assert.is(first.observation, observation);
});

test.run();
