/**
 * The observation: the original's window of 1000 x 800 pixels, seen from above with the car's nose up, as its 96 x 96 picture. The
 * original draws the window and shrinks it; here each polygon's area in each of the 96 x 84 pixels above the gauges is found
 * directly, with the window's rounding of corners to whole pixels, its half pixel of border round each polygon and the loss of
 * brightness of its shrinking.
 *
 * Hot path: nothing is allocated. The scratch is shared by all pictures, each of which is finished before the next begins.
 */

import { aim, edge, setWindow } from '../../src/render/coverage.js';
import type { Colors } from './colors.js';
import { CONSTANTS, GRASS_DIM, HULL_OUTLINE } from './constants.js';
import { ScoreText } from './glyphs.js';
import { drawIndicators, type Readings } from './indicators.js';
import { Palette } from './palette.js';
import { GROUND, KERB as KERBS, paint, paintCar, ROAD, UPPER } from './raster.js';
import { RoadBins } from './road-bins.js';
import type { Track } from './track.js';

/** Where a part of the car is: metres and radians. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
}

/** What a picture needs to know of a car. */
export interface CarPose extends Readings {
  readonly hull: Place;
  /** Front left, front right, rear left, rear right. */
  readonly wheelPlaces: readonly Place[];
  /** How far each wheel has turned, rad. */
  readonly phases: ArrayLike<number>;
}

/** Pixels of a row, and rows above the gauges. */
const WIDTH = 96;
const ROWS = 84;
const WINDOW_W = 1000;
const WINDOW_H = 800;
/** 1/1024 pixel of the picture for each pixel of the window. */
const PER_X = (1024 * WIDTH) / WINDOW_W;
const PER_Y = (1024 * 96) / WINDOW_H;
const SCALE = 6;
const ZOOM = 2.7;
const PLAYFIELD = CONSTANTS.PLAYFIELD.value;
const ROAD_HALF = CONSTANTS.TRACK_WIDTH.value;
const KERB = CONSTANTS.BORDER.value;
const WHEEL_R = CONSTANTS.WHEEL_RADIUS.value;
const WHEEL_W = CONSTANTS.WHEEL_HALF_WIDTH.value;
/** Window pixels by which a drawn polygon is larger than its corners say: its border is drawn, and corners are pixels. */
const BORDER = 0.5;
/** Tiles of a bin, and how far one reaches from its point on the centre line: half a road, its kerb and its length, m. */
const BIN = 6;
const TILE_REACH = ROAD_HALF + KERB + CONSTANTS.TRACK_DETAIL_STEP.value;
/** What three successive tiles are lighter than the road's colour, before fractions are cut off. */
const SHADES = [0, 0.01 * 1 * 255, 0.01 * 2 * 255] as const;

/** Cross-sections of a bin in window coordinates: x, y, and one metre to the right. */
const sections = new Float64Array(4 * (BIN + 1));
const outlineX = new Int32Array(HULL_OUTLINE.length);
const outlineY = new Int32Array(HULL_OUTLINE.length);
const miters = mitersOf(HULL_OUTLINE);

/** For each corner the step that moves both its edges outwards by one unit, counter-clockwise polygons. */
function mitersOf(points: readonly (readonly [number, number])[]): Float64Array {
  const out = new Float64Array(2 * points.length);
  const normal = (from: number, to: number): [number, number] => {
    const [x0, y0] = points[(from + points.length) % points.length]!;
    const [x1, y1] = points[(to + points.length) % points.length]!;
    const length = Math.sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
    return [(y1 - y0) / length, (x0 - x1) / length];
  };
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = normal(i - 1, i);
    const [bx, by] = normal(i, i + 1);
    const share = 1 / (1 + ax * bx + ay * by);
    out[2 * i] = (ax + bx) * share;
    out[2 * i + 1] = (ay + by) * share;
  }
  return out;
}

/** A corner's window column, cut off to a whole pixel as the original does, and its border: 1/1024 pixel of the picture. */
function column(window: number, border: number): number {
  return ((Math.trunc(window) + 0.5 + border) * PER_X) | 0;
}

/** The same of a row; the window's rows count from below here. */
function row(window: number, border: number): number {
  return ((WINDOW_H - 0.5 - Math.trunc(window) - border) * PER_Y) | 0;
}

/** One env's picture. */
export class Picture {
  /** `[96, 96, 3]`, row-major, red, green, blue; rewritten by each `draw`. */
  readonly pixels: Uint8Array = new Uint8Array(WIDTH * 96 * 3);
  readonly #palette = new Palette();
  readonly #bins = new RoadBins(BIN);
  readonly #score = new ScoreText();
  #track: Track | null = null;
  /** The shades in whole steps of brightness, as they come out for most of the colour's components. */
  readonly #shades = new Float64Array(3);
  // The view: window pixels of the point (x, y) are (c x - s y + tx, s x + c y + ty), y up.
  #c = 1;
  #s = 0;
  #tx = 0;
  #ty = 0;
  /** Metres by which a drawn polygon is larger than it is. */
  #border = 0;

