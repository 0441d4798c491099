/** What does not move in a picture of a track: grass, road, kerbs, lines, barriers, trees and the map. */
import type { Camera, SceneItem, Shape } from '../../src/render/scene.js';
import { CONSTANTS } from './constants.js';
import { TRACK_POINTS, type Track } from './track.js';

const VERGE = CONSTANTS.VERGE.value;
/** Bends sharper than this have kerbs, 1/m. */
export const KERB_CURVATURE: number = 1 / 32;
const KERB_WIDTH = 0.8;
/** Edge of the lattice on which trees stand, m. */
const TREE_LATTICE = 11;
/** How far around the track there are trees and mown stripes, m. */
const MARGIN = 55;
const STRIPE = 9;

/** The pictures of one track; the same objects in every frame. */
export interface TrackScenery {
  /** Number of the track. */
  readonly number: number;
  /** Everything below the car. */
  readonly ground: readonly SceneItem[];
  /** Everything above the car. */
  readonly canopy: readonly SceneItem[];
  readonly map: { readonly camera: Camera; readonly items: readonly SceneItem[]; readonly background: string };
}

interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** Centimetres suffice in a picture. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Builds the pictures of a track. */
export function trackScenery(track: Track): TrackScenery {
  const bounds = boundsOf(track);
  const trees = plantTrees(track);
  return {
    number: track.number,
    ground: [stripes(bounds), trees.shadow, ...road(track)].map((shape) => ({ shape })),
    canopy: trees.crowns.map((shape) => ({ shape })),
    map: mapOf(track, bounds),
  };
}

function boundsOf(track: Track): Bounds {
  const spread = track.halfWidth + VERGE;
  return {
    left: Math.min(...track.x) - spread,
    right: Math.max(...track.x) + spread,
    bottom: Math.min(...track.y) - spread,
    top: Math.max(...track.y) + spread,
  };
}

/** `count` points of the line beside the centre line from point `from` on, `offset` m to the left. */
function beside(track: Track, offset: number, from = 0, count: number = TRACK_POINTS): number[] {
  const points: number[] = [];
  for (let k = 0; k < count; k++) {
    const p = (from + k) % TRACK_POINTS;
    points.push(round(track.x[p]! - track.tangentY[p]! * offset), round(track.y[p]! + track.tangentX[p]! * offset));
  }
  return points;
}

/**
 * Several outlines as one: a bridge of no width leads from each ring to the next, and all the way back. A frame then places one
 * shape instead of hundreds.
 */
export function joined(rings: readonly (readonly number[])[]): number[] {
  const points: number[] = [];
  for (const ring of rings) points.push(...ring, ring[0]!, ring[1]!);
  for (const ring of [...rings].reverse()) points.push(ring[0]!, ring[1]!);
  return points;
}

/** Mown stripes across the whole ground. */
function stripes(bounds: Bounds): Shape {
  const rings: number[][] = [];
  const bottom = round(bounds.bottom - MARGIN);
  const top = round(bounds.top + MARGIN);
  const lean = round((top - bottom) * 0.35);
  for (let x = bounds.left - MARGIN - lean; x < bounds.right + MARGIN; x += 2 * STRIPE) {
    const left = round(x);
    const right = round(x + STRIPE);
    rings.push([left, bottom, right, bottom, right + lean, top, left + lean, top].map(round));
  }
  return { type: 'polygon', points: joined(rings), fill: 'rgba(255, 255, 190, 0.055)' };
}

