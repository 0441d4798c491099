/// <reference lib="dom" />
/** Draws the frames of a film on a canvas. */
import type { Film } from '../page-data.js';
import { decodeFrames, type Frame } from './decode.js';
import { between, Painter, type Picture } from './paint.js';

/** The pictures of one episode. */
export class FilmPainter {
  /** How many frames there are. */
  readonly length: number;
  readonly #film: Film;
  readonly #main: (Frame | null)[];
  readonly #inset: (Frame | null)[];
  readonly #painter = new Painter();

  constructor(film: Film) {
    this.#film = film;
    this.#main = decodeFrames(film, film.main);
    this.#inset = film.inset === null ? [] : decodeFrames(film, film.inset);
    this.length = this.#main.length;
  }

  /** Width over height of what the first frame shows. */
  get aspect(): number {
    const camera = this.#main[0]?.camera;
    return camera === undefined ? 1.6 : camera[2]! / camera[3]!;
  }

  /** The readings of a frame: label and value by turns. */
  readings(frame: number): readonly string[] {
    return (this.#film.readings[frame] ?? []).map((index) => this.#film.texts[index]!);
  }

  /**
   * Draws the moment `time` (in frames, with a fraction): between two frames things glide, unless they jump.
   * @param scale canvas pixels in a CSS pixel, for the inset's margin and border.
   */
  draw(context: CanvasRenderingContext2D, time: number, scale: number): void {
    this.#painter.paint(context, this.#at(this.#main, time), this.#at(this.#inset, time), scale);
  }

  #at(frames: readonly (Frame | null)[], time: number): Picture | null {
    const index = Math.min(Math.floor(time), frames.length - 1);
    const frame = this.#picture(frames[index] ?? null);
    const next = this.#picture(frames[index + 1] ?? null);
    const part = time - index;
    return frame === null || next === null || part <= 0 ? frame : between(frame, next, part);
  }

  #picture(frame: Frame | null): Picture | null {
    if (frame === null) return null;
    const { shapes, backgrounds } = this.#film;
    return {
      background: backgrounds[frame.background]!,
      camera: frame.camera,
      shapes: Array.from(frame.shapes, (index) => shapes[index]!),
      places: frame.places,
    };
  }
}
