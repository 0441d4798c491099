import type { Env, ResetOptions, ResetResult } from '../core/env.js';
import { usageError } from '../core/errors.js';
import { Generator } from '../core/seeding/generator.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { preview } from '../spaces/arrays.js';
import { checkFlag, checkNames, invalidOption } from './options.js';

/** How an AddWhiteNoise is made. */
export interface AddWhiteNoiseOptions {
  /** How likely a pixel becomes noise, from 0 to below 1. */
  readonly probabilityOfNoisePerPixel: number;
  /** Whether the noise is grey, false by default. */
  readonly isNoiseGrayscale?: boolean | undefined;
}

/** Shares of the channels in a grey, times 255: the greatest noise of each. */
const GREY = [76, 149, 29] as const;

/**
 * Replaces random pixels of `render()` by noise, for an env that renders `rgb_array`: a `Uint8Array` of height x width x 3. The
 * noise has a stream of its own, made from the env's at the reset, so that looking at an episode does not change it (Gymnasium
 * draws it from the env's stream).
 */
export class AddWhiteNoise<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly #probability: number;
  readonly #grey: boolean;
  #noise: Generator | null = null;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: AddWhiteNoiseOptions) {
    checkNames('AddWhiteNoise', kwargs, ['probabilityOfNoisePerPixel', 'isNoiseGrayscale']);
    const { probabilityOfNoisePerPixel: probability, isNoiseGrayscale = false } = kwargs;
    if (!(typeof probability === 'number' && probability >= 0 && probability < 1)) {
      throw invalidOption('AddWhiteNoise', 'probabilityOfNoisePerPixel', 'a number from 0 to below 1', probability);
    }
    checkFlag('AddWhiteNoise', 'isNoiseGrayscale', isNoiseGrayscale);
    super(env, kwargs);
    this.#probability = probability;
    this.#grey = isNoiseGrayscale;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const result = this.env.reset(options);
    this.#noise = Generator.fromState(this.env.rng.state).jumped();
    return result;
  }

  /** A copy of the env's pixels with noise. @throws `RENDER_INVALID` if the env does not render pixels. */
  override render(): Uint8Array {
    const pixels = this.env.render();
    if (!(pixels instanceof Uint8Array) || pixels.length % 3 !== 0) {
      throw usageError(
        'RENDER_INVALID',
        `AddWhiteNoise needs an env that renders pixels, a Uint8Array of height x width x 3; render() gave ${preview(pixels)}. Make it with renderMode: 'rgb_array'.`,
        { expected: 'a Uint8Array of height x width x 3', got: preview(pixels) },
      );
    }
    this.#noise ??= Generator.fromState(this.env.rng.state).jumped();
    const generator = this.#noise;
    const noisy = pixels.slice();
    for (let at = 0; at < noisy.length; at += 3) {
      if (generator.random() >= this.#probability) continue;
      if (this.#grey) {
        noisy.fill(
          GREY.reduce((sum, most) => sum + generator.integers(most), 0),
          at,
          at + 3,
        );
      } else {
        for (let channel = 0; channel < 3; channel++) noisy[at + channel] = generator.integers(255);
      }
    }
    return noisy;
  }
}