/** The road from the ground up: gravel, barriers, asphalt, kerbs, lines, the finish line. */
function road(track: Track): Shape[] {
  const { halfWidth } = track;
  const centre = beside(track, 0);
  const ribbon = (width: number, stroke: string): Shape => ({
    type: 'polyline',
    points: centre,
    closed: true,
    stroke,
    lineWidth: round(width),
  });
  const shapes: Shape[] = [
    ribbon(2 * (halfWidth + VERGE + 0.9), 'rgba(0, 0, 0, 0.16)'),
    ribbon(2 * (halfWidth + VERGE + 0.35), '#e8e6df'),
    ribbon(2 * (halfWidth + VERGE), '#c2ad7d'),
    ribbon(2 * (halfWidth + 0.45), '#a99668'),
    ribbon(2 * halfWidth, '#4b4e54'),
    ribbon(2 * (halfWidth - 1.4), '#50535a'),
  ];
  for (const side of [1, -1]) {
    const rail = beside(track, side * (halfWidth + VERGE + 0.18));
    shapes.push({ type: 'polyline', points: rail, closed: true, stroke: '#c8372f', lineWidth: 0.36, dash: [3, 3] });
  }
  for (const side of [1, -1]) shapes.push(...kerbs(track, side));
  for (const side of [1, -1]) {
    const edge = beside(track, side * (halfWidth - 0.25));
    shapes.push({ type: 'polyline', points: edge, closed: true, stroke: '#f2f2ee', lineWidth: 0.18 });
  }
  shapes.push({
    type: 'polyline',
    points: centre,
    closed: true,
    stroke: 'rgba(242, 242, 238, 0.55)',
    lineWidth: 0.14,
    dash: [2.5, 4],
  });
  shapes.push(...finishLine(track));
  return shapes;
}

/** Red and white kerbs along the inner edges of sharp bends to one side (1 left, -1 right). */
function kerbs(track: Track, side: number): Shape[] {
  const shapes: Shape[] = [];
  const sharp = (p: number): boolean => side * track.curvature[(p + TRACK_POINTS) % TRACK_POINTS]! > KERB_CURVATURE;
  for (let p = 0; p < TRACK_POINTS; p++) {
    if (!sharp(p) || sharp(p - 1)) continue;
    let count = 1;
    while (count < TRACK_POINTS && sharp(p + count)) count++;
    const from = (p - 2 + TRACK_POINTS) % TRACK_POINTS;
    const points = beside(track, side * (track.halfWidth + 0.2), from, count + 4);
    shapes.push({ type: 'polyline', points, stroke: '#f0eee8', lineWidth: KERB_WIDTH });
    shapes.push({ type: 'polyline', points, stroke: '#cf3228', lineWidth: KERB_WIDTH, dash: [1.3, 1.3] });
  }
  return shapes;
}

/** Chequers across the road at the start line. */
function finishLine(track: Track): Shape[] {
  const tx = track.tangentX[0]!;
  const ty = track.tangentY[0]!;
  const columns = 3;
  const size = (2 * track.halfWidth - 0.5) / Math.round((2 * track.halfWidth - 0.5) / 0.62);
  const half = track.halfWidth - 0.25;
  const at = (along: number, left: number): [number, number] => [
    round(track.x[0]! + tx * along - ty * left),
    round(track.y[0]! + ty * along + tx * left),
  ];
  const depth = columns * size;
  const shapes: Shape[] = [
    {
      type: 'polygon',
      points: [...at(-depth / 2, -half), ...at(depth / 2, -half), ...at(depth / 2, half), ...at(-depth / 2, half)],
      fill: '#f6f6f2',
    },
  ];
  for (let column = 0; column < columns; column++) {
    const along = (column - (columns - 1) / 2) * size;
    const shift = column % 2 === 0 ? 0 : size;
    shapes.push({
      type: 'polyline',
      points: [...at(along, -half + shift), ...at(along, half)],
      stroke: '#15161a',
      lineWidth: round(size),
      dash: [size, size],
    });
  }
  return shapes;
}

export const TREE_GREENS: readonly string[] = ['#2f5a2b', '#376834', '#2a5030'];
/** m. */
export const TREE_RADII: readonly number[] = [2.1, 2.8, 3.6];
/** Corners of a tree's crown. */
const TREE_CORNERS = 18;

