/** Where two recorded episodes part: actions, observations, rewards and ends, step by step, and how far each field strays. */
import { usageError } from '../core/errors.js';
import { type Circumstance, circumstances } from './circumstances.js';
import { isComplete, simulate } from './complete.js';
import { type FieldDifference, FieldTracker } from './field-differences.js';
import type { Episode } from './log.js';
import { type EnvOverride, type EpisodeFileHead, makeTrustedEnv, untrustedModule } from './module.js';
import type { EpisodeNotice } from './parser.js';
import { openEpisodes } from './stream.js';

/** Which episodes to compare, and what to build their envs from. */
export interface DiffOptions extends EnvOverride {
  /** Index of the episode in the first file, 0 by default. */
  readonly episodeA?: number;
  /** Index of the episode in the second file, 0 by default. */
  readonly episodeB?: number;
}

/** One of the two episodes. */
export interface DiffSide {
  readonly path: string;
  readonly episode: number;
  readonly env: string;
  readonly steps: number;
  readonly return: number;
  readonly seed: number | null;
  /** Where its observations come from: the file, a simulation of its actions, or nowhere (then hashes are compared). */
  readonly observations: 'recorded' | 'simulated' | 'unknown';
}

/** The first step at which something differs. */
export interface FirstDifference {
  /** Counted from 1; 0 is the reset. */
  readonly step: number;
  /** The env's name of the element, or its place. */
  readonly name?: string;
  readonly unit?: string;
  readonly a: string;
  readonly b: string;
}

/** What `diffEpisodes` found. */
export interface EpisodeDiff {
  readonly a: DiffSide;
  readonly b: DiffSide;
  /** Equal actions, observations, rewards, flags and length, bit for bit; circumstances may differ all the same. */
  readonly same: boolean;
  /** Specs, engines, seeds and the like that differ. */
  readonly circumstances: readonly Circumstance[];
  /** The first differing action, observation, reward and end; absent where there is none. */
  readonly first: {
    readonly action?: FirstDifference;
    readonly observation?: FirstDifference;
    readonly reward?: FirstDifference;
    readonly end?: FirstDifference;
  };
  /** Fields that differ in any step that both have, with the largest difference of each. */
  readonly fields: readonly FieldDifference[];
  readonly notices: readonly EpisodeNotice[];
}

interface Loaded {
  readonly file: EpisodeFileHead;
  readonly episode: Episode;
  readonly side: DiffSide;
}

/**
 * Compares two recorded episodes step by step. Observations that were not recorded are simulated again if the env's code is
 * known: built in, registered by this program, or named by the options; otherwise hashes are compared.
 * @throws what `openEpisodes` throws; `EPISODE_NOT_FOUND` for an index that a file lacks; what making the env throws.
 */
export async function diffEpisodes(a: string, b: string, options: DiffOptions = {}): Promise<EpisodeDiff> {
  const { episodeA = 0, episodeB = 0, ...override } = options;
  const notices: EpisodeNotice[] = [];
  const first = await load(a, episodeA, override, notices);
  const second = await load(b, episodeB, override, notices);
  const comparable =
    first.file.observationSpace.equals(second.file.observationSpace) &&
    first.file.actionSpace.equals(second.file.actionSpace);
  const found = comparable ? compare(first, second) : { first: {}, fields: [] };
  const { steps } = first.episode;
  const same = comparable && Object.keys(found.first).length === 0 && steps === second.episode.steps;
  return {
    a: first.side,
    b: second.side,
    same,
    circumstances: circumstances(first, second),
    ...found,
    notices,
  };
}

