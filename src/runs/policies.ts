/** Trained policies from run directories. */
import { join } from 'node:path';
import { OnnxPolicy } from '../../agents/common/onnx-policy.js';
import { Policy } from '../../agents/common/policy.js';
import { ppoConfigSchema } from '../../agents/ppo/config.js';
import { failure } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import * as z from '../core/zod.js';
import { assertModulesNamed, constructEnv, nameModules, resolveEnv } from '../registration/index.js';
import { assertCheckpointFits, findCheckpoint, loadCheckpoint } from './checkpoint.js';
import { RunDirectory } from './run-directory.js';

/** A policy with the env it was trained in. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly spec: EnvSpec;
  readonly seed: number;
  /** As `Policy.predict`. */
  predict: Policy['predict'];
}

/**
 * Loads the policy of a run, normalisation included.
 * @param checkpoint `last`, `best` or a number of steps.
 * @throws `RUN_NOT_FOUND`, `MODULE_UNTRUSTED`, `CONFIG_CORRUPT`, `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_CORRUPT`, `CHECKPOINT_MISMATCH`.
 */
export async function loadPolicy(
  runDir: string,
  options: { readonly checkpoint?: string; readonly envKwargs?: JsonObject } = {},
): Promise<LoadedPolicy> {
  return (await openPolicy(RunDirectory.open(runDir), options)).policy;
}

/** As `loadPolicy`, of a run that was opened already; and after how many environment steps the checkpoint was saved. */
export async function openPolicy(
  run: RunDirectory,
  options: { readonly checkpoint?: string; readonly envKwargs?: JsonObject },
): Promise<{ readonly policy: LoadedPolicy; readonly steps: number }> {
  const file = findCheckpoint(run.checkpointsFolder, options.checkpoint ?? 'last');
  const checkpoint = loadCheckpoint(file);
  assertModulesNamed(run.config.env, run.path);
  const spec: EnvSpec = { ...run.config.env, kwargs: { ...run.config.env.kwargs, ...options.envKwargs } };
  const env = await constructEnv(spec);
  const { observationSpace, actionSpace } = env;
  assertCheckpointFits(
    checkpoint,
    { spec, observationSpace: observationSpace.toJSON(), actionSpace: actionSpace.toJSON() },
    file,
  );
  const { data: config, error } = ppoConfigSchema.safeParse(run.config.config);
  if (config === undefined) {
    const path = join(run.path, 'config.json');
    const problem = z.prettifyError(error).replace(/\s*\n\s*/g, ' ');
    const message = `${path} does not hold the settings of a run of PPO: ${problem}. Restore it from a copy, or train again.`;
    throw failure('CONFIG_CORRUPT', message, { file: path, field: 'config', got: problem });
  }
  const policy = await Policy.create(
    {
      network: checkpoint.network,
      parameters: checkpoint.parameters,
      normalization: checkpoint.observation === null ? null : { ...checkpoint.observation, clip: config.obsClip },
    },
    { observation: observationSpace, action: actionSpace },
  );
  const loaded = { policy, spec, seed: run.config.seed, predict: policy.predict.bind(policy) };
  return { policy: loaded, steps: checkpoint.steps };
}

/** A policy from an ONNX file with the env that it is to play. */
export interface LoadedOnnxPolicy {
  readonly policy: OnnxPolicy;
  readonly spec: EnvSpec;
  /** As `OnnxPolicy.predict`. */
  predict: OnnxPolicy['predict'];
}

/**
 * Loads a policy from an ONNX file, whoever trained it, for an env.
 * @param options.env an id, `module:EnvId`, `./file.ts:EnvId` or a spec.
 * @throws `INVALID_POLICY` where the model does not fit the env's spaces; what finding and building the env throws.
 */
export async function loadOnnxPolicy(
  file: string,
  options: { readonly env: string | EnvSpec; readonly envKwargs?: JsonObject; readonly cwd?: string },
): Promise<LoadedOnnxPolicy> {
  const { env: named, envKwargs, cwd = process.cwd() } = options;
  if (typeof named !== 'string') nameModules(named);
  const found = typeof named === 'string' ? await resolveEnv(named, { cwd }) : named;
  const spec: EnvSpec = { ...found, kwargs: { ...found.kwargs, ...envKwargs } };
  const env = await constructEnv(spec);
  const policy = await OnnxPolicy.open(file, { observation: env.observationSpace, action: env.actionSpace });
  env.close();
  return { policy, spec, predict: policy.predict.bind(policy) };
}
