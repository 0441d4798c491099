/** A worker's program that meets the others so many times a ring. */
import type { WorkerContext } from '../../../src/rollout/program.js';

export function createProgram({ control }: WorkerContext, meetings: unknown): () => void {
  return () => {
    for (let k = 0; k < (meetings as number); k++) control.barrier();
  };
}
