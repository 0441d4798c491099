/** The network description shared by every learner: plain JSON. */

export type Activation = 'tanh' | 'relu' | 'linear';

/**
 * How weights may be drawn, each times a gain: `orthogonal` (Saxe et al. 2014); `xavier-*` with the variance 2 / (inputs + units) (Glorot and
 * Bengio 2010); `kaiming-*` with 1 / inputs (LeCun, He et al. 2015, whose sqrt(2) for relu is the gain).
 */
export const INITIALIZERS = [
  'orthogonal',
  'xavier-uniform',
  'xavier-normal',
  'kaiming-uniform',
  'kaiming-normal',
] as const;
export type InitializerName = (typeof INITIALIZERS)[number];

/** How a layer's weights start; biases start at 0. */
export type Initializer = { readonly type: InitializerName; readonly gain: number } | { readonly type: 'zeros' };

/** `y = activation(x W + b)` with `W` of shape [inputs, units]. */
export interface DenseLayer {
  readonly type: 'dense';
  readonly units: number;
  readonly activation: Activation;
  readonly init: Initializer;
  /** Weights and biases stay what they are: their gradient counts as 0, in its norm too. */
  readonly frozen?: true;
}

/** One entry of a tower. Convolutions and recurrent layers join this union when a learner can train them. */
export type LayerSpec = DenseLayer;

/** What the actor's outputs mean. */
export type Distribution =
  /** Outputs are logits of `actions` choices; where `masked`, each step says which of them are allowed. */
  | { readonly type: 'categorical'; readonly actions: number; readonly masked?: true }
  /** Outputs are the logits of several independent choices, of `nvec[f]` each, one after the other. */
  | { readonly type: 'multi-categorical'; readonly nvec: readonly number[]; readonly masked?: true }
  /** Outputs are means of `size` independent normals; `logStd` is a free parameter of the same size, not a function of the state. */
  | { readonly type: 'gaussian'; readonly size: number; readonly logStdInit: number };

/** Actor and critic as separate towers over one flat observation; the last layer of each is its head (linear). */
export interface NetworkSpec {
  readonly version: 1;
  /** Length `O` of the flattened observation. */
  readonly observationSize: number;
  readonly distribution: Distribution;
  /** Last layer has `actions` or `size` units. */
  readonly actor: readonly LayerSpec[];
  /** Last layer has 1 unit. */
  readonly critic: readonly LayerSpec[];
}
