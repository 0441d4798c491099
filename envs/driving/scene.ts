/** The race as a draw list: a following view of the car on its road, a map of the whole track, and the readings. */
import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import type { Car } from './car.js';
import { CONSTANTS } from './constants.js';
import { rayAngle } from './fields.js';
import type { DrivingInfo } from './game.js';
import { joined, type TrackScenery, trackScenery } from './scenery.js';
import type { Track } from './track.js';

const HALF_LENGTH = CONSTANTS.CAR_LENGTH.value / 2;
const HALF_WIDTH = CONSTANTS.CAR_WIDTH.value / 2;
const RAY_RANGE = CONSTANTS.RAY_RANGE.value;

const GRASS = '#5d8c45';
/** What the main view shows, m. */
const VIEW_WIDTH = 68;
const VIEW_HEIGHT = 42;
/** How far ahead of the car the view is centred, m. */
const VIEW_AHEAD = 5;
/** Points of the trail behind the car. */
const TRAIL = 14;

const polygon = (points: number[], fill: string): Shape => ({ type: 'polygon', points, fill });

/** A rectangle between two corners. */
const box = (x0: number, y0: number, x1: number, y1: number): number[] => [x0, y0, x1, y0, x1, y1, x0, y1];

/** The parts of the car that do not move against each other, in its own axes, back to front. */
const BACK = -HALF_LENGTH;
const SHADOW = polygon(roundedBox(HALF_LENGTH, HALF_WIDTH, 0.6), 'rgba(0, 0, 0, 0.28)');
const BODY: readonly Shape[] = [
  polygon(roundedBox(HALF_LENGTH, HALF_WIDTH * 0.94, 0.55), '#d42a2a'),
  polygon(joined([box(BACK + 0.05, -0.3, -BACK - 0.05, -0.1), box(BACK + 0.05, 0.1, -BACK - 0.05, 0.3)]), '#f4f1ea'),
  polygon(box(-0.85, -0.54, 0.18, 0.54), '#b51f1f'),
  polygon(
    joined([
      [0.62, -0.66, 0.62, 0.66, 0.18, 0.54, 0.18, -0.54],
      [-0.85, -0.54, -0.85, 0.54, -1.2, 0.62, -1.2, -0.62],
      box(BACK - 0.05, -HALF_WIDTH * 0.9, BACK + 0.22, HALF_WIDTH * 0.9),
    ]),
    '#1c2228',
  ),
  polygon(joined([box(-BACK - 0.2, 0.5, -BACK - 0.02, 0.75), box(-BACK - 0.2, -0.75, -BACK - 0.02, -0.5)]), '#fff6c8'),
];
const BRAKE_LIGHTS = polygon(
  joined([box(BACK - 0.12, 0.35, BACK + 0.08, 0.78), box(BACK - 0.12, -0.78, BACK + 0.08, -0.35)]),
  '#ff5a3c',
);
const WHEEL = polygon(roundedBox(0.36, 0.15, 0.08), '#17181b');
const MAP_CAR: Shape = { type: 'circle', x: 0, y: 0, radius: 5, fill: '#ff4b3e', stroke: '#ffffff', lineWidth: 1.2 };

/** A box of the given half extents with cut-off corners. */
function roundedBox(halfX: number, halfY: number, cut: number): number[] {
  const points: number[] = [];
  for (const [signX, signY] of [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ] as const) {
    const first = [signX * (halfX - cut * 0.9), signY * halfY];
    const middle = [signX * (halfX - cut * 0.25), signY * (halfY - cut * 0.2)];
    const last = [signX * halfX, signY * (halfY - cut * 0.75)];
    const corner = signX * signY > 0 ? [...last, ...middle, ...first] : [...first, ...middle, ...last];
    points.push(...corner);
  }
  return points;
}

/** Lengths in a moving shape are rounded to this, m: a page stores every frame. */
function round(value: number): number {
  return Math.round(value * 20) / 20;
}

