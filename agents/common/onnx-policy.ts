/** A policy from an ONNX file, whoever trained it: flat observations in, actions of the env's space out. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ModelFile, type ModelPort, openModel } from '../../src/backends/onnx/runtime.js';
import { type GymkhanaError, usageError } from '../../src/core/errors.js';
import { masked } from '../../src/network/reference.js';
import { writeActionMask } from '../../src/rollout/action-mask.js';
import { Box } from '../../src/spaces/box.js';
import { type Choices, choicesOf, likeliest } from '../../src/spaces/choices.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { flatdim, flattenInto } from '../../src/spaces/flatten.js';
import { MultiBinary } from '../../src/spaces/multi-binary.js';
import type { Space } from '../../src/spaces/space.js';
import type { Actor } from './actor.js';
import { checkedMemory } from './policy-memory.js';

/** Names of outputs that are taken for the action, the first that is there; else the first output is. */
const ACTION_NAMES = ['action', 'actions', 'logits', 'mean'];

/** Ports of a policy's memory. */
const STATE = 'state';
const NEXT_STATE = 'next_state';

/** How the numbers of the chosen output become an action. */
type Meaning = 'logits' | 'choices' | 'numbers';

/**
 * A policy in an ONNX file. Its input takes observations [n, ...], flat or in the shape of a Box; float32, float64 or uint8; `n` is
 * open, or 1. Its output `action`, `actions`, `logits` or `mean`, or else its first one, has for each observation: the actions
 * themselves (of Discrete, MultiDiscrete and MultiBinary as whole numbers, counted from the space's start), logits of all choices, or the numbers of a Box, which are
 * clipped to it. Where an env gives action masks, the output of logits is preferred. A policy with a memory has a second input `state` [n, S], float32,
 * 0 where an episode begins, and an output `next_state`, as `exportPolicy` writes them.
 */
export class OnnxPolicy implements Actor {
  readonly file: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly observationSize: number;
  readonly width: number;
  readonly continuous: boolean;
  readonly choiceSizes: readonly number[];
  readonly masks: 'if given' | 'never';
  readonly memorySize: number;
  /** First value of each choice. */
  readonly #starts: readonly number[];
  /** Logits of all choices. */
  readonly #logitCount: number;
  readonly #model: ModelFile;
  /** Name of the input for observations. */
  readonly #input: string;
  readonly #plain: { readonly output: string; readonly meaning: Meaning };
  readonly #logits: string | null;
  /** Shape of one observation as the model takes it. */
  readonly #shape: readonly number[];
  readonly #oneByOne: boolean;

  private constructor(file: string, model: ModelFile, spaces: { observation: Space; action: Space }) {
    this.file = file;
    this.#model = model;
    this.observationSpace = spaces.observation;
    this.actionSpace = spaces.action;
    this.observationSize = flatdim(spaces.observation);
    const { sizes, starts } = actionChoices(spaces.action, file);
    this.choiceSizes = sizes;
    this.#starts = starts;
    this.#logitCount = sizes.reduce((sum, size) => sum + size, 0);
    this.continuous = spaces.action instanceof Box;
    this.width = spaces.action instanceof Box ? spaces.action.size : this.choiceSizes.length;
    this.memorySize = memoryOf(model);
    const { name, shape, oneByOne } = inputOf(model, spaces.observation, this.observationSize, file);
    this.#input = name;
    this.#shape = shape;
    this.#oneByOne = oneByOne;
    const named = ACTION_NAMES.flatMap((name) => model.outputs.find((output) => output.name === name) ?? []);
    const chosen = named[0] ?? model.outputs[0];
    const meaning = chosen === undefined ? null : this.#meaningOf(chosen);
    if (meaning === null) {
      const got = model.outputs.map(described).join(', ') || 'none';
      throw invalid(file, 'outputs', `an output ${this.#expected()}`, got);
    }
    this.#plain = { output: chosen!.name, meaning };
    this.#logits =
      [chosen!, ...model.outputs].find((output) => !this.continuous && this.#meaningOf(output) === 'logits')?.name ??
      null;
    this.masks = this.#logits === null ? 'never' : 'if given';
  }

  /** @throws `INVALID_POLICY` for a file that is no such model, with what was expected; `UNSUPPORTED_SPACE`; `BACKEND_UNAVAILABLE`. */
  static async open(path: string, spaces: { observation: Space; action: Space }): Promise<OnnxPolicy> {
    const file = resolve(String(path));
    if (typeof path !== 'string' || !existsSync(file)) {
      throw invalid(String(path), 'file', 'an ONNX file', 'no such file');
    }
    let model: ModelFile;
    try {
      model = await openModel(file);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'BACKEND_UNAVAILABLE') throw cause;
      const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
      throw invalid(path, 'file', 'an ONNX model', reason, cause);
    }
    return new OnnxPolicy(path, model, spaces);
  }

