/// <reference lib="dom" />
/** Draws frames on a canvas: world units with y up, whatever the size and resolution of the canvas. */
import type { Shape } from '../../render/scene.js';
import type { Film } from '../page-data.js';
import { decodeFrames, type Frame } from './decode.js';

/** A rectangle of the canvas, in its own pixels. */
interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const TURN = 2 * Math.PI;
const CAP_HEIGHT = 0.7;

/** The pictures of one episode. */
export class FilmPainter {
  /** How many frames there are. */
  readonly length: number;
  readonly #film: Film;
  readonly #main: (Frame | null)[];
  readonly #inset: (Frame | null)[];
  readonly #paths = new Map<number, Path2D>();

  constructor(film: Film) {
    this.#film = film;
    this.#main = decodeFrames(film, film.main);
    this.#inset = film.inset === null ? [] : decodeFrames(film, film.inset);
    this.length = this.#main.length;
  }

  /** Width over height of what the first frame shows. */
  get aspect(): number {
    const camera = this.#main[0]?.camera;
    return camera === undefined ? 1.6 : camera[2]! / camera[3]!;
  }

  /** The readings of a frame: label and value by turns. */
  readings(frame: number): readonly string[] {
    return (this.#film.readings[frame] ?? []).map((index) => this.#film.texts[index]!);
  }

  /**
   * Draws the moment `time` (in frames, with a fraction): between two frames things glide, unless they jump.
   * @param scale canvas pixels in a CSS pixel, for the inset's margin and border.
   */
  draw(context: CanvasRenderingContext2D, time: number, scale: number): void {
    const { width, height } = context.canvas;
    const frame = this.#at(this.#main, time);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    if (frame === null) return;
    this.#view(context, frame, { x: 0, y: 0, width, height });
    const inset = this.#at(this.#inset, time);
    if (inset !== null) this.#drawInset(context, inset, scale);
  }

  #drawInset(context: CanvasRenderingContext2D, frame: Frame, scale: number): void {
    const { width, height } = context.canvas;
    const aspect = frame.camera[2]! / frame.camera[3]!;
    const margin = 12 * scale;
    const wide = Math.min(0.3 * width, 0.36 * height * aspect, 260 * scale);
    const area = { x: width - margin - wide, y: margin, width: wide, height: wide / aspect };
    const outline = new Path2D();
    outline.roundRect(area.x, area.y, area.width, area.height, 8 * scale);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clip(outline);
    this.#view(context, frame, area);
    context.restore();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.strokeStyle = 'rgba(255, 255, 255, 0.55)';
    context.lineWidth = 1.5 * scale;
    context.stroke(outline);
  }

  #at(frames: readonly (Frame | null)[], time: number): Frame | null {
    const index = Math.min(Math.floor(time), frames.length - 1);
    const frame = frames[index] ?? null;
    const next = frames[index + 1] ?? null;
    const part = time - index;
    return frame === null || next === null || part <= 0 ? frame : between(frame, next, part);
  }

  #view(context: CanvasRenderingContext2D, frame: Frame, area: Area): void {
    const { camera } = frame;
    const x = camera[0]!;
    const y = camera[1]!;
    const angle = camera[4]!;
    context.fillStyle = this.#film.backgrounds[frame.background]!;
    context.fillRect(area.x, area.y, area.width, area.height);
    const zoom = Math.min(area.width / camera[2]!, area.height / camera[3]!);
    const cos = Math.cos(angle) * zoom;
    const sin = Math.sin(angle) * zoom;
    const centreX = area.x + area.width / 2;
    const centreY = area.y + area.height / 2;
    context.lineJoin = 'round';
    context.lineCap = 'round';
    for (let i = 0; i < frame.shapes.length; i++) {
      const itemX = frame.places[3 * i]! - x;
      const itemY = frame.places[3 * i + 1]! - y;
      const turn = frame.places[3 * i + 2]! - angle;
      // World to canvas: turn by minus the camera's angle, scale, and flip y.
      const e = centreX + cos * itemX + sin * itemY;
      const f = centreY + sin * itemX - cos * itemY;
      const c = Math.cos(turn) * zoom;
      const s = Math.sin(turn) * zoom;
      context.setTransform(c, -s, -s, -c, e, f);
      this.#shape(context, frame.shapes[i]!);
    }
  }

  #shape(context: CanvasRenderingContext2D, index: number): void {
    const shape = this.#film.shapes[index]!;
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
    let path = this.#paths.get(index);
    if (path === undefined) {
      path = pathOf(shape);
      this.#paths.set(index, path);
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

/** A frame between two: what moves a little glides; what jumps, or is another list of things, waits for its own frame. */
function between(from: Frame, to: Frame, part: number): Frame {
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
