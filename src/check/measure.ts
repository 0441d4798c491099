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

/** Bytes that a step allocates, as the median growth of the heap over batches of steps; resets are part of it. */
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
  return growth[2]!;
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** V8's collector; null where it cannot be had, and then a collection within a batch is left out by the median alone. */
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
