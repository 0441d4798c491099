import { type GymkhanaError, usageError } from '../core/errors.js';
import { everyLayer, networkPlan, sizeOfShape } from './plan.js';
import { ACTIVATIONS, type Distribution, INITIALIZERS, type LayerSpec, type NetworkSpec } from './spec.js';

const LAYERS: readonly LayerSpec['type'][] = [
  'dense',
  'conv2d',
  'maxPool',
  'residual',
  'flatten',
  'activation',
  'layerNorm',
  'gru',
  'lstm',
];

/**
 * Checks a network spec, which may come from a file or from a caller without types.
 *
 * @throws `INVALID_NETWORK` naming the field, what it should be and what it is.
 */
export function validateNetworkSpec(spec: NetworkSpec): void {
  if (typeof spec !== 'object' || spec === null) throw invalid('spec', 'an object', spec);
  if (spec.version !== 1) throw invalid('version', '1', spec.version);
  requireCount('observationSize', spec.observationSize);
  validatePicture(spec);
  const head = distributionSize(spec);
  if (spec.trunk !== undefined) validateLayers('trunk', spec.trunk);
  validateTower('actor', spec.actor, head);
  validateTower('critic', spec.critic, 1);
  networkPlan(spec);
}

function validatePicture({ picture, observationSize }: NetworkSpec): void {
  if (picture === undefined) return;
  if (typeof picture !== 'object' || picture === null) throw invalid('picture', 'an object or absent', picture);
  const { frames, height, width, channels } = picture;
  for (const [name, value] of Object.entries({ frames, height, width, channels })) {
    requireCount(`picture.${name}`, value);
  }
  const pixels = frames * height * width * channels;
  if (pixels !== observationSize) {
    throw invalid('observationSize', `frames x height x width x channels of the picture, ${pixels}`, observationSize);
  }
}

/** Number of outputs of the actor's head: logits of choices, means of a gaussian. */
export function actorOutputs(spec: NetworkSpec): number {
  return distributionOutputs(spec.distribution);
}

/** Multiply-adds of one observation's forward pass through the whole network. */
export function multiplyAdds(spec: NetworkSpec): number {
  return everyLayer(networkPlan(spec)).reduce((sum, { layer, input, output }) => {
    if (layer.type === 'dense') return sum + sizeOfShape(input) * layer.units;
    if (layer.type === 'conv2d') return sum + sizeOfShape(output) * input[0]! * layer.kernel * layer.kernel;
    if (layer.type !== 'gru' && layer.type !== 'lstm') return sum;
    return sum + (layer.type === 'gru' ? 3 : 4) * layer.units * (sizeOfShape(input) + layer.units);
  }, 0);
}

/** Number of outputs that a distribution takes. */
export function distributionOutputs(distribution: Distribution): number {
  if (distribution.type === 'gaussian') return distribution.size;
  return choiceSizes(distribution).reduce((sum, size) => sum + size, 0);
}

/** How many values each choice of an action has: one choice of a categorical, none of a gaussian. */
export function choiceSizes(distribution: Distribution): readonly number[] {
  if (distribution.type === 'categorical') return [distribution.actions];
  return distribution.type === 'multi-categorical' ? distribution.nvec : [];
}

/** Numbers in one stored action, [A]: one a choice or dimension. */
export function actionWidth(spec: NetworkSpec): number {
  const { distribution } = spec;
  return distribution.type === 'gaussian' ? distribution.size : choiceSizes(distribution).length;
}

/** Whether each step of the policy has a mask of allowed choices. */
export function isMasked(spec: NetworkSpec): boolean {
  return spec.distribution.type !== 'gaussian' && spec.distribution.masked === true;
}

function distributionSize(spec: NetworkSpec): number {
  const distribution = spec.distribution;
  if (typeof distribution !== 'object' || distribution === null) {
    throw invalid('distribution', 'an object with a type', distribution);
  }
  switch (distribution.type) {
    case 'categorical':
      requireCount('distribution.actions', distribution.actions);
      requireFlag('distribution.masked', distribution.masked);
      return distribution.actions;
    case 'multi-categorical':
      if (!Array.isArray(distribution.nvec) || distribution.nvec.length === 0) {
        throw invalid('distribution.nvec', 'a list of at least one count', distribution.nvec);
      }
      distribution.nvec.forEach((n: number, k) => {
        requireCount(`distribution.nvec[${k}]`, n);
      });
      requireFlag('distribution.masked', distribution.masked);
      return distributionOutputs(distribution);
    case 'gaussian':
      requireCount('distribution.size', distribution.size);
      if (!Number.isFinite(distribution.logStdInit)) {
        throw invalid('distribution.logStdInit', 'a finite number', distribution.logStdInit);
      }
      return distribution.size;
    default:
      throw invalid(
        'distribution.type',
        "'categorical', 'multi-categorical' or 'gaussian'",
        (distribution as { type: unknown }).type,
      );
  }
}

