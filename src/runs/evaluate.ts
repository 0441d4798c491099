/** Evaluates trained policies, and records episodes of the evaluation. */
import { join, resolve } from 'node:path';
import { type EvaluationResult, evaluatePolicy } from '../../agents/common/evaluate.js';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { type LoadedOnnxPolicy, type LoadedPolicy, loadPolicy } from './policies.js';
import { noteOf, recordChosen } from './record.js';
import { chooseEpisodes, parseRecordChoice, type RecordFile } from './training-recorder.js';

/** Which checkpoint to evaluate, on which episodes, and which of them to record. */
export interface EvaluateOptions {
  /** Default 100. */
  readonly episodes?: number;
  /** Seed of the episodes; default 0. */
  readonly seed?: number;
  readonly checkpoint?: string;
  readonly envKwargs?: JsonObject;
  readonly signal?: AbortSignal;
  /** Episodes to record: `best`, `worst`, `every:N` or `all`, or several with commas between. */
  readonly recordEpisodes?: string;
  /** Keep the observations of recorded episodes, not only their hashes. */
  readonly recordObservations?: boolean;
  /** Keep the policy's outputs of recorded episodes: value, log-probability of the action, logits or means. */
  readonly recordPolicyOutputs?: boolean;
  /** Where recorded episodes go, as `eval-seed<seed>[-best|-worst].episode`; by default the run's `episodes`. */
  readonly recordFolder?: string;
}

/** What an evaluation came to, with the files of the episodes that it recorded. */
export interface RecordedEvaluation extends EvaluationResult {
  readonly recorded: readonly string[];
}

/**
 * Plays greedy episodes of a run's policy, or of a loaded one, from a run or an ONNX file. The same seed gives the same episodes.
 * @throws what loading throws; `INVALID_OPTION`; `NOT_WRITABLE` for what is recorded.
 */
export async function evaluate(
  policyOrRun: LoadedPolicy | LoadedOnnxPolicy | string,
  options: EvaluateOptions = {},
): Promise<RecordedEvaluation> {
  const {
    episodes = 100,
    seed = 0,
    signal,
    recordEpisodes,
    recordObservations = false,
    recordPolicyOutputs = false,
    recordFolder,
  } = options;
  const choice = recordEpisodes === undefined ? null : parseRecordChoice(recordEpisodes);
  const folder = recordFolder ?? (typeof policyOrRun === 'string' ? join(policyOrRun, 'episodes') : null);
  if (choice !== null && folder === null) {
    throw usageError(
      'INVALID_OPTION',
      'recording episodes of a loaded policy needs recordFolder, the folder to write to.',
      {
        field: 'recordFolder',
      },
    );
  }
  const loaded = typeof policyOrRun === 'string' ? await loadPolicy(policyOrRun, options) : policyOrRun;
  const result = await evaluatePolicy(loaded.policy, { spec: loaded.spec, episodes, seed, signal });
  if (choice === null) return { ...result, recorded: [] };
  const { chosen } = chooseEpisodes(choice, { episodes: 0, best: null, worst: null }, result.returns);
  const recorded: string[] = [];
  for (const file of ['best', 'worst', 'training'] satisfies RecordFile[]) {
    const indices = [...chosen].flatMap(([i, files]) => (files.includes(file) ? [i] : []));
    if (indices.length === 0) continue;
    const path = resolve(folder!, `eval-seed${seed}${file === 'training' ? '' : `-${file}`}.episode`);
    await recordChosen({
      loaded,
      seed,
      indices,
      path,
      observations: recordObservations,
      policyOutputs: recordPolicyOutputs,
      note: noteOf(loaded, options.checkpoint),
      signal,
    });
    recorded.push(path);
  }
  return { ...result, recorded };
}
