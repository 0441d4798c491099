import type { EnvDocs } from '../../src/core/docs.js';
import { KWARGS } from './fields.js';

/** What the README of FrozenLake-v1 says. */
export const docs: EnvDocs = {
  task: 'A frozen lake is a grid of cells, some of them holes. Walk from the start to the goal without falling in; the ice is slippery, so a step may go to the left or the right of where it was meant to.',
  start: 'On the cell `S`; with several of them each is as likely.',
  fixedStart: true,
  reward:
    '1 for the step that reaches the goal, 0 for every other; `rewardSchedule` gives other rewards for the goal, a hole and ice.',
  end: 'The walker is at the goal or in a hole.',
  kwargs: KWARGS,
  resetOptions: {},
  constants: {},
  baselines: {
    optimal:
      'The best action of each cell by value iteration on the table of transitions (`env.P`), without a time limit.',
  },
  source:
    "openai/gym's FrozenLake. The same episodes as Gymnasium 1.4 for the same seed and actions, the same table `P`, the same random maps by `generateRandomMap` and the same text in mode `ansi`. Unlike there, `mapName` may not be null for a map that nobody can replay: give `desc: generateRandomMap({ seed })`, which the spec and the episode file keep. `info.actionMask` is new.",
};
