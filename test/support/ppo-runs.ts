import { createHash } from 'node:crypto';
import '../../envs/index.js';
import { evaluatePolicy } from '../../agents/common/evaluate.js';
import { Policy } from '../../agents/common/policy.js';
import { problemOf } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo, type PpoProblem } from '../../agents/ppo/ppo.js';
import { ppoPresets } from '../../agents/ppo/presets.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { constructEnv } from '../../src/registration/index.js';

/** Starts a PPO run on an env with settings over the defaults. */
export async function startPpo(
  spec: EnvSpec,
  settings: Partial<PpoConfig>,
  workers: number,
  seed = 1,
  over: Partial<PpoProblem> = {},
): Promise<Ppo> {
  const env = await constructEnv(spec);
  const config = { ...defaultPpoConfig, ...settings };
  return await Ppo.create(config, { ...problemOf(env, spec, config), seed, workers, ...over });
}

/** Trains on an env with its preset and two workers; gives the mean return of 100 greedy episodes. */
export async function trainedReturn(spec: EnvSpec, over: Partial<PpoProblem> = {}): Promise<number> {
  const ppo = await startPpo(spec, ppoPresets[spec.id]!, 2, 1, over);
  while (ppo.state.iteration < ppo.plan.iterations) await ppo.iterate();
  const weights = ppo.weights();
  await ppo.close();
  const env = await constructEnv(spec);
  const policy = await Policy.create(weights, { observation: env.observationSpace, action: env.actionSpace });
  return (await evaluatePolicy(policy, { spec, episodes: 100, seed: 5 })).meanReturn;
}

/** SHA-256 of everything that training has made so far. */
export function stateHash(ppo: Ppo): string {
  const { parameters, firstMoments, secondMoments, observationStatistics, returnStatistics } = ppo.state;
  const hash = createHash('sha256').update(parameters).update(firstMoments).update(secondMoments);
  if (observationStatistics !== null) hash.update(observationStatistics.mean).update(observationStatistics.variance);
  return hash.update(JSON.stringify(returnStatistics)).digest('hex');
}
