/**
 * How the kernels multiply and add: fused, rounded once, where the processor can (x64 since 2013, arm64), which is a quarter faster; else
 * rounded twice. Each gives the same bits on every machine that has it. WebAssembly leaves the choice to the engine, so it is probed.
 */
import { setFlagsFromString } from 'node:v8';
import { wasm } from './webassembly.js';

export type Arithmetic = 'fused' | 'plain';

/**
 * A module that exports `f(a, c)`, the relaxed `a * a + c`:
 * `local.get 0, f32x4.splat, local.get 0, f32x4.splat, local.get 1, f32x4.splat, f32x4.relaxed_madd, f32x4.extract_lane 0`.
 */
// biome-ignore format: sections
const PROBE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x07, 0x01, 0x60, 0x02, 0x7d, 0x7d, 0x01, 0x7d,
  0x03, 0x02, 0x01, 0x00,
  0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
  0x0a, 0x16, 0x01, 0x14, 0x00,
  0x20, 0x00, 0xfd, 0x13, 0x20, 0x00, 0xfd, 0x13, 0x20, 0x01, 0xfd, 0x13, 0xfd, 0x85, 0x02, 0xfd, 0x1f, 0x00, 0x0b,
);

const FLAG = 'experimental-wasm-relaxed-simd';

/** Whether Node has the instruction behind a flag, as Node 20 does. */
let behindFlag = false;
let known: Arithmetic | null = null;

/** What the kernels use on this machine. */
export function kernelArithmetic(): Arithmetic {
  known ??= probe();
  return known;
}

/**
 * Calls `compile` with relaxed SIMD switched on, until what it returns is settled. The flag does not stay: with flags other than those it
 * began with, Node compiles its own modules anew in every thread, which takes 60 ms.
 */
export async function withArithmetic<T>(compile: () => Promise<T>): Promise<T> {
  if (kernelArithmetic() === 'plain' || !behindFlag) return await compile();
  setFlagsFromString(`--${FLAG}`);
  try {
    return await compile();
  } finally {
    setFlagsFromString(`--no-${FLAG}`);
  }
}

function probe(): Arithmetic {
  if (wasm.validate(PROBE)) return fuses() ? 'fused' : 'plain';
  try {
    setFlagsFromString(`--${FLAG}`);
  } catch {
    return 'plain';
  }
  behindFlag = wasm.validate(PROBE);
  const fused = behindFlag && fuses();
  setFlagsFromString(`--no-${FLAG}`);
  return fused ? 'fused' : 'plain';
}

function fuses(): boolean {
  const { f } = new wasm.Instance(new wasm.Module(PROBE), {}).exports as { f(a: number, c: number): number };
  // The square of 1 + 2^-12 is 1 + 2^-11 + 2^-24, of which rounding leaves 1 + 2^-11.
  return f(1 + 2 ** -12, -1 - 2 ** -11) !== 0;
}
