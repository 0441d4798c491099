/** Episodes of a policy on streams of their own: the same episodes for the same seed, whatever was trained before. */
import { assertEnv, type Env, type ResetResult } from '../../src/core/env.js';
import { failure, usageError } from '../../src/core/errors.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { SeedSequence } from '../../src/core/seeding/seed-sequence.js';
import { type EnvSpec, engineLimit } from '../../src/core/spec.js';
import { mean } from '../../src/core/statistics.js';
import { restoreWrapperStates, type WrapperState, wrapperStates } from '../../src/core/wrapper.js';
import { constructEnv } from '../../src/registration/index.js';
import { writeActionMask } from '../../src/rollout/action-mask.js';
import { newArray, sizeOf } from '../../src/spaces/arrays.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { flattenInto } from '../../src/spaces/flatten.js';
import type { MultiBinary } from '../../src/spaces/multi-binary.js';
import type { MultiDiscrete } from '../../src/spaces/multi-discrete.js';
import type { DType, DTypes, Space } from '../../src/spaces/space.js';
import type { Actor } from './actor.js';
import { OnnxPolicy } from './onnx-policy.js';
import { Policy } from './policy.js';

/** Spawn key of evaluation streams: two words, so that no training env's one-word key can equal it. */
export const EVALUATION_KEY = 0x45564c;

/** Episodes of envs without a time limit are cut after so many steps: a greedy policy may walk in circles for ever. */
export const LONGEST_EPISODE = 10_000;

/** One action for one env. Built anew for each env, so that it may keep state. */
export type Controller = (env: Env) => (observation: unknown) => unknown;

/** Returns, lengths and measures of the episodes of one evaluation. */
export interface EvaluationResult {
  readonly episodes: number;
  readonly meanReturn: number;
  /** Population standard deviation over episodes. */
  readonly stdReturn: number;
  readonly meanLength: number;
  /** Means of the env's own measures; an episode where a measure is NaN does not count for it. */
  readonly measures: { readonly [name: string]: number };
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
}

