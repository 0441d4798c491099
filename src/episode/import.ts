/** Episodes from other formats: their actions are played in the env, and what came of them then is compared with what comes now. */

import { renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Env } from '../core/env.js';
import { GymkhanaError, usageError } from '../core/errors.js';
import { notWritable } from '../core/files.js';
import { Generator } from '../core/seeding/generator.js';
import { assertSpec, type EnvSpec } from '../core/spec.js';
import { makeFromSpec } from '../registration/index.js';
import { notReadable } from './bytes.js';
import { isComplete } from './complete.js';
import { type Agreement, compareResults, type ResultAgreement } from './exchange/agreement.js';
import { openCsvActions } from './exchange/csv-actions.js';
import { openMinariActions } from './exchange/minari-actions.js';
import type { Script, ScriptedEpisode } from './exchange/scripts.js';
import type { Episode } from './log.js';
import type { EpisodeNotice } from './parser.js';
import { RecordEpisode } from './recorder.js';
import { EpisodeWriter } from './writer.js';

export type { Agreement, ResultAgreement };

/** How to import a file. */
export interface ImportOptions {
  /** The env to play the actions in. */
  readonly spec: EnvSpec;
  /** The episode file to write; by default the path with the ending `.episode`. */
  readonly out?: string;
  /** Seed of the first episode without one of its own, 0 by default; the next such episode gets the next whole number. */
  readonly seed?: number;
  /** Keep every observation in the file, false by default. */
  readonly observations?: boolean;
}

/** One episode that was played. */
export interface ImportedEpisode {
  readonly index: number;
  /** Where it stands in the imported file. */
  readonly name: string;
  readonly seed: number | null;
  readonly steps: number;
  readonly return: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  /** How far the results agree with the recorded ones; null where the file has none. */
  readonly agreement: ResultAgreement | null;
}

/** What an import wrote and found. */
export interface ImportSummary {
  readonly path: string;
  readonly env: string;
  readonly bytes: number;
  readonly steps: number;
  readonly episodes: readonly ImportedEpisode[];
  readonly notices: readonly EpisodeNotice[];
}

/**
 * Plays the actions of a Minari dataset (its folder or HDF5 file) or of a CSV in an env, and writes an episode file. Recorded
 * observations and rewards are compared with those of the env, not copied.
 * @throws `INVALID_SPEC`, `IMPORT_UNSUPPORTED`, `IMPORT_COLUMNS`, `IMPORT_INVALID`, `IMPORT_EMPTY`, `FORMAT_UNAVAILABLE`, `FILE_NOT_FOUND`,
 * `NOT_WRITABLE`, `INVALID_OPTION`; what making and stepping the env throws.
 */
export async function importEpisodes(path: string, options: ImportOptions): Promise<ImportSummary> {
  const { spec, out = `${path}.episode`, observations = false, seed = 0 } = options ?? {};
  assertSpec(spec);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw usageError('INVALID_OPTION', `Expected seed as a whole number from 0, got ${String(seed)}.`, {
      field: 'seed',
      expected: 'a whole number from 0',
      got: String(seed),
    });
  }
  const env = await makeFromSpec(spec);
  let script: Script | null = null;
  try {
    script = await openScript(path, env);
    return await play(path, script, env, { spec, out, observations, seed });
  } finally {
    script?.close();
    env.close();
  }
}

/** Opens a file by what it is: a folder or HDF5 as Minari's, anything else as CSV. */
async function openScript(path: string, env: Env): Promise<Script> {
  let folder: boolean;
  try {
    folder = statSync(path).isDirectory();
  } catch (cause) {
    throw notReadable(path, cause, 'a Minari dataset or a CSV');
  }
  const ending = extname(path).toLowerCase();
  if (folder || ending === '.hdf5' || ending === '.h5') return await openMinariActions({ path, env });
  if (ending === '.csv' || ending === '.txt') return openCsvActions({ path, env });
  throw usageError(
    'IMPORT_UNSUPPORTED',
    `${path} cannot be imported: expected the folder of a Minari dataset, a file ending in .hdf5 or .h5, or a .csv of actions.`,
    { file: path, expected: 'a Minari dataset or a .csv', got: ending === '' ? 'no ending' : ending },
  );
}

