// Forward pass of a dense layer over one block: register tiles of 4 units x 2 vectors (8 accumulators), with 1 x 8 and 1 x 2
// ones for the units that are left over. Weights are [inputs][units] and only ever splat-loaded. Every output sums its terms in
// input order whatever the tile, so the tile never shows in the bits.
import { ROW, TANH, RELU } from './block';
import { CONSTANT_BYTES, mac, splat, storeTanh2, storeTanh4 } from './math';

/** Stores act(a) and act(b) at y and y + 16. */
@inline function storeActivated(y: usize, a: v128, b: v128, activation: i32, constants: usize): void {
  if (activation == TANH) {
    storeTanh2(y, a, b, constants);
  } else if (activation == RELU) {
    v128.store(y, f32x4.pmax(a, splat(0)));
    v128.store(y, f32x4.pmax(b, splat(0)), 16);
  } else {
    v128.store(y, a);
    v128.store(y, b, 16);
  }
}

/** Four units of eight samples. `stride` is the bytes of a weight row. */
@inline function forward4x2(
  x: usize, inputs: i32, w: usize, stride: usize, bias: usize, y: usize, activation: i32, constants: usize,
): void {
  let a0 = v128.load32_splat(bias), b0 = a0;
  let a1 = v128.load32_splat(bias, 4), b1 = a1;
  let a2 = v128.load32_splat(bias, 8), b2 = a2;
  let a3 = v128.load32_splat(bias, 12), b3 = a3;
  const end = x + <usize>(inputs * ROW);
  do {
    const p = v128.load(x);
    const q = v128.load(x, 16);
    let k = v128.load32_splat(w);
    a0 = mac(p, k, a0);
    b0 = mac(q, k, b0);
    k = v128.load32_splat(w, 4);
    a1 = mac(p, k, a1);
    b1 = mac(q, k, b1);
    k = v128.load32_splat(w, 8);
    a2 = mac(p, k, a2);
    b2 = mac(q, k, b2);
    k = v128.load32_splat(w, 12);
    a3 = mac(p, k, a3);
    b3 = mac(q, k, b3);
    w += stride;
    x += ROW;
  } while (x != end);
  if (activation == TANH) {
    storeTanh4(y, a0, b0, y + ROW, a1, b1, constants);
    storeTanh4(y + ROW * 2, a2, b2, y + ROW * 3, a3, b3, constants);
    return;
  }
  storeActivated(y, a0, b0, activation, constants);
  storeActivated(y + ROW, a1, b1, activation, constants);
  storeActivated(y + ROW * 2, a2, b2, activation, constants);
  storeActivated(y + ROW * 3, a3, b3, activation, constants);
}

/** Four units of eight samples, the weights being a panel: a constant stride in the loop is worth 7 %. */
@inline function panel4x2(
  x: usize, inputs: i32, w: usize, bias: usize, y: usize, activation: i32, constants: usize,
): void {
  let a0 = v128.load32_splat(bias), b0 = a0;
  let a1 = v128.load32_splat(bias, 4), b1 = a1;
  let a2 = v128.load32_splat(bias, 8), b2 = a2;
  let a3 = v128.load32_splat(bias, 12), b3 = a3;
  const last = x + <usize>((inputs - 1) * ROW);
  const lastBut1 = last - ROW;
  for (;;) {
    let p = v128.load(x);
    let q = v128.load(x, 16);
    let k = v128.load32_splat(w);
    a0 = mac(p, k, a0);
    b0 = mac(q, k, b0);
    k = v128.load32_splat(w, 4);
    a1 = mac(p, k, a1);
    b1 = mac(q, k, b1);
    k = v128.load32_splat(w, 8);
    a2 = mac(p, k, a2);
    b2 = mac(q, k, b2);
    k = v128.load32_splat(w, 12);
    a3 = mac(p, k, a3);
    b3 = mac(q, k, b3);
    if (x == last) break;
    p = v128.load(x, ROW);
    q = v128.load(x, ROW + 16);
    k = v128.load32_splat(w, 16);
    a0 = mac(p, k, a0);
    b0 = mac(q, k, b0);
    k = v128.load32_splat(w, 20);
    a1 = mac(p, k, a1);
    b1 = mac(q, k, b1);
    k = v128.load32_splat(w, 24);
    a2 = mac(p, k, a2);
    b2 = mac(q, k, b2);
    k = v128.load32_splat(w, 28);
    a3 = mac(p, k, a3);
    b3 = mac(q, k, b3);
    if (x == lastBut1) break;
    x += ROW * 2;
    w += 32;
  }
  if (activation == TANH) {
    storeTanh4(y, a0, b0, y + ROW, a1, b1, constants);
    storeTanh4(y + ROW * 2, a2, b2, y + ROW * 3, a3, b3, constants);
    return;
  }
  storeActivated(y, a0, b0, activation, constants);
  storeActivated(y + ROW, a1, b1, activation, constants);
  storeActivated(y + ROW * 2, a2, b2, activation, constants);
  storeActivated(y + ROW * 3, a3, b3, activation, constants);
}

