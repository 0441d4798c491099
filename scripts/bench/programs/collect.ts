/** A worker's program that only acts and steps: env and inference without learning. */
import type { WorkerContext } from '../../../src/rollout/program.js';

export function createProgram({ control, groups, options }: WorkerContext): () => void {
  let step = 0;
  return () => {
    for (const group of groups) {
      control.check();
      group.collect(step);
    }
    step += options.numSteps;
  };
}
