/// <reference lib="dom" />
/** The page's data: unpacking, and turning a film's streams into frames. */
import type { Scene, SceneItem } from '../../render/scene.js';
import { ANGLE_QUANTUM, type Film, type FrameStream, type PageData } from '../page-data.js';

/** One view at one moment, ready to draw. */
export interface Frame {
  readonly background: number;
  /** x, y, width, height (world units), angle (radians). */
  readonly camera: Float64Array;
  readonly shapes: Int32Array;
  /** x, y, angle of each item. */
  readonly places: Float64Array;
}

/** Reads the data of this page: deflated JSON in base64. */
export async function readPageData(element: HTMLElement): Promise<PageData> {
  const packed = Uint8Array.from(atob((element.textContent ?? '').replace(/["\s]/g, '')), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text()) as PageData;
}

/** The frames of one view; null where a frame has no such view. */
export function decodeFrames(film: Film, stream: FrameStream): (Frame | null)[] {
  const frames: (Frame | null)[] = [];
  const camera = [0, 0, 0, 0, 0];
  let shapes: number[] = [];
  let places: number[] = [];
  const { quantum } = film;
  let at = 0;
  const next = (): number => stream[at++]!;
  while (at < stream.length) {
    const count = next();
    if (count < 0) {
      frames.push(null);
      continue;
    }
    const background = next();
    for (let n = next(); n > 0; n--) {
      const i = next();
      camera[i]! += next();
    }
    shapes = Array.from({ length: count }, (_, i) => shapes[i] ?? 0);
    for (let n = next(); n > 0; n--) {
      const i = next();
      shapes[i] = next();
    }
    places = Array.from({ length: 3 * count }, (_, i) => places[i] ?? 0);
    for (let n = next(); n > 0; n--) {
      const i = next();
      for (let k = 0; k < 3; k++) places[3 * i + k]! += next();
    }
    frames.push({
      background,
      camera: Float64Array.from(camera, (value, i) => value * (i === 4 ? ANGLE_QUANTUM : quantum)),
      shapes: Int32Array.from(shapes),
      places: Float64Array.from(places, (value, i) => value * (i % 3 === 2 ? ANGLE_QUANTUM : quantum)),
    });
  }
  return frames;
}

/** The recorded pictures of an episode as scenes. */
export class FilmScenes {
  readonly #film: Film;
  readonly #main: (Frame | null)[];
  readonly #inset: (Frame | null)[];
  readonly #made = new Map<number, Scene | null>();

  constructor(film: Film) {
    this.#film = film;
    this.#main = decodeFrames(film, film.main);
    this.#inset = film.inset === null ? [] : decodeFrames(film, film.inset);
  }

  /** The picture after `step`, or the last one before it. */
  at(step: number): Scene | null {
    const index = Math.min(Math.floor(step / this.#film.every), this.#main.length - 1);
    const known = this.#made.get(index);
    if (known !== undefined) return known;
    const scene = this.#scene(index);
    this.#made.clear();
    this.#made.set(index, scene);
    return scene;
  }

  #scene(index: number): Scene | null {
    const main = this.#main[index];
    if (main === null || main === undefined) return null;
    const inset = this.#inset[index];
    const { texts, readings } = this.#film;
    const words = (readings[index] ?? []).map((text) => texts[text]!);
    return {
      ...this.#view(main),
      ...(inset && { inset: this.#view(inset) }),
      readings: Array.from({ length: words.length >> 1 }, (_, i) => [words[2 * i]!, words[2 * i + 1]!] as const),
    };
  }

  #view({ background, camera, shapes, places }: Frame): Pick<Scene, 'camera' | 'items' | 'background'> {
    const [x, y, width, height, angle] = camera as unknown as [number, number, number, number, number];
    const item = (shape: number, i: number): SceneItem => ({
      shape: this.#film.shapes[shape]!,
      x: places[3 * i]!,
      y: places[3 * i + 1]!,
      angle: places[3 * i + 2]!,
    });
    return {
      background: this.#film.backgrounds[background]!,
      camera: { x, y, width, height, angle },
      items: Array.from(shapes, item),
    };
  }
}
