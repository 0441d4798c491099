import { failure } from '../../../core/errors.js';
import { library } from '../library.js';
import type { FileSink } from '../sink.js';
import type { Frame } from './frames.js';
import { drawLabel, LABEL_HEIGHT } from './label.js';

/** Pixels between the frames of a sheet. */
const GAP = 8;
/** Labels are drawn twice as large as their glyphs. */
const SCALE = 2;
/** Largest sheet, pixels: what fits into 1 GiB. */
const LARGEST = 2 ** 28;

/** Frames side by side in one PNG, each under its episode and step. @throws `FORMAT_UNAVAILABLE`, `EXPORT_UNSUPPORTED` for a sheet beyond 2^28 pixels */
export async function writeSheet(sink: FileSink, frames: readonly Frame[]): Promise<void> {
  const { encode } = await library('fast-png', 'png', () => import('fast-png'));
  const { width, height } = frames[0]!.picture;
  const label = SCALE * LABEL_HEIGHT;
  // About as wide as high.
  const columns = Math.max(1, Math.round(Math.sqrt((frames.length * (height + label)) / width)));
  const rows = Math.ceil(frames.length / columns);
  const wide = columns * (width + GAP) + GAP;
  const high = rows * (height + label + GAP) + GAP;
  if (wide * high > LARGEST) {
    throw failure(
      'EXPORT_UNSUPPORTED',
      `A sheet of ${wide} x ${high} pixels is too large. Take fewer frames, or a smaller width.`,
      {
        got: `${wide} x ${high}`,
      },
    );
  }
  const rgba = new Uint8Array(wide * high * 4).fill(255);
  const sheet = { width: wide, height: high, rgba };
  for (const [k, { picture, episode, step }] of frames.entries()) {
    const x = GAP + (k % columns) * (width + GAP);
    const y = GAP + Math.floor(k / columns) * (height + label + GAP);
    drawLabel(sheet, `episode ${episode} step ${step}`, x, y, SCALE);
    for (let row = 0; row < height; row++) {
      const from = 4 * row * width;
      rgba.set(picture.rgba.subarray(from, from + 4 * width), 4 * ((y + label + row) * wide + x));
    }
  }
  sink.write(encode({ width: wide, height: high, data: rgba, channels: 4, depth: 8 }));
}
