/** Records episodes of a run's policy. */
import { mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { episodeGenerator, LONGEST_EPISODE } from '../../agents/common/evaluate.js';
import { OnnxPolicy } from '../../agents/common/onnx-policy.js';
import { Policy } from '../../agents/common/policy.js';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { wholeFromOne } from '../core/whole.js';
import { restoreWrapperStates, wrapperStates } from '../core/wrapper.js';
import { type RecordedSummary, recordEpisodes } from '../episode/recorder.js';
import { makeFromSpec } from '../registration/index.js';
import { type LoadedOnnxPolicy, type LoadedPolicy, loadPolicy } from './policies.js';

/** Which episodes of a run's policy to record, and where to write them. */
export interface RecordRunOptions {
  /** Default 1. */
  readonly episodes?: number;
  /** Seed of the episodes; default 0: the same episodes as `evaluate` plays. */
  readonly seed?: number;
  readonly checkpoint?: string;
  readonly envKwargs?: JsonObject;
  /** Where to write; by default `<run>/episodes/seed<seed>.episode`; needed for a loaded policy. */
  readonly path?: string;
  /** Keep the policy's outputs too: value, log-probability of the action, logits or means. */
  readonly policyOutputs?: boolean;
  readonly signal?: AbortSignal;
}

/** Chosen episodes of an evaluation, to be written to a file. */
interface ChosenEpisodes {
  readonly loaded: LoadedPolicy | LoadedOnnxPolicy;
  readonly seed: number;
  /** Which episodes of the evaluation, from 0. */
  readonly indices: readonly number[];
  readonly path: string;
  readonly observations: boolean;
  readonly policyOutputs: boolean;
  readonly note: string;
  readonly signal?: AbortSignal | undefined;
}

/** Plays chosen episodes of an evaluation again, and writes them. */
export async function recordChosen({
  loaded,
  seed,
  indices,
  path,
  observations,
  policyOutputs,
  note,
  signal,
}: ChosenEpisodes): Promise<RecordedSummary> {
  const { spec, policy } = loaded;
  const telling = policyOutputs ? tellingPolicy(policy) : null;
  const env = await makeFromSpec(spec);
  const initial = wrapperStates(env);
  let outputs: Float32Array | null = null;
  const memory = policy.newMemory();
  mkdirSync(dirname(path), { recursive: true });
  try {
    return await recordEpisodes({
      env,
      spec,
      policy: async (observation, info) => {
        const actionMask = (info['actionMask'] as ArrayLike<number> | undefined) ?? null;
        if (policy instanceof OnnxPolicy) return await policy.predict(observation, { actionMask, memory });
        const decided = await policy.decide(observation, { actionMask, memory });
        outputs = decided.outputs;
        return decided.action;
      },
      ...(telling !== null && { policyOutputs: { names: telling.outputNames, next: () => outputs! } }),
      episodes: indices.length,
      seeds: (k) => {
        // As evaluation begins its episodes.
        if (initial !== null) restoreWrapperStates(env, initial);
        memory.fill(0);
        return episodeGenerator(seed, indices[k]!).state;
      },
      path,
      observations,
      maxSteps: spec.maxEpisodeSteps ?? LONGEST_EPISODE,
      policyNote: note,
      ...(signal !== undefined && { signal }),
    });
  } finally {
    env.close();
  }
}

/** A policy whose outputs have a meaning. @throws `INVALID_OPTION` for one from a file. */
function tellingPolicy(policy: Policy | OnnxPolicy): Policy {
  if (policy instanceof Policy) return policy;
  const message = `the policy's outputs cannot be kept: ${policy.file} is a model whose outputs have no fixed meaning. Leave policyOutputs out.`;
  throw usageError('INVALID_OPTION', message, { field: 'policyOutputs', file: policy.file });
}

/** What a file says of the policy that played it. */
export function noteOf({ policy }: LoadedPolicy | LoadedOnnxPolicy, checkpoint = 'last'): string {
  return policy instanceof OnnxPolicy ? `greedy, ${basename(policy.file)}` : `greedy, checkpoint ${checkpoint}`;
}

/** Plays greedy episodes of a run's policy, or of a loaded one, and writes them to an episode file, with observations. */
export async function recordRun(
  policyOrRun: LoadedPolicy | LoadedOnnxPolicy | string,
  options: RecordRunOptions = {},
): Promise<RecordedSummary> {
  const { episodes = 1, seed = 0, signal } = options;
  wholeFromOne('episodes', episodes);
  if (typeof policyOrRun !== 'string' && options.path === undefined) {
    const message = 'recording episodes of a loaded policy needs path, the file to write.';
    throw usageError('INVALID_OPTION', message, { field: 'path' });
  }
  const loaded = typeof policyOrRun === 'string' ? await loadPolicy(policyOrRun, options) : policyOrRun;
  return await recordChosen({
    loaded,
    seed,
    indices: Array.from({ length: episodes }, (_, index) => index),
    path: resolve(options.path ?? join(policyOrRun as string, 'episodes', `seed${seed}.episode`)),
    observations: true,
    policyOutputs: options.policyOutputs ?? false,
    note: noteOf(loaded, options.checkpoint),
    signal,
  });
}