/** Paints one env's episodes. Shapes that do not change are the same objects in every frame of a track. */
export class DrivingPainter {
  #scenery: TrackScenery | null = null;
  #trail: number[] = [];
  #trailTime = -1;

  /** The picture at `time`, s since the start, of a car with its throttle or brake and the lidar as the driver sees it. */
  paint(track: Track, car: Car, drive: number, rays: Float32Array, info: DrivingInfo, time: number): Scene {
    if (this.#scenery === null || this.#scenery.number !== track.number) {
      this.#scenery = trackScenery(track);
      this.#trail = [];
    }
    const { x, y, angle } = car.body;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    this.#follow(x - c * CONSTANTS.REAR_AXLE.value, y - s * CONSTANTS.REAR_AXLE.value, time);

    const items: SceneItem[] = [...this.#scenery.ground];
    if (rays.length > 0) items.push({ shape: this.#lidar(rays), x, y, angle });
    if (this.#trail.length >= 4) {
      items.push({
        shape: { type: 'polyline', points: [...this.#trail], stroke: 'rgba(10, 10, 12, 0.2)', lineWidth: 1.2 },
      });
    }
    items.push({ shape: SHADOW, x: x + 0.25, y: y - 0.3, angle });
    for (const [along, turn] of [
      [CONSTANTS.FRONT_AXLE.value, car.steer],
      [-CONSTANTS.REAR_AXLE.value, 0],
    ] as const) {
      for (const side of [HALF_WIDTH - 0.08, 0.08 - HALF_WIDTH]) {
        items.push({ shape: WHEEL, x: x + c * along - s * side, y: y + s * along + c * side, angle: angle + turn });
      }
    }
    for (const shape of BODY) items.push({ shape, x, y, angle });
    const braking = drive < -0.05;
    if (braking) items.push({ shape: BRAKE_LIGHTS, x, y, angle });
    items.push(...this.#scenery.canopy);

    return {
      background: GRASS,
      camera: { x: x + c * VIEW_AHEAD, y: y + s * VIEW_AHEAD, width: VIEW_WIDTH, height: VIEW_HEIGHT },
      items,
      inset: { ...this.#scenery.map, items: [...this.#scenery.map.items, { shape: MAP_CAR, x, y }] },
      readings: readings(car, info, time),
    };
  }

  /** Keeps the last points of the car's way; a time before the last one is another episode. */
  #follow(x: number, y: number, time: number): void {
    if (time < this.#trailTime) this.#trail = [];
    if (time === this.#trailTime && this.#trail.length > 0) return;
    this.#trailTime = time;
    this.#trail.push(round(x), round(y));
    if (this.#trail.length > 2 * TRAIL) this.#trail.splice(0, 2);
  }

  /** The lidar's view: a fan from the car to the ends of its rays, in the car's axes. */
  #lidar(rays: Float32Array): Shape {
    const points: number[] = [0, 0];
    for (let i = 0; i < rays.length; i++) {
      const angle = rayAngle(i, rays.length);
      const distance = rays[i]! * RAY_RANGE;
      points.push(round(distance * Math.cos(angle)), round(distance * Math.sin(angle)), 0, 0);
    }
    return { type: 'polyline', points, stroke: 'rgba(150, 220, 255, 0.22)', lineWidth: 0.12 };
  }
}

function readings(car: Car, info: DrivingInfo, time: number): (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [
    ['speed', `${Math.abs(car.forward).toFixed(1)} m/s`],
    ['lap', String(info.laps + 1)],
    ['time', `${time.toFixed(1)} s`],
    ['first lap', Number.isNaN(info.lapTime) ? '-' : `${info.lapTime.toFixed(2)} s`],
    ['progress', `${info.progress.toFixed(0)} m`],
    ['track', String(info.track)],
  ];
  if (info.crash) rows.push(['end', 'hit a barrier']);
  else if (info.offRoad) rows.push(['end', 'left the road']);
  return rows;
}
