import { Env, type Info, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { Box, Discrete, type Space } from '../../src/spaces/index.js';

/** What a ProbeEnv does. */
export interface ProbeOptions<Obs, Act> {
  readonly observationSpace: Space<Obs>;
  readonly actionSpace: Space<Act>;
  /** The observation at step `t` of an episode, 0 in a reset. */
  readonly observe: (t: number, env: ProbeEnv<Obs, Act>) => Obs;
  /** Steps until termination; none by default. */
  readonly length?: number;
  readonly reward?: (t: number) => number;
  readonly info?: (t: number) => Info;
}

/** A scripted env that keeps what it was asked. */
export class ProbeEnv<Obs, Act> extends Env<Obs, Act> {
  readonly observationSpace: Space<Obs>;
  readonly actionSpace: Space<Act>;
  readonly asked: ResetOptions[] = [];
  readonly actions: Act[] = [];
  closes = 0;
  t = 0;
  readonly #options: ProbeOptions<Obs, Act>;

  constructor(options: ProbeOptions<Obs, Act>) {
    super();
    this.observationSpace = options.observationSpace;
    this.actionSpace = options.actionSpace;
    this.#options = options;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    super.reset(options);
    this.asked.push(options);
    this.t = 0;
    return { observation: this.#options.observe(0, this), info: this.#options.info?.(0) ?? {} };
  }

  override step(action: Act): StepResult<Obs> {
    this.actions.push(typeof action === 'object' ? structuredClone(action) : action);
    this.t++;
    return {
      observation: this.#options.observe(this.t, this),
      reward: this.#options.reward?.(this.t) ?? 1,
      terminated: this.t >= (this.#options.length ?? Number.POSITIVE_INFINITY),
      truncated: false,
      info: this.#options.info?.(this.t) ?? {},
    };
  }

  override render(): unknown {
    return `step ${this.t}`;
  }

  override close(): void {
    this.closes++;
  }
}

/** A Box observation that counts steps, with two actions. */
export function counter(options: Partial<ProbeOptions<Float32Array, number>> = {}): ProbeEnv<Float32Array, number> {
  return new ProbeEnv({
    observationSpace: new Box(-100, 100),
    actionSpace: new Discrete(2),
    observe: (t) => Float32Array.of(t),
    ...options,
  });
}
