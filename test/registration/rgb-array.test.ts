/** Pixels of every env that draws a scene. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { make, makeVec, Pixels, registry } from '../../src/index.js';

for (const id of registry.keys()) {
  test(`${id} renders pixels, and steps as it does without`, async () => {
    const env = await make(id, { renderMode: 'rgb_array' });
    const plain = await make(id);
    assert.equal(env.reset({ seed: 4 }), plain.reset({ seed: 4 }));
    const first = env.render() as Pixels;
    assert.instance(first, Pixels);
    assert.is(first.width, 640);
    assert.is(first.length, 3 * first.height * first.width);
    assert.ok(first.height > 100 && first.height < 2000, String(first.height));
    const colours = new Set<number>();
    for (let k = 0; k < first.length; k += 3) colours.add(first[k]! * 65_536 + first[k + 1]! * 256 + first[k + 2]!);
    assert.ok(colours.size >= 3, `${colours.size} colours`);
    assert.equal(env.render(), first, 'the same scene, the same bytes');
    env.actionSpace.seed(1);
    let changed = false;
    for (let k = 0; k < 8; k++) {
      const action = env.actionSpace.sample();
      const result = env.step(action);
      assert.equal(result, plain.step(action));
      changed ||= !Buffer.from(env.render() as Pixels).equals(Buffer.from(first));
      if (result.terminated || result.truncated) break;
    }
    assert.ok(changed, 'a step shows');
    env.close();
    plain.close();
  });
}

test('wrappers and vector envs pass pixels on; parts of them are plain bytes', async () => {
  const noise = await make('CartPole-v1', {
    renderMode: 'rgb_array',
    wrappers: [{ name: 'AddWhiteNoise', kwargs: { probabilityOfNoisePerPixel: 0.5 } }],
  });
  noise.reset({ seed: 1 });
  const noisy = noise.render() as Uint8Array;
  const plain = await make('CartPole-v1', { renderMode: 'rgb_array' });
  plain.reset({ seed: 1 });
  const clean = plain.render() as Pixels;
  assert.is(noisy.length, clean.length);
  let other = 0;
  for (let k = 0; k < clean.length; k += 3) if (noisy[k] !== clean[k]) other++;
  assert.ok(other > clean.length / 3 / 4, `${other}`);
  assert.not(clean.slice(0, 3) instanceof Pixels);
  const vec = await makeVec('CartPole-v1', { numEnvs: 2, renderMode: 'rgb_array' });
  await vec.reset({ seed: 1 });
  const [picture] = (await vec.render()) as Pixels[];
  assert.equal(picture, clean);
  await vec.close();
});

test('a bad mode names those that there are', async () => {
  let message = '';
  await make('Taxi-v4', { renderMode: 'human' as never }).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /It has: scene, ansi, rgb_array\./);
});

test.run();