/** Reads one episode, and simulates what it lacks. */
async function load(path: string, index: number, override: EnvOverride, notices: EpisodeNotice[]): Promise<Loaded> {
  const file = await openEpisodes(path);
  const recorded = await episodeAt(file, path, index);
  let episode = recorded;
  let observations: DiffSide['observations'] = episode.observations === null ? 'unknown' : 'recorded';
  const spec = override.spec ?? file.header.spec;
  if (!isComplete(recorded) && !spec.nondeterministic) {
    const url = untrustedModule(file, override);
    if (url === null) {
      const env = await makeTrustedEnv(file, override);
      try {
        const simulated = simulate(env, file, recorded);
        episode = simulated.episode;
        if (observations === 'unknown') observations = 'simulated';
        if (simulated.differs !== null) {
          const message = `${path}: simulated again, step ${simulated.differs} of episode ${index} is not what was recorded; gymkhana replay verify says how.`;
          notices.push({ code: 'EPISODE_DIFFERS', message });
        }
      } finally {
        env.close();
      }
    } else {
      const message = `${path} has no observations, and its env was not run because only the file names ${url}: hashes are compared. Name the module (--module) to compare numbers.`;
      notices.push({ code: 'EPISODE_MODULE_UNTRUSTED', message });
    }
  }
  const { steps, return: total, seed } = episode;
  const side = { path, episode: index, env: spec.id, steps, return: total, seed, observations };
  return { file, episode, side };
}

async function episodeAt(file: AsyncIterable<Episode>, path: string, index: number): Promise<Episode> {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw usageError('EPISODE_NOT_FOUND', `Expected the index of an episode as a whole number from 0, got ${index}.`, {
      file: path,
      expected: 'a whole number from 0',
      got: String(index),
    });
  }
  let count = 0;
  for await (const episode of file) if (count++ === index) return episode;
  throw usageError(
    'EPISODE_NOT_FOUND',
    `${path} has ${count} episodes, so there is no episode ${index}: the last one is ${count - 1}.`,
    {
      file: path,
      expected: `0 to ${count - 1}`,
      got: String(index),
    },
  );
}

type Compared = Pick<EpisodeDiff, 'fields'> & { readonly first: EpisodeDiff['first'] };

/** Goes through the steps that both episodes have. */
function compare(one: Loaded, other: Loaded): Compared {
  const [a, b] = [one.episode, other.episode];
  const { fields } = one.file.header.metadata;
  const first: { -readonly [K in keyof EpisodeDiff['first']]: EpisodeDiff['first'][K] } = {};
  const discrete = one.file.actionSpace.type === 'Discrete' ? fields?.action : undefined;
  const actions = new FieldTracker('action', discrete === undefined ? fields?.action : [], discrete);
  const observations = new FieldTracker('observation', fields?.observation);
  const rewards = new FieldTracker('reward', undefined);
  const steps = Math.min(a.steps, b.steps);
  for (let step = 0; step <= steps; step++) {
    if (step > 0) {
      actions.compare(step, a.actions.at(step - 1), b.actions.at(step - 1));
      if (a.rewards !== null && b.rewards !== null) rewards.compare(step, a.rewards[step - 1], b.rewards[step - 1]);
    }
    if (a.observations !== null && b.observations !== null) {
      observations.compare(step, a.observations.at(step), b.observations.at(step));
    } else if (first.observation === undefined && a.hashes !== null && b.hashes !== null) {
      const [was, is] = [a.hashes[step]!, b.hashes[step]!];
      const name = step === 0 ? 'hash of the observation' : 'hash of observation, reward, flags and action';
      if (was !== is) first.observation = { step, name, a: hex(was), b: hex(is) };
    }
  }
  for (const tracker of [actions, observations, rewards]) {
    if (tracker.first !== null) first[tracker.column] = tracker.first;
  }
  const end = endDifference(a, b);
  if (end !== null) first.end = end;
  return { first, fields: [...actions.fields(), ...observations.fields(), ...rewards.fields()] };
}

/** How the ends differ: in time, or in kind. */
function endDifference(a: Episode, b: Episode): FirstDifference | null {
  const [was, is] = [endOf(a), endOf(b)];
  if (was === is && a.steps === b.steps) return null;
  return { step: Math.min(a.steps, b.steps), a: `${was} after step ${a.steps}`, b: `${is} after step ${b.steps}` };
}

function endOf({ terminated, truncated, failure }: Episode): string {
  if (failure !== null) return `failed (${failure.code})`;
  if (terminated) return truncated ? 'terminated and truncated' : 'terminated';
  return truncated ? 'truncated' : 'cut';
}

const hex = (hash: number): string => hash.toString(16).padStart(8, '0');
