import type { Picture } from '../../../render/raster.js';

/** A film that is being written: frames of one size, in order. */
export interface Film {
  add(picture: Picture): void;
  finish(): void;
  /** Frees what the encoder holds; calling it after `finish` is fine. */
  discard(): void;
}
