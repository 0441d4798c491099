/** What a lane of the page shows: a recorded episode, simulated here where the page holds its env, or a fork of one. */
import type { Scene } from '../../render/scene.js';
import type { PageSim } from '../env-bundle.js';
import type { PageEpisode } from '../page-data.js';
import type { Pilot, PlayableEpisode } from '../sim/index.js';
import { FilmScenes } from './decode.js';
import { brief } from './elements.js';

/** A column of numbers; an array is one. */
export interface Column {
  readonly length: number;
  at(index: number): number | undefined;
}

/** The numbers that a lane's plots show. */
export interface Columns {
  readonly rewards: Column;
  /** Null without a policy in the page. */
  readonly values: Column | null;
  readonly observations: readonly Column[];
  readonly actions: readonly Column[];
}

/** Whether a lane's picture is simulated here, in words; `good` is null where there is nothing to judge. */
export interface Standing {
  readonly shown: 'simulated' | 'recorded';
  readonly good: boolean | null;
  readonly text: string;
}

/** What a lane shows. */
export interface Source {
  readonly name: string;
  /** Steps that there are; a fork's grow. */
  readonly steps: number;
  /** Whether it can go on beyond them. */
  readonly growing: boolean;
  readonly columns: Columns;
  readonly standing: Standing;
  /** Words about it, as label and value. */
  readonly summary: readonly (readonly [string, string])[];
  /** What replaying it in Node showed; null for a fork. */
  readonly verdict: PageEpisode['verdict'];
  /** What a fork goes on from; null where the page cannot simulate. */
  readonly playable: PlayableEpisode | null;
  /** Simulates towards a step for about `budget` milliseconds; says whether its picture is there. */
  prepare(step: number, budget: number): boolean;
  scene(step: number): Scene | null;
  close(): void;
}

const now = (): number => performance.now();

/** A recorded episode. */
export class RecordedSource implements Source {
  readonly name: string;
  readonly steps: number;
  readonly growing = false;
  readonly columns: Columns;
  readonly summary;
  readonly verdict;
  readonly playable: PlayableEpisode | null;
  readonly #film: FilmScenes | null;
  readonly #playback: InstanceType<PageSim['Playback']> | null;
  readonly #episode: PageEpisode;

  /** @param sim null where the page does not hold the env. @throws what the env's constructor throws. */
  constructor(episode: PageEpisode, sim: PageSim | null) {
    this.#episode = episode;
    this.name = `Episode ${episode.index + 1}`;
    this.steps = episode.steps;
    this.verdict = episode.verdict;
    this.columns = episode;
    this.summary = [
      ['Return', brief(episode.return)] as const,
      ['Steps', String(episode.steps)] as const,
      ['Ended', episode.ending] as const,
      ...episode.measures,
      ...(episode.seed === null ? [] : [['Seed', String(episode.seed)] as const]),
    ];
    this.#film = episode.film === null ? null : new FilmScenes(episode.film);
    if (sim === null || episode.replay === null) {
      this.playable = null;
      this.#playback = null;
      return;
    }
    const env = sim.makePageEnv(episode.film === null ? undefined : 'scene');
    this.playable = sim.unpackReplay(episode.replay, env.actionSpace);
    this.#playback = new sim.Playback(env, this.playable, now);
  }

