// Statistics of Gymnasium's CarRacing (a copy of the oracle's in car-racing-probes.json): speed, braking and turning of the car alone, returns.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { CarRacingEnv } from '../../envs/car-racing/car-racing.js';
import { CarRacingLidarEnv } from '../../envs/car-racing-lidar/car-racing-lidar.js';
import { moments, playSeeds, seedsFrom, unpack } from '../support/box2d-golden.js';
import { goldenProbes, playProbe } from '../support/car-racing-golden.js';

const { probes, oracle } = goldenProbes();
const COLUMNS = ['speed', 'forward speed', 'yaw rate', 'front wheel', 'rear wheel'];
/** All but the yaw rate, which grows from rounding errors where the car should go straight. */
const STRAIGHT = [0, 1, 3, 4];
type Rows = readonly (readonly number[])[];
const alone = (tarmac: boolean, ...phases: [number, number, number, number][]): number[][] =>
  playProbe({ tarmac, angle: 0, phases });

/** Whether two numbers differ by less than 3 % of the larger or by a small `floor`. */
function near(ours: number, theirs: number, where: string, floor = 0.05): void {
  const off = Math.abs(ours - theirs);
  assert.ok(off <= 0.03 * Math.max(Math.abs(ours), Math.abs(theirs)) || off <= floor, `${where}: ${ours}, ${theirs}`);
}

function nearRows(ours: Rows, theirs: Rows, where: string, columns = [0, 1, 2, 3, 4]): void {
  assert.is(ours.length, theirs.length, where);
  ours.forEach((row, k) => {
    for (const c of columns) near(row[c]!, theirs[k]![c]!, `${where}, ${COLUMNS[c]} of row ${k}`);
  });
}

for (const [k, probe] of probes.entries()) {
  const phases = JSON.stringify(probe.phases);
  test(`probe ${k + 1}, ${probe.tarmac ? 'tarmac' : 'grass'}, turned ${probe.angle} rad, ${phases}: every row`, () => {
    const rows = playProbe(probe);
    const expected = new Float64Array(unpack(probe.rows_f8));
    assert.is(rows.length * COLUMNS.length, expected.length);
    rows.forEach((row, at) => {
      row.forEach((value, c) => {
        // Speeds are float64 arithmetic of the recording's on float32 velocities: Node's and Python's last bits differ.
        const off = Math.abs(value - expected[COLUMNS.length * at + c]!);
        assert.ok(off < 1e-12, `${COLUMNS[c]} of row ${at}: off by ${off}`);
      });
      assert.is(row[2], expected[COLUMNS.length * at + 2], `yaw rate of row ${at}, to the bit`);
    });
  });
}

for (const ground of ['tarmac', 'grass'] as const) {
  const tarmac = ground === 'tarmac';
  test(`full gas on ${ground}: speed against time within 3 % of the oracle`, () => {
    const expected = oracle.probes[`full_gas_${ground}`] as Rows;
    const rows = alone(tarmac, [250, 0, 1, 0]);
    nearRows(
      expected.map((_, k) => rows[5 * k]!),
      expected,
      `full gas, ${ground}`,
      STRAIGHT,
    );
    // On grass the car has spun by then, which any rounding decides.
    if (tarmac) near(rows[249]![0]!, oracle.probes.speed_after_250_steps_tarmac as number, 'speed after 250 steps');
  });
}

for (const brake of [0.5, 1]) {
  test(`brake ${brake.toFixed(1)} on tarmac: distance, time and speeds within 3 % of the oracle`, () => {
    const expected = oracle.probes[`braking_${brake.toFixed(1)}_tarmac`] as {
      readonly speed_at_start: number;
      readonly distance: number;
      readonly rows_every_5: Rows;
      readonly 'steps_to_speed_below_0.5': number;
    };
    const rows = alone(true, [250, 0, 1, 0], [100, 0, 0, brake]).slice(249);
    near(rows[0]![0]!, expected.speed_at_start, 'speed at the start');
    const braked = rows.slice(1);
    nearRows(
      expected.rows_every_5.map((_, k) => braked[5 * k]!),
      expected.rows_every_5,
      `brake ${brake}`,
    );
    assert.is(
      braked.findIndex(([speed]) => speed! < 0.5),
      expected['steps_to_speed_below_0.5'],
    );
    near(
      braked.reduce((sum, [speed]) => sum + speed! / 50, 0),
      expected.distance,
      'distance',
    );
  });
}

