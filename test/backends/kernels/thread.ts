import { parentPort, workerData } from 'node:worker_threads';
import { Kernels, type WasmMemory, type WasmModule } from '../../../src/backends/kernels/kernels.js';

/** Operands of one gradient call in another thread. */
export interface ThreadTask {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly act: readonly number[];
  readonly gradient: readonly number[];
}

const { module, memory, act, gradient } = workerData as ThreadTask;
const kernels = new Kernels(module, memory);
kernels.act(...(act as Parameters<Kernels['act']>));
kernels.gradient(...(gradient as Parameters<Kernels['gradient']>));
parentPort?.postMessage('done');
