import type { EnvDocs } from '../../src/core/docs.js';
import { docs as cartPole } from '../cartpole/docs.js';

/** What the README of StatelessCartPole-v0 says. */
export const docs: EnvDocs = {
  ...cartPole,
  task: '[CartPole-v1](../cartpole/README.md) without its velocities: the policy sees where cart and pole are, not how fast they move, and must remember what it saw to know. A policy without a memory cannot tell a pole that falls from one that rises. Everything else is the same, and so are the episodes: the same seed and actions give the same positions, angles and rewards.',
  baselines: {
    balance:
      "CartPole's, with each velocity taken from the step between the last two observations; it remembers the one before.",
  },
  source:
    'The observation is that of POPGym\'s StatelessCartPole (Morad, Kortvelesy, Bettini, Liwicki and Prorok 2023, "POPGym: Benchmarking Partially Observable Reinforcement Learning"), in metres and radians; the limit of 500 steps and the reward of 1 a step are those of CartPole-v1, where POPGym has limits of its own and returns of at most 1.',
};
