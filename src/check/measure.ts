/** Speed and allocation of an env's own step. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Env } from '../core/env.js';

function stepper(env: Env): (count: number) => void {
  env.actionSpace.seed(1);
  const actions = Array.from({ length: 64 }, () => env.actionSpace.sample());
  env.reset({ seed: 1 });
  let at = 0;
  return (count) => {
    for (let k = 0; k < count; k++) {
      const { terminated, truncated } = env.step(actions[at++ & 63]);
      if (terminated || truncated) env.reset();
    }
  };
}

/** Steps a second, over about `milliseconds`. */
export function stepsPerSecond(env: Env, milliseconds: number, now: () => number): number {
  const run = stepper(env);
  run(3);
  const start = now();
  let steps = 0;
  let batch = 2;
  while (now() - start < milliseconds) {
    run(batch);
    steps += batch;
    if (batch < 10_000) batch *= 2;
    if (now() - start > milliseconds / 4) batch = Math.min(batch, 1000);
  }
  return (steps / Math.max(now() - start, 0.001)) * 1000;
}

/**
 * Bytes that a step allocates, as the second largest of five growths of the heap over batches of steps; resets are part of it. A
 * collection within a batch lowers its growth, which on a busy machine happens in most of them; the largest may hold compiled code.
 */
export function bytesPerStep(env: Env, batch: number): number {
  const collect = garbageCollector();
  const run = stepper(env);
  run(2 * batch);
  const growth = Array.from({ length: 5 }, () => {
    collect?.();
    const before = memory();
    run(batch);
    return Math.max(0, memory() - before) / batch;
  }).sort((a, b) => a - b);
  return growth[3]!;
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** V8's collector; null where it cannot be had, and then a collection within a batch is left out by the choice of the batch alone. */
function garbageCollector(): (() => void) | null {
  const known = (globalThis as { gc?: () => void }).gc;
  if (known !== undefined) return known;
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  } catch {
    return null;
  }
}
