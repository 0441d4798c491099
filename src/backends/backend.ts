/** What a learner is: whatever turns a rollout into new parameters. */
import type { NetworkSpec } from '../network/spec.js';

/** Adam's decay rates, the same for every learner. */
export const ADAM_BETA1 = 0.9;
export const ADAM_BETA2 = 0.999;

/** Names on the command line; `auto` chooses and says why. */
export const BACKENDS = [
  'kernels',
  'onnx',
  'onnx:webgpu',
  'onnx:cuda',
  'onnx:dml',
  'onnx:coreml',
  'tfjs:cpu',
  'tfjs:wasm',
  'tfjs:tensorflow',
] as const;
/** Name of a learner, as it stands on the command line. */
export type BackendName = (typeof BACKENDS)[number];
/** What the workers themselves can learn with. */
export type WorkerLearner = Extract<BackendName, 'kernels' | 'onnx'>;
/** ONNX Runtime on a device, from the main thread. */
export type OnnxDevice = Extract<BackendName, `onnx:${string}`>;

/** Whether a learner is ONNX Runtime on a device. */
export function isOnnxDevice(name: BackendName): name is OnnxDevice {
  return name.startsWith('onnx:');
}

/** Where a device session computes. */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Columns of one rollout, row-major; `B` = T N samples. A device learner takes them to its device once. */
export interface LearnerBatch {
  /** Raw observations [B, O]: numbers, or pixels. */
  readonly observations: Float32Array | Uint8Array;
  /** Frozen statistics [O] that the policy acted with. */
  readonly mean: Float32Array;
  readonly invStd: Float32Array;
  readonly observationClip: number;
  /** Int32 [B] for categorical, float32 [B, A] for gaussian policies. */
  readonly actions: Int32Array | Float32Array;
  readonly logProbs: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
  readonly values: Float32Array;
  /** [B, A], 0 where a choice was not allowed; only for masked policies. */
  readonly masks?: Uint8Array;
  /** Only for networks with a memory. */
  readonly memory?: SequenceColumns;
}

/** The sequences of a rollout, L steps of one env each. Permutations then keep their rows together, in their order. */
export interface SequenceColumns {
  /** L. */
  readonly steps: number;
  /** Number of the sequence that each row belongs to, [B]. */
  readonly sequences: Int32Array;
  /** Memory at the beginning of each sequence, [B / L, S]. */
  readonly states: Float32Array;
  /** 1 where an episode begins inside of a sequence, [B]. */
  readonly starts: Float32Array;
}

/** Settings of one update; the loss is PPO's, as `agents/ppo` documents it. */
export interface LearnerSettings {
  readonly learningRate: number;
  readonly clipCoef: number;
  readonly clipVloss: boolean;
  readonly normAdv: boolean;
  readonly entCoef: number;
  readonly vfCoef: number;
  readonly maxGradNorm: number;
  readonly adamEps: number;
  readonly targetKl: number | null;
}

/** Parameters and Adam's moments; the learner overwrites them. */
export interface LearnerState {
  readonly parameters: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  /** Adam steps taken so far. */
  step: number;
}

/** Sums over samples, as the kernels report them. */
export interface LearnerStats {
  policyLoss: number;
  valueLoss: number;
  entropy: number;
  oldApproxKl: number;
  approxKl: number;
  clipFraction: number;
  samples: number;
  gradNorm: number;
  minibatches: number;
}

/** A learner on the main thread, for devices; the {@link WorkerLearner}s run inside the workers instead. */
export interface DeviceLearner {
  readonly name: BackendName;
  /** One iteration's epochs: `permutations` [epochs, B] gives each epoch's order, cut into `minibatches`. */
  update(
    batch: LearnerBatch,
    permutations: readonly Int32Array[],
    minibatches: number,
    settings: LearnerSettings,
    state: LearnerState,
  ): Promise<LearnerStats>;
  dispose(): void;
}

export type DeviceLearnerFactory = (network: NetworkSpec) => Promise<DeviceLearner>;

/** Whether a backend can be used here, and if not, why not and what to do. */
export interface BackendStatus {
  readonly name: BackendName;
  readonly available: boolean;
  readonly detail: string;
}
