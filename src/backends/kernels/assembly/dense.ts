// Dense layers over one block: forward, input gradient, weight gradient. Register tiles of 4 x 2 vectors (8 accumulators),
// with 2 x 4 and 1 x 8 ones of the same size for the rows that are left over. Weights are [inputs][units] and only ever
// splat-loaded. Every output sums its terms in index order whatever the tile, so the tile never shows in the bits.
import { ROW, TANH, RELU } from './block';
import { add, mul, sub, mac, splat, tanh } from './math';

// @ts-ignore: decorator
@inline function activate(v: v128, activation: i32): v128 {
  if (activation == TANH) return tanh(v);
  if (activation == RELU) return f32x4.pmax(v, splat(0));
  return v;
}

/** gradient * activation'(input), the derivative being expressed by the output h. */
// @ts-ignore: decorator
@inline function activateBackward(gradient: v128, h: v128, activation: i32): v128 {
  if (activation == TANH) return sub(gradient, mul(mul(h, h), gradient));
  // A NaN output keeps its NaN: the comparison asks for h <= 0, which a NaN is not.
  if (activation == RELU) return v128.andnot(gradient, f32x4.le(h, splat(0)));
  return gradient;
}

// The tiles multiply rows of `x` (stride ROW) with splat coefficients: coefficient (k, i) lies at w + k * unitStride + i * stepStride.
// Forward: k = unit, i = input (unitStride 4, stepStride 4 * units). Input gradient: k = input, i = unit (the strides swapped).
// Accumulators start at `bias[k]`, or at zero where bias is 0; the epilogue is activate, or activateBackward over y in place.

// @ts-ignore: decorator
@inline function start(bias: usize, k: usize): v128 {
  return bias ? v128.load32_splat(bias + k * 4) : splat(0);
}

// @ts-ignore: decorator
@inline function finish(y: usize, v: v128, backward: bool, activation: i32): void {
  if (backward) v128.store(y, activateBackward(v, v128.load(y), activation));
  else v128.store(y, activate(v, activation));
}

// @ts-ignore: decorator
@inline function tile4x2(
  x: usize, steps: i32, w: usize, unitStride: usize, stepStride: usize, bias: usize, y: usize, backward: bool, activation: i32,
): void {
  let a0 = start(bias, 0), b0 = a0;
  let a1 = start(bias, 1), b1 = a1;
  let a2 = start(bias, 2), b2 = a2;
  let a3 = start(bias, 3), b3 = a3;
  for (let i = steps; i > 0; --i) {
    const p = v128.load(x);
    const q = v128.load(x, 16);
    const w0 = v128.load32_splat(w);
    a0 = mac(p, w0, a0);
    b0 = mac(q, w0, b0);
    const w1 = v128.load32_splat(w + unitStride);
    a1 = mac(p, w1, a1);
    b1 = mac(q, w1, b1);
    const w2 = v128.load32_splat(w + unitStride * 2);
    a2 = mac(p, w2, a2);
    b2 = mac(q, w2, b2);
    const w3 = v128.load32_splat(w + unitStride * 3);
    a3 = mac(p, w3, a3);
    b3 = mac(q, w3, b3);
    x += ROW;
    w += stepStride;
  }
  finish(y, a0, backward, activation);
  finish(y + 16, b0, backward, activation);
  finish(y + ROW, a1, backward, activation);
  finish(y + ROW + 16, b1, backward, activation);
  finish(y + ROW * 2, a2, backward, activation);
  finish(y + ROW * 2 + 16, b2, backward, activation);
  finish(y + ROW * 3, a3, backward, activation);
  finish(y + ROW * 3 + 16, b3, backward, activation);
}

// @ts-ignore: decorator
@inline function tile1x8(
  x: usize, steps: i32, w: usize, stepStride: usize, bias: usize, y: usize, backward: bool, activation: i32,
): void {
  const initial = start(bias, 0);
  let a0 = initial, a1 = initial, a2 = initial, a3 = initial, a4 = initial, a5 = initial, a6 = initial, a7 = initial;
  for (let i = steps; i > 0; --i) {
    const w0 = v128.load32_splat(w);
    a0 = mac(v128.load(x), w0, a0);
    a1 = mac(v128.load(x, 16), w0, a1);
    a2 = mac(v128.load(x, 32), w0, a2);
    a3 = mac(v128.load(x, 48), w0, a3);
    a4 = mac(v128.load(x, 64), w0, a4);
    a5 = mac(v128.load(x, 80), w0, a5);
    a6 = mac(v128.load(x, 96), w0, a6);
    a7 = mac(v128.load(x, 112), w0, a7);
    x += ROW;
    w += stepStride;
  }
  finish(y, a0, backward, activation);
  finish(y + 16, a1, backward, activation);
  finish(y + 32, a2, backward, activation);
  finish(y + 48, a3, backward, activation);
  finish(y + 64, a4, backward, activation);
  finish(y + 80, a5, backward, activation);
  finish(y + 96, a6, backward, activation);
  finish(y + 112, a7, backward, activation);
}

