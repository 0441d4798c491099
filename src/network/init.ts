/** How the parameters of a network start. */
import type { Generator } from '../core/seeding/generator.js';
import { parameterLayout, parameterSlice } from './layout.js';
import { everyLayer, networkPlan } from './plan.js';
import type { InitializerName, NetworkSpec } from './spec.js';

export { type MlpOptions, mlpNetwork } from './build.js';

/** Draws a network's starting parameters, in the layout's order: float32, padding 0, the same for the same generator state. */
export function initialParameters(
  spec: NetworkSpec,
  generator: Pick<Generator, 'standardNormal' | 'random'>,
): Float32Array {
  const layout = parameterLayout(spec);
  const parameters = new Float32Array(layout.count);
  for (const { layer, path } of everyLayer(networkPlan(spec))) {
    if (layer.type === 'layerNorm') {
      const { offset, size } = parameterSlice(layout, `${path}.scale`);
      parameters.fill(1, offset, offset + size);
    }
    if (!('init' in layer) || layer.init.type === 'zeros') continue;
    const names = layer.type === 'gru' || layer.type === 'lstm' ? ['inputWeight', 'stateWeight'] : ['weight'];
    for (const name of names) {
      const { offset, shape } = parameterSlice(layout, `${path}.${name}`);
      parameters.set(draw(layer.init.type, shape, layer.init.gain, generator), offset);
    }
  }
  if (spec.distribution.type === 'gaussian') {
    const { offset, size } = parameterSlice(layout, 'logStd');
    parameters.fill(spec.distribution.logStdInit, offset, offset + size);
  }
  return parameters;
}

/** Weights of a layer: [inputs, units] of a matrix, [filters, C, kernel, kernel] of a convolution. */
function draw(
  type: InitializerName,
  shape: readonly number[],
  gain: number,
  generator: Pick<Generator, 'standardNormal' | 'random'>,
): Float64Array {
  const rest = shape.slice(1).reduce((product, length) => product * length, 1);
  if (type === 'orthogonal') return orthogonal(shape[0]!, rest, gain, generator);
  const area = shape.length === 4 ? shape[2]! * shape[3]! : 1;
  const [inputs, units] = shape.length === 4 ? [rest, shape[0]! * area] : [shape[0]!, rest];
  const variance = type.startsWith('xavier') ? 2 / (inputs + units) : 1 / inputs;
  const weights = new Float64Array(shape[0]! * rest);
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
    const before = squareOf(vector);
    removeParts(vector, q, j);
    let square = squareOf(vector);
    // Where little is left of a vector, so is what rounding left of its parts: twice is enough (Kahan, in Parlett 1980).
    if (square < before / 2) {
      removeParts(vector, q, j);
      square = squareOf(vector);
    }
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

function squareOf(vector: Float64Array): number {
  let square = 0;
  for (let i = 0; i < vector.length; i += 1) square += vector[i]! * vector[i]!;
  return square;
}

/** Takes from a vector its parts along the first `count` rows of `q`, of unit length: four at a time, for a sum waits for the one before. */
function removeParts(vector: Float64Array, q: Float64Array, count: number): void {
  const { length } = vector;
  const parts = new Float64Array(count);
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const [b0, b1, b2, b3] = [k * length, (k + 1) * length, (k + 2) * length, (k + 3) * length];
    let [d0, d1, d2, d3] = [0, 0, 0, 0];
    for (let i = 0; i < length; i += 1) {
      const x = vector[i]!;
      d0 += q[b0 + i]! * x;
      d1 += q[b1 + i]! * x;
      d2 += q[b2 + i]! * x;
      d3 += q[b3 + i]! * x;
    }
    parts.set([d0, d1, d2, d3], k);
  }
  for (; k < count; k += 1) {
    let dot = 0;
    for (let i = 0; i < length; i += 1) dot += q[k * length + i]! * vector[i]!;
    parts[k] = dot;
  }
  k = 0;
  for (; k + 4 <= count; k += 4) {
    const [b0, b1, b2, b3] = [k * length, (k + 1) * length, (k + 2) * length, (k + 3) * length];
    const [p0, p1, p2, p3] = [parts[k]!, parts[k + 1]!, parts[k + 2]!, parts[k + 3]!];
    for (let i = 0; i < length; i += 1) {
      vector[i] = vector[i]! - (p0 * q[b0 + i]! + p1 * q[b1 + i]! + p2 * q[b2 + i]! + p3 * q[b3 + i]!);
    }
  }
  for (; k < count; k += 1) {
    for (let i = 0; i < length; i += 1) vector[i] = vector[i]! - parts[k]! * q[k * length + i]!;
  }
}
