/** Builds network descriptions from a few choices. */
import { usageError } from '../core/errors.js';
import { didYouMean } from '../core/kwargs.js';
import { everyLayer, networkPlan } from './plan.js';
import type {
  Activation,
  Distribution,
  InitializerName,
  LayerSpec,
  NetworkSpec,
  PictureInput,
  RecurrentLayer,
} from './spec.js';
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
  /** Layers that do not learn: a part (`trunk`, `actor`, `critic`) whole, or `actor.0`, `critic.1`, ...; default none. */
  readonly freeze?: readonly string[];
  /** Gain of hidden layers; default sqrt(2). */
  readonly hiddenGain?: number;
  /** Gain of the policy head; default 0.01, so that the first policy is nearly uniform. */
  readonly actorGain?: number;
  /** Gain of the value head; default 1. */
  readonly criticGain?: number;
}

/** What looks at pictures before everything else, and is shared by actor and critic. */
export const ENCODERS = ['small-cnn', 'nature-cnn', 'impala-cnn'] as const;
export type Encoder = (typeof ENCODERS)[number];

/** Further choices of {@link policyNetwork}. */
export interface PolicyNetworkOptions extends MlpOptions {
  /** Where the observation is a picture; it needs an encoder. */
  readonly picture?: PictureInput;
  /** Default 'nature-cnn' for pictures. */
  readonly encoder?: Encoder;
  /** Actor and critic share the hidden layers; default false. An encoder and a memory are always shared. */
  readonly sharedTrunk?: boolean;
  /** Normalise the sums of hidden layers before their activation; default false. */
  readonly layerNorm?: boolean;
  /** A memory of `units` numbers after encoder and shared layers; default none. */
  readonly recurrent?: { readonly cell: RecurrentLayer['type']; readonly units: number };
}

/**
 * Builds the network of the 37 PPO details: separate actor and critic towers, orthogonal weights, zero biases.
 *
 * @throws `INVALID_NETWORK` for impossible sizes, and for a layer to freeze that is not there.
 */
export function mlpNetwork(options: MlpOptions): NetworkSpec {
  return policyNetwork(options);
}

/**
 * Builds a policy's network. Encoders are those of Mnih et al. 2013 (`small-cnn`: 16 filters 8x8/4, 32 filters 4x4/2, 256 units), Mnih et al. 2015
 * (`nature-cnn`: 32 8x8/4, 64 4x4/2, 64 3x3/1, 512 units) and Espeholt et al. 2018 (`impala-cnn`: three stages of 16, 32 and 32 filters with
 * pooling and two residual blocks each, 256 units). With an encoder, hidden layers follow only where `hidden` says so.
 *
 * @throws `INVALID_NETWORK` for impossible sizes, pictures that are too small, and for a layer to freeze that is not there.
 */
export function policyNetwork(options: PolicyNetworkOptions): NetworkSpec {
  const { observationSize, distribution, picture, recurrent, sharedTrunk = false, layerNorm = false } = options;
  const { activation = 'tanh', initializer = 'orthogonal', freeze = [] } = options;
  const { hidden = picture === undefined ? [64, 64] : [], hiddenGain = Math.SQRT2 } = options;
  const { actorGain = 0.01, criticGain = 1, encoder = picture === undefined ? undefined : 'nature-cnn' } = options;
  const layers = new Layers(initializer, hiddenGain);
  const hiddenLayers = hidden.flatMap((units) =>
    layerNorm
      ? [layers.dense(units, 'linear'), { type: 'layerNorm' } as const, { type: 'activation', activation } as const]
      : [layers.dense(units, activation)],
  );
  const head = (units: number, gain: number): LayerSpec => ({
    type: 'dense',
    units,
    activation: 'linear',
    init: { type: initializer, gain },
  });
  const memory: LayerSpec[] =
    recurrent === undefined
      ? []
      : [{ type: recurrent.cell, units: recurrent.units, init: { type: initializer, gain: 1 } }];
  const trunk = [
    ...(encoder === undefined ? [] : layers.encoder(encoder)),
    ...(sharedTrunk ? hiddenLayers : []),
    ...memory,
  ];
  const tower = (units: number, gain: number): LayerSpec[] => [...(sharedTrunk ? [] : hiddenLayers), head(units, gain)];
  const spec: NetworkSpec = {
    version: 1,
    observationSize,
    ...(picture !== undefined && { picture }),
    distribution,
    ...(trunk.length > 0 && { trunk }),
    actor: tower(distributionOutputs(distribution), actorGain),
    critic: tower(1, criticGain),
  };
  validateNetworkSpec(spec);
  return freeze.length === 0 ? spec : frozenAt(spec, freeze);
}

