/**
 * A whole gradient step of PPO as a graph: rows of a rollout picked by number, advantages normalised, the gradient of
 * `ppo-graph.ts`, its norm clipped, Adam. Parameters and moments go in and come out as flat rows [1, P] in the layout's order.
 *
 * `stepGraph` is one minibatch; `loopGraph` repeats it over an iteration's minibatches inside the model. Both take the columns
 * of the rollout whole, under the names that the gradient graph has for them.
 */
import { frozenSlices, type ParameterLayout, parameterLayout } from '../../network/layout.js';
import { stateSize } from '../../network/plan.js';
import type { NetworkSpec } from '../../network/spec.js';
import { ADAM_BETA1, ADAM_BETA2, type LearnerSettings } from '../backend.js';
import { Graph, type Shape, type Value } from './graph.js';
import type { ElementType } from './model-proto.js';
import * as op from './operators.js';
import { gradientGraph, ROWS, STAT_COUNT, slopeName } from './ppo-graph.js';

/** What a compiled update depends on: the learning rate is among its inputs. */
export type UpdateSettings = Omit<LearnerSettings, 'learningRate'>;

/** How a graph is written, for who runs it. */
export interface UpdateStyle {
  readonly float?: Graph['float'];
  /**
   * For WebGPU's provider: LogSoftmax in simpler operators, for it has none, and each would go to the processor and back; and convolutions of
   * channels that it gets wrong in another form, see {@link wrongOnWebgpu}.
   */
  readonly plain?: boolean;
  /** With `plain`: there are minibatches whose samples, as channels, it gets wrong. */
  readonly wrongRows?: boolean;
  /** Steps of the sequences that a network with a memory learns from; 1 by default. */
  readonly sequenceLength?: number;
}

/** Numbers of a minibatch that the host computes, in the order of `rates`' columns. */
export const RATES = {
  /** 1 / samples. */
  share: 0,
  /** 1 / (samples - 1), 0 for a single sample. */
  unbiased: 1,
  /** 1 where advantages are normalised, 0 for a single sample. */
  normalise: 2,
  /** Learning rate over Adam's first bias correction. */
  rate: 3,
  /** 1 / the square root of Adam's second bias correction. */
  spread: 4,
  /** Weight of the minibatch's k3 sum in its epoch's mean: 1 / (samples minibatches). */
  klWeight: 5,
  /** 1 in an epoch's last minibatch, else 0. */
  last: 6,
} as const;
export const RATE_COUNT = 7;

/** Figures in `totals`: the gradient graph's sums, then the gradient's norm, the epochs' mean k3 and the minibatches. */
export const TOTALS = { gradNorm: STAT_COUNT, kl: STAT_COUNT + 1, minibatches: STAT_COUNT + 2 } as const;
export const TOTAL_COUNT = STAT_COUNT + 3;
/** Place of k3 among the gradient graph's sums. */
const K3 = 4;

/** State that goes in, and comes out under `next` of the name. */
export const STATE = ['parameters', 'firstMoments', 'secondMoments', 'totals'] as const;
export type StateName = (typeof STATE)[number];

/** Name of the output that holds a state after the step. */
export function nextName(name: StateName): string {
  return `next ${name}`;
}

/** A column of the rollout as a model takes it. */
export interface ColumnInput {
  readonly name: string;
  readonly type: ElementType;
  /** Shape of one row. */
  readonly shape: readonly number[];
  /** What it has a row for. */
  readonly rows: 'samples' | 'all sequences';
}

/** The same for all samples. */
export type FixedInput = Omit<ColumnInput, 'rows'>;

/** What an update's model takes besides state, `rates` and row numbers. */
export interface UpdateInputs {
  readonly columns: readonly ColumnInput[];
  /** The statistics of normalisation; their whole shapes. */
  readonly fixed: readonly FixedInput[];
}

type State = Readonly<Record<StateName, Value>>;

/** What a step gives: the next state, and its share [1, 1] of the epoch's mean k3. */
interface Stepped {
  readonly next: State;
  readonly kl: Value;
}

/** The gradient graph of a network with the parts that a step wires up. */
class Step {
  readonly layout: ParameterLayout;
  readonly inputs: UpdateInputs;
  readonly #spec: NetworkSpec;
  readonly #settings: UpdateSettings;
  readonly #gradient: Graph;
  readonly #style: UpdateStyle;
  readonly #sequenceLength: number;