  /** What a policy with a memory remembers before an episode's first step, [S]; empty for one without. */
  newMemory(): Float32Array {
    return new Float32Array(this.memorySize);
  }

  /**
   * The action for one observation. A policy with a memory takes it too, and writes what it remembers to it: `newMemory()` where an episode begins.
   * @throws `INVALID_ACTION_MASK`, `INVALID_OBSERVATION`, `INVALID_POLICY`, `MEMORY_MISSING`.
   */
  async predict(
    observation: unknown,
    options: { actionMask?: ArrayLike<number> | null; memory?: Float32Array | null } = {},
  ): Promise<unknown> {
    const space = this.observationSpace;
    if (!space.contains(observation)) {
      const message = `predict() takes a value of ${String(space)}: ${space.explain(observation)}.`;
      throw usageError('INVALID_OBSERVATION', message, { expected: String(space) });
    }
    const flat = new Float32Array(this.observationSize);
    flattenInto(space, observation, flat, 0);
    const out = this.continuous ? new Float32Array(this.width) : new Int32Array(this.width);
    const { actionMask = null } = options;
    let masks: Uint8Array | undefined;
    if (actionMask !== null && this.masks === 'if given') {
      masks = new Uint8Array(this.#logitCount);
      writeActionMask({ actionMask }, this.choiceSizes, masks, 0);
    }
    const memory = checkedMemory(options.memory, this.memorySize, 1);
    await this.predictInto(flat, 1, out, undefined, masks, memory);
    if (this.actionSpace instanceof Discrete) return out[0]!;
    if (this.actionSpace instanceof Box) {
      const action = this.actionSpace.low.slice();
      for (let k = 0; k < action.length; k++) action[k] = out[k]!;
      return action;
    }
    return this.actionSpace instanceof MultiBinary ? Int8Array.from(out) : out;
  }

  async predictInto(
    observations: Float32Array,
    rows: number,
    out: Float32Array | Int32Array,
    _values?: Float32Array,
    masks?: Uint8Array,
    memory: Float32Array = new Float32Array(rows * this.memorySize),
  ): Promise<void> {
    const S = this.memorySize;
    const O = this.observationSize;
    const together = this.#oneByOne ? 1 : rows;
    for (let first = 0; first < rows; first += together) {
      const numbers = observations.slice(first * O, (first + together) * O);
      const output = masks === undefined ? this.#plain.output : this.#logits!;
      const meaning = masks === undefined ? this.#plain.meaning : 'logits';
      const inputs = { [this.#input]: { numbers, shape: [together, ...this.#shape] } };
      const remembered = memory.slice(first * S, (first + together) * S);
      const state = S > 0 ? { [STATE]: { numbers: remembered, shape: [together, S] } } : {};
      const wanted = S > 0 ? [output, NEXT_STATE] : [output];
      const results = await this.#model.run({ ...inputs, ...state }, wanted);
      const { data } = results[output]!;
      if (S > 0) memory.set(results[NEXT_STATE]!.data as Float32Array, first * S);
      const width = meaning === 'logits' ? this.#logitCount : this.width;
      if (data.length !== together * width) {
        const got = `${data.length} numbers for ${together} observations`;
        throw invalid(this.file, output, `${width} numbers for each observation`, got);
      }
      for (let i = 0; i < together; i++) {
        const row = Float64Array.from({ length: width }, (_, k) => Number(data[i * width + k]));
        const bad = row.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0) throw invalid(this.file, output, 'finite numbers', `${row[bad]} at index ${bad}`);
        this.#write(row, meaning, out, (first + i) * this.width, masks, (first + i) * width);
      }
    }
  }

  #write(
    row: Float64Array,
    meaning: Meaning,
    out: Float32Array | Int32Array,
    at: number,
    masks: Uint8Array | undefined,
    maskAt: number,
  ): void {
    const space = this.actionSpace;
    if (meaning === 'numbers') {
      const { low, high } = space as Box;
      for (let k = 0; k < this.width; k++) out[at + k] = Math.min(high[k]!, Math.max(low[k]!, row[k]!));
      return;
    }
    const choices = meaning === 'logits' ? likeliest(masked(row, masks, maskAt), this.choiceSizes) : null;
    this.choiceSizes.forEach((size, f) => {
      const start = this.#starts[f]!;
      const choice = choices === null ? row[f]! - start : choices[f]!;
      if (!Number.isInteger(choice) || choice < 0 || choice >= size) {
        throw invalid(this.file, this.#plain.output, `an action of ${String(space)}`, String(row[f]));
      }
      out[at + f] = choice + start;
    });
  }

  /** What an output is by its type and width; null if it fits nothing. */
  #meaningOf({ type, shape }: ModelPort): Meaning | null {
    const whole = /^u?int\d+$/.test(type);
    if (!whole && type !== 'float32' && type !== 'float64') return null;
    const sizes = shape.slice(1);
    const open = sizes.some((size) => typeof size !== 'number');
    const width = sizes.reduce<number>((product, size) => product * Number(size), 1);
    if (this.continuous) return !whole && (open || width === this.width) ? 'numbers' : null;
    if (whole) return open || width === this.width ? 'choices' : null;
    return open || width === this.#logitCount ? 'logits' : null;
  }

  #expected(): string {
    if (this.continuous)
      return `of ${this.width} floats for each observation, the numbers of ${String(this.actionSpace)}`;
    return `of ${this.width} whole numbers or ${this.#logitCount} logits for each observation, for ${String(this.actionSpace)}`;
  }
}

