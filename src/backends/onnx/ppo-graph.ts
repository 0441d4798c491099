/**
 * PPO's loss on a network as a graph of ONNX operators, with the gradient of every parameter. `src/network/reference.ts` has the
 * same terms sample by sample.
 */
import { type ParameterLayout, parameterLayout, tensorShape } from '../../network/layout.js';
import { FORBIDDEN, type PpoCoefficients } from '../../network/reference.js';
import type { NetworkSpec } from '../../network/spec.js';
import { actionWidth, actorOutputs, choiceSizes, isMasked } from '../../network/validate.js';
import { differentiate } from './differentiate.js';
import { Graph, type Value } from './graph.js';
import { memoryInputs, networkValues, pictureValue } from './layers.js';
import * as op from './operators.js';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** Rows of a model, known when it runs. */
export const ROWS = 'n';

/** Figures in `stats`: sums over rows of policy loss, value loss, entropy, k1, k3 and clipped ratios. */
export const STAT_COUNT = 6;

/** What a policy is to the loss: log-probability [n, 1] of the actions taken, and entropy, [n, 1] or [1, 1]. */
interface PolicyTerms {
  readonly logProb: Value;
  readonly entropy: Value;
}

/** Name of the output with the slope by a parameter slice. */
export function slopeName(slice: string): string {
  return `d ${slice}`;
}

/**
 * The gradient of one shard. Inputs: every slice of the layout under its name ([inputs, units], [1, units], `logStd` [1, A]);
 * `observations` [n, O], raw; `mean` and `invStd` [1, O]; `actions` int32 [n, F] or float [n, A]; `logProbs`, `advantages`
 * (normalised), `returns` and `values` [n, 1]; `masks` [n, A] of 0 and 1 for a masked policy; `invBatch` [1, 1], the weight of
 * each row. Outputs: {@link slopeName} of every slice, and `stats` [1, 6].
 *
 * Of pictures `observations` are uint8 pixels, without `mean` and `invStd`. A network with a memory takes rows sequence by sequence, `steps`
 * rows each, and besides `state` [sequences, S] and `starts` [sequences, steps], 1 where an episode begins.
 */
export function gradientGraph(
  spec: NetworkSpec,
  coefficients: PpoCoefficients,
  observationClip: number,
  float: 'float32' | 'float64' = 'float32',
  steps = 1,
): Graph {
  const graph = new Graph(float);
  const { clipCoef, clipVloss, entCoef, vfCoef } = coefficients;
  const parameters = parameterInputs(graph, parameterLayout(spec));
  const x = observedValue(graph, spec, observationClip);
  const memory = memoryInputs(graph, spec, steps, true);
  const gaussian = spec.distribution.type === 'gaussian';
  const actions = graph.input('actions', [ROWS, actionWidth(spec)], gaussian ? float : 'int32');
  const column = (name: string): Value => graph.input(name, [ROWS, 1]);
  const oldLogProbs = column('logProbs');
  const advantages = column('advantages');
  const returns = column('returns');
  const oldValues = column('values');

  const { outputs, value } = networkValues(graph, spec, parameters, x, memory);
  const { logProb, entropy } = gaussian
    ? gaussianTerms(graph, outputs, parameters.get('logStd')!, actions)
    : choiceTerms(graph, withoutForbidden(graph, spec, outputs), choiceSizes(spec.distribution), actions);

  const logRatio = op.sub(graph, logProb, oldLogProbs);
  const ratio = op.exp(graph, logRatio);
  const negative = op.neg(graph, advantages);
  const plain = op.mul(graph, negative, ratio);
  const bounded = op.mul(graph, negative, op.clip(graph, ratio, 1 - clipCoef, 1 + clipCoef));
  const policyLoss = op.max(graph, plain, bounded);

  const error = op.sub(graph, value, returns);
  let square = op.mul(graph, error, error);
  if (clipVloss) {
    const moved = op.sub(graph, value, oldValues);
    const near = op.add(graph, oldValues, op.clip(graph, moved, -clipCoef, clipCoef));
    const boundedError = op.sub(graph, near, returns);
    square = op.max(graph, square, op.mul(graph, boundedError, boundedError));
  }
  const valueLoss = op.mul(graph, square, graph.scalar(0.5));

  const withValue = op.add(graph, policyLoss, op.mul(graph, valueLoss, graph.scalar(vfCoef)));
  // Without a bonus the entropy is only a figure, and needs no slopes.
  const perRow = entCoef === 0 ? withValue : op.sub(graph, withValue, op.mul(graph, entropy, graph.scalar(entCoef)));
  const loss = op.mul(graph, op.reduceSum(graph, perRow, [0]), graph.input('invBatch', [1, 1]));

  const excess = op.sub(graph, ratio, graph.scalar(1));
  // A gaussian's entropy is one number: adding 0 times a column repeats it.
  const entropies = gaussian ? op.add(graph, op.mul(graph, returns, graph.scalar(0)), entropy) : entropy;
  const stats = [
    policyLoss,
    valueLoss,
    entropies,
    op.neg(graph, logRatio),
    op.sub(graph, excess, logRatio),
    op.greater(graph, op.abs(graph, excess), graph.scalar(clipCoef)),
  ];
  graph.output('stats', op.reduceSum(graph, op.concat(graph, stats), [0]));

  const slices = [...parameters];
  const slopes = differentiate(
    graph,
    loss,
    slices.map(([, input]) => input),
  );
  slices.forEach(([name], k) => {
    graph.output(slopeName(name), slopes[k]!);
  });
  return graph;
}

