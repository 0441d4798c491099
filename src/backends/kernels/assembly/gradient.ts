// One shard of the PPO gradient: for each block gather, forward, loss, backward.
import {
  BLOCK, ROW, NET_OBSERVATION, NET_DISTRIBUTION, NET_ACTIONS, NET_PARAMETERS, NET_LOG_STD, NET_ACTOR_LAYERS,
  NET_CRITIC_LAYERS, NET_ACTOR, NET_FACTORS, actionRows, activationRows, choiceRows, criticLayers, factorSizes, field, forbid, observationRows, workArea,
} from './block';
import { HALF_LOG_2PI, gaussianLogProb } from './act';
import { add, exp, log, mac, mul, sub, splat, sumLanes, writeConstants } from './math';
import { pack } from './pack';
import { towerBackward, towerForward } from './tower';

// Sample rows of the loss.
@inline const ROW_ACTION: i32 = 0;
@inline const ROW_LOG_PROB: i32 = 1;
@inline const ROW_ADVANTAGE: i32 = 2;
@inline const ROW_RETURN: i32 = 3;
@inline const ROW_VALUE: i32 = 4;
@inline const ROW_MASK: i32 = 5; // all ones for samples, zero for padding
@inline const ROW_WEIGHT: i32 = 6; // d loss / d log-probability
@inline const ROW_NEW_LOG_PROB: i32 = 7;
@inline const ROW_STATS: i32 = 8; // six vectors of running sums

@inline function tally(scratch: usize, index: i32, v: v128, mask: v128): void {
  const at = scratch + <usize>(ROW_STATS * ROW + index * 16);
  v128.store(at, add(v128.load(at), v128.and(v, mask)));
}

@inline function row(scratch: usize, index: i32, at: usize): usize {
  return scratch + <usize>(index * ROW) + at;
}

function gather(
  scratch: usize, indices: usize, count: i32, columns: i32, stored: i32, rows: usize, actions: usize, logProbs: usize,
  advantages: usize, returns: usize, values: usize, advMean: f32, advInvStd: f32,
): void {
  for (let c = 0; c < columns; ++c) {
    const i = <usize>load<i32>(indices + (<usize>min(c, count - 1) << 2)) * 4;
    const at = <usize>c * 4;
    store<f32>(row(scratch, ROW_LOG_PROB, at), load<f32>(logProbs + i));
    store<f32>(row(scratch, ROW_ADVANTAGE, at), (load<f32>(advantages + i) - advMean) * advInvStd);
    store<f32>(row(scratch, ROW_RETURN, at), load<f32>(returns + i));
    store<f32>(row(scratch, ROW_VALUE, at), load<f32>(values + i));
    store<i32>(row(scratch, ROW_MASK, at), c < count ? -1 : 0);
    const source = actions + i * <usize>stored;
    for (let d = 0; d < stored; ++d) store<i32>(rows + <usize>(d * ROW) + at, load<i32>(source + <usize>d * 4));
  }
}

/** Surrogate loss of four samples: tallies the policy figures and returns d loss / d log-probability, 0 for padding. */
@inline function surrogate(scratch: usize, at: usize, logProb: v128, clipCoef: f32, invBatch: f32): v128 {
  const mask = v128.load(row(scratch, ROW_MASK, at));
  const advantage = v128.load(row(scratch, ROW_ADVANTAGE, at));
  const logRatio = sub(logProb, v128.load(row(scratch, ROW_LOG_PROB, at)));
  const ratio = exp(logRatio);
  const excess = sub(ratio, splat(1));
  const clipped = f32x4.pmax(f32x4.pmin(ratio, splat(<f32>1 + clipCoef)), splat(<f32>1 - clipCoef));
  const plain = f32x4.neg(mul(advantage, ratio));
  const bounded = f32x4.neg(mul(advantage, clipped));
  tally(scratch, 0, f32x4.pmax(plain, bounded), mask);
  tally(scratch, 3, f32x4.neg(logRatio), mask);
  tally(scratch, 4, sub(excess, logRatio), mask);
  tally(scratch, 5, v128.and(f32x4.gt(f32x4.abs(excess), splat(clipCoef)), splat(1)), mask);
  // Where the clipped surrogate is the larger one it is constant. A NaN is not smaller, so it passes.
  return v128.and(v128.andnot(mul(plain, splat(invBatch)), f32x4.lt(plain, bounded)), mask);
}

