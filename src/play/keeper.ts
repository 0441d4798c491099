/** Keeps what a person played: simulates it again in Node, compares, and appends it to an episode file. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Env } from '../core/env.js';
import { type GymkhanaError, usageError } from '../core/errors.js';
import { notWritable } from '../core/files.js';
import { type Json, plainJson } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import * as z from '../core/zod.js';
import { FORMAT_VERSION } from '../episode/format.js';
import type { Episode } from '../episode/log.js';
import { RecordEpisode } from '../episode/recorder.js';
import { openEpisodes } from '../episode/stream.js';
import { type EpisodeFileOptions, EpisodeWriter } from '../episode/writer.js';
import { makeFromSpec } from '../registration/index.js';
import { actionFault } from '../spaces/keyboard.js';
import { type KeptEpisode, LONGEST_PLAY, type PlayedEpisode } from './protocol.js';

/** Env steps between two looks at the event loop. */
const STEPS_PER_TURN = 4096;

const playedSchema = z.strictObject({
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  // Whether they are actions the space says; JSON of any depth is looked into no further than that.
  actions: z.array(z.unknown()).min(1).max(LONGEST_PLAY),
  hashes: z.array(z.number().int().min(0).max(0xffffffff)),
});

/** Appends episodes of one env to one file. Between two episodes the file is whole and closed. */
export class EpisodeKeeper {
  readonly path: string;
  readonly #options: EpisodeFileOptions;
  #episodes: number;
  /** Size of the file as this keeper left it; 0 for none. */
  #bytes: number;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, options: EpisodeFileOptions, episodes: number) {
    this.path = path;
    this.#options = options;
    this.#episodes = episodes;
    this.#bytes = sizeOf(path);
  }

  /**
   * Prepares to append to a file, which need not exist.
   * @throws `PLAY_NONDETERMINISTIC`; `CANNOT_APPEND` to a file of something else; `NOT_WRITABLE`; what reading a damaged file throws.
   */
  static async open(path: string, spec: EnvSpec, env: Env): Promise<EpisodeKeeper> {
    if (spec.nondeterministic) {
      throw usageError(
        'PLAY_NONDETERMINISTIC',
        `${spec.id} says it is nondeterministic: what a person plays cannot be simulated again, so it cannot be kept. Draw all chance from this.rng and register the env without nondeterministic.`,
        { env: spec.id },
      );
    }
    try {
      const folder = dirname(resolve(path));
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      if (existsSync(path)) accessSync(path, constants.W_OK);
    } catch (cause) {
      throw notWritable(path, cause);
    }
    const { observationSpace, actionSpace, metadata } = env;
    const options = { spec, observationSpace, actionSpace, metadata, policyNote: 'a person' };
    return new EpisodeKeeper(path, options, existsSync(path) ? await episodesIn(path, options) : 0);
  }

  /** Episodes in the file. */
  get episodes(): number {
    return this.#episodes;
  }

  /**
   * Simulates an episode and appends it, one at a time.
   * @throws `INVALID_EPISODE` for what is no episode of this env: nothing is written; `NOT_WRITABLE`.
   */
  keep(given: unknown): Promise<KeptEpisode> {
    const kept = this.#last.then(() => this.#keep(given));
    this.#last = kept.catch(() => {});
    return kept;
  }

  /** Resolves when nothing is being kept. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #keep(given: unknown): Promise<KeptEpisode> {
    const played = this.#checked(given);
    const episode = await this.#simulate(played);
    // Somebody else wrote to it: whatever cannot be appended to must not be cut or begun anew.
    if (existsSync(this.path) && sizeOf(this.path) !== this.#bytes) await episodesIn(this.path, this.#options);
    const writer = EpisodeWriter.reopen(this.path, this.#options, () => true);
    try {
      writer.write(episode);
    } finally {
      writer.close();
    }
    const index = writer.episodes - 1;
    this.#episodes = writer.episodes;
    this.#bytes = sizeOf(this.path);
    const { seed, steps, return: total } = episode;
    const first = firstDifference(played.hashes, episode);
    return {
      file: this.path,
      index,
      seed: seed!,
      steps,
      return: total,
      ended: endOf(episode),
      same: first === null,
      firstDifference: first,
      message: describe(episode, first),
    };
  }

  #checked(given: unknown): PlayedEpisode {
    const { data, error } = playedSchema.safeParse(given);
    if (data === undefined) {
      const [issue] = error.issues;
      const where = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
      throw invalid(`${where}: ${issue?.message ?? 'unknown'}`);
    }
    const { seed, actions, hashes } = data;
    // One for the reset and one a step; none for a last action at which the env failed.
    if (hashes.length !== actions.length + 1 && hashes.length !== actions.length) {
      throw invalid(`${actions.length} actions need ${actions.length + 1} hashes, got ${hashes.length}`);
    }
    actions.forEach((action, i) => {
      const why = actionFault(this.#options.actionSpace, action as Json);
      if (why !== null) throw invalid(`action ${i + 1} is not in the action space: ${why}`);
    });
    return { seed, actions: actions as Json[], hashes };
  }

  async #simulate({ seed, actions }: PlayedEpisode): Promise<Episode> {
    // An env of its own: what wrappers carry from one episode into the next must not depend on episodes that were thrown away.
    const env = await makeFromSpec(this.#options.spec);
    const ended: Episode[] = [];
    const recorder = new RecordEpisode(env, { onEpisode: (episode) => ended.push(episode), observations: true });
    try {
      recorder.reset({ seed });
      for (let i = 0; i < actions.length && ended.length === 0; i++) {
        recorder.step(this.#options.actionSpace.valueFromJSON(actions[i]!));
        if (i % STEPS_PER_TURN === STEPS_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
      }
      recorder.flush();
    } catch (error) {
      // An env that fails leaves the episode up to there, with its failure: that is worth keeping, too.
      if (ended.length === 0) throw error;
    } finally {
      env.close();
    }
    return ended[0]!;
  }
}

/** Bytes of a file; 0 for none. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** How many episodes a file has that more can be appended to. */
async function episodesIn(path: string, options: EpisodeFileOptions): Promise<number> {
  const { spec, observationSpace, actionSpace } = options;
  const file = await openEpisodes(path);
  const { header } = file;
  const other = (why: string): GymkhanaError => {
    file.close();
    return usageError(
      'CANNOT_APPEND',
      `${path} cannot take episodes of ${spec.id}: ${why}. Name another file with --out.`,
      { file: path, env: spec.id, field: 'out', got: why },
    );
  };
  if (header.version !== FORMAT_VERSION) throw other(`it has version ${header.version} of the episode format`);
  if (header.spec.id !== spec.id) throw other(`it has episodes of ${header.spec.id}`);
  if (identity(header.spec) !== identity(spec)) {
    throw other(`its env was made otherwise (${identity(header.spec)}, now ${identity(spec)})`);
  }
  if (!(file.actionSpace.equals(actionSpace) && file.observationSpace.equals(observationSpace))) {
    throw other('its spaces are others');
  }
  let episodes = 0;
  for await (const _ of file) episodes++;
  return episodes;
}

