/** PPO's own worker program without envs: the shuffle, then epochs of one minibatch, on whatever the arena holds. */
import { createProgram as createPpo } from '../../../agents/ppo/worker.js';
import type { Iterate, WorkerContext } from '../../../src/rollout/program.js';

export function createProgram(context: WorkerContext, config: unknown): Promise<Iterate> {
  return createPpo({ ...context, groups: [] }, config);
}