function categoricalLoss(
  scratch: usize, logits: usize, size: i32, columns: i32, invBatch: f32, clipCoef: f32, entCoef: f32,
): void {
  const weights = actionRows(scratch);
  const entropyWeight = splat(entCoef * invBatch);
  for (let c = 0; c < columns; c += 4) {
    const at = <usize>c * 4;
    const z = logits + at;
    const e = weights + at;
    const action = v128.load(row(scratch, ROW_ACTION, at));
    let top = v128.load(z);
    for (let k = 1; k < size; ++k) top = f32x4.pmax(top, v128.load(z + <usize>(k * ROW)));
    let total = splat(0);
    for (let k = 0; k < size; ++k) {
      const w = exp(sub(v128.load(z + <usize>(k * ROW)), top));
      v128.store(e + <usize>(k * ROW), w);
      total = add(total, w);
    }
    const logTotal = log(total);
    const inverse = f32x4.div(splat(1), total);
    let chosen = v128.load(z);
    let negative = splat(0); // -entropy
    for (let k = 0; k < size; ++k) {
      const logit = v128.load(z + <usize>(k * ROW));
      chosen = v128.bitselect(logit, chosen, i32x4.eq(action, i32x4.splat(k)));
      negative = mac(mul(v128.load(e + <usize>(k * ROW)), inverse), sub(sub(logit, top), logTotal), negative);
    }
    const mask = v128.load(row(scratch, ROW_MASK, at));
    tally(scratch, 2, f32x4.neg(negative), mask);
    const weight = surrogate(scratch, at, sub(sub(chosen, top), logTotal), clipCoef, invBatch);
    for (let k = 0; k < size; ++k) {
      const p = mul(v128.load(e + <usize>(k * ROW)), inverse);
      const logP = sub(sub(v128.load(z + <usize>(k * ROW)), top), logTotal);
      const one = v128.and(i32x4.eq(action, i32x4.splat(k)), splat(1));
      // d(-entCoef H)/d logit = entCoef p (log p + H)
      const entropyPart = v128.and(mul(mul(entropyWeight, p), sub(logP, negative)), mask);
      v128.store(z + <usize>(k * ROW), add(mul(weight, sub(one, p)), entropyPart));
    }
  }
}

/** Several independent choices: their log-probabilities add up to that of the action. */
function multiCategoricalLoss(
  network: usize, scratch: usize, logits: usize, columns: i32, invBatch: f32, clipCoef: f32, entCoef: f32,
): void {
  const factors = field(network, NET_FACTORS);
  const sizes = factorSizes(network);
  const choices = choiceRows(network, scratch);
  const weights = actionRows(scratch);
  const entropyWeight = splat(entCoef * invBatch);
  for (let c = 0; c < columns; c += 4) {
    const at = <usize>c * 4;
    const mask = v128.load(row(scratch, ROW_MASK, at));
    let logProb = splat(0);
    let negative = splat(0); // -entropy
    // First every choice's log-probabilities, in place of the logits, and probabilities.
    let z = logits + at;
    let e = weights + at;
    for (let f = 0; f < factors; ++f) {
      const size = load<i32>(sizes + (<usize>f << 2));
      const action = v128.load(choices + <usize>(f * ROW) + at);
      let top = v128.load(z);
      for (let k = 1; k < size; ++k) top = f32x4.pmax(top, v128.load(z + <usize>(k * ROW)));
      let total = splat(0);
      for (let k = 0; k < size; ++k) {
        const w = exp(sub(v128.load(z + <usize>(k * ROW)), top));
        v128.store(e + <usize>(k * ROW), w);
        total = add(total, w);
      }
      const logTotal = log(total);
      const inverse = f32x4.div(splat(1), total);
      let chosen = splat(0);
      for (let k = 0; k < size; ++k) {
        const logP = sub(sub(v128.load(z + <usize>(k * ROW)), top), logTotal);
        const p = mul(v128.load(e + <usize>(k * ROW)), inverse);
        v128.store(z + <usize>(k * ROW), logP);
        v128.store(e + <usize>(k * ROW), p);
        chosen = v128.bitselect(logP, chosen, i32x4.eq(action, i32x4.splat(k)));
        negative = mac(p, logP, negative);
      }
      // In the order in which acting adds them: the first ratio of a rollout is then exactly 1.
      logProb = f == 0 ? chosen : add(logProb, chosen);
      z += <usize>(size * ROW);
      e += <usize>(size * ROW);
    }
    tally(scratch, 2, f32x4.neg(negative), mask);
    const weight = surrogate(scratch, at, logProb, clipCoef, invBatch);
    z = logits + at;
    e = weights + at;
    for (let f = 0; f < factors; ++f) {
      const size = load<i32>(sizes + (<usize>f << 2));
      const action = v128.load(choices + <usize>(f * ROW) + at);
      let own = splat(0);
      for (let k = 0; k < size; ++k) {
        own = mac(v128.load(e + <usize>(k * ROW)), v128.load(z + <usize>(k * ROW)), own);
      }
      for (let k = 0; k < size; ++k) {
        const p = v128.load(e + <usize>(k * ROW));
        const one = v128.and(i32x4.eq(action, i32x4.splat(k)), splat(1));
        // d(-entCoef H)/d logit = entCoef p (log p + H), H of this choice
        const entropyPart = v128.and(mul(mul(entropyWeight, p), sub(v128.load(z + <usize>(k * ROW)), own)), mask);
        v128.store(z + <usize>(k * ROW), add(mul(weight, sub(one, p)), entropyPart));
      }
      z += <usize>(size * ROW);
      e += <usize>(size * ROW);
    }
  }
}

