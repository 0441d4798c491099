/**
 * The view from above: the car fixed in the middle of a row, nose up, a metre a pixel of the small picture. Trees stand over the
 * ground as they do in the scene.
 *
 * Hot path: nothing is allocated.
 */
import { setWindow } from '../../src/render/coverage.js';
import type { Car } from '../driving/car.js';
import { CONSTANTS } from '../driving/constants.js';
import { TREE_RADII } from '../driving/scenery.js';
import type { Track } from '../driving/track.js';
import { type Canvas, fill, fillRows, type Ink } from './fill.js';
import { Ground } from './ground.js';
import { BLACK, CAR, CAR_STRIPE, GLASS, GRASS, TREES } from './inks.js';
import type { DrivingPicture } from './picture.js';
import { Roadside } from './roadside.js';
import { lookDown, outline, view } from './view.js';

/** What a picture shows, m: from side to side, and behind and ahead of the car. */
const VIEW_WIDTH = 64;
const VIEW_BEHIND = 11;
const VIEW_AHEAD = 45;
/** The same for the README. */
export const TOP_VIEW = { width: VIEW_WIDTH, ahead: VIEW_AHEAD, behind: VIEW_BEHIND } as const;
const HALF_LENGTH = CONSTANTS.CAR_LENGTH.value / 2;
const HALF_WIDTH = CONSTANTS.CAR_WIDTH.value / 2;
/** Wheels, m: middles, half their length and width. */
const WHEELS = new Float64Array([
  ...[-HALF_WIDTH, CONSTANTS.FRONT_AXLE.value, HALF_WIDTH, CONSTANTS.FRONT_AXLE.value],
  ...[-HALF_WIDTH, -CONSTANTS.REAR_AXLE.value, HALF_WIDTH, -CONSTANTS.REAR_AXLE.value],
]);
const WHEEL_LENGTH = 0.4;
const WHEEL_WIDTH = 0.22;
/** The body, its stripe and its windscreen: left, right, back and front side, m. */
const BOXES = new Float64Array([
  ...[-HALF_WIDTH, HALF_WIDTH, -HALF_LENGTH, HALF_LENGTH],
  ...[-0.3, 0.3, -HALF_LENGTH, HALF_LENGTH],
  ...[-0.66, 0.66, 0.1, 0.7],
]);
const BOX_INKS: readonly Ink[] = [CAR, CAR_STRIPE, GLASS];
const { points } = view;
/** The view's corner, m from the point that is as far from all four. */
const CENTRE = (VIEW_AHEAD - VIEW_BEHIND) / 2;
const REACH = Math.sqrt(VIEW_WIDTH * VIEW_WIDTH + (VIEW_AHEAD + VIEW_BEHIND) * (VIEW_AHEAD + VIEW_BEHIND)) / 2;
/** Corners of a crown. */
const CORNERS = 8;
const CROWN = Float64Array.from({ length: 2 * CORNERS }, (_, k) => {
  const angle = (2 * Math.PI * ((k >> 1) + 0.5)) / CORNERS;
  return (k & 1) === 0 ? Math.cos(angle) : Math.sin(angle);
});

/** One env's picture from above. */
export class TopDownPicture implements DrivingPicture {
  readonly #canvas: Canvas;
  readonly #roadside = new Roadside();
  readonly #ground: Ground;
  readonly #camera = { x: 0, y: 0, sine: 0, cosine: 1 };
  /** Trees in view `[trees]`. */
  readonly #near: Uint16Array;

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
    this.#ground = new Ground(canvas, this.#roadside, true);
    this.#near = new Uint16Array(this.#roadside.treeX.length);
  }

  begin(track: Track): void {
    this.#roadside.build(track);
    this.#ground.begin(track);
  }

  draw({ body, steer }: Car): void {
    const canvas = this.#canvas;
    const camera = this.#camera;
    const { rows, size } = canvas;
    const scale = size / VIEW_WIDTH;
    setWindow(size, rows);
    lookDown(scale, size / 2, VIEW_AHEAD * scale);
    camera.x = body.x;
    camera.y = body.y;
    camera.sine = Math.sin(body.angle);
    camera.cosine = Math.cos(body.angle);
    const { x, y, sine, cosine } = camera;
    const left = -(sine * x - cosine * y) + VIEW_WIDTH / 2;
    const bottom = -(cosine * x + sine * y) + VIEW_BEHIND;
    const seen = this.#roadside.bins.find(sine, cosine, left, bottom, 1, VIEW_WIDTH, VIEW_AHEAD + VIEW_BEHIND);
    fillRows(canvas, 0, rows, GRASS);
    this.#ground.draw(camera, seen, CENTRE, REACH);
    this.#drawCar(steer);
    this.#drawTrees();
  }

  /** Wheels, then the body over them; the front wheels turn. */
  #drawCar(steer: number): void {
    for (let wheel = 0; wheel < 4; wheel++) {
      const turn = wheel < 2 ? Math.sin(-steer) : 0;
      const straight = wheel < 2 ? Math.cos(steer) : 1;
      for (let corner = 0; corner < 4; corner++) {
        const along = corner === 1 || corner === 2 ? WHEEL_LENGTH : -WHEEL_LENGTH;
        const across = corner < 2 ? -WHEEL_WIDTH : WHEEL_WIDTH;
        points[3 * corner] = WHEELS[2 * wheel]! + along * turn + across * straight;
        points[3 * corner + 1] = WHEELS[2 * wheel + 1]! + along * straight - across * turn;
      }
      outline(4);
    }
    fill(this.#canvas, BLACK);
    for (let part = 0; part < BOX_INKS.length; part++) {
      for (let corner = 0; corner < 4; corner++) {
        points[3 * corner] = BOXES[4 * part + (corner < 2 ? 0 : 1)]!;
        points[3 * corner + 1] = BOXES[4 * part + (corner === 1 || corner === 2 ? 3 : 2)]!;
      }
      outline(4);
      fill(this.#canvas, BOX_INKS[part]!);
    }
  }

  #drawTrees(): void {
    const { x, y, sine, cosine } = this.#camera;
    const { trees, treeX, treeY, treeSize } = this.#roadside;
    const near = this.#near;
    const most = TREE_RADII[TREE_RADII.length - 1]!;
    let count = 0;
    for (let k = 0; k < trees; k++) {
      const dx = treeX[k]! - x;
      const dy = treeY[k]! - y;
      const u = sine * dx - cosine * dy;
      const v = cosine * dx + sine * dy;
      if (Math.abs(u) < VIEW_WIDTH / 2 + most && v > -VIEW_BEHIND - most && v < VIEW_AHEAD + most) near[count++] = k;
    }
    for (let size = 0; size < TREE_RADII.length; size++) {
      const radius = TREE_RADII[size]!;
      for (let at = 0; at < count; at++) {
        const k = near[at]!;
        if (treeSize[k] !== size) continue;
        const dx = treeX[k]! - x;
        const dy = treeY[k]! - y;
        const u = sine * dx - cosine * dy;
        const v = cosine * dx + sine * dy;
        for (let corner = 0; corner < CORNERS; corner++) {
          points[3 * corner] = u + radius * CROWN[2 * corner]!;
          points[3 * corner + 1] = v + radius * CROWN[2 * corner + 1]!;
        }
        outline(CORNERS);
      }
      fill(this.#canvas, TREES[size]!);
    }
  }
}
