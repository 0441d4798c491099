import { usageError } from '../core/errors.js';
import { didYouMean } from '../core/kwargs.js';
import type { Generator } from '../core/seeding/generator.js';
import { parameterLayout, parameterSlice } from './layout.js';
import type { Activation, Distribution, InitializerName, LayerSpec, NetworkSpec } from './spec.js';
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
  /** How weights are drawn; default 'orthogonal'. */
  readonly initializer?: InitializerName;
  /** Layers that do not learn: `actor` and `critic` whole, or `actor.0`, `critic.1`, ...; default none. */
  readonly freeze?: readonly string[];
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
 * @throws `INVALID_NETWORK` for impossible sizes, and for a layer to freeze that is not there.
 */
export function mlpNetwork(options: MlpOptions): NetworkSpec {
  const { observationSize, distribution, hidden = [64, 64], activation = 'tanh' } = options;
  const { hiddenGain = Math.SQRT2, actorGain = 0.01, criticGain = 1 } = options;
  const { initializer = 'orthogonal', freeze = [] } = options;
  const places = ['actor', 'critic'].flatMap((name) => [name, ...[...hidden, 0].map((_, k) => `${name}.${k}`)]);
  const unknown = freeze.find((place) => !places.includes(place));
  if (unknown !== undefined) {
    const expected = places.join(', ');
    const message = `there is no layer '${unknown}' to freeze. ${didYouMean(unknown, places)}`.trimEnd();
    throw usageError('INVALID_NETWORK', `${message} This network has: ${expected}.`, {
      field: 'freeze',
      expected,
      got: unknown,
    });
  }
  const dense = (place: string, units: number, of: Activation, gain: number): LayerSpec => ({
    type: 'dense',
    units,
    activation: of,
    init: { type: initializer, gain },
    ...(freeze.some((name) => name === place || place.startsWith(`${name}.`)) && { frozen: true }),
  });
  const tower = (name: string, units: number, gain: number): LayerSpec[] => [
    ...hidden.map((size, k): LayerSpec => dense(`${name}.${k}`, size, activation, hiddenGain)),
    dense(`${name}.${hidden.length}`, units, 'linear', gain),
  ];
  const outputs = distributionOutputs(distribution);
  const spec: NetworkSpec = {
    version: 1,
    observationSize,
    distribution,
    actor: tower('actor', outputs, actorGain),
    critic: tower('critic', 1, criticGain),
  };
  validateNetworkSpec(spec);
  return spec;
}

/** Draws a network's starting parameters, in the layout's order: float32, padding 0, the same for the same generator state. */
export function initialParameters(
  spec: NetworkSpec,
  generator: Pick<Generator, 'standardNormal' | 'random'>,
): Float32Array {
  const layout = parameterLayout(spec);
  const parameters = new Float32Array(layout.count);
  const tower = (name: string, layers: readonly LayerSpec[]): void => {
    layers.forEach((layer, index) => {
      if (layer.init.type === 'zeros') return;
      const { offset, shape } = parameterSlice(layout, `${name}.${index}.weight`);
      parameters.set(draw(layer.init.type, shape[0]!, shape[1]!, layer.init.gain, generator), offset);
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

/** Weights of a layer, [inputs, units]. */
function draw(
  type: InitializerName,
  inputs: number,
  units: number,
  gain: number,
  generator: Pick<Generator, 'standardNormal' | 'random'>,
): Float64Array {
  if (type === 'orthogonal') return orthogonal(inputs, units, gain, generator);
  const variance = type.startsWith('xavier') ? 2 / (inputs + units) : 1 / inputs;
  const weights = new Float64Array(inputs * units);
  if (type.endsWith('uniform')) {
    const bound = gain * Math.sqrt(3 * variance);
    for (let i = 0; i < weights.length; i++) weights[i] = bound * (2 * generator.random() - 1);
  } else {
    const std = gain * Math.sqrt(variance);
    for (let i = 0; i < weights.length; i++) weights[i] = std * generator.standardNormal();
  }
  return weights;
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
