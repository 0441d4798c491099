// Backward pass of a dense layer over one block: the gradient of its input, in tiles of 4 inputs x 2 vectors, and of its weights,
// in tiles of 2 inputs x 4 units with the samples along the vectors.
import { ROW, TANH, RELU } from './block';
import { add, mul, sub, mac, splat } from './math';

/** gradient * activation'(input), the derivative being expressed by the output h. */
@inline function activateBackward(gradient: v128, h: v128, activation: i32): v128 {
  if (activation == TANH) return sub(gradient, mul(mul(h, h), gradient));
  // A NaN output keeps its NaN: the comparison asks for h <= 0, which a NaN is not.
  if (activation == RELU) return v128.andnot(gradient, f32x4.le(h, splat(0)));
  return gradient;
}

/** Replaces h at y and y + 16 by the gradients a and b times the slope there. */
@inline function storeBackward(y: usize, a: v128, b: v128, activation: i32): void {
  v128.store(y, activateBackward(a, v128.load(y), activation));
  v128.store(y, activateBackward(b, v128.load(y, 16), activation), 16);
}

/** Input gradients of four inputs of eight samples: rows w, w + stride, ... of the weights, walked along. */
@inline function backward4x2(dz: usize, units: i32, w: usize, stride: usize, h: usize, activation: i32): void {
  let a0 = splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
  let w1 = w + stride;
  let w2 = w1 + stride;
  let w3 = w2 + stride;
  // Two steps an iteration, with a way out in between: the loop's own cost is a tenth of a step's.
  const last = dz + <usize>((units - 1) * ROW);
  const last1 = last - ROW;
  for (;;) {
    let p = v128.load(dz);
    let q = v128.load(dz, 16);
    let s = v128.load32_splat(w);
    a0 = mac(p, s, a0);
    b0 = mac(q, s, b0);
    s = v128.load32_splat(w1);
    a1 = mac(p, s, a1);
    b1 = mac(q, s, b1);
    s = v128.load32_splat(w2);
    a2 = mac(p, s, a2);
    b2 = mac(q, s, b2);
    s = v128.load32_splat(w3);
    a3 = mac(p, s, a3);
    b3 = mac(q, s, b3);
    if (dz == last) break;
    p = v128.load(dz, ROW);
    q = v128.load(dz, ROW + 16);
    s = v128.load32_splat(w, 4);
    a0 = mac(p, s, a0);
    b0 = mac(q, s, b0);
    s = v128.load32_splat(w1, 4);
    a1 = mac(p, s, a1);
    b1 = mac(q, s, b1);
    s = v128.load32_splat(w2, 4);
    a2 = mac(p, s, a2);
    b2 = mac(q, s, b2);
    s = v128.load32_splat(w3, 4);
    a3 = mac(p, s, a3);
    b3 = mac(q, s, b3);
    if (dz == last1) break;
    dz += ROW * 2;
    w += 8;
    w1 += 8;
    w2 += 8;
    w3 += 8;
  }
  storeBackward(h, a0, b0, activation);
  storeBackward(h + ROW, a1, b1, activation);
  storeBackward(h + ROW * 2, a2, b2, activation);
  storeBackward(h + ROW * 3, a3, b3, activation);
}

/** Input gradients of one input of eight samples. */
@inline function backward1x2(dz: usize, units: i32, w: usize, h: usize, activation: i32): void {
  let a = splat(0), b = a;
  for (let k = units; k > 0; --k) {
    const s = v128.load32_splat(w);
    a = mac(v128.load(dz), s, a);
    b = mac(v128.load(dz, 16), s, b);
    dz += ROW;
    w += 4;
  }
  storeBackward(h, a, b, activation);
}

/** h[i] <- (sum_k w[i][k] dz[k]) activation'(h[i]), in place: the layer's input becomes the gradient of its pre-activation. */
export function denseInputGradient(
  dz: usize, units: i32, w: usize, inputs: i32, h: usize, activation: i32, columns: i32,
): void {
  const stride = <usize>units * 4;
  const end = <usize>columns * 4;
  let i = 0;
  for (; i + 4 <= inputs; i += 4) {
    for (let c: usize = 0; c < end; c += 32) backward4x2(dz + c, units, w, stride, h + c, activation);
    w += stride * 4;
    h += ROW * 4;
  }
  for (; i < inputs; ++i) {
    for (let c: usize = 0; c < end; c += 32) backward1x2(dz + c, units, w, h + c, activation);
    w += stride;
    h += ROW;
  }
}

/** Lane sums of four vectors as one vector, each lane (0 + 2) + (1 + 3). */
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

@inline function accumulate(target: usize, value: f32): void {
  store<f32>(target, load<f32>(target) + value);
}
