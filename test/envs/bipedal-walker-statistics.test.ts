import { test } from 'uvu';
import '../../envs/index.js';
import { walkerStatistics } from '../support/walker-statistics.js';

walkerStatistics('BipedalWalker-v3', {
  random: [0, 1, 3, 6, 7, 9, 11, 12, 13, 14, 16, 17, 18],
  heuristic: [0, 1, 3, 4, 5, 6, 11],
});

test.run();
