/** Records episodes of a run's policy. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { episodeGenerator, LONGEST_EPISODE } from '../../agents/common/evaluate.js';
import type { JsonObject } from '../core/json.js';
import { restoreWrapperStates, wrapperStates } from '../core/wrapper.js';
import { type RecordedSummary, recordEpisodes } from '../episode/index.js';
import { makeFromSpec } from '../registration/index.js';
import { loadPolicy } from './policies.js';

/** Which episodes of a run's policy to record, and where to write them. */
export interface RecordRunOptions {
  /** Default 1. */
  readonly episodes?: number;
  /** Seed of the episodes; default 0: the same episodes as `evaluate` plays. */
  readonly seed?: number;
  readonly checkpoint?: string;
  readonly envKwargs?: JsonObject;
  /** Where to write; by default `<run>/episodes/seed<seed>.episode`. */
  readonly path?: string;
  readonly signal?: AbortSignal;
}

/** Plays greedy episodes of a run's policy and writes them to an episode file, with observations. */
export async function recordRun(runDir: string, options: RecordRunOptions = {}): Promise<RecordedSummary> {
  const { episodes = 1, seed = 0, signal } = options;
  const { spec, policy } = await loadPolicy(runDir, options);
  const env = await makeFromSpec(spec);
  const initial = wrapperStates(env);
  const path = resolve(options.path ?? join(runDir, 'episodes', `seed${seed}.episode`));
  mkdirSync(dirname(path), { recursive: true });
  return await recordEpisodes({
    env,
    spec,
    policy: (observation, info) =>
      policy.predict(observation, { actionMask: (info['actionMask'] as ArrayLike<number> | undefined) ?? null }),
    episodes,
    seeds: (index) => {
      // As evaluation begins its episodes.
      if (initial !== null) restoreWrapperStates(env, initial);
      return episodeGenerator(seed, index).state;
    },
    path,
    observations: true,
    maxSteps: spec.maxEpisodeSteps ?? LONGEST_EPISODE,
    policyNote: `greedy, checkpoint ${options.checkpoint ?? 'last'}`,
    ...(signal !== undefined && { signal }),
  });
}
