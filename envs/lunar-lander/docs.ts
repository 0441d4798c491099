import type { EnvDocs } from '../../src/core/docs.js';
import { CONSTANTS, KWARGS } from './fields.js';

/** What the README of LunarLander-v3 says. */
export const docs: EnvDocs = {
  task: 'Land a rocket on a pad between two flags, softly, upright and with little fuel. The body of the lander has a main engine below and one engine at each side; two sprung legs take the landing. Firing an engine scatters its impulse a little at random. The pad is at the origin, fuel is endless, and landing beside the pad is allowed.',
  start:
    'The lander is at the top of the picture over the pad, and a random force of up to `INITIAL_RANDOM` along each axis acts during the first step, which `reset` simulates without an engine. The surface of the moon is new in every episode.',
  reward:
    'The change of a potential: -100 times the distance to the pad, -100 times the speed, -100 times the tilt, +10 for each leg on the ground (distance and speed in the units of the observation); less 0.3 for the main engine and 0.03 for a side engine at full power. Instead, -100 for the step that crashes or leaves the picture, and +100 for the one in which the lander comes to rest.',
  end: 'The body of the lander touches the ground, or |`x`| reaches 1 (both -100), or the lander has come to rest and its physics sleeps (+100).',
  kwargs: KWARGS,
  resetOptions: {},
  constants: CONSTANTS,
  baselines: {
    heuristic:
      "Gymnasium's own controller: points the lander at the pad and brakes in proportion to height and speed; with legs on the ground it only slows the fall.",
  },
  source:
    "Oleg Klimov's LunarLander of openai/gym, as Gymnasium 1.4 has it with Box2D 2.3.10. The same trajectories bit for bit: moon, push, wind and scatter are drawn in the same order, and the physics is Box2D's in float32. Two things differ. A lander that flies out at the top or spins more than a full turn leaves the bounds of the observation space; the numbers are then clipped to it, and the reward goes by the true ones. And `windPower` and `turbulencePower` beyond their ranges, which Gymnasium only warns of, are errors.",
};
