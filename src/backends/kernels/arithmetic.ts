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

let known: Arithmetic | null = null;

/** What the kernels use on this machine. */
export function kernelArithmetic(): Arithmetic {
  known ??= probe();
  return known;
}

function probe(): Arithmetic {
  // Node 20 has relaxed SIMD behind a flag, which is read whenever a module is compiled.
  if (!wasm.validate(PROBE)) {
    try {
      setFlagsFromString('--experimental-wasm-relaxed-simd');
    } catch {
      return 'plain';
    }
    if (!wasm.validate(PROBE)) return 'plain';
  }
  const { f } = new wasm.Instance(new wasm.Module(PROBE), {}).exports as { f(a: number, c: number): number };
  // The square of 1 + 2^-12 is 1 + 2^-11 + 2^-24, of which rounding leaves 1 + 2^-11.
  return f(1 + 2 ** -12, -1 - 2 ** -11) === 0 ? 'plain' : 'fused';
}
