import { readFileSync } from 'node:fs';
import { mlpNetwork } from '../../src/network/init.js';
import { parameterLayout, parameterSlice } from '../../src/network/layout.js';
import type { PpoBatch, PpoCoefficients } from '../../src/network/reference.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { golden } from '../support/paths.js';

type Tensor = readonly number[] | readonly (readonly number[])[];
type Tensors = Readonly<Record<string, Tensor>>;

/** One case of test/golden/ppo.json (PyTorch float64). */
export interface PpoCase {
  readonly name: string;
  readonly layers: readonly number[];
  readonly config: {
    readonly clip_coef: number;
    readonly ent_coef: number;
    readonly vf_coef: number;
    readonly max_grad_norm: number;
    readonly lr: number;
    readonly adam_eps: number;
    readonly norm_adv: boolean;
    readonly clip_vloss: boolean;
    readonly dist: 'categorical' | 'normal';
  };
  readonly params: Tensors;
  readonly batch: {
    readonly obs: readonly (readonly number[])[];
    readonly actions: Tensor;
    readonly old_logprobs: readonly number[];
    readonly advantages: readonly number[];
    readonly old_values: readonly number[];
    readonly returns: readonly number[];
  };
  readonly per_sample_step1: {
    readonly logp: readonly number[];
    readonly values: readonly number[];
    readonly ratio: readonly number[];
    readonly entropy: readonly number[];
    readonly actor_out: readonly (readonly number[])[];
  };
  readonly steps: readonly {
    readonly loss: number;
    readonly policy_loss: number;
    readonly value_loss_clipped: number;
    readonly value_loss_unclipped: number;
    readonly entropy: number;
    readonly approx_kl_k3: number;
    readonly old_approx_kl_k1: number;
    readonly clip_fraction: number;
    readonly grad_norm_before_clip: number;
  }[];
  readonly grads_after_clip_step1: Tensors;
  readonly params_after_1?: Tensors;
  readonly params_after_5: Tensors;
}

/** Reads the PPO cases. */
export function ppoCases(): readonly PpoCase[] {
  return (JSON.parse(readFileSync(golden('ppo.json'), 'utf8')) as { ppo: readonly PpoCase[] }).ppo;
}

/** The network of a case. */
export function caseNetwork(c: PpoCase): NetworkSpec {
  const units = c.layers[c.layers.length - 1]!;
  return mlpNetwork({
    observationSize: c.layers[0]!,
    hidden: [c.layers[1]!, c.layers[1]!],
    distribution:
      c.config.dist === 'categorical'
        ? { type: 'categorical', actions: units }
        : { type: 'gaussian', size: units, logStdInit: 0 },
  });
}

/** PyTorch's tensors (`w` of shape [out, in]) as our flat layout. */
export function flatten(spec: NetworkSpec, tensors: Tensors): Float64Array {
  const layout = parameterLayout(spec);
  const flat = new Float64Array(layout.count);
  for (const [tower, prefix] of [
    ['actor', 'pi'],
    ['critic', 'vf'],
  ] as const) {
    for (let l = 0; l < 3; l += 1) {
      const weight = parameterSlice(layout, `${tower}.${l}.weight`);
      const units = weight.shape[1]!;
      (tensors[`${prefix}.w${l + 1}`] as readonly (readonly number[])[]).forEach((row, k) => {
        row.forEach((w, i) => {
          flat[weight.offset + i * units + k] = w;
        });
      });
      flat.set(
        tensors[`${prefix}.b${l + 1}`] as readonly number[],
        parameterSlice(layout, `${tower}.${l}.bias`).offset,
      );
    }
  }
  const logStd = tensors['log_std'];
  if (logStd !== undefined) flat.set(logStd as readonly number[], parameterSlice(layout, 'logStd').offset);
  return flat;
}

/** Mean and unbiased standard deviation. */
export function moments(column: readonly number[]): { mean: number; std: number } {
  const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
  const square = column.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { mean, std: Math.sqrt(square / (column.length - 1)) };
}

/** The batch of a case with its advantages normalised where its config says so. */
export function caseBatch(c: PpoCase): PpoBatch {
  const { mean, std } = moments(c.batch.advantages);
  return {
    observations: c.batch.obs.flat(),
    actions: c.batch.actions.flat(),
    logProbs: c.batch.old_logprobs,
    advantages: c.config.norm_adv ? c.batch.advantages.map((a) => (a - mean) / (std + 1e-8)) : c.batch.advantages,
    returns: c.batch.returns,
    values: c.batch.old_values,
  };
}

/** The loss coefficients of a case. */
export function caseCoefficients(c: PpoCase): PpoCoefficients {
  const { clip_coef: clipCoef, clip_vloss: clipVloss, ent_coef: entCoef, vf_coef: vfCoef } = c.config;
  return { clipCoef, clipVloss, entCoef, vfCoef };
}