interface Play {
  readonly spec: EnvSpec;
  readonly out: string;
  readonly observations: boolean;
  readonly seed: number;
}

async function play(path: string, script: Script, env: Env, options: Play): Promise<ImportSummary> {
  const { spec, out, seed } = options;
  const { observationSpace, actionSpace, metadata } = env;
  const notices: EpisodeNotice[] = [];
  const episodes: ImportedEpisode[] = [];
  // Complete or not there at all: the writer alone would leave the episodes before an error under the file's name.
  const staged = join(dirname(resolve(out)), `.${basename(out)}.${process.pid}.import`);
  let writer: EpisodeWriter;
  try {
    const note = `imported from ${path}`;
    writer = new EpisodeWriter(staged, {
      spec,
      observationSpace,
      actionSpace,
      metadata,
      policyNote: note,
      sync: 'close',
    });
  } catch (error) {
    throw error instanceof GymkhanaError && error.code === 'NOT_WRITABLE' ? notWritable(out, error.cause) : error;
  }
  let recorded: Episode | null = null;
  // Observations are kept for the comparison, and left out of the file unless they were asked for.
  const recorder = new RecordEpisode(env, { observations: true, onEpisode: (episode) => (recorded = episode) });
  let unseeded = 0;
  try {
    for await (const scripted of script.episodes) {
      const start = scripted.start ?? seed + unseeded++;
      recorded = null;
      await perform(recorder, scripted, start);
      // Set by the callback, which the compiler does not follow.
      const episode = recorded as Episode | null;
      if (episode === null) continue;
      writer.write(options.observations ? episode : { ...episode, observations: null });
      const { steps, return: total, terminated, truncated } = episode;
      const known = scripted.recorded !== null && isComplete(episode);
      const agreement = known ? compareResults(observationSpace, metadata, episode, scripted.recorded) : null;
      const index = episodes.length;
      episodes.push({
        index,
        name: scripted.name,
        seed: episode.seed,
        steps,
        return: total,
        terminated,
        truncated,
        agreement,
      });
    }
    if (episodes.length === 0) {
      throw usageError('IMPORT_EMPTY', `${path} has no actions, so there is nothing to import.`, { file: path });
    }
    writer.close();
    try {
      renameSync(staged, out);
    } catch (cause) {
      throw notWritable(out, cause);
    }
  } catch (error) {
    writer.abort();
    rmSync(staged, { force: true });
    throw error;
  }
  if (unseeded > 0) {
    const which = unseeded === episodes.length ? 'no episode has a seed' : `${unseeded} episodes have no seed`;
    const last = unseeded === 1 ? '' : ` to ${seed + unseeded - 1}`;
    notices.push({ code: 'SEED_ASSUMED', message: `${path}: ${which}; they were played with ${seed}${last}.` });
  }
  return {
    path: out,
    env: spec.id,
    bytes: writer.bytes,
    steps: episodes.reduce((sum, episode) => sum + episode.steps, 0),
    episodes,
    notices: [...notices, ...script.notices],
  };
}

/** Plays one episode until its actions or the env end it. */
async function perform(
  recorder: RecordEpisode<unknown, unknown>,
  { actions, options }: ScriptedEpisode,
  start: Exclude<ScriptedEpisode['start'], null>,
): Promise<void> {
  if (typeof start === 'object') recorder.unwrapped.rng = Generator.fromState(start);
  recorder.reset({
    ...(typeof start === 'number' && { seed: start }),
    ...(options !== null && { options }),
  });
  for await (const action of actions) {
    const { terminated, truncated } = recorder.step(action);
    if (terminated || truncated) return;
  }
  recorder.flush();
}
