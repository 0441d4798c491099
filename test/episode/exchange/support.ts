/** An env whose observations and actions are any spaces, and its recordings. */
import { join } from 'node:path';
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../../src/core/env.js';
import type { EnvSpec } from '../../../src/core/spec.js';
import { recordEpisodes } from '../../../src/episode/index.js';
import { make, register, registry } from '../../../src/registration/index.js';
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Text, Tuple } from '../../../src/spaces/index.js';

/** Spaces of every kind, by name. */
export const SPACES: Readonly<Record<string, () => Space>> = {
  state: () => new Box(-1, 1, { shape: [3] }),
  matrix: () => new Box(-1, 1, { shape: [2, 2], dtype: 'float64' }),
  image: () => new Box(0, 255, { shape: [48, 64, 3], dtype: 'uint8' }),
  shorts: () => new Box(-300, 300, { shape: [2], dtype: 'int16' }),
  wide: () => new Box(0, 4e9, { shape: [2], dtype: 'uint32' }),
  choice: () => new Discrete(5, { start: -2 }),
  choices: () => new MultiDiscrete([3, 4]),
  bits: () => new MultiBinary(5),
  dict: () =>
    new Dict({ pose: new Box(-1, 1, { shape: [2] }), gear: new Discrete(4), tag: new Tuple([new Discrete(3)]) }),
  words: () => new Dict({ say: new Text(5), at: new Box(0, 1, { shape: [1] }) }),
};

/** Samples its observation space from its own stream; ends after `length` steps. */
export class AnyEnv extends Env<unknown, unknown> {
  override readonly metadata: EnvMetadata;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #length: number;
  #steps = 0;

  constructor(kwargs: { observation?: string; action?: string; length?: number } = {}) {
    super();
    this.observationSpace = SPACES[kwargs.observation ?? 'state']!();
    this.actionSpace = SPACES[kwargs.action ?? 'choice']!();
    this.#length = kwargs.length ?? 6;
    this.metadata = { about: 'Samples.', renderFps: 20, renderModes: [] };
  }

  #sample(): unknown {
    this.observationSpace.seed(this.rng.integers(2 ** 31));
    return this.observationSpace.sample();
  }

  override reset(options: ResetOptions = {}): ResetResult<unknown> {
    super.reset(options);
    this.#steps = 0;
    return { observation: this.#sample(), info: {} };
  }

  override step(): StepResult<unknown> {
    const reward = this.rng.random() - 0.5;
    const terminated = ++this.#steps === this.#length;
    return { observation: this.#sample(), reward, terminated, truncated: false, info: {} };
  }
}

/** What an episode showed, collected while it was played: the oracle of every export. */
export interface Witness {
  readonly observations: unknown[];
  readonly actions: unknown[];
  readonly rewards: number[];
}

/** A spec of `AnyEnv`. */
export function anySpec(kwargs: { observation?: string; action?: string; length?: number }): EnvSpec {
  register({ id: 'Any-v0', entryPoint: AnyEnv });
  return { ...registry.get('Any-v0')!, kwargs: { ...kwargs } };
}

/** Records two episodes and says what was seen. */
export async function recordAny(
  folder: string,
  kwargs: { observation?: string; action?: string; length?: number } = {},
  options: { observations?: boolean; episodes?: number } = {},
): Promise<{ path: string; seen: Witness[]; spec: EnvSpec }> {
  const spec = anySpec(kwargs);
  const env = await make(spec);
  env.actionSpace.seed(1);
  const path = join(folder, `${kwargs.observation ?? 'state'}-${kwargs.action ?? 'choice'}.episode`);
  const seen: Witness[] = [];
  await recordEpisodes({
    env,
    spec,
    policy: () => {
      const action = env.actionSpace.sample();
      seen.at(-1)!.actions.push(structuredClone(action));
      return action;
    },
    episodes: options.episodes ?? 2,
    seeds: (i) => 30 + i,
    path,
    observations: options.observations ?? false,
    onReset: (_, observation) => seen.push({ observations: [structuredClone(observation)], actions: [], rewards: [] }),
    onStep: (_, __, { observation, reward }) => {
      seen.at(-1)!.observations.push(structuredClone(observation));
      seen.at(-1)!.rewards.push(reward);
    },
  });
  env.close();
  return { path, seen, spec };
}

/** A value as plain numbers, texts and lists. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<number | bigint>, Number);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null && Symbol.iterator in value)
    return Array.from(value as Iterable<unknown>, plain);
  return value;
}

/** The leaf of a value that keys lead to. */
export function leafOf(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], value);
}
