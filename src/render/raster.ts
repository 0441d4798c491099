/** Scenes as pixels, through SVG. */
import type { Resvg } from '@resvg/resvg-js';
import type { Scene } from './scene.js';
import { sceneToSvg } from './svg.js';

/** What paints SVG. */
export type Rasterizer = typeof Resvg;

/** Loads it, the only place that does. @throws what its import throws */
export async function loadRasterizer(): Promise<Rasterizer> {
  return (await import('@resvg/resvg-js')).Resvg;
}

/** Pixels of a scene's width, unless something else is asked for. */
export const DEFAULT_WIDTH = 640;

/** A picture: rows from the top, four bytes a pixel (red, green, blue, alpha). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** Paints a scene so many pixels wide. @throws `INVALID_SCENE` */
export function rasterize(rasterizer: Rasterizer, scene: Scene, width: number = DEFAULT_WIDTH): Picture {
  const svg = sceneToSvg(scene, { width });
  const picture = new rasterizer(svg, { font: { loadSystemFonts: hasText(scene) } }).render();
  return { width: picture.width, height: picture.height, rgba: picture.pixels };
}

/** Looking for fonts takes longer than painting. */
function hasText(scene: Scene): boolean {
  return [...scene.items, ...(scene.inset?.items ?? [])].some(({ shape }) => shape.type === 'text');
}
