/**
 * The view through the windscreen: sky, the ground in perspective, barriers and trees that stand on it from far to near, and the
 * bonnet. The camera looks along the car, level, its horizon above the middle of the picture.
 *
 * Hot path: nothing is allocated. The scratch is shared by all pictures, each of which is finished before the next begins.
 */
import { setWindow } from '../../src/render/coverage.js';
import type { Car } from '../driving/car.js';
import { CONSTANTS } from '../driving/constants.js';
import { TREE_RADII } from '../driving/scenery.js';
import { TRACK_POINTS, type Track } from '../driving/track.js';
import { type Canvas, fill, fillRows, type Ink } from './fill.js';
import { type Camera, Ground } from './ground.js';
import { CAR, CAR_STRIPE, GRASS, RED, skyInks, TREE_LIGHT, TREES, TRUNK, WHITE } from './inks.js';
import type { DrivingPicture } from './picture.js';
import { Roadside } from './roadside.js';
import { lookAhead, outline, view } from './view.js';

/** Where the camera is, m: above the ground, and ahead of the centre of mass. */
const EYE_HEIGHT = 1.5;
const EYE_AHEAD = 0.2;
/** Focal length, in widths of the picture: 80 degrees from side to side. */
const FOCAL = 0.6;
/** Row of the horizon, in heights of the picture. */
const HORIZON = 3 / 8;
/** How far the view goes, m. */
const FAR = 140;
/** How wide it is, m to either side for each metre ahead. */
const SPREAD = 0.5 / FOCAL;
/** Height of a barrier, m. */
const BARRIER_HEIGHT = 0.8;
const { NEAR, points } = view;
const VERGE = CONSTANTS.VERGE.value;
/** Corners of the bonnet and of the stripe along it, m: to the right, ahead of the centre of mass, up. */
const BONNETS: readonly Float64Array[] = [1, 0.3].map((share) =>
  Float64Array.of(
    ...[-0.9 * share, 0.9, 0.8, 0.9 * share, 0.9, 0.8],
    ...[0.72 * share, 2, 0.62, -0.72 * share, 2, 0.62],
  ),
);
const BONNET_INKS: readonly Ink[] = [CAR, CAR_STRIPE];
/** Half the width of a tree's trunk, m, and where the crown's middle is, radii above the ground. */
const TRUNK_HALF = 0.25;
const CROWN_UP = 1.5;
/** Corners of a crown. */
const CORNERS = 8;
const CROWN = Float64Array.from({ length: 2 * CORNERS }, (_, k) => {
  const angle = (2 * Math.PI * ((k >> 1) + 0.5)) / CORNERS;
  return (k & 1) === 0 ? Math.cos(angle) : Math.sin(angle);
});

/** What the README says of the view, m. */
export const DRIVER_VIEW = { eyeHeight: EYE_HEIGHT, eyeAhead: EYE_AHEAD, barrierHeight: BARRIER_HEIGHT } as const;

/** Pieces of barrier, left ones at 2 k, right ones at 2 k + 1; trees follow. */
const PIECES = TRACK_POINTS / 2;
const FIRST_TREE = 2 * PIECES;
/** Things by distance: squares of half of these are metres. Lists of what stands in each, by `next`. */
const DEPTHS = 24;
const first = new Int16Array(DEPTHS);
const next = new Int16Array(FIRST_TREE + 1024);
/** Ends of the pieces of barrier in view, and the trees, in the camera's axes `[., 4]`: u, v, u, v. */
const ends = new Float64Array(4 * next.length);

