import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Generator } from '../../src/core/seeding/generator.js';
import { cos, sin } from '../../src/core/small-angle.js';

const angles = [0, -0, 5e-324, -5e-324, 1e-170, 2 ** -27, 0.2095, 0.29999, 0.3, -0.3, 0.3000001, 1, -3, 1e9];

test('sine and cosine have the bits of Math.sin and Math.cos', () => {
  const rng = Generator.fromSeed(1);
  for (let k = 0; k < 200_000; k++) angles.push(rng.uniform(-0.35, 0.35) * (k % 3 === 0 ? rng.random() ** 2 : 1));
  for (const angle of [...angles, Number.NaN, Number.POSITIVE_INFINITY]) {
    if (!Object.is(sin(angle), Math.sin(angle))) assert.is(sin(angle), Math.sin(angle), `sin(${angle})`);
    if (!Object.is(cos(angle), Math.cos(angle))) assert.is(cos(angle), Math.cos(angle), `cos(${angle})`);
  }
});

test.run();
