/** The race as a draw list, in the original's colours: field, patches of grass, tiles in three shades, kerbs, skid marks and the car. */
import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { rectangle } from '../../src/render/shapes.js';
import type { Car } from './car.js';
import type { Colors } from './colors.js';
import { CONSTANTS, GRASS_DIM, HULL_OUTLINE } from './constants.js';
import type { Track } from './track.js';

const PLAYFIELD = CONSTANTS.PLAYFIELD.value;
const ROAD_HALF = CONSTANTS.TRACK_WIDTH.value;
const KERB = CONSTANTS.BORDER.value;
const RADIUS = CONSTANTS.WHEEL_RADIUS.value;
const HALF_WIDTH = CONSTANTS.WHEEL_HALF_WIDTH.value;
/** What is seen, m; the car is in the lower quarter. */
const VIEW_WIDTH = 62;
const VIEW_HEIGHT = 50;
const VIEW_AHEAD = VIEW_HEIGHT / 4;
/** Beyond this from the view's centre nothing is seen, m. */
const SEEN = 55;
/** Points of a skid mark, and marks, that are kept. */
const MARK_POINTS = 30;
const MOST_MARKS = 30;
/** Marks end where the time jumps by more than this, s. */
const MARK_GAP = 0.05;

const HULL: Shape = { type: 'polygon', points: HULL_OUTLINE.flat(), fill: 'rgb(204, 0, 0)' };
const WHEEL: Shape = {
  type: 'polygon',
  points: rectangle(-HALF_WIDTH, -RADIUS, HALF_WIDTH, RADIUS),
  fill: 'rgb(0, 0, 0)',
};
/** A tread that comes and goes on a wheel as it turns, at so many places. */
const TREADS = Array.from({ length: 24 }, (_, k) => tread((2 * Math.PI * k) / 24));
const MAP_CAR: Shape = {
  type: 'circle',
  x: 0,
  y: 0,
  radius: 9,
  fill: 'rgb(204, 0, 0)',
  stroke: '#ffffff',
  lineWidth: 2,
};

/** The white of a wheel that has turned to `phase`, or null on its far side. */
function tread(phase: number): Shape | null {
  const end = phase + 1.2;
  const [s1, s2] = [Math.sin(phase), Math.sin(end)];
  if (s1 > 0 && s2 > 0) return null;
  const c1 = s1 > 0 ? Math.sign(Math.cos(phase)) : Math.cos(phase);
  const c2 = s2 > 0 ? Math.sign(Math.cos(end)) : Math.cos(end);
  const points = rectangle(-HALF_WIDTH, RADIUS * c1, HALF_WIDTH, RADIUS * c2).map(round);
  return { type: 'polygon', points, fill: 'rgb(77, 77, 77)' };
}

/** Lengths in a shape are rounded to this, m. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const css = (color: Float64Array, more = 0): string =>
  `rgb(${Array.from(color, (component) => Math.trunc(component + more)).join(', ')})`;

/** A part of the road: where it is, and its shapes before and after the car has touched it. */
interface Tile {
  readonly x: number;
  readonly y: number;
  readonly fresh: SceneItem;
  readonly touched: SceneItem;
  readonly kerb: SceneItem | null;
}

interface Mark {
  readonly grass: boolean;
  readonly points: number[];
}

/** Paints one env's episodes. Shapes that do not change are the same objects in every frame of a track. */
export class RacingPainter {
  #background = '';
  #ground: SceneItem[] = [];
  #tiles: Tile[] = [];
  #map: NonNullable<Scene['inset']> | null = null;
  #marks: Mark[] = [];
  /** The mark that each wheel is making. */
  readonly #open: (Mark | null)[] = [null, null, null, null];
  #time = 0;

  /** Takes a new track. */
  begin(track: Track, colors: Colors): void {
    this.#background = '#000000';
    this.#ground = groundItems(colors);
    this.#tiles = Array.from({ length: track.count }, (_, i) => tileOf(track, colors, i));
    this.#map = mapOf(track, colors);
    this.#forget();
  }

  /** The picture at `time`, s since the start. */
  paint(car: Car, marks: Uint8Array, time: number, score: number, progress: number): Scene {
    const { hull, wheels } = car;
    const { x, y, angle } = hull;
    this.#skid(car, time);
    const centerX = x - Math.sin(angle) * VIEW_AHEAD;
    const centerY = y + Math.cos(angle) * VIEW_AHEAD;
    const items: SceneItem[] = [...this.#ground];
    this.#tiles.forEach((tile, i) => {
      const dx = tile.x - centerX;
      const dy = tile.y - centerY;
      if (dx * dx + dy * dy > SEEN * SEEN) return;
      items.push((marks[i]! & 1) === 1 ? tile.touched : tile.fresh);
      if (tile.kerb !== null) items.push(tile.kerb);
    });
    for (const { points, grass } of this.#marks) {
      if (points.length < 4) continue;
      const stroke = grass ? 'rgb(102, 102, 0)' : 'rgb(0, 0, 0)';
      items.push({ shape: { type: 'polyline', points: [...points], stroke, lineWidth: 0.15 } });
    }
    for (const { body, phase } of wheels) {
      items.push({ shape: WHEEL, x: body.x, y: body.y, angle: body.angle });
      const turn = (phase / (2 * Math.PI)) % 1;
      const shape = TREADS[Math.floor((turn < 0 ? turn + 1 : turn) * TREADS.length) % TREADS.length]!;
      if (shape !== null) items.push({ shape, x: body.x, y: body.y, angle: body.angle });
    }
    items.push({ shape: HULL, x, y, angle });
    const speed = Math.sqrt(hull.vx * hull.vx + hull.vy * hull.vy);
    const front = wheels[0]!.joint.angle;
    return {
      background: this.#background,
      camera: { x: centerX, y: centerY, width: VIEW_WIDTH, height: VIEW_HEIGHT, angle },
      items,
      ...(this.#map !== null && { inset: { ...this.#map, items: [...this.#map.items, { shape: MAP_CAR, x, y }] } }),
      readings: [
        ['reward', score.toFixed(0)],
        ['speed', `${speed.toFixed(1)} m/s`],
        ['wheels', wheels.map(({ omega }) => omega.toFixed(0)).join(' ')],
        ['steering', `${((-front * 180) / Math.PI).toFixed(0)} deg`],
        ['yaw rate', `${(-hull.omega).toFixed(2)} rad/s`],
        ['tiles', `${(100 * progress).toFixed(0)} %`],
      ],
    };
  }

