import type { RolloutColumns } from '../../../src/backends/kernels/reference/gradient.js';
import type { PpoBatch, PpoCoefficients } from '../../../src/network/reference.js';
import type { NetworkSpec } from '../../../src/network/spec.js';
import { actionWidth, choiceSizes } from '../../../src/network/validate.js';
import { type Arena, type Block, type Loaded, load, normals, seeded } from './harness.js';

/** Coefficients of the tests; an entropy weight large enough to show. */
export const COEFFICIENTS: PpoCoefficients = { clipCoef: 0.2, clipVloss: false, entCoef: 0.05, vfCoef: 0.5 };

/** A rollout of `rows` samples in an arena, with a random minibatch order. */
export interface Rollout {
  readonly loaded: Loaded;
  readonly rows: number;
  readonly observations: Block<Float32Array>;
  readonly actions: number;
  readonly logProbs: Block<Float32Array>;
  readonly advantages: Block<Float32Array>;
  readonly returns: Block<Float32Array>;
  readonly values: Block<Float32Array>;
  readonly indices: Block<Int32Array>;
  readonly gradient: Block<Float32Array>;
  readonly stats: Block<Float32Array>;
  readonly columns: RolloutColumns;
  readonly advantage: { mean: number; invStd: number };
  readonly invBatch: number;
  /** Overwrites actions and log-probabilities with those of the policy itself. */
  act(): void;
  /** Overwrites the columns with another batch, whose rows are then used in order. */
  store(batch: PpoBatch, advantage: { mean: number; invStd: number }): void;
}

/** Builds a rollout of random observations, actions near the policy's, advantages, returns and values. */
export function rollout(spec: NetworkSpec, rows: number, seed: number, arena: Arena): Rollout {
  const generator = seeded(seed);
  const loaded = load(spec, generator, arena);
  const size = spec.observationSize;
  const width = actionWidth(spec);
  const sizes = choiceSizes(spec.distribution);
  const categorical = sizes.length > 0;
  const observations = arena.floats(rows * size, normals(generator, rows * size, 1.2));
  const actions = categorical
    ? arena.ints(
        rows * width,
        Array.from({ length: rows * width }, (_, i) => generator.integers(0, sizes[i % width]!)),
      )
    : arena.floats(rows * width, normals(generator, rows * width));
  const column = (scale: number, center = 0): Block<Float32Array> =>
    arena.floats(
      rows,
      normals(generator, rows, scale).map((x) => x + center),
    );
  const logProbs = column(0.2, categorical ? -sizes.reduce((sum, n) => sum + Math.log(n), 0) : -1.4 * width);
  const advantages = column(2, 0.3);
  const returns = column(1);
  const values = column(1);
  const advantage = { mean: Math.fround(0.25), invStd: Math.fround(0.6) };
  const values64 = {
    observations: observations.view,
    actions: actions.view,
    logProbs: logProbs.view,
    advantages: advantages.view,
    returns: returns.view,
    values: values.view,
  };
  const indices = arena.ints(rows, generator.permutation(rows));
  return {
    loaded,
    rows,
    observations,
    actions: actions.pointer,
    logProbs,
    advantages,
    returns,
    values,
    indices,
    gradient: arena.floats(loaded.parameters.view.length),
    stats: arena.floats(8),
    columns: values64,
    advantage,
    invBatch: Math.fround(1 / 300),
    act(): void {
      const { kernels } = arena;
      // biome-ignore format: operands in the kernel's order
      kernels.act(loaded.network, loaded.parameters.pointer, loaded.scratch.pointer, observations.pointer, rows,
        loaded.mean.pointer, loaded.invStd.pointer, loaded.clip, actions.pointer, logProbs.pointer, values.pointer,
        1, 2, 0, 3, 4, 0);
    },
    store(batch: PpoBatch, use: { mean: number; invStd: number }): void {
      observations.view.set(batch.observations);
      actions.view.set(batch.actions);
      logProbs.view.set(batch.logProbs);
      advantages.view.set(batch.advantages);
      returns.view.set(batch.returns);
      values.view.set(batch.values);
      indices.view.forEach((_, i) => {
        indices.view[i] = i;
      });
      Object.assign(advantage, use);
    },
  };
}

/** Runs the kernel over `count` of the rollout's indices from `first` on; returns copies. */
export function runGradient(
  r: Rollout,
  count: number,
  coefficients: PpoCoefficients,
  first = 0,
): { gradient: Float32Array; stats: Float32Array } {
  const { loaded } = r;
  const { clipCoef, clipVloss, entCoef, vfCoef } = coefficients;
  // biome-ignore format: operands in the kernel's order
  loaded.arena.kernels.gradient(loaded.network, loaded.parameters.pointer, loaded.scratch.pointer,
    r.indices.pointer + first * 4, count, r.observations.pointer, loaded.mean.pointer, loaded.invStd.pointer, loaded.clip,
    r.actions, r.logProbs.pointer, r.advantages.pointer, r.returns.pointer, r.values.pointer, r.advantage.mean,
    r.advantage.invStd, r.invBatch, clipCoef, clipVloss ? 1 : 0, entCoef, vfCoef, r.gradient.pointer, r.stats.pointer);
  return { gradient: r.gradient.view.slice(), stats: r.stats.view.slice() };
}
