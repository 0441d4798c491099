/**
 * A worker thread of the rollout engine: builds its groups of envs, then runs the algorithm's program each time the main
 * thread rings. It is one long piscina task; it ends with the run.
 */
import { writeSync } from 'node:fs';
import { type MessagePort, threadId } from 'node:worker_threads';
import { Kernels, type WasmMemory, type WasmModule } from '../backends/kernels/kernels.js';
import { failure, GymkhanaError, type SerializedError } from '../core/errors.js';
import type { WrapperState } from '../core/wrapper.js';
import { constructEnv, importModules, type ModuleTable } from '../registration/index.js';
import { Arena, type ArenaPlan } from './arena.js';
import { Aborted, Control } from './control.js';
import { EnvGroup } from './env-group.js';
import type { EnvLog } from './episode-logs.js';
import { groupBlocks } from './group-block.js';
import { groupSize, groupsOf, PLACE, type RolloutOptions } from './plan.js';
import type { WorkerProgram } from './program.js';

/** What the main thread posts to a worker, once. */
export interface WorkerTask {
  readonly rank: number;
  readonly workers: number;
  readonly cores: number;
  readonly options: RolloutOptions;
  readonly plan: ArenaPlan;
  readonly memory: WasmMemory;
  readonly pixels: readonly SharedArrayBuffer[];
  readonly kernels: WasmModule;
  readonly control: SharedArrayBuffer;
  /** Takes lists of `RolloutNote` at the end of a rollout. */
  readonly notes: MessagePort;
  /** Logs of this worker's envs, to go on from; null to begin. */
  readonly logs: readonly EnvLog[] | null;
  readonly modules: ModuleTable;
  readonly programUrl: string;
  readonly programConfig: unknown;
}

/** How a worker ends: asked to, because another failed, or with its own error. */
export type WorkerEnd =
  | { readonly type: 'stopped' }
  | { readonly type: 'aborted' }
  | {
      readonly type: 'failed';
      readonly error: SerializedError;
      /** What wrappers carried into the episode that failed. */
      readonly wrappers: readonly WrapperState[] | null;
    };

/** What an env prints goes to standard error: standard output belongs to results, and a busy thread's streams never drain. */
function sendOutputToStderr(): void {
  const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
    writeSync(2, Buffer.from(chunk as Uint8Array));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') done();
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
}

export default async function runWorker(task: WorkerTask): Promise<WorkerEnd> {
  sendOutputToStderr();
  const { rank, workers, options } = task;
  const arena = new Arena(task.plan, task.memory, task.pixels);
  const place = arena.i32('places').subarray(rank * PLACE.stride, (rank + 1) * PLACE.stride);
  const control = new Control(task.control, workers, task.cores, place);
  const groups: EnvGroup[] = [];
  try {
    await importModules(task.modules);
    const kernels = new Kernels(task.kernels, task.memory);
    const size = groupSize(options.numEnvs);
    const { from, to } = groupsOf(rank, options);
    for (let g = from; g < to; g++) {
      control.check();
      const count = Math.min(size, options.numEnvs - g * size);
      const envs = await Promise.all(Array.from({ length: count }, () => constructEnv(options.spec)));
      const group = new EnvGroup(g, envs, options, arena, kernels, rank);
      groups.push(group);
      const first = (g - from) * size;
      if (task.logs !== null) group.restore(task.logs.slice(first, first + count));
    }
    const program = (await import(task.programUrl)) as WorkerProgram;
    const blocks =
      options.actWith === 'onnx' ? await groupBlocks({ rank, options, arena, kernels, control, groups }) : null;
    const context = { rank, workers, options, arena, kernels, control, groups, blocks };
    const iterate = await program.createProgram(context, task.programConfig);
    control.done();
    let doorbell = 0;
    for (;;) {
      const ring = control.waitForCommand(doorbell);
      doorbell = ring.doorbell;
      if (ring.command === 'stop') break;
      const pending = iterate(ring.command === 'iterate');
      if (pending !== undefined) await pending;
      const notes = groups.flatMap((group) => group.notes());
      if (notes.length > 0) task.notes.postMessage(notes);
      control.done();
      // What an env left to its event loop, against the rules, fails now rather than never.
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const group of groups) group.close();
    return { type: 'stopped' };
  } catch (error) {
    if (error instanceof Aborted) return { type: 'aborted' };
    control.abort();
    const envIndex = place[PLACE.env]!;
    const owner = groups.find(({ firstEnv, count }) => envIndex >= firstEnv && envIndex < firstEnv + count);
    const cause = error instanceof Error ? error : new Error(String(error));
    const named =
      error instanceof GymkhanaError
        ? error
        : failure('WORKER_FAILED', `worker ${rank} (thread ${threadId}) failed: ${cause.message}`, { worker: rank });
    const json = named.toJSON();
    return {
      type: 'failed',
      error: { ...json, stack: error instanceof GymkhanaError ? json.stack : (cause.stack ?? '') },
      wrappers: owner?.carried(envIndex) ?? null,
    };
  }
}
