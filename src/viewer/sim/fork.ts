/** A new end of a recorded episode: the same start and the same actions up to a step, other actions from there on. */
import type { Env, Info } from '../../core/env.js';
import type { EngineInfo } from '../../core/fingerprint.js';
import { mathFingerprint } from '../../core/math-fingerprint.js';
import { fileBytes } from '../../episode/encode.js';
import { StepHasher } from '../../episode/hash.js';
import { type Episode, plainInfo } from '../../episode/log.js';
import { replayReset } from '../../episode/start.js';
import { createStore } from '../../episode/store.js';
import type { ReferencePolicy } from '../../network/reference-policy.js';
import type { Scene } from '../../render/scene.js';
import { numbersOf } from '../page-series.js';
import { pageSpec } from './make.js';
import type { PlayableEpisode } from './start.js';

/** Pictures that a fork keeps; the oldest go first. */
const KEPT_SCENES = 10_000;
const STRIDE = 8;

type Decision = ReturnType<ReferencePolicy['decide']>;

/** An episode that goes on in the page. */
export class Fork implements PlayableEpisode {
  readonly start;
  readonly snapshots: readonly never[] = [];
  /** The step after which its own actions begin. */
  readonly from: number;
  readonly actions;
  readonly rewards: number[] = [];
  /** For each step, the numbers of the observation; the reset's first. */
  readonly observations: number[][] = [];
  readonly acted: number[][] = [];
  readonly #env: Env;
  readonly #source: PlayableEpisode;
  readonly #expected: Uint32Array | null;
  readonly #hasher: StepHasher;
  readonly #hashes: number[] = [];
  readonly #scenes = new Map<number, Scene | null>();
  readonly #policy: ReferencePolicy | null;
  #decision: Decision | null = null;
  #observation: unknown = null;
  #info: Info = {};
  #terminated = false;
  #truncated = false;
  #error: string | null = null;

  /**
   * @param env of its own, that nobody else steps.
   * @param policy of its own, for `decision`; null without one.
   */
  constructor(env: Env, source: PlayableEpisode, from: number, policy: ReferencePolicy | null = null) {
    this.#env = env;
    this.#policy = policy;
    this.#source = source;
    this.#expected = source.hashes;
    this.start = source.start;
    this.from = Math.min(from, source.steps);
    this.actions = createStore(env.actionSpace, 'action');
    this.#hasher = new StepHasher(env.observationSpace, env.actionSpace);
    const { observation, info } = replayReset(env, source.start);
    this.#hashes.push(this.#hasher.reset(observation));
    this.#look(observation, info);
    if (this.#expected !== null && this.#hashes[0] !== this.#expected[0])
      this.#error = 'the reset is not what was recorded';
  }

  /** Steps so far. */
  get steps(): number {
    return this.rewards.length;
  }

  get hashes(): Uint32Array {
    return Uint32Array.from(this.#hashes);
  }

  /** Whether the shared part has been simulated. */
  get ready(): boolean {
    return this.steps >= this.from || this.over;
  }

  /** Whether it can go on no more. */
  get over(): boolean {
    return this.#terminated || this.#truncated || this.#error !== null;
  }

  /** How it stands, in words. */
  get ending(): string {
    if (this.#error !== null) return this.#error;
    if (this.#terminated) return 'terminated';
    return this.#truncated ? 'truncated' : 'not ended';
  }

  /** What a policy sees now. */
  get observation(): unknown {
    return this.#observation;
  }

  get info(): Info {
    return this.#info;
  }

  /** What the policy makes of the present observation; null without a policy. */
  get decision(): Decision | null {
    const mask = this.#info['actionMask'] as ArrayLike<number> | undefined;
    this.#decision ??= this.#policy?.decide(this.#observation, mask) ?? null;
    return this.#decision;
  }

  get return(): number {
    return this.rewards.reduce((sum, reward) => sum + reward, 0);
  }

  scene(step: number): Scene | null | undefined {
    return this.#scenes.get(step);
  }

  /** Simulates the shared part for about `budget` milliseconds; a step of it that is not the original's ends the fork. */
  catchUp(budget: number, now: () => number): void {
    const until = now() + budget;
    for (let count = 1; !this.ready; count++) {
      this.step(this.#source.actions.at(this.steps));
      const { steps } = this;
      if (this.#error === null && this.#expected !== null && this.#hashes[steps] !== this.#expected[steps]) {
        this.#error = `step ${steps} is not what was recorded`;
      }
      if (count % STRIDE === 0 && now() > until) return;
    }
  }

  /** One step with an action of its own; an action that the env refuses, or an env that throws, ends the fork. */
  step(action: unknown): void {
    if (this.over) return;
    this.actions.push(action);
    const given = this.actions.at(this.actions.length - 1);
    try {
      const { observation, reward, terminated, truncated, info } = this.#env.step(given);
      const noted = this.actions.at(this.actions.length - 1);
      this.#hashes.push(this.#hasher.step(observation, reward, terminated, truncated, noted));
      this.rewards.push(reward);
      this.acted.push(numbersOf(this.#env.actionSpace, noted));
      this.#terminated = terminated;
      this.#truncated = truncated;
      this.#look(observation, info);
    } catch (error) {
      this.actions.truncate(this.steps);
      this.#error = `failed at step ${this.steps + 1}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #look(observation: unknown, info: Info): void {
    this.#observation = observation;
    this.#info = info;
    this.#decision = null;
    // A memory has to see what came before the fork.
    if (this.#policy?.remembers) void this.decision;
    this.observations.push(numbersOf(this.#env.observationSpace, observation));
    this.#scenes.set(this.steps, (this.#env.render() ?? null) as Scene | null);
    if (this.#scenes.size > KEPT_SCENES) this.#scenes.delete(this.#scenes.keys().next().value!);
  }

  /** The fork as an episode file, which `gymkhana replay verify` simulates again. @param version of the library. */
  file(version: string, policyNote: string): Uint8Array {
    const { metadata, observationSpace, actionSpace } = this.#env;
    const measures: Record<string, number> = {};
    for (const name of metadata.episodeMeasures ?? []) {
      const value = this.#info[name];
      if (typeof value === 'number' || typeof value === 'boolean') measures[name] = Number(value);
    }
    const { rng, seed, options, wrappers } = this.start;
    const episode: Episode = {
      rng,
      seed,
      options,
      ...(wrappers !== null && { wrappers }),
      steps: this.steps,
      actions: this.actions,
      hashes: this.hashes,
      rewards: Float64Array.from(this.rewards),
      observations: null,
      return: this.return,
      terminated: this.#terminated,
      truncated: this.#truncated,
      measures,
      finalInfo: plainInfo(this.#info),
      failure: null,
    };
    // The page computes with Node 20's mathematical functions, whatever browser shows it.
    const engine: EngineInfo = {
      node: '20 (portable Math)',
      v8: '',
      arch: 'page',
      platform: 'browser',
      mathFingerprint: mathFingerprint(),
      gymkhana: version,
    };
    return fileBytes({ spec: pageSpec(), observationSpace, actionSpace, metadata, policyNote }, engine, [episode]);
  }

  /** Frees the env. */
  close(): void {
    this.#env.close();
  }
}
