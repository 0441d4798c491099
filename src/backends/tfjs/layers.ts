/**
 * A network's layers in TensorFlow.js operations, forward and back; `src/network/reference-layers.ts` is their definition. Pictures are [n, H, W, C]
 * here, which every backend knows. Slopes are written out: the WebAssembly backend lacks some of the automatic ones.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { type LayerPlan, type NetworkPlan, sizeOfShape } from '../../network/plan.js';
import type { Activation, NetworkSpec, PictureInput } from '../../network/spec.js';
import type { TensorFlow } from './load.js';

/** Sequences of a network with a memory; rows are sequence-major; an alias, because `tidy` takes no interfaces. */
export type SequenceTensors = {
  /** [sequences, S]. */
  readonly states: Tensor;
  /** [n, 1], 1 where an episode begins inside of a sequence. */
  readonly starts: Tensor;
};

/** What a network is run with. */
export interface LayerContext {
  readonly tf: TensorFlow;
  /** A slice of the parameters in its own shape. */
  readonly part: (name: string) => Tensor;
  readonly memory: SequenceTensors | null;
  /** Takes the slopes by the parameters, by the names of their slices. */
  readonly pieces: Map<string, Tensor>;
}

/** What layers gave, and the way from slopes by that to those by their input, or null where nobody wants these. */
interface Trace {
  readonly output: Tensor;
  readonly back: (slope: Tensor, wanted: boolean) => Tensor | null;
}

/** What both towers give, and the way back. */
export interface NetworkTrace {
  /** [n, A]. */
  readonly outputs: Tensor;
  /** [n, 1]. */
  readonly value: Tensor;
  /** From slopes by both heads to those by the parameters. */
  readonly back: (outputSlope: Tensor, valueSlope: Tensor) => void;
}

/** Runs trunk and towers on `observations` [n, O], normalised, or pixels from 0 to 255. */
export function runNetwork(
  context: LayerContext,
  spec: NetworkSpec,
  plan: NetworkPlan,
  observations: Tensor,
): NetworkTrace {
  const { tf } = context;
  const input = spec.picture === undefined ? observations : pictures(tf, spec.picture, observations);
  const trunk = runLayers(context, plan.trunk, input);
  const actor = runLayers(context, plan.actor, trunk.output);
  const critic = runLayers(context, plan.critic, trunk.output);
  const shared = plan.trunk.length > 0;
  return {
    outputs: actor.output,
    value: critic.output,
    back: (outputSlope, valueSlope) => {
      const byActor = actor.back(outputSlope, shared);
      const byCritic = critic.back(valueSlope, shared);
      if (byActor !== null && byCritic !== null) trunk.back(tf.add(byActor, byCritic), false);
    },
  };
}

function runLayers(context: LayerContext, layers: readonly LayerPlan[], input: Tensor): Trace {
  const traces: Trace[] = [];
  let x = input;
  for (const layer of layers) {
    const trace = runLayer(context, layer, x);
    traces.push(trace);
    x = trace.output;
  }
  return {
    output: x,
    back: (slope, wanted) =>
      traces.reduceRight<Tensor | null>((delta, trace, k) => trace.back(delta!, wanted || k > 0), slope),
  };
}

function runLayer(context: LayerContext, plan: LayerPlan, x: Tensor): Trace {
  const { tf } = context;
  const { layer } = plan;
  switch (layer.type) {
    case 'dense':
      return activated(tf, affine(context, x, `${plan.path}.weight`, `${plan.path}.bias`), layer.activation);
    case 'conv2d':
      return activated(tf, convolution(context, plan, layer, x), layer.activation);
    case 'maxPool':
      return maxPool(tf, plan, x);
    case 'residual': {
      const inner = runLayers(context, plan.inner, x);
      return {
        output: tf.add(x, inner.output),
        back: (slope, wanted) => {
          const byInner = inner.back(slope, wanted);
          return byInner === null ? null : tf.add(slope, byInner);
        },
      };
    }
    case 'flatten':
      return flattened(tf, plan, x);
    case 'activation':
      return activated(tf, { output: x, back: (slope) => slope }, layer.activation);
    case 'layerNorm':
      return layerNorm(context, plan, x);
    case 'gru':
    case 'lstm':
      return recurrent(context, plan, x);
  }
}

