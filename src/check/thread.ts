/** The worker thread of `checkEnv`: builds the env from its spec and plays the tasks, each in a fresh instance. */
import { parentPort, workerData } from 'node:worker_threads';
import type { EnvSpec } from '../core/spec.js';
import { constructEnv, importModules, type ModuleTable } from '../registration/index.js';
import { play, type Task, type Transition } from './play.js';
import { thrown } from './report.js';

export interface ThreadWork {
  readonly table: ModuleTable;
  readonly spec: EnvSpec;
  readonly tasks: readonly Task[];
}

export interface ThreadAnswer {
  readonly played: readonly (readonly Transition[])[];
  readonly error: string | null;
}

async function answer({ table, spec, tasks }: ThreadWork): Promise<ThreadAnswer> {
  const played: Transition[][] = [];
  try {
    await importModules(table);
    for (const task of tasks) {
      const env = await constructEnv(spec);
      played.push(play(env, task));
      env.close();
    }
    return { played, error: null };
  } catch (error) {
    return { played, error: thrown(error) };
  }
}

if (parentPort !== null) parentPort.postMessage(await answer(workerData as ThreadWork));