  #forget(): void {
    this.#marks = [];
    this.#open.fill(null);
    this.#time = 0;
  }

  /** Goes on with the marks of wheels that skid. */
  #skid({ wheels }: Car, time: number): void {
    if (time === this.#time) return;
    if (time < this.#time) this.#forget();
    if (time - this.#time > MARK_GAP) this.#open.fill(null);
    this.#time = time;
    wheels.forEach(({ skids, tiles, body }, k) => {
      const grass = tiles === 0;
      let mark: Mark | null = this.#open[k] ?? null;
      if (!skids) mark = null;
      else if (mark === null || mark.grass !== grass || mark.points.length >= 2 * MARK_POINTS) {
        mark = { grass, points: [] };
        this.#marks.push(mark);
        if (this.#marks.length > MOST_MARKS) this.#marks.shift();
      }
      this.#open[k] = mark;
      mark?.points.push(round(body.x), round(body.y));
    });
  }
}

/** The field and its patches, whose rings are joined to one shape. */
function groundItems({ bg, grass }: Colors): SceneItem[] {
  const rings: number[][] = [];
  for (let x = -20; x < 20; x += 2) {
    for (let y = -20; y < 20; y += 2) {
      const [left, bottom] = [GRASS_DIM * x, GRASS_DIM * y];
      rings.push(rectangle(left, bottom, left + GRASS_DIM, bottom + GRASS_DIM).map(round));
    }
  }
  const points: number[] = [];
  for (const ring of rings) points.push(...ring, ring[0]!, ring[1]!);
  for (const ring of rings.reverse()) points.push(ring[0]!, ring[1]!);
  return [
    { shape: { type: 'polygon', points: rectangle(-PLAYFIELD, -PLAYFIELD, PLAYFIELD, PLAYFIELD), fill: css(bg) } },
    { shape: { type: 'polygon', points, fill: css(grass) } },
  ];
}

function tileOf(track: Track, { road }: Colors, i: number): Tile {
  const x = track.x[i]!;
  const y = track.y[i]!;
  // A hair of its own colour round each tile hides the seam to the next.
  const outline = track.tile(i).flat();
  const shape = (color: string): Shape => ({
    type: 'polygon',
    points: outline.map((value, k) => round(value - (k % 2 === 0 ? x : y))),
    fill: color,
    stroke: color,
    lineWidth: 0.05,
  });
  const place = (color: string): SceneItem => ({ shape: shape(color), x, y });
  const touched = place(css(road));
  const fresh = i % 3 === 0 ? touched : place(css(road, 0.01 * (i % 3) * 255));
  return { x, y, fresh, touched, kerb: kerbOf(track, i) };
}

function kerbOf(track: Track, i: number): SceneItem | null {
  const side = track.kerb[i]!;
  if (side === 0) return null;
  const before = i === 0 ? track.count - 1 : i - 1;
  const [x, y] = [track.x[i]!, track.y[i]!];
  const corner = (p: number, reach: number): [number, number] => [
    round(track.x[p]! + side * reach * track.acrossX[p]! - x),
    round(track.y[p]! + side * reach * track.acrossY[p]! - y),
  ];
  const outer = ROAD_HALF + KERB;
  const points = [corner(i, ROAD_HALF), corner(i, outer), corner(before, outer), corner(before, ROAD_HALF)].flat();
  return { shape: { type: 'polygon', points, fill: i % 2 === 0 ? 'rgb(255, 255, 255)' : 'rgb(255, 0, 0)' }, x, y };
}

function mapOf(track: Track, { bg, road }: Colors): NonNullable<Scene['inset']> {
  const points = Array.from({ length: track.count }, (_, i) => [round(track.x[i]!), round(track.y[i]!)]).flat();
  const xs = points.filter((_, k) => k % 2 === 0);
  const ys = points.filter((_, k) => k % 2 === 1);
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const camera = { x: (left + right) / 2, y: (bottom + top) / 2, width: right - left + 40, height: top - bottom + 40 };
  const line: Shape = { type: 'polyline', points, closed: true, stroke: css(road), lineWidth: 2 * ROAD_HALF };
  return { camera, background: css(bg), items: [{ shape: line }] };
}
