import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchBytes } from '../../../src/backends/kernels/kernels.js';
import { Arena, describe, module, networkOf, SHAPES } from './harness.js';
import { rollout } from './rollout.js';
import type { ThreadTask } from './thread.js';

test('two threads on one memory, running at once, write the bytes that one thread writes', async () => {
  for (const shape of [SHAPES[0]!, SHAPES[3]!]) {
    const n = 200;
    const r = rollout(networkOf(shape), n, 31, new Arena(1 << 24));
    const { arena } = r.loaded;
    const floats = scratchBytes(r.loaded.spec) / 4;
    const outputs = [0, 1, 2].map(() => ({
      scratch: arena.floats(floats),
      actions: arena.ints(n * 8),
      logProbs: arena.floats(n),
      values: arena.floats(n),
      gradient: arena.floats(r.gradient.view.length),
      stats: arena.floats(8),
    }));
    const { loaded } = r;
    const tasks = outputs.map((out, t): ThreadTask => {
      out.scratch.view.fill([Number.NaN, 1e-42, -7][t]!);
      // biome-ignore format: operands in the kernel's order
      return {
        module,
        memory: arena.memory,
        act: [loaded.network, loaded.parameters.pointer, out.scratch.pointer, r.observations.pointer, n, loaded.mean.pointer,
          loaded.invStd.pointer, loaded.clip, out.actions.pointer, out.logProbs.pointer, out.values.pointer, 5, 6, 7, 8, 9, 0],
        gradient: [loaded.network, loaded.parameters.pointer, out.scratch.pointer, r.indices.pointer, n,
          r.observations.pointer, loaded.mean.pointer, loaded.invStd.pointer, loaded.clip, r.actions, r.logProbs.pointer,
          r.advantages.pointer, r.returns.pointer, r.values.pointer, r.advantage.mean, r.advantage.invStd, r.invBatch,
          0.2, 1, 0.01, 0.5, out.gradient.pointer, out.stats.pointer],
      };
    });
    const workers = tasks
      .slice(1)
      .map((workerData) => new Worker(new URL('./thread.js', import.meta.url), { workerData }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
    arena.kernels.act(...(tasks[0]!.act as Parameters<typeof arena.kernels.act>));
    arena.kernels.gradient(...(tasks[0]!.gradient as Parameters<typeof arena.kernels.gradient>));
    for (const other of outputs.slice(1)) {
      for (const name of ['actions', 'logProbs', 'values', 'gradient', 'stats'] as const) {
        const bytes = (block: { pointer: number; view: { byteLength: number } }): Buffer =>
          Buffer.from(new Uint8Array(arena.memory.buffer, block.pointer, block.view.byteLength));
        assert.ok(bytes(other[name]).equals(bytes(outputs[0]![name])), `${describe(shape)} ${name}`);
      }
    }
  }
});

test('a second instance leaves the memory as it is', () => {
  const arena = new Arena(1 << 16);
  const before = Buffer.from(new Uint8Array(arena.memory.buffer));
  new Arena(1 << 10);
  const again = new (arena.kernels.constructor as new (...operands: object[]) => object)(module, arena.memory);
  assert.ok(again);
  assert.ok(Buffer.from(new Uint8Array(arena.memory.buffer)).equals(before));
});

test.run();