/** Pixels [n, frames H W C] as pictures [n, H, W, frames C] from 0 to 1. */
function pictures(tf: TensorFlow, { frames, height, width, channels }: PictureInput, pixels: Tensor): Tensor {
  const n = pixels.shape[0]!;
  const scaled = tf.div(pixels, 255);
  if (frames === 1) return tf.reshape(scaled, [n, height, width, channels]);
  const apart = tf.transpose(tf.reshape(scaled, [n, frames, height * width, channels]), [0, 2, 1, 3]);
  return tf.reshape(apart, [n, height, width, frames * channels]);
}

/** x W + b. */
function affine({ tf, part, pieces }: LayerContext, x: Tensor, weight: string, bias: string): Trace {
  return {
    output: tf.add(tf.matMul(x, part(weight)), part(bias)),
    back: (slope, wanted) => {
      // Transposes are explicit: WebAssembly takes a slow path for matMul's flags.
      pieces.set(weight, tf.matMul(tf.transpose(x), slope));
      pieces.set(bias, tf.sum(slope, 0));
      return wanted ? tf.matMul(slope, tf.transpose(part(weight))) : null;
    },
  };
}

function convolution(
  { tf, part, pieces }: LayerContext,
  { path }: LayerPlan,
  { kernel, stride, padding }: { readonly kernel: number; readonly stride: number; readonly padding: number },
  x: Tensor,
): Trace {
  type Picture = import('@tensorflow/tfjs-core').Tensor4D;
  const edge: [number, number] = [padding, padding];
  const padded = (padding === 0 ? x : tf.pad(x, [[0, 0], edge, edge, [0, 0]])) as Picture;
  const filter = tf.transpose(part(`${path}.weight`), [2, 3, 1, 0]) as Picture;
  return {
    output: tf.add(tf.conv2d(padded, filter, stride, 'valid'), part(`${path}.bias`)),
    back: (slope, wanted) => {
      pieces.set(`${path}.bias`, tf.sum(slope, [0, 1, 2]));
      // By the weights: a convolution of the input with the slopes, whose steps are the stride apart. Samples are its channels.
      const inputs = tf.transpose(padded, [3, 1, 2, 0]) as Picture;
      const slopes = tf.transpose(slope, [1, 2, 0, 3]) as Picture;
      const windows = tf.conv2d(inputs, slopes, 1, 'valid', 'NHWC', stride);
      const exact = tf.slice(windows, [0, 0, 0, 0], [windows.shape[0], kernel, kernel, windows.shape[3]]);
      pieces.set(`${path}.weight`, tf.transpose(exact, [3, 0, 1, 2]));
      if (!wanted) return null;
      const whole = tf.conv2dTranspose(slope as Picture, filter, padded.shape, stride, 'valid');
      return padding === 0 ? whole : tf.slice(whole, [0, padding, padding, 0], x.shape as number[]);
    },
  };
}

/** Of a max pool: the places of each window, and the windows' places that each place is in; places outside are one past the last. */
interface PoolTables {
  /** [windows, kernel²], into [H W + 1]. */
  readonly windows: Int32Array;
  /** [H W, most], into [windows kernel² + 1]. */
  readonly uses: Int32Array;
}
const tablesOf = new WeakMap<LayerPlan, PoolTables>();

