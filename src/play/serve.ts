/** The server of `gymkhana play`: one page, and one address that takes the episodes played in it. */
import type { Context } from 'hono';
import type { Env } from '../core/env.js';
import { GymkhanaError, usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';
import { makeFromSpec } from '../registration/index.js';
import { serveLocal } from '../server/index.js';
import { keyboardOf } from '../spaces/keyboard.js';
import { EpisodeKeeper } from './keeper.js';
import { playPage } from './page.js';
import type { KeptEpisode, PlayData } from './protocol.js';

/** Steps a second of an env that does not say. */
const DEFAULT_FPS = 30;
/** Largest episode that is taken, bytes of JSON: a hundred thousand steps of a few numbers. */
const LARGEST_EPISODE = 32_000_000;

export interface PlayOptions {
  readonly spec: EnvSpec;
  /** The episode file that played episodes are appended to. */
  readonly path: string;
  /** Seed of the first episode, each further one has the next; by default the number of episodes in the file. */
  readonly seed?: number;
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
  readonly onEpisode?: (episode: KeptEpisode) => void;
}

export interface PlayServer {
  /** Address of the page. */
  readonly url: string;
  readonly port: number;
  readonly path: string;
  /** Episodes in the file, those of earlier sittings included. */
  readonly episodes: number;
  /** Stops listening when the episode that is being kept is on the disk. */
  close(): Promise<void>;
}

/**
 * Serves a page in which a person plays an env.
 * @throws `INVALID_SEED`, `KEYBOARD_MISSING`, `KEYBOARD_INVALID`, `ENV_NOT_FOR_PAGES`, what making the env, opening the file and listening throw.
 */
export async function playEnv(options: PlayOptions): Promise<PlayServer> {
  const { spec, path, host, port, token, onEpisode } = options;
  const env = await makeFromSpec(spec);
  let keeper: EpisodeKeeper;
  let page: (seed: number) => string;
  let first: number;
  try {
    const keyboard = keyboardOf(env);
    keeper = await EpisodeKeeper.open(path, spec, env);
    const seed = options.seed ?? keeper.episodes;
    first = seed - keeper.episodes;
    // The page counts on from it.
    if (!Number.isSafeInteger(seed) || seed < 0 || seed > 2 ** 52) {
      throw usageError('INVALID_SEED', `A seed of play is a whole number from 0 to 2^52, got ${seed}.`, {
        expected: 'a whole number from 0 to 2^52',
        got: String(seed),
        field: 'seed',
      });
    }
    const { metadata } = env;
    page = await playPage(spec, metadata.about ?? '', {
      env: spec.id,
      fps: metadata.renderFps !== undefined && metadata.renderFps > 0 ? metadata.renderFps : DEFAULT_FPS,
      keyboard,
      shows: showsOf(env),
      observation: metadata.fields?.observation.map(({ name }) => name) ?? [],
      file: path,
    });
  } finally {
    env.close();
  }
  const server = await serveLocal({
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(token !== undefined && { token }),
    maxBody: LARGEST_EPISODE,
    routes: (app) => {
      app.get(
        '/',
        (
          context, // A page that is loaded again goes on with the seeds where the file stands.
        ) => context.html(page(first + keeper.episodes)),
      );
      app.post('/api/episodes', async (context) => {
        const kept = await keeper.keep(await bodyOf(context));
        onEpisode?.(kept);
        return context.json(kept);
      });
    },
  });
  return {
    url: server.url,
    port: server.port,
    path,
    get episodes() {
      return keeper.episodes;
    },
    async close() {
      await keeper.settled();
      await server.close();
    },
  };
}

async function bodyOf(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new GymkhanaError('INVALID_EPISODE', 'This is not JSON, so nothing was written.', { kind: 'usage', cause });
  }
}

function showsOf({ metadata }: Env): PlayData['shows'] {
  const modes = metadata.renderModes ?? [];
  return modes.includes('scene') ? 'scene' : modes.includes('ansi') ? 'ansi' : 'numbers';
}
