import { readFile } from 'node:fs/promises';
import { failure, usageError } from '../../core/errors.js';
import { kernelArithmetic, withArithmetic } from './arithmetic.js';
import { type WasmMemory, type WasmModule, wasm } from './webassembly.js';

export { type Arithmetic, kernelArithmetic } from './arithmetic.js';
export { BLOCK, networkDescriptor, scratchBytes } from './descriptor.js';
export type { WasmMemory, WasmModule } from './webassembly.js';

/** First byte of the shared memory that the caller may use; below it lies nothing of ours, and address 0 stays invalid. */
export const ARENA_START = 65536;
const PAGE = 65536;
/** The most WebAssembly can address: 65,536 pages of 64 KiB, 4 GiB. */
export const MAX_MEMORY_BYTES = 65536 * PAGE;

/**
 * Compiles the kernels, once a process: the module can be posted to worker threads, which instantiate it on the same memory.
 *
 * @throws `KERNELS_MISSING` where the build step has not written the module.
 */
export function compileKernels(): Promise<WasmModule> {
  compiled ??= readAndCompile().catch((error: unknown) => {
    compiled = null;
    throw error;
  });
  return compiled;
}

let compiled: Promise<WasmModule> | null = null;

async function readAndCompile(): Promise<WasmModule> {
  const url = new URL(`./kernels-${kernelArithmetic()}.wasm`, import.meta.url);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(url);
  } catch (cause) {
    throw failure(
      'KERNELS_MISSING',
      `the compiled SIMD kernels were not found at ${url.pathname}.`,
      { file: url.pathname, hint: 'Build the project: node scripts/build.mjs.' },
      cause,
    );
  }
  return await withArithmetic(() => wasm.compile(bytes));
}

/**
 * Creates the shared memory of an arena of `bytes` bytes that starts at {@link ARENA_START}. It never grows.
 *
 * @throws `ARENA_TOO_LARGE` beyond 4 GiB.
 */
export function createMemory(bytes: number): WasmMemory {
  const total = Math.ceil(bytes / PAGE) * PAGE + ARENA_START;
  if (!(bytes >= 0 && total <= MAX_MEMORY_BYTES)) {
    throw usageError(
      'ARENA_TOO_LARGE',
      `the shared arena would need ${bytes} bytes, but WebAssembly memory ends at ${MAX_MEMORY_BYTES} bytes (4 GiB).`,
      {
        expected: `at most ${MAX_MEMORY_BYTES - ARENA_START} bytes`,
        got: `${bytes} bytes`,
        hint: 'Use fewer environments, or fewer steps in a rollout.',
      },
    );
  }
  return new wasm.Memory({ initial: total / PAGE, maximum: 65536, shared: true });
}

/** A byte offset into the shared memory. Offsets beyond 2 GiB may be given as such or as `offset | 0`: the kernels read 32 bits. */
export type Pointer = number;

/** What the WebAssembly module exports; the signatures are those of {@link Kernels}. */
interface Exports {
  blockSize(): number;
  act(...operands: number[]): void;
  sample(...operands: number[]): void;
  value(...operands: number[]): void;
  gradient(...operands: number[]): void;
  adam(...operands: number[]): number;
  shuffle(...operands: number[]): void;
  meanStd(...operands: number[]): void;
  philox(...operands: number[]): void;
  elementwise(...operands: number[]): void;
}

/**
 * One thread's kernels over the shared memory. They keep no state and allocate nothing; results depend on the operands only,
 * never on the thread or on what scratch holds. All rows and columns are float32 unless said; `T*N` is the rollout's size,
 * `O` the observation's, `A` the actor's outputs. A NaN in the parameters or an observation gives NaN values and log-probs.
 */
export class Kernels {
  readonly #exports: Exports;

  constructor(module: WasmModule, memory: WasmMemory) {
    const instance = new wasm.Instance(module, { env: { memory } });
    this.#exports = instance.exports as Exports;
  }

  /** Samples in a block of the compiled module. */
  blockSize(): number {
    return this.#exports.blockSize();
  }