  /** Takes a new track, which `draw` reads, and its colours. */
  begin(track: Track, colors: Colors): void {
    this.#track = track;
    this.#palette.set(colors);
    this.#bins.build(track.x, track.y, track.count, TILE_REACH);
    const { road: colour } = colors;
    for (let k = 0; k < 3; k++) {
      let sum = 0;
      for (const component of colour) sum += Math.trunc(component + SHADES[k]!) - Math.trunc(component);
      this.#shades[k] = Math.round(sum / 3);
    }
  }

  /**
   * Draws the present state.
   * @param touched for each tile whether the car has touched it: its shade is gone.
   * @param time s since the start, for the zoom of the first second.
   */
  draw(pose: CarPose, touched: Uint8Array, time: number, score: number): void {
    const { hull } = pose;
    const zoom = 0.1 * SCALE * Math.max(1 - time, 0) + ZOOM * SCALE * Math.min(time, 1);
    const turn = -hull.angle;
    const c = zoom * Math.cos(turn);
    const s = zoom * Math.sin(turn);
    this.#c = c;
    this.#s = s;
    this.#tx = WINDOW_W / 2 - (c * hull.x - s * hull.y);
    this.#ty = WINDOW_H / 4 - (s * hull.x + c * hull.y);
    setWindow(WIDTH, ROWS);
    const whole = this.#addGround(zoom);
    this.#addRoad(touched, zoom);
    paint(this.#palette, whole ? 1 : 0);
    this.#drawCar(pose);
    drawIndicators(this.pixels, pose);
    this.#score.write(this.pixels, score);
  }

  /** Adds the patches of grass, and the field's edge where it is in view; says whether the field fills the view. */
  #addGround(zoom: number): boolean {
    const c = this.#c;
    const s = this.#s;
    const perSquare = 1 / (zoom * zoom);
    // The view's corners in the world: the inverse of the view's turn.
    let minX = Number.POSITIVE_INFINITY;
    let maxX = Number.NEGATIVE_INFINITY;
    let minY = Number.POSITIVE_INFINITY;
    let maxY = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < 4; k++) {
      const px = ((k & 1) === 0 ? 0 : WINDOW_W) - this.#tx;
      const py = (k < 2 ? 0 : WINDOW_H) - this.#ty;
      const x = (c * px + s * py) * perSquare;
      const y = (c * py - s * px) * perSquare;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    const grow = BORDER / zoom;
    const firstX = Math.max(-20, 2 * Math.floor(minX / (2 * GRASS_DIM)));
    const lastX = Math.min(18, Math.floor(maxX / GRASS_DIM));
    const firstY = Math.max(-20, 2 * Math.floor(minY / (2 * GRASS_DIM)));
    const lastY = Math.min(18, Math.floor(maxY / GRASS_DIM));
    aim(GROUND, 1);
    for (let x = firstX; x <= lastX; x += 2) {
      for (let y = firstY; y <= lastY; y += 2) this.#square(GRASS_DIM * x, GRASS_DIM * y, GRASS_DIM, grow);
    }
    const inside = minX > -PLAYFIELD && minY > -PLAYFIELD && maxX < PLAYFIELD && maxY < PLAYFIELD;
    if (!inside) {
      aim(GROUND, UPPER);
      this.#square(-PLAYFIELD, -PLAYFIELD, 2 * PLAYFIELD, grow);
    }
    return inside;
  }