/** One env's picture through the windscreen. */
export class DriverPicture implements DrivingPicture {
  readonly #canvas: Canvas;
  readonly #roadside = new Roadside();
  readonly #ground: Ground;
  readonly #camera: Camera = { x: 0, y: 0, sine: 0, cosine: 1 };
  readonly #sky: readonly Ink[];
  readonly #horizon: number;
  #track: Track | null = null;

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
    this.#ground = new Ground(canvas, this.#roadside, false);
    this.#horizon = canvas.size * HORIZON;
    this.#sky = skyInks(this.#horizon);
  }

  begin(track: Track): void {
    this.#track = track;
    this.#roadside.build(track);
    this.#ground.begin(track);
  }

  draw({ body }: Car): void {
    const canvas = this.#canvas;
    const camera = this.#camera;
    const { rows, size } = canvas;
    const horizon = this.#horizon;
    setWindow(size, rows);
    lookAhead(FOCAL * size, size / 2, horizon, EYE_HEIGHT);
    camera.sine = Math.sin(body.angle);
    camera.cosine = Math.cos(body.angle);
    camera.x = body.x + camera.cosine * EYE_AHEAD;
    camera.y = body.y + camera.sine * EYE_AHEAD;
    const { x, y, sine, cosine } = camera;
    const seen = this.#roadside.bins.findAhead(
      sine,
      cosine,
      cosine * y - sine * x,
      -cosine * x - sine * y,
      SPREAD,
      FAR,
    );
    for (let row = 0; row < horizon; row++) fillRows(canvas, row, row + 1, this.#sky[row]!);
    fillRows(canvas, horizon, rows, GRASS);
    this.#ground.draw(camera, seen, 0, FAR);
    first.fill(-1);
    this.#sortBarriers(seen);
    this.#sortTrees();
    for (let depth = DEPTHS - 1; depth >= 0; depth--) {
      if (first[depth] === -1) continue;
      this.#drawBarriers(depth, 0, WHITE);
      this.#drawBarriers(depth, 1, RED);
      this.#drawTrees(depth);
    }
    this.#drawBonnet();
  }

  /** Puts something into the list of its distance, which is the second number of its row of `ends`. */
  #sort(item: number): void {
    const v = item < FIRST_TREE ? 0.5 * (ends[4 * item + 1]! + ends[4 * item + 3]!) : ends[4 * item + 1]!;
    const depth = v <= NEAR ? 0 : Math.min(DEPTHS - 1, (2 * Math.sqrt(v)) | 0);
    next[item] = first[depth]!;
    first[depth] = item;
  }

  #sortBarriers(seen: number): void {
    const track = this.#track!;
    const { bins } = this.#roadside;
    const { x, y, sine, cosine } = this.#camera;
    const offset = track.halfWidth + VERGE;
    for (let b = 0; b < seen; b++) {
      const start = bins.start(bins.visible[b]!);
      for (let p = start; p < start + bins.size; p += 2) {
        for (let end = 0; end < 2; end++) {
          const q = (p + 2 * end) % TRACK_POINTS;
          const dx = track.x[q]! - x;
          const dy = track.y[q]! - y;
          const tx = track.tangentX[q]! * offset;
          const ty = track.tangentY[q]! * offset;
          const u = sine * dx - cosine * dy;
          const v = cosine * dx + sine * dy;
          const lu = -sine * ty - cosine * tx;
          const lv = sine * tx - cosine * ty;
          const at = 4 * p + 2 * end;
          ends[at] = u + lu;
          ends[at + 1] = v + lv;
          ends[at + 4] = u - lu;
          ends[at + 5] = v - lv;
        }
        for (let item = p; item < p + 2; item++) {
          if (ends[4 * item + 1]! > NEAR || ends[4 * item + 3]! > NEAR) this.#sort(item);
        }
      }
    }
  }

  #sortTrees(): void {
    const { trees, treeX, treeY, treeSize } = this.#roadside;
    const { x, y, sine, cosine } = this.#camera;
    for (let k = 0; k < trees; k++) {
      const dx = treeX[k]! - x;
      const dy = treeY[k]! - y;
      const v = cosine * dx + sine * dy;
      if (v < NEAR || v > FAR) continue;
      const u = sine * dx - cosine * dy;
      if (Math.abs(u) > SPREAD * v + TREE_RADII[treeSize[k]!]!) continue;
      const at = 4 * (FIRST_TREE + k);
      ends[at] = u;
      ends[at + 1] = v;
      this.#sort(FIRST_TREE + k);
    }
  }

  /** Draws the pieces of barrier of one distance and colour: even or odd ones. */
  #drawBarriers(depth: number, odd: number, ink: Ink): void {
    for (let item = first[depth]!; item !== -1; item = next[item]!) {
      if (item < FIRST_TREE && ((item >> 1) & 1) === odd) addWall(4 * item);
    }
    fill(this.#canvas, ink);
  }

  #drawTrees(depth: number): void {
    const canvas = this.#canvas;
    const { size } = canvas;
    for (let item = first[depth]!; item !== -1; item = next[item]!) {
      if (item < FIRST_TREE) continue;
      const kind = this.#roadside.treeSize[item - FIRST_TREE]!;
      addTrunk(item, kind);
      fill(canvas, TRUNK);
      addCrown(item, kind, false);
      fill(canvas, TREES[kind]!);
      // A crown of less than two pixels has no light on it.
      if (TREE_RADII[kind]! * FOCAL * size < 2 * ends[4 * item + 1]!) continue;
      addCrown(item, kind, true);
      fill(canvas, TREE_LIGHT);
    }
  }

  #drawBonnet(): void {
    for (let part = 0; part < BONNETS.length; part++) {
      const corners = BONNETS[part]!;
      for (let k = 0; k < corners.length; k += 3) {
        points[k] = corners[k]!;
        points[k + 1] = corners[k + 1]! - EYE_AHEAD;
        points[k + 2] = corners[k + 2]!;
      }
      outline(corners.length / 3);
      fill(this.#canvas, BONNET_INKS[part]!);
    }
  }
}