function validateTower(tower: string, layers: readonly LayerSpec[], outputs: number): void {
  validateLayers(tower, layers);
  const last = layers.length - 1;
  const head = layers[last]!;
  if (head.type !== 'dense') throw invalid(`${tower}[${last}].type`, "'dense' in the head", head.type);
  if (head.units !== outputs) throw invalid(`${tower}[${last}].units`, `${outputs}, the size of the head`, head.units);
  if (head.activation !== 'linear')
    throw invalid(`${tower}[${last}].activation`, "'linear' in the head", head.activation);
}

function validateLayers(place: string, layers: readonly LayerSpec[]): void {
  if (!Array.isArray(layers) || layers.length === 0) throw invalid(place, 'a list of at least one layer', layers);
  layers.forEach((layer: LayerSpec, index) => {
    validateLayer(`${place}[${index}]`, layer);
  });
  const memories = layers.filter((layer: LayerSpec) => layer.type === 'gru' || layer.type === 'lstm');
  if (memories.length > 1 || (memories.length === 1 && place !== 'trunk')) {
    throw invalid(place, 'at most one layer with a memory in the trunk, and none elsewhere', memories[0]!.type);
  }
}

function validateLayer(field: string, layer: LayerSpec): void {
  const type: unknown = layer?.type;
  if (typeof layer !== 'object' || layer === null || !LAYERS.some((known) => known === type)) {
    throw invalid(`${field}.type`, LAYERS.map((name) => `'${name}'`).join(', '), type);
  }
  if (layer.type === 'dense' || layer.type === 'gru' || layer.type === 'lstm')
    requireCount(`${field}.units`, layer.units);
  if (layer.type === 'conv2d') requireCount(`${field}.filters`, layer.filters);
  if (layer.type === 'conv2d' || layer.type === 'maxPool') {
    requireCount(`${field}.kernel`, layer.kernel);
    requireCount(`${field}.stride`, layer.stride);
    const { padding } = layer;
    if (!Number.isInteger(padding) || padding < 0 || padding >= layer.kernel) {
      throw invalid(`${field}.padding`, `a whole number from 0 to ${layer.kernel - 1}, below the kernel`, padding);
    }
  }
  if (layer.type === 'residual') validateLayers(`${field}.layers`, layer.layers);
  if (layer.type === 'dense' || layer.type === 'conv2d' || layer.type === 'activation') {
    if (!ACTIVATIONS.includes(layer.activation)) {
      throw invalid(`${field}.activation`, ACTIVATIONS.map((name) => `'${name}'`).join(', '), layer.activation);
    }
  }
  if (layer.type === 'dense' || layer.type === 'conv2d' || layer.type === 'gru' || layer.type === 'lstm') {
    const { init } = layer;
    const drawn = INITIALIZERS.some((name) => name === init?.type);
    if (init?.type !== 'zeros' && !drawn) {
      throw invalid(`${field}.init.type`, [...INITIALIZERS, 'zeros'].map((name) => `'${name}'`).join(', '), init);
    }
    if (init.type !== 'zeros' && !Number.isFinite(init.gain)) {
      throw invalid(`${field}.init.gain`, 'a finite number', init.gain);
    }
  }
  if ('frozen' in layer) requireFlag(`${field}.frozen`, layer.frozen);
}

function requireFlag(field: string, value: unknown): void {
  if (value !== undefined && value !== true) throw invalid(field, 'true or absent', value);
}

function requireCount(field: string, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > 1 << 20) {
    throw invalid(field, 'a whole number from 1 to 1048576', value);
  }
}

function invalid(field: string, expected: string, value: unknown): GymkhanaError {
  const got = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return usageError('INVALID_NETWORK', `network spec: ${field} should be ${expected}, but is ${got}.`, {
    field,
    expected,
    got,
    hint: 'Correct the network description, or build one with mlpNetwork().',
  });
}