function gaussianLoss(
  scratch: usize, means: usize, size: i32, columns: i32, logStd: usize, logStdGradient: usize, invBatch: f32, clipCoef: f32,
  entCoef: f32,
): void {
  const actions = actionRows(scratch);
  for (let c = 0; c < columns; c += 4) v128.store(row(scratch, ROW_NEW_LOG_PROB, <usize>c * 4), splat(0));
  let entropy: f32 = 0;
  for (let d = 0; d < size; ++d) {
    const ls = v128.load32_splat(logStd + <usize>d * 4);
    entropy += load<f32>(logStd + <usize>d * 4) + (<f32>0.5 + HALF_LOG_2PI);
    const invStd = exp(f32x4.neg(ls));
    for (let c = 0; c < columns; c += 4) {
      const at = <usize>c * 4;
      const term = gaussianLogProb(
        v128.load(actions + <usize>(d * ROW) + at), v128.load(means + <usize>(d * ROW) + at), invStd, ls,
      );
      const sum = row(scratch, ROW_NEW_LOG_PROB, at);
      v128.store(sum, add(v128.load(sum), term));
    }
  }
  for (let c = 0; c < columns; c += 4) {
    const at = <usize>c * 4;
    const weight = surrogate(scratch, at, v128.load(row(scratch, ROW_NEW_LOG_PROB, at)), clipCoef, invBatch);
    v128.store(row(scratch, ROW_WEIGHT, at), weight);
    tally(scratch, 2, splat(entropy), v128.load(row(scratch, ROW_MASK, at)));
  }
  const entropyWeight = splat(entCoef * invBatch);
  for (let d = 0; d < size; ++d) {
    const invStd = exp(f32x4.neg(v128.load32_splat(logStd + <usize>d * 4)));
    let sum = splat(0);
    for (let c = 0; c < columns; c += 4) {
      const at = <usize>c * 4;
      const z = mul(sub(v128.load(actions + <usize>(d * ROW) + at), v128.load(means + <usize>(d * ROW) + at)), invStd);
      const weight = v128.load(row(scratch, ROW_WEIGHT, at));
      v128.store(means + <usize>(d * ROW) + at, mul(mul(weight, z), invStd));
      const entropyPart = v128.and(entropyWeight, v128.load(row(scratch, ROW_MASK, at)));
      sum = add(sum, sub(mul(weight, sub(mul(z, z), splat(1))), entropyPart));
    }
    const g = logStdGradient + <usize>d * 4;
    store<f32>(g, load<f32>(g) + sumLanes(sum));
  }
}

