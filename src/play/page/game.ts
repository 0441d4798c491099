/** One episode in the page: the env, and what is sent to be simulated again. No DOM. */
import type { Env } from '../../core/env.js';
import type { Json } from '../../core/json.js';
import type { PageSim } from '../../viewer/env-bundle.js';
import { LONGEST_PLAY, type PlayData, type PlayedEpisode } from '../protocol.js';

/** How far an episode has come. */
export type Ending = 'terminated' | 'truncated' | 'cut';

/** An episode that is being played. */
export class Game {
  readonly seed: number;
  readonly env: Env;
  observation: unknown;
  steps = 0;
  return = 0;
  ending: Ending | null = null;
  readonly #actions: Json[] = [];
  readonly #hashes: number[];
  readonly #hasher: InstanceType<PageSim['StepHasher']>;

  /** Makes an env of its own, as the server does, and resets it with the generator of the seed. */
  constructor(sim: PageSim, seed: number, shows: PlayData['shows']) {
    this.seed = seed;
    this.env = sim.makePageEnv(shows === 'numbers' ? undefined : shows);
    this.#hasher = new sim.StepHasher(this.env.observationSpace, this.env.actionSpace);
    this.env.unwrapped.rng = sim.Generator.fromState(sim.Generator.fromSeed(seed).state);
    this.observation = this.env.reset().observation;
    this.#hashes = [this.#hasher.reset(this.observation)];
  }

  /** Advances one step with an action in JSON form. @throws what the env throws; the episode is over then. */
  step(action: Json): void {
    const { actionSpace } = this.env;
    // Noted first: where the env fails, this is the action that it failed at.
    this.#actions.push(action);
    const result = this.env.step(actionSpace.valueFromJSON(action));
    const { observation, reward, terminated, truncated } = result;
    // The env may have written into the action it was given.
    const given = actionSpace.valueFromJSON(action);
    this.#hashes.push(this.#hasher.step(observation, reward, terminated, truncated, given));
    this.observation = observation;
    this.steps++;
    this.return += reward;
    if (terminated) this.ending = 'terminated';
    else if (truncated) this.ending = 'truncated';
    else if (this.steps >= LONGEST_PLAY) this.ending = 'cut';
  }

  /** The episode so far, as the server takes it. */
  played(): PlayedEpisode {
    return { seed: this.seed, actions: this.#actions, hashes: this.#hashes };
  }

  close(): void {
    this.env.close();
  }
}
