// Acting: normalise, forward, sample, log-probability; and the critic alone.
import {
  BLOCK, ROW, NET_OBSERVATION, NET_DISTRIBUTION, NET_ACTIONS, NET_LOG_STD, NET_ACTOR_LAYERS, NET_CRITIC_LAYERS, NET_ACTOR,
  NET_FACTORS, actionRows, activationRows, criticLayers, factorSizes, field, forbid, observationRows, workArea,
} from './block';
import { add, exp, log, mac, mul, sinTurn, splat, sub, writeConstants } from './math';
import { pack } from './pack';
import { philox4 } from './philox';
import { towerForward } from './tower';

@inline export const HALF_LOG_2PI: f32 = 0.918938533204672742;

// Sample rows: 0..3 the four Philox words, 4 the log-probability, 5 the value or action of each sample.
@inline const ROW_LOG_PROB: i32 = 4;
@inline const ROW_ACTION: i32 = 5;

/** The top 24 bits of a word as a float in [0, 1). */
@inline function uniform(bits: v128): v128 {
  return mul(f32x4.convert_i32x4_s(v128.shr<u32>(bits, 8)), splat(5.9604644775390625e-8));
}

/** sqrt(-2 ln u) with u in (0, 1] of a word's top 24 bits. */
@inline function radius(bits: v128): v128 {
  const u = mul(f32x4.convert_i32x4_s(i32x4.add(v128.shr<u32>(bits, 8), i32x4.splat(1))), splat(5.9604644775390625e-8));
  return f32x4.sqrt(mul(splat(-2), log(u)));
}

/** Choice number `factor` of each sample: four choices share the four words of a lane. */
function sampleCategorical(
  scratch: usize, logits: usize, size: i32, columns: i32, seedLo: i32, seedHi: i32, firstEnv: i32, keyLo: i32, keyHi: i32,
  deterministic: i32, factor: i32,
): void {
  const weights = actionRows(scratch);
  for (let c = 0; c < columns; c += 4) {
    const at = <usize>c * 4;
    let top = v128.load(logits + at);
    let action = i32x4.splat(0);
    for (let k = 1; k < size; ++k) {
      const l = v128.load(logits + at + <usize>(k * ROW));
      action = v128.bitselect(i32x4.splat(k), action, f32x4.lt(top, l));
      top = f32x4.pmax(top, l);
    }
    let total = splat(0);
    for (let k = 0; k < size; ++k) {
      const e = exp(sub(v128.load(logits + at + <usize>(k * ROW)), top));
      v128.store(weights + at + <usize>(k * ROW), e);
      total = add(total, e);
    }
    if (!deterministic) {
      if ((factor & 3) == 0) philox4(scratch + at, ROW, firstEnv + c, keyLo, keyHi, factor >> 2, seedLo, seedHi);
      // The first action whose cumulative weight exceeds u * total. u < 1 keeps u * total below total, which the last
      // cumulative weight equals, and an action of zero weight is never the first to exceed anything.
      const threshold = mul(uniform(v128.load(scratch + <usize>((factor & 3) * ROW) + at)), total);
      let sum = splat(0);
      action = i32x4.splat(0);
      for (let k = 0; k < size - 1; ++k) {
        sum = add(sum, v128.load(weights + at + <usize>(k * ROW)));
        action = i32x4.sub(action, f32x4.le(sum, threshold));
      }
    }
    let chosen = v128.load(logits + at);
    for (let k = 1; k < size; ++k) {
      chosen = v128.bitselect(v128.load(logits + at + <usize>(k * ROW)), chosen, i32x4.eq(action, i32x4.splat(k)));
    }
    v128.store(scratch + ROW_ACTION * ROW + at, action);
    const logProb = scratch + ROW_LOG_PROB * ROW + at;
    const term = sub(sub(chosen, top), log(total));
    v128.store(logProb, factor == 0 ? term : add(v128.load(logProb), term));
  }
}

