import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import { newArray } from '../spaces/arrays.js';
import type { Box } from '../spaces/box.js';
import { Discrete } from '../spaces/discrete.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { binCounts, binEdges, cellIndices, flatIndex } from './bins.js';
import type { DiscretizeOptions } from './discretize-action.js';
import { asBox, checkFlag, checkNames } from './options.js';
import { rounding } from './values.js';

/** Hands out the bins that Box observations fall into. */
export class DiscretizeObservation<Act> extends ObservationWrapper<number | Int32Array, Act, unknown> {
  readonly observationSpace: Space<number | Int32Array>;
  readonly #box: Box<DType>;
  readonly #counts: readonly number[];
  readonly #edges: readonly (readonly number[])[];
  readonly #multi: boolean;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<unknown, Act>, kwargs: DiscretizeOptions) {
    checkNames('DiscretizeObservation', kwargs, ['bins', 'multidiscrete']);
    const { multidiscrete = false } = kwargs;
    checkFlag('DiscretizeObservation', 'multidiscrete', multidiscrete);
    const box = asBox('DiscretizeObservation', 'observation', env.observationSpace);
    const counts = binCounts('DiscretizeObservation', 'observation', box, kwargs.bins);
    super(env, kwargs);
    this.#box = box;
    this.#counts = counts;
    this.#multi = multidiscrete;
    this.#edges = counts.map((n, i) => binEdges(box.low[i]!, box.high[i]!, n, box.dtype));
    const space = multidiscrete ? new MultiDiscrete(counts) : new Discrete(counts.reduce((a, b) => a * b, 1));
    this.observationSpace = space as unknown as Space<number | Int32Array>;
  }

  override observation(observation: unknown): number | Int32Array {
    const values = observation as ArrayLike<number>;
    const { low, high, dtype } = this.#box;
    const f = rounding(dtype);
    const indices = this.#counts.map((n, i) => {
      const value = Math.min(Math.max(values[i]!, low[i]!), f(high[i]! - f(1e-8)));
      const edges = this.#edges[i]!;
      let bin = 0;
      while (bin < n - 1 && value >= edges[bin + 1]!) bin++;
      return bin;
    });
    return this.#multi ? Int32Array.from(indices) : flatIndex(indices, this.#counts);
  }

  /** The lower and upper edges of the bins that an observation names. */
  revertObservation(observation: number | Int32Array): readonly [DTypes[DType], DTypes[DType]] {
    const indices = typeof observation === 'number' ? cellIndices(observation, this.#counts) : observation;
    const [lows, highs] = [newArray(this.#box.dtype, this.#box.size), newArray(this.#box.dtype, this.#box.size)];
    this.#edges.forEach((edges, i) => {
      lows[i] = edges[indices[i]!]!;
      highs[i] = edges[indices[i]! + 1]!;
    });
    return [lows, highs];
  }
}