  get standing(): Standing {
    if (this.#playback === null) return { shown: 'recorded', good: null, text: 'recorded data' };
    const { parting, equal } = this.#playback;
    if (parting !== null) {
      return {
        shown: 'recorded',
        good: false,
        text: `recorded data: simulated here, step ${parting.step} ${parting.why}`,
      };
    }
    const compared = this.playable?.hashes === null ? 'nothing to compare with' : `${equal}/${this.steps} equal`;
    return { shown: 'simulated', good: true, text: `simulated: ${compared}` };
  }

  /** What to tell the reader once; null as long as nothing differs. */
  get notice(): string | null {
    const parting = this.#playback?.parting;
    if (parting === null || parting === undefined) return null;
    return `Step ${parting.step} of episode ${this.#episode.index + 1}, simulated in this browser, ${parting.why}. The recorded data are shown instead.`;
  }

  prepare(step: number, budget: number): boolean {
    return this.#playback?.advance(Math.min(step, this.steps), budget) ?? true;
  }

  scene(step: number): Scene | null {
    const simulated = this.#playback?.scene(Math.min(step, this.steps));
    return simulated ?? this.#film?.at(step) ?? null;
  }

  close(): void {
    this.#playback?.close();
  }
}

/** A fork of another source's episode. */
export class ForkSource implements Source {
  readonly name: string;
  readonly columns: Columns;
  readonly verdict = null;
  readonly #fork: InstanceType<PageSim['Fork']>;
  readonly #pilot: Pilot;
  readonly #values: number[] = [];
  readonly #before: Column | null;
  #waits = false;

  /**
   * @param of the source that it goes on from.
   * @param labels how many numbers an observation and an action have.
   */
  constructor(
    fork: InstanceType<PageSim['Fork']>,
    of: Source,
    pilot: Pilot,
    pilotName: string,
    labels: { readonly observations: number; readonly actions: number },
  ) {
    this.#fork = fork;
    this.#pilot = pilot;
    this.#before = of.columns.values;
    this.name = `From step ${fork.from}: ${pilotName}`;
    const column = (rows: readonly (readonly number[])[], k: number): Column => ({
      get length() {
        return rows.length;
      },
      at: (index) => rows[index]?.[k],
    });
    this.columns = {
      rewards: fork.rewards,
      values: fork.decision === null ? null : this.#values,
      observations: Array.from({ length: labels.observations }, (_, k) => column(fork.observations, k)),
      actions: Array.from({ length: labels.actions }, (_, k) => column(fork.acted, k)),
    };
    this.#note();
  }

  get steps(): number {
    return this.#fork.steps;
  }

  get growing(): boolean {
    return !this.#fork.over;
  }

  /** The step from which it goes on. */
  get end(): number {
    return Math.max(this.#fork.steps, this.#fork.from);
  }

  get standing(): Standing {
    const { ready, over, ending } = this.#fork;
    const going = this.#waits ? 'waits for a key' : 'goes on with play';
    const text = over ? `ended: ${ending}` : ready ? going : 'catching up';
    return { shown: 'simulated', good: null, text };
  }

  get summary(): readonly (readonly [string, string])[] {
    const { steps, ending, from, start } = this.#fork;
    const rows: (readonly [string, string])[] = [
      ['Return', brief(this.#fork.return)],
      ['Steps', String(steps)],
      ['Ended', ending],
      ['Own steps', String(Math.max(0, steps - from))],
    ];
    return start.seed === null ? rows : [...rows, ['Seed', String(start.seed)]];
  }

  get playable(): PlayableEpisode {
    return this.#fork;
  }

  prepare(_step: number, budget: number): boolean {
    if (!this.#fork.ready) this.#fork.catchUp(budget, now);
    this.#note();
    return this.#fork.ready;
  }

  scene(step: number): Scene | null {
    return this.#fork.scene(Math.min(step, this.steps)) ?? null;
  }

  /** One step on; false where its pilot waits, or it is over. */
  grow(): boolean {
    if (!this.#fork.ready || this.#fork.over) return false;
    const action = this.#pilot(this.#fork.observation, this.#fork.info);
    this.#waits = action === undefined;
    if (this.#waits) return false;
    this.#fork.step(action);
    this.#note();
    return true;
  }

  #note(): void {
    if (this.columns.values === null) return;
    // The shared part's values are the original's; only what is seen now can be asked for.
    const { length } = this.#values;
    for (let i = length; i < this.#fork.steps; i++) this.#values.push(this.#before?.at(i) ?? Number.NaN);
    if (this.#values.length === this.#fork.steps) this.#values.push(this.#fork.decision!.value);
  }

  /** The fork as an episode file. */
  file(version: string, note: string): Uint8Array {
    return this.#fork.file(version, note);
  }

  close(): void {
    this.#fork.close();
  }
}
