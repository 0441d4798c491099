/// <reference lib="dom" />
/** Draws the scenes of a lane. */
import type { Scene } from '../../render/scene.js';
import { between, Painter, pictureOf } from './paint.js';

const painter = new Painter();

/**
 * Draws a scene over the whole canvas.
 * @param next the scene after it; with `part`, from 0 to 1, things glide towards it.
 * @param scale canvas pixels in a CSS pixel, for the inset's margin and border.
 */
export function drawScene(
  context: CanvasRenderingContext2D,
  scene: Scene | null,
  next: Scene | null,
  part: number,
  scale: number,
): void {
  const at = (from: Pick<Scene, 'camera' | 'items' | 'background'>, to: typeof from | null | undefined) =>
    part > 0 && to ? between(pictureOf(from), pictureOf(to), part) : pictureOf(from);
  const inset = scene?.inset === undefined ? null : at(scene.inset, next?.inset);
  painter.paint(context, scene === null ? null : at(scene, next), inset, scale);
}
