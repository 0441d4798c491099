/** The thread that runs cases. It says in shared memory which case it is at, so that a hang is seen from outside. */
import { parentPort, workerData } from 'node:worker_threads';
import '../../envs/index.js';
import { runCase } from './cases.js';
import { loadSamples } from './samples.js';

/** What the thread is given. */
export interface FuzzWork {
  readonly folder: string;
  readonly scratch: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** `[case]`, -1 between cases. */
  readonly progress: Int32Array;
}

const { folder, scratch, seed, from, to, progress } = workerData as FuzzWork;
const samples = loadSamples(folder);
for (let index = from; index < to; index++) {
  Atomics.store(progress, 0, index);
  const result = await runCase(samples, seed, index, scratch);
  Atomics.store(progress, 0, -1);
  parentPort!.postMessage(result);
}
parentPort!.close();
