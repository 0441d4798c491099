/** How close CarRacing is to Gymnasium's: rows for the tables of fidelity.ts, from the recordings in test/golden/box2d. */
import { CarRacingLidarEnv } from '../envs/car-racing-lidar/car-racing-lidar.js';
import { FIRST_SEED, moments, type PolicyStats, playSeeds, seedsFrom, unpack } from '../test/support/box2d-golden.js';
import {
  actionsOf,
  drive,
  filmDifferences,
  type GoldenDrive,
  goldenDrives,
  goldenFilms,
  goldenProbes,
  goldenTracks,
  hullOf,
  playProbe,
  racingEnv,
} from '../test/support/car-racing-golden.js';
import { figures, type ReturnsRow, sameEpisodes } from './fidelity-rows.js';

/** Rows of returns: the oracle's open-loop controllers, and the recorded drivers with the actions that they took there. */
export function racingReturns(): ReturnsRow[] {
  const { oracle } = goldenProbes();
  const open = (
    what: string,
    stats: PolicyStats,
    start: (env: CarRacingLidarEnv, seed: number) => () => unknown,
  ): ReturnsRow => {
    const env = new CarRacingLidarEnv();
    const outcome = playSeeds(env, seedsFrom(FIRST_SEED, stats.episodes), 1000, (seed) => start(env, seed));
    const { mean, sd, n } = stats.return;
    return {
      what,
      seeds: stats.episodes,
      there: [mean, sd / Math.sqrt(n), stats.outcome_fraction['off_field'] ?? 0],
      here: figures(outcome.returns, outcome.failed),
      same: sameEpisodes(
        outcome,
        stats.first_20.map(([total]) => total),
        stats.first_20.map(([, steps]) => steps),
      ),
    };
  };
  const recorded = (policy: 'pursuit' | 'fast'): ReturnsRow => {
    const rounds = goldenDrives().digests.filter(
      (one) => one.policy === policy && Object.keys(one.kwargs).length === 0,
    );
    const ours = rounds.map((one) => drive(racingEnv(one), one.seed, actionsOf(one)));
    return {
      what: `CarRacing-v3, recorded ${policy === 'fast' ? 'fast driver' : 'driver'}`,
      seeds: rounds.length,
      there: figures(
        rounds.map((one) => one.return),
        rounds.map((one) => one.terminated && !one.lap_finished),
      ),
      here: figures(
        ours.map(({ total }) => total),
        ours.map(({ terminated, lapFinished }) => terminated && !lapFinished),
      ),
      same: [ours.filter(({ crc }, k) => crc === rounds[k]!.crc).length, rounds.length],
    };
  };
  return [
    open('CarRacing-v3, random', oracle.random, (env, seed) => {
      env.actionSpace.seed(seed);
      return () => env.actionSpace.sample();
    }),
    open('CarRacing-v3, straight on', oracle['gas_0.3_straight'], () => () => Float32Array.of(0, 0.3, 0)),
    recorded('pursuit'),
    recorded('fast'),
  ];
}

function tracks(): string {
  const all = goldenTracks();
  let most = 0;
  const equal = all.filter((track) => {
    const env = racingEnv(track);
    env.reset({ seed: track.seed, options: track.options ?? {} });
    const points = new Float64Array(unpack(track.points_f8));
    for (let i = 0; i < track.tiles; i++) {
      most = Math.max(
        most,
        Math.abs(env.track.x[i]! - points[3 * i + 1]!),
        Math.abs(env.track.y[i]! - points[3 * i + 2]!),
      );
    }
    return env.track.count === track.tiles && String(env.rng.state.state) === track.generator;
  });
  return `${equal.length} of ${all.length} have the same tiles and leave the same generator; no point is off by more than ${most.toExponential(1)} m`;
}

function sameDrive(recorded: GoldenDrive): boolean {
  const env = racingEnv(recorded);
  const states = new Float32Array(unpack(recorded.states_f4));
  const rewards = new Float64Array(unpack(recorded.rewards_f8));
  const same = (k: number): boolean => hullOf(env).every((value, c) => value === states[6 * k + c]);
  env.reset({ seed: recorded.seed });
  return same(0) && actionsOf(recorded).every((action, k) => env.step(action).reward === rewards[k] && same(k + 1));
}

function pictures(): string {
  const frames = goldenFilms().flatMap(filmDifferences);
  const mean = moments(frames.map((frame) => frame.mean)).mean;
  const worst = Math.max(...frames.map((frame) => frame.mean));
  const most = Math.max(...frames.map((frame) => frame.most));
  return `${frames.length} pictures: bytes differ by ${mean.toFixed(3)} of 255 on average, by ${worst.toFixed(3)} in the worst picture, and no byte by more than ${most}`;
}

/** A line for each comparison, `| what | Gymnasium | Gymkhana |`. */
export function racingFigures(): string[] {
  const { episodes, digests } = goldenDrives();
  const { probes: expected } = goldenProbes().oracle;
  const equal = episodes.filter(sameDrive).length;
  const whole = digests.filter((one) => drive(racingEnv(one), one.seed, actionsOf(one)).crc === one.crc).length;
  const alone = (...phases: [number, number, number, number][]): number[][] =>
    playProbe({ tarmac: true, angle: 0, phases });
  const row = (what: string, there: number, here: number): string =>
    `| ${what} | ${there.toFixed(3)} | ${here.toFixed(3)} |`;
  const full = alone([250, 0, 1, 0]);
  const lines = [
    `| tracks | | ${tracks()} |`,
    `| drives step by step: pose, velocities, rewards | | ${equal} of ${episodes.length} are the same bits |`,
    `| whole episodes by checksum | | ${whole} of ${digests.length} are the same |`,
    `| pictures | | ${pictures()} |`,
    row(
      'full gas on tarmac, speed after 250 steps, m/s',
      expected['speed_after_250_steps_tarmac'] as number,
      full[249]![0]!,
    ),
  ];
  for (const brake of [0.5, 1]) {
    const { distance } = expected[`braking_${brake.toFixed(1)}_tarmac`] as { readonly distance: number };
    const rows = alone([250, 0, 1, 0], [100, 0, 0, brake]).slice(250);
    const ours = rows.reduce((sum, [speed]) => sum + speed! / 50, 0);
    lines.push(row(`brake ${brake} on tarmac from 100 m/s, distance, m`, distance, ours));
  }
  for (const [steer, gas] of [
    [0.1, 0.05],
    [0.1, 0.2],
    [0.3, 0.05],
    [0.3, 0.2],
    [1, 0.05],
    [1, 0.2],
  ] as const) {
    const { last_50_mean } = expected[`steer_${steer === 1 ? '1.0' : steer}_gas_${gas}`] as { last_50_mean: number[] };
    const rows = alone([60, 0, 0.5, 0], [240, steer, gas, 0]).slice(-50);
    const mean = moments(rows.map((values) => values[2]!)).mean;
    lines.push(row(`steering ${steer}, gas ${gas} on tarmac: yaw rate, rad/s`, last_50_mean[2]!, mean));
  }
  return lines;
}
