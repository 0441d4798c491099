// The module's exports. It has no data segment and keeps no state: every thread instantiates it on the same memory.
import { BLOCK } from './block';
import { exp, log, sinTurn, storeTanh2, storeTanh4, writeConstants } from './math';
import { philox4 } from './philox';

export { act, sample, value } from './act';
export { gradient } from './gradient';
export { adam, meanStd, shuffle } from './optimise';

export function blockSize(): i32 {
  return BLOCK;
}

/** Philox words of counters (first + 0..3, c1, c2, c3), word-major, for known-answer tests. */
export function philox(out: usize, first: i32, c1: i32, c2: i32, c3: i32, key0: i32, key1: i32): void {
  philox4(out, 16, first, c1, c2, c3, key0, key1);
}

/**
 * out[i] = f(input[i]) for tests of accuracy: 0 exp, 1 log, 2 tanh in fours, 3 sin and 4 cos of 2 pi x, 5 tanh in pairs. count is
 * a multiple of 16; 160 bytes of scratch.
 */
export function elementwise(kind: i32, input: usize, out: usize, count: i32, scratch: usize): void {
  writeConstants(scratch);
  const end = input + <usize>count * 4;
  const step: usize = kind == 2 ? 64 : kind == 5 ? 32 : 16;
  for (; input < end; input += step) {
    const x = v128.load(input);
    if (kind == 0) v128.store(out, exp(x));
    else if (kind == 1) v128.store(out, log(x));
    else if (kind == 2) {
      storeTanh4(out, x, v128.load(input, 16), out + 32, v128.load(input, 32), v128.load(input, 48), scratch);
    } else if (kind == 5) storeTanh2(out, x, v128.load(input, 16), scratch);
    else v128.store(out, sinTurn(x, kind - 3));
    out += step;
  }
}
