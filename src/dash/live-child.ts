/** The process of a live agent: a policy acts in a fresh env, in real time, until the dashboard wants no more of it. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { episodeGenerator, LONGEST_EPISODE } from '../../agents/common/evaluate.js';
import type { Env } from '../core/env.js';
import { failure, GymkhanaError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { restoreWrapperStates, wrapperStates } from '../core/wrapper.js';
import { actionWidth } from '../network/validate.js';
import { makeFromSpec, nameModule } from '../registration/index.js';
import { findCheckpoint } from '../runs/checkpoint.js';
import { type LoadedPolicy, openPolicy } from '../runs/policies.js';
import { RunDirectory } from '../runs/run-directory.js';
import { Box } from '../spaces/box.js';
import { flattenInto } from '../spaces/flatten.js';
import type { LiveEventOf } from './api.js';
import { stampOf, statsOf } from './files.js';
import type { LiveJob, LiveMessage } from './live-protocol.js';

/** Seed of the episodes, those that `gymkhana eval` and `gymkhana record` play. */
const SEED = 0;
/** Steps a second of an env that does not say. */
const USUAL_FPS = 30;
/** Frames that are sent, a second: of a faster env every second step or so is seen, of a slow one every step. */
const MOST_FRAMES = 30;
const SLOW_MS = 100;
/** Between two episodes, ms. */
const PAUSE_MS = 1000;
/** Largest event. */
const LARGEST = 4_000_000;

function say<K extends keyof LiveEventOf>(event: K, data: LiveEventOf[K]): void {
  const json = JSON.stringify(data);
  if (json.length > LARGEST) {
    throw failure(
      'SCENE_TOO_LARGE',
      `The env's picture takes ${json.length} characters as JSON; ${LARGEST} are the most.`,
    );
  }
  if (process.connected) process.send?.({ event, json } satisfies LiveMessage);
}

/** A policy, and what its file was when it was read. */
interface Loaded {
  readonly stamp: string;
  readonly policy: LoadedPolicy;
  readonly steps: number;
}

async function load({ runDir, checkpoint }: LiveJob, known: Loaded | null): Promise<Loaded> {
  const run = RunDirectory.open(runDir);
  const stamp = stampOf(statsOf(findCheckpoint(join(runDir, 'checkpoints'), checkpoint)));
  return known?.stamp === stamp ? known : { stamp, ...(await openPolicy(run, { checkpoint })) };
}

/** The env with pictures, or without if it has none. */
async function build({ spec }: LoadedPolicy): Promise<{ env: Env; draws: boolean }> {
  try {
    return { env: await makeFromSpec(spec, { renderMode: 'scene' }), draws: true };
  } catch (error) {
    if (!(error instanceof GymkhanaError) || error.code !== 'INVALID_RENDER_MODE') throw error;
    return { env: await makeFromSpec(spec), draws: false };
  }
}

/** The critic's estimate for an observation. */
async function estimate({ policy }: LoadedPolicy, observation: unknown, memory: Float32Array): Promise<number | null> {
  const { network } = policy.weights;
  const flat = new Float32Array(network.observationSize);
  if (policy.observationSpace instanceof Box) flat.set(observation as ArrayLike<number>);
  else flattenInto(policy.observationSpace, observation, flat, 0);
  const value = new Float32Array(1);
  await policy.predictInto(flat, 1, new Float32Array(actionWidth(network)), value, undefined, memory.slice());
  return Number.isFinite(value[0]) ? value[0]! : null;
}

const plain = (action: number | ArrayLike<number>): Json => (typeof action === 'number' ? action : Array.from(action));

async function live(job: LiveJob): Promise<never> {
  // A run that names another module is refused when its policy is opened.
  for (const url of job.named) nameModule(url);
  let loaded = await load(job, null);
  const { env, draws } = await build(loaded.policy);
  const initial = wrapperStates(env);
  const given = env.metadata.renderFps;
  const fps = given !== undefined && given > 0 && given <= 1000 ? given : USUAL_FPS;
  const stride = Math.ceil(fps / MOST_FRAMES);
  const limit = loaded.policy.spec.maxEpisodeSteps ?? LONGEST_EPISODE;
  for (let episode = 0; ; episode++) {
    // A run that goes on has a new checkpoint by now.
    if (episode > 0) loaded = await load(job, loaded);
    const { policy } = loaded.policy;
    if (initial !== null) restoreWrapperStates(env, initial);
    env.unwrapped.rng = episodeGenerator(SEED, episode);
    let { observation, info } = env.reset({});
    say('begin', { episode, seed: SEED, fps, checkpointStep: loaded.steps });
    let total = 0;
    const memory = policy.newMemory();
    const show = (step: number, action: Json, reward: number, value: number | null): void => {
      const scene = (draws ? env.render() : null) as LiveEventOf['frame']['scene'];
      say('frame', { step, scene: scene ?? null, action, reward, return: total, value });
    };
    // As it begins, before any action: an episode of cards may have but one step.
    show(0, null, 0, await estimate(loaded.policy, observation, memory));
    await pause(1000 / fps);
    let due = performance.now();
    let shown = { step: 0, at: due };
    for (let step = 1; ; step++) {
      const value = await estimate(loaded.policy, observation, memory);
      const { action } = await policy.decide(observation, {
        actionMask: (info['actionMask'] as ArrayLike<number> | undefined) ?? null,
        memory,
      });
      const result = env.step(action);
      ({ observation, info } = result);
      total += result.reward;
      const ended = result.terminated || result.truncated || step >= limit;
      const now = performance.now();
      if (ended || step - shown.step >= stride || now - shown.at > SLOW_MS) {
        shown = { step, at: now };
        show(step, plain(action), result.reward, value);
      }
      // A slow env is shown as slow; it does not hurry afterwards.
      due = Math.max(due + 1000 / fps, now);
      await pause(due - now);
      if (!ended) continue;
      say('end', { steps: step, return: total, terminated: result.terminated });
      break;
    }
    await pause(PAUSE_MS);
  }
}

// The dashboard decides when it ends; Ctrl-C of a terminal reaches the whole group.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
new Worker(new URL('./parent-watch.js', import.meta.url)).unref();
process.once('message', (job: LiveJob) => {
  live(job).catch((error: unknown) => {
    const known = error instanceof GymkhanaError;
    const code = known ? error.code : 'LIVE_FAILED';
    const message = known ? error.message : error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const last: LiveMessage = { event: 'problem', json: JSON.stringify({ code, message: message.slice(0, 2000) }) };
    process.send?.(last, () => process.exit(1));
  });
});
