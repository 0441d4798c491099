/** Plays a run's policy here, an episode for each seed, in one env. */
import { type LoadedPolicy, makeFromSpec } from '../../src/index.js';

/** Seed of the first episode; Gymnasium's side plays the same ones. */
export const FIRST_SEED = 50_000;

/** One episode. */
export interface PlayedEpisode {
  readonly seed: number;
  readonly total: number;
  readonly steps: number;
  /** Every action, flat. */
  readonly actions: readonly number[];
}

/** Greedy episodes of the seeds from `FIRST_SEED` on. */
export async function playSeeds({ policy, spec }: LoadedPolicy, episodes: number): Promise<PlayedEpisode[]> {
  const env = await makeFromSpec(spec);
  const played = Array.from({ length: episodes }, (_, k): PlayedEpisode => {
    const seed = FIRST_SEED + k;
    let { observation } = env.reset({ seed });
    let total = 0;
    const actions: number[] = [];
    for (let steps = 1; ; steps++) {
      const action = policy.predict(observation) as number | Float32Array;
      actions.push(...(typeof action === 'number' ? [action] : action));
      const result = env.step(action);
      total += result.reward;
      observation = result.observation;
      if (result.terminated || result.truncated) return { seed, total, steps, actions };
    }
  });
  env.close();
  return played;
}
