/** A trained policy as one graph with its weights inside: flat observations in, actions out, for any runtime. */
import { parameterLayout, tensorShape } from '../../network/layout.js';
import type { NetworkSpec } from '../../network/spec.js';
import { choiceSizes } from '../../network/validate.js';
import type { Box } from '../../spaces/box.js';
import { choicesOf } from '../../spaces/choices.js';
import { Discrete } from '../../spaces/discrete.js';
import type { Space } from '../../spaces/space.js';
import { Graph, type Value } from './graph.js';
import { memoryInputs, networkValues, pictureValue } from './layers.js';
import * as op from './operators.js';
import { normalised } from './ppo-graph.js';

/** What a policy's graph is made of. */
export interface PolicyModelSource {
  readonly network: NetworkSpec;
  readonly parameters: Float32Array;
  /** Float32 `mean` and `invStd` [O] of observations and the bound of the result; null where they are not normalised. */
  readonly normalization: { readonly mean: Float32Array; readonly invStd: Float32Array; readonly clip: number } | null;
  readonly actionSpace: Space;
}

/**
 * The graph of a policy. Input: `observation` [n, O], float32, flat. Outputs: `action`, the most likely one, as the env takes it
 * (int64 [n] of a Discrete space, int64 [n, F] of MultiDiscrete and MultiBinary, float32 [n, A] clipped to a Box); `logits` [n, K]
 * or `mean` [n, A] and `log_std` [1, A]; `value` [n, 1]. Pixels come as numbers from 0 to 255. A policy with a memory also has an input `state`
 * [n, S], 0 where an episode begins, and an output `next_state`.
 */
export function policyModel({ network, parameters, normalization, actionSpace }: PolicyModelSource): Graph {
  const graph = new Graph();
  const O = network.observationSize;
  const weights = new Map(
    parameterLayout(network).slices.map((slice): [string, Value] => {
      const { name, offset, size } = slice;
      const numbers = Array.from(parameters.subarray(offset, offset + size));
      return [name, graph.constant(numbers, tensorShape(slice))];
    }),
  );
  const observation = graph.input('observation', ['n', O]);
  const row = (numbers: ArrayLike<number>): Value => graph.constant(Array.from(numbers), [1, numbers.length]);
  const seen = network.picture === undefined ? observation : pictureValue(graph, network.picture, observation);
  const x =
    normalization === null
      ? seen
      : normalised(graph, observation, row(normalization.mean), row(normalization.invStd), normalization.clip);
  const { outputs, value, state } = networkValues(graph, network, weights, x, memoryInputs(graph, network, 1, false));
  if (network.distribution.type === 'gaussian') {
    const { low, high } = actionSpace as Box;
    graph.output('action', op.min(graph, op.max(graph, outputs, row(low)), row(high)));
    graph.output('mean', outputs);
    graph.output('log_std', graph.add('Identity', [weights.get('logStd')!], [1, network.distribution.size]));
  } else {
    graph.output('action', choices(graph, outputs, choiceSizes(network.distribution), actionSpace));
    graph.output('logits', outputs);
  }
  graph.output('value', value);
  if (state !== null) graph.output('next_state', state);
  return graph;
}

/** The likeliest of each choice, the first among equals, counted from the space's start. */
function choices(graph: Graph, logits: Value, sizes: readonly number[], space: Space): Value {
  const rows = logits.shape[0]!;
  let at = 0;
  const best = sizes.map((size) => {
    const own = sizes.length === 1 ? logits : op.columns(graph, logits, at, at + size);
    at += size;
    return graph.add('ArgMax', [own], [rows, 1], { axis: 1, keepdims: 1 }, 'int64');
  });
  const side = best.length === 1 ? best[0]! : op.concat(graph, best);
  const { starts } = choicesOf(space)!;
  const counted = starts.some((first) => first !== 0)
    ? graph.add('Add', [side, graph.constant(starts, [1, starts.length], 'int64')], side.shape, {}, 'int64')
    : side;
  if (!(space instanceof Discrete)) return counted;
  return graph.add('Squeeze', [counted, graph.constant([1], [1], 'int64')], [rows], {}, 'int64');
}
