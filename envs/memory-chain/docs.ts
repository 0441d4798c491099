import type { EnvDocs } from '../../src/core/docs.js';
import { KWARGS } from './fields.js';

/** What the README of MemoryChain-v0 says. */
export const docs: EnvDocs = {
  task: 'A sign, plus or minus, is shown at the first step and never again. After `length` steps the policy must say which it was. A policy without a memory can only guess, for a mean return of 0, unless `length` is 1.',
  start: 'The context is 1 or -1, each with probability 1/2.',
  starts: 2,
  reward:
    '0 until the last step, whose action is the answer: 1 if it is the action of the context, -1 if it is the other.',
  end: 'After `length` steps. Actions before the last have no effect.',
  kwargs: KWARGS,
  resetOptions: {},
  constants: {},
  baselines: { remember: 'Keeps the context that it saw and answers with it.' },
  source:
    'The environment of bsuite\'s experiment `memory_len` (Osband et al. 2020, "Behaviour Suite for Reinforcement Learning"), with one bit of context, in the same order of observations. There the second number is the index of the bit that is asked for, which for one bit is always 0; here it is 1 where the answer is due.',
};