function sampleGaussian(
  scratch: usize, means: usize, logStd: usize, size: i32, columns: i32, seedLo: i32, seedHi: i32, firstEnv: i32, keyLo: i32,
  keyHi: i32, deterministic: i32,
): void {
  const actions = actionRows(scratch);
  for (let c = 0; c < columns; c += 4) v128.store(scratch + ROW_LOG_PROB * ROW + <usize>c * 4, splat(0));
  for (let d = 0; d < size; ++d) {
    const ls = v128.load32_splat(logStd + <usize>d * 4);
    const std = exp(ls);
    const invStd = exp(f32x4.neg(ls));
    for (let c = 0; c < columns; c += 4) {
      const at = <usize>c * 4;
      const mean = v128.load(means + <usize>(d * ROW) + at);
      let action = mean;
      if (!deterministic) {
        if ((d & 3) == 0) philox4(scratch + at, ROW, firstEnv + c, keyLo, keyHi, d >> 2, seedLo, seedHi);
        const words = scratch + <usize>((d & 2) * ROW) + at;
        const z = mul(radius(v128.load(words)), sinTurn(uniform(v128.load(words, ROW)), (d & 1) ^ 1));
        action = mac(std, z, mean);
      }
      v128.store(actions + <usize>(d * ROW) + at, action);
      // From the rounded action, exactly as the learner will: the first ratio of a rollout is then exactly 1.
      const logProb = scratch + ROW_LOG_PROB * ROW + at;
      v128.store(logProb, add(v128.load(logProb), gaussianLogProb(action, mean, invStd, ls)));
    }
  }
}

/** Log-density of one dimension. */
@inline export function gaussianLogProb(action: v128, mean: v128, invStd: v128, logStd: v128): v128 {
  const z = mul(sub(action, mean), invStd);
  return sub(sub(mul(mul(z, z), splat(-0.5)), logStd), splat(HALF_LOG_2PI));
}

/** Samples a block from the actor's rows `head`, and writes actions and log-probabilities from row `start` on. */
function decide(
  network: usize, parameters: usize, scratch: usize, head: usize, start: i32, count: i32, columns: i32, actions: usize,
  logProbs: usize, seedLo: i32, seedHi: i32, firstEnv: i32, keyLo: i32, keyHi: i32, deterministic: i32, masks: usize,
): void {
  const outputs = field(network, NET_ACTIONS);
  const distribution = field(network, NET_DISTRIBUTION);
  if (distribution == 2) {
    if (masks != 0) forbid(head, outputs, count, masks, 0, start);
    const factors = field(network, NET_FACTORS);
    const sizes = factorSizes(network);
    let logits = head;
    for (let f = 0; f < factors; ++f) {
      const n = load<i32>(sizes + (<usize>f << 2));
      sampleCategorical(scratch, logits, n, columns, seedLo, seedHi, firstEnv + start, keyLo, keyHi, deterministic, f);
      let out = actions + ((<usize>start * <usize>factors + <usize>f) << 2);
      for (let c = 0; c < count; ++c) {
        store<i32>(out, load<i32>(scratch + <usize>(ROW_ACTION * ROW + c * 4)));
        out += <usize>factors << 2;
      }
      logits += <usize>(n * ROW);
    }
  } else if (distribution == 0) {
    if (masks != 0) forbid(head, outputs, count, masks, 0, start);
    sampleCategorical(scratch, head, outputs, columns, seedLo, seedHi, firstEnv + start, keyLo, keyHi, deterministic, 0);
    memory.copy(actions + <usize>start * 4, scratch + ROW_ACTION * ROW, <usize>count * 4);
  } else {
    const logStd = parameters + (<usize>field(network, NET_LOG_STD) << 2);
    sampleGaussian(scratch, head, logStd, outputs, columns, seedLo, seedHi, firstEnv + start, keyLo, keyHi, deterministic);
    const rows = actionRows(scratch);
    let out = actions + <usize>start * <usize>outputs * 4;
    for (let c = 0; c < count; ++c) {
      for (let d = 0; d < outputs; ++d) {
        store<f32>(out, load<f32>(rows + <usize>(d * ROW + c * 4)));
        out += 4;
      }
    }
  }
  memory.copy(logProbs + <usize>start * 4, scratch + ROW_LOG_PROB * ROW, <usize>count * 4);
}