/** The choices of an action space, none of a Box. @throws `UNSUPPORTED_SPACE` */
function actionChoices(space: Space, file: string): Choices {
  const choices = space instanceof Box ? { sizes: [], starts: [] } : choicesOf(space);
  if (choices !== null) return choices;
  const got = String(space);
  throw usageError('UNSUPPORTED_SPACE', `${file} cannot act in ${got}: a policy file gives numbers or choices.`, {
    field: 'actionSpace',
    expected: 'Discrete, MultiDiscrete, MultiBinary or Box',
    got,
  });
}

/** Numbers that a model remembers from step to step, S; 0 for one without a memory. */
function memoryOf({ inputs, outputs }: ModelFile): number {
  const size = ({ type, shape }: ModelPort): unknown => (type === 'float32' && shape.length === 2 ? shape[1] : null);
  const state = inputs.find(({ name }) => name === STATE);
  const next = outputs.find(({ name }) => name === NEXT_STATE);
  if (inputs.length !== 2 || state === undefined || next === undefined) return 0;
  const numbers = size(state);
  return typeof numbers === 'number' && numbers > 0 && size(next) === numbers ? numbers : 0;
}

/** The input for observations: its name, the shape of one of them, and whether it takes one at a time. */
function inputOf(
  model: ModelFile,
  space: Space,
  size: number,
  file: string,
): { name: string; shape: number[]; oneByOne: boolean } {
  const remembers = memoryOf(model) > 0;
  const others = model.inputs.filter(({ name }) => !remembers || name !== STATE);
  const [input] = others;
  const shapes = [[size], ...(space instanceof Box && space.shape.length > 1 ? [[...space.shape]] : [])];
  const expected = `one input of ${shapes.map((shape) => `[n, ${shape.join(', ')}]`).join(' or ')}, float32, float64 or uint8, and beside it at most 'state' [n, S] with an output 'next_state'`;
  const got = model.inputs.map(described).join(', ') || 'none';
  if (input === undefined || others.length > 1 || !['float32', 'float64', 'uint8'].includes(input.type)) {
    throw invalid(file, 'inputs', expected, got);
  }
  const shape = shapes.find(
    (candidate) =>
      candidate.length === input.shape.length - 1 &&
      candidate.every((length, k) => typeof input.shape[k + 1] !== 'number' || input.shape[k + 1] === length),
  );
  const batch = input.shape[0];
  if (shape === undefined || (typeof batch === 'number' && batch !== 1)) throw invalid(file, 'inputs', expected, got);
  return { name: input.name, shape, oneByOne: batch === 1 };
}

function described({ name, type, shape }: ModelPort): string {
  return `'${name}' ${type} [${shape.join(', ')}]`;
}

function invalid(file: string, field: string, expected: string, got: string, cause?: unknown): GymkhanaError {
  const message = `${file} is no policy for this env: expected ${expected}, got ${got}.`;
  return usageError('INVALID_POLICY', message, { file, field, expected, got }, cause);
}
