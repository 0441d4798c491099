/**
 * Gymnasium's `BipedalWalkerHeuristics`, in the float32 arithmetic that NumPy gives it, so that it acts the same to the bit.
 * It has a memory: the gait goes on from one call to the next, and a new controller begins anew.
 */
import type { BipedalWalkerEnv } from './bipedal-walker.js';

const f32 = Math.fround;
const STAY_ON_ONE_LEG = 1;
const PUT_OTHER_DOWN = 2;
const PUSH_OFF = 3;
/** It falls forward at a higher speed. */
const SPEED = 0.29;
const SUPPORT_KNEE = f32(0.1);
const KNEE_RATE = f32(0.03);
const HIP_GAIN = f32(0.9);
const NONE = Number.NaN;

function clip1(value: number): number {
  return value > 1 ? 1 : value < -1 ? -1 : value;
}

/** 'gain * (target - angle) - 0.25 * speed', or 0 without a target; the original takes a target of 0 for none. */
function drive(target: number, gain: number, angle: number, speed: number): number {
  if (Number.isNaN(target) || target === 0) return 0;
  return f32(f32(gain * f32(f32(target) - angle)) - f32(0.25 * speed));
}

/** A slow walk in three states. The returned action is reused. */
export function heuristic(_env: BipedalWalkerEnv): (observation: Float32Array) => Float32Array {
  const action = new Float32Array(4);
  const hipTarget = [NONE, NONE];
  const kneeTarget = [NONE, NONE];
  let state = STAY_ON_ONE_LEG;
  let moving = 0;
  let supportingKnee = SUPPORT_KNEE;
  return (s) => {
    const supporting = 1 - moving;
    const movingBase = 4 + 5 * moving;
    const supportingBase = 4 + 5 * supporting;
    hipTarget.fill(NONE);
    kneeTarget.fill(NONE);
    if (state === STAY_ON_ONE_LEG) {
      hipTarget[moving] = 1.1;
      kneeTarget[moving] = -0.6;
      supportingKnee = f32(supportingKnee + KNEE_RATE);
      if (s[2]! > f32(SPEED)) supportingKnee = f32(supportingKnee + KNEE_RATE);
      supportingKnee = Math.min(supportingKnee, SUPPORT_KNEE);
      kneeTarget[supporting] = supportingKnee;
      if (s[supportingBase]! < f32(0.1)) state = PUT_OTHER_DOWN;
    }
    if (state === PUT_OTHER_DOWN) {
      hipTarget[moving] = 0.1;
      kneeTarget[moving] = SUPPORT_KNEE;
      kneeTarget[supporting] = supportingKnee;
      if (s[movingBase + 4] !== 0) {
        state = PUSH_OFF;
        supportingKnee = Math.min(s[movingBase + 2]!, SUPPORT_KNEE);
      }
    }
    if (state === PUSH_OFF) {
      kneeTarget[moving] = supportingKnee;
      kneeTarget[supporting] = 1;
      if (s[supportingBase + 2]! > f32(0.88) || s[2]! > f32(1.2 * SPEED)) {
        state = STAY_ON_ONE_LEG;
        moving = 1 - moving;
      }
    }
    // Keeps the head straight; and damps the vertical motion with the knees.
    const upright = f32(f32(HIP_GAIN * f32(0 - s[0]!)) - f32(1.5 * s[1]!));
    const damping = f32(15 * s[3]!);
    for (let k = 0; k < 2; k++) {
      const base = 4 + 5 * k;
      const hip = f32(drive(hipTarget[k]!, HIP_GAIN, s[base]!, s[base + 1]!) - upright);
      const knee = f32(drive(kneeTarget[k]!, 4, s[base + 2]!, s[base + 3]!) - damping);
      action[2 * k] = clip1(0.5 * hip);
      action[2 * k + 1] = clip1(0.5 * knee);
    }
    return action;
  };
}
