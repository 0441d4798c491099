/** The numbers of CarRacing, Gymnasium's `car_racing.py` and `car_dynamics.py`. */
import type { Constant } from '../../src/core/docs.js';

const SCALE = 6;
const SIZE = 0.02;

/** Constants by name. Lengths are Box2D's metres; the car is as large as its numbers say, and so are its speeds. */
export const CONSTANTS = {
  FPS: { value: 50, unit: '1/s', about: 'Steps and frames a second.' },
  PLAYFIELD: { value: 2000 / SCALE, unit: 'm', about: 'Half the edge of the field: beyond it the episode ends.' },
  TRACK_RAD: { value: 900 / SCALE, unit: 'm', about: 'Radius of the circle that the track is bent from.' },
  TRACK_DETAIL_STEP: { value: 21 / SCALE, unit: 'm', about: 'Length of a tile.' },
  TRACK_TURN_RATE: { value: 0.31, unit: 'rad', about: 'Largest turn from one tile to the next.' },
  TRACK_WIDTH: { value: 40 / SCALE, unit: 'm', about: 'Half the width of the road.' },
  BORDER: { value: 8 / SCALE, unit: 'm', about: 'Width of a kerb.' },
  BORDER_MIN_COUNT: { value: 4, unit: '1', about: 'Tiles that must turn hard, one after another, to have kerbs.' },
  CHECKPOINTS: { value: 12, unit: '1', about: 'Random points that the track heads for.' },
  FRAME_COST: { value: 0.1, unit: '1', about: 'Cost of a step.' },
  TRACK_REWARD: { value: 1000, unit: '1', about: 'Reward for all tiles together.' },
  OFF_FIELD_REWARD: { value: -100, unit: '1', about: 'Reward of the step that leaves the field.' },
  DISCRETE_STEER: { value: 0.6, unit: 'rad', about: 'Wanted angle of the front wheels by the discrete actions.' },
  DISCRETE_GAS: { value: 0.2, unit: '1', about: 'Gas by the discrete action.' },
  DISCRETE_BRAKE: { value: 0.8, unit: '1', about: 'Brake by the discrete action.' },
  ENGINE_POWER: { value: 100000000 * SIZE * SIZE, unit: 'W', about: 'Power at full gas at each rear wheel.' },
  WHEEL_MOMENT_OF_INERTIA: {
    value: 4000 * SIZE * SIZE,
    unit: 'kg m^2',
    about: 'Inertia of a rolling wheel, kept apart from its body.',
  },
  FRICTION_LIMIT: { value: 1000000 * SIZE * SIZE, unit: 'N', about: 'Largest force of a tyre on the road.' },
  GRASS_FRICTION: { value: 0.6, unit: '1', about: 'Factor of the largest force on grass.' },
  SLIP_STIFFNESS: { value: 205000 * SIZE * SIZE, unit: 'N s/m', about: "A tyre's force for each m/s that it slips." },
  BRAKE_FORCE: { value: 15, unit: 'rad/s', about: "Change of a wheel's speed in a step of full brake." },
  BRAKE_LOCK: { value: 0.9, unit: '1', about: 'Brake from which on the wheels stand still.' },
  GAS_RAMP: { value: 0.1, unit: '1', about: 'Largest rise of the gas in a step; it falls at once.' },
  STEER_GAIN: { value: 50, unit: '1/s', about: 'Speed of the steering for each radian that it is off.' },
  STEER_RATE: { value: 3, unit: 'rad/s', about: 'Largest speed of the steering.' },
  STEER_LIMIT: { value: 0.4, unit: 'rad', about: 'Largest angle of the front wheels.' },
  STEER_TORQUE: { value: 180 * 900 * SIZE * SIZE, unit: 'N m', about: 'Largest torque of the steering.' },
  WHEEL_RADIUS: { value: 27 * SIZE, unit: 'm', about: 'Radius of a wheel; its mark on the ground is twice as long.' },
  WHEEL_HALF_WIDTH: { value: 14 * SIZE, unit: 'm', about: 'Half the width of a wheel.' },
} as const satisfies Record<string, Constant>;

/** Metres for each unit of the car's drawing. */
export const CAR_SIZE = SIZE;
/** Drawing units in the numbers of the hull's polygons and the wheels' places. */
export const WHEEL_POSITIONS: readonly (readonly [number, number])[] = [
  [-55, 80],
  [55, 80],
  [-55, -82],
  [55, -82],
];
/** The hull's four polygons, drawing units, in their order of creation; the car points along +y. */
export const HULL_POLYGONS: readonly (readonly (readonly [number, number])[])[] = [
  [
    [-60, 130],
    [60, 130],
    [60, 110],
    [-60, 110],
  ],
  [
    [-15, 120],
    [15, 120],
    [20, 20],
    [-20, 20],
  ],
  [
    [25, 20],
    [50, -10],
    [50, -40],
    [20, -90],
    [-20, -90],
    [-50, -40],
    [-50, -10],
    [-25, 20],
  ],
  [
    [-50, -120],
    [50, -120],
    [50, -90],
    [-50, -90],
  ],
];
/** The outline of the four together, counter-clockwise, m. */
export const HULL_OUTLINE: readonly (readonly [number, number])[] = (
  [
    [50, -120],
    [50, -90],
    [20, -90],
    [50, -40],
    [50, -10],
    [25, 20],
    [20, 20],
    [15.5, 110],
    [60, 110],
    [60, 130],
    [-60, 130],
    [-60, 110],
    [-15.5, 110],
    [-20, 20],
    [-25, 20],
    [-50, -10],
    [-50, -40],
    [-20, -90],
    [-50, -90],
    [-50, -120],
  ] as const
).map(([x, y]) => [x * SIZE, y * SIZE] as const);
/** Edge of a patch of grass, m: each second square of the field's 40 x 40, in both directions, is one. */
export const GRASS_DIM: number = CONSTANTS.PLAYFIELD.value / 20;
