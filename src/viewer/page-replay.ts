/** Simulates a file's episodes again in Node, for what a page shows of them and for what lets the page do the same. */
import type { Env } from '../core/env.js';
import type { Episode } from '../episode/log.js';
import { type EnvOverride, makeTrustedEnv, replayReset } from '../episode/module.js';
import type { EpisodeFile } from '../episode/reader.js';
import { FilmMaker } from './film.js';
import type { Film } from './page-data.js';
import type { PackedReplay, PageSnapshot } from './sim/start.js';

/** What simulating an episode again shows. */
export interface Replay {
  readonly observations: unknown[];
  /** The info of the reset and of each step, as far as a policy needs it: masks of allowed actions. */
  readonly masks: (ArrayLike<number> | null)[];
  readonly rewards: number[];
  readonly film: Film | null;
  readonly snapshots: readonly PageSnapshot[];
}

/** Steps between two snapshots at first. */
const SNAPSHOT_EVERY = 50;
/** Characters of an episode's snapshots; with more of them every second one goes. */
const LARGEST_SNAPSHOTS = 1_000_000;
/** Pictures of an episode that a page keeps beside an env that draws them itself. */
const MOST_PICTURES = 2_000;

/**
 * Replays the episodes of a file.
 * @param simulated whether the page holds the env: then a long episode's film has only every few pictures.
 * @throws what `makeTrustedEnv` throws; `INVALID_SCENE`.
 */
export async function replayEpisodes(file: EpisodeFile, options: EnvOverride, simulated: boolean): Promise<Replay[]> {
  // Simulated again it would be another episode: what was recorded is shown, without pictures.
  if ((options.spec ?? file.header.spec).nondeterministic) return file.episodes.map(recorded);
  const modes = (options.spec === undefined ? file.header.metadata.renderModes : undefined) ?? ['scene'];
  const env = modes.includes('scene') ? await withPictures(file, options) : await makeTrustedEnv(file, options);
  try {
    return file.episodes.map((episode) => replay(env, episode, file.header.spec.id, simulated));
  } finally {
    env.close();
  }
}

/** What the file itself holds of an episode. */
function recorded({ observations, rewards, steps }: Episode): Replay {
  const seen = observations === null ? [] : Array.from({ length: steps + 1 }, (_, i) => observations.at(i));
  return {
    observations: seen,
    masks: seen.map(() => null),
    rewards: rewards === null ? [] : [...rewards],
    film: null,
    snapshots: [],
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

function replay(env: Env, episode: Episode, id: string, simulated: boolean): Replay {
  const observations: unknown[] = [];
  const masks: (ArrayLike<number> | null)[] = [];
  const rewards: number[] = [];
  const snapshots = new Snapshots();
  const every = simulated ? Math.ceil((episode.steps + 1) / MOST_PICTURES) : 1;
  let maker: FilmMaker | null = new FilmMaker();
  const look = (frame: number, observation: unknown, { actionMask }: Record<string, unknown>): void => {
    observations.push(observation);
    masks.push(typeof actionMask === 'object' ? (actionMask as ArrayLike<number> | null) : null);
    const picture = env.render();
    if (picture === null || picture === undefined) maker = null;
    else if (frame % every === 0) maker?.add(id, frame, picture);
    if (simulated) snapshots.look(env, frame, frame === episode.steps);
  };
  const begun = replayReset(env, episode);
  look(0, begun.observation, begun.info);
  try {
    for (let step = 1; step <= episode.steps; step++) {
      const { observation, reward, info } = env.step(episode.actions.at(step - 1));
      rewards.push(reward);
      look(step, observation, info);
    }
  } catch (error) {
    // The verdict names a step that throws; the pictures end before it. A picture that is none is the env's own fault.
    if (error instanceof Error && 'code' in error && error.code === 'INVALID_SCENE') throw error;
  }
  return { observations, masks, rewards, film: maker?.film(every) ?? null, snapshots: snapshots.kept };
}

/** Snapshots of an env that saves its own state: every few steps and the last; further apart where they would be large. */
class Snapshots {
  #kept: PageSnapshot[] = [];
  #size = 0;
  #every = SNAPSHOT_EVERY;
  /** Whether the env has a way of its own; known after the first. */
  #saves = true;

  get kept(): readonly PageSnapshot[] {
    return this.#kept;
  }

  look(env: Env, step: number, last: boolean): void {
    if (!this.#saves || (!last && step % this.#every !== 0)) return;
    const { episode, steps, state, rng } = env.snapshot();
    // A snapshot by replay is the actions, which the page has.
    this.#saves = episode === null;
    if (episode !== null) return;
    this.#kept.push({ steps, state, rng });
    this.#size += JSON.stringify(state).length;
    if (this.#size <= LARGEST_SNAPSHOTS || last) return;
    this.#every *= 2;
    this.#kept = this.#kept.filter((one) => one.steps % this.#every === 0);
    this.#size = this.#kept.reduce((sum, one) => sum + JSON.stringify(one.state).length, 0);
  }
}

/** What the page simulates an episode from. */
export function packReplay(episode: Episode, snapshots: readonly PageSnapshot[]): PackedReplay {
  const { rng, seed, options, wrappers = null, steps, actions, hashes } = episode;
  const packed = actions.toBytes();
  // The action of a step that failed is in the log, too, and is not played.
  const bytes = actions.length === steps ? packed : firstActions(episode);
  return {
    start: { rng, seed, options, wrappers },
    steps,
    actions: base64(bytes),
    hashes: hashes === null ? null : base64(new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength)),
    snapshots,
  };
}

function firstActions({ actions, steps }: Episode): Uint8Array {
  const before = actions.length;
  if (actions.bytes !== actions.toBytes().length) {
    const list = JSON.parse(Buffer.from(actions.toBytes()).toString('utf8')) as unknown[];
    return Buffer.from(JSON.stringify(list.slice(0, steps)), 'utf8');
  }
  return actions.toBytes().subarray(0, (actions.toBytes().length / before) * steps);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
