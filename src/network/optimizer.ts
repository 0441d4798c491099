/** Global-norm clipping and Adam in plain float64 TypeScript, the definition that the kernels are tested against. */

/** Adam's settings and state; `step` counts the updates done. */
export interface AdamState {
  readonly firstMoments: Float64Array;
  readonly secondMoments: Float64Array;
  step: number;
}

/** Settings of an update; defaults of PPO are learning rate 2.5e-4, betas 0.9 and 0.999, epsilon 1e-5. */
export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Moments of `count` parameters before the first update. */
export function adamState(count: number): AdamState {
  return { firstMoments: new Float64Array(count), secondMoments: new Float64Array(count), step: 0 };
}

/** Scales `gradient` in place by min(1, maxNorm / (norm + 1e-6)), as PyTorch does, and returns the norm before. */
export function clipGlobalNorm(gradient: Float64Array, maxNorm: number): number {
  let squares = 0;
  for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  if (maxNorm === Number.POSITIVE_INFINITY) return norm;
  const scale = maxNorm / (norm + 1e-6);
  if (scale < 1) for (let i = 0; i < gradient.length; i += 1) gradient[i] = gradient[i]! * scale;
  return norm;
}

/** One Adam update in place (Kingma and Ba 2015, with PyTorch's place of epsilon). */
export function adamStep(
  parameters: Float64Array,
  gradient: ArrayLike<number>,
  state: AdamState,
  options: AdamOptions,
): void {
  const { learningRate, beta1, beta2, epsilon } = options;
  state.step += 1;
  const correction1 = 1 - beta1 ** state.step;
  const correction2 = 1 - beta2 ** state.step;
  for (let i = 0; i < parameters.length; i += 1) {
    const g = gradient[i]!;
    const m = beta1 * state.firstMoments[i]! + (1 - beta1) * g;
    const v = beta2 * state.secondMoments[i]! + (1 - beta2) * g * g;
    state.firstMoments[i] = m;
    state.secondMoments[i] = v;
    const denominator = Math.sqrt(v) / Math.sqrt(correction2) + epsilon;
    parameters[i] = parameters[i]! - (learningRate / correction1) * (m / denominator);
  }
}
