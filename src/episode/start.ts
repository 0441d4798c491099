import type { Env } from '../core/env.js';
import { Generator } from '../core/seeding/generator.js';
import { restoreWrapperStates } from '../core/wrapper.js';
import type { Episode } from './log.js';

/** Puts an env where a recorded episode began, and resets it. */
export function replayReset(
  env: Env,
  episode: Pick<Episode, 'rng' | 'options' | 'wrappers'>,
): ReturnType<Env['reset']> {
  env.unwrapped.rng = Generator.fromState(episode.rng);
  if (episode.wrappers) restoreWrapperStates(env, episode.wrappers);
  return env.reset(episode.options === null ? {} : { options: structuredClone(episode.options) });
}
