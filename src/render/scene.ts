/**
 * A picture as data: what `render()` returns in mode `'scene'`. Plain JSON in world units (metres, y up), so that any
 * front end can draw it: a canvas page, a terminal, a test. No canvas, no pixels, no colours beyond CSS strings.
 */

/** How an outline is painted. Lengths are in world units. */
export interface Paint {
  /** CSS colour inside. */
  readonly fill?: string;
  /** CSS colour of the outline. */
  readonly stroke?: string;
  /** Outline width, world units. */
  readonly lineWidth?: number;
  /** Dash lengths, world units. */
  readonly dash?: readonly number[];
}

/** A shape in its own coordinates; points are flat `[x0, y0, x1, y1, ...]`. */
export type Shape =
  | ({ readonly type: 'polygon'; readonly points: readonly number[] } & Paint)
  | ({ readonly type: 'polyline'; readonly points: readonly number[]; readonly closed?: boolean } & Paint)
  | ({ readonly type: 'circle'; readonly x: number; readonly y: number; readonly radius: number } & Paint)
  | {
      readonly type: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      /** Cap height, world units. */
      readonly size: number;
      readonly fill: string;
      readonly align?: 'left' | 'center' | 'right';
    };

/**
 * A shape placed in the world: turned by `angle` (radians, counter-clockwise), then moved to `(x, y)`.
 * A shape that does not change between frames should be the same object: pages store each shape once and a frame
 * only says which shapes are where.
 */
export interface SceneItem {
  readonly shape: Shape;
  readonly x?: number;
  readonly y?: number;
  readonly angle?: number;
}

/** What part of the world is seen: centred on `(x, y)`, at least `width` by `height` world units, turned by `angle`. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly angle?: number;
}

/** One picture: items are painted in order, first at the back. */
export interface Scene {
  readonly background: string;
  readonly camera: Camera;
  readonly items: readonly SceneItem[];
  /** Optional second view in a corner, such as a map of the whole track, drawn from its own items. */
  readonly inset?: { readonly camera: Camera; readonly items: readonly SceneItem[]; readonly background: string };
  /** Short readings shown beside the picture, such as `['speed', '12.3 m/s']`. */
  readonly readings?: readonly (readonly [string, string])[];
}
