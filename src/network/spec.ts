/** The network description shared by every learner: plain JSON. */

/** `silu` is x sigmoid(x); `gelu` its tanh form, 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))). */
export const ACTIVATIONS = ['tanh', 'relu', 'silu', 'gelu', 'linear'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

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

/** What layers with parameters have in common. */
interface Learned {
  /** Parameters stay what they are: their gradient counts as 0, in its norm too. */
  readonly frozen?: true;
}

/** `y = activation(x W + b)` with `W` of shape [inputs, units]. */
export interface DenseLayer extends Learned {
  readonly type: 'dense';
  readonly units: number;
  readonly activation: Activation;
  readonly init: Initializer;
}

/** A window of `kernel` x `kernel` that moves by `stride`, with `padding` zeros on every side. */
interface Windowed {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Convolution of a picture [C, H, W] with weights [filters, C, kernel, kernel], cross-correlation as everywhere in the field. */
export interface Conv2dLayer extends Learned, Windowed {
  readonly type: 'conv2d';
  readonly filters: number;
  readonly activation: Activation;
  readonly init: Initializer;
}

/** The largest number of each window; the padding never counts. */
export interface MaxPoolLayer extends Windowed {
  readonly type: 'maxPool';
}

/** `y = x + layers(x)`; the layers keep the shape. */
export interface ResidualLayer {
  readonly type: 'residual';
  readonly layers: readonly LayerSpec[];
}

/** A picture [C, H, W] as C H W numbers, in that order. */
export interface FlattenLayer {
  readonly type: 'flatten';
}

/** An activation by itself. */
export interface ActivationLayer {
  readonly type: 'activation';
  readonly activation: Activation;
}

/** `y = scale (x - mean) / sqrt(variance + 1e-5) + shift` over the numbers of a sample; starts with scale 1, shift 0. */
export interface LayerNormLayer extends Learned {
  readonly type: 'layerNorm';
}

/** Cells with a memory, as PyTorch defines them: gates `r z n` of a GRU (Cho et al. 2014), `i f g o` of an LSTM. */
export const RECURRENT_CELLS = ['gru', 'lstm'] as const;

/** A memory that is carried from step to step and is 0 where an episode begins. Biases start at 0. */
export interface RecurrentLayer extends Learned {
  readonly type: (typeof RECURRENT_CELLS)[number];
  readonly units: number;
  readonly init: Initializer;
}

/** One entry of a trunk or tower. */
export type LayerSpec =
  | DenseLayer
  | Conv2dLayer
  | MaxPoolLayer
  | ResidualLayer
  | FlattenLayer
  | ActivationLayer
  | LayerNormLayer
  | RecurrentLayer;

/** What the actor's outputs mean. */
export type Distribution =
  /** Outputs are logits of `actions` choices; where `masked`, each step says which of them are allowed. */
  | { readonly type: 'categorical'; readonly actions: number; readonly masked?: true }
  /** Outputs are the logits of several independent choices, of `nvec[f]` each, one after the other. */
  | { readonly type: 'multi-categorical'; readonly nvec: readonly number[]; readonly masked?: true }
  /** Outputs are means of `size` independent normals; `logStd` is a free parameter of the same size, not a function of the state. */
  | { readonly type: 'gaussian'; readonly size: number; readonly logStdInit: number };

/**
 * An observation of pixels, uint8, row-major [frames, height, width, channels], which the network sees as a picture of frames x channels
 * channels with numbers from 0 to 1.
 */
export interface PictureInput {
  /** Pictures stacked over time, oldest first; 1 for a single one. */
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Actor and critic over one flat observation, as separate towers or on top of a trunk that they share. The last layer of each tower
 * is its head (linear).
 */
export interface NetworkSpec {
  readonly version: 1;
  /** Length `O` of the flattened observation. */
  readonly observationSize: number;
  /** Where the observation is a picture of `O` pixels. */
  readonly picture?: PictureInput;
  readonly distribution: Distribution;
  /** Layers that both towers stand on; what it gives is flat. */
  readonly trunk?: readonly LayerSpec[];
  /** Last layer has as many units as the distribution has outputs. */
  readonly actor: readonly LayerSpec[];
  /** Last layer has 1 unit. */
  readonly critic: readonly LayerSpec[];
}
