import type { Generator } from '../core/seeding/generator.js';
import { parameterLayout, parameterSlice } from './layout.js';
import type { Activation, Distribution, LayerSpec, NetworkSpec } from './spec.js';
import { distributionOutputs, validateNetworkSpec } from './validate.js';

/** Size and start of a multi-layer perceptron policy; see {@link mlpNetwork}. */
export interface MlpOptions {
  /** Length of the flattened observation. */
  readonly observationSize: number;
  readonly distribution: Distribution;
  /** Units of each hidden layer, the same for actor and critic; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Hidden activation; default 'tanh'. */
  readonly activation?: Exclude<Activation, 'linear'>;
  /** Gain of hidden layers; default sqrt(2). */
  readonly hiddenGain?: number;
  /** Gain of the policy head; default 0.01, so that the first policy is nearly uniform. */
  readonly actorGain?: number;
  /** Gain of the value head; default 1. */
  readonly criticGain?: number;
}

/**
 * Builds the network of the 37 PPO details: separate actor and critic towers, orthogonal weights, zero biases.
 *
 * @throws `INVALID_NETWORK` for impossible sizes.
 */
export function mlpNetwork(options: MlpOptions): NetworkSpec {
  const { observationSize, distribution, hidden = [64, 64], activation = 'tanh' } = options;
  const { hiddenGain = Math.SQRT2, actorGain = 0.01, criticGain = 1 } = options;
  const tower = (units: number, gain: number): LayerSpec[] => [
    ...hidden.map((size): LayerSpec => dense(size, activation, hiddenGain)),
    dense(units, 'linear', gain),
  ];
  const outputs = distributionOutputs(distribution);
  const spec: NetworkSpec = {
    version: 1,
    observationSize,
    distribution,
    actor: tower(outputs, actorGain),
    critic: tower(1, criticGain),
  };
  validateNetworkSpec(spec);
  return spec;
}

function dense(units: number, activation: Activation, gain: number): LayerSpec {
  return { type: 'dense', units, activation, init: { type: 'orthogonal', gain } };
}

/** Draws a network's starting parameters, in the layout's order: float32, padding 0, the same for the same generator state. */
export function initialParameters(spec: NetworkSpec, generator: Pick<Generator, 'standardNormal'>): Float32Array {
  const layout = parameterLayout(spec);
  const parameters = new Float32Array(layout.count);
  const tower = (name: string, layers: readonly LayerSpec[]): void => {
    layers.forEach((layer, index) => {
      if (layer.init.type === 'zeros') return;
      const { offset, shape } = parameterSlice(layout, `${name}.${index}.weight`);
      parameters.set(orthogonal(shape[0]!, shape[1]!, layer.init.gain, generator), offset);
    });
  };
  tower('actor', spec.actor);
  tower('critic', spec.critic);
  if (spec.distribution.type === 'gaussian') {
    const { offset, size } = parameterSlice(layout, 'logStd');
    parameters.fill(spec.distribution.logStdInit, offset, offset + size);
  }
  return parameters;
}

/**
 * Draws a random matrix of shape [rows, columns], row-major, whose shorter side is orthogonal: gain times the Q of a QR
 * decomposition of a normal matrix, with signs such that R's diagonal is positive (Saxe, McClelland, Ganguli 2014).
 */
export function orthogonal(
  rows: number,
  columns: number,
  gain: number,
  generator: Pick<Generator, 'standardNormal'>,
): Float64Array {
  const length = Math.max(rows, columns);
  const count = Math.min(rows, columns);
  // `count` vectors of `length`, one after another; Gram-Schmidt with positive norms is QR with the signs fixed.
  const q = new Float64Array(length * count);
  for (let i = 0; i < q.length; i += 1) q[i] = generator.standardNormal();
  for (let j = 0; j < count; j += 1) {
    const vector = q.subarray(j * length, (j + 1) * length);
    // The second pass removes what rounding left of the first.
    for (let pass = 0; pass < 2; pass += 1) {
      for (let k = 0; k < j; k += 1) {
        const base = q.subarray(k * length, (k + 1) * length);
        let dot = 0;
        for (let i = 0; i < length; i += 1) dot += base[i]! * vector[i]!;
        for (let i = 0; i < length; i += 1) vector[i] = vector[i]! - dot * base[i]!;
      }
    }
    let square = 0;
    for (let i = 0; i < length; i += 1) square += vector[i]! * vector[i]!;
    const inverse = 1 / Math.sqrt(square);
    for (let i = 0; i < length; i += 1) vector[i] = vector[i]! * inverse;
  }
  const matrix = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      matrix[r * columns + c] = gain * (rows >= columns ? q[c * length + r]! : q[r * length + c]!);
    }
  }
  return matrix;
}