function poolTables(plan: LayerPlan): PoolTables {
  const known = tablesOf.get(plan);
  if (known !== undefined) return known;
  const { kernel, stride, padding } = plan.layer as Extract<LayerPlan['layer'], { type: 'maxPool' }>;
  const [, height, width] = plan.input as [number, number, number];
  const [, outHeight, outWidth] = plan.output as [number, number, number];
  const windows = new Int32Array(outHeight * outWidth * kernel * kernel);
  const uses: number[][] = Array.from({ length: height * width }, () => []);
  for (let at = 0; at < windows.length; at++) {
    const place = Math.floor(at / (kernel * kernel));
    const [down, across] = [Math.floor(at / kernel) % kernel, at % kernel];
    const i = Math.floor(place / outWidth) * stride - padding + down;
    const j = (place % outWidth) * stride - padding + across;
    const inside = i >= 0 && j >= 0 && i < height && j < width;
    windows[at] = inside ? i * width + j : height * width;
    if (inside) uses[i * width + j]!.push(at);
  }
  const most = Math.max(...uses.map((list) => list.length));
  const padded = uses.flatMap((list) => Array.from({ length: most }, (_, k) => list[k] ?? windows.length));
  const tables = { windows, uses: Int32Array.from(padded) };
  tablesOf.set(plan, tables);
  return tables;
}

/** The slope goes to the first of the largest, row by row. */
function maxPool(tf: TensorFlow, plan: LayerPlan, x: Tensor): Trace {
  const { windows, uses } = poolTables(plan);
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  const [, outHeight, outWidth] = plan.output as [number, number, number];
  const area = height * width;
  const places = outHeight * outWidth;
  const kernel = windows.length / places;
  const withEdge = tf.concat([tf.reshape(x, [n, area, channels]), tf.fill([n, 1, channels], -3e38)], 1);
  const gathered = tf.reshape(tf.gather(withEdge, tf.tensor1d(windows, 'int32'), 1), [n, places, kernel, channels]);
  return {
    output: tf.reshape(tf.max(gathered, 2), [n, outHeight, outWidth, channels]),
    back: (slope, wanted) => {
      if (!wanted) return null;
      const largest = tf.reshape(tf.argMax(gathered, 2), [n * places * channels]);
      const chosen = tf.reshape(tf.cast(tf.oneHot(largest, kernel), 'float32'), [n, places, channels, kernel]);
      const spread = tf.mul(chosen, tf.reshape(slope, [n, places, channels, 1]));
      const rows = tf.reshape(tf.transpose(spread, [0, 1, 3, 2]), [n, places * kernel, channels]);
      const withZero = tf.concat([rows, tf.zeros([n, 1, channels])], 1);
      const used = tf.gather(withZero, tf.tensor1d(uses, 'int32'), 1);
      const sums = tf.sum(tf.reshape(used, [n, area, uses.length / area, channels]), 2);
      return tf.reshape(sums, [n, height, width, channels]);
    },
  };
}

/** [n, H, W, C] as [n, C H W]. */
function flattened(tf: TensorFlow, plan: LayerPlan, x: Tensor): Trace {
  if (plan.input.length === 1) return { output: x, back: (slope) => slope };
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  return {
    output: tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [n, sizeOfShape(plan.input)]),
    back: (slope) => tf.transpose(tf.reshape(slope, [n, channels, height, width]), [0, 2, 3, 1]),
  };
}

const NORM_EPSILON = 1e-5;

function layerNorm({ tf, part, pieces }: LayerContext, { path }: LayerPlan, x: Tensor): Trace {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), NORM_EPSILON));
  const normal = tf.div(centred, deviation);
  const scale = part(`${path}.scale`);
  return {
    output: tf.add(tf.mul(normal, scale), part(`${path}.shift`)),
    back: (slope, wanted) => {
      pieces.set(`${path}.scale`, tf.sum(tf.mul(slope, normal), 0));
      pieces.set(`${path}.shift`, tf.sum(slope, 0));
      if (!wanted) return null;
      const d = tf.mul(slope, scale);
      const along = tf.mul(normal, tf.mean(tf.mul(d, normal), 1, true));
      return tf.div(tf.sub(tf.sub(d, tf.mean(d, 1, true)), along), deviation);
    },
  };
}

/** One step of a cell: the memory [sequences, S] after it, and slopes by the gates' sums and by the memory before, from those by the memory after. */
interface CellStep {
  readonly state: Tensor;
  readonly back: (slope: Tensor) => { readonly byInput: Tensor; readonly byState: Tensor; readonly direct: Tensor };
}