  /** An upright square of the world, `grow` m larger on each side. */
  #square(x: number, y: number, size: number, grow: number): void {
    const c = this.#c;
    const s = this.#s;
    const ax = c * x - s * y + this.#tx;
    const ay = s * x + c * y + this.#ty;
    const ux = c * size;
    const uy = s * size;
    const gx = c * grow;
    const gy = s * grow;
    const x0 = column(ax, -gx + gy);
    const y0 = row(ay, -gx - gy);
    const x1 = column(ax + ux, gx + gy);
    const y1 = row(ay + uy, -gx + gy);
    const x2 = column(ax + ux - uy, gx - gy);
    const y2 = row(ay + uy + ux, gx + gy);
    const x3 = column(ax - uy, -gx - gy);
    const y3 = row(ay + ux, gx - gy);
    edge(x0, y0, x1, y1);
    edge(x1, y1, x2, y2);
    edge(x2, y2, x3, y3);
    edge(x3, y3, x0, y0);
  }

  /** Adds the tiles and kerbs in view: sums of area, of area times shade, of kerb, of white kerb. */
  #addRoad(touched: Uint8Array, zoom: number): void {
    const bins = this.#bins;
    const track = this.#track!;
    const count = bins.find(this.#c, this.#s, this.#tx, this.#ty, zoom, WINDOW_W, WINDOW_H);
    this.#border = BORDER / zoom;
    for (let b = 0; b < count; b++) {
      const bin = bins.visible[b]!;
      const start = bins.start(bin);
      const end = bins.end(bin, track.count);
      this.#sections(track, start, end);
      for (let i = start; i < end; i++) this.#tile(track, i, i - start, touched);
    }
  }

  /** Takes the cross-sections of the tiles of a bin, and of the one before, to window coordinates. */
  #sections(track: Track, start: number, end: number): void {
    const c = this.#c;
    const s = this.#s;
    for (let i = start - 1; i < end; i++) {
      const point = i < 0 ? track.count - 1 : i;
      const k = 4 * (i - start + 1);
      const x = track.x[point]!;
      const y = track.y[point]!;
      const nx = track.acrossX[point]!;
      const ny = track.acrossY[point]!;
      sections[k] = c * x - s * y + this.#tx;
      sections[k + 1] = s * x + c * y + this.#ty;
      sections[k + 2] = c * nx - s * ny;
      sections[k + 3] = s * nx + c * ny;
    }
  }

  /** One tile: its two sides, its start, and its end where the next tile's start does not lie on it. */
  #tile(track: Track, i: number, section: number, touched: Uint8Array): void {
    const { count, kerb } = track;
    const bins = this.#bins;
    const before = i === 0 ? count - 1 : i - 1;
    const shade = (touched[i]! & 1) === 1 ? 0 : this.#shades[i % 3]!;
    const side = kerb[i]!;
    const half = ROAD_HALF;
    // Cross-sections at the end (1) and the start (2) of the tile.
    const k = 4 * section;
    const x2 = sections[k]!;
    const y2 = sections[k + 1]!;
    const nx2 = sections[k + 2]!;
    const ny2 = sections[k + 3]!;
    const x1 = sections[k + 4]!;
    const y1 = sections[k + 5]!;
    const nx1 = sections[k + 6]!;
    const ny1 = sections[k + 7]!;
    const grow = this.#border;
    const gl = side < 0 ? -grow : grow;
    const gr = side > 0 ? -grow : grow;
    const lx1 = column(x1 - half * nx1, -gl * nx1);
    const ly1 = row(y1 - half * ny1, -gl * ny1);
    const rx1 = column(x1 + half * nx1, gr * nx1);
    const ry1 = row(y1 + half * ny1, gr * ny1);
    const lx2 = column(x2 - half * nx2, -gl * nx2);
    const ly2 = row(y2 - half * ny2, -gl * ny2);
    const rx2 = column(x2 + half * nx2, gr * nx2);
    const ry2 = row(y2 + half * ny2, gr * ny2);
    aim(ROAD, 1 + UPPER * shade);
    edge(rx2, ry2, rx1, ry1);
    edge(lx1, ly1, lx2, ly2);
    const after = i + 1 === count ? 0 : i + 1;
    if (!(bins.isVisible(after) && kerb[after] === side)) edge(rx1, ry1, lx1, ly1);
    if (bins.isVisible(before) && kerb[before] === side) {
      // The tile before ends on this line: only the step of the shade is left.
      const step = shade - ((touched[before]! & 1) === 1 ? 0 : this.#shades[before % 3]!);
      if (step !== 0) {
        aim(ROAD, UPPER * step);
        edge(lx2, ly2, rx2, ry2);
      }
    } else {
      edge(lx2, ly2, rx2, ry2);
    }
    if (side === 0) return;
    const inner = half * side;
    const outer = (half + KERB) * side;
    const gi = -grow * side;
    const go = grow * side;
    const ax1 = column(x1 + inner * nx1, gi * nx1);
    const ay1 = row(y1 + inner * ny1, gi * ny1);
    const bx1 = column(x1 + outer * nx1, go * nx1);
    const by1 = row(y1 + outer * ny1, go * ny1);
    const ax2 = column(x2 + inner * nx2, gi * nx2);
    const ay2 = row(y2 + inner * ny2, gi * ny2);
    const bx2 = column(x2 + outer * nx2, go * nx2);
    const by2 = row(y2 + outer * ny2, go * ny2);
    // A kerb on the left is wound the other way round.
    for (let pass = 0; pass < 2; pass++) {
      if (pass === 0) aim(ROAD, side);
      else aim(KERBS, i % 2 === 0 ? side * (1 + UPPER) : side);
      edge(bx2, by2, bx1, by1);
      edge(bx1, by1, ax1, ay1);
      edge(ax1, ay1, ax2, ay2);
      edge(ax2, ay2, bx2, by2);
    }
  }

  /** Paints wheels, then the hull, over the pixels. */
  #drawCar({ hull, wheelPlaces, phases }: CarPose): void {
    const c = this.#c;
    const s = this.#s;
    let minX = Number.POSITIVE_INFINITY;
    let maxX = Number.NEGATIVE_INFINITY;
    let minY = Number.POSITIVE_INFINITY;
    let maxY = Number.NEGATIVE_INFINITY;
    const zoom = Math.sqrt(c * c + s * s);
    const hc = Math.cos(hull.angle);
    const hs = Math.sin(hull.angle);
    const grow = BORDER / zoom;
    const corners = HULL_OUTLINE.length;
    for (let i = 0; i < corners; i++) {
      const [lx, ly] = HULL_OUTLINE[i]!;
      const x = hull.x + hc * lx - hs * ly;
      const y = hull.y + hs * lx + hc * ly;
      const mx = grow * (hc * miters[2 * i]! - hs * miters[2 * i + 1]!);
      const my = grow * (hs * miters[2 * i]! + hc * miters[2 * i + 1]!);
      const px = column(c * x - s * y + this.#tx, c * mx - s * my);
      const py = row(s * x + c * y + this.#ty, s * mx + c * my);
      outlineX[i] = px;
      outlineY[i] = py;
      if (px < minX) minX = px;
      if (px > maxX) maxX = px;
      if (py < minY) minY = py;
      if (py > maxY) maxY = py;
    }
    aim(KERBS, 1);
    for (let i = 0, before = corners - 1; i < corners; before = i++) {
      edge(outlineX[before]!, outlineY[before]!, outlineX[i]!, outlineY[i]!);
    }
    for (let k = 0; k < 4; k++) {
      const place = wheelPlaces[k]!;
      aim(ROAD, 1);
      this.#bar(place, -WHEEL_R, WHEEL_R, grow);
      const from = phases[k]!;
      const to = from + 1.2;
      const s1 = Math.sin(from);
      const s2 = Math.sin(to);
      if (s1 > 0 && s2 > 0) continue;
      const c1 = s1 > 0 ? Math.sign(Math.cos(from)) : Math.cos(from);
      const c2 = s2 > 0 ? Math.sign(Math.cos(to)) : Math.cos(to);
      aim(ROAD, UPPER);
      this.#bar(place, WHEEL_R * Math.min(c1, c2), WHEEL_R * Math.max(c1, c2), grow);
    }
    // Wheels reach less than this beyond the hull.
    const reach = 0.5 * zoom;
    const firstRow = Math.max(0, (minY - reach * PER_Y) >> 10);
    const lastRow = Math.min(ROWS - 1, ((maxY + reach * PER_Y) >> 10) + 1);
    const firstGroup = Math.max(0, (minX - reach * PER_X) >> 10) >> 2;
    const lastGroup = Math.min(WIDTH - 1, ((maxX + reach * PER_X) >> 10) + 2) >> 2;
    paintCar(this.pixels, firstRow, lastRow, firstGroup, lastGroup);
  }

  /** A part of a wheel along its rolling direction, from `from` to `to`, m. */
  #bar({ x, y, angle }: Place, from: number, to: number, grow: number): void {
    const c = this.#c;
    const s = this.#s;
    const wc = Math.cos(angle);
    const ws = Math.sin(angle);
    // Window pixels of one metre to the right of the wheel, and ahead of it.
    const rx = c * wc - s * ws;
    const ry = s * wc + c * ws;
    const px = c * x - s * y + this.#tx;
    const py = s * x + c * y + this.#ty;
    const gx = grow * rx;
    const gy = grow * ry;
    const x0 = column(px - WHEEL_W * rx - from * ry, -gx + gy);
    const y0 = row(py - WHEEL_W * ry + from * rx, -gy - gx);
    const x1 = column(px + WHEEL_W * rx - from * ry, gx + gy);
    const y1 = row(py + WHEEL_W * ry + from * rx, gy - gx);
    const x2 = column(px + WHEEL_W * rx - to * ry, gx - gy);
    const y2 = row(py + WHEEL_W * ry + to * rx, gy + gx);
    const x3 = column(px - WHEEL_W * rx - to * ry, -gx - gy);
    const y3 = row(py - WHEEL_W * ry + to * rx, -gy + gx);
    edge(x0, y0, x1, y1);
    edge(x1, y1, x2, y2);
    edge(x2, y2, x3, y3);
    edge(x3, y3, x0, y0);
  }
}
