import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { GymkhanaError } from '../../src/core/errors.js';
import { makeFromSpec, spec } from '../../src/registration/index.js';
import type { Scene } from '../../src/render/scene.js';
import { sceneToSvg } from '../../src/render/svg.js';

const scene: Scene = {
  background: '#fff',
  camera: { x: 1, y: 2, width: 8, height: 4, angle: Math.PI / 2 },
  items: [
    { shape: { type: 'circle', x: 0, y: 0, radius: 0.5, fill: '#"><script>' }, x: 3, y: -1, angle: Math.PI },
    {
      shape: {
        type: 'polyline',
        points: [0, 0, 1, 1.23456],
        closed: true,
        stroke: 'red',
        lineWidth: 0.1,
        dash: [1, 2],
      },
    },
    { shape: { type: 'text', x: 0, y: 1, text: '<b>&', size: 0.7, fill: '#000', align: 'center' } },
  ],
};

test('shapes are placed in world units, y up, and text is escaped', () => {
  const svg = sceneToSvg(scene, { width: 400 });
  const lines = svg.split('\n');
  assert.is(lines[0], '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200" viewBox="0 0 400 200">');
  assert.is(
    lines[2],
    '<g transform="translate(200 100) scale(50 -50) rotate(-90) translate(-1 -2)" stroke-linejoin="round" stroke-linecap="round">',
  );
  assert.is(
    lines[3],
    '<g transform="translate(3 -1) rotate(180)"><circle cx="0" cy="0" r="0.5" fill="#&quot;&gt;&lt;script&gt;"/></g>',
  );
  assert.is(
    lines[4],
    '<polygon points="0 0 1 1.235" fill="none" stroke="red" stroke-width="0.1" stroke-dasharray="1 2"/>',
  );
  assert.match(lines[5]!, 'translate(0 1) scale(1 -1)');
  assert.match(lines[5]!, 'font-size="1" fill="#000" text-anchor="middle">&lt;b&gt;&amp;</text>');
});

test('a race is a picture with its map in the corner, and the same each time', async () => {
  const draw = async (): Promise<string> => {
    const env = await makeFromSpec(spec('Driving-v0'), { renderMode: 'scene' });
    env.reset({ seed: 1 });
    const svg = sceneToSvg(env.render() as Scene);
    env.close();
    return svg;
  };
  const svg = await draw();
  assert.is(svg, await draw());
  assert.is(svg.match(/<svg /g)?.length, 2);
  assert.not.match(svg, /NaN|undefined|Infinity/);
});

test('what is no scene is refused', () => {
  try {
    sceneToSvg({ ...scene, camera: { x: 0, y: 0, width: 0, height: 1 } });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, GymkhanaError);
    assert.is((error as GymkhanaError).code, 'INVALID_SCENE');
  }
});

test.run();