function valueLoss(scratch: usize, v: usize, columns: i32, invBatch: f32, clipCoef: f32, clipVloss: i32, vfCoef: f32): void {
  const scale = splat(vfCoef * invBatch);
  for (let c = 0; c < columns; c += 4) {
    const at = <usize>c * 4;
    const mask = v128.load(row(scratch, ROW_MASK, at));
    const target = v128.load(row(scratch, ROW_RETURN, at));
    const prediction = v128.load(v + at);
    const error = sub(prediction, target);
    let square = mul(error, error);
    let slope = error;
    if (clipVloss) {
      const old = v128.load(row(scratch, ROW_VALUE, at));
      const moved = sub(prediction, old);
      const limit = splat(clipCoef);
      const bounded = f32x4.pmax(f32x4.pmin(moved, limit), f32x4.neg(limit));
      const boundedError = sub(add(old, bounded), target);
      const boundedSquare = mul(boundedError, boundedError);
      // Outside the limit the clipped term is constant, so its gradient is 0 where it is the larger one.
      const outside = f32x4.gt(f32x4.abs(moved), limit);
      slope = v128.andnot(error, v128.and(outside, f32x4.lt(square, boundedSquare)));
      square = f32x4.pmax(square, boundedSquare);
    }
    tally(scratch, 1, mul(square, splat(0.5)), mask);
    v128.store(v + at, v128.and(mul(slope, scale), mask));
  }
}

export function gradient(
  network: usize, parameters: usize, scratch: usize, indices: usize, count: i32, observations: usize, mean: usize,
  invStd: usize, obsClip: f32, actions: usize, logProbs: usize, advantages: usize, returns: usize, values: usize, advMean: f32,
  advInvStd: f32, invBatch: f32, clipCoef: f32, clipVloss: i32, entCoef: f32, vfCoef: f32, gradient: usize, stats: usize,
  masks: usize,
): void {
  const observationSize = field(network, NET_OBSERVATION);
  const actionSize = field(network, NET_ACTIONS);
  const distribution = field(network, NET_DISTRIBUTION);
  const gaussian = distribution == 1;
  const stored = gaussian ? actionSize : distribution == 2 ? field(network, NET_FACTORS) : 1;
  const actionColumns =
    gaussian ? actionRows(scratch) : distribution == 2 ? choiceRows(network, scratch) : scratch + <usize>(ROW_ACTION * ROW);
  const logStd = <usize>field(network, NET_LOG_STD) << 2;
  const x = observationRows(network, scratch);
  const activations = activationRows(network, scratch);
  const work = workArea(network, scratch);
  writeConstants(work);
  memory.fill(gradient, 0, <usize>field(network, NET_PARAMETERS) * 4);
  for (let s = 0; s < 8; ++s) v128.store(scratch + <usize>(ROW_STATS * ROW + s * 16), splat(0));
  for (let start = 0; start < count; start += BLOCK) {
    const n = min(count - start, BLOCK);
    const columns = (n + 7) & ~7;
    const rows = indices + <usize>start * 4;
    pack(x, observations, observationSize, rows, n, columns, mean, invStd, obsClip);
    gather(
      scratch, rows, n, columns, stored, actionColumns, actions, logProbs, advantages, returns, values, advMean, advInvStd,
    );
    const actor = network + NET_ACTOR;
    const actorLayers = field(network, NET_ACTOR_LAYERS);
    const head = towerForward(actor, actorLayers, parameters, x, activations, columns, work);
    if (gaussian) {
      gaussianLoss(
        scratch, head, actionSize, columns, parameters + logStd, gradient + logStd, invBatch, clipCoef, entCoef,
      );
    } else {
      if (masks != 0) forbid(head, actionSize, n, masks, rows, 0);
      if (distribution == 2) multiCategoricalLoss(network, scratch, head, columns, invBatch, clipCoef, entCoef);
      else categoricalLoss(scratch, head, actionSize, columns, invBatch, clipCoef, entCoef);
    }
    towerBackward(actor, actorLayers, parameters, gradient, x, head, columns);
    const critic = criticLayers(network);
    const criticCount = field(network, NET_CRITIC_LAYERS);
    const v = towerForward(critic, criticCount, parameters, x, activations, columns, work);
    valueLoss(scratch, v, columns, invBatch, clipCoef, clipVloss, vfCoef);
    towerBackward(critic, criticCount, parameters, gradient, x, v, columns);
  }
  for (let s = 0; s < 8; ++s) {
    store<f32>(stats + <usize>s * 4, sumLanes(v128.load(scratch + <usize>(ROW_STATS * ROW + s * 16))));
  }
}
