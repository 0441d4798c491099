/**
 * A scripted driver: pure pursuit of a point ahead on the centre line (Coulter, "Implementation of the pure pursuit path tracking
 * algorithm", 1992), at the speed that the bends ahead allow.
 */
import type { CarRacingGame, RacingAction } from './game.js';
import { LOOK_AHEAD, RoadAhead } from './road-ahead.js';

/** Lateral acceleration that the driver allows itself, m/s^2: the four tyres hold 219 on the road. */
const LATERAL_ACCELERATION = 160;
/** Deceleration with which it plans to slow down before bends, m/s^2. */
const BRAKING = 80;
/** Metres by which it wants to have slowed down earlier. */
const BRAKING_MARGIN = 8;
const TOP_SPEED = 90;
/** It aims at the road so far ahead: some metres, and the way of so many seconds. */
const AIM_DISTANCE = 10.5;
const AIM_SECONDS = 0.15;
const STEER_GAIN = 2;
/** Gas and brake for each m/s that it is too slow or too fast, and at most. */
const GAS_GAIN = 0.05;
const MOST_GAS = 0.5;
const BRAKE_GAIN = 0.02;
const MOST_BRAKE = 0.8;
/** From which steering, gas and brake on the five choices use them. */
const STEER_CHOICE = 0.4;
const GAS_CHOICE = 0.02;
const BRAKE_CHOICE = 0.05;

/**
 * The driver's action from what it sees. Bearings and curvatures are those of `LOOK_AHEAD`.
 * @param speed m/s
 * @param action receives steering, gas and brake
 */
export function pursue(
  speed: number,
  bearing: ArrayLike<number>,
  curvature: ArrayLike<number>,
  action: Float32Array,
): void {
  const last = LOOK_AHEAD.length - 1;
  const aim = AIM_DISTANCE + AIM_SECONDS * speed;
  let k = 1;
  while (k < last && LOOK_AHEAD[k]! < aim) k++;
  const share = Math.min(1, (aim - LOOK_AHEAD[k - 1]!) / (LOOK_AHEAD[k]! - LOOK_AHEAD[k - 1]!));
  const target = bearing[k - 1]! + share * (bearing[k]! - bearing[k - 1]!);
  let square = TOP_SPEED * TOP_SPEED;
  let from = 0;
  for (let i = 0; i <= last; i++) {
    const room = from - BRAKING_MARGIN;
    const allowed = LATERAL_ACCELERATION / (Math.abs(curvature[i]!) + 1e-4) + (room > 0 ? 2 * BRAKING * room : 0);
    if (allowed < square) square = allowed;
    from = LOOK_AHEAD[i]!;
  }
  const missing = Math.sqrt(square) - speed;
  const steering = -STEER_GAIN * target;
  action[0] = steering > 1 ? 1 : Math.max(steering, -1);
  action[1] = missing > 0 ? Math.min(MOST_GAS, GAS_GAIN * missing) : 0;
  action[2] = missing < 0 ? Math.min(MOST_BRAKE, -BRAKE_GAIN * missing) : 0;
}

/** The one of five choices that comes nearest to steering, gas and brake. */
export function choiceOf(action: Float32Array): number {
  if (action[2]! > BRAKE_CHOICE) return 4;
  if (action[0]! > STEER_CHOICE) return 1;
  if (action[0]! < -STEER_CHOICE) return 2;
  return action[1]! > GAS_CHOICE ? 3 : 0;
}

/** The driver of an env whose observation it does not need: it knows the track. The returned action is reused. */
export function purePursuit<Obs>(
  env: CarRacingGame<Obs> & { readonly options: { readonly continuous: boolean } },
): (observation: Obs) => RacingAction {
  const road = new RoadAhead();
  const action = new Float32Array(3);
  return () => {
    const { hull } = env.car;
    const { vx, vy } = hull;
    road.look(env.track, hull.x, hull.y, hull.angle);
    pursue(Math.sqrt(vx * vx + vy * vy), road.bearing, road.curvature, action);
    return env.options.continuous ? action : choiceOf(action);
  };
}
