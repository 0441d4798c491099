import { library } from '../library.js';
import type { FileSink } from '../sink.js';
import type { Film } from './film.js';

/** Browsers play frames that are shorter than this, in ms, at a tenth of the speed. */
const SHORTEST = 20;

/** An animated GIF, 256 colours a frame, that plays for ever; frames go to the file as they come. @throws `FORMAT_UNAVAILABLE` */
export async function openGif(sink: FileSink, fps: number): Promise<Film> {
  const { default: gifenc } = await library('gifenc', 'gif', () => import('gifenc'));
  const gif = gifenc.GIFEncoder();
  // A GIF counts in hundredths of a second.
  const delay = Math.max(SHORTEST, 10 * Math.round(100 / fps));
  const flush = (): void => {
    sink.write(gif.bytesView());
    gif.stream.reset();
  };
  return {
    add({ width, height, rgba }) {
      const palette = gifenc.quantize(rgba, 256);
      gif.writeFrame(gifenc.applyPalette(rgba, palette), width, height, { palette, delay });
      flush();
    },
    finish() {
      gif.finish();
      flush();
    },
    discard() {},
  };
}
