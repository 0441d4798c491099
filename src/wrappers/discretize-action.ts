import type { Env } from '../core/env.js';
import { ActionWrapper } from '../core/wrapper.js';
import { newArray } from '../spaces/arrays.js';
import type { Box } from '../spaces/box.js';
import { Discrete } from '../spaces/discrete.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { DType, DTypes, Space } from '../spaces/space.js';
import { binCounts, binEdges, cellIndices, flatIndex } from './bins.js';
import { asBox, checkFlag, checkNames } from './options.js';
import { rounding } from './values.js';

/** How a discretizing wrapper is made. */
export interface DiscretizeOptions {
  /** Bins of every element, or of each. */
  readonly bins: number | readonly number[];
  /** Whether an index for each element is used instead of one number for all, false by default. */
  readonly multidiscrete?: boolean | undefined;
}

/** Takes the numbers of bins as actions; the env gets their centres. */
export class DiscretizeAction<Obs> extends ActionWrapper<Obs, number | Int32Array, unknown> {
  readonly actionSpace: Space<number | Int32Array>;
  readonly #box: Box<DType>;
  readonly #counts: readonly number[];
  readonly #centres: readonly (readonly number[])[];
  readonly #multi: boolean;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<Obs, unknown>, kwargs: DiscretizeOptions) {
    checkNames('DiscretizeAction', kwargs, ['bins', 'multidiscrete']);
    const { multidiscrete = false } = kwargs;
    checkFlag('DiscretizeAction', 'multidiscrete', multidiscrete);
    const box = asBox('DiscretizeAction', 'action', env.actionSpace);
    const counts = binCounts('DiscretizeAction', 'action', box, kwargs.bins);
    super(env, kwargs);
    const f = rounding(box.dtype);
    this.#box = box;
    this.#counts = counts;
    this.#multi = multidiscrete;
    this.#centres = counts.map((n, i) => {
      const edges = binEdges(box.low[i]!, box.high[i]!, n, box.dtype);
      return Array.from({ length: n }, (_, k) => f(0.5 * f(edges[k]! + edges[k + 1]!)));
    });
    const space = multidiscrete ? new MultiDiscrete(counts) : new Discrete(counts.reduce((a, b) => a * b, 1));
    this.actionSpace = space as unknown as Space<number | Int32Array>;
  }

  override action(action: number | Int32Array): DTypes[DType] {
    const indices = typeof action === 'number' ? cellIndices(action, this.#counts) : action;
    const values = newArray(this.#box.dtype, this.#box.size);
    for (let i = 0; i < values.length; i++) {
      values[i] = this.#centres[i]![Math.min(Math.max(indices[i]!, 0), this.#counts[i]! - 1)]!;
    }
    return values;
  }

  /** The bin whose centre is nearest to an action of the env. */
  revertAction(action: ArrayLike<number>): number | Int32Array {
    const indices = this.#centres.map((centres, i) => {
      const off = centres.map((centre) => Math.abs(centre - action[i]!));
      return off.indexOf(Math.min(...off));
    });
    return this.#multi ? Int32Array.from(indices) : flatIndex(indices, this.#counts);
  }
}
