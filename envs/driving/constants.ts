/** Every number of the driving task: value, SI unit, what it means and where it comes from. The README's table is made from it. */

/** One constant of a task. */
export interface Constant {
  readonly value: number;
  /** SI; `1` for a pure number. */
  readonly unit: string;
  readonly about: string;
  readonly source: string;
}

const CHOICE = 'chosen for this task';

/** The constants by name. */
export const CONSTANTS = {
  PHYSICS_STEP: {
    value: 0.04,
    unit: 's',
    about: 'Duration of one physics step.',
    source:
      'the stiffest mode of the car (tyres at 5 m/s and more) stays below 1 / step; slower, the sticking limit damps it',
  },
  PHYSICS_STEPS: {
    value: 2,
    unit: '1',
    about: 'Physics steps in one step of the env, which holds its action for them: the driver decides at 12.5 Hz.',
    source: CHOICE,
  },
  GRAVITY: { value: 9.81, unit: 'm/s^2', about: 'Acceleration of gravity.', source: 'standard gravity, rounded' },
  CAR_MASS: {
    value: 1100,
    unit: 'kg',
    about: 'Mass of the car with its driver.',
    source: 'a light two-seat sports car',
  },
  CAR_LENGTH: { value: 4, unit: 'm', about: 'Length of the body.', source: 'a light two-seat sports car' },
  CAR_WIDTH: { value: 1.8, unit: 'm', about: 'Width of the body.', source: 'a light two-seat sports car' },
  FRONT_AXLE: {
    value: 1.2,
    unit: 'm',
    about: 'Distance of the front axle from the centre of mass.',
    source: 'wheelbase 2.4 m, mass evenly on both axles',
  },
  REAR_AXLE: {
    value: 1.2,
    unit: 'm',
    about: 'Distance of the rear axle from the centre of mass.',
    source: 'wheelbase 2.4 m, mass evenly on both axles',
  },
  GRIP: {
    value: 1,
    unit: '1',
    about:
      'Friction coefficient of tyre and asphalt: an axle transmits at most this share of its load, in any direction.',
    source: 'dry asphalt, 0.8 to 1.1 (Gillespie, Fundamentals of Vehicle Dynamics, ch. 10)',
  },
  CORNERING_STIFFNESS: {
    value: 12,
    unit: '1/rad',
    about: 'Lateral force of an axle per radian of slip angle, as a share of its load, below the friction limit.',
    source: '0.16 to 0.22 per degree (Gillespie, ch. 6)',
  },
  STEER_LIMIT: {
    value: 0.5,
    unit: 'rad',
    about: 'Largest angle of the front wheels.',
    source: 'about 29 degrees, usual for cars',
  },
  STEER_RATE: {
    value: 2.5,
    unit: 'rad/s',
    about: 'Largest rate of the front wheels.',
    source: 'a fast driver: 2 turns of the wheel a second at a ratio of 15 give about 0.8; an electric actuator 2 to 4',
  },
  DRIVE_FORCE: {
    value: 6000,
    unit: 'N',
    about: 'Largest driving force, on both axles in proportion to their load.',
    source: '0 to 100 km/h in about 6 s',
  },
  DRIVE_POWER: { value: 75_000, unit: 'W', about: 'Largest driving power.', source: '100 hp' },
  BRAKE_FORCE: {
    value: 11_000,
    unit: 'N',
    about:
      'Largest braking force, on both axles in proportion to their load; just beyond the grip, so that full braking slides.',
    source: '1.02 of the weight of the car',
  },
  DRAG: {
    value: 0.45,
    unit: 'kg/m',
    about: 'Air resistance divided by the square of the speed.',
    source: 'half of 1.2 kg/m^3 x 0.4 x 1.9 m^2',
  },
  ROLLING: {
    value: 0.015,
    unit: '1',
    about: 'Rolling resistance as a share of the weight.',
    source: 'car tyres on asphalt, 0.010 to 0.015 (Gillespie, ch. 4)',
  },
  SLIP_SPEED: {
    value: 0.5,
    unit: 'm/s',
    about: 'Speed below which slip angles are computed as if rolling this fast.',
    source: 'keeps the slip angle defined at rest',
  },
  ROAD_HALF_WIDTH_MIN: { value: 4, unit: 'm', about: 'Least half width of a road.', source: CHOICE },
  ROAD_HALF_WIDTH_MAX: { value: 5, unit: 'm', about: 'Largest half width of a road.', source: CHOICE },
  VERGE: { value: 1.5, unit: 'm', about: 'Distance of the barriers from the edges of the road.', source: CHOICE },
  MEAN_RADIUS_LOW: { value: 46, unit: 'm', about: 'Least mean radius of a track around its origin.', source: CHOICE },
  MEAN_RADIUS_HIGH: {
    value: 60,
    unit: 'm',
    about: 'Largest mean radius of a track around its origin.',
    source: CHOICE,
  },
  MAX_STRETCH: {
    value: 1.4,
    unit: '1',
    about: 'Largest factor by which a track is stretched along one axis.',
    source: CHOICE,
  },
  MIN_RADIUS_LOW: {
    value: 8.5,
    unit: 'm',
    about: 'The tightest bend of a track has at least this radius.',
    source: CHOICE,
  },
  MIN_RADIUS_HIGH: {
    value: 13,
    unit: 'm',
    about: 'The tightest bend of a track has at most this radius.',
    source: CHOICE,
  },
  MIN_TURNING: {
    value: 9,
    unit: 'rad',
    about: 'All bends of a track, left and right, add up to at least this angle; a circle has 2 pi.',
    source: CHOICE,
  },
  TRACK_LENGTH_MAX: { value: 480, unit: 'm', about: 'Largest length of a track.', source: CHOICE },
  TRACK_GAP: {
    value: 2,
    unit: 'm',
    about: 'Least distance between the barriers of two parts of a track that pass each other.',
    source: CHOICE,
  },
  TRACK_CELL: {
    value: 5,
    unit: 'm',
    about: 'Edge of a cell of the grid in which rays find the barriers.',
    source: 'measured: fastest',
  },
  CHECKPOINTS: {
    value: 16,
    unit: '1',
    about: 'Checkpoints of a lap, evenly spaced; the last is the finish line.',
    source: CHOICE,
  },
  START_OFFSET: {
    value: 1,
    unit: 'm',
    about: 'The car starts at rest on the start line, at most this far from the centre line.',
    source: CHOICE,
  },
  START_HEADING: {
    value: 0.1,
    unit: 'rad',
    about: 'The car starts turned by at most this much from the direction of the road.',
    source: CHOICE,
  },
  RAY_RANGE: { value: 50, unit: 'm', about: 'Range of the lidar.', source: 'a short-range automotive lidar' },
  RAY_SPREAD: {
    value: 1.5707963267948966,
    unit: 'rad',
    about: 'The lidar looks from this far right to this far left of straight ahead.',
    source: CHOICE,
  },
  SPEED_SCALE: {
    value: 30,
    unit: 'm/s',
    about: 'Speed that the observation shows as 1.',
    source: 'about the top speed on these tracks',
  },
  SLIP_SCALE: { value: 5, unit: 'm/s', about: 'Sideways speed that the observation shows as 1.', source: 'a slide' },
  CURVATURE_SCALE: {
    value: 0.1,
    unit: '1/m',
    about: 'Curvature that the observation shows as 1.',
    source: 'the tightest bend',
  },
  YAW_SCALE: {
    value: 1.5,
    unit: 'rad/s',
    about: 'Yaw rate that the observation shows as 1.',
    source: 'a 10 m bend at 15 m/s',
  },
  PROGRESS_REWARD: {
    value: 0.1,
    unit: '1/m',
    about: 'Reward for a metre of progress along the centre line.',
    source: CHOICE,
  },
  CRASH_COST: {
    value: 10,
    unit: '1',
    about: 'Cost of leaving the road or hitting a barrier.',
    source: '100 m of progress',
  },
  STEER_COST: {
    value: 0.02,
    unit: '1',
    about: 'Cost of a step times the square of the change of the steering command since the step before.',
    source: CHOICE,
  },
  SLIP_COST: {
    value: 0.05,
    unit: '1',
    about:
      'Cost of a step times the square of the body slip, the ratio of sideways to forward speed, which counts up to 1.',
    source: CHOICE,
  },
  TIME_COST: { value: 0.01, unit: '1', about: 'Cost of a step.', source: CHOICE },
} as const satisfies Record<string, Constant>;
