import type { H264MP4Encoder } from 'h264-mp4-encoder';
import { library } from '../library.js';
import type { FileSink } from '../sink.js';
import type { Film } from './film.js';

/** From 10 (best) to 51 (smallest): flat drawings keep their edges at this one. */
const QUANTIZATION = 22;
/** From 0 (best) to 10 (fastest). */
const SPEED = 5;

let films = 0;

/**
 * The encoder counts whole frames a second: 12.5 becomes 25 with every frame twice. @returns rate, and how often each frame is
 * shown; the nearest whole rate where no small multiple comes within half a percent.
 */
export function wholeRate(fps: number): { readonly rate: number; readonly times: number } {
  for (let times = 1; times <= 100; times++) {
    const rate = Math.round(fps * times);
    if (rate > 240) break;
    if (rate >= 1 && Math.abs(rate / times - fps) <= 0.005 * fps) return { rate, times };
  }
  return { rate: Math.min(240, Math.max(1, Math.round(fps))), times: 1 };
}

/**
 * An MP4 film (H.264 baseline). The encoder is WebAssembly and keeps the compressed film in memory until its end.
 * @throws `FORMAT_UNAVAILABLE`
 */
export async function openMp4(sink: FileSink, fps: number): Promise<Film> {
  let encoder: H264MP4Encoder | null = await library('h264-mp4-encoder', 'mp4', async () => {
    const { default: package_ } = await import('h264-mp4-encoder');
    return await package_.createH264MP4Encoder();
  });
  // All encoders of a process share one virtual folder.
  encoder.outputFilename = `film-${++films}.mp4`;
  let [begun, finished] = [false, false];
  const discard = (): void => {
    if (encoder === null) return;
    try {
      encoder.FS.unlink(encoder.outputFilename);
    } catch {
      // Not made yet.
    }
    // Freed in the middle of a film it would abort the process: then its memory goes with the module.
    if (finished || !begun) encoder.delete();
    encoder = null;
  };
  const { rate, times } = wholeRate(fps);
  return {
    add({ width, height, rgba }) {
      if (encoder === null) throw new Error('internal: a film went on after its end');
      if (!begun) {
        Object.assign(encoder, { width, height, frameRate: rate });
        Object.assign(encoder, { quantizationParameter: QUANTIZATION, speed: SPEED });
        encoder.initialize();
        begun = true;
      }
      for (let k = 0; k < times; k++) encoder.addFrameRgba(rgba);
    },
    finish() {
      if (encoder === null) return;
      encoder.finalize();
      finished = true;
      sink.write(encoder.FS.readFile(encoder.outputFilename));
      discard();
    },
    discard,
  };
}
