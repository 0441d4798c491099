/** An episode with everything that a simulation of it shows, whether it was recorded or not. */
import type { Env } from '../core/env.js';
import { StepHasher } from './hash.js';
import type { Episode } from './log.js';
import { type EpisodeFileHead, replayReset } from './module.js';
import { createStore, type ValueStore } from './store.js';

/** An episode whose observations and rewards are known. */
export interface CompleteEpisode extends Episode {
  readonly rewards: Float64Array;
  readonly observations: ValueStore;
}

/** What a simulation of a recorded episode gave. */
export interface Simulated {
  readonly episode: CompleteEpisode;
  /** The first step (0 for the reset) whose hash is not the recorded one; null if all are, or none was recorded. */
  readonly differs: number | null;
}

/** Whether an episode holds its observations and rewards already. */
export function isComplete(episode: Episode): episode is CompleteEpisode {
  return episode.observations !== null && episode.rewards !== null;
}

/** What a step of a replay shows, for pictures. */
export type StepListener = (step: number) => void;

/**
 * Simulates the completed steps of an episode again. Where the recording has observations or rewards, those are kept.
 * @param onStep called after the reset with 0 and after each step with its number.
 */
export function simulate(env: Env, file: EpisodeFileHead, episode: Episode, onStep?: StepListener): Simulated {
  const { observationSpace, actionSpace } = file;
  const { steps, hashes } = episode;
  const hasher = new StepHasher(observationSpace, actionSpace);
  const observations = createStore(observationSpace, 'observation');
  const rewards = new Float64Array(steps);
  const { observation } = replayReset(env, episode);
  observations.push(observation);
  let differs: number | null = null;
  if (hashes !== null && hasher.reset(observation) !== hashes[0]) differs = 0;
  onStep?.(0);
  let [terminated, truncated] = [false, false];
  for (let step = 1; step <= steps; step++) {
    const given = episode.actions.at(step - 1);
    const result = env.step(episode.actions.at(step - 1));
    observations.push(result.observation);
    rewards[step - 1] = result.reward;
    ({ terminated, truncated } = result);
    if (hashes !== null && differs === null) {
      const hash = hasher.step(result.observation, result.reward, terminated, truncated, given);
      if (hash !== hashes[step]) differs = step;
    }
    onStep?.(step);
  }
  const kept = { rewards: episode.rewards ?? rewards, observations: episode.observations ?? observations };
  // A log without hashes or rewards (a reproduction of a failure) has no flags of its own either.
  const flags = hashes === null && episode.rewards === null ? { terminated, truncated } : {};
  return { episode: { ...episode, ...flags, ...kept }, differs };
}
