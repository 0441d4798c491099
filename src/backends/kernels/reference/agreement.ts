/**
 * How far a kernel may be from its plain TypeScript reference, in one table. References compute in float64 from the same
 * float32 operands; `absolute` is the largest difference allowed for results of size up to 1, growing in proportion beyond
 * (|kernel - reference| <= absolute * max(1, |reference|)), unless `about` says otherwise. Philox words and permutations are equal.
 */
export const AGREEMENT = {
  exp: { absolute: 1.5e-7, about: 'relative' },
  log: { absolute: 6e-7, about: 'u in (0, 1]' },
  tanh: { absolute: 6e-7, about: 'relative' },
  sincos: { absolute: 1.5e-7, about: 'absolute' },
  values: { absolute: 1e-5, about: 'of a network with orthogonal weights and up to 3 hidden layers' },
  logProbs: { absolute: 3e-5, about: 'sum of up to 8 dimensions' },
  gaussianActions: { absolute: 1e-5, about: 'mean + std z' },
  categoricalActions: {
    absolute: 2e-6,
    about: 'probability: draws closer than this to a boundary may fall on either side',
  },
  gradient: { absolute: 5e-6, about: 'relative to the largest element of the gradient' },
  stats: { absolute: 2e-5, about: 'relative to the sum of magnitudes: mean per sample' },
  adamNorm: { absolute: 1e-6, about: 'relative' },
  adamMoments: { absolute: 1e-6, about: 'relative to the largest moment' },
  adamStep: { absolute: 2e-5, about: 'of the learning rate, plus rounding of the parameter (6e-8 relative)' },
  meanStd: { absolute: 1e-12, about: 'relative' },
} as const;
