import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { checkFlag, checkNames } from './options.js';
import { copyOf } from './values.js';

/** How a RenderCollection is made. */
export interface RenderCollectionOptions {
  /** Whether `render()` takes the pictures out, true by default. */
  readonly popFrames?: boolean | undefined;
  /** Whether a reset begins a new list, true by default. */
  readonly resetClean?: boolean | undefined;
}

/** Keeps the picture of every reset and step; `render()` returns the list. */
export class RenderCollection<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly #pop: boolean;
  readonly #clean: boolean;
  #frames: unknown[] = [];

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: RenderCollectionOptions = {}) {
    checkNames('RenderCollection', kwargs, ['popFrames', 'resetClean']);
    const { popFrames = true, resetClean = true } = kwargs;
    checkFlag('RenderCollection', 'popFrames', popFrames);
    checkFlag('RenderCollection', 'resetClean', resetClean);
    super(env, kwargs);
    this.#pop = popFrames;
    this.#clean = resetClean;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const result = this.env.reset(options);
    if (this.#clean) this.#frames = [];
    this.#frames.push(copyOf(this.env.render()));
    return result;
  }

  override step(action: Act): StepResult<Obs> {
    const result = this.env.step(action);
    this.#frames.push(copyOf(this.env.render()));
    return result;
  }

  /** The pictures, oldest first. */
  override render(): unknown[] {
    const frames = this.#frames;
    if (this.#pop) this.#frames = [];
    return this.#pop ? frames : [...frames];
  }
}
