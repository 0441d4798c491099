/** A network's layers with their places, shapes and parameters: what every learner walks over. */
import { type GymkhanaError, usageError } from '../core/errors.js';
import type { DenseLayer, LayerSpec, NetworkSpec, RecurrentLayer } from './spec.js';

/** Flat [size], or a picture [C, H, W]. */
export type SampleShape = readonly number[];

/** A tensor of a layer. */
export interface ParameterPlan {
  /** `trunk.0.weight`, `actor.1.bias`, ... */
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer in its place. */
export interface LayerPlan {
  /** `trunk.0`; `trunk.3.1` is the second layer of a residual one. */
  readonly path: string;
  readonly layer: LayerSpec;
  /** Shape of one sample that goes in, and that comes out. */
  readonly input: SampleShape;
  readonly output: SampleShape;
  readonly parameters: readonly ParameterPlan[];
  /** Layers of a residual one. */
  readonly inner: readonly LayerPlan[];
}

/** The parts of a network, in the order of their parameters. */
export const PARTS = ['trunk', 'actor', 'critic'] as const;
export type Part = (typeof PARTS)[number];

export type NetworkPlan = Readonly<Record<Part, readonly LayerPlan[]>>;

/**
 * Plans a valid network; shapes that do not fit each other are found here.
 * @throws `INVALID_NETWORK` naming the layer.
 */
export function networkPlan(spec: NetworkSpec): NetworkPlan {
  const trunk = planLayers('trunk', spec.trunk ?? [], inputShape(spec));
  const between = trunk.at(-1)?.output ?? inputShape(spec);
  return {
    trunk,
    actor: planLayers('actor', spec.actor, between),
    critic: planLayers('critic', spec.critic, between),
  };
}

/** All layers, those of residual ones after them. */
export function everyLayer(plan: NetworkPlan): LayerPlan[] {
  const withInner = (layer: LayerPlan): LayerPlan[] => [layer, ...layer.inner.flatMap(withInner)];
  return PARTS.flatMap((part) => plan[part].flatMap(withInner));
}

/** Shape of an observation as the network sees it. */
export function inputShape({ picture, observationSize }: NetworkSpec): SampleShape {
  if (picture === undefined) return [observationSize];
  return [picture.frames * picture.channels, picture.height, picture.width];
}

/** Numbers in a sample. */
export function sizeOfShape(shape: SampleShape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Sizes of height and width after a window has walked over them. */
export function windowed(
  length: number,
  kernel: number,
  { stride, padding }: { readonly stride: number; readonly padding: number },
): number {
  return Math.floor((length + 2 * padding - kernel) / stride) + 1;
}

/** The layer with a memory; null if there is none. */
export function recurrentLayer(spec: NetworkSpec): RecurrentLayer | null {
  const layer = (spec.trunk ?? []).find(({ type }) => type === 'gru' || type === 'lstm');
  return layer === undefined ? null : (layer as RecurrentLayer);
}

/** Numbers in the memory of one env, S: hidden values, and an LSTM's cells after them; 0 without a memory. */
export function stateSize(spec: NetworkSpec): number {
  const layer = recurrentLayer(spec);
  return layer === null ? 0 : layer.units * (layer.type === 'lstm' ? 2 : 1);
}

/** The towers of a network that has nothing but dense layers of the kind that the SIMD kernels know; null for any other. */
export function plainTowers(
  spec: NetworkSpec,
): { readonly actor: readonly DenseLayer[]; readonly critic: readonly DenseLayer[] } | null {
  const { actor, critic, picture, trunk = [] } = spec;
  const plain = (layers: readonly LayerSpec[]): layers is readonly DenseLayer[] =>
    layers.every((layer) => layer.type === 'dense' && layer.activation !== 'silu' && layer.activation !== 'gelu');
  if (picture !== undefined || trunk.length > 0 || !plain(actor) || !plain(critic)) return null;
  return { actor, critic };
}

function planLayers(prefix: string, layers: readonly LayerSpec[], from: SampleShape): LayerPlan[] {
  let input = from;
  return layers.map((layer, index) => {
    const plan = planLayer(`${prefix}.${index}`, layer, input);
    input = plan.output;
    return plan;
  });
}

function planLayer(path: string, layer: LayerSpec, input: SampleShape): LayerPlan {
  const flat = input.length === 1;
  const size = sizeOfShape(input);
  const plan = (
    output: SampleShape,
    parameters: Readonly<Record<string, readonly number[]>> = {},
    inner: readonly LayerPlan[] = [],
  ): LayerPlan => ({
    path,
    layer,
    input,
    output,
    parameters: Object.entries(parameters).map(([name, shape]) => ({ name: `${path}.${name}`, shape })),
    inner,
  });
  switch (layer.type) {
    case 'dense':
      if (!flat) throw misfit(path, 'flat numbers to the dense layer: a flatten layer before it', input);
      return plan([layer.units], { weight: [size, layer.units], bias: [layer.units] });
    case 'conv2d':
    case 'maxPool': {
      const [channels, height, width] = input;
      if (flat) throw misfit(path, `a picture to the ${layer.type} layer`, input);
      const { kernel } = layer;
      const sides = [height!, width!].map((length) => windowed(length, kernel, layer));
      if (sides.some((side) => side < 1)) {
        throw misfit(path, `a picture of at least ${kernel} x ${kernel} with its padding, the window's size`, input);
      }
      if (layer.type === 'maxPool') return plan([channels!, ...sides]);
      const { filters } = layer;
      return plan([filters, ...sides], { weight: [filters, channels!, kernel, kernel], bias: [filters] });
    }
    case 'residual': {
      const inner = planLayers(path, layer.layers, input);
      const output = inner.at(-1)?.output ?? input;
      if (output.join() !== input.join()) {
        throw misfit(path, `layers of a residual one that keep its shape [${input.join(', ')}]`, output);
      }
      return plan(output, {}, inner);
    }
    case 'flatten':
      return plan([size]);
    case 'activation':
      return plan(input);
    case 'layerNorm':
      if (!flat) throw misfit(path, 'flat numbers to the layerNorm layer', input);
      return plan(input, { scale: [size], shift: [size] });
    case 'gru':
    case 'lstm': {
      if (!flat) throw misfit(path, `flat numbers to the ${layer.type} layer: a flatten layer before it`, input);
      const gates = layer.units * (layer.type === 'gru' ? 3 : 4);
      return plan([layer.units], {
        inputWeight: [size, gates],
        stateWeight: [layer.units, gates],
        inputBias: [gates],
        stateBias: [gates],
      });
    }
  }
}

function misfit(path: string, expected: string, shape: SampleShape): GymkhanaError {
  const got = `[${shape.join(', ')}]`;
  return usageError('INVALID_NETWORK', `network spec: ${path} should have ${expected}, but gets the shape ${got}.`, {
    field: path,
    expected,
    got,
    hint: 'Correct the network description, or build one with policyNetwork().',
  });
}