/** Columns `k` U to (k + 1) U. */
function unitsOf(tf: TensorFlow, x: Tensor, k: number, U: number): Tensor {
  return tf.slice(x, [0, k * U], [x.shape[0]!, U]);
}

/** `a` and `b` are the gates' sums from input and memory: r, z, n. */
function gruStep(tf: TensorFlow, a: Tensor, b: Tensor, before: Tensor): CellStep {
  const U = before.shape[1]!;
  const gate = (k: number): Tensor => tf.sigmoid(tf.add(unitsOf(tf, a, k, U), unitsOf(tf, b, k, U)));
  const inner = unitsOf(tf, b, 2, U);
  const r = gate(0);
  const z = gate(1);
  const n = tf.tanh(tf.add(unitsOf(tf, a, 2, U), tf.mul(r, inner)));
  return {
    state: tf.add(n, tf.mul(z, tf.sub(before, n))),
    back: (slope) => {
      const dn = tf.mul(tf.mul(slope, tf.sub(1, z)), tf.sub(1, tf.square(n)));
      const dz = tf.mul(tf.mul(slope, tf.sub(before, n)), tf.mul(z, tf.sub(1, z)));
      const dr = tf.mul(tf.mul(dn, inner), tf.mul(r, tf.sub(1, r)));
      return {
        byInput: tf.concat([dr, dz, dn], 1),
        byState: tf.concat([dr, dz, tf.mul(dn, r)], 1),
        direct: tf.mul(slope, z),
      };
    },
  };
}

/** The memory is [h, c]; gates i, f, g, o. */
function lstmStep(tf: TensorFlow, a: Tensor, b: Tensor, before: Tensor): CellStep {
  const U = before.shape[1]! / 2;
  const sum = tf.add(a, b);
  const gate = (k: number): Tensor => tf.sigmoid(unitsOf(tf, sum, k, U));
  const [i, f, o] = [gate(0), gate(1), gate(3)] as const;
  const g = tf.tanh(unitsOf(tf, sum, 2, U));
  const cells = unitsOf(tf, before, 1, U);
  const c = tf.add(tf.mul(f, cells), tf.mul(i, g));
  const t = tf.tanh(c);
  const slopeOf = (x: Tensor): Tensor => tf.mul(x, tf.sub(1, x));
  return {
    state: tf.concat([tf.mul(o, t), c], 1),
    back: (slope) => {
      const byHidden = unitsOf(tf, slope, 0, U);
      const dc = tf.add(unitsOf(tf, slope, 1, U), tf.mul(tf.mul(byHidden, o), tf.sub(1, tf.square(t))));
      const byInput = tf.concat(
        [
          tf.mul(tf.mul(dc, g), slopeOf(i)),
          tf.mul(tf.mul(dc, cells), slopeOf(f)),
          tf.mul(tf.mul(dc, i), tf.sub(1, tf.square(g))),
          tf.mul(tf.mul(byHidden, t), slopeOf(o)),
        ],
        1,
      );
      return { byInput, byState: byInput, direct: tf.concat([tf.zerosLike(byHidden), tf.mul(dc, f)], 1) };
    },
  };
}