for (const steer of [0.1, 0.3, 1]) {
  for (const gas of [0.05, 0.2]) {
    const name = `steer_${steer === 1 ? '1.0' : steer}_gas_${gas}`;
    test(`${name}: speed and yaw rate within 3 % of the oracle`, () => {
      const { rows_every_10, last_50_mean } = oracle.probes[name] as { rows_every_10: Rows; last_50_mean: number[] };
      const rows = alone(true, [60, 0, 0.5, 0], [240, steer, gas, 0]).slice(60);
      nearRows(
        rows_every_10.map((_, k) => rows[10 * k]!),
        rows_every_10,
        name,
      );
      const last = rows.slice(-50);
      COLUMNS.forEach((column, c) => {
        near(moments(last.map((row) => row[c]!)).mean, last_50_mean[c]!, `mean ${column} of the last 50 steps`);
      });
    });
  }
}

test('tiles of the tracks of 20 seeds', () => {
  const env = new CarRacingEnv();
  const seeds = seedsFrom(10_000, oracle.track_tiles_list.length);
  assert.equal(
    seeds.map((seed) => {
      env.reset({ seed });
      return env.track.count;
    }),
    oracle.track_tiles_list,
  );
});

test('tiles of the tracks of 60 seeds: mean, deviation and extremes', () => {
  const env = new CarRacingLidarEnv();
  const { n, mean, sd, min, max } = oracle.track_tiles;
  const tiles = seedsFrom(10_000, n).map((seed) => {
    env.reset({ seed });
    return env.track.count;
  });
  const ours = moments(tiles);
  assert.ok(Math.abs(ours.mean - mean) < 1e-9 && Math.abs(ours.sd - sd) < 1e-9, JSON.stringify(ours));
  assert.equal([Math.min(...tiles), Math.max(...tiles)], [min, max]);
});

/** The controllers of the oracle's episodes. */
const CONTROLLERS = {
  random: (env: CarRacingLidarEnv, seed: number) => {
    env.actionSpace.seed(seed);
    return () => env.actionSpace.sample();
  },
  'gas_0.3_straight': () => () => Float32Array.of(0, 0.3, 0),
} as const;
for (const policy of ['random', 'gas_0.3_straight'] as const) {
  test(`${policy}: returns and lengths of ${oracle[policy].episodes} episodes`, () => {
    // The lidar's env: the same game, and quicker.
    const env = new CarRacingLidarEnv();
    const { episodes, first_20: first, return: expected } = oracle[policy];
    const { returns, lengths } = playSeeds(env, seedsFrom(10_000, episodes), 1000, (seed) =>
      CONTROLLERS[policy](env, seed),
    );
    assert.equal(
      lengths,
      first.map(([, steps]) => steps),
    );
    const error = 2 * (expected.sd / Math.sqrt(expected.n));
    const { mean } = moments(returns);
    assert.ok(Math.abs(mean - expected.mean) <= error, `mean return ${mean}, expected ${expected.mean} +- ${error}`);
    const same = first.filter(([total], k) => Math.abs(total - returns[k]!) < 1e-6);
    assert.is(same.length, episodes, 'every episode has the return that it had there');
  });
}

test('masses and moments of inertia', () => {
  const env = new CarRacingEnv();
  env.reset({ seed: 0 });
  const { hull, wheels } = env.car;
  const { hull_mass, hull_inertia, wheel_mass, wheel_inertia } = oracle.bodies;
  assert.equal([hull.mass, hull.inertia], [hull_mass, hull_inertia]);
  for (const { body } of wheels) assert.equal([body.mass, body.inertia], [wheel_mass, wheel_inertia]);
});

test.run();
