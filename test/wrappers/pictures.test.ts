/** Grey and resized pictures, in the bytes of Gymnasium with OpenCV; their vector twins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { make, makeVec, VectorGrayscaleObservation, VectorResizeObservation } from '../../src/index.js';
import { greyscale, PictureResizer } from '../../src/wrappers/pictures.js';
import { projectRoot } from '../support/paths.js';

interface Resized {
  readonly shape: readonly number[];
  readonly size: readonly [number, number];
  readonly picture: string;
  readonly result: string;
}

const golden = JSON.parse(readFileSync(join(projectRoot, 'test/golden/pictures.json'), 'utf8')) as {
  resized: Resized[];
  grey: Omit<Resized, 'size'>;
};
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

for (const { shape, size, picture, result } of golden.resized) {
  test(`${shape.join(' x ')} to ${size.join(' x ')}: every byte is OpenCV's`, () => {
    const [height = 0, width = 0, channels = 1] = shape;
    const expected = bytes(result);
    const actual = new Uint8Array(size[0] * size[1] * channels);
    const resizer = new PictureResizer({ height, width, channels, flat: shape.length === 2 }, ...size);
    // Twice: what a picture leaves behind must not reach the next.
    resizer.resize(bytes(picture).reverse(), actual);
    resizer.resize(bytes(picture), actual);
    const off = actual.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0);
    assert.equal(actual, expected, `largest difference ${off}`);
  });
}

test('grey values: every byte is Gymnasium`s', () => {
  const { picture, result } = golden.grey;
  const expected = bytes(result);
  const actual = new Uint8Array(expected.length);
  greyscale(bytes(picture), actual);
  assert.equal(actual, expected);
});

test('CarRacing grey and small, single and vector, from a spec', async () => {
  const wrappers = [
    { name: 'GrayscaleObservation', kwargs: { keepDim: true } },
    { name: 'ResizeObservation', kwargs: { shape: [42, 42] } },
    { name: 'FrameStackObservation', kwargs: { stackSize: 4 } },
  ];
  const env = await make('CarRacing-v3', { wrappers });
  assert.equal((env.observationSpace as { shape?: unknown }).shape, [4, 42, 42, 1]);
  const { observation } = env.reset({ seed: 3 });
  assert.ok(env.observationSpace.contains(observation));
  const plain = await makeVec('CarRacing-v3', { numEnvs: 2 });
  const grey = new VectorGrayscaleObservation(plain as never, { keepDim: true });
  const vec = new VectorResizeObservation(grey as never, { shape: [42, 42] });
  assert.equal(vec.singleObservationSpace.shape, [42, 42, 1]);
  const rows = (await vec.reset({ seed: 3 })).observations as Uint8Array;
  const one = 42 * 42;
  assert.equal(rows.slice(0, one), Uint8Array.from((observation as Uint8Array).slice(3 * one)));
  // Another track: another picture.
  assert.not.equal(rows.slice(0, one), rows.slice(one));
  env.close();
  await vec.close();
});

test.run();
