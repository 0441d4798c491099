/** The env of test/fixtures/envs/mishap.ts as a spec. */
import type { EnvSpec } from '../../src/core/spec.js';
import type { MishapOptions } from '../fixtures/envs/mishap.js';

export function mishapSpec(kwargs: MishapOptions, over: Partial<EnvSpec> = {}): EnvSpec {
  return {
    id: 'Mishap-v0',
    moduleUrl: new URL('../fixtures/envs/mishap.js', import.meta.url).href,
    exportName: 'MishapEnv',
    maxEpisodeSteps: null,
    rewardThreshold: null,
    nondeterministic: false,
    kwargs: { ...kwargs },
    ...over,
  };
}
