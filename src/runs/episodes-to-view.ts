/** What `replay view` shows: the episodes of a file, of a run, or of an env that is played for the purpose. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { baselinesOf, LONGEST_EPISODE, randomController } from '../../agents/common/evaluate.js';
import type { Env, Info } from '../core/env.js';
import { GymkhanaError, usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { didYouMean } from '../core/kwargs.js';
import type { EnvSpec } from '../core/spec.js';
import { wholeFromOne } from '../core/whole.js';
import type { EpisodeRecord } from '../episode/format.js';
import { recordEpisodes } from '../episode/recorder.js';
import { openEpisodes, skimEpisodes } from '../episode/stream.js';
import { makeFromSpec, registry, resolveEnv } from '../registration/index.js';
import { Discrete } from '../spaces/discrete.js';
import { recordRun } from './record.js';
import { findRuns } from './report/find-runs.js';
import { RunDirectory } from './run-directory.js';

/** Which episodes to show of a run or an env; a file shows what it holds. */
export interface ViewOptions {
  /** How many, 3 by default; of a file all, and ten of a longer one. */
  readonly episodes?: number;
  /** Seed of episodes that are played for the page; 0 by default. */
  readonly seed?: number;
  /** Who plays an env: `random` (the default) or one of its scripted baselines. */
  readonly policy?: string;
  /** Of a run, to be played: `last`, `best` or a number of steps. Its recorded episodes are then not looked at. */
  readonly checkpoint?: string;
  readonly envKwargs?: JsonObject;
  /** Read files although a part of one has changed. */
  readonly ignoreChecksum?: boolean;
  /** Folder that `./file.ts:Env` is relative to; the working directory by default. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** Episodes to show. */
export interface ViewedEpisodes {
  readonly source: 'file' | 'run' | 'env';
  /** The episode file. */
  readonly path: string;
  /** The run that they are of; absent where they are of none. */
  readonly run?: string;
  /** Which of its episodes, the first of them first; undefined for all. */
  readonly episodes?: readonly number[];
  /** Where a page goes unless something else is said. */
  readonly page: string;
  /** What is shown, a sentence. */
  readonly about: string;
  /** Removes the file if it was made for this. */
  dispose(): void;
}

/** Episodes of a run or env that are shown unless a number is given. */
const FEW = 3;

/**
 * Finds or plays the episodes that `target` names: an episode file; a run directory, of which the best recorded episodes are
 * taken, or if it has none its policy plays some; a folder of runs of one env, of which the run with the best mean return is taken; or an env, as `resolveEnv` reads it, which a policy plays.
 * @throws `NOTHING_TO_VIEW` for what is none of these; `INVALID_OPTION`, `POLICY_NOT_FOUND`; what reading, loading and playing throw.
 */
export async function episodesToView(target: string, options: ViewOptions = {}): Promise<ViewedEpisodes> {
  const { episodes } = options;
  if (episodes !== undefined) wholeFromOne('episodes', episodes);
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory() && existsSync(join(target, 'config.json'))) return await ofRun(target, options);
  const best = found?.isDirectory() ? bestRun(target) : null;
  if (best !== null) return await ofRun(best, options);
  if (found?.isFile() && !/\.[cm]?[jt]sx?$/.test(target)) return await ofFile(target, options);
  // A name like this was meant as a file, and reading it says that it is missing.
  if (found === undefined && target.endsWith('.episode')) return await ofFile(target, options);
  return await ofEnv(await envNamed(target, found !== undefined, options.cwd ?? process.cwd()), options);
}

async function envNamed(target: string, exists: boolean, cwd: string): Promise<EnvSpec> {
  try {
    return await resolveEnv(target, { cwd });
  } catch (error) {
    if (!(error instanceof GymkhanaError)) throw error;
    // A module that was found and an id that was not are told apart: only for the latter may something else be meant.
    const unknown = ['ENV_NOT_FOUND', 'INVALID_ENV_ID'].includes(error.code) && !target.includes(':');
    if (!unknown || /\.[cm]?[jt]sx?$/.test(target)) throw error;
    const what = exists
      ? `${target} is a folder without a run in it (config.json)`
      : `there is no file or folder ${target}`;
    const near = didYouMean(target, [...registry.keys()]);
    const hint = near === '' ? '' : ` ${near}`;
    throw usageError(
      'NOTHING_TO_VIEW',
      `${what}, and no env of that name. Give an episode file, a run directory or an env such as CartPole-v1.${hint}`,
      { got: target, expected: 'an episode file, a run directory or an env' },
      error,
    );
  }
}

async function ofFile(path: string, options: ViewOptions): Promise<ViewedEpisodes> {
  const { episodes, ignoreChecksum = false } = options;
  (await openEpisodes(path, { ignoreChecksum })).close();
  return {
    source: 'file',
    path,
    ...(episodes !== undefined && {
      episodes: bestOf(path, options)
        .map(({ index }) => index)
        .slice(0, episodes),
    }),
    page: `${path}.html`,
    about: `The episodes of ${path}.`,
    dispose: () => {},
  };
}

/**
 * The run below a folder whose mean return of the last training episodes is best, of several alike the first by name; null if there is none.
 * @throws `NOTHING_TO_VIEW` for runs of several envs, whose returns say nothing about each other.
 */