/** Adds a piece of wall that stands between the ends at `at`, the same way round on the picture whatever its direction. */
function addWall(at: number): void {
  let u0 = ends[at]!;
  let v0 = ends[at + 1]!;
  let u1 = ends[at + 2]!;
  let v1 = ends[at + 3]!;
  if (v0 < NEAR) {
    u0 += ((u1 - u0) * (NEAR - v0)) / (v1 - v0);
    v0 = NEAR;
  } else if (v1 < NEAR) {
    u1 += ((u0 - u1) * (NEAR - v1)) / (v0 - v1);
    v1 = NEAR;
  }
  const turned = u0 * v1 > u1 * v0;
  for (let corner = 0; corner < 4; corner++) {
    const end = (corner === 1 || corner === 2) !== turned;
    points[3 * corner] = end ? u1 : u0;
    points[3 * corner + 1] = end ? v1 : v0;
    points[3 * corner + 2] = corner < 2 ? 0 : BARRIER_HEIGHT;
  }
  outline(4);
}

/** Adds the trunk of a tree. */
function addTrunk(item: number, kind: number): void {
  for (let corner = 0; corner < 4; corner++) {
    points[3 * corner] = ends[4 * item]! + (corner === 1 || corner === 2 ? TRUNK_HALF : -TRUNK_HALF);
    points[3 * corner + 1] = ends[4 * item + 1]!;
    points[3 * corner + 2] = corner < 2 ? 0 : CROWN_UP * TREE_RADII[kind]!;
  }
  outline(4);
}

/** Adds the crown of a tree, or the light on it. */
function addCrown(item: number, kind: number, light: boolean): void {
  const whole = TREE_RADII[kind]!;
  const radius = light ? 0.55 * whole : whole;
  const u = ends[4 * item]! - (light ? 0.25 * whole : 0);
  const w = CROWN_UP * whole + (light ? 0.3 * whole : 0);
  for (let corner = 0; corner < CORNERS; corner++) {
    points[3 * corner] = u + radius * CROWN[2 * corner]!;
    points[3 * corner + 1] = ends[4 * item + 1]!;
    points[3 * corner + 2] = w + radius * CROWN[2 * corner + 1]!;
  }
  outline(CORNERS);
}
