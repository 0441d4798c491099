import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of BipedalWalker-v3 says. */
export const docs: EnvDocs = {
  task: 'Walk to the far end of a strip of land on two legs with a hip and a knee each, four motors in all, seeing the ground ahead by lidar. With `hardcore` there are stumps to step over, stairs to climb and pits to jump.',
  start:
    'The walker stands on the flat start of a new terrain with its legs together, and a small random force pushes it during the first step, which `reset` simulates with idle motors.',
  reward:
    'The change of a potential, 130 / 30 for each metre forward less 5 for each radian of tilt of the hull, less 0.00035 for each newton metre of each motor. Instead, -100 for the step in which the walker falls. The whole way is worth about 360.',
  end: 'The hull touches the ground or is behind the start of the terrain (both -100), or it has come to within `TERRAIN_GRASS` steps of the end.',
  kwargs: KWARGS,
  resetOptions: {},
  constants: CONSTANTS,
  baselines: {
    heuristic:
      "Gymnasium's own controller: swings one leg forward, puts it down, pushes off with the other, and damps the hull. It walks slowly and often falls in the end.",
  },
  source:
    "Oleg Klimov's BipedalWalker of openai/gym, as Gymnasium 1.4 has it with Box2D 2.3.10. The same trajectories bit for bit as of a fresh environment: terrain, clouds and push are drawn in the same order, the physics is Box2D's in float32, and the reward is in float32, as Gymnasium's is for float32 actions. Two things differ. Gymnasium reuses its world over resets, so that its later episodes can depend on earlier ones; here every episode has a new world. And a number of the observation beyond the bounds of its space is clipped to them.",
};
