// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011), four counters at a time.

@inline function low(a: v128, m: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, m), i64x2.extmul_high_i32x4_u(a, m), 0, 2, 4, 6);
}

@inline function high(a: v128, m: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, m), i64x2.extmul_high_i32x4_u(a, m), 1, 3, 5, 7);
}

/** Writes the four words of the counters first, first + 1, ...: word w of counter lane l at `out + w * stride + 4 l`. */
export function philox4(
  out: usize, stride: usize, first: i32, counter1: i32, counter2: i32, counter3: i32, key0: i32, key1: i32,
): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  let c0 = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(counter1);
  let c2 = i32x4.splat(counter2);
  let c3 = i32x4.splat(counter3);
  for (let round = 0; round < 10; ++round) {
    const low0 = low(c0, m0);
    const high0 = high(c0, m0);
    const low1 = low(c2, m1);
    const high1 = high(c2, m1);
    c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(key0));
    c1 = low1;
    c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(key1));
    c3 = low0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  v128.store(out, c0);
  v128.store(out + stride, c1);
  v128.store(out + stride * 2, c2);
  v128.store(out + stride * 3, c3);
}
