import { parameterLayout, parameterSlice } from '../../network/layout.js';
import { plainTowers } from '../../network/plan.js';
import type { DenseLayer, NetworkSpec } from '../../network/spec.js';
import { actorOutputs, choiceSizes } from '../../network/validate.js';

/** Samples in one block of the kernels; activations are rows of this many floats. Equals `blockSize()` of the module. */
export const BLOCK = 64;
/** Bookkeeping rows at the start of a thread's scratch; equals `SAMPLE_ROWS` in assembly/block.ts. */
const SAMPLE_ROWS = 16;
/** Bytes for constants, then bytes an input for a panel of weights, at the end of scratch; see assembly/dense-forward.ts. */
const CONSTANT_BYTES = 256;
const PANEL_BYTES = 16;
const HEADER = 16;
const LAYER = 8;
const DISTRIBUTION_CODES = { categorical: 0, gaussian: 1, 'multi-categorical': 2 } as const;
const ACTIVATION_CODES: Readonly<Record<string, number>> = { linear: 0, tanh: 1, relu: 2 };

/**
 * Describes a network to the kernels: a header of 16 words (observation size, distribution, actions, parameter count, offset
 * of `logStd`, layers of actor and critic, rows of activations, number of choices of a multi-categorical and where in the table
 * their sizes are), then 8 words a layer (inputs, units, activation, offsets of
 * weight and bias in floats), actor first. The caller copies it into the shared memory. Of a network with other layers than the
 * kernels know they only sample: its header has no observation and no layers.
 *
 * @throws `INVALID_NETWORK` for an impossible spec.
 */
export function networkDescriptor(spec: NetworkSpec): Int32Array {
  const layout = parameterLayout(spec);
  const { actor, critic } = plainTowers(spec) ?? NO_TOWERS;
  const layers = HEADER + LAYER * (actor.length + critic.length);
  const factors = factorSizes(spec);
  const table = new Int32Array(layers + factors.length);
  const gaussian = spec.distribution.type === 'gaussian';
  table.set([
    observedRows(spec),
    DISTRIBUTION_CODES[spec.distribution.type],
    actorOutputs(spec),
    layout.count,
    gaussian ? parameterSlice(layout, 'logStd').offset : -1,
    actor.length,
    critic.length,
    activationRows(spec),
    factors.length,
    layers,
  ]);
  table.set(factors, layers);
  let at = HEADER;
  const tower = (name: string, layers: readonly DenseLayer[]): void => {
    let inputs = spec.observationSize;
    layers.forEach((layer, index) => {
      const weight = parameterSlice(layout, `${name}.${index}.weight`).offset;
      const bias = parameterSlice(layout, `${name}.${index}.bias`).offset;
      table.set([inputs, layer.units, ACTIVATION_CODES[layer.activation]!, weight, bias], at);
      at += LAYER;
      inputs = layer.units;
    });
  };
  tower('actor', actor);
  tower('critic', critic);
  return table;
}

/** Bytes of scratch one thread needs for `act`, `value` and `gradient`; a multiple of 64. Its contents never matter. */
export function scratchBytes(spec: NetworkSpec): number {
  const towers = plainTowers(spec);
  const observed = observedRows(spec);
  const rows = SAMPLE_ROWS + actorOutputs(spec) + factorSizes(spec).length + observed + activationRows(spec);
  const { actor, critic } = towers ?? NO_TOWERS;
  const inputs = Math.max(observed, ...[...actor, ...critic].map((layer) => layer.units));
  return rows * BLOCK * Float32Array.BYTES_PER_ELEMENT + CONSTANT_BYTES + Math.ceil((inputs * PANEL_BYTES) / 64) * 64;
}

const NO_TOWERS = { actor: [], critic: [] } as const;

/** Sizes of several choices; a single one needs no table. */
function factorSizes(spec: NetworkSpec): readonly number[] {
  return spec.distribution.type === 'multi-categorical' ? choiceSizes(spec.distribution) : [];
}

/** Rows for observations: none where the kernels only sample. */
function observedRows(spec: NetworkSpec): number {
  return plainTowers(spec) === null ? 0 : spec.observationSize;
}

/** All outputs of the larger tower: the backward pass needs every layer's. The actor's outputs where the kernels only sample from them. */
function activationRows(spec: NetworkSpec): number {
  const towers = plainTowers(spec);
  if (towers === null) return actorOutputs(spec);
  const { actor, critic } = towers;
  const sum = (layers: readonly DenseLayer[]): number => layers.reduce((total, layer) => total + layer.units, 0);
  return Math.max(sum(actor), sum(critic));
}