/** A tree: the middle of its crown, m, and which of `TREE_RADII` and `TREE_GREENS` it has. */
export interface Tree {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** Scatters trees off the road, the same for a track each time. */
export function treesOf(track: Track): Tree[] {
  const bounds = boundsOf(track);
  const trees: Tree[] = [];
  const clearance = track.halfWidth + VERGE + 5;
  let noise = (track.number * 2654435761 + 1) >>> 0;
  const next = (): number => {
    noise = (Math.imul(noise ^ (noise >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return noise / 4294967296;
  };
  for (let gx = bounds.left - MARGIN; gx < bounds.right + MARGIN; gx += TREE_LATTICE) {
    for (let gy = bounds.bottom - MARGIN; gy < bounds.top + MARGIN; gy += TREE_LATTICE) {
      const x = gx + next() * TREE_LATTICE;
      const y = gy + next() * TREE_LATTICE;
      const size = Math.floor(next() * TREE_RADII.length);
      if (next() < 0.45 || distanceToRoad(track, x, y) < clearance) continue;
      trees.push({ x, y, size });
    }
  }
  return trees;
}

function plantTrees(track: Track): { shadow: Shape; crowns: Shape[] } {
  const shadows: number[][] = [];
  const crowns: number[][][] = TREE_RADII.map(() => []);
  const lights: number[][] = [];
  for (const { x, y, size } of treesOf(track)) {
    const radius = TREE_RADII[size]!;
    shadows.push(crown(x + 0.8, y - 0.9, radius));
    crowns[size]!.push(crown(x, y, radius));
    lights.push(crown(x - 0.22 * radius, y + 0.28 * radius, 0.55 * radius));
  }
  return {
    shadow: { type: 'polygon', points: joined(shadows), fill: 'rgba(0, 0, 0, 0.22)' },
    crowns: [
      ...crowns.map((rings, i): Shape => ({ type: 'polygon', points: joined(rings), fill: TREE_GREENS[i]! })),
      { type: 'polygon', points: joined(lights), fill: 'rgba(190, 220, 120, 0.16)' },
    ],
  };
}

/** A wavy outline around a point. */
function crown(x: number, y: number, radius: number): number[] {
  const points: number[] = [];
  for (let k = 0; k < TREE_CORNERS; k++) {
    const angle = (2 * Math.PI * k) / TREE_CORNERS;
    const r = radius * (1 - 0.06 * ((k * 7) % 4));
    points.push(Math.round(10 * (x + r * Math.cos(angle))) / 10, Math.round(10 * (y + r * Math.sin(angle))) / 10);
  }
  return points;
}

function distanceToRoad(track: Track, x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let p = 0; p < TRACK_POINTS; p += 2) {
    const dx = track.x[p]! - x;
    const dy = track.y[p]! - y;
    least = Math.min(least, dx * dx + dy * dy);
  }
  return Math.sqrt(least);
}

/** The whole track as a small map, without the car. */
function mapOf(track: Track, bounds: Bounds): TrackScenery['map'] {
  const centre = beside(track, 0);
  const line = (width: number, stroke: string): SceneItem => ({
    shape: { type: 'polyline', points: centre, closed: true, stroke, lineWidth: round(width) },
  });
  const half = track.halfWidth + 3;
  const tx = track.tangentX[0]!;
  const ty = track.tangentY[0]!;
  const start: Shape = {
    type: 'polyline',
    points: [-half, half].flatMap((left) => [round(track.x[0]! - ty * left), round(track.y[0]! + tx * left)]),
    stroke: '#ffffff',
    lineWidth: 2.5,
  };
  return {
    camera: {
      x: round((bounds.left + bounds.right) / 2),
      y: round((bounds.bottom + bounds.top) / 2),
      width: round(bounds.right - bounds.left + 12),
      height: round(bounds.top - bounds.bottom + 12),
    },
    items: [line(2 * track.halfWidth + 3, '#f2f2ee'), line(2 * track.halfWidth, '#565a61'), { shape: start }],
    background: 'rgba(24, 34, 24, 0.72)',
  };
}