// @ts-ignore: decorator
@inline function tile1x2(
  x: usize, steps: i32, w: usize, stepStride: usize, bias: usize, y: usize, backward: bool, activation: i32,
): void {
  let a0 = start(bias, 0), b0 = a0;
  for (let i = steps; i > 0; --i) {
    const w0 = v128.load32_splat(w);
    a0 = mac(v128.load(x), w0, a0);
    b0 = mac(v128.load(x, 16), w0, b0);
    x += ROW;
    w += stepStride;
  }
  finish(y, a0, backward, activation);
  finish(y + 16, b0, backward, activation);
}

// @ts-ignore: decorator
@inline function product(
  x: usize, steps: i32, w: usize, rows: i32, unitStride: usize, stepStride: usize, bias: usize, y: usize, backward: bool,
  activation: i32, columns: i32,
): void {
  let k = 0;
  for (; k + 4 <= rows; k += 4) {
    const weights = w + <usize>k * unitStride;
    const biases = bias ? bias + <usize>k * 4 : 0;
    const out = y + <usize>(k * ROW);
    for (let c = 0; c < columns; c += 8) {
      tile4x2(x + <usize>c * 4, steps, weights, unitStride, stepStride, biases, out + <usize>c * 4, backward, activation);
    }
  }
  for (; k < rows; ++k) {
    const weights = w + <usize>k * unitStride;
    const biases = bias ? bias + <usize>k * 4 : 0;
    const out = y + <usize>(k * ROW);
    let c = 0;
    for (; c + 32 <= columns; c += 32) {
      tile1x8(x + <usize>c * 4, steps, weights, stepStride, biases, out + <usize>c * 4, backward, activation);
    }
    for (; c < columns; c += 8) {
      tile1x2(x + <usize>c * 4, steps, weights, stepStride, biases, out + <usize>c * 4, backward, activation);
    }
  }
}

/** y[k] = activation(bias[k] + sum_i x[i] w[i][k]) for `columns` samples, a multiple of 8. */
export function denseForward(
  x: usize, inputs: i32, w: usize, bias: usize, units: i32, y: usize, activation: i32, columns: i32,
): void {
  product(x, inputs, w, units, 4, <usize>units * 4, bias, y, false, activation, columns);
}

/** h[i] <- (sum_k w[i][k] dz[k]) activation'(h[i]), in place: the layer's input becomes the gradient of its pre-activation. */
export function denseInputGradient(
  dz: usize, units: i32, w: usize, inputs: i32, h: usize, activation: i32, columns: i32,
): void {
  product(dz, units, w, inputs, <usize>units * 4, 4, 0, h, true, activation, columns);
}

