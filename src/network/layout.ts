import { everyLayer, networkPlan } from './plan.js';
import type { NetworkSpec } from './spec.js';
import { validateNetworkSpec } from './validate.js';

/** One named tensor inside the flat parameter array. */
export interface ParameterSlice {
  /** `trunk.0.weight`, ..., `actor.0.weight`, `actor.0.bias`, ..., `critic.0.weight`, ..., `logStd`. */
  readonly name: string;
  /** Weights are [inputs, units] of dense and [filters, C, kernel, kernel] of conv2d layers, row-major; biases [units]; `logStd` [actions]. */
  readonly shape: readonly number[];
  /** First element, in floats; a multiple of 16. */
  readonly offset: number;
  /** Number of elements, padding not included. */
  readonly size: number;
}

/** Where the parameters of a network lie in its one flat Float32Array. */
export interface ParameterLayout {
  readonly slices: readonly ParameterSlice[];
  /** Floats in all, padding included; a multiple of 16. The padding is always 0. */
  readonly count: number;
}

/** Slices start at multiples of this many floats (64 bytes, a cache line), so that vector loads never straddle lines. */
export const ALIGNMENT = 16;

/**
 * Lays out a network's parameters: trunk, actor, critic, then `logStd` for a gaussian policy.
 *
 * @throws `INVALID_NETWORK` for an impossible spec.
 */
export function parameterLayout(spec: NetworkSpec): ParameterLayout {
  validateNetworkSpec(spec);
  const slices: ParameterSlice[] = [];
  let offset = 0;
  const push = (name: string, shape: readonly number[]): void => {
    const size = shape.reduce((product, length) => product * length, 1);
    slices.push({ name, shape, offset, size });
    offset += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  };
  for (const { parameters } of everyLayer(networkPlan(spec))) {
    for (const { name, shape } of parameters) push(name, shape);
  }
  if (spec.distribution.type === 'gaussian') push('logStd', [spec.distribution.size]);
  return { slices, count: offset };
}

/** The slices that do not learn: those of frozen layers. */
export function frozenSlices(spec: NetworkSpec, layout: ParameterLayout): readonly ParameterSlice[] {
  const frozen = everyLayer(networkPlan(spec)).flatMap(({ layer, parameters }) =>
    'frozen' in layer && layer.frozen === true ? parameters.map(({ name }) => name) : [],
  );
  return layout.slices.filter(({ name }) => frozen.includes(name));
}

/** The shape of a slice as operators on rows of samples take it: a vector is one row. */
export function tensorShape({ shape }: ParameterSlice): readonly number[] {
  return shape.length === 1 ? [1, ...shape] : shape;
}

/** Finds a slice by name; a name that is not there is a bug of the caller. */
export function parameterSlice(layout: ParameterLayout, name: string): ParameterSlice {
  const slice = layout.slices.find((candidate) => candidate.name === name);
  if (slice === undefined) throw new Error(`internal: no parameter slice '${name}'`);
  return slice;
}

/** A view of one slice of a flat parameter array; writes go through. */
export function parameterView(layout: ParameterLayout, parameters: Float32Array, name: string): Float32Array {
  const slice = parameterSlice(layout, name);
  return parameters.subarray(slice.offset, slice.offset + slice.size);
}
