import { usageError } from './errors.js';

/** What `render()` gives with the render mode `rgb_array`: rows from the top, three bytes a pixel (red, green, blue). */
export class Pixels extends Uint8Array {
  /** Parts and copies by array methods are plain bytes: they have another size, or none. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  readonly height: number;
  readonly width: number;

  /** @throws `INVALID_OPTION` unless both are whole numbers from 1. */
  constructor(height: number, width: number) {
    if (![height, width].every((side) => Number.isSafeInteger(side) && side >= 1)) {
      throw usageError(
        'INVALID_OPTION',
        `Pixels take height and width, whole numbers from 1, got ${String(height)} and ${String(width)}.`,
        { expected: 'whole numbers from 1', got: `${String(height)}, ${String(width)}` },
      );
    }
    super(3 * height * width);
    this.height = height;
    this.width = width;
  }
}