  /**
   * Acts for `n` envs: normalises and clips `observations` [n, O] as clip((x - mean) invStd, +-obsClip), runs both towers,
   * samples, and writes `actions` (i32 [n] categorical, float32 [n, A] gaussian, unclipped), `logProbs` [n] and `values` [n].
   * Noise of env `firstEnv + i` comes from Philox4x32-10 with key (seedLo, seedHi) and counter (env, keyLo, keyHi, lane).
   * `deterministic` 1 takes the most likely action. `masks` (u8 [n, A], 0 forbids; 0 for none) leaves a categorical the
   * other choices, at least one.
   */
  act(
    network: Pointer,
    parameters: Pointer,
    scratch: Pointer,
    observations: Pointer,
    n: number,
    mean: Pointer,
    invStd: Pointer,
    obsClip: number,
    actions: Pointer,
    logProbs: Pointer,
    values: Pointer,
    seedLo: number,
    seedHi: number,
    firstEnv: number,
    keyLo: number,
    keyHi: number,
    deterministic: number,
    masks: Pointer = 0,
  ): void {
    // biome-ignore format: one operand after another, as in the module
    this.#exports.act(network, parameters, scratch, observations, n, mean, invStd, obsClip, actions, logProbs, values,
      seedLo, seedHi, firstEnv, keyLo, keyHi, deterministic, masks);
  }

  /**
   * The second half of `act`: samples from the actor's `outputs` float32 [n, A], logits or means that something else computed,
   * with the same noise, and writes `actions` and `logProbs`.
   */
  sample(
    network: Pointer,
    parameters: Pointer,
    scratch: Pointer,
    outputs: Pointer,
    n: number,
    actions: Pointer,
    logProbs: Pointer,
    seedLo: number,
    seedHi: number,
    firstEnv: number,
    keyLo: number,
    keyHi: number,
    deterministic: number,
    masks: Pointer = 0,
  ): void {
    // biome-ignore format: one operand after another, as in the module
    this.#exports.sample(network, parameters, scratch, outputs, n, actions, logProbs, seedLo, seedHi, firstEnv, keyLo, keyHi,
      deterministic, masks);
  }

  /** Writes the critic's `values` [n] of `observations` [n, O], normalised as in `act`. */
  value(
    network: Pointer,
    parameters: Pointer,
    scratch: Pointer,
    observations: Pointer,
    n: number,
    mean: Pointer,
    invStd: Pointer,
    obsClip: number,
    values: Pointer,
  ): void {
    this.#exports.value(network, parameters, scratch, observations, n, mean, invStd, obsClip, values);
  }

  /**
   * Computes one shard of the PPO gradient (CleanRL's loss): `count` samples whose rows in the rollout's flat [T*N] columns
   * are `indices` (i32). Advantages are used as (a - advMean) advInvStd. Overwrites `gradient` [parameter count], every
   * sample weighted by `invBatch`, and `stats` float32[8]: plain sums over the shard of policy loss, value loss, entropy,
   * k1 = -log r, k3 = r - 1 - log r, count of |r - 1| > clipCoef, 0, 0. `masks` are those of `act`, [T*N, A].
   */
  gradient(
    network: Pointer,
    parameters: Pointer,
    scratch: Pointer,
    indices: Pointer,
    count: number,
    observations: Pointer,
    mean: Pointer,
    invStd: Pointer,
    obsClip: number,
    actions: Pointer,
    logProbs: Pointer,
    advantages: Pointer,
    returns: Pointer,
    values: Pointer,
    advMean: number,
    advInvStd: number,
    invBatch: number,
    clipCoef: number,
    clipVloss: number,
    entCoef: number,
    vfCoef: number,
    gradient: Pointer,
    stats: Pointer,
    masks: Pointer = 0,
  ): void {
    // biome-ignore format: one operand after another, as in the module
    this.#exports.gradient(network, parameters, scratch, indices, count, observations, mean, invStd, obsClip, actions,
      logProbs, advantages, returns, values, advMean, advInvStd, invBatch, clipCoef, clipVloss, entCoef, vfCoef, gradient,
      stats, masks);
  }

  /**
   * Sums `shards` gradients (`shardStride` bytes apart) in order, clips by the global norm, g min(1, maxGradNorm / (norm +
   * 1e-6)), and applies Adam to `parameters` and both moments, [count] each, count a multiple of 16. Only reads the shards.
   * `maxGradNorm` Infinity switches clipping off. Returns the norm before clipping.
   */
  adam(
    parameters: Pointer,
    firstMoments: Pointer,
    secondMoments: Pointer,
    gradients: Pointer,
    shards: number,
    shardStride: number,
    count: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    biasCorrection1: number,
    biasCorrection2: number,
    maxGradNorm: number,
  ): number {
    // biome-ignore format: one operand after another, as in the module
    return this.#exports.adam(parameters, firstMoments, secondMoments, gradients, shards, shardStride, count, learningRate,
      beta1, beta2, epsilon, biasCorrection1, biasCorrection2, maxGradNorm);
  }

  /** Writes 0..count-1 (i32) in a random order keyed by (seed, key): Fisher-Yates; its bias is below count / 2^32. */
  shuffle(permutation: Pointer, count: number, seedLo: number, seedHi: number, keyLo: number, keyHi: number): void {
    this.#exports.shuffle(permutation, count, seedLo, seedHi, keyLo, keyHi);
  }

  /** Writes float64[2] at `out`: mean and unbiased standard deviation of `column[indices[0..count)]`; 0 for one sample. */
  meanStd(column: Pointer, indices: Pointer, count: number, out: Pointer): void {
    this.#exports.meanStd(column, indices, count, out);
  }

  /** Writes the Philox words of the counters (first + 0..3, c1, c2, c3), word-major [4, 4]: for known-answer tests. */
  philox(out: Pointer, first: number, c1: number, c2: number, c3: number, key0: number, key1: number): void {
    this.#exports.philox(out, first, c1, c2, c3, key0, key1);
  }

  /**
   * Applies exp (0), log (1), tanh (2, or 5 by another path), sin (3) or cos (4) of 2 pi x to `count` floats, a multiple of 16,
   * with 160 bytes of scratch: for accuracy tests.
   */
  elementwise(kind: number, input: Pointer, out: Pointer, count: number, scratch: Pointer): void {
    this.#exports.elementwise(kind, input, out, count, scratch);
  }
}
