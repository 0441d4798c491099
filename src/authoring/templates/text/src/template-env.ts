import { Discrete, Env, type EnvMetadata, type Info, MultiDiscrete, type ResetOptions, type Scene } from 'gymkhana';
import { typeWord } from './baseline.js';
import { BLANK, FIELDS, KEYBOARD, LENGTH, LETTERS, textOf } from './fields.js';
import { sceneOf } from './scene.js';

/**
 * Type a word letter by letter. Text is observed as tokens (`MultiDiscrete`), which training turns into one-hot vectors; a `Text`
 * space would hold the words themselves, but cannot be trained on yet.
 */
export class TemplateEnv extends Env<Int32Array, number> {
  /** Scripted players to compare a policy with. */
  static readonly baselines = { 'type-word': typeWord };

  override readonly metadata: EnvMetadata = {
    about: 'Type a word letter by letter.',
    renderModes: ['ansi', 'scene'],
    renderFps: 2,
    episodeMeasures: ['correct'],
    fields: FIELDS,
    keyboard: KEYBOARD,
  };
  readonly observationSpace = new MultiDiscrete(Array.from({ length: 2 * LENGTH }, () => BLANK + 1));
  readonly actionSpace = new Discrete(LETTERS.length);
  readonly #renderMode: 'ansi' | 'scene';
  readonly #tokens = new Int32Array(2 * LENGTH);
  #typed = 0;
  #correct = 0;

  constructor(options: { readonly renderMode?: 'ansi' | 'scene' } = {}) {
    super();
    this.#renderMode = options.renderMode ?? 'ansi';
  }

  override reset(options: ResetOptions = {}): { observation: Int32Array; info: Info } {
    super.reset(options); // Seeds this.rng, the only source of chance.
    this.#tokens.fill(BLANK);
    for (let k = 0; k < LENGTH; k++) this.#tokens[k] = this.rng.integers(LETTERS.length);
    this.#typed = 0;
    this.#correct = 0;
    return { observation: this.#tokens, info: { correct: 0 } };
  }

  step(action: number): {
    observation: Int32Array;
    reward: number;
    terminated: boolean;
    truncated: boolean;
    info: Info;
  } {
    if (this.#typed === LENGTH) {
      // Stepping on after the end changes nothing.
      return {
        observation: this.#tokens,
        reward: 0,
        terminated: true,
        truncated: false,
        info: { correct: this.#correct },
      };
    }
    const right = action === this.#tokens[this.#typed];
    this.#tokens[LENGTH + this.#typed++] = action;
    if (right) this.#correct++;
    return {
      observation: this.#tokens,
      reward: right ? 1 : 0,
      terminated: this.#typed === LENGTH,
      truncated: false,
      info: { correct: this.#correct },
    };
  }

  override render(): string | Scene {
    const word = textOf(this.#tokens.subarray(0, LENGTH));
    const typed = textOf(this.#tokens.subarray(LENGTH));
    return this.#renderMode === 'scene' ? sceneOf(word, typed) : `word:  ${word}\ntyped: ${typed}`;
  }
}
