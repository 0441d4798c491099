import { Worker } from 'node:worker_threads';
import type { EnvSpec } from '../core/spec.js';
import { modulesFor } from '../registration/index.js';
import type { Task } from './play.js';
import { thrown } from './report.js';
import type { ThreadAnswer, ThreadWork } from './thread.js';

/** Plays tasks in a worker thread; a thread that dies or stays silent for `limit` milliseconds is an error in the answer. */
export async function playInThread(spec: EnvSpec, tasks: readonly Task[], limit: number): Promise<ThreadAnswer> {
  let work: ThreadWork;
  try {
    work = { table: await modulesFor(spec), spec: JSON.parse(JSON.stringify(spec)) as EnvSpec, tasks };
  } catch (error) {
    return { played: [], error: thrown(error) };
  }
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: work,
    // A flag of `node --eval` that threads refuse.
    execArgv: process.execArgv.filter((flag) => !flag.startsWith('--input-type')),
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ThreadAnswer>((resolve) => {
      const failed = (error: string): void => resolve({ played: [], error });
      worker.once('message', (answer: ThreadAnswer) => resolve(answer));
      worker.once('error', (error) => failed(thrown(error)));
      worker.once('exit', (status) => failed(`the thread ended with status ${status}`));
      timer = setTimeout(() => failed(`the thread said nothing for ${limit / 1000} s`), limit);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
