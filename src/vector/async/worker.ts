/** A worker thread of an async vector env: a SyncVectorEnv over its part of the shared rows, told what to do by a doorbell. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { Env, RenderMode } from '../../core/env.js';
import { failure, GymkhanaError } from '../../core/errors.js';
import { type EnvSpec, engineLimit } from '../../core/spec.js';
import { constructEnv, importModules, type ModuleTable } from '../../registration/index.js';
import { SyncVectorEnv } from '../sync-vector-env.js';
import type { AutoresetMode, VectorInfos, VectorResetOptions } from '../vector-env.js';
import { type ChannelMemory, WorkerChannel } from './channel.js';
import { partOf, type SharedRowsMemory } from './shared-rows.js';
import { plainInfos, type SparseInfos, sparseInfos } from './sparse-infos.js';

/** What a worker is built from. */
export interface WorkerSetup {
  readonly rank: number;
  readonly firstEnv: number;
  readonly count: number;
  readonly spec: EnvSpec;
  readonly renderMode: RenderMode | undefined;
  readonly autoresetMode: AutoresetMode;
  readonly modules: ModuleTable;
  readonly channel: ChannelMemory;
  readonly rows: SharedRowsMemory;
  /** Whether observations have parts that are no arrays and travel in messages. */
  readonly listed: boolean;
}

/** What a worker answers with, beside the rows. */
export interface Reply {
  readonly infos?: SparseInfos;
  readonly observations?: unknown;
  readonly values?: unknown[];
}

/** What an env prints goes to standard error at once: a busy thread's streams never drain. */
function sendOutputToStderr(): void {
  const write = (chunk: string | Uint8Array): boolean => {
    writeSync(2, Buffer.from(chunk as Uint8Array));
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
}

function named(error: unknown, rank: number): GymkhanaError {
  if (error instanceof GymkhanaError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const wrapped = failure('WORKER_FAILED', `worker ${rank} failed: ${cause.message}`, { worker: rank });
  wrapped.stack = cause.stack ?? wrapped.stack ?? '';
  return wrapped;
}

async function serve(setup: WorkerSetup): Promise<void> {
  const { rank, firstEnv, count, spec, rows, autoresetMode } = setup;
  const channel = new WorkerChannel(setup.channel);
  process.on('exit', () => channel.gone());
  try {
    await importModules(setup.modules);
    // One after another: a promise for each of many thousand envs would stay in memory beside them.
    const envs: Env[] = [];
    for (let i = 0; i < count; i++) envs.push(await constructEnv(spec, setup.renderMode));
    const env = new SyncVectorEnv(
      envs.map((each) => () => each),
      {
        autoresetMode,
        copy: false,
        maxEpisodeSteps: engineLimit(spec),
        storage: {
          observations: partOf(rows.observations, firstEnv),
          actions: partOf(rows.actions, firstEnv),
          firstEnv,
          rewards: new Float64Array(rows.rewards, 8 * firstEnv, count),
          terminations: new Uint8Array(rows.terminations, firstEnv, count),
          truncations: new Uint8Array(rows.truncations, firstEnv, count),
        },
      },
    );
    channel.done();
    for (;;) {
      const { command, request } = channel.next();
      if (command === 'close') {
        env.close();
        channel.done();
        return;
      }
      const reply = answer(env, command, request, setup.listed);
      try {
        channel.done(reply);
      } catch (error) {
        if (reply?.infos === undefined) throw error;
        channel.done({ ...reply, infos: plainInfos(reply.infos) });
      }
    }
  } catch (error) {
    channel.failed(named(error, rank).toJSON());
  }
}

function answer(env: SyncVectorEnv, command: string, request: unknown, listed: boolean): Reply | undefined {
  if (command === 'call') {
    const { name, args, property } = request as { name: string; args: unknown[]; property: boolean };
    return { values: property ? env.getAttr(name) : env.call(name, ...args) };
  }
  if (command === 'set') {
    const { name, values } = request as { name: string; values: unknown[] };
    env.setAttr(name, values);
    return undefined;
  }
  let infos: VectorInfos;
  if (command === 'reset') infos = env.reset(request as VectorResetOptions).infos;
  else if (command === 'some') {
    const { places, actions } = request as { places: number[]; actions?: unknown[] };
    if (actions !== undefined) env.takeActions(actions);
    infos = env.stepSome(places);
  } else {
    if (request !== undefined) env.takeActions(request);
    infos = env.stepTaken().infos;
  }
  const sparse = sparseInfos(infos);
  if (sparse.length === 0 && !listed) return undefined;
  return { infos: sparse, ...(listed && { observations: env.batch }) };
}

sendOutputToStderr();
await serve(workerData as WorkerSetup);
