/** Verification: simulate a recorded episode again and compare, step by step. */
import type { Env, StepResult } from '../core/env.js';
import { mathFingerprint } from '../core/fingerprint.js';
import { StepHasher } from './hash.js';
import { leaves } from './leaves.js';
import type { Episode, EpisodeFailure } from './log.js';
import { type EnvOverride, type EpisodeFileHead, makeTrustedEnv, replayReset } from './module.js';
import type { EpisodeNotice } from './parser.js';
import type { EpisodeFile } from './reader.js';
import { failureOf } from './recorder.js';
import { openEpisodes } from './stream.js';

/** What differed first. `action`: the recorded hash was made with another action. `return`: all steps are the same, their sum is not. `error`: the env threw. */
export type DifferenceField = 'observation' | 'reward' | 'terminated' | 'truncated' | 'action' | 'return' | 'error';

/** The first place where a simulation and its recording part. */
export interface Difference {
  /** Counted from 1; 0 is the reset. */
  readonly step: number;
  readonly field: DifferenceField;
  /** Index in the observation, where observations were recorded. */
  readonly element?: number;
  /** The env's name of that element. */
  readonly name?: string;
  readonly expected?: string;
  readonly got?: string;
  /** The same in a sentence. */
  readonly message: string;
}

/** The verdict on one episode. */
export interface VerifiedEpisode {
  readonly index: number;
  /** Steps in the recording. */
  readonly steps: number;
  readonly return: number;
  /** Every step is the same, and a recorded failure fails again. */
  readonly ok: boolean;
  readonly firstDifference?: Difference;
  /** The failure in the recording, and whether it came again. */
  readonly failure?: EpisodeFailure & { readonly reproduced: boolean };
}

/** The verdict on a file. */
export interface Verification {
  readonly path: string;
  readonly env: string;
  /** `off`: the env says it is nondeterministic, so nothing could be compared. */
  readonly verification: 'done' | 'off';
  /** The file is whole and every episode is the same; where verification is off, only the former. */
  readonly ok: boolean;
  /** Whether the file has its end. */
  readonly complete: boolean;
  readonly episodes: readonly VerifiedEpisode[];
  readonly steps: number;
  /** Whether this engine's `Math` is the one of the recording. */
  readonly sameMath: boolean;
  readonly notices: readonly EpisodeNotice[];
}

export interface VerifyOptions extends EnvOverride {
  /** Simulate again although a part of the file has changed. */
  readonly ignoreChecksum?: boolean;
}

/**
 * Simulates the episodes of a file again and names the first step of each that differs. A path is read episode by episode, so
 * that a file of any size can be verified.
 * @throws what `openEpisodes` throws; `EPISODE_MODULE_MISSING`, `EPISODE_MODULE_UNTRUSTED`, `EPISODE_SPACE_MISMATCH`; what making the env throws.
 */
