// The module's exports. It has no data segment and keeps no state: every thread instantiates it on the same memory.
import { BLOCK } from './block';
import { exp, log, sinTurn, splat, storeTanh2, writeConstants } from './math';
import { philox4 } from './philox';

export { act, value } from './act';
export { gradient } from './gradient';
export { adam, meanStd, shuffle } from './optimise';

export function blockSize(): i32 {
  return BLOCK;
}

/** Philox words of counters (first + 0..3, c1, c2, c3), word-major, for known-answer tests. */
export function philox(out: usize, first: i32, c1: i32, c2: i32, c3: i32, key0: i32, key1: i32): void {
  philox4(out, 16, first, c1, c2, c3, key0, key1);
}

/** out[i] = f(input[i]) for tests of accuracy; 0 exp, 1 log, 2 tanh, 3 sin and 4 cos of 2 pi x. count is a multiple of 4; 192 bytes of scratch. */
export function elementwise(kind: i32, input: usize, out: usize, count: i32, scratch: usize): void {
  writeConstants(scratch);
  const bytes = <usize>count * 4;
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(input + i);
    let y = splat(0);
    if (kind == 0) y = exp(x);
    else if (kind == 1) y = log(x);
    else if (kind == 2) {
      storeTanh2(scratch + 160, x, x, scratch);
      y = v128.load(scratch + 176);
    }
    else y = sinTurn(x, kind - 3);
    v128.store(out + i, y);
  }
}
