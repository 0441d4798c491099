/**
 * Generalised advantage estimation (Schulman et al. 2016) over columns [T, N], for envs `first` to `first + count - 1`.
 *
 * A terminated step bootstraps nothing; a truncated one bootstraps the value of its final observation; the last row
 * bootstraps `values[T]`. The recursion stops at both flags. `rewards` are used as `reward * rewardScale`, clipped to
 * +- `rewardClip`. Writes advantages [T, N] and returns = advantages + values.
 */
export function generalizedAdvantages(
  columns: {
    readonly rewards: Float32Array;
    /** [T + 1, N] */
    readonly values: Float32Array;
    /** Bit 0 terminated, bit 1 truncated. */
    readonly flags: Uint8Array;
    readonly finalValues: Float32Array;
    readonly advantages: Float32Array | Float64Array;
    readonly returns: Float32Array | Float64Array;
  },
  shape: { readonly T: number; readonly N: number; readonly first: number; readonly count: number },
  settings: {
    readonly gamma: number;
    readonly gaeLambda: number;
    readonly rewardScale: number;
    readonly rewardClip: number;
  },
): void {
  const { rewards, values, flags, finalValues, advantages, returns } = columns;
  const { T, N, first, count } = shape;
  const { gamma, gaeLambda, rewardScale, rewardClip } = settings;
  for (let env = first; env < first + count; env++) {
    let advantage = 0;
    for (let t = T - 1; t >= 0; t--) {
      const at = t * N + env;
      const flag = flags[at]!;
      const scaled = rewards[at]! * rewardScale;
      const reward = scaled > rewardClip ? rewardClip : scaled < -rewardClip ? -rewardClip : scaled;
      const next = flag === 0 ? values[at + N]! : (flag & 1) !== 0 ? 0 : finalValues[at]!;
      const delta = reward + gamma * next - values[at]!;
      advantage = flag === 0 ? delta + gamma * gaeLambda * advantage : delta;
      advantages[at] = advantage;
      returns[at] = advantage + values[at]!;
    }
  }
}