/** What makes an env besides its id, as JSON with sorted keys. */
function identity({ moduleUrl, exportName, maxEpisodeSteps, kwargs, wrappers = [] }: EnvSpec): string {
  const parts = plainJson({ moduleUrl, exportName, maxEpisodeSteps, kwargs, wrappers: [...wrappers] });
  return JSON.stringify(parts, (_, value: Json) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function invalid(why: string): GymkhanaError {
  return usageError('INVALID_EPISODE', `This is no episode of this env, so nothing was written: ${why}.`, {
    expected: '{ seed, actions, hashes }',
    got: why,
  });
}

/** The first step whose hash is another, or that only one of both has. */
function firstDifference(page: readonly number[], { hashes, steps }: Episode): number | null {
  const node = hashes!;
  const both = Math.min(page.length, steps + 1);
  for (let step = 0; step < both; step++) if (page[step] !== node[step]) return step;
  return page.length === steps + 1 ? null : both;
}

function endOf({ failure, terminated, truncated }: Episode): KeptEpisode['ended'] {
  if (failure !== null) return 'failed';
  return terminated ? 'terminated' : truncated ? 'truncated' : 'cut';
}

function describe({ steps, failure }: Episode, first: number | null): string {
  if (first === null) {
    const end = failure === null ? '' : `, and the env failed as in the page: ${failure.message}`;
    return `Node simulated the same ${steps} steps${end}`;
  }
  const where = first === 0 ? 'at the reset' : `at step ${first}`;
  const why =
    failure === null ? "the Math of this Node is another than the page's" : `the env failed: ${failure.message}`;
  return `Node's simulation parts from the page's ${where} (${why}); the file has Node's ${steps} steps`;
}
