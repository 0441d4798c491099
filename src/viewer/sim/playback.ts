/** Simulates a recorded episode in a page, forwards and back, and compares every step with the recording. */
import type { Env } from '../../core/env.js';
import { snapshotIdentity } from '../../core/snapshot.js';
import { StepHasher } from '../../episode/hash.js';
import { replayReset } from '../../episode/start.js';
import type { Scene } from '../../render/scene.js';
import type { PageSnapshot, PlayableEpisode } from './start.js';

/** Pictures that are kept, so that the one before and the one after are at hand. */
const KEPT_SCENES = 32;
/** Steps before the wanted one that are drawn too: a picture may show a trail of the last few. */
const DRAWN_BEFORE = 16;
/** A snapshot further ahead than this is jumped to, and the steps between are compared when they are played. */
const LONG_WAY = 2000;
/** Steps between two looks at the clock. */
const STRIDE = 8;

/** Where simulation and recording part. */
export interface Parting {
  /** 0 for the reset. */
  readonly step: number;
  /** What happened, as the end of a sentence that begins with the step. */
  readonly why: string;
}

/** One episode, simulated as far as somebody looks. */
export class Playback {
  readonly #env: Env;
  readonly #episode: PlayableEpisode;
  readonly #hasher: StepHasher;
  readonly #now: () => number;
  readonly #scenes = new Map<number, Scene | null>();
  readonly #checked: Uint8Array;
  #snapshots: readonly PageSnapshot[];
  #equal = 0;
  #at = -1;
  #parting: Parting | null = null;
  /** Whether the present state came from a snapshot. */
  #restored = false;

  /**
   * @param env of its own, that nobody else steps.
   * @param now milliseconds, only to share the time with whoever draws.
   */
  constructor(env: Env, episode: PlayableEpisode, now: () => number) {
    this.#env = env;
    this.#episode = episode;
    this.#now = now;
    this.#hasher = new StepHasher(env.observationSpace, env.actionSpace);
    this.#checked = new Uint8Array(episode.steps + 1);
    this.#snapshots = episode.snapshots;
  }

  /** The first step that is not what was recorded; null as long as there is none. */
  get parting(): Parting | null {
    return this.#parting;
  }

  /** How many steps were simulated and are what was recorded, the reset not counted. */
  get equal(): number {
    return Math.max(0, this.#equal - this.#checked[0]!);
  }

  /** The picture after `step`, if it was simulated lately; null for an env without. */
  scene(step: number): Scene | null | undefined {
    return this.#scenes.get(step);
  }

  /**
   * Simulates towards `step` for about `budget` milliseconds, and says whether its picture is there. Never goes past a parting.
   * An env that saves its state goes back to the last snapshot before, any other to the reset.
   */
  advance(step: number, budget: number): boolean {
    if (this.#scenes.has(step)) return true;
    if (this.#parting !== null) return false;
    const until = this.#now() + budget;
    try {
      if (this.#at < 0) this.#begin();
      else if (step <= this.#at) this.#return(step);
      if (step - this.#at > LONG_WAY) this.#jump(step);
      for (let count = 1; this.#at < step && this.#parting === null; count++) {
        this.#step();
        if (step - this.#at <= DRAWN_BEFORE) this.#draw();
        if (count % STRIDE === 0 && this.#now() > until) break;
      }
    } catch (error) {
      this.#part(this.#at + 1, `fails in this browser: ${error instanceof Error ? error.message : String(error)}`);
    }
    return this.#scenes.has(step);
  }

  #return(step: number): void {
    const snapshot = this.#snapshotBefore(step);
    if (snapshot === undefined) this.#begin();
    else {
      this.#restore(snapshot);
      this.#draw();
    }
  }

  #begin(): void {
    this.#reset();
    this.#draw();
  }

  #jump(step: number): void {
    const snapshot = this.#snapshotBefore(step);
    if (snapshot !== undefined && snapshot.steps > this.#at) this.#restore(snapshot);
  }

  #snapshotBefore(step: number): PageSnapshot | undefined {
    return this.#snapshots.findLast(({ steps }) => steps <= step);
  }

  #reset(): void {
    const { observation } = replayReset(this.#env, this.#episode.start);
    this.#at = 0;
    this.#restored = false;
    const { hashes } = this.#episode;
    this.#compare(hashes === null ? null : this.#hasher.reset(observation));
  }

  #restore(snapshot: PageSnapshot): void {
    this.#env.restore({
      format: 'gymkhana-snapshot',
      version: 1,
      identity: snapshotIdentity(this.#env),
      episode: null,
      hash: null,
      ...snapshot,
    });
    this.#at = snapshot.steps;
    this.#restored = true;
  }

  #step(): void {
    const { actions, hashes } = this.#episode;
    // Two copies, since an env may write into its action.
    const result = this.#env.step(actions.at(this.#at));
    const { observation, reward, terminated, truncated } = result;
    const given = actions.at(this.#at);
    this.#at++;
    this.#compare(hashes === null ? null : this.#hasher.step(observation, reward, terminated, truncated, given));
  }

  #compare(hash: number | null): void {
    if (hash === null || hash === this.#episode.hashes![this.#at]) {
      if (this.#checked[this.#at] === 0) {
        this.#checked[this.#at] = 1;
        this.#equal++;
      }
      return;
    }
    if (this.#restored) {
      // A snapshot that leaves something out is no proof: the whole way decides.
      this.#snapshots = [];
      this.#scenes.clear();
      this.#reset();
      return;
    }
    this.#part(this.#at, 'is not what was recorded');
  }

  #part(step: number, why: string): void {
    this.#parting = { step, why };
    for (const drawn of this.#scenes.keys()) if (drawn >= step) this.#scenes.delete(drawn);
  }

  #draw(): void {
    if (this.#parting !== null) return;
    this.#scenes.delete(this.#at);
    this.#scenes.set(this.#at, (this.#env.render() ?? null) as Scene | null);
    if (this.#scenes.size > KEPT_SCENES) this.#scenes.delete(this.#scenes.keys().next().value!);
  }

  /** Frees the env. */
  close(): void {
    this.#env.close();
  }
}