function bestRun(folder: string): string | null {
  const runs = findRuns([folder]).runs.map((path) => {
    const directory = RunDirectory.open(path);
    const mean = Number(directory.readSummary()?.meanReturn ?? Number.NaN);
    return { path, env: directory.config.env.id, mean: Number.isNaN(mean) ? Number.NEGATIVE_INFINITY : mean };
  });
  const envs = [...new Set(runs.map(({ env }) => env))];
  if (envs.length > 1) {
    throw usageError(
      'NOTHING_TO_VIEW',
      `${folder} holds runs of ${envs.join(', ')}, so none of them is the best. Give one run: ${runs
        .slice(0, 3)
        .map(({ path }) => path)
        .join(', ')}${runs.length > 3 ? ', ...' : ''}.`,
      { got: folder, expected: 'a run, or a folder of runs of one env' },
    );
  }
  const [first, ...others] = runs;
  if (first === undefined) return null;
  return others.reduce((best, run) => (run.mean > best.mean ? run : best), first).path;
}

async function ofRun(run: string, options: ViewOptions): Promise<ViewedEpisodes> {
  const { episodes = FEW, seed = 0, checkpoint, envKwargs, signal } = options;
  const page = `${nameOf(run)}.html`;
  const asked = checkpoint ?? envKwargs ?? options.seed;
  const best = asked === undefined ? bestFile(join(run, 'episodes'), options) : null;
  if (best !== null) {
    return {
      source: 'run',
      run,
      path: best.path,
      episodes: best.episodes.slice(0, episodes),
      page,
      about: `The best recorded episodes of ${run}, in ${best.path}.`,
      dispose: () => {},
    };
  }
  const { path, dispose } = temporaryFile();
  try {
    await recordRun(run, {
      episodes,
      seed,
      path,
      ...(checkpoint !== undefined && { checkpoint }),
      ...(envKwargs !== undefined && { envKwargs }),
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    dispose();
    throw error;
  }
  const about = `Episodes that the checkpoint ${checkpoint ?? 'last'} of ${run} played, seed ${seed}.`;
  return { source: 'run', run, path, page, about, dispose };
}

/** The file of a folder with the best episode, and its episodes from the best on; null if no file has any. */
function bestFile(folder: string, options: ViewOptions): { path: string; episodes: readonly number[] } | null {
  if (!existsSync(folder)) return null;
  let best: { path: string; return: number; episodes: readonly number[] } | null = null;
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.episode') || name.startsWith('.')) continue;
    const path = join(folder, name);
    const ranked = bestOf(path, options);
    const first = ranked[0];
    if (first === undefined || (best !== null && first.return <= best.return)) continue;
    best = { path, return: first.return, episodes: ranked.map(({ index }) => index) };
  }
  return best;
}

/** The episodes of a file by their return, the best first. */
function bestOf(path: string, { ignoreChecksum = false }: ViewOptions): EpisodeRecord[] {
  return [...skimEpisodes(path, { ignoreChecksum })].sort((a, b) => b.return - a.return || a.index - b.index);
}

async function ofEnv(given: EnvSpec, options: ViewOptions): Promise<ViewedEpisodes> {
  const { episodes = FEW, seed = 0, policy = 'random', envKwargs, signal } = options;
  const spec: EnvSpec = { ...given, kwargs: { ...given.kwargs, ...envKwargs } };
  const env = await makeFromSpec(spec);
  const { path, dispose } = temporaryFile();
  try {
    const act = player(env, spec, policy);
    await recordEpisodes({
      env,
      spec,
      policy: act,
      episodes,
      seeds: (k) => {
        env.actionSpace.seed(seed + k);
        return seed + k;
      },
      path,
      maxSteps: spec.maxEpisodeSteps ?? LONGEST_EPISODE,
      // What cannot be simulated again is shown as it was recorded.
      observations: spec.nondeterministic,
      policyNote: policy === 'random' ? 'random actions' : `the baseline ${policy}`,
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    dispose();
    throw error;
  } finally {
    env.close();
  }
  const seeds = episodes === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + episodes - 1}`;
  const about = `Episodes of ${spec.id} that ${policy === 'random' ? 'random actions' : policy} played, ${seeds}.`;
  return { source: 'env', path, page: `${spec.id.replaceAll('/', '-')}.html`, about, dispose };
}

/** The function that acts. A baseline is made for the env itself, which it may look into. */
function player(env: Env, { id }: EnvSpec, name: string): (observation: unknown, info: Info) => unknown {
  const { actionSpace } = env;
  if (name === 'random') {
    const anything = randomController(env);
    return (observation, info) => {
      const mask = info['actionMask'];
      const masked = actionSpace instanceof Discrete && mask instanceof Int8Array && mask.includes(1);
      return masked ? (actionSpace as Discrete).sample({ mask }) : anything(observation);
    };
  }
  const baselines = baselinesOf(env);
  const baseline = Object.hasOwn(baselines, name) ? baselines[name] : undefined;
  if (baseline !== undefined) return baseline(env.unwrapped);
  const names = ['random', ...Object.keys(baselines)];
  const near = didYouMean(name, names);
  const hint = near === '' ? '' : `${near} `;
  throw usageError('POLICY_NOT_FOUND', `${id} has no policy '${name}'. ${hint}There are: ${names.join(', ')}.`, {
    env: id,
    field: 'policy',
    expected: names.join(', '),
    got: name,
  });
}

const nameOf = (run: string): string => basename(run) || 'run';

/** A place for an episode file that nobody asked for. */
function temporaryFile(): { path: string; dispose(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-view-'));
  return { path: join(folder, 'view.episode'), dispose: () => rmSync(folder, { recursive: true, force: true }) };
}
