/** Golden data of CarRacing (test/golden/box2d/car-racing-*.json, whose fields scripts/transfer/golden_car_racing.py describes) and their replay. */
import { Car } from '../../envs/car-racing/car.js';
import { CarRacingEnv } from '../../envs/car-racing/car-racing.js';
import type { CarRacingGame, RacingAction } from '../../envs/car-racing/game.js';
import { crc32 } from '../../src/core/crc32.js';
import type { Json, JsonObject } from '../../src/core/json.js';
import { World } from '../../src/physics/index.js';
import { camel, type PolicyStats, readBox2d, unpack } from './box2d-golden.js';

interface Case {
  readonly seed: number;
  readonly kwargs: Readonly<Record<string, Json>>;
}
interface Driven extends Case {
  readonly policy: 'pursuit' | 'fast' | 'random' | 'wild' | 'straight';
  readonly actions_f4?: string;
  readonly actions_u1?: string;
}

/** A track: `points_f8` has a row of cross-section's direction, x and y for each tile. */
export interface GoldenTrack extends Case {
  readonly options: JsonObject | null;
  readonly tiles: number;
  readonly points_f8: string;
  /** A digit for each tile: 0 no kerb, 1 a white one, 2 a red one. */
  readonly kerbs: string;
  /** Colours are not recorded where they are the operating system's. */
  readonly road_color?: readonly number[];
  readonly bg_color?: readonly number[];
  readonly grass_color?: readonly number[];
  readonly generator: string;
}

/** An episode step by step. */
export interface GoldenDrive extends Driven {
  readonly steps: number;
  readonly terminated: boolean;
  readonly states_f4: string;
  readonly wheels_f8: string;
  readonly rewards_f8: string;
}

/** A whole episode by its checksum. */
export interface GoldenRound extends Driven {
  readonly steps: number;
  readonly terminated: boolean;
  readonly lap_finished: boolean;
  readonly visited: number;
  readonly return: number;
  readonly crc: number;
}

/** An episode with pictures after some steps. */
export interface Film extends Driven {
  readonly options: JsonObject | null;
  readonly frames: readonly { readonly step: number; readonly pixels_u1: string }[];
}

/** The car alone; a row is speed, forward speed, yaw rate, and the speeds of a front and a rear wheel. */
export interface GoldenProbe {
  readonly tarmac: boolean;
  readonly angle: number;
  /** Steps, steering (positive to the right), gas, brake. */
  readonly phases: readonly (readonly [number, number, number, number])[];
  readonly rows_f8: string;
}

interface Distribution {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}
/** A copy of what the tests need of the oracle's statistics (shared/oracles/box2d/stats.json). */
export interface RacingOracle {
  readonly random: PolicyStats;
  readonly 'gas_0.3_straight': PolicyStats;
  readonly track_tiles: Distribution;
  readonly track_tiles_list: readonly number[];
  readonly bodies: Readonly<Record<'hull_mass' | 'hull_inertia' | 'wheel_mass' | 'wheel_inertia', number>>;
  readonly probes: Readonly<Record<string, unknown>>;
}

const read = <T>(name: string): T => readBox2d<T>(`car-racing-${name}`);
export const goldenTracks = (): readonly GoldenTrack[] => read<{ tracks: GoldenTrack[] }>('tracks').tracks;
export const goldenDrives = (): {
  readonly episodes: readonly GoldenDrive[];
  readonly digests: readonly GoldenRound[];
} => read('episodes');
export const goldenFilms = (): readonly Film[] => read<{ films: Film[] }>('frames').films;
export const goldenProbes = (): { readonly probes: readonly GoldenProbe[]; readonly oracle: RacingOracle } =>
  read('probes');

/** A case's env, without wrappers. */
export function racingEnv({ kwargs }: Pick<Case, 'kwargs'>): CarRacingEnv {
  return new CarRacingEnv(Object.fromEntries(Object.entries(kwargs).map(([name, value]) => [camel(name), value])));
}

/** What a case is, for messages. */
export function titleOf({ seed, kwargs, policy }: Driven): string {
  const words = Object.keys(kwargs).length === 0 ? '' : ` ${JSON.stringify(kwargs)}`;
  return `CarRacing${words}, ${policy}, seed ${seed}`;
}

/** The recorded actions, one a step. */
export function actionsOf({ actions_f4, actions_u1 }: Driven): RacingAction[] {
  if (actions_f4 === undefined) return Array.from(new Uint8Array(unpack(actions_u1!)));
  const all = new Float32Array(unpack(actions_f4));
  return Array.from({ length: all.length / 3 }, (_, k) => all.subarray(3 * k, 3 * k + 3));
}

/** x, y, angle, vx, vy and yaw rate of the hull as the recordings have them. */
export function hullOf({ car: { hull } }: CarRacingGame<unknown>): Float32Array {
  return Float32Array.of(hull.x, hull.y, hull.angle, hull.vx, hull.vy, hull.omega);
}

/** What a replay of a whole episode came to. */
export interface Round {
  readonly steps: number;
  readonly terminated: boolean;
  readonly lapFinished: boolean;
  readonly visited: number;
  readonly total: number;
  readonly crc: number;
}

/** Drives an env from a seed with actions until they or the episode end. */
export function drive(env: CarRacingGame<unknown>, seed: number, actions: readonly RacingAction[]): Round {
  let { info } = env.reset({ seed });
  let crc = crc32(new Uint8Array(hullOf(env).buffer));
  let total = 0;
  let terminated = false;
  let steps = 0;
  for (const action of actions) {
    const result = env.step(action);
    ({ terminated, info } = result);
    crc = crc32(new Uint8Array(hullOf(env).buffer), crc);
    total += result.reward;
    steps++;
    if (terminated) break;
  }
  const { lapFinished, visited } = info as { readonly lapFinished: boolean; readonly visited: number };
  return { steps, terminated, lapFinished, visited, total, crc };
}

/** Mean and largest difference of the pictures' bytes, of 255, for each recorded frame. */
export function filmDifferences(film: Film): { readonly step: number; readonly mean: number; readonly most: number }[] {
  const env = racingEnv(film);
  const actions = actionsOf(film);
  const { observation } = env.reset({ seed: film.seed, options: film.options ?? {} });
  let at = 0;
  return film.frames.map(({ step, pixels_u1 }) => {
    for (; at < step; at++) env.step(actions[at]!);
    const expected = new Uint8Array(unpack(pixels_u1));
    const off = expected.map((value, k) => Math.abs(value - observation[k]!));
    return { step, mean: off.reduce((sum, value) => sum + value, 0) / off.length, most: Math.max(...off) };
  });
}

/** Drives the car alone on endless tarmac or grass: rows as in `GoldenProbe`. */
export function playProbe({ tarmac, angle, phases }: Omit<GoldenProbe, 'rows_f8'>): number[][] {
  const world = new World({ gravity: [0, 0] });
  const car = new Car(world, angle, 0, 0);
  for (const wheel of car.wheels) wheel.tiles = Number(tarmac);
  const rows: number[][] = [];
  for (const [steps, steer, gas, brake] of phases) {
    for (let k = 0; k < steps; k++) {
      car.steer(-steer);
      car.gas(gas);
      car.brake(brake);
      car.step(1 / 50);
      world.step(1 / 50, 180, 60);
      const { vx, vy, omega } = car.hull;
      const forward = car.hull.worldVectorX(0, 1) * vx + car.hull.worldVectorY(0, 1) * vy;
      rows.push([Math.hypot(vx, vy), forward, omega, car.wheels[0]!.omega, car.wheels[2]!.omega]);
    }
  }
  return rows;
}