/** One unit of 32 samples. */
@inline function forward1x8(
  x: usize, inputs: i32, w: usize, stride: usize, bias: usize, y: usize, activation: i32, constants: usize,
): void {
  const b = v128.load32_splat(bias);
  let a0 = b, a1 = b, a2 = b, a3 = b, a4 = b, a5 = b, a6 = b, a7 = b;
  for (let i = inputs; i > 0; --i) {
    const k = v128.load32_splat(w);
    a0 = mac(v128.load(x), k, a0);
    a1 = mac(v128.load(x, 16), k, a1);
    a2 = mac(v128.load(x, 32), k, a2);
    a3 = mac(v128.load(x, 48), k, a3);
    a4 = mac(v128.load(x, 64), k, a4);
    a5 = mac(v128.load(x, 80), k, a5);
    a6 = mac(v128.load(x, 96), k, a6);
    a7 = mac(v128.load(x, 112), k, a7);
    x += ROW;
    w += stride;
  }
  storeActivated(y, a0, a1, activation, constants);
  storeActivated(y + 32, a2, a3, activation, constants);
  storeActivated(y + 64, a4, a5, activation, constants);
  storeActivated(y + 96, a6, a7, activation, constants);
}

/** One unit of eight samples. */
@inline function forward1x2(
  x: usize, inputs: i32, w: usize, stride: usize, bias: usize, y: usize, activation: i32, constants: usize,
): void {
  let a = v128.load32_splat(bias), b = a;
  for (let i = inputs; i > 0; --i) {
    const k = v128.load32_splat(w);
    a = mac(v128.load(x), k, a);
    b = mac(v128.load(x, 16), k, b);
    x += ROW;
    w += stride;
  }
  storeActivated(y, a, b, activation, constants);
}

/** Gathers four columns of the weights, one after another. */
@inline function copyPanel(w: usize, stride: usize, inputs: i32, panel: usize): void {
  for (let i = inputs; i > 0; --i) {
    v128.store(panel, v128.load(w));
    panel += 16;
    w += stride;
  }
}

/**
 * y[k] = activation(bias[k] + sum_i x[i] w[i][k]) for `columns` samples, a multiple of 8. `work` holds the constants of
 * `math.ts` and behind them room for 16 bytes an input.
 */
export function denseForward(
  x: usize, inputs: i32, w: usize, bias: usize, units: i32, y: usize, activation: i32, columns: i32, work: usize,
): void {
  const panel = work + CONSTANT_BYTES;
  const stride = <usize>units * 4;
  const end = <usize>columns * 4;
  let k = 0;
  for (; k + 4 <= units; k += 4) {
    if (end >= 128) {
      // The copy pays where the panel is used four times or more.
      copyPanel(w, stride, inputs, panel);
      for (let c: usize = 0; c < end; c += 32) panel4x2(x + c, inputs, panel, bias, y + c, activation, work);
    } else {
      for (let c: usize = 0; c < end; c += 32) forward4x2(x + c, inputs, w, stride, bias, y + c, activation, work);
    }
    w += 16;
    bias += 16;
    y += ROW * 4;
  }
  for (; k < units; ++k) {
    let c: usize = 0;
    for (; c + 128 <= end; c += 128) forward1x8(x + c, inputs, w, stride, bias, y + c, activation, work);
    for (; c < end; c += 32) forward1x2(x + c, inputs, w, stride, bias, y + c, activation, work);
    w += 4;
    bias += 4;
    y += ROW;
  }
}
