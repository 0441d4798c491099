import type { Space } from '../spaces/space.js';
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from './env.js';
import type { Generator } from './seeding/generator.js';

/**
 * An env around an env: passes everything through, so that a subclass changes only what it is about.
 * The inner env keeps its spec, generator and metadata.
 */
export abstract class Wrapper<Obs = unknown, Act = unknown, InnerObs = Obs, InnerAct = Act> extends Env<Obs, Act> {
  readonly env: Env<InnerObs, InnerAct>;
  override readonly metadata: EnvMetadata;

  constructor(env: Env<InnerObs, InnerAct>) {
    super();
    this.env = env;
    this.metadata = env.metadata;
    this.spec = env.spec;
  }

  override get rng(): Generator {
    return this.env.rng;
  }

  override set rng(generator: Generator) {
    this.env.rng = generator;
  }

  override get unwrapped(): Env {
    return this.env.unwrapped;
  }

  override render(): unknown {
    return this.env.render();
  }

  override close(): void {
    this.env.close();
  }

  abstract override reset(options?: ResetOptions): ResetResult<Obs>;
  abstract override step(action: Act): StepResult<Obs>;
}

/** A wrapper that keeps observation and action types and spaces. */
export abstract class TransparentWrapper<Obs, Act> extends Wrapper<Obs, Act> {
  get observationSpace(): Space<Obs> {
    return this.env.observationSpace;
  }

  get actionSpace(): Space<Act> {
    return this.env.actionSpace;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    return this.env.reset(options);
  }

  override step(action: Act): StepResult<Obs> {
    return this.env.step(action);
  }
}
