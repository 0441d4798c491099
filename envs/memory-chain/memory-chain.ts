/**
 * MemoryChain-v0: say at the end what was shown at the start (bsuite's memory_len, Osband et al. 2020).
 *
 * Hot path: a step reuses its observation and its result and allocates nothing.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { fields, KWARGS, keyboard } from './fields.js';
import { memoryScene } from './scene.js';

const METADATA: EnvMetadata = {
  about: 'Say at the end of an episode which sign was shown at its start.',
  renderModes: ['scene'],
  renderFps: 4,
  fields,
  keyboard,
};

/** The sign to remember: 3 observations, 2 actions. */
export class MemoryChainEnv extends Env<Float32Array, number> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: MemoryChainEnv) => (observation: Float32Array) => number> = {
    remember: () => {
      let context = 0;
      return (observation) => {
        if (observation[2] !== 0) context = observation[2]!;
        return context > 0 ? 1 : 0;
      };
    },
  };

  readonly observationSpace = Box.ofFields(fields.observation);
  readonly actionSpace = new Discrete(2);
  override readonly metadata = METADATA;

  readonly #length: number;
  readonly #observation = new Float32Array(3);
  readonly #result: StepResult<Float32Array> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  #context = 1;
  #step = 0;
  /** 1 or -1 once it is given, else null. */
  #answer: number | null = null;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: { readonly length?: number } = {}) {
    super();
    this.#length = readKwargs('MemoryChain', kwargs, KWARGS).length;
  }

  /** There are no reset options. */
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    resetNumbers('MemoryChain', options, {});
    this.#context = this.rng.random() < 0.5 ? -1 : 1;
    this.#step = 0;
    this.#answer = null;
    this.#observe();
    return { observation: this.#observation, info: {} };
  }

  override step(action: number): StepResult<Float32Array> {
    const result = this.#result;
    result.reward = 0;
    if (this.#step < this.#length) {
      this.#step++;
      if (this.#step === this.#length) {
        this.#answer = action === 1 ? 1 : -1;
        result.reward = this.#answer === this.#context ? 1 : -1;
      }
      this.#observe();
    }
    result.terminated = this.#step === this.#length;
    result.truncated = false;
    return result;
  }

  #observe(): void {
    const observation = this.#observation;
    observation[0] = 1 - this.#step / this.#length;
    observation[1] = this.#step === this.#length - 1 ? 1 : 0;
    observation[2] = this.#step === 0 ? this.#context : 0;
  }

  override saveState(): Json {
    return { context: this.#context, step: this.#step, answer: this.#answer };
  }

  override loadState(state: Json): ResetResult<Float32Array> {
    const { context, step, answer } = state as { context: number; step: number; answer: number | null };
    this.#context = context;
    this.#step = step;
    this.#answer = answer;
    this.#observe();
    return { observation: this.#observation, info: {} };
  }

  override render(): Scene {
    return memoryScene(this.#step, this.#length, this.#context, this.#answer);
  }
}
