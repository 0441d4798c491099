/** Exports to films and contact sheets. */
import { wholeFromOne } from '../../core/whole.js';
import { DEFAULT_WIDTH } from '../../render/raster.js';
import type { Exported, ExportTarget } from '../export.js';
import { isImage } from './columns.js';
import { paceOf } from './export-table.js';
import type { Film } from './pictures/film.js';
import { type Frame, paintFrames, pictureMode } from './pictures/frames.js';
import { openGif } from './pictures/gif.js';
import { openMp4 } from './pictures/mp4.js';
import { Painter } from './pictures/painter.js';
import { writeSheet } from './pictures/sheet.js';
import { FileSink } from './sink.js';
import { ExportSource } from './source.js';

/** Frames of a sheet, an episode. */
const SHEET_FRAMES = 20;

/** Simulates the chosen episodes (the first, if none are chosen) and writes their pictures. */
export async function exportPictures({ file, out, format, options }: ExportTarget): Promise<Exported> {
  const sheet = format === 'png';
  const every = fromOne('every', options.every, 1);
  const perEpisode = fromOne('frames', options.frames, SHEET_FRAMES);
  const chosen = { ...options, episodes: options.episodes ?? [0] };
  const probe = await ExportSource.open(file, chosen);
  const { head } = probe;
  probe.close();
  const source = await ExportSource.open(file, chosen, pictureMode(head));
  let sink: FileSink | null = null;
  let film: Film | null = null;
  try {
    const { observationSpace, header } = head;
    const shape = isImage(observationSpace) ? observationSpace.shape : null;
    const painter = await Painter.create(format, options.width ?? (sheet ? 240 : DEFAULT_WIDTH), shape);
    const fps = paceOf(options.fps, header.metadata.renderFps) / (options.fps === undefined ? every : 1);
    sink = new FileSink(out);
    const frames: Frame[] = [];
    if (!sheet) film = await (format === 'gif' ? openGif : openMp4)(sink, fps);
    const size = await paintFrames(source, painter, { every, frames: sheet ? perEpisode : null }, (frame) => {
      if (film === null) frames.push(frame);
      else film.add(frame.picture);
    });
    if (film === null) await writeSheet(sink, frames);
    else film.finish();
    return { path: out, bytes: sink.commit(), ...size, notices: source.notices };
  } finally {
    film?.discard();
    sink?.discard();
    source.close();
  }
}

function fromOne(field: string, value: number | undefined, usual: number): number {
  const count = value ?? usual;
  wholeFromOne(field, count);
  return count;
}
