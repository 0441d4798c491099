import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Env, type ResetOptions } from '../../src/core/env.js';
import { AddWhiteNoise, Box, Discrete } from '../../src/index.js';
import { throwsError } from '../support/misuse.js';

/** Renders 40 x 50 pixels of one colour. */
class Canvas extends Env<Float32Array, number> {
  readonly observationSpace = new Box(0, 1);
  readonly actionSpace = new Discrete(2);
  readonly pixels: unknown;

  constructor(pixels: unknown = new Uint8Array(40 * 50 * 3).fill(200)) {
    super();
    this.pixels = pixels;
  }

  override reset(options: ResetOptions = {}) {
    super.reset(options);
    return { observation: Float32Array.of(this.rng.random()), info: {} };
  }

  step() {
    const observation = Float32Array.of(this.rng.random());
    return { observation, reward: 0, terminated: false, truncated: false, info: {} };
  }

  override render(): unknown {
    return this.pixels;
  }
}

const changed = (pixels: Uint8Array): number => {
  let count = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    if (pixels[at] !== 200 || pixels[at + 1] !== 200 || pixels[at + 2] !== 200) count++;
  }
  return count;
};

test('about as many pixels are noise as was asked, the env keeps its own, and the episode is the same', () => {
  const canvas = new Canvas();
  const env = new AddWhiteNoise(canvas, { probabilityOfNoisePerPixel: 0.25 });
  const plain = new Canvas();
  const seen: unknown[] = [env.reset({ seed: 3 }).observation];
  const expected: unknown[] = [plain.reset({ seed: 3 }).observation];
  const counts: number[] = [];
  for (let k = 0; k < 10; k++) {
    counts.push(changed(env.render()));
    seen.push(env.step(0).observation);
    expected.push(plain.step().observation);
  }
  assert.equal(seen, expected);
  // 2,000 pixels: three standard deviations of a binomial are 58.
  for (const count of counts) assert.ok(Math.abs(count - 500) < 60, String(count));
  assert.ok(new Set(counts).size > 1);
  assert.ok((canvas.pixels as Uint8Array).every((value) => value === 200));
  assert.equal(env.spec, null);
});

test('the same seed gives the same noise; grey noise is grey', () => {
  const frames = (grey: boolean): Uint8Array[] => {
    const env = new AddWhiteNoise(new Canvas(), { probabilityOfNoisePerPixel: 0.5, isNoiseGrayscale: grey });
    env.reset({ seed: 4 });
    return [env.render(), env.render()];
  };
  assert.equal(frames(false), frames(false));
  const [first, second] = frames(true);
  assert.not.equal(first, second);
  assert.ok(changed(first!) > 900);
  for (let at = 0; at < first!.length; at += 3) assert.is(first![at], first![at + 2]);
  const none = new AddWhiteNoise(new Canvas(), { probabilityOfNoisePerPixel: 0 });
  none.reset({ seed: 1 });
  assert.is(changed(none.render()), 0);
});

test('bad input', () => {
  const made = (kwargs: object) => () => new AddWhiteNoise(new Canvas(), kwargs as never);
  for (const probability of [1, -0.1, Number.NaN, '0.5', undefined]) {
    throwsError(made({ probabilityOfNoisePerPixel: probability }), {
      code: 'INVALID_WRAPPER_OPTION',
      says: ['from 0 to below 1'],
    });
  }
  throwsError(made({ probabilityOfNoisePerPixel: 0.5, grey: true }), { code: 'UNKNOWN_WRAPPER_OPTION' });
  throwsError(made({ probabilityOfNoisePerPixel: 0.5, isNoiseGrayscale: 1 }), { code: 'INVALID_WRAPPER_OPTION' });
  const env = new AddWhiteNoise(new Canvas('text'), { probabilityOfNoisePerPixel: 0.5 });
  env.reset({ seed: 1 });
  throwsError(() => env.render(), { code: 'RENDER_INVALID', says: ['rgb_array'] });
});

test.run();
