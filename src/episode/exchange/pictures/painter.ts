/** What an env renders as pixels: scenes through SVG, pixel arrays as they are. All pictures of a film have one size. */
import { failure, usageError } from '../../../core/errors.js';
import { Pixels } from '../../../core/pixels.js';
import { loadRasterizer, type Picture, type Rasterizer, rasterize } from '../../../render/raster.js';
import type { Scene } from '../../../render/scene.js';
import { preview } from '../../../spaces/arrays.js';
import { library } from '../library.js';

/** Paints what `render()` returns; the first picture fixes the size, both sides even, as films need them. */
export class Painter {
  readonly #rasterizer: Rasterizer;
  readonly #width: number;
  readonly #shape: readonly number[] | null;
  #size: { readonly width: number; readonly height: number } | null = null;

  private constructor(rasterizer: Rasterizer, width: number, shape: readonly number[] | null) {
    this.#rasterizer = rasterizer;
    this.#width = width;
    this.#shape = shape;
  }

  /**
   * @param width pixels of a scene's width.
   * @param shape height, width and channels of the env's observations, which tell the size of its pixel arrays; null if they are none.
   * @throws `FORMAT_UNAVAILABLE`, `INVALID_OPTION`
   */
  static async create(format: string, width: number, shape: readonly number[] | null): Promise<Painter> {
    if (!Number.isSafeInteger(width) || width < 16 || width > 4096) {
      throw usageError(
        'INVALID_OPTION',
        `Expected width as a whole number of pixels from 16 to 4096, got ${String(width)}.`,
        {
          field: 'width',
          expected: '16 to 4096',
          got: String(width),
        },
      );
    }
    return new Painter(await library('@resvg/resvg-js', format, loadRasterizer), width, shape);
  }

  /** @throws `INVALID_SCENE`; `EXPORT_UNSUPPORTED` for what is no picture */
  paint(view: unknown): Picture {
    return this.#fit(
      view instanceof Uint8Array ? this.#pixels(view) : rasterize(this.#rasterizer, view as Scene, this.#width),
    );
  }

  /** A pixel array is flat: its size is that of the observations, or it is a square. */
  #pixels(view: Uint8Array): Picture {
    const shape = this.#shape;
    const [high, wide] =
      view instanceof Pixels
        ? [view.height, view.width]
        : shape !== null && shape[0]! * shape[1]! * 3 === view.length
          ? [shape[0]!, shape[1]!]
          : [Math.sqrt(view.length / 3), Math.sqrt(view.length / 3)];
    if (!Number.isInteger(wide) || !Number.isInteger(high) || wide === 0) {
      throw failure(
        'EXPORT_UNSUPPORTED',
        `render() gave ${preview(view)}, whose height and width are unknown: expected the size of the env's picture observations, or a square of 3 bytes a pixel.`,
        { got: preview(view) },
      );
    }
    const rgba = new Uint8Array(high * wide * 4).fill(255);
    for (let i = 0; i < high * wide; i++) rgba.set(view.subarray(3 * i, 3 * i + 3), 4 * i);
    return { width: wide, height: high, rgba };
  }

  /** Pads with the colour of the first corner, or cuts, to the size of the first picture. */
  #fit(picture: Picture): Picture {
    const even = (pixels: number): number => pixels + (pixels % 2);
    this.#size ??= { width: even(picture.width), height: even(picture.height) };
    const { width, height } = this.#size;
    if (picture.width === width && picture.height === height) return picture;
    const rgba = new Uint8Array(width * height * 4);
    for (let i = 0; i < rgba.length; i += 4) rgba.set(picture.rgba.subarray(0, 4), i);
    const row = 4 * Math.min(width, picture.width);
    for (let y = 0; y < Math.min(height, picture.height); y++) {
      rgba.set(picture.rgba.subarray(4 * y * picture.width, 4 * y * picture.width + row), 4 * y * width);
    }
    return { width, height, rgba };
  }
}
