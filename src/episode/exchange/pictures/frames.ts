/** Frames of simulated episodes, handed to an encoder one by one. */
import type { RenderMode } from '../../../core/env.js';
import { usageError } from '../../../core/errors.js';
import type { Picture } from '../../../render/raster.js';
import type { EpisodeFileHead } from '../../module.js';
import type { ExportSource } from '../source.js';
import type { Painter } from './painter.js';

/** One frame: what the env looks like after a step. */
export interface Frame {
  readonly picture: Picture;
  /** Index of the episode in the file. */
  readonly episode: number;
  /** Counted from 1; 0 is the reset. */
  readonly step: number;
}

/** Which frames are taken. */
export interface FrameOptions {
  /** Every how many steps; the last step is always taken. */
  readonly every: number;
  /** At most so many frames an episode, evenly spread; null for all. */
  readonly frames: number | null;
}

/** The render mode whose pictures can be exported. @throws `EXPORT_UNSUPPORTED` for an env that draws nothing. */
export function pictureMode(file: EpisodeFileHead): RenderMode {
  const modes = file.header.metadata.renderModes ?? [];
  const mode = (['scene', 'rgb_array'] as const).find((known) => modes.includes(known));
  if (mode !== undefined) return mode;
  const { id } = file.header.spec;
  throw usageError(
    'EXPORT_UNSUPPORTED',
    `${id} draws neither a scene nor pixels (it has ${modes.length === 0 ? 'no render mode' : modes.join(', ')}), so there are no pictures of it. Give the env a scene, or export a table.`,
    { env: id, expected: 'scene or rgb_array', got: modes.join(', ') },
  );
}

/** The steps of an episode whose frames are taken, in order. */
export function frameSteps(steps: number, { every, frames }: FrameOptions): number[] {
  if (frames !== null) {
    const count = Math.min(frames, steps + 1);
    if (count === 1) return [steps];
    return Array.from({ length: count }, (_, k) => Math.round((k * steps) / (count - 1)));
  }
  const taken: number[] = [];
  for (let step = 0; step < steps; step += every) taken.push(step);
  return [...taken, steps];
}

/** Simulates the source's episodes and paints their frames; returns how many episodes, steps and frames there were. */
export async function paintFrames(
  source: ExportSource,
  painter: Painter,
  options: FrameOptions,
  onFrame: (frame: Frame) => void,
): Promise<{ episodes: number; steps: number; frames: number }> {
  const env = await source.env();
  let [episodes, steps, frames] = [0, 0, 0];
  const listener = (episode: number, length: number) => {
    const taken = new Set(frameSteps(length, options));
    return (step: number): void => {
      if (!taken.has(step)) return;
      onFrame({ picture: painter.paint(env.render()), episode, step });
      frames++;
    };
  };
  for await (const { episode } of source.simulated(listener)) {
    episodes++;
    steps += episode.steps;
  }
  return { episodes, steps, frames };
}
