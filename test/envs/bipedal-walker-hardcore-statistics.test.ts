import { test } from 'uvu';
import '../../envs/index.js';
import { walkerStatistics } from '../support/walker-statistics.js';

walkerStatistics('BipedalWalkerHardcore-v3', {
  random: [0, 1, 2, 3, 5, 6],
  heuristic: [0, 1, 2, 4, 5],
});

test.run();
