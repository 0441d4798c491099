import { createHash } from 'node:crypto';
import '../../envs/index.js';
import { choiceInputs, networkFor } from '../../agents/common/problem.js';
import { defaultPpoConfig, type PpoConfig } from '../../agents/ppo/config.js';
import { Ppo, type PpoProblem } from '../../agents/ppo/ppo.js';
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
  const network = networkFor(env, config);
  return await Ppo.create(config, {
    spec,
    network,
    seed,
    workers,
    measures: env.metadata.episodeMeasures ?? [],
    choiceInputs: choiceInputs(env.observationSpace),
    ...over,
  });
}

/** SHA-256 of everything that training has made so far. */
export function stateHash(ppo: Ppo): string {
  const { parameters, firstMoments, secondMoments, observationStatistics, returnStatistics } = ppo.state;
  const hash = createHash('sha256').update(parameters).update(firstMoments).update(secondMoments);
  if (observationStatistics !== null) hash.update(observationStatistics.mean).update(observationStatistics.variance);
  return hash.update(JSON.stringify(returnStatistics)).digest('hex');
}
