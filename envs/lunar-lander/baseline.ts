/** Gymnasium's `heuristic` for the lander, in the float32 arithmetic that NumPy gives it, so that it acts the same to the bit. */
import type { LunarLanderEnv } from './lunar-lander.js';

const f32 = Math.fround;
const MOST_TILT = f32(0.4);
const HOVER = f32(0.55);
const DEAD_BAND = f32(0.05);

function clip1(value: number): number {
  return value > 1 ? 1 : value < -1 ? -1 : value;
}

/** Points the lander at the pad and brakes in proportion to height and speed. The returned action is reused. */
export function heuristic(env: LunarLanderEnv): (observation: Float32Array) => number | Float32Array {
  const action = new Float32Array(2);
  const { continuous } = env.options;
  return (s) => {
    const x = s[0]!;
    let tilt = f32(f32(x * 0.5) + s[2]!);
    if (tilt > MOST_TILT) tilt = MOST_TILT;
    if (tilt < -MOST_TILT) tilt = -MOST_TILT;
    const height = f32(HOVER * Math.abs(x));
    let turn = f32(f32(f32(tilt - s[4]!) * 0.5) - s[5]!);
    let lift = f32(f32(f32(height - s[1]!) * 0.5) - f32(s[3]! * 0.5));
    if (s[6] !== 0 || s[7] !== 0) {
      turn = 0;
      lift = f32(-s[3]! * 0.5);
    }
    if (continuous) {
      action[0] = clip1(f32(f32(lift * 20) - 1));
      action[1] = clip1(0 - f32(turn * 20));
      return action;
    }
    if (lift > Math.abs(turn) && lift > DEAD_BAND) return 2;
    if (turn < -DEAD_BAND) return 3;
    return turn > DEAD_BAND ? 1 : 0;
  };
}
