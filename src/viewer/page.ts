/** Episode pages: one HTML file that plays recorded episodes anywhere, with nothing to install and nothing to load. */
import { deflateRawSync } from 'node:zlib';
import { GymkhanaError, usageError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { libraryVersion } from '../core/fingerprint.js';
import type { Episode } from '../episode/log.js';
import type { EnvOverride } from '../episode/module.js';
import { type EpisodeFile, readEpisodes } from '../episode/reader.js';
import { type VerifiedEpisode, verifyEpisodes } from '../episode/verify.js';
import { ReferencePolicy, type ReferenceWeights } from '../network/reference-policy.js';
import { bundleEnv, type EnvBundle } from './env-bundle.js';
import type { PageData, PageEpisode } from './page-data.js';
import { pageHtml } from './page-html.js';
import { packReplay, type Replay, replayEpisodes } from './page-replay.js';
import { pageScript } from './page-script.js';
import { actionLabels, choicesOf, columnsOf, endingOf, measuresOf, observationLabels, rounded } from './page-series.js';
import type { PackedPolicy } from './sim/pilots.js';

/** Frames a second of an env that does not say. */
const DEFAULT_FPS = 30;
/** Most episodes of a page unless it is told which. */
const MOST_EPISODES = 10;

/** A policy that a page can play with. */
export interface PagePolicy extends ReferenceWeights {
  /** What people call it, such as `runs/car`. */
  readonly name: string;
}

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
  /** Put the env's code into the page, so that it simulates and forks; true by default. Without it a page plays pictures. */
  readonly simulate?: boolean;
  /** A policy for forks, whose value of every observation is plotted, too. */
  readonly policy?: PagePolicy;
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
  const { bundle, reason } = await bundled(chosen, options, verification.verification === 'off');
  if (reason !== null) notes.push(reason);
  const replays = await replayEpisodes(chosen, options, bundle !== null);
  const { fields } = header.metadata;
  const { observationSpace, actionSpace } = chosen;
  const seen = observationLabels(
    observationSpace,
    fields,
    replays.find((one) => one.observations.length > 0)?.observations[0],
  );
  const acted = actionLabels(actionSpace, fields, chosen.episodes.find(({ steps }) => steps > 0)?.actions.at(0));
  const given = options.policy ?? null;
  const spaces = { observation: observationSpace, action: actionSpace };
  const policy = given === null ? null : new ReferencePolicy(given, spaces);
  const episodes = chosen.episodes.map((episode, i): PageEpisode => {
    const { observations, rewards, film, snapshots } = replays[i]!;
    const actions = Array.from({ length: episode.steps }, (_, step) => episode.actions.at(step));
    return {
      index: indices[i]!,
      steps: episode.steps,
      seed: episode.seed,
      return: episode.return,
      ending: endingOf(episode),
      measures: measuresOf(fields, episode.measures),
      verdict: verdictOf(verification.episodes[i]),
      rewards: rewards.map(rounded),
      values: policy === null ? recordedValues(episode) : valuesOf(policy, replays[i]!),
      observations: columnsOf(observationSpace, seen.length, observations),
      actions: columnsOf(actionSpace, acted.length, actions),
      film,
      replay: bundle === null ? null : packReplay(episode, snapshots),
    };
  });
  const data: PageData = {
    env: header.spec.id,
    fps: header.metadata.renderFps ?? DEFAULT_FPS,
    observations: seen,
    actions: acted,
    choices: choicesOf(actionSpace, fields),
    episodes,
    policy: given === null ? null : packPolicy(given),
    playedBy: header.policy,
    gymkhana: libraryVersion(),
  };
  const { about } = header.metadata;
  return pageHtml({
    title: options.title ?? header.spec.id,
    subtitle: [about, header.policy === null ? undefined : `Played by ${header.policy}.`].filter(Boolean).join(' '),
    notes,
    footer: `Recorded with ${header.createdBy}, Node ${header.engine.node} on ${header.engine.arch}.`,
    // Each a script of its own: the functions of Math have to be in place before any other text runs.
    scripts: [...(bundle === null ? [] : [bundle.install, bundle.env]), await pageScript('./page/main.js')],
    data: deflateRawSync(JSON.stringify(data), { level: 9 }).toString('base64'),
    width: options.width ?? null,
  });
}

/** The env's code for the page; null, with the reason where one should be told, if it plays recorded pictures. */
async function bundled(
  { header }: EpisodeFile,
  options: EpisodePageOptions,
  off: boolean,
): Promise<{ readonly bundle: EnvBundle | null; readonly reason: string | null }> {
  if (options.simulate === false || off) return { bundle: null, reason: null };
  const base = options.spec ?? header.spec;
  const spec = options.moduleUrl === undefined ? base : { ...base, moduleUrl: options.moduleUrl };
  try {
    return { bundle: await bundleEnv(spec), reason: null };
  } catch (error) {
    if (!(error instanceof GymkhanaError) || error.code !== 'ENV_NOT_FOR_PAGES') throw error;
    return { bundle: null, reason: `${error.message} What was recorded is played.` };
  }
}

function valuesOf(policy: ReferencePolicy, { observations, masks }: Replay): number[] {
  policy.begin();
  return observations.map((observation, i) => rounded(policy.decide(observation, masks[i]).value));
}

/** The values that the recorder kept: of each observation that was acted on, so not of the last. */
function recordedValues({ policyOutputs, steps }: Episode): number[] | null {
  const k = policyOutputs?.names.indexOf('value') ?? -1;
  if (policyOutputs === undefined || k < 0) return null;
  const { names, values } = policyOutputs;
  return Array.from({ length: steps }, (_, step) => rounded(values[step * names.length + k]!));
}

function packPolicy({ network, parameters, normalization, name }: PagePolicy): PackedPolicy {
  const floats = Float32Array.from(parameters);
  return {
    network,
    parameters: Buffer.from(floats.buffer).toString('base64'),
    normalization:
      normalization === null
        ? null
        : {
            mean: Array.from(normalization.mean),
            variance: Array.from(normalization.variance),
            // JSON has no infinity.
            clip: Math.min(normalization.clip, Number.MAX_VALUE),
          },
    name,
  };
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
