/** Plays an env with random actions and writes down what it says, for comparison here and in another thread. */
import { crc32 } from '../core/crc32.js';
import type { Env, Info, ResetResult } from '../core/env.js';
import { Generator, type GeneratorState } from '../core/seeding/index.js';
import { Discrete } from '../spaces/discrete.js';

/** One reset or step as plain values that can be compared and sent to another thread. */
export interface Transition {
  readonly step: number;
  readonly observation: number;
  readonly reward: string;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: number;
}

/** How to play: the generator before the first reset or its seed, the seed of the actions, and how long. */
export interface Task {
  readonly seed: number | null;
  readonly generator: GeneratorState | null;
  readonly actionSeed: number;
  readonly steps: number;
  /** Reset and go on when an episode ends. */
  readonly goOn: boolean;
}

const encoder = new TextEncoder();
const hash = (text: string): number => crc32(encoder.encode(text));

/** A hash of any value of a space. */
export function observationHash(env: Env, observation: unknown): number {
  return hash(JSON.stringify(env.observationSpace.valueToJSON(observation)));
}

function infoHash(info: Info): number {
  try {
    return hash(
      JSON.stringify(info, (_, value: unknown) =>
        typeof value === 'number' ? String(value) : typeof value === 'bigint' ? `${value}n` : value,
      ) ?? '',
    );
  } catch {
    return -1;
  }
}

/** A random action, one that the mask in `info` allows if there is one. */
export function randomAction(env: Env, info: Info): unknown {
  const { actionSpace } = env;
  const mask = info['actionMask'];
  if (actionSpace instanceof Discrete && mask instanceof Int8Array && mask.includes(1)) {
    return actionSpace.sample({ mask });
  }
  return actionSpace.sample();
}

/** Plays one task. Whatever the env throws comes through. */
export function play(env: Env, task: Task): Transition[] {
  env.actionSpace.seed(task.actionSeed);
  if (task.generator !== null) env.rng = Generator.fromState(task.generator);
  const said: Transition[] = [];
  const say = (step: number, result: ResetResult<unknown>, reward: number, terminated = false, truncated = false) =>
    said.push({
      step,
      observation: observationHash(env, result.observation),
      reward: Object.is(reward, -0) ? '-0' : String(reward),
      terminated,
      truncated,
      info: infoHash(result.info),
    });
  const first = env.reset(task.seed === null ? {} : { seed: task.seed });
  say(0, first, 0);
  let info = first.info;
  for (let step = 1; step <= task.steps; step++) {
    const result = env.step(randomAction(env, info));
    info = result.info;
    say(step, result, result.reward, result.terminated, result.truncated);
    if (!result.terminated && !result.truncated) continue;
    if (!task.goOn) break;
    const again = env.reset();
    info = again.info;
    say(step, again, 0);
  }
  return said;
}

/** Where two transcripts first differ, as "reward at step 3: 1 and 2"; null if they are the same. */
export function firstDifference(one: readonly Transition[], two: readonly Transition[]): string | null {
  for (let k = 0; k < Math.max(one.length, two.length); k++) {
    const [a, b] = [one[k], two[k]];
    if (a === undefined || b === undefined)
      return `one went on after step ${(a ?? b)!.step - 1}, the other ended there`;
    for (const field of ['observation', 'reward', 'terminated', 'truncated', 'info'] as const) {
      if (a[field] === b[field]) continue;
      const where = a.step === 0 ? 'after reset' : `at step ${a.step}`;
      const values = field === 'observation' || field === 'info' ? 'differs' : `is ${a[field]} and ${b[field]}`;
      return `${field} ${where} ${values}`;
    }
  }
  return null;
}