/** Which env to evaluate on, how many episodes, and the seed of their streams. */
export interface EvaluationOptions {
  readonly spec: EnvSpec;
  readonly episodes: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

function checkEvaluation(call: string, options: EvaluationOptions): void {
  const episodes = options?.episodes;
  if (Number.isSafeInteger(episodes) && episodes >= 1) return;
  throw usageError('INVALID_OPTION', `${call}: episodes must be a whole number from 1, got ${String(episodes)}.`, {
    field: 'episodes',
    expected: 'a whole number from 1',
    got: String(episodes),
  });
}

/** The stream of episode `index` of an evaluation with `seed`. */
export function episodeGenerator(seed: number, index: number): Generator {
  return Generator.fromSeedSequence(new SeedSequence(seed, [EVALUATION_KEY, index]));
}

/** Envs stepped together for one batched forward pass. */
const PARALLEL = 64;
/** Env steps between two looks at the event loop. */
const STEPS_PER_TURN = 4096;

/** Plays greedy episodes of a policy, many envs at a time; results do not depend on how many. */
export async function evaluatePolicy(
  policy: Policy | OnnxPolicy,
  options: EvaluationOptions,
): Promise<EvaluationResult> {
  checkEvaluation('evaluatePolicy', options);
  if (!(policy instanceof Policy || policy instanceof OnnxPolicy)) {
    throw usageError(
      'INVALID_POLICY',
      `evaluatePolicy takes a Policy, as Policy.create or loadPolicy(run).policy gives it, or an OnnxPolicy; got ${String(policy)}.`,
      {
        expected: 'a Policy or an OnnxPolicy',
        got: String(policy),
      },
    );
  }
  const actor: Actor = policy;
  const { spec, episodes } = options;
  const parallel = Math.min(PARALLEL, episodes);
  const envs = await Promise.all(Array.from({ length: parallel }, () => constructEnv(spec)));
  const initial = wrapperStates(envs[0]!);
  const { observationSize: O, width: A, choiceSizes: sizes } = actor;
  const choices = sizes.reduce((sum, size) => sum + size, 0);
  const observations = new Float32Array(parallel * O);
  const actions = new (actor.continuous ? Float32Array : Int32Array)(parallel * A);
  const space = envs[0]!.actionSpace;
  const boxActions = space instanceof Discrete ? null : envs.map(() => actionArray(space));
  const slots = envs.map((_, slot) => ({ episode: slot, return: 0, length: 0 }));
  const results = emptyResults(episodes);
  const measures = envs[0]!.metadata.episodeMeasures ?? [];
  const begun = envs.map((env, slot) => {
    const { observation, info } = begin(env, options.seed, slot, initial);
    writeObservation(env.observationSpace, observation, observations, slot * O);
    return info;
  });
  const masked = actor.masks === 'always' || (actor.masks === 'if given' && begun[0]!['actionMask'] !== undefined);
  const masks = masked ? new Uint8Array(parallel * choices) : undefined;
  if (masks !== undefined) {
    for (const [slot, info] of begun.entries()) writeActionMask(info, sizes, masks, slot * choices);
  }
  const S = actor.memorySize;
  const memory = new Float32Array(parallel * S);
  let live = parallel;
  let sinceTurn = 0;
  while (live > 0) {
    const pending = actor.predictInto(observations, parallel, actions, undefined, masks, memory);
    if (pending !== undefined) await pending;
    for (let i = 0; i < parallel; i++) {
      const slot = slots[i]!;
      if (slot.episode >= episodes) continue;
      let action: unknown = actions[i]!;
      if (boxActions !== null) {
        const box = boxActions[i]!;
        for (let k = 0; k < A; k++) box[k] = actions[i * A + k]!;
        action = box;
      }
      const result = envs[i]!.step(action);
      slot.return += result.reward;
      slot.length++;
      let { observation, info }: ResetResult<unknown> = result;
      if (result.terminated || result.truncated || slot.length >= (engineLimit(spec) ?? LONGEST_EPISODE)) {
        results.add(slot.episode, slot.return, slot.length, measures, result.info);
        slot.episode += parallel;
        slot.return = 0;
        slot.length = 0;
        if (slot.episode >= episodes) {
          live--;
          continue;
        }
        memory.fill(0, i * S, (i + 1) * S);
        ({ observation, info } = begin(envs[i]!, options.seed, slot.episode, initial));
      }
      writeObservation(envs[i]!.observationSpace, observation, observations, i * O);
      if (masks !== undefined) writeActionMask(info, sizes, masks, i * choices);
    }
    sinceTurn += parallel;
    if (sinceTurn >= STEPS_PER_TURN) {
      sinceTurn = 0;
      await turn(options.signal);
    }
  }
  for (const env of envs) env.close();
  return results.finish(measures);
}

/** Plays episodes of a scripted controller, one env at a time, on the same streams as `evaluatePolicy`. */
export async function evaluateController(
  controller: Controller,
  options: EvaluationOptions,
): Promise<EvaluationResult> {
  checkEvaluation('evaluateController', options);
  const { spec, episodes } = options;
  const env = await constructEnv(spec);
  const initial = wrapperStates(env);
  const measures = env.metadata.episodeMeasures ?? [];
  const results = emptyResults(episodes);
  let sinceTurn = 0;
  for (let episode = 0; episode < episodes; episode++) {
    let { observation } = begin(env, options.seed, episode, initial);
    env.actionSpace.generator = Generator.fromSeedSequence(
      new SeedSequence(options.seed, [EVALUATION_KEY, episode, 1]),
    );
    const act = controller(env);
    let total = 0;
    for (let length = 1; ; length++) {
      const result = env.step(act(observation));
      observation = result.observation;
      total += result.reward;
      if (++sinceTurn >= STEPS_PER_TURN) {
        sinceTurn = 0;
        await turn(options.signal);
      }
      if (result.terminated || result.truncated || length >= (engineLimit(spec) ?? LONGEST_EPISODE)) {
        results.add(episode, total, length, measures, result.info);
        break;
      }
    }
  }
  env.close();
  return results.finish(measures);
}

/** Uniformly random actions, drawn from the action space's own stream. */
export const randomController: Controller = (env) => {
  assertEnv(env, 'randomController');
  return () => env.actionSpace.sample();
};

/** The scripted baselines that an env's class offers under `static baselines`. */
export function baselinesOf(env: Env): Readonly<Record<string, Controller>> {
  assertEnv(env, 'baselinesOf');
  const baselines: unknown = Object.getOwnPropertyDescriptor(env.unwrapped.constructor, 'baselines')?.value;
  return typeof baselines === 'object' && baselines !== null ? (baselines as Record<string, Controller>) : {};
}

/** Writes an observation flat. @throws `INVALID_OBSERVATION` if it is none of a space that is not a Box. */
function writeObservation(space: Space, observation: unknown, target: Float32Array, at: number): void {
  if (space instanceof Box) {
    target.set(observation as ArrayLike<number>, at);
    return;
  }
  if (!space.contains(observation)) {
    throw failure(
      'INVALID_OBSERVATION',
      `the observation does not fit the space ${String(space)}: ${space.explain(observation)}.`,
      { field: 'observation' },
    );
  }
  flattenInto(space, observation, target, at);
}

/** An array for actions of a space, which are rows of numbers. */
function actionArray(space: Space): DTypes[DType] {
  if (space instanceof Box) return (space as Box<DType>).low.slice();
  const { dtype, shape } = space as MultiDiscrete | MultiBinary;
  return newArray(dtype, sizeOf(shape));
}

/** Wrappers with a state across episodes begin each episode as they were made, so that episodes do not depend on each other. */
function begin(env: Env, seed: number, episode: number, initial: readonly WrapperState[] | null): ResetResult<unknown> {
  if (initial !== null) restoreWrapperStates(env, initial);
  env.rng = episodeGenerator(seed, episode);
  return env.reset({});
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) throw failure('INTERRUPTED', 'the evaluation was interrupted.');
}

function emptyResults(episodes: number) {
  const returns = new Array<number>(episodes).fill(0);
  const lengths = new Array<number>(episodes).fill(0);
  const values: Record<string, number>[] = new Array(episodes);
  return {
    add(
      episode: number,
      total: number,
      length: number,
      measures: readonly string[],
      info: Record<string, unknown>,
    ): void {
      returns[episode] = total;
      lengths[episode] = length;
      values[episode] = Object.fromEntries(
        measures.map((name) => [name, typeof info[name] === 'number' ? info[name] : Number.NaN]),
      );
    },
    finish(measures: readonly string[]): EvaluationResult {
      const meanReturn = mean(returns);
      const squares = returns.map((value) => (value - meanReturn) * (value - meanReturn));
      const means = measures.map((name) => {
        const known = values.map((row) => row[name]!).filter((value) => !Number.isNaN(value));
        return [name, known.length === 0 ? Number.NaN : mean(known)] as const;
      });
      return {
        episodes,
        meanReturn,
        stdReturn: Math.sqrt(mean(squares)),
        meanLength: mean(lengths),
        measures: Object.fromEntries(means),
        returns,
        lengths,
      };
    },
  };
}