/** Lane sums of four vectors as one vector, each lane (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline function sumLanes4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** Adds sum_s x[i][s] dz[k][s] to gradient[i][k] and sum_s dz[k][s] to biasGradient[k]. */
export function denseWeightGradient(
  x: usize, inputs: i32, dz: usize, units: i32, gradient: usize, biasGradient: usize, columns: i32,
): void {
  const bytes = <usize>columns * 4;
  const rowBytes = <usize>units * 4;
  let k = 0;
  for (; k + 4 <= units; k += 4) {
    const d = dz + <usize>(k * ROW);
    let i = 0;
    for (; i + 2 <= inputs; i += 2) {
      let p = x + <usize>(i * ROW);
      let r = d;
      const end = r + bytes;
      let a0 = splat(0), a1 = splat(0), a2 = splat(0), a3 = splat(0);
      let b0 = splat(0), b1 = splat(0), b2 = splat(0), b3 = splat(0);
      do {
        const xa = v128.load(p);
        const xb = v128.load(p, ROW);
        const d0 = v128.load(r);
        a0 = mac(xa, d0, a0);
        b0 = mac(xb, d0, b0);
        const d1 = v128.load(r, ROW);
        a1 = mac(xa, d1, a1);
        b1 = mac(xb, d1, b1);
        const d2 = v128.load(r, ROW * 2);
        a2 = mac(xa, d2, a2);
        b2 = mac(xb, d2, b2);
        const d3 = v128.load(r, ROW * 3);
        a3 = mac(xa, d3, a3);
        b3 = mac(xb, d3, b3);
        p += 16;
        r += 16;
      } while (r < end);
      const g = gradient + <usize>i * rowBytes + <usize>k * 4;
      v128.store(g, add(v128.load(g), sumLanes4(a0, a1, a2, a3)));
      v128.store(g + rowBytes, add(v128.load(g + rowBytes), sumLanes4(b0, b1, b2, b3)));
    }
    if (i < inputs) {
      let p = x + <usize>(i * ROW);
      let r = d;
      const end = r + bytes;
      let a0 = splat(0), a1 = splat(0), a2 = splat(0), a3 = splat(0);
      do {
        const xa = v128.load(p);
        a0 = mac(xa, v128.load(r), a0);
        a1 = mac(xa, v128.load(r, ROW), a1);
        a2 = mac(xa, v128.load(r, ROW * 2), a2);
        a3 = mac(xa, v128.load(r, ROW * 3), a3);
        p += 16;
        r += 16;
      } while (r < end);
      const g = gradient + <usize>i * rowBytes + <usize>k * 4;
      v128.store(g, add(v128.load(g), sumLanes4(a0, a1, a2, a3)));
    }
    let r = d;
    const end = r + bytes;
    let a0 = splat(0), a1 = splat(0), a2 = splat(0), a3 = splat(0);
    do {
      a0 = add(a0, v128.load(r));
      a1 = add(a1, v128.load(r, ROW));
      a2 = add(a2, v128.load(r, ROW * 2));
      a3 = add(a3, v128.load(r, ROW * 3));
      r += 16;
    } while (r < end);
    const g = biasGradient + <usize>k * 4;
    v128.store(g, add(v128.load(g), sumLanes4(a0, a1, a2, a3)));
  }
  // One unit at a time for what is left (heads have 1 to 3): eight inputs a tile.
  for (; k < units; ++k) {
    const d = dz + <usize>(k * ROW);
    let i = 0;
    for (; i + 8 <= inputs; i += 8) {
      let p = x + <usize>(i * ROW);
      let r = d;
      const end = r + bytes;
      let a0 = splat(0), a1 = splat(0), a2 = splat(0), a3 = splat(0);
      let b0 = splat(0), b1 = splat(0), b2 = splat(0), b3 = splat(0);
      do {
        const dk = v128.load(r);
        a0 = mac(v128.load(p), dk, a0);
        a1 = mac(v128.load(p, ROW), dk, a1);
        a2 = mac(v128.load(p, ROW * 2), dk, a2);
        a3 = mac(v128.load(p, ROW * 3), dk, a3);
        b0 = mac(v128.load(p, ROW * 4), dk, b0);
        b1 = mac(v128.load(p, ROW * 5), dk, b1);
        b2 = mac(v128.load(p, ROW * 6), dk, b2);
        b3 = mac(v128.load(p, ROW * 7), dk, b3);
        p += 16;
        r += 16;
      } while (r < end);
      const g = gradient + <usize>i * rowBytes + <usize>k * 4;
      const a = sumLanes4(a0, a1, a2, a3);
      const b = sumLanes4(b0, b1, b2, b3);
      accumulate(g, f32x4.extract_lane(a, 0));
      accumulate(g + rowBytes, f32x4.extract_lane(a, 1));
      accumulate(g + rowBytes * 2, f32x4.extract_lane(a, 2));
      accumulate(g + rowBytes * 3, f32x4.extract_lane(a, 3));
      accumulate(g + rowBytes * 4, f32x4.extract_lane(b, 0));
      accumulate(g + rowBytes * 5, f32x4.extract_lane(b, 1));
      accumulate(g + rowBytes * 6, f32x4.extract_lane(b, 2));
      accumulate(g + rowBytes * 7, f32x4.extract_lane(b, 3));
    }
    for (; i < inputs; ++i) {
      let p = x + <usize>(i * ROW);
      let r = d;
      const end = r + bytes;
      let a0 = splat(0);
      do {
        a0 = mac(v128.load(p), v128.load(r), a0);
        p += 16;
        r += 16;
      } while (r < end);
      const a = sumLanes4(a0, a0, a0, a0);
      accumulate(gradient + <usize>i * rowBytes + <usize>k * 4, f32x4.extract_lane(a, 0));
    }
    let r = d;
    const end = r + bytes;
    let a0 = splat(0);
    do {
      a0 = add(a0, v128.load(r));
      r += 16;
    } while (r < end);
    accumulate(biasGradient + <usize>k * 4, f32x4.extract_lane(sumLanes4(a0, a0, a0, a0), 0));
  }
}

// @ts-ignore: decorator
@inline function accumulate(target: usize, value: f32): void {
  store<f32>(target, load<f32>(target) + value);
}