/** Hidden layers, all drawn the same way. */
class Layers {
  readonly #init: { readonly type: InitializerName; readonly gain: number };

  constructor(type: InitializerName, gain: number) {
    this.#init = { type, gain };
  }

  dense(units: number, activation: Activation): LayerSpec {
    return { type: 'dense', units, activation, init: this.#init };
  }

  conv2d(filters: number, kernel: number, stride: number, padding: number, activation: Activation): LayerSpec {
    return { type: 'conv2d', filters, kernel, stride, padding, activation, init: this.#init };
  }

  encoder(name: Encoder): LayerSpec[] {
    switch (name) {
      case 'small-cnn':
        return [
          this.conv2d(16, 8, 4, 0, 'relu'),
          this.conv2d(32, 4, 2, 0, 'relu'),
          { type: 'flatten' },
          this.dense(256, 'relu'),
        ];
      case 'nature-cnn':
        return [
          this.conv2d(32, 8, 4, 0, 'relu'),
          this.conv2d(64, 4, 2, 0, 'relu'),
          this.conv2d(64, 3, 1, 0, 'relu'),
          { type: 'flatten' },
          this.dense(512, 'relu'),
        ];
      case 'impala-cnn':
        return [
          ...[16, 32, 32].flatMap((filters) => this.#stage(filters)),
          { type: 'activation', activation: 'relu' },
          { type: 'flatten' },
          this.dense(256, 'relu'),
        ];
    }
  }

  #stage(filters: number): LayerSpec[] {
    const block: LayerSpec = {
      type: 'residual',
      layers: [
        { type: 'activation', activation: 'relu' },
        this.conv2d(filters, 3, 1, 1, 'relu'),
        this.conv2d(filters, 3, 1, 1, 'linear'),
      ],
    };
    return [
      this.conv2d(filters, 3, 1, 1, 'linear'),
      { type: 'maxPool', kernel: 3, stride: 2, padding: 1 },
      block,
      block,
    ];
  }
}

/** The same network with layers that do not learn. */
function frozenAt(spec: NetworkSpec, freeze: readonly string[]): NetworkSpec {
  const plan = networkPlan(spec);
  const learning = everyLayer(plan).filter(({ parameters }) => parameters.length > 0);
  const places = [...new Set(learning.flatMap(({ path }) => [path.split('.')[0]!, path]))];
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
  const isFrozen = (path: string): boolean => freeze.some((name) => name === path || path.startsWith(`${name}.`));
  const within = (prefix: string, layers: readonly LayerSpec[]): LayerSpec[] =>
    layers.map((layer, index): LayerSpec => {
      const path = `${prefix}.${index}`;
      if (layer.type === 'residual') return { ...layer, layers: within(path, layer.layers) };
      return isFrozen(path) && learning.some((known) => known.path === path)
        ? ({ ...layer, frozen: true } as LayerSpec)
        : layer;
    });
  return {
    ...spec,
    ...(spec.trunk !== undefined && { trunk: within('trunk', spec.trunk) }),
    actor: within('actor', spec.actor),
    critic: within('critic', spec.critic),
  };
}