export function act(
  network: usize, parameters: usize, scratch: usize, observations: usize, n: i32, mean: usize, invStd: usize, obsClip: f32,
  actions: usize, logProbs: usize, values: usize, seedLo: i32, seedHi: i32, firstEnv: i32, keyLo: i32, keyHi: i32,
  deterministic: i32, masks: usize,
): void {
  const size = field(network, NET_OBSERVATION);
  const x = observationRows(network, scratch);
  const activations = activationRows(network, scratch);
  const work = workArea(network, scratch);
  writeConstants(work);
  for (let start = 0; start < n; start += BLOCK) {
    const count = min(n - start, BLOCK);
    const columns = (count + 7) & ~7;
    pack(x, observations + <usize>start * <usize>size * 4, size, 0, count, columns, mean, invStd, obsClip);
    const head = towerForward(network + NET_ACTOR, field(network, NET_ACTOR_LAYERS), parameters, x, activations, columns, work);
    decide(
      network, parameters, scratch, head, start, count, columns, actions, logProbs, seedLo, seedHi, firstEnv, keyLo, keyHi,
      deterministic, masks,
    );
    const v = towerForward(criticLayers(network), field(network, NET_CRITIC_LAYERS), parameters, x, activations, columns, work);
    memory.copy(values + <usize>start * 4, v, <usize>count * 4);
  }
}

/** As `act`, from `outputs` [n, A] that something else computed. */
export function sample(
  network: usize, parameters: usize, scratch: usize, outputs: usize, n: i32, actions: usize, logProbs: usize, seedLo: i32,
  seedHi: i32, firstEnv: i32, keyLo: i32, keyHi: i32, deterministic: i32, masks: usize,
): void {
  const size = field(network, NET_ACTIONS);
  const head = activationRows(network, scratch);
  writeConstants(workArea(network, scratch));
  for (let start = 0; start < n; start += BLOCK) {
    const count = min(n - start, BLOCK);
    const columns = (count + 7) & ~7;
    // Columns beyond the last row repeat it, so that they hold ordinary numbers.
    for (let c = 0; c < columns; ++c) {
      const row = outputs + <usize>(start + min(c, count - 1)) * <usize>size * 4;
      for (let k = 0; k < size; ++k) store<f32>(head + <usize>(k * ROW + c * 4), load<f32>(row + <usize>k * 4));
    }
    decide(
      network, parameters, scratch, head, start, count, columns, actions, logProbs, seedLo, seedHi, firstEnv, keyLo, keyHi,
      deterministic, masks,
    );
  }
}

export function value(
  network: usize, parameters: usize, scratch: usize, observations: usize, n: i32, mean: usize, invStd: usize, obsClip: f32,
  values: usize,
): void {
  const size = field(network, NET_OBSERVATION);
  const x = observationRows(network, scratch);
  const activations = activationRows(network, scratch);
  const work = workArea(network, scratch);
  writeConstants(work);
  for (let start = 0; start < n; start += BLOCK) {
    const count = min(n - start, BLOCK);
    const columns = (count + 7) & ~7;
    pack(x, observations + <usize>start * <usize>size * 4, size, 0, count, columns, mean, invStd, obsClip);
    const v = towerForward(criticLayers(network), field(network, NET_CRITIC_LAYERS), parameters, x, activations, columns, work);
    memory.copy(values + <usize>start * 4, v, <usize>count * 4);
  }
}
