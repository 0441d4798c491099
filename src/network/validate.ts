import { type GymkhanaError, usageError } from '../core/errors.js';
import { type Distribution, INITIALIZERS, type LayerSpec, type NetworkSpec } from './spec.js';

const ACTIVATIONS: readonly string[] = ['tanh', 'relu', 'linear'];

/**
 * Checks a network spec, which may come from a file or from a caller without types.
 *
 * @throws `INVALID_NETWORK` naming the field, what it should be and what it is.
 */
export function validateNetworkSpec(spec: NetworkSpec): void {
  if (typeof spec !== 'object' || spec === null) throw invalid('spec', 'an object', spec);
  if (spec.version !== 1) throw invalid('version', '1', spec.version);
  requireCount('observationSize', spec.observationSize);
  const head = distributionSize(spec);
  validateTower('actor', spec.actor, head);
  validateTower('critic', spec.critic, 1);
}

/** Number of outputs of the actor's head: logits of choices, means of a gaussian. */
export function actorOutputs(spec: NetworkSpec): number {
  return distributionOutputs(spec.distribution);
}

/** Multiply-adds of one observation's forward pass through both towers. */
export function multiplyAdds({ observationSize, actor, critic }: NetworkSpec): number {
  const tower = (layers: readonly LayerSpec[]): number =>
    layers.reduce((sum, { units }, l) => sum + units * (l === 0 ? observationSize : layers[l - 1]!.units), 0);
  return tower(actor) + tower(critic);
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
  if (!Array.isArray(layers) || layers.length === 0) throw invalid(tower, 'a list of at least one layer', layers);
  layers.forEach((layer: LayerSpec, index) => {
    const field = `${tower}[${index}]`;
    if (typeof layer !== 'object' || layer === null || layer.type !== 'dense') {
      throw invalid(`${field}.type`, "'dense'", layer?.type);
    }
    requireCount(`${field}.units`, layer.units);
    if (!ACTIVATIONS.includes(layer.activation)) {
      throw invalid(`${field}.activation`, ACTIVATIONS.map((name) => `'${name}'`).join(', '), layer.activation);
    }
    const init = layer.init;
    const drawn = INITIALIZERS.some((name) => name === init?.type);
    if (init?.type !== 'zeros' && !drawn) {
      throw invalid(`${field}.init.type`, [...INITIALIZERS, 'zeros'].map((name) => `'${name}'`).join(', '), init);
    }
    requireFlag(`${field}.frozen`, layer.frozen);
    if (init.type !== 'zeros' && !Number.isFinite(init.gain)) {
      throw invalid(`${field}.init.gain`, 'a finite number', init.gain);
    }
  });
  const last = layers.length - 1;
  const head = layers[last]!;
  if (head.units !== outputs) throw invalid(`${tower}[${last}].units`, `${outputs}, the size of the head`, head.units);
  if (head.activation !== 'linear')
    throw invalid(`${tower}[${last}].activation`, "'linear' in the head", head.activation);
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
