/** Layers in plain float64 TypeScript, forward and backward: the definition that learners are tested against. Nothing here is fast. */
import { type ParameterLayout, parameterSlice } from './layout.js';
import { type LayerPlan, type SampleShape, sizeOfShape } from './plan.js';
import type { Activation, PictureInput } from './spec.js';

type Numbers = ArrayLike<number>;

/** Sequences of a network with a memory: rows are sequence-major, [sequences, steps]. */
export interface Sequences {
  /** Steps in each sequence, L. */
  readonly steps: number;
  /** Memory before the first step, [sequences, S]. */
  readonly state: Numbers;
  /** [sequences, steps]: 1 where an episode begins, so that the memory is 0 before the row. */
  readonly starts: Numbers;
}

/** What layers need besides their input. */
export interface LayerContext {
  readonly layout: ParameterLayout;
  readonly parameters: Numbers;
  readonly sequences: Sequences | null;
}

/** What a layer gave, and the way back. */
export interface Trace {
  /** [rows, ...]. */
  readonly output: Float64Array;
  /** The memory after the last step, [sequences, S]; only of layers with one. */
  readonly state?: Float64Array;
  /** From slopes by the output to those by the input; adds those by parameters to `gradient`. */
  readonly back: (slope: Float64Array, gradient: Float64Array) => Float64Array;
}

/** Runs layers one after another on `input` [rows, ...]. */
export function runLayers(layers: readonly LayerPlan[], context: LayerContext, input: Numbers): Trace {
  const traces: Trace[] = [];
  let x = Float64Array.from(input);
  for (const layer of layers) {
    const trace = runLayer(layer, context, x);
    traces.push(trace);
    x = trace.output as Float64Array<ArrayBuffer>;
  }
  const state = traces.find((trace) => trace.state !== undefined)?.state;
  return {
    output: x,
    ...(state !== undefined && { state }),
    back: (slope, gradient) => traces.reduceRight((delta, trace) => trace.back(delta, gradient), slope),
  };
}

/** Pixels [rows, frames, H, W, C] from 0 to 255 as pictures [rows, frames C, H, W] from 0 to 1. */
export function pictureRows({ height, width, channels }: PictureInput, pixels: Numbers): Float64Array {
  const out = new Float64Array(pixels.length);
  const area = height * width;
  for (let at = 0; at < pixels.length; at++) {
    const c = at % channels;
    const place = Math.floor(at / channels) % area;
    // Frames follow each other over rows too, so that their number does not matter.
    const picture = Math.floor(at / (channels * area));
    out[(picture * channels + c) * area + place] = pixels[at]! / 255;
  }
  return out;
}

function runLayer(plan: LayerPlan, context: LayerContext, x: Float64Array): Trace {
  const { layer } = plan;
  switch (layer.type) {
    case 'dense':
      return activated(dense(plan, context, x), layer.activation);
    case 'conv2d':
      return activated(convolution(plan, context, x), layer.activation);
    case 'maxPool':
      return maxPool(plan, x);
    case 'residual': {
      const inner = runLayers(plan.inner, context, x);
      return {
        output: inner.output.map((y, k) => y + x[k]!),
        back: (slope, gradient) => inner.back(slope, gradient).map((d, k) => d + slope[k]!),
      };
    }
    case 'flatten':
      return { output: x, back: (slope) => slope };
    case 'activation':
      return activated({ output: x, back: (slope) => slope }, layer.activation);
    case 'layerNorm':
      return layerNorm(plan, context, x);
    case 'gru':
    case 'lstm':
      return recurrent(plan, context, x);
  }
}

function offsetOf({ layout }: LayerContext, { path }: LayerPlan, name: string): number {
  return parameterSlice(layout, `${path}.${name}`).offset;
}

function dense(plan: LayerPlan, context: LayerContext, x: Float64Array): Trace {
  const inputs = sizeOfShape(plan.input);
  const units = sizeOfShape(plan.output);
  const weight = offsetOf(context, plan, 'weight');
  const bias = offsetOf(context, plan, 'bias');
  return affine(context.parameters, x, inputs, units, weight, bias);
}

