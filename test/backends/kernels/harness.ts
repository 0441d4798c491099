import {
  ARENA_START,
  compileKernels,
  createMemory,
  Kernels,
  networkDescriptor,
  scratchBytes,
  type WasmMemory,
} from '../../../src/backends/kernels/kernels.js';
import { Generator } from '../../../src/core/seeding/generator.js';
import { initialParameters, mlpNetwork } from '../../../src/network/init.js';
import { parameterLayout } from '../../../src/network/layout.js';
import type { Distribution, NetworkSpec } from '../../../src/network/spec.js';
import { distributionOutputs } from '../../../src/network/validate.js';

/** The compiled module, shared by all tests of a file. */
export const module = await compileKernels();

/** A bump allocator over a fresh shared memory, filled with NaN so that forgotten initialisation shows. */
export class Arena {
  readonly memory: WasmMemory;
  readonly kernels: Kernels;
  #next: number;

  constructor(bytes: number, start = ARENA_START) {
    this.memory = createMemory(start - ARENA_START + bytes);
    this.kernels = new Kernels(module, this.memory);
    this.#next = start;
    new Float32Array(this.memory.buffer, start, bytes >> 2).fill(Number.NaN);
  }

  /** Room for `count` floats, 64-byte aligned, holding `values`. */
  floats(count: number, values?: ArrayLike<number>): Block<Float32Array> {
    const pointer = this.#take(count * 4);
    const view = new Float32Array(this.memory.buffer, pointer, count);
    if (values !== undefined) view.set(values);
    return { pointer, view };
  }

  /** Room for `count` integers holding `values`. */
  ints(count: number, values?: ArrayLike<number>): Block<Int32Array> {
    const pointer = this.#take(count * 4);
    const view = new Int32Array(this.memory.buffer, pointer, count);
    if (values !== undefined) view.set(values);
    return { pointer, view };
  }

  /** Room for `count` doubles. */
  doubles(count: number): Block<Float64Array> {
    const pointer = this.#take(count * 8);
    return { pointer, view: new Float64Array(this.memory.buffer, pointer, count) };
  }

  #take(bytes: number): number {
    const pointer = this.#next;
    this.#next += Math.ceil(bytes / 64) * 64;
    if (this.#next > this.memory.buffer.byteLength) throw new Error('the test arena is full');
    return pointer;
  }
}

export interface Block<V> {
  readonly pointer: number;
  readonly view: V;
}

/** A network and everything the kernels need of it, in an arena. */
export interface Loaded {
  readonly spec: NetworkSpec;
  readonly arena: Arena;
  readonly network: number;
  readonly parameters: Block<Float32Array>;
  readonly scratch: Block<Float32Array>;
  readonly mean: Block<Float32Array>;
  readonly invStd: Block<Float32Array>;
  readonly clip: number;
}

/** Puts a network with random parameters (biases too) and random observation statistics into an arena. */
export function load(spec: NetworkSpec, generator: Generator, arena: Arena): Loaded {
  const layout = parameterLayout(spec);
  const initial = initialParameters(spec, generator);
  for (const { name, offset, size } of layout.slices) {
    if (name.endsWith('weight')) continue;
    for (let i = 0; i < size; i += 1) initial[offset + i] = 0.3 * generator.standardNormal();
  }
  const descriptor = networkDescriptor(spec);
  const normals = (count: number, scale: number, center: number): number[] =>
    Array.from({ length: count }, () => center + scale * generator.standardNormal());
  return {
    spec,
    arena,
    network: arena.ints(descriptor.length, descriptor).pointer,
    parameters: arena.floats(layout.count, initial),
    scratch: arena.floats(scratchBytes(spec) / 4),
    mean: arena.floats(spec.observationSize, normals(spec.observationSize, 0.2, 0)),
    invStd: arena.floats(spec.observationSize, normals(spec.observationSize, 0.1, 1)),
    clip: 2.5,
  };
}

/** One shape to test: sizes and activation of a policy. */
export interface Shape {
  readonly observationSize: number;
  readonly hidden: readonly number[];
  readonly activation: 'tanh' | 'relu';
  readonly distribution: Distribution;
}

/** Shapes around every tile's edges: units and inputs that are not multiples of 2, 4 or 8, one to three hidden layers, heads of 1 to 8. */
export const SHAPES: readonly Shape[] = [
  shape(4, [64, 64], 'tanh', categorical(2)),
  shape(8, [64, 64], 'relu', categorical(4)),
  shape(3, [64, 64], 'tanh', gaussian(1)),
  shape(17, [32, 48], 'tanh', gaussian(6)),
  shape(1, [1], 'tanh', categorical(1)),
  shape(1, [3], 'relu', gaussian(8)),
  shape(2, [5, 7], 'tanh', categorical(3)),
  shape(5, [9, 6, 11], 'relu', categorical(5)),
  shape(100, [13, 10], 'tanh', gaussian(3)),
  shape(7, [33], 'relu', categorical(7)),
  shape(10, [17, 15, 2], 'tanh', gaussian(5)),
  shape(33, [66], 'tanh', categorical(8)),
  shape(6, [], 'tanh', gaussian(2)),
  shape(5, [12], 'tanh', choices([3, 2, 5])),
  shape(4, [8, 16], 'relu', choices([2, 2, 1, 4, 3, 2])),
];

function shape(
  observationSize: number,
  hidden: readonly number[],
  activation: 'tanh' | 'relu',
  distribution: Distribution,
): Shape {
  return { observationSize, hidden, activation, distribution };
}

function categorical(actions: number): Distribution {
  return { type: 'categorical', actions };
}

function choices(nvec: readonly number[]): Distribution {
  return { type: 'multi-categorical', nvec };
}

function gaussian(size: number): Distribution {
  return { type: 'gaussian', size, logStdInit: 0 };
}

/** The policy of a shape; the actor's head is as strong as the others, so that its outputs matter. */
export function networkOf(s: Shape): NetworkSpec {
  return mlpNetwork({ ...s, actorGain: 1 });
}

/** A short name of a shape for messages. */
export function describe(s: Shape): string {
  const outputs = distributionOutputs(s.distribution);
  return `${s.observationSize}-${s.hidden.join('-')}-${outputs} ${s.activation} ${s.distribution.type}`;
}

/** Standard normals. */
export function normals(generator: Generator, count: number, scale = 1): Float32Array {
  return Float32Array.from({ length: count }, () => scale * generator.standardNormal());
}

/** Largest |a - b| / max(1, |b|); NaN or Infinity where the lists differ in kind. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>, scale?: number): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < actual.length; i += 1) {
    const d = Math.abs(actual[i]! - expected[i]!) / (scale ?? Math.max(1, Math.abs(expected[i]!)));
    if (!(d <= worst)) worst = d;
    if (Number.isNaN(worst)) return worst;
  }
  return worst;
}

/** Seeded generator of the tests. */
export function seeded(seed: number): Generator {
  return Generator.fromSeed(seed);
}
