/** A trained policy in plain float64, for engines without the kernels: pages, and tests. */
import { usageError } from '../core/errors.js';
import { Box } from '../spaces/box.js';
import { likeliest } from '../spaces/choices.js';
import { Discrete } from '../spaces/discrete.js';
import { flattenInto } from '../spaces/flatten.js';
import { MultiBinary } from '../spaces/multi-binary.js';
import { MultiDiscrete } from '../spaces/multi-discrete.js';
import type { Space } from '../spaces/space.js';
import { parameterLayout } from './layout.js';
import { stateSize } from './plan.js';
import { evaluate, masked } from './reference.js';
import type { NetworkSpec } from './spec.js';
import { choiceSizes } from './validate.js';

/** Added to a variance before its root, as Gymnasium does. */
export const VARIANCE_EPSILON = 1e-8;

/** What a network is and what it is fed with. */
export interface ReferenceWeights {
  readonly network: NetworkSpec;
  /** In the layout of `parameterLayout`. */
  readonly parameters: ArrayLike<number>;
  /** Normalisation of observations; null where the run used none. */
  readonly normalization: {
    readonly mean: ArrayLike<number>;
    readonly variance: ArrayLike<number>;
    readonly clip: number;
  } | null;
}

/**
 * A policy's most likely action and its value estimate, one observation at a time. The kernels compute in float32, so two actions
 * that are almost equally likely may be chosen the other way round. A policy with a memory is shown every observation of an episode once,
 * in their order, and `begin()` before the first.
 */
export class ReferencePolicy {
  readonly #weights: ReferenceWeights;
  readonly #observationSpace: Space;
  readonly #actionSpace: Space;
  readonly #input: Float32Array;
  readonly #scaled: Float64Array;
  #memory: Float64Array;

  /** @throws `INVALID_POLICY` if there are too few or too many parameters; `INVALID_NETWORK`. */
  constructor(weights: ReferenceWeights, spaces: { readonly observation: Space; readonly action: Space }) {
    const { count } = parameterLayout(weights.network);
    if (weights.parameters.length !== count) {
      const got = String(weights.parameters.length);
      throw usageError('INVALID_POLICY', `this network has ${count} parameters, got ${got}.`, {
        expected: String(count),
        got,
      });
    }
    this.#weights = weights;
    this.#observationSpace = spaces.observation;
    this.#actionSpace = spaces.action;
    this.#input = new Float32Array(weights.network.observationSize);
    this.#scaled = new Float64Array(weights.network.observationSize);
    this.#memory = new Float64Array(stateSize(weights.network));
  }

  /** Whether what it decides depends on what it saw before. */
  get remembers(): boolean {
    return this.#memory.length > 0;
  }

  /** Forgets: an episode begins. */
  begin(): void {
    this.#memory = new Float64Array(this.#memory.length);
  }

  /**
   * The greedy action for an observation, a member of the action space, and the critic's value of it.
   * @param mask of allowed choices, 0 and 1, as `info.actionMask`.
   */
  decide(observation: unknown, mask?: ArrayLike<number> | null): { readonly action: unknown; readonly value: number } {
    const { network, parameters, normalization } = this.#weights;
    flattenInto(this.#observationSpace, observation, this.#input, 0);
    normaliseInto(normalization, this.#input, this.#scaled);
    const sequence = { steps: 1, state: this.#memory, starts: [0] };
    const { outputs, values, state } = evaluate(network, parameters, this.#scaled, sequence);
    this.#memory = state;
    const gaussian = network.distribution.type === 'gaussian';
    const numbers = gaussian
      ? outputs
      : likeliest(masked(outputs, mask ?? undefined, 0), choiceSizes(network.distribution));
    return { action: memberOf(this.#actionSpace, numbers), value: values[0]! };
  }
}

/** A flat observation as the network takes it, into `scaled`: statistics are float32, as in the kernels. */
export function normaliseInto(
  normalization: ReferenceWeights['normalization'],
  input: Float32Array,
  scaled: Float64Array,
): void {
  for (let k = 0; k < scaled.length; k++) {
    let x = input[k]!;
    if (normalization !== null) {
      const inverse = Math.fround(1 / Math.sqrt(normalization.variance[k]! + VARIANCE_EPSILON));
      x = (x - Math.fround(normalization.mean[k]!)) * inverse;
      x = Math.min(normalization.clip, Math.max(-normalization.clip, x));
    }
    scaled[k] = x;
  }
}

function memberOf(space: Space, numbers: ArrayLike<number>): unknown {
  if (space instanceof Discrete) return numbers[0]! + space.start;
  if (space instanceof MultiDiscrete) return Int32Array.from(numbers, (choice, k) => choice + space.start[k]!);
  if (space instanceof MultiBinary) return Int8Array.from(numbers);
  if (!(space instanceof Box)) {
    const got = String(space);
    throw usageError('INVALID_POLICY', `no network of this library acts in ${got}.`, { got });
  }
  const { low, high } = space as Box;
  const action = low.slice();
  for (let k = 0; k < action.length; k++) action[k] = Math.min(high[k]!, Math.max(low[k]!, numbers[k]!));
  return action;
}