/** The parameters as inputs, biases and `logStd` as rows; without `logStd` where it has no use. */
function parameterInputs(graph: Graph, layout: ParameterLayout, all = true): Map<string, Value> {
  const slices = layout.slices.filter(({ name }) => all || name !== 'logStd');
  return new Map(slices.map((slice) => [slice.name, graph.input(slice.name, tensorShape(slice))]));
}

/** What the first layer sees: clip((observations - mean) invStd, +-clip), [n, O], or pictures. */
function observedValue(graph: Graph, spec: NetworkSpec, clip: number): Value {
  const O = spec.observationSize;
  if (spec.picture !== undefined) {
    const pixels = graph.input('observations', [ROWS, O], 'uint8');
    return pictureValue(graph, spec.picture, op.toFloat(graph, pixels));
  }
  const raw = graph.input('observations', [ROWS, O]);
  return normalised(graph, raw, graph.input('mean', [1, O]), graph.input('invStd', [1, O]), clip);
}

/** clip((x - mean) invStd, +-clip). */
export function normalised(graph: Graph, x: Value, mean: Value, invStd: Value, clip: number): Value {
  const scaled = op.mul(graph, op.sub(graph, x, mean), invStd);
  return Number.isFinite(clip) ? op.clip(graph, scaled, -clip, clip) : scaled;
}

/** Logits of forbidden choices become FORBIDDEN, the others keep their bits; the loss has no slope by the former. */
function withoutForbidden(graph: Graph, spec: NetworkSpec, logits: Value): Value {
  if (!isMasked(spec)) return logits;
  const masks = graph.input('masks', [ROWS, actorOutputs(spec)]);
  const forbidden = op.mul(graph, op.sub(graph, graph.scalar(1), masks), graph.scalar(FORBIDDEN));
  return op.add(graph, op.mul(graph, logits, masks), forbidden);
}

/** Independent choices, one after another among the logits: log-probabilities and entropies add up. */
function choiceTerms(graph: Graph, logits: Value, sizes: readonly number[], actions: Value): PolicyTerms {
  let at = 0;
  const terms = sizes.map((size, f): PolicyTerms => {
    const single = sizes.length === 1;
    const own = single ? logits : op.columns(graph, logits, at, at + size);
    const choice = single ? actions : op.columns(graph, actions, f, f + 1);
    at += size;
    const logProbs = op.logSoftmax(graph, own);
    const weighted = op.mul(graph, op.exp(graph, logProbs), logProbs);
    return {
      logProb: op.reduceSum(graph, op.mul(graph, op.oneHot(graph, choice, size), logProbs), [1]),
      entropy: op.neg(graph, op.reduceSum(graph, weighted, [1])),
    };
  });
  return terms.reduce((sum, term) => ({
    logProb: op.add(graph, sum.logProb, term.logProb),
    entropy: op.add(graph, sum.entropy, term.entropy),
  }));
}

/** Independent normals with free `logStd` [1, A]. */
function gaussianTerms(graph: Graph, means: Value, logStd: Value, actions: Value): PolicyTerms {
  const z = op.mul(graph, op.sub(graph, actions, means), op.exp(graph, op.neg(graph, logStd)));
  const half = op.mul(graph, op.mul(graph, z, z), graph.scalar(-0.5));
  const densities = op.sub(graph, half, op.add(graph, logStd, graph.scalar(HALF_LOG_2PI)));
  return {
    logProb: op.reduceSum(graph, densities, [1]),
    entropy: op.reduceSum(graph, op.add(graph, logStd, graph.scalar(0.5 + HALF_LOG_2PI)), [1]),
  };
}

/**
 * The forward pass, for acting. Inputs: the slices of the layout, `observations` [n, O], raw, `mean` and `invStd` [1, O] unless they are
 * pixels, and `state` [n, S] of a network with a memory. Outputs: `outputs` [n, A], logits or means, `critic` [n, 1], and `nextState` [n, S].
 */
export function policyGraph(spec: NetworkSpec, observationClip: number): Graph {
  const graph = new Graph();
  const parameters = parameterInputs(graph, parameterLayout(spec), false);
  const x = observedValue(graph, spec, observationClip);
  const { outputs, value, state } = networkValues(graph, spec, parameters, x, memoryInputs(graph, spec, 1, false));
  graph.output('outputs', outputs);
  graph.output('critic', value);
  if (state !== null) graph.output('nextState', state);
  return graph;
}