function recurrent(context: LayerContext, plan: LayerPlan, x: Tensor): Trace {
  const { tf, part, pieces, memory } = context;
  if (memory === null) throw new Error('internal: a network with a memory needs its sequences');
  const { path } = plan;
  const U = plan.output[0]!;
  const lstm = plan.layer.type === 'lstm';
  const cell = lstm ? lstmStep : gruStep;
  const gates = U * (lstm ? 4 : 3);
  const [Q, S] = memory.states.shape as [number, number];
  const n = x.shape[0]!;
  const L = n / Q;
  const sums = affine(context, x, `${path}.inputWeight`, `${path}.inputBias`);
  const bySequence = tf.reshape(sums.output, [Q, L * gates]);
  const keep = tf.reshape(tf.sub(1, memory.starts), [Q, L]);
  const stateWeight = part(`${path}.stateWeight`);
  const hiddenOf = (state: Tensor): Tensor => (lstm ? tf.slice(state, [0, 0], [Q, U]) : state);
  const steps: { readonly cell: CellStep; readonly hidden: Tensor; readonly kept: Tensor }[] = [];
  let state = memory.states;
  for (let t = 0; t < L; t++) {
    const kept = tf.slice(keep, [0, t], [Q, 1]);
    const before = tf.mul(state, kept);
    const hidden = hiddenOf(before);
    const b = tf.add(tf.matMul(hidden, stateWeight), part(`${path}.stateBias`));
    const step = cell(tf, unitsOf(tf, bySequence, t, gates), b, before);
    steps.push({ cell: step, hidden, kept });
    state = step.state;
  }
  const outputs = steps.map((step) => hiddenOf(step.cell.state));
  return {
    output: tf.reshape(tf.concat(outputs, 1), [n, U]),
    back: (slope, wanted) => {
      const slopes = tf.reshape(slope, [Q, L * U]);
      const transposed = tf.transpose(stateWeight);
      const none = tf.zeros([Q, S - U]);
      const wide = (byHidden: Tensor): Tensor => (lstm ? tf.concat([byHidden, none], 1) : byHidden);
      const byInputs: Tensor[] = [];
      const byStates: Tensor[] = [];
      let later: Tensor = tf.zeros([Q, S]);
      for (let t = L - 1; t >= 0; t--) {
        const { cell: step, kept } = steps[t]!;
        const { byInput, byState, direct } = step.back(tf.add(later, wide(unitsOf(tf, slopes, t, U))));
        byInputs.unshift(byInput);
        byStates.unshift(byState);
        later = tf.mul(tf.add(direct, wide(tf.matMul(byState, transposed))), kept);
      }
      const all = tf.concat(byStates, 0);
      const hidden = tf.concat(
        steps.map((step) => step.hidden),
        0,
      );
      pieces.set(`${path}.stateWeight`, tf.matMul(tf.transpose(hidden), all));
      pieces.set(`${path}.stateBias`, tf.sum(all, 0));
      return sums.back(tf.reshape(tf.concat(byInputs, 1), [n, gates]), wanted);
    },
  };
}

function activated(tf: TensorFlow, trace: Trace, activation: Activation): Trace {
  const x = trace.output;
  const through = (output: Tensor, slopeOf: () => Tensor): Trace => ({
    output,
    back: (slope, wanted) => trace.back(tf.mul(slope, slopeOf()), wanted),
  });
  switch (activation) {
    case 'linear':
      return trace;
    case 'tanh': {
      const y = tf.tanh(x);
      return through(y, () => tf.sub(1, tf.square(y)));
    }
    case 'relu': {
      const y = tf.relu(x);
      return through(y, () => tf.cast(tf.greater(y, 0), 'float32'));
    }
    case 'silu': {
      const s = tf.sigmoid(x);
      return through(tf.mul(x, s), () => tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1)));
    }
    case 'gelu':
      return gelu(tf, x, through);
  }
}

const GELU = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

/** 0.5 x (1 + tanh(u)) with u = sqrt(2 / pi) (x + 0.044715 x³). */
function gelu(tf: TensorFlow, x: Tensor, through: (output: Tensor, slopeOf: () => Tensor) => Trace): Trace {
  const square = tf.square(x);
  const t = tf.tanh(tf.mul(tf.mul(x, tf.add(tf.mul(square, GELU_CUBE), 1)), GELU));
  const half = tf.mul(x, 0.5);
  return through(tf.mul(half, tf.add(t, 1)), () => {
    const slopeOfU = tf.mul(tf.add(tf.mul(square, 3 * GELU_CUBE), 1), GELU);
    return tf.add(tf.mul(tf.add(t, 1), 0.5), tf.mul(tf.mul(half, tf.sub(1, tf.square(t))), slopeOfU));
  });
}