/** x W + b for `W` [inputs, units] and `b` [units] at their offsets. */
function affine(p: Numbers, x: Float64Array, inputs: number, units: number, weight: number, bias: number): Trace {
  const rows = x.length / inputs;
  const output = new Float64Array(rows * units);
  for (let b = 0; b < rows; b += 1) {
    for (let k = 0; k < units; k += 1) {
      let sum = p[bias + k]!;
      for (let i = 0; i < inputs; i += 1) sum += x[b * inputs + i]! * p[weight + i * units + k]!;
      output[b * units + k] = sum;
    }
  }
  return {
    output,
    back: (slope, gradient) => {
      const next = new Float64Array(x.length);
      for (let b = 0; b < rows; b += 1) {
        for (let k = 0; k < units; k += 1) {
          const d = slope[b * units + k]!;
          gradient[bias + k]! += d;
          for (let i = 0; i < inputs; i += 1) {
            gradient[weight + i * units + k]! += x[b * inputs + i]! * d;
            next[b * inputs + i]! += p[weight + i * units + k]! * d;
          }
        }
      }
      return next;
    },
  };
}

/** Calls `visit` for every window of every row: places of the output, and of the input where it is inside the picture. */
function overWindows(
  input: SampleShape,
  output: SampleShape,
  window: { readonly kernel: number; readonly stride: number; readonly padding: number },
  rows: number,
  visit: (row: number, at: number, down: number, across: number, inside: number) => void,
): void {
  const [, height, width] = input as [number, number, number];
  const [, outHeight, outWidth] = output as [number, number, number];
  const { kernel, stride, padding } = window;
  for (let row = 0; row < rows; row++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        for (let down = 0; down < kernel; down++) {
          for (let across = 0; across < kernel; across++) {
            const [i, j] = [y * stride - padding + down, x * stride - padding + across];
            if (i < 0 || j < 0 || i >= height || j >= width) continue;
            visit(row, y * outWidth + x, down, across, i * width + j);
          }
        }
      }
    }
  }
}

function convolution(plan: LayerPlan, context: LayerContext, x: Float64Array): Trace {
  const layer = plan.layer as Extract<LayerPlan['layer'], { type: 'conv2d' }>;
  const { filters, kernel } = layer;
  const p = context.parameters;
  const weight = offsetOf(context, plan, 'weight');
  const bias = offsetOf(context, plan, 'bias');
  const channels = plan.input[0]!;
  const area = sizeOfShape(plan.input) / channels;
  const outArea = sizeOfShape(plan.output) / filters;
  const rows = x.length / (channels * area);
  const output = new Float64Array(rows * filters * outArea);
  for (let k = 0; k < output.length; k++) output[k] = p[bias + (Math.floor(k / outArea) % filters)]!;
  const each = (visit: (source: number, target: number, at: number) => void): void =>
    overWindows(plan.input, plan.output, layer, rows, (row, place, down, across, inside) => {
      for (let f = 0; f < filters; f++) {
        for (let c = 0; c < channels; c++) {
          const at = weight + ((f * channels + c) * kernel + down) * kernel + across;
          visit((row * channels + c) * area + inside, (row * filters + f) * outArea + place, at);
        }
      }
    });
  each((source, target, at) => {
    output[target]! += x[source]! * p[at]!;
  });
  return {
    output,
    back: (slope, gradient) => {
      const next = new Float64Array(x.length);
      each((source, target, at) => {
        gradient[at]! += x[source]! * slope[target]!;
        next[source]! += p[at]! * slope[target]!;
      });
      for (let k = 0; k < slope.length; k++) gradient[bias + (Math.floor(k / outArea) % filters)]! += slope[k]!;
      return next;
    },
  };
}

/** The slope goes to the first of the largest, row by row. */
function maxPool(plan: LayerPlan, x: Float64Array): Trace {
  const layer = plan.layer as Extract<LayerPlan['layer'], { type: 'maxPool' }>;
  const channels = plan.input[0]!;
  const area = sizeOfShape(plan.input) / channels;
  const outArea = sizeOfShape(plan.output) / channels;
  const pictures = x.length / area;
  const output = new Float64Array(pictures * outArea).fill(Number.NEGATIVE_INFINITY);
  const from = new Int32Array(output.length);
  overWindows(plan.input, plan.output, layer, pictures, (picture, place, _down, _across, inside) => {
    const [source, target] = [picture * area + inside, picture * outArea + place];
    if (x[source]! > output[target]!) {
      output[target] = x[source]!;
      from[target] = source;
    }
  });
  return {
    output,
    back: (slope) => {
      const next = new Float64Array(x.length);
      for (let k = 0; k < slope.length; k++) next[from[k]!]! += slope[k]!;
      return next;
    },
  };
}

