/** A rollout that does not fit is refused with the arithmetic and what would fit. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ArenaPlan, planArena, planPixels } from '../../src/rollout/arena.js';
import { bytesOf, memoryLimit, planThatFits, type RolloutSize } from '../../src/rollout/memory.js';
import { throwsError } from '../support/misuse.js';

const GIB = 2 ** 30;
/** 100 numbers a sample, and a frame of 7,056 bytes. */
const plan =
  (pixels: boolean) =>
  ({ numEnvs: N, numSteps: T }: RolloutSize): ArenaPlan => ({
    ...planArena([{ name: 'observations', type: 'f32', shape: [T, N, 100] }]),
    ...(pixels && { pixels: planPixels((T + 4) * N, 7056) }),
  });

test('what fits is planned as it is', () => {
  const size = { numEnvs: 8, numSteps: 16 };
  assert.equal(planThatFits(size, plan(true), 1, GIB), plan(true)(size));
  assert.equal(bytesOf(plan(true)(size)).pixels, 20 * 8 * 7056);
  assert.ok(memoryLimit() > GIB / 4);
});

for (const [name, pixels, size, limit, multiple, says] of [
  [
    'beyond 4 GiB of the arena',
    false,
    { numEnvs: 1_000_000, numSteps: 1000 },
    1e15,
    1,
    [/4 GiB/, 'observations 1000 x 1000000 x 100 x 4 B'],
  ],
  [
    'beyond the memory with pixels',
    true,
    { numEnvs: 4096, numSteps: 128 },
    GIB,
    1,
    ['132 x 4096', 'this process may use 1,073,741,824'].slice(1),
  ],
  ['in whole sequences', true, { numEnvs: 1024, numSteps: 128 }, GIB / 2, 16, ['--num-steps']],
] as const) {
  test(`refused: ${name}, with the largest sizes that fit`, () => {
    let message = '';
    throwsError(
      () => {
        try {
          planThatFits(size, plan(pixels), multiple, limit);
        } catch (error) {
          message = (error as Error).message;
          throw error;
        }
      },
      { code: 'ARENA_TOO_LARGE', kind: 'usage', says: [...says] },
    );
    const [, envs] = /--num-envs (\d+) with/.exec(message)!;
    const [, steps] = /--num-steps (\d+) with --num-envs/.exec(message)!;
    const fits = (numEnvs: number, numSteps: number): boolean => {
      try {
        planThatFits({ numEnvs, numSteps }, plan(pixels), multiple, limit);
        return true;
      } catch {
        return false;
      }
    };
    assert.ok(fits(Number(envs), size.numSteps) && !fits(Number(envs) + 1, size.numSteps), `${envs} envs`);
    assert.ok(fits(size.numEnvs, Number(steps)) && !fits(size.numEnvs, Number(steps) + multiple), `${steps} steps`);
    assert.is(Number(steps) % multiple, 0);
  });
}

test('a rollout of which nothing fits says so', () => {
  throwsError(() => planThatFits({ numEnvs: 2, numSteps: 2 }, plan(true), 1, 1000), {
    code: 'ARENA_TOO_LARGE',
    says: ['No smaller rollout'],
  });
});

test.run();