  constructor(spec: NetworkSpec, settings: UpdateSettings, observationClip: number, style: UpdateStyle) {
    this.#style = style;
    this.layout = parameterLayout(spec);
    this.#spec = spec;
    this.#settings = settings;
    this.#sequenceLength = style.sequenceLength ?? 1;
    this.#gradient = gradientGraph(spec, settings, observationClip, style.float, this.#sequenceLength);
    const slices = new Set(this.layout.slices.map(({ name }) => name));
    const memory = stateSize(spec) === 0 ? [] : memoryColumns(stateSize(spec));
    const known = new Set([...slices, 'invBatch', 'state', 'starts']);
    const others = this.#gradient.inputs.filter(({ name }) => !known.has(name));
    const columns = others.filter(({ shape }) => shape[0] === ROWS);
    this.inputs = {
      columns: [
        ...columns.map(
          ({ name, type, shape }) => ({ name, type, shape: shape.slice(1) as number[], rows: 'samples' }) as const,
        ),
        ...memory,
      ],
      fixed: others
        .filter((input) => !columns.includes(input))
        .map(({ name, type, shape }) => ({ name, type, shape: shape as number[] })),
    };
  }

  /** Adds a step on `rows` int32 [n] with `rates` [1, 7]; `outside` finds columns and fixed inputs. */
  add(graph: Graph, outside: ReadonlyMap<string, Value>, rows: Value, rates: Value, state: State): Stepped {
    const rate = (name: keyof typeof RATES): Value => op.columns(graph, rates, RATES[name], RATES[name] + 1);
    const bound = new Map<string, Value>([['invBatch', rate('share')]]);
    for (const { name, offset, size } of this.layout.slices) {
      const { shape } = this.#gradient.inputs.find((input) => input.name === name)!;
      bound.set(name, reshaped(graph, op.columns(graph, state.parameters, offset, offset + size), shape as number[]));
    }
    for (const { name } of this.inputs.fixed) bound.set(name, outside.get(name)!);
    const memory = new Set(memoryColumns(0).map(({ name }) => name));
    for (const { name, type, shape } of this.inputs.columns) {
      if (memory.has(name)) continue;
      const picked = graph.add('Gather', [outside.get(name)!, rows], [ROWS, ...shape], { axis: 0 }, type);
      const normalised = name === 'advantages' && this.#settings.normAdv;
      bound.set(name, normalised ? this.#normalised(graph, picked, rate) : picked);
    }
    if (stateSize(this.#spec) > 0) this.#bindMemory(graph, outside, rows, bound);
    const frozen = new Set(frozenSlices(this.#spec, this.layout).map(({ name }) => name));
    const learning = this.layout.slices.filter(({ name }) => !frozen.has(name));
    const wanted = ['stats', ...learning.map(({ name }) => slopeName(name))];
    const given = include(graph, this.#gradient, bound, wanted, this.#style);
    const gradient = this.#flat(graph, given);
    const { clipped, norm } = this.#clipped(graph, gradient);
    const moved = this.#adam(graph, state, clipped, rate('rate'), rate('spread'));
    const stats = given.get('stats')!;
    const kl = op.mul(graph, op.columns(graph, stats, K3, K3 + 1), rate('klWeight'));
    const figures = op.concat(graph, [stats, norm, kl, graph.scalar(1)]);
    return { next: { ...moved, totals: op.add(graph, state.totals, figures) }, kl };
  }

  /** Picks what the sequences of `rows` begin with, and where episodes begin inside of them. */
  #bindMemory(graph: Graph, outside: ReadonlyMap<string, Value>, rows: Value, bound: Map<string, Value>): void {
    const steps = this.#sequenceLength;
    const S = stateSize(this.#spec);
    const sequences = steps === 1 ? ROWS : 'sequences';
    const pick = (name: 'starts' | 'sequences', type: ElementType): Value =>
      graph.add('Gather', [outside.get(name)!, rows], [ROWS, 1], { axis: 0 }, type);
    const bySequence = (value: Value): Value => op.regroup(graph, value, sequences, steps);
    bound.set('starts', bySequence(pick('starts', 'float32')));
    // A sequence's rows all have its number.
    const numbers = op.columns(graph, bySequence(pick('sequences', 'int32')), 0, 1);
    const flat = graph.add('Reshape', [numbers, graph.constant([-1], [1], 'int64')], [sequences], {}, 'int32');
    bound.set('state', graph.add('Gather', [outside.get('states')!, flat], [sequences, S], { axis: 0 }));
  }

  /** Advantages less their mean, over their unbiased standard deviation; those of a single sample stay as they are. */
  #normalised(graph: Graph, advantages: Value, rate: (name: keyof typeof RATES) => Value): Value {
    const flag = rate('normalise');
    const mean = op.mul(graph, op.reduceSum(graph, advantages, [0]), rate('share'));
    const centred = op.sub(graph, advantages, op.mul(graph, mean, flag));
    const squares = op.reduceSum(graph, op.mul(graph, centred, centred), [0]);
    const std = op.sqrt(graph, op.mul(graph, squares, rate('unbiased')));
    const inverse = op.reciprocal(graph, op.add(graph, std, graph.scalar(1e-8)));
    const plain = op.sub(graph, graph.scalar(1), flag);
    return op.mul(graph, centred, op.add(graph, op.mul(graph, inverse, flag), plain));
  }

  /** The slopes as one row [1, P]: 0 in the padding and where a layer is frozen. */
  #flat(graph: Graph, slopes: ReadonlyMap<string, Value>): Value {
    const parts: Value[] = [];
    const zeros = (count: number): void => {
      if (count === 0) return;
      const target = graph.constant([1, count], [2], 'int64');
      parts.push(graph.add('Expand', [graph.scalar(0), target], [1, count]));
    };
    let at = 0;
    for (const { name, offset, size } of this.layout.slices) {
      zeros(offset - at);
      const slope = slopes.get(slopeName(name));
      if (slope === undefined) zeros(size);
      else parts.push(reshaped(graph, slope, [1, size]));
      at = offset + size;
    }
    zeros(this.layout.count - at);
    return op.concat(graph, parts);
  }

  /** The gradient times min(1, maxGradNorm / (norm + 1e-6)), and its norm [1, 1]. */
  #clipped(graph: Graph, gradient: Value): { clipped: Value; norm: Value } {
    // Summed in two stages, rows of a square first: a device does the first one in parallel.
    const P = this.layout.count;
    const side = 2 ** Math.ceil(Math.log2(P) / 2);
    const rows = Math.ceil(P / side);
    const ends = graph.constant([0, 0, 0, rows * side - P], [4], 'int64');
    const padded = graph.add('Pad', [op.mul(graph, gradient, gradient), ends], [1, rows * side]);
    const squares = op.reduceSum(graph, reshaped(graph, padded, [rows, side]), [1]);
    const norm = op.sqrt(graph, op.reduceSum(graph, squares, [0]));
    const { maxGradNorm } = this.#settings;
    if (!Number.isFinite(maxGradNorm)) return { clipped: gradient, norm };
    const inverse = op.reciprocal(graph, op.add(graph, norm, graph.scalar(1e-6)));
    const scale = op.min(graph, op.mul(graph, inverse, graph.scalar(maxGradNorm)), graph.scalar(1));
    return { clipped: op.mul(graph, gradient, scale), norm };
  }

  /** One Adam step (Kingma and Ba 2015, with PyTorch's place of epsilon). */
  #adam(graph: Graph, state: State, gradient: Value, rate: Value, spread: Value): Omit<State, 'totals'> {
    const mixed = (old: Value, fresh: Value, beta: number): Value =>
      op.add(graph, op.mul(graph, old, graph.scalar(beta)), op.mul(graph, fresh, graph.scalar(1 - beta)));
    const first = mixed(state.firstMoments, gradient, ADAM_BETA1);
    const second = mixed(state.secondMoments, op.mul(graph, gradient, gradient), ADAM_BETA2);
    const root = op.mul(graph, op.sqrt(graph, second), spread);
    const inverse = op.reciprocal(graph, op.add(graph, root, graph.scalar(this.#settings.adamEps)));
    const move = op.mul(graph, op.mul(graph, first, inverse), rate);
    return {
      parameters: op.sub(graph, state.parameters, move),
      firstMoments: first,
      secondMoments: second,
    };
  }
}

/** `SequenceColumns` of memories of `size` numbers, as columns. */
function memoryColumns(size: number): ColumnInput[] {
  return [
    { name: 'sequences', type: 'int32', shape: [1], rows: 'samples' },
    { name: 'starts', type: 'float32', shape: [1], rows: 'samples' },
    { name: 'states', type: 'float32', shape: [size], rows: 'all sequences' },
  ];
}

/** A model and what it takes. */
export interface UpdateModel {
  readonly graph: Graph;
  readonly inputs: UpdateInputs;
}

/**
 * One minibatch. Inputs: the state, `rates` [1, 7], `rows` int32 [n], columns and fixed inputs. Outputs: {@link nextName} of
 * every state.
 */
export function stepGraph(
  spec: NetworkSpec,
  settings: UpdateSettings,
  observationClip: number,
  style: UpdateStyle = {},
): UpdateModel {
  const step = new Step(spec, settings, observationClip, style);
  const graph = new Graph(style.float);
  const state = stateInputs(graph, step.layout.count);
  const rates = graph.input('rates', [1, RATE_COUNT]);
  const rows = graph.input('rows', [ROWS], 'int32');
  const { next } = step.add(graph, outsideInputs(graph, step.inputs), rows, rates, state);
  for (const name of STATE) graph.output(nextName(name), next[name]);
  return { graph, inputs: step.inputs };
}

/**
 * All minibatches of an iteration in one run. Inputs: the state, `count` int64 [], how many there are; `rates` [count, 7];
 * `order` int32 [rows], the epochs' permutations one after the other; `bounds` int64 [count + 1], where in it each minibatch
 * begins; columns and fixed inputs. Outputs: {@link nextName} of every state. With a `targetKl` the loop ends after the epoch
 * that passes it.
 */
export function loopGraph(
  spec: NetworkSpec,
  settings: UpdateSettings,
  observationClip: number,
  style: UpdateStyle = {},
): UpdateModel {
  const step = new Step(spec, settings, observationClip, style);
  const graph = new Graph(style.float);
  const state = stateInputs(graph, step.layout.count);
  const count = graph.input('count', [], 'int64');
  const rates = graph.input('rates', ['minibatches', RATE_COUNT]);
  const order = graph.input('order', ['rows'], 'int32');
  const bounds = graph.input('bounds', ['ends'], 'int64');
  const outside = outsideInputs(graph, step.inputs);

  const body = new Graph(style.float, 'body ');
  const iteration = body.input('body iteration', [], 'int64');
  const going = body.input('body going', [], 'bool');
  const inner = stateInputs(body, step.layout.count, 'body ');
  const kl = body.input('body kl', [1, 1]);
  const one = body.constant([1], [1], 'int64');
  const now = body.add('Reshape', [iteration, one], [1], {}, 'int64');
  const then = body.add('Add', [now, one], [1], {}, 'int64');
  const at = (index: Value): Value => body.add('Gather', [bounds, index], [1], { axis: 0 }, 'int64');
  const rows = body.add('Slice', [order, at(now), at(then)], [ROWS], {}, 'int32');
  const rate = body.add('Gather', [rates, now], [1, RATE_COUNT], { axis: 0 });
  const { next, kl: share } = step.add(body, outside, rows, rate, inner);
  const mean = op.add(body, kl, share);
  const last = op.columns(body, rate, RATES.last, RATES.last + 1);
  body.output('body on', goesOn(body, going, op.mul(body, mean, last), settings.targetKl));
  for (const name of STATE) body.output(`body ${nextName(name)}`, next[name]);
  body.output('body next kl', op.mul(body, mean, op.sub(body, body.scalar(1), last)));

  const start = graph.constant([1], [], 'bool');
  const carried = [...STATE.map((name) => state[name]), graph.scalar(0)];
  const results = carried.map(({ shape, type }) => ({ shape, type }));
  const after = graph.addAll('Loop', [count, start, ...carried], results, { body: body.describe('minibatch') });
  for (const [k, name] of STATE.entries()) graph.output(nextName(name), after[k]!);
  return { graph, inputs: step.inputs };
}

/** Whether the loop goes on after a minibatch, from its epoch's mean k3, which is 0 before the epoch's end. */
function goesOn(graph: Graph, going: Value, kl: Value, targetKl: number | null): Value {
  if (targetKl === null) return graph.add('Identity', [going], [], {}, 'bool');
  const above = graph.add('Greater', [kl, graph.scalar(targetKl)], [1, 1], {}, 'bool');
  const on = graph.add('Not', [above], [1, 1], {}, 'bool');
  return graph.add('Reshape', [on, graph.constant([], [0], 'int64')], [], {}, 'bool');
}

function stateInputs(graph: Graph, count: number, prefix = ''): State {
  const input = (name: StateName): Value =>
    graph.input(`${prefix}${name}`, [1, name === 'totals' ? TOTAL_COUNT : count]);
  return {
    parameters: input('parameters'),
    firstMoments: input('firstMoments'),
    secondMoments: input('secondMoments'),
    totals: input('totals'),
  };
}

function outsideInputs(graph: Graph, { columns, fixed }: UpdateInputs): Map<string, Value> {
  const sized = (name: string, shape: Shape, type: ElementType): [string, Value] => [
    name,
    graph.input(name, shape, type),
  ];
  return new Map([
    ...columns.map(({ name, type, shape, rows }) => sized(name, [rows, ...shape], type)),
    ...fixed.map(({ name, type, shape }) => sized(name, shape, type)),
  ]);
}

/** The same numbers in another shape. */
function reshaped(graph: Graph, x: Value, shape: readonly number[]): Value {
  return graph.add('Reshape', [x, graph.constant(shape, [shape.length], 'int64')], shape);
}

/** Copies what `wanted` outputs of another graph need; its inputs become the values `bound` under their names. */
function include(
  graph: Graph,
  other: Graph,
  bound: ReadonlyMap<string, Value>,
  wanted: readonly string[],
  { plain = false, wrongRows = false }: UpdateStyle,
): Map<string, Value> {
  const needed = new Set<Value>(wanted.map((name) => other.outputs.get(name)!));
  for (const value of [...other.values].reverse()) {
    if (needed.has(value)) for (const input of value.operation!.inputs) needed.add(input);
  }
  const copies = new Map<Value, Value>(other.inputs.map((input) => [input, bound.get(input.name)!]));
  for (const value of other.constants) {
    if (!needed.has(value)) continue;
    copies.set(value, graph.constant(value.constant!, value.shape as number[], value.type));
  }
  for (const value of other.values) {
    if (!needed.has(value)) continue;
    const { operator, inputs, attributes } = value.operation!;
    const mapped = inputs.map((input) => copies.get(input)!);
    const added = (from: readonly Value[], shape: Shape): Value =>
      graph.add(operator, from, shape, attributes, value.type);
    if (plain && operator === 'LogSoftmax') copies.set(value, plainLogSoftmax(graph, mapped[0]!));
    else if (plain && operator === 'Conv' && isWrongConv(inputs, wrongRows)) {
      copies.set(value, convWithMore(graph, mapped, value.shape, added));
    } else copies.set(value, added(mapped, value.shape));
  }
  return new Map(wanted.map((name) => [name, copies.get(other.outputs.get(name)!)!]));
}

/**
 * Whether ONNX Runtime 1.30's provider for WebGPU gets a convolution of so many channels wrong, where it makes a multiple of four: it takes them
 * three at a time then, and only the first three are right.
 */
export function wrongOnWebgpu(channels: number): boolean {
  return channels > 3 && channels % 3 === 0 && channels % 4 !== 0;
}

function isWrongConv([x, weight]: readonly Value[], wrongRows: boolean): boolean {
  const channels = x!.shape[1]!;
  const wrong = typeof channels === 'number' ? wrongOnWebgpu(channels) : wrongRows;
  return wrong && (weight!.shape[0] as number) % 4 === 0;
}

/** A convolution with one filter of zeros more, which is no multiple of four. */
function convWithMore(
  graph: Graph,
  [x, weight, bias]: readonly Value[],
  shape: Shape,
  added: (inputs: readonly Value[], shape: Shape) => Value,
): Value {
  const ints = (values: readonly number[]): Value => graph.constant(values, [values.length], 'int64');
  const withZero = (value: Value): Value => {
    const rest = value.shape.slice(1);
    const first = graph.add('Slice', [value, ints([0]), ints([1]), ints([0])], [1, ...rest]);
    const zeros = graph.add('Mul', [first, graph.constant([0], [])], first.shape);
    return graph.add('Concat', [value, zeros], [(value.shape[0] as number) + 1, ...rest], { axis: 0 });
  };
  const filters = shape[1] as number;
  const whole = added(
    [x!, ...[weight!, bias].filter((value) => value !== undefined).map(withZero)],
    [shape[0]!, filters + 1, ...shape.slice(2)],
  );
  return graph.add('Slice', [whole, ints([0]), ints([filters]), ints([1])], shape);
}

/** Log-probabilities of each row's logits [n, A], from the differences to the largest. */
function plainLogSoftmax(graph: Graph, x: Value): Value {
  const largest = graph.add('ReduceMax', [x], [x.shape[0]!, 1], { axes: [1], keepdims: 1 });
  const below = op.sub(graph, x, largest);
  const sums = op.reduceSum(graph, op.exp(graph, below), [1]);
  return op.sub(graph, below, graph.add('Log', [sums], sums.shape));
}
