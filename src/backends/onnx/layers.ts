/** A network's layers as operators; `src/network/reference-layers.ts` is their definition. */
import { type LayerPlan, networkPlan, stateSize } from '../../network/plan.js';
import type { Activation, NetworkSpec, PictureInput } from '../../network/spec.js';
import type { Graph, Value } from './graph.js';
import * as op from './operators.js';
import { gelu, relu, silu, tanh } from './operators.js';
import { conv2d, maxPool, reshape, transpose, vector } from './pictures.js';

/** Parameters by the names of their slices. */
export type Parameters = ReadonlyMap<string, Value>;

/** Inputs of a network with a memory; rows are sequence-major, [sequences, steps]. */
export interface MemoryInputs {
  /** Steps in each sequence. */
  readonly steps: number;
  /** [sequences, S]. */
  readonly state: Value;
  /** [sequences, steps] of 0 and 1: 1 where an episode begins; null where the memory is 0 then already. */
  readonly starts: Value | null;
}

/** What both towers give, and the memory [sequences, S] after the last step. */
export interface NetworkValues {
  /** [n, A]. */
  readonly outputs: Value;
  /** [n, 1]. */
  readonly value: Value;
  readonly state: Value | null;
}

/** Runs trunk and towers on `x`, [n, O] as {@link pictureValue} or the normalisation gives it. */
export function networkValues(
  graph: Graph,
  spec: NetworkSpec,
  parameters: Parameters,
  x: Value,
  memory: MemoryInputs | null = null,
): NetworkValues {
  const plan = networkPlan(spec);
  const builder = new LayerBuilder(graph, parameters, memory);
  const between = builder.run(plan.trunk, x);
  return {
    outputs: builder.run(plan.actor, between),
    value: builder.run(plan.critic, between),
    state: builder.state,
  };
}

/** Declares the inputs of a network with a memory; null for one without. */
export function memoryInputs(graph: Graph, spec: NetworkSpec, steps: number, starts: boolean): MemoryInputs | null {
  const size = stateSize(spec);
  if (size === 0) return null;
  const sequences = steps === 1 ? 'n' : 'sequences';
  return {
    steps,
    state: graph.input('state', [sequences, size]),
    starts: starts ? graph.input('starts', [sequences, steps]) : null,
  };
}

/** Pixels [n, O] from 0 to 255 as pictures [n, frames C, H, W] from 0 to 1. */
export function pictureValue(graph: Graph, { frames, height, width, channels }: PictureInput, pixels: Value): Value {
  const scaled = op.mul(graph, pixels, graph.scalar(1 / 255));
  if (channels === 1) return reshape(graph, scaled, [frames, height, width]);
  const apart = transpose(graph, reshape(graph, scaled, [frames, height, width, channels]), [0, 1, 4, 2, 3]);
  return reshape(graph, apart, [frames * channels, height, width]);
}

function activated(graph: Graph, x: Value, activation: Activation): Value {
  if (activation === 'linear') return x;
  return { tanh, relu, silu, gelu }[activation](graph, x);
}

class LayerBuilder {
  readonly #graph: Graph;
  readonly #parameters: Parameters;
  readonly #memory: MemoryInputs | null;
  /** The memory after the last step, once its layer has run. */
  state: Value | null = null;

  constructor(graph: Graph, parameters: Parameters, memory: MemoryInputs | null) {
    this.#graph = graph;
    this.#parameters = parameters;
    this.#memory = memory;
  }

  run(layers: readonly LayerPlan[], x: Value): Value {
    return layers.reduce((input, plan) => this.#layer(plan, input), x);
  }

  #parameter({ path }: LayerPlan, name: string): Value {
    return this.#parameters.get(`${path}.${name}`)!;
  }

  #layer(plan: LayerPlan, x: Value): Value {
    const graph = this.#graph;
    const { layer } = plan;
    switch (layer.type) {
      case 'dense':
        return activated(
          graph,
          op.gemm(graph, x, this.#parameter(plan, 'weight'), this.#parameter(plan, 'bias')),
          layer.activation,
        );
      case 'conv2d': {
        const bias = vector(graph, this.#parameter(plan, 'bias'));
        const sum = conv2d(graph, x, this.#parameter(plan, 'weight'), bias, layer);
        return activated(graph, sum, layer.activation);
      }
      case 'maxPool':
        return maxPool(graph, x, layer.kernel, layer);
      case 'residual':
        return op.add(graph, x, this.run(plan.inner, x));
      case 'flatten':
        return reshape(graph, x, plan.output);
      case 'activation':
        return activated(graph, x, layer.activation);
      case 'layerNorm':
        return op.layerNorm(graph, x, this.#parameter(plan, 'scale'), this.#parameter(plan, 'shift'));
      case 'gru':
      case 'lstm':
        return this.#recurrent(plan, x);
    }
  }

  #recurrent(plan: LayerPlan, x: Value): Value {
    const graph = this.#graph;
    const memory = this.#memory;
    if (memory === null) throw new Error('internal: a network with a memory needs its inputs');
    const units = plan.output[0]!;
    const lstm = plan.layer.type === 'lstm';
    const gates = units * (lstm ? 4 : 3);
    const { steps } = memory;
    const weights = (name: string): Value => this.#parameter(plan, name);
    const sums = op.gemm(graph, x, weights('inputWeight'), weights('inputBias'));
    const sequences = memory.state.shape[0]!;
    const bySequence = steps === 1 ? sums : op.regroup(graph, sums, sequences, steps * gates);
    const keep = memory.starts === null ? null : op.sub(graph, graph.scalar(1), memory.starts);
    const part = (value: Value, k: number, size = units): Value => op.columns(graph, value, k * size, (k + 1) * size);
    let hidden = lstm ? part(memory.state, 0) : memory.state;
    let cells = lstm ? part(memory.state, 1) : null;
    const outputs: Value[] = [];
    for (let t = 0; t < steps; t++) {
      if (keep !== null) {
        const kept = steps === 1 ? keep : op.columns(graph, keep, t, t + 1);
        hidden = op.mul(graph, hidden, kept);
        if (cells !== null) cells = op.mul(graph, cells, kept);
      }
      const a = steps === 1 ? bySequence : part(bySequence, t, gates);
      const b = op.gemm(graph, hidden, weights('stateWeight'), weights('stateBias'));
      if (cells === null) {
        const gate = (k: number): Value => op.sigmoid(graph, op.add(graph, part(a, k), part(b, k)));
        const z = gate(1);
        const n = op.tanh(graph, op.add(graph, part(a, 2), op.mul(graph, gate(0), part(b, 2))));
        hidden = op.add(graph, n, op.mul(graph, z, op.sub(graph, hidden, n)));
      } else {
        const sum = op.add(graph, a, b);
        const gate = (k: number): Value => op.sigmoid(graph, part(sum, k));
        const fresh = op.mul(graph, gate(0), op.tanh(graph, part(sum, 2)));
        cells = op.add(graph, op.mul(graph, gate(1), cells), fresh);
        hidden = op.mul(graph, gate(3), op.tanh(graph, cells));
      }
      outputs.push(hidden);
    }
    this.state = cells === null ? hidden : op.concat(graph, [hidden, cells]);
    if (steps === 1) return hidden;
    return op.regroup(graph, op.concat(graph, outputs), x.shape[0]!, units);
  }
}
