// Observation rows to normalised feature-major columns.
import { ROW } from './block';
import { mul, sub, splat } from './math';

@inline function normalise(v: v128, mean: v128, invStd: v128, low: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.pmin(mul(sub(v, mean), invStd), high), low);
}

/**
 * Writes clip((x - mean) invStd) of n rows as `columns` (n rounded up to 8) feature-major columns. Row i is
 * `indices[i]`, or i itself where indices is 0. Columns beyond n repeat the last row, so that they hold ordinary numbers.
 */
export function pack(
  out: usize, observations: usize, size: i32, indices: usize, n: i32, columns: i32, mean: usize, invStd: usize, clip: f32,
): void {
  const high = splat(clip);
  const low = splat(-clip);
  const bytes = <usize>size * 4;
  const last = n - 1;
  for (let c = 0; c < columns; c += 4) {
    const i0 = min(c, last);
    const i1 = min(c + 1, last);
    const i2 = min(c + 2, last);
    const i3 = min(c + 3, last);
    const r0 = observations + <usize>(indices ? load<i32>(indices + (<usize>i0 << 2)) : i0) * bytes;
    const r1 = observations + <usize>(indices ? load<i32>(indices + (<usize>i1 << 2)) : i1) * bytes;
    const r2 = observations + <usize>(indices ? load<i32>(indices + (<usize>i2 << 2)) : i2) * bytes;
    const r3 = observations + <usize>(indices ? load<i32>(indices + (<usize>i3 << 2)) : i3) * bytes;
    let y = out + <usize>c * 4;
    let f: usize = 0;
    for (; f + 16 <= bytes; f += 16) {
      const a = v128.load(r0 + f);
      const b = v128.load(r1 + f);
      const d = v128.load(r2 + f);
      const e = v128.load(r3 + f);
      const m = v128.load(mean + f);
      const s = v128.load(invStd + f);
      const na = normalise(a, m, s, low, high);
      const nb = normalise(b, m, s, low, high);
      const nd = normalise(d, m, s, low, high);
      const ne = normalise(e, m, s, low, high);
      const ab0 = v128.shuffle<i32>(na, nb, 0, 4, 1, 5);
      const ab1 = v128.shuffle<i32>(na, nb, 2, 6, 3, 7);
      const de0 = v128.shuffle<i32>(nd, ne, 0, 4, 1, 5);
      const de1 = v128.shuffle<i32>(nd, ne, 2, 6, 3, 7);
      v128.store(y, v128.shuffle<i64>(ab0, de0, 0, 2));
      v128.store(y + ROW, v128.shuffle<i64>(ab0, de0, 1, 3));
      v128.store(y + ROW * 2, v128.shuffle<i64>(ab1, de1, 0, 2));
      v128.store(y + ROW * 3, v128.shuffle<i64>(ab1, de1, 1, 3));
      y += ROW * 4;
    }
    for (; f < bytes; f += 4) {
      let v = splat(load<f32>(r0 + f));
      v = f32x4.replace_lane(v, 1, load<f32>(r1 + f));
      v = f32x4.replace_lane(v, 2, load<f32>(r2 + f));
      v = f32x4.replace_lane(v, 3, load<f32>(r3 + f));
      v128.store(y, normalise(v, v128.load32_splat(mean + f), v128.load32_splat(invStd + f), low, high));
      y += ROW;
    }
  }
}
