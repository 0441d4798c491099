import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';
import type { Scene, Shape } from '../../src/render/scene.js';
import { FilmMaker } from '../../src/viewer/film.js';
import { decodeFrames } from '../../src/viewer/page/decode.js';

const shapes: Shape[] = Array.from({ length: 5 }, (_, i) => ({
  type: 'circle',
  x: 0,
  y: 0,
  radius: i + 1,
  fill: `#${i}${i}${i}`,
}));
const length = fc.double({ min: -50, max: 50, noNaN: true });
const item = fc.record({
  shape: fc.constantFrom(...shapes),
  x: length,
  y: length,
  angle: fc.double({ min: -7, max: 7, noNaN: true }),
});
const view = fc.record({
  background: fc.constantFrom('#fff', '#000'),
  camera: fc.record({ x: length, y: length, width: fc.constant(40), height: fc.constant(20) }),
  items: fc.array(item, { maxLength: 8 }),
});
const scenes = fc.array(
  fc.record({
    main: view,
    inset: fc.option(view),
    readings: fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('a film gives back every frame: shapes exactly, places within half a unit', () => {
  fc.assert(
    fc.property(scenes, (frames) => {
      const maker = new FilmMaker();
      for (const [i, { main, inset, readings }] of frames.entries()) {
        const scene: Scene = { ...main, ...(inset !== null && { inset }), readings };
        maker.add('Test-v0', i, scene);
      }
      const film = maker.film();
      assert.is(film.quantum, 0.001);
      const check = (
        wanted: (typeof frames)[number]['main'] | null,
        decoded: ReturnType<typeof decodeFrames>[number],
      ) => {
        if (wanted === null) {
          assert.is(decoded, null);
          return;
        }
        assert.is(film.backgrounds[decoded!.background], wanted.background);
        const camera = [wanted.camera.x, wanted.camera.y, wanted.camera.width, wanted.camera.height, 0];
        for (const [k, value] of camera.entries()) assert.ok(Math.abs(decoded!.camera[k]! - value) <= 0.0005001);
        assert.is(decoded!.shapes.length, wanted.items.length);
        for (const [k, { shape, x, y, angle }] of wanted.items.entries()) {
          assert.equal(film.shapes[decoded!.shapes[k]!], shape);
          assert.ok(Math.abs(decoded!.places[3 * k]! - x) <= 0.0005001);
          assert.ok(Math.abs(decoded!.places[3 * k + 1]! - y) <= 0.0005001);
          assert.ok(Math.abs(decoded!.places[3 * k + 2]! - angle) <= 0.00005001);
        }
      };
      const main = decodeFrames(film, film.main);
      const inset = film.inset === null ? [] : decodeFrames(film, film.inset);
      assert.is(main.length, frames.length);
      for (const [i, frame] of frames.entries()) {
        check(frame.main, main[i]!);
        check(frame.inset, inset[i] ?? null);
        assert.equal(
          film.readings[i]!.map((index) => film.texts[index]),
          frame.readings.flat(),
        );
      }
    }),
  );
});

test('a shape is stored once, whether it is the same object or an equal one', () => {
  const maker = new FilmMaker();
  const camera = { x: 0, y: 0, width: 4, height: 3 };
  for (let i = 0; i < 100; i++) {
    const shape: Shape = { type: 'polygon', points: [0, 0, 1, 0, 1, 1.00000000001], fill: 'red' };
    maker.add('Test-v0', i, { background: '#fff', camera, items: [{ shape, x: 1 }, { shape: shapes[0]! }] });
  }
  const film = maker.film();
  assert.is(film.shapes.length, 2);
  // The first frame has a camera, two shapes and a place; one in which nothing changes is its five counts alone.
  assert.is(film.main.length, 2 + (1 + 4) + (1 + 4) + (1 + 4) + 99 * 5);
});

test('a picture that is none is named with its step', () => {
  const maker = new FilmMaker();
  try {
    maker.add('Test-v0', 7, {
      background: '#fff',
      camera: { x: 0, y: 0, width: 4, height: 3 },
      items: [{ shape: shapes[0], x: Number.NaN }],
    });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, GymkhanaError);
    assert.is((error as GymkhanaError).code, 'INVALID_SCENE');
    assert.match(
      (error as GymkhanaError).message,
      'the picture of Test-v0 at step 7 is not a scene: expected scene.items[0].x as a finite number, got NaN.',
    );
  }
});

test.run();