const NORM_EPSILON = 1e-5;

function layerNorm(plan: LayerPlan, context: LayerContext, x: Float64Array): Trace {
  const size = sizeOfShape(plan.input);
  const p = context.parameters;
  const scale = offsetOf(context, plan, 'scale');
  const shift = offsetOf(context, plan, 'shift');
  const rows = x.length / size;
  const normal = new Float64Array(x.length);
  const inverse = new Float64Array(rows);
  for (let b = 0; b < rows; b++) {
    const row = x.subarray(b * size, (b + 1) * size);
    const mean = row.reduce((sum, value) => sum + value, 0) / size;
    const variance = row.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / size;
    inverse[b] = 1 / Math.sqrt(variance + NORM_EPSILON);
    for (let k = 0; k < size; k++) normal[b * size + k] = (row[k]! - mean) * inverse[b]!;
  }
  return {
    output: normal.map((value, at) => value * p[scale + (at % size)]! + p[shift + (at % size)]!),
    back: (slope, gradient) => {
      const next = new Float64Array(x.length);
      for (let b = 0; b < rows; b++) {
        let sum = 0;
        let product = 0;
        for (let k = 0; k < size; k++) {
          const at = b * size + k;
          gradient[scale + k]! += slope[at]! * normal[at]!;
          gradient[shift + k]! += slope[at]!;
          const d = slope[at]! * p[scale + k]!;
          sum += d;
          product += d * normal[at]!;
        }
        for (let k = 0; k < size; k++) {
          const at = b * size + k;
          const d = slope[at]! * p[scale + k]!;
          next[at] = inverse[b]! * (d - sum / size - (normal[at]! * product) / size);
        }
      }
      return next;
    },
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** One step of a cell: the memory [S] after it, and the way back from slopes by that to those by the gates' sums and the memory before. */
interface CellStep {
  readonly state: Float64Array;
  readonly back: (slope: Float64Array) => {
    readonly byInput: Float64Array;
    readonly byState: Float64Array;
    /** What reaches the memory before beside the state's product. */
    readonly direct: Float64Array;
  };
}

/** `a` and `b` are the gates' sums [3 U] from input and memory: r, z, n. */
function gruStep(a: Float64Array, b: Float64Array, before: Float64Array): CellStep {
  const U = before.length;
  const r = before.map((_, k) => sigmoid(a[k]! + b[k]!));
  const z = before.map((_, k) => sigmoid(a[U + k]! + b[U + k]!));
  const n = before.map((_, k) => Math.tanh(a[2 * U + k]! + r[k]! * b[2 * U + k]!));
  return {
    state: before.map((h, k) => (1 - z[k]!) * n[k]! + z[k]! * h),
    back: (slope) => {
      const byInput = new Float64Array(3 * U);
      const byState = new Float64Array(3 * U);
      for (let k = 0; k < U; k++) {
        const dn = slope[k]! * (1 - z[k]!) * (1 - n[k]! * n[k]!);
        const dz = slope[k]! * (before[k]! - n[k]!) * z[k]! * (1 - z[k]!);
        const dr = dn * b[2 * U + k]! * r[k]! * (1 - r[k]!);
        byInput[k] = dr;
        byInput[U + k] = dz;
        byInput[2 * U + k] = dn;
        byState[k] = dr;
        byState[U + k] = dz;
        byState[2 * U + k] = dn * r[k]!;
      }
      return { byInput, byState, direct: slope.map((d, k) => d * z[k]!) };
    },
  };
}

/** The memory is [h, c]; gates i, f, g, o. */
function lstmStep(a: Float64Array, b: Float64Array, before: Float64Array): CellStep {
  const U = before.length / 2;
  const gate = (g: number, k: number): number => a[g * U + k]! + b[g * U + k]!;
  const units = Array.from({ length: U }, (_, k) => {
    const [i, f, g, o] = [sigmoid(gate(0, k)), sigmoid(gate(1, k)), Math.tanh(gate(2, k)), sigmoid(gate(3, k))];
    const c = f * before[U + k]! + i * g;
    return { i, f, g, o, c };
  });
  const state = new Float64Array(2 * U);
  units.forEach(({ o, c }, k) => {
    state[k] = o * Math.tanh(c);
    state[U + k] = c;
  });
  return {
    state,
    back: (slope) => {
      const byInput = new Float64Array(4 * U);
      const direct = new Float64Array(2 * U);
      units.forEach(({ i, f, g, o, c }, k) => {
        const t = Math.tanh(c);
        const dc = slope[U + k]! + slope[k]! * o * (1 - t * t);
        byInput[k] = dc * g * i * (1 - i);
        byInput[U + k] = dc * before[U + k]! * f * (1 - f);
        byInput[2 * U + k] = dc * i * (1 - g * g);
        byInput[3 * U + k] = slope[k]! * t * o * (1 - o);
        direct[U + k] = dc * f;
      });
      return { byInput, byState: byInput, direct };
    },
  };
}

function recurrent(plan: LayerPlan, context: LayerContext, x: Float64Array): Trace {
  const { sequences } = context;
  if (sequences === null) throw new Error('internal: a network with a memory needs its sequences');
  const cell = plan.layer.type === 'gru' ? gruStep : lstmStep;
  const p = context.parameters;
  const U = plan.output[0]!;
  const S = plan.layer.type === 'gru' ? U : 2 * U;
  const gates = U * (plan.layer.type === 'gru' ? 3 : 4);
  const { steps: L, starts } = sequences;
  const at = (name: string): number => offsetOf(context, plan, name);
  const sums = affine(p, x, plan.input[0]!, gates, at('inputWeight'), at('inputBias'));
  const rows = sums.output.length / gates;
  const n = rows / L;
  const output = new Float64Array(rows * U);
  const state = new Float64Array(n * S);
  const steps: { readonly cell: CellStep; readonly memory: Trace }[] = new Array(rows);
  for (let s = 0; s < n; s++) {
    let memory = Float64Array.from({ length: S }, (_, k) => sequences.state[s * S + k]!);
    for (let t = 0; t < L; t++) {
      const row = s * L + t;
      if (starts[row] === 1) memory = new Float64Array(S);
      const product = affine(p, memory.slice(0, U), U, gates, at('stateWeight'), at('stateBias'));
      const step = cell(sums.output.slice(row * gates, (row + 1) * gates), product.output, memory);
      steps[row] = { cell: step, memory: product };
      memory = step.state as Float64Array<ArrayBuffer>;
      output.set(memory.subarray(0, U), row * U);
    }
    state.set(memory, s * S);
  }
  return {
    output,
    state,
    back: (slope, gradient) => {
      const bySums = new Float64Array(rows * gates);
      for (let s = 0; s < n; s++) {
        let later = new Float64Array(S);
        for (let t = L - 1; t >= 0; t--) {
          const row = s * L + t;
          for (let k = 0; k < U; k++) later[k]! += slope[row * U + k]!;
          const { byInput, byState, direct } = steps[row]!.cell.back(later);
          bySums.set(byInput, row * gates);
          const before = steps[row]!.memory.back(Float64Array.from(byState), gradient);
          later = Float64Array.from(direct);
          for (let k = 0; k < U; k++) later[k]! += before[k]!;
          if (starts[row] === 1) later.fill(0);
        }
      }
      return sums.back(bySums, gradient);
    },
  };
}

function activated(trace: Trace, activation: Activation): Trace {
  if (activation === 'linear') return trace;
  const sums = trace.output;
  const output = sums.map((x) => activate(x, activation));
  return {
    output,
    back: (slope, gradient) =>
      trace.back(
        slope.map((d, k) => d * activationSlope(sums[k]!, activation)),
        gradient,
      ),
  };
}

const GELU = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

function activate(x: number, activation: Activation): number {
  switch (activation) {
    case 'tanh':
      return Math.tanh(x);
    case 'relu':
      return Math.max(x, 0);
    case 'silu':
      return x * sigmoid(x);
    case 'gelu':
      return 0.5 * x * (1 + Math.tanh(GELU * (x + GELU_CUBE * x * x * x)));
    case 'linear':
      return x;
  }
}

/** Slope of an activation at `x`. */
function activationSlope(x: number, activation: Activation): number {
  switch (activation) {
    case 'tanh': {
      const y = Math.tanh(x);
      return 1 - y * y;
    }
    case 'relu':
      return x > 0 ? 1 : 0;
    case 'silu': {
      const s = sigmoid(x);
      return s * (1 + x * (1 - s));
    }
    case 'gelu': {
      const t = Math.tanh(GELU * (x + GELU_CUBE * x * x * x));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU * (1 + 3 * GELU_CUBE * x * x);
    }
    case 'linear':
      return 1;
  }
}
