/// <reference lib="dom" />
/** Draws scenes on a canvas: world units with y up, whatever the size and resolution of the canvas. */
import type { Camera, Scene, SceneItem, Shape } from '../../render/scene.js';

/** A rectangle of the canvas, in its own pixels. */
interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One of a scene's views. */
type View = Pick<Scene, 'camera' | 'items' | 'background'>;

const TURN = 2 * Math.PI;
const CAP_HEIGHT = 0.7;
/** Outlines of shapes, which envs use again from picture to picture. */
const paths = new WeakMap<Shape, Path2D>();

/**
 * Draws a scene over the whole canvas.
 * @param scale canvas pixels in a CSS pixel, for the inset's margin and border.
 */
export function drawScene(context: CanvasRenderingContext2D, scene: Scene | null, scale: number): void {
  const { width, height } = context.canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  if (scene === null) return;
  drawView(context, scene, { x: 0, y: 0, width, height });
  if (scene.inset !== undefined) drawInset(context, scene.inset, scale);
}

/** A scene between two: what moves a little glides; what jumps, or is another list of things, waits for its own moment. */
export function blend(from: Scene, to: Scene, part: number): Scene {
  const view = blendView(from, to, part);
  const inset = from.inset !== undefined && to.inset !== undefined ? blendView(from.inset, to.inset, part) : from.inset;
  return { ...from, ...view, ...(inset !== undefined && { inset }) };
}

function blendView(from: View, to: View, part: number): View {
  if (from.items.length !== to.items.length || from.background !== to.background) return from;
  const reach = 0.25 * Math.max(from.camera.width, from.camera.height);
  const mix = (a: number, b: number): number => a + part * (b - a);
  const jumps = (a: Partial<Camera>, b: Partial<Camera>): boolean =>
    Math.abs((b.x ?? 0) - (a.x ?? 0)) > reach ||
    Math.abs((b.y ?? 0) - (a.y ?? 0)) > reach ||
    Math.abs((b.angle ?? 0) - (a.angle ?? 0)) > 1;
  const place = <T extends SceneItem | Camera>(a: T, b: T): T =>
    a === b || jumps(a, b)
      ? a
      : {
          ...a,
          x: mix(a.x ?? 0, b.x ?? 0),
          y: mix(a.y ?? 0, b.y ?? 0),
          angle: mix(a.angle ?? 0, b.angle ?? 0),
        };
  const { camera } = from;
  const seen = place(camera, to.camera);
  return {
    background: from.background,
    camera:
      seen === camera
        ? camera
        : { ...seen, width: mix(camera.width, to.camera.width), height: mix(camera.height, to.camera.height) },
    items: from.items.map((item, i) => place(item, to.items[i]!)),
  };
}

function drawInset(context: CanvasRenderingContext2D, view: View, scale: number): void {
  const { width, height } = context.canvas;
  const aspect = view.camera.width / view.camera.height;
  const margin = 12 * scale;
  const wide = Math.min(0.3 * width, 0.36 * height * aspect, 260 * scale);
  const area = { x: width - margin - wide, y: margin, width: wide, height: wide / aspect };
  const outline = new Path2D();
  outline.roundRect(area.x, area.y, area.width, area.height, 8 * scale);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clip(outline);
  drawView(context, view, area);
  context.restore();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.strokeStyle = 'rgba(255, 255, 255, 0.55)';
  context.lineWidth = 1.5 * scale;
  context.stroke(outline);
}

function drawView(context: CanvasRenderingContext2D, { camera, items, background }: View, area: Area): void {
  const angle = camera.angle ?? 0;
  context.fillStyle = background;
  context.fillRect(area.x, area.y, area.width, area.height);
  const zoom = Math.min(area.width / camera.width, area.height / camera.height);
  const cos = Math.cos(angle) * zoom;
  const sin = Math.sin(angle) * zoom;
  const centreX = area.x + area.width / 2;
  const centreY = area.y + area.height / 2;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  for (const item of items) {
    const itemX = (item.x ?? 0) - camera.x;
    const itemY = (item.y ?? 0) - camera.y;
    const turn = (item.angle ?? 0) - angle;
    // World to canvas: turn by minus the camera's angle, scale, and flip y.
    const e = centreX + cos * itemX + sin * itemY;
    const f = centreY + sin * itemX - cos * itemY;
    const c = Math.cos(turn) * zoom;
    const s = Math.sin(turn) * zoom;
    context.setTransform(c, -s, -s, -c, e, f);
    drawShape(context, item.shape);
  }
}

function drawShape(context: CanvasRenderingContext2D, shape: Shape): void {
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
  let path = paths.get(shape);
  if (path === undefined) {
    path = pathOf(shape);
    paths.set(shape, path);
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
