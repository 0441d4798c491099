/// <reference lib="dom" />
/** Paints pictures on a canvas: world units with y up, whatever the size and resolution of the canvas. */
import type { Camera, SceneItem, Shape } from '../../render/scene.js';

/** A rectangle of the canvas, in its own pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One view at one moment, ready to paint. */
export interface Picture {
  readonly background: string;
  /** x, y, width, height (world units), angle (radians). */
  readonly camera: Float64Array;
  readonly shapes: readonly Shape[];
  /** x, y, angle of each shape. */
  readonly places: Float64Array;
}

const TURN = 2 * Math.PI;
const CAP_HEIGHT = 0.7;

/** The picture of a scene, or of its inset. */
export function pictureOf(view: {
  readonly camera: Camera;
  readonly items: readonly SceneItem[];
  readonly background: string;
}): Picture {
  const { camera, items, background } = view;
  const places = new Float64Array(3 * items.length);
  items.forEach((item, i) => {
    places[3 * i] = item.x ?? 0;
    places[3 * i + 1] = item.y ?? 0;
    places[3 * i + 2] = item.angle ?? 0;
  });
  return {
    background,
    camera: Float64Array.of(camera.x, camera.y, camera.width, camera.height, camera.angle ?? 0),
    shapes: items.map(({ shape }) => shape),
    places,
  };
}

/** A picture between two: what moves a little glides; what jumps, or is another list of things, waits for its own picture. */
export function between(from: Picture, to: Picture, part: number): Picture {
  if (from.shapes.length !== to.shapes.length || from.background !== to.background) return from;
  const reach = 0.25 * Math.max(from.camera[2]!, from.camera[3]!);
  const glide = (a: Float64Array, b: Float64Array, stride: number): Float64Array => {
    const mixed = a.slice();
    for (let i = 0; i < a.length; i += stride) {
      const jump = Math.abs(b[i]! - a[i]!) > reach || Math.abs(b[i + 1]! - a[i + 1]!) > reach;
      if (jump || Math.abs(b[i + stride - 1]! - a[i + stride - 1]!) > 1) continue;
      for (let k = i; k < i + stride; k++) mixed[k] = a[k]! + part * (b[k]! - a[k]!);
    }
    return mixed;
  };
  return {
    background: from.background,
    camera: glide(from.camera, to.camera, 5),
    shapes: from.shapes,
    places: glide(from.places, to.places, 3),
  };
}

/** Paints pictures; keeps the outline of each shape that it has met. */
export class Painter {
  readonly #paths = new WeakMap<Shape, Path2D>();

  /**
   * Paints the whole canvas: a picture, and in a corner another.
   * @param scale canvas pixels in a CSS pixel, for the inset's margin and border.
   */
  paint(context: CanvasRenderingContext2D, main: Picture | null, inset: Picture | null, scale: number): void {
    const { width, height } = context.canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    if (main === null) return;
    this.#view(context, main, { x: 0, y: 0, width, height });
    if (inset !== null) this.#inset(context, inset, scale);
  }

  #inset(context: CanvasRenderingContext2D, picture: Picture, scale: number): void {
    const { width, height } = context.canvas;
    const aspect = picture.camera[2]! / picture.camera[3]!;
    const margin = 12 * scale;
    const wide = Math.min(0.3 * width, 0.36 * height * aspect, 260 * scale);
    const area = { x: width - margin - wide, y: margin, width: wide, height: wide / aspect };
    const outline = new Path2D();
    outline.roundRect(area.x, area.y, area.width, area.height, 8 * scale);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clip(outline);
    this.#view(context, picture, area);
    context.restore();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.strokeStyle = 'rgba(255, 255, 255, 0.55)';
    context.lineWidth = 1.5 * scale;
    context.stroke(outline);
  }

  #view(context: CanvasRenderingContext2D, { background, camera, shapes, places }: Picture, area: Area): void {
    const x = camera[0]!;
    const y = camera[1]!;
    const angle = camera[4]!;
    context.fillStyle = background;
    context.fillRect(area.x, area.y, area.width, area.height);
    const zoom = Math.min(area.width / camera[2]!, area.height / camera[3]!);
    const cos = Math.cos(angle) * zoom;
    const sin = Math.sin(angle) * zoom;
    const centreX = area.x + area.width / 2;
    const centreY = area.y + area.height / 2;
    context.lineJoin = 'round';
    context.lineCap = 'round';
    for (let i = 0; i < shapes.length; i++) {
      const itemX = places[3 * i]! - x;
      const itemY = places[3 * i + 1]! - y;
      const turn = places[3 * i + 2]! - angle;
      // World to canvas: turn by minus the camera's angle, scale, and flip y.
      const e = centreX + cos * itemX + sin * itemY;
      const f = centreY + sin * itemX - cos * itemY;
      const c = Math.cos(turn) * zoom;
      const s = Math.sin(turn) * zoom;
      context.setTransform(c, -s, -s, -c, e, f);
      this.#shape(context, shapes[i]!);
    }
  }

  #shape(context: CanvasRenderingContext2D, shape: Shape): void {
    if (shape.type === 'text') {
      context.save();
      context.translate(shape.x, shape.y);
      context.scale(1, -1);
      context.fillStyle = shape.fill;
      context.textAlign = shape.align ?? 'left';
      context.font = `600 ${shape.size / CAP_HEIGHT}px system-ui, sans-serif`;
      context.fillText(shape.text, 0, 0);
      context.restore();
      return;
    }
    let path = this.#paths.get(shape);
    if (path === undefined) {
      path = pathOf(shape);
      this.#paths.set(shape, path);
    }
    if (shape.fill !== undefined) {
      context.fillStyle = shape.fill;
      context.fill(path);
    }
    if (shape.stroke !== undefined) {
      context.strokeStyle = shape.stroke;
      context.lineWidth = shape.lineWidth ?? 0.02;
      context.setLineDash(shape.dash === undefined ? [] : [...shape.dash]);
      context.stroke(path);
    }
  }
}

function pathOf(shape: Exclude<Shape, { type: 'text' }>): Path2D {
  const path = new Path2D();
  if (shape.type === 'circle') {
    path.arc(shape.x, shape.y, shape.radius, 0, TURN);
    return path;
  }
  const { points } = shape;
  for (let i = 0; i + 1 < points.length; i += 2) {
    if (i === 0) path.moveTo(points[0]!, points[1]!);
    else path.lineTo(points[i]!, points[i + 1]!);
  }
  if (shape.type === 'polygon' || shape.closed) path.closePath();
  return path;
}
