import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { act } from '../../../src/backends/kernels/reference/act.js';
import { AGREEMENT } from '../../../src/backends/kernels/reference/agreement.js';
import { gradientShard } from '../../../src/backends/kernels/reference/gradient.js';
import { actorOutputs, choiceSizes } from '../../../src/network/validate.js';
import { Arena, describe, distance, networkOf, SHAPES } from './harness.js';
import { COEFFICIENTS, rollout } from './rollout.js';

const ROWS = 150;

for (const shape of SHAPES) {
  if (shape.distribution.type === 'gaussian') continue;
  test(`acting and learning with masks agree with their reference: ${describe(shape)}`, () => {
    const arena = new Arena(1 << 23);
    const r = rollout(networkOf(shape), ROWS, 31, arena);
    const { loaded } = r;
    const A = actorOutputs(loaded.spec);
    const sizes = choiceSizes(loaded.spec.distribution);
    const width = sizes.length;
    /** Places of the choices among the outputs. */
    const from = sizes.map((_, f) => sizes.slice(0, f).reduce((sum, n) => sum + n, 0));
    const packed = arena.ints(Math.ceil((ROWS * A) / 4));
    const masks = new Uint8Array(arena.memory.buffer, packed.pointer, ROWS * A);
    for (let i = 0; i < ROWS; i++) {
      for (let k = 0; k < A; k++) masks[i * A + k] = Math.sin(i * 3.7 + k * 91.3) > 0 ? 1 : 0;
      sizes.forEach((n, f) => {
        masks[i * A + from[f]! + (i % n)] = 1;
      });
    }
    // biome-ignore format: operands in the kernel's order
    const run = (deterministic: number): void => arena.kernels.act(loaded.network, loaded.parameters.pointer,
      loaded.scratch.pointer, r.observations.pointer, ROWS, loaded.mean.pointer, loaded.invStd.pointer, loaded.clip,
      r.actions, r.logProbs.pointer, r.values.pointer, 1, 2, 0, 3, 4, deterministic, packed.pointer);
    const normalizer = { mean: loaded.mean.view, invStd: loaded.invStd.view, clip: loaded.clip };
    for (const deterministic of [1, 0]) {
      run(deterministic);
      const noise = deterministic === 1 ? undefined : { seed: [1, 2] as const, key: [3, 4] as const, firstEnv: 0 };
      const want = act(loaded.spec, loaded.parameters.view, r.observations.view, normalizer, noise, masks);
      for (let i = 0; i < ROWS; i++) {
        const close = want.margins[i]! < AGREEMENT.categoricalActions.absolute;
        for (let f = 0; f < width; f++) {
          const action = r.columns.actions[i * width + f]!;
          assert.is(masks[i * A + from[f]! + action], 1, `row ${i} took a forbidden choice`);
          if (!close) assert.is(action, want.actions[i * width + f]);
        }
        if (close) continue;
        assert.ok(distance([r.logProbs.view[i]!], [want.logProbs[i]!]) < AGREEMENT.logProbs.absolute);
      }
    }
    const gradient = (): void => {
      const { clipCoef, entCoef, vfCoef } = COEFFICIENTS;
      // biome-ignore format: operands in the kernel's order
      arena.kernels.gradient(loaded.network, loaded.parameters.pointer, loaded.scratch.pointer, r.indices.pointer, 131,
        r.observations.pointer, loaded.mean.pointer, loaded.invStd.pointer, loaded.clip, r.actions, r.logProbs.pointer,
        r.advantages.pointer, r.returns.pointer, r.values.pointer, r.advantage.mean, r.advantage.invStd, r.invBatch,
        clipCoef, 0, entCoef, vfCoef, r.gradient.pointer, r.stats.pointer, packed.pointer);
    };
    gradient();
    // The ratio of a policy to itself is exactly 1, masks included.
    assert.equal([...r.stats.view.slice(3, 6)].map(Math.abs), [0, 0, 0]);
    r.logProbs.view.forEach((logProb, i) => {
      r.logProbs.view[i] = logProb + 0.4 * Math.sin(i);
    });
    gradient();
    const want = gradientShard(
      loaded.spec,
      loaded.parameters.view,
      r.indices.view.subarray(0, 131),
      { ...r.columns, masks },
      normalizer,
      r.advantage,
      r.invBatch,
      COEFFICIENTS,
    );
    const largest = want.gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    assert.ok(distance(r.gradient.view, want.gradient, largest) < AGREEMENT.gradient.absolute);
    assert.ok(distance(r.stats.view, want.stats, 131) < AGREEMENT.stats.absolute);
  });
}

test.run();
