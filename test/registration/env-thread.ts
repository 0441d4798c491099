/** A worker thread that rebuilds an env from JSON: what the rollout engine's workers do. */
import { parentPort, workerData } from 'node:worker_threads';
import { Env } from '../../src/core/env.js';
import { GymkhanaError } from '../../src/core/errors.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { constructEnv, importModules, type ModuleTable } from '../../src/registration/index.js';

/** What the thread is given. */
export interface ThreadTask {
  readonly table: ModuleTable;
  readonly spec: EnvSpec;
}

/** What it answers: the first observations, or an error's code. */
export interface ThreadAnswer {
  readonly isEnv: boolean;
  readonly observations: number[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

async function run({ table, spec }: ThreadTask): Promise<ThreadAnswer> {
  try {
    await importModules(table);
    const env = await constructEnv(spec);
    const observations = [env.reset({ seed: 3 }), env.step(1), env.step(0)].map(
      ({ observation }) => (observation as Float32Array)[0]!,
    );
    return { isEnv: env instanceof Env, observations, error: null };
  } catch (error) {
    const code = error instanceof GymkhanaError ? error.code : 'none';
    return { isEnv: false, observations: [], error: { code, message: String(error) } };
  }
}

if (parentPort !== null) parentPort.postMessage(await run(workerData as ThreadTask));