export async function verifyEpisodes(file: string | EpisodeFile, options: VerifyOptions = {}): Promise<Verification> {
  const { ignoreChecksum = false } = options;
  const recorded = typeof file === 'string' ? await openEpisodes(file, { ignoreChecksum }) : file;
  const { header, path } = recorded;
  const spec = options.spec ?? header.spec;
  const given = Symbol.asyncIterator in recorded ? recorded : recorded.episodes;
  const sameMath = header.engine.mathFingerprint === mathFingerprint();
  if (spec.nondeterministic) {
    // Still read to its end: whether it is whole is part of the verdict.
    for await (const _ of given);
    const notices = [...recorded.notices];
    notices.push({
      code: 'VERIFICATION_OFF',
      message: `${spec.id} says it is nondeterministic: verification is off, since the same actions may give other results.`,
    });
    return {
      path,
      env: spec.id,
      verification: 'off',
      ok: recorded.complete,
      complete: recorded.complete,
      episodes: [],
      steps: 0,
      sameMath,
      notices,
    };
  }
  const episodes: VerifiedEpisode[] = [];
  let env: Env | null = null;
  try {
    env = await makeTrustedEnv(recorded, options);
    const hasher = new StepHasher(recorded.observationSpace, recorded.actionSpace);
    for await (const episode of given) {
      episodes.push(verifyEpisode(env, hasher, recorded, episode, episodes.length));
      // Lets signals and timers in between episodes.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    env?.close();
    if ('close' in recorded) recorded.close();
  }
  const notices = [...recorded.notices];
  const same = episodes.every((episode) => episode.ok);
  if (!sameMath) notices.push({ code: 'ANOTHER_MATH', message: anotherMath(recorded, same) });
  const steps = episodes.reduce((sum, episode) => sum + episode.steps, 0);
  return {
    path,
    env: spec.id,
    verification: 'done',
    ok: same && recorded.complete,
    complete: recorded.complete,
    episodes,
    steps,
    sameMath,
    notices,
  };
}

function anotherMath(file: EpisodeFileHead, same: boolean): string {
  const { node, arch } = file.header.engine;
  const where = `recorded under another Math (Node ${node} on ${arch}; this is ${process.version} on ${process.arch})`;
  return same
    ? `${file.path} was ${where}; every step is the same here.`
    : `${file.path} was ${where}: functions such as Math.pow may differ in the last place, so a difference need not mean that the recording or the env has changed. Verify it under ${node}.`;
}

function verifyEpisode(
  env: Env,
  hasher: StepHasher,
  file: EpisodeFileHead,
  episode: Episode,
  index: number,
): VerifiedEpisode {
  const { steps, return: total } = episode;
  const base = { index, steps, return: total };
  const differs = (firstDifference: Difference): VerifiedEpisode => ({ ...base, ok: false, firstDifference });
  let thrown: EpisodeFailure | null = null;
  let step = 0;
  let sum = 0;
  try {
    const { observation } = replayReset(env, episode);
    const firstDifference = compareReset(file, episode, observation, hasher.reset(observation));
    if (firstDifference !== null) return differs(firstDifference);
    for (step = 1; step <= episode.actions.length; step++) {
      const action = episode.actions.at(step - 1);
      const given = episode.actions.at(step - 1);
      const result = env.step(action);
      if (step > steps) continue;
      const hash = hasher.step(result.observation, result.reward, result.terminated, result.truncated, given);
      const firstDifference = compareStep(file, episode, step, result, hash);
      if (firstDifference !== null) return differs(firstDifference);
      sum += result.reward;
    }
    if (episode.hashes !== null && !Object.is(sum, total)) {
      return differs(difference(steps, 'return', String(total), String(sum)));
    }
  } catch (error) {
    thrown = failureOf(error, step);
  }
  const { failure } = episode;
  if (failure !== null) {
    const reproduced = thrown !== null && thrown.step === failure.step;
    return { ...base, ok: reproduced, failure: { ...failure, reproduced } };
  }
  if (thrown === null) return { ...base, ok: true };
  const what = thrown.step === 0 ? 'reset' : `step ${thrown.step}`;
  return differs({
    step: thrown.step,
    field: 'error',
    got: thrown.message,
    message: `${what} throws ${thrown.code}: ${thrown.message}`,
  });
}

function compareReset(file: EpisodeFileHead, episode: Episode, observation: unknown, hash: number): Difference | null {
  const seen = observationDifference(file, episode, 0, observation);
  if (seen !== null || episode.hashes === null || hash === episode.hashes[0]) return seen;
  return byHash(0, episode.hashes[0]!, hash, 'the observation of the reset');
}

/** The hash covers everything; the columns are compared too, since they are what people see, and name the field. */
function compareStep(
  file: EpisodeFileHead,
  episode: Episode,
  step: number,
  result: StepResult<unknown>,
  hash: number,
): Difference | null {
  const seen = observationDifference(file, episode, step, result.observation);
  if (seen !== null) return seen;
  const reward = episode.rewards?.[step - 1];
  if (reward !== undefined && !Object.is(reward, result.reward)) {
    return difference(step, 'reward', String(reward), String(result.reward));
  }
  if (episode.hashes === null) return null;
  const last = step === episode.steps;
  for (const flag of ['terminated', 'truncated'] as const) {
    const expected = last && episode[flag];
    if (expected !== result[flag]) return difference(step, flag, String(expected), String(result[flag]));
  }
  if (hash === episode.hashes[step]) return null;
  if (episode.observations !== null && episode.rewards !== null) {
    return {
      step,
      field: 'action',
      message: `step ${step}: observation, reward and flags are the same, but the recorded hash was made with another action`,
    };
  }
  return byHash(step, episode.hashes[step]!, hash, `observation or action of step ${step}`);
}

function difference(step: number, field: DifferenceField, expected: string, got: string): Difference {
  return {
    step,
    field,
    expected,
    got,
    message: `step ${step}: ${field} was ${expected} in the recording, is ${got} now`,
  };
}

function byHash(step: number, expected: number, got: number, what: string): Difference {
  const hex = (hash: number): string => hash.toString(16).padStart(8, '0');
  return {
    step,
    field: 'observation',
    expected: hex(expected),
    got: hex(got),
    message: `${what} differs (hash ${hex(expected)} in the recording, ${hex(got)} now; record with observations to see the numbers)`,
  };
}

/** The first element that differs, where the file has observations. */
function observationDifference(
  file: EpisodeFileHead,
  episode: Episode,
  step: number,
  observation: unknown,
): Difference | null {
  const then = episode.observations?.at(step);
  if (then === undefined) return null;
  const [was, is] = [leaves(then), leaves(observation)];
  const element = was.findIndex(({ path, value }, i) => !Object.is(value, is[i]?.value) || path !== is[i]?.path);
  if (element < 0) return null;
  const name = file.header.metadata.fields?.observation[element]?.name;
  const place = was[element]!.path === '' ? `element ${element}` : was[element]!.path;
  const label = name === undefined ? place : `${name} (${place})`;
  const [expected, got] = [String(was[element]!.value), String(is[element]?.value)];
  return {
    step,
    field: 'observation',
    element,
    ...(name !== undefined && { name }),
    expected,
    got,
    message: `step ${step}: ${label} of the observation was ${expected} in the recording, is ${got} now`,
  };
}
