/** Episode pages: one HTML file that plays recorded episodes anywhere, with nothing to install and nothing to load. */
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Env } from '../core/env.js';
import { usageError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import {
  type EnvOverride,
  type Episode,
  type EpisodeFile,
  makeTrustedEnv,
  readEpisodes,
  replayReset,
  type VerifiedEpisode,
  verifyEpisodes,
} from '../episode/index.js';
import { FilmMaker } from './film.js';
import type { Film, PageData, PageEpisode } from './page-data.js';
import { pageHtml } from './page-html.js';
import { actionSeries, choicesOf, endingOf, measuresOf, observationSeries } from './page-series.js';

/** Frames a second of an env that does not say. */
const DEFAULT_FPS = 30;
/** Most episodes of a page unless it is told which. */
const MOST_EPISODES = 10;

/** How a page looks and what is in it. */
export interface EpisodePageOptions extends EnvOverride {
  /** Heading; the env's id by default. */
  readonly title?: string;
  /** Widest the page gets, CSS pixels. */
  readonly width?: number;
  /** Which episodes of the file, counted from 0; the first ten by default. */
  readonly episodes?: readonly number[];
  /** Read the file although a part of it has changed. */
  readonly ignoreChecksum?: boolean;
}

/**
 * An HTML page that plays the episodes of a file. The pictures come from simulating them again, with the verdict shown.
 * @throws what `readEpisodes` and making the env throw; `INVALID_SCENE` if the env's pictures are none; `NO_SUCH_EPISODE`.
 */
export async function renderEpisodePage(file: string | EpisodeFile, options: EpisodePageOptions = {}): Promise<string> {
  const { ignoreChecksum = false } = options;
  const recorded = typeof file === 'string' ? await readEpisodes(file, { ignoreChecksum }) : file;
  const { header } = recorded;
  const indices = episodesOf(recorded, options.episodes);
  const notes = recorded.notices.map(({ message }) => message);
  if (indices.length < recorded.episodes.length && options.episodes === undefined) {
    notes.push(`The first ${indices.length} of ${recorded.episodes.length} episodes are shown.`);
  }
  const chosen: EpisodeFile = { ...recorded, notices: [], episodes: indices.map((i) => recorded.episodes[i]!) };
  const verification = await verifyEpisodes(chosen, options);
  notes.push(...verification.notices.map(({ message }) => message));
  if (verification.verification === 'off') notes.push('What was recorded is shown, without pictures.');
  const films = await filmsOf(chosen, options);
  const episodes = chosen.episodes.map((episode, i): PageEpisode => {
    const { observations, film } = films[i]!;
    return {
      index: indices[i]!,
      steps: episode.steps,
      seed: episode.seed,
      return: episode.return,
      ending: endingOf(episode),
      measures: measuresOf(recorded, episode),
      verdict: verdictOf(verification.episodes[i]),
      rewards: Array.from(films[i]!.rewards, (reward) => Number(reward.toPrecision(7))),
      observations: observationSeries(recorded, observations),
      actions: actionSeries(recorded, episode),
      choices: choicesOf(recorded),
      film,
    };
  });
  const data: PageData = { env: header.spec.id, fps: header.metadata.renderFps ?? DEFAULT_FPS, episodes };
  const { about } = header.metadata;
  return pageHtml({
    title: options.title ?? header.spec.id,
    subtitle: [about, header.policy === null ? undefined : `Played by ${header.policy}.`].filter(Boolean).join(' '),
    notes,
    footer: `Recorded with ${header.createdBy}, Node ${header.engine.node} on ${header.engine.arch}.`,
    script: await pageScript(),
    data: deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64'),
    width: options.width ?? null,
  });
}

/** Writes `renderEpisodePage`'s page to a file, whole or not at all; returns its size in bytes. */
export async function writeEpisodePage(
  path: string,
  file: string | EpisodeFile,
  options: EpisodePageOptions = {},
): Promise<number> {
  const page = Buffer.from(await renderEpisodePage(file, options), 'utf8');
  await writeFileAtomic(path, page);
  return page.length;
}

function episodesOf(file: EpisodeFile, wanted: readonly number[] | undefined): readonly number[] {
  const all = file.episodes.map((_, i) => i);
  if (wanted === undefined) {
    if (all.length === 0)
      throw usageError('NO_SUCH_EPISODE', `${file.path} has no episodes to show.`, { file: file.path });
    return all.slice(0, MOST_EPISODES);
  }
  const missing = wanted.find((index) => !all.includes(index));
  if (missing === undefined && wanted.length > 0) return wanted;
  throw usageError(
    'NO_SUCH_EPISODE',
    `${file.path} has the episodes 0 to ${all.length - 1}, got ${missing ?? 'none'}.`,
    {
      file: file.path,
      got: String(missing),
    },
  );
}

function verdictOf(verified: VerifiedEpisode | undefined): PageEpisode['verdict'] {
  if (verified === undefined) return null;
  const { ok, steps, failure, firstDifference } = verified;
  if (failure !== undefined) return { ok, text: `step ${failure.step} ${ok ? 'fails again' : 'no longer fails'}` };
  if (ok) return { ok, text: `verified: all ${steps} steps repeat` };
  return { ok, text: `differs from step ${firstDifference?.step ?? 0}: ${firstDifference?.field ?? 'unknown'}` };
}

/** What simulating an episode again shows. */
interface Replay {
  readonly observations: unknown[];
  readonly rewards: number[];
  readonly film: Film | null;
}

async function filmsOf(file: EpisodeFile, options: EnvOverride): Promise<Replay[]> {
  // Simulated again it would be another episode: what was recorded is shown, without pictures.
  if ((options.spec ?? file.header.spec).nondeterministic) return file.episodes.map(recorded);
  const modes = (options.spec === undefined ? file.header.metadata.renderModes : undefined) ?? ['scene'];
  const env = modes.includes('scene') ? await withPictures(file, options) : await makeTrustedEnv(file, options);
  try {
    return file.episodes.map((episode) => replay(env, episode, file.header.spec.id));
  } finally {
    env.close();
  }
}

/** What the file itself holds of an episode. */
function recorded({ observations, rewards, steps }: Episode): Replay {
  return {
    observations: observations === null ? [] : Array.from({ length: steps + 1 }, (_, i) => observations.at(i)),
    rewards: rewards === null ? [] : [...rewards],
    film: null,
  };
}

/** The env with pictures, or without if it has none. */
async function withPictures(file: EpisodeFile, options: EnvOverride): Promise<Env> {
  try {
    return await makeTrustedEnv(file, options, 'scene');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'INVALID_RENDER_MODE') {
      return await makeTrustedEnv(file, options);
    }
    throw error;
  }
}

function replay(env: Env, episode: Episode, id: string): Replay {
  const observations: unknown[] = [];
  const rewards: number[] = [];
  let maker: FilmMaker | null = new FilmMaker();
  const look = (frame: number): void => {
    const picture = env.render();
    if (picture === null || picture === undefined) maker = null;
    else maker?.add(id, frame, picture);
  };
  observations.push(replayReset(env, episode).observation);
  look(0);
  try {
    for (let step = 1; step <= episode.steps; step++) {
      const { observation, reward } = env.step(episode.actions.at(step - 1));
      observations.push(observation);
      rewards.push(reward);
      look(step);
    }
  } catch (error) {
    // The verdict names a step that throws; the pictures end before it. A picture that is none is the env's own fault.
    if (error instanceof Error && 'code' in error && error.code === 'INVALID_SCENE') throw error;
  }
  return { observations, rewards, film: maker?.film() ?? null };
}

let script: string | null = null;

/** The page's script, bundled from the compiled modules beside this one. */
async function pageScript(): Promise<string> {
  if (script !== null) return script;
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page/main.js', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  script = outputFiles[0]!.text.trim();
  return script;
}
