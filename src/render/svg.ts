/** Draws a scene as an SVG text: pictures for documents and tests, without a canvas. */
import { failure } from '../core/errors.js';
import type { Camera, Scene, SceneItem, Shape } from './scene.js';
import { explainScene } from './validate.js';

/** Size of the picture. */
export interface SvgOptions {
  /** Width in pixels, 800 by default; the height follows from the camera. */
  readonly width?: number;
}

/** Cap height of the usual sans-serif fonts, in font sizes. */
const CAP_HEIGHT = 0.7;
const ANCHORS = { left: 'start', center: 'middle', right: 'end' } as const;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
/** Three decimals: a hundredth of a pixel, or a millimetre in the world. */
const round = (value: number): string => String(Number(value.toFixed(3)));
const pairs = (points: readonly number[]): string => points.map(round).join(' ');

function paint(shape: Exclude<Shape, { type: 'text' }>): string {
  const { fill, stroke, lineWidth, dash } = shape;
  let attributes = ` fill="${escapeXml(fill ?? 'none')}"`;
  if (stroke !== undefined) {
    attributes += ` stroke="${escapeXml(stroke)}" stroke-width="${round(lineWidth ?? 0.02)}"`;
    if (dash !== undefined) attributes += ` stroke-dasharray="${pairs(dash)}"`;
  }
  return attributes;
}

function shapeSvg(shape: Shape): string {
  switch (shape.type) {
    case 'circle':
      return `<circle cx="${round(shape.x)}" cy="${round(shape.y)}" r="${round(shape.radius)}"${paint(shape)}/>`;
    case 'polygon':
      return `<polygon points="${pairs(shape.points)}"${paint(shape)}/>`;
    case 'polyline':
      return `<${shape.closed ? 'polygon' : 'polyline'} points="${pairs(shape.points)}"${paint(shape)}/>`;
    case 'text': {
      const { x, y, text, size, fill, align } = shape;
      const place = `transform="translate(${round(x)} ${round(y)}) scale(1 -1)"`;
      const font = `font-family="system-ui, sans-serif" font-weight="600" font-size="${round(size / CAP_HEIGHT)}"`;
      return `<text ${place} ${font} fill="${escapeXml(fill)}" text-anchor="${ANCHORS[align ?? 'left']}">${escapeXml(text)}</text>`;
    }
  }
}

function itemSvg(item: SceneItem): string {
  const { x = 0, y = 0, angle = 0 } = item;
  const inner = shapeSvg(item.shape);
  if (x === 0 && y === 0 && angle === 0) return inner;
  const turn = angle === 0 ? '' : ` rotate(${round((angle * 180) / Math.PI)})`;
  return `<g transform="translate(${round(x)} ${round(y)})${turn}">${inner}</g>`;
}

/** One view in an area of `width` by `height` pixels: y up, centred, as large as fits. */
function viewSvg(view: Pick<Scene, 'background' | 'camera' | 'items'>, width: number, height: number): string {
  const { x, y, angle = 0 } = view.camera;
  const zoom = Math.min(width / view.camera.width, height / view.camera.height);
  const turn = angle === 0 ? '' : ` rotate(${round((-angle * 180) / Math.PI)})`;
  const transform = `translate(${round(width / 2)} ${round(height / 2)}) scale(${round(zoom)} ${round(-zoom)})${turn} translate(${round(-x)} ${round(-y)})`;
  const ground = `<rect width="${round(width)}" height="${round(height)}" fill="${escapeXml(view.background)}"/>`;
  const items = view.items.map(itemSvg).join('\n');
  return `${ground}\n<g transform="${transform}" stroke-linejoin="round" stroke-linecap="round">\n${items}\n</g>`;
}

const aspect = (camera: Camera): number => camera.width / camera.height;

/**
 * A scene as one self-contained SVG picture, its inset in the upper right corner.
 * @throws `INVALID_SCENE` if it is not a scene.
 */
export function sceneToSvg(scene: Scene, options: SvgOptions = {}): string {
  const problem = explainScene(scene);
  if (problem !== null) throw failure('INVALID_SCENE', `This is not a scene: ${problem}.`, { got: problem });
  const { width = 800 } = options;
  const height = Math.round(width / aspect(scene.camera));
  const parts = [viewSvg(scene, width, height)];
  if (scene.inset !== undefined) {
    const ratio = aspect(scene.inset.camera);
    const wide = Math.min(0.3 * width, 0.36 * height * ratio);
    const area = `x="${round(width - wide - 12)}" y="12" width="${round(wide)}" height="${round(wide / ratio)}"`;
    parts.push(`<svg ${area}>\n${viewSvg(scene.inset, wide, wide / ratio)}\n</svg>`);
    parts.push(`<rect ${area} fill="none" stroke="#ffffff" stroke-opacity="0.6" stroke-width="1.5"/>`);
  }
  const size = `width="${round(width)}" height="${height}" viewBox="0 0 ${round(width)} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${parts.join('\n')}\n</svg>\n`;
}
