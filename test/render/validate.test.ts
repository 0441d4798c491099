import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { makeFromSpec, registry } from '../../src/registration/index.js';
import { explainScene, isScene } from '../../src/render/validate.js';

const scene = {
  background: '#fff',
  camera: { x: 0, y: 0, width: 4, height: 3 },
  items: [
    { shape: { type: 'polygon', points: [0, 0, 1, 0, 1, 1], fill: 'red' }, x: 1, y: 2, angle: 0.5 },
    { shape: { type: 'text', x: 0, y: 0, text: 'a', size: 1, fill: '#000', align: 'center' } },
  ],
  readings: [['speed', '3 m/s']],
};

test('a good scene has nothing to explain', () => {
  assert.is(explainScene(scene), null);
  assert.is(isScene({ ...scene, inset: { background: '#000', camera: scene.camera, items: [] } }), true);
});

test('each wrong part is named', () => {
  const item = (shape: unknown, place: object = {}) => ({ ...scene, items: [{ shape, ...place }] });
  const table: [unknown, string][] = [
    [null, 'expected scene as an object, got null'],
    [new Uint8Array(3), 'expected scene.camera as an object, got undefined'],
    [{ ...scene, background: 3 }, 'expected scene.background as a CSS colour, got 3'],
    [{ ...scene, camera: { ...scene.camera, x: Number.NaN } }, 'expected scene.camera.x as a finite number, got NaN'],
    [
      { ...scene, camera: { ...scene.camera, width: 0 } },
      'expected scene.camera.width and height above 0, got 0 and 3',
    ],
    [{ ...scene, items: null }, 'expected scene.items as a list, got null'],
    [item({ type: 'box' }), 'expected scene.items[0].shape.type as polygon, polyline, circle or text, got "box"'],
    [
      item({ type: 'polygon', points: [1] }),
      'expected an even number of coordinates in scene.items[0].shape.points, got 1',
    ],
    [
      item({ type: 'polyline', points: [1, Number.POSITIVE_INFINITY] }),
      'expected scene.items[0].shape.points[1] as a finite number, got Infinity',
    ],
    [item({ type: 'circle', x: 0, y: 0 }), 'expected scene.items[0].shape.radius as a finite number, got undefined'],
    [
      item({ type: 'circle', x: 0, y: 0, radius: 1, fill: 7 }),
      'expected scene.items[0].shape.fill as a CSS colour, got 7',
    ],
    [item(scene.items[0]!.shape, { angle: Number.NaN }), 'expected scene.items[0].angle as a finite number, got NaN'],
    [{ ...scene, inset: { ...scene, items: [3] } }, 'expected scene.inset.items[0] as an object, got 3'],
    [{ ...scene, readings: [['a', 1]] }, 'expected scene.readings as a list of [label, value] texts'],
  ];
  for (const [value, message] of table) assert.is(explainScene(value), message);
});

for (const spec of registry.values()) {
  if (!spec.moduleUrl?.startsWith('gymkhana:')) continue;
  test(`${spec.id} draws scenes, at the start and on its way`, async () => {
    const env = await makeFromSpec(spec, { renderMode: 'scene' });
    env.actionSpace.seed(1);
    env.reset({ seed: 1 });
    for (let step = 0; step < 20; step++) {
      assert.is(explainScene(env.render()), null);
      const { terminated, truncated } = env.step(env.actionSpace.sample());
      if (terminated || truncated) env.reset();
    }
    env.close();
  });
}

test.run();
