/**
 * Where a rollout keeps its observations, row `t N + i` for env `i` at step `t`. Flat numbers lie in the arena as float32, where the kernels
 * read them. Pixels lie outside of it as bytes, one frame a row: a stack of frames is put together when it is read.
 */
import { FloatRows, type RowSource } from '../backends/rows.js';
import { crc32 } from '../core/crc32.js';
import type { Env } from '../core/env.js';
import { Wrapper } from '../core/wrapper.js';
import type { NetworkSpec } from '../network/spec.js';
import { Box } from '../spaces/box.js';
import { flattenInto } from '../spaces/flatten.js';
import type { Space } from '../spaces/space.js';
import { FrameStackObservation } from '../wrappers/frame-stack-observation.js';
import type { Arena } from './arena.js';

/** The largest float32: rewards, and observations where a space has no bounds, must still be finite. */
export const MOST = 3.4028234663852886e38;

/** What `write` says of an observation that is in its space. */
export const FITS = -1;
/** And of one that does not fit as a whole; else it gives the index of the number that is out of bounds. */
export const MISFIT = -2;

/** Where observations of one rollout lie. */
export interface RowShape {
  readonly network: NetworkSpec;
  readonly numEnvs: number;
  readonly numSteps: number;
  /** Frames that each stack of the outermost env repeats from the rows before; 1 where there is no stack. */
  readonly frameStack?: number;
}

export interface ObservationRows extends RowSource {
  /**
   * Writes an observation that follows on row `row - N`, or that begins an episode. Returns `FITS`, `MISFIT`, or the index of the first number that
   * is out of bounds or NaN.
   */
  write(observation: unknown, row: number, begins: boolean): number;
  /** As `write`, for an observation whose row before is not known. */
  writeWhole(observation: unknown, row: number): number;
  /** Keeps the observation that was written to `row` last, to be valued in place `slot` of a worker's final observations. */
  keepFinal(observation: unknown, row: number, rank: number, slot: number): void;
  /** The last rows of envs `first` to `first + count` become their first ones. */
  carry(first: number, count: number): void;
  /** What tells whether the observation at a row is the same again: as many numbers as `loggedSize`. */
  logged(row: number): Float32Array;
  /** Copies `count` rows from `row` on. */
  read(row: number, count: number, target: Float32Array | Uint8Array): void;
  /** Copies a worker's final observations. */
  readFinals(rank: number, count: number, target: Float32Array | Uint8Array): void;
}

/** Numbers that a log keeps of an observation: all of it, or a checksum of pixels. */
export function loggedSize(network: NetworkSpec): number {
  return network.picture === undefined ? network.observationSize : 2;
}

/** Frames that the outermost env stacks, where rows may hold one each: the observation is a stack of bytes that begins with its first frame again and again. */
export function stackedFrames(env: Env): number {
  let inner: Env = env;
  while (!(inner instanceof FrameStackObservation)) {
    if (!(inner instanceof Wrapper) || inner.env.observationSpace !== inner.observationSpace) return 1;
    inner = inner.env;
  }
  const space: Space = inner.observationSpace;
  return space instanceof Box && space.dtype === 'uint8' && inner.repeatsFirst ? inner.stackSize : 1;
}

/** The rows of an arena; `space` is needed to write. */
export function observationRows(arena: Arena, shape: RowShape, space: Space | null): ObservationRows {
  return shape.network.picture === undefined ? new FlatRows(arena, shape, space) : new PixelRows(arena, shape, space);
}

class FlatRows implements ObservationRows {
  readonly #values: Float32Array;
  readonly #source: FloatRows;
  readonly #finals: Float32Array;
  readonly #size: number;
  readonly #finalRows: number;
  readonly #last: number;
  /** Observations that are not a Box are checked as a whole and flattened; null for a Box, whose elements are copied. */
  readonly #flattened: Space | null;
  readonly #low: Float32Array;
  readonly #high: Float32Array;

  constructor(arena: Arena, { network, numEnvs, numSteps }: RowShape, space: Space | null) {
    this.#values = arena.f32('observations');
    this.#source = new FloatRows(this.#values, network.observationSize);
    this.#finals = arena.f32('finalObservations');
    this.#finalRows = arena.segment('finalObservations').shape[1]!;
    this.#size = network.observationSize;
    this.#last = numSteps * numEnvs;
    const box = space instanceof Box ? space : null;
    this.#flattened = box === null ? space : null;
    this.#low = Float32Array.from(box?.low ?? [], (value) => Math.max(Number(value), -MOST));
    this.#high = Float32Array.from(box?.high ?? [], (value) => Math.min(Number(value), MOST));
  }

  write(observation: unknown, row: number): number {
    const target = this.#values;
    const at = row * this.#size;
    const space = this.#flattened;
    if (space !== null) {
      if (!space.contains(observation)) return MISFIT;
      flattenInto(space, observation, target, at);
      return FITS;
    }
    const low = this.#low;
    const high = this.#high;
    const O = low.length;
    const source = observation as ArrayLike<number>;
    if (source === null || source === undefined || source.length !== O) return MISFIT;
    for (let k = 0; k < O; k++) {
      target[at + k] = source[k]!;
      const value = target[at + k]!;
      if (!(value >= low[k]! && value <= high[k]!)) return k;
    }
    return FITS;
  }

  writeWhole(observation: unknown, row: number): number {
    return this.write(observation, row);
  }

  keepFinal(_observation: unknown, row: number, rank: number, slot: number): void {
    const O = this.#size;
    const from = row * O;
    const to = (rank * this.#finalRows + slot) * O;
    for (let k = 0; k < O; k++) this.#finals[to + k] = this.#values[from + k]!;
  }

  carry(first: number, count: number): void {
    const O = this.#size;
    const from = (this.#last + first) * O;
    this.#values.copyWithin(first * O, from, from + count * O);
  }

  logged(row: number): Float32Array {
    return this.#values.slice(row * this.#size, (row + 1) * this.#size);
  }

  read(row: number, count: number, target: Float32Array | Uint8Array): void {
    target.set(this.#values.subarray(row * this.#size, (row + count) * this.#size));
  }

  gather(indices: ArrayLike<number>, count: number, target: Float32Array | Uint8Array): void {
    this.#source.gather(indices, count, target);
  }

  readFinals(rank: number, count: number, target: Float32Array | Uint8Array): void {
    const at = rank * this.#finalRows * this.#size;
    target.set(this.#finals.subarray(at, at + count * this.#size));
  }
}

/** Frames of T + k rows of N envs: those of row `t N + i` and of the k - 1 rows before it make its stack. */
class PixelRows implements ObservationRows {
  readonly #buffers: readonly Uint8Array[];
  readonly #perBuffer: number;
  readonly #frameBytes: number;
  readonly #stack: number;
  readonly #numEnvs: number;
  readonly #numSteps: number;
  /** Frames of each row's episode before it, at most k - 1. */
  readonly #ages: Uint8Array;
  readonly #finals: Uint8Array;
  readonly #finalRows: number;
  readonly #size: number;
  /** Whether every byte is in the space. */
  readonly #covers: boolean;
  readonly #space: Box<'uint8'> | null;

  constructor(arena: Arena, { network, numEnvs, numSteps, frameStack = 1 }: RowShape, space: Space | null) {
    const { frameBytes, perBuffer } = arena.plan.pixels!;
    this.#buffers = arena.pixels.map((buffer) => new Uint8Array(buffer));
    this.#perBuffer = perBuffer;
    this.#frameBytes = frameBytes;
    this.#stack = frameStack;
    this.#numEnvs = numEnvs;
    this.#numSteps = numSteps;
    this.#ages = arena.u8('ages');
    this.#finals = arena.u8('finalObservations');
    this.#finalRows = arena.segment('finalObservations').shape[1]!;
    this.#size = network.observationSize;
    this.#space = space as Box<'uint8'> | null;
    this.#covers = this.#space?.low.every((low, k) => low === 0 && this.#space!.high[k] === 255) ?? false;
  }

  write(observation: unknown, row: number, begins: boolean): number {
    const problem = this.#check(observation);
    if (problem !== FITS) return problem;
    const pixels = observation as Uint8Array;
    const newest = (this.#stack - 1) * this.#frameBytes;
    this.#frame(row + (this.#stack - 1) * this.#numEnvs).set(pixels.subarray(newest));
    this.#ages[row] = begins ? 0 : Math.min(this.#stack - 1, this.#ages[row - this.#numEnvs]! + 1);
    return FITS;
  }

  writeWhole(observation: unknown, row: number): number {
    const problem = this.#check(observation);
    if (problem !== FITS) return problem;
    const pixels = observation as Uint8Array;
    for (let j = 0; j < this.#stack; j++) {
      const frame = pixels.subarray(j * this.#frameBytes, (j + 1) * this.#frameBytes);
      this.#frame(row + j * this.#numEnvs).set(frame);
    }
    this.#ages[row] = this.#stack - 1;
    return FITS;
  }

  keepFinal(observation: unknown, _row: number, rank: number, slot: number): void {
    this.#finals.set(observation as Uint8Array, (rank * this.#finalRows + slot) * this.#size);
  }

  carry(first: number, count: number): void {
    const last = this.#numSteps * this.#numEnvs;
    for (let i = first; i < first + count; i++) {
      for (let j = 0; j < this.#stack; j++) {
        this.#frame(i + j * this.#numEnvs).set(this.#frame(last + i + j * this.#numEnvs));
      }
      this.#ages[i] = this.#ages[last + i]!;
    }
  }

  logged(row: number): Float32Array {
    const pixels = new Uint8Array(this.#size);
    this.#copy(row, pixels, 0);
    const sum = crc32(pixels);
    return Float32Array.of(sum >>> 16, sum & 0xffff);
  }

  read(row: number, count: number, target: Float32Array | Uint8Array): void {
    for (let i = 0; i < count; i++) this.#copy(row + i, target, i * this.#size);
  }

  gather(indices: ArrayLike<number>, count: number, target: Float32Array | Uint8Array): void {
    for (let i = 0; i < count; i++) this.#copy(indices[i]!, target, i * this.#size);
  }

  readFinals(rank: number, count: number, target: Float32Array | Uint8Array): void {
    const at = rank * this.#finalRows * this.#size;
    target.set(this.#finals.subarray(at, at + count * this.#size));
  }

  /** The stack of a row: frames before its episode's first are that one again. */
  #copy(row: number, target: Float32Array | Uint8Array, at: number): void {
    const age = this.#ages[row]!;
    const k = this.#stack;
    for (let j = 0; j < k; j++) {
      const back = Math.min(k - 1 - j, age);
      target.set(this.#frame(row + (k - 1 - back) * this.#numEnvs), at + j * this.#frameBytes);
    }
  }

  #frame(index: number): Uint8Array {
    const at = (index % this.#perBuffer) * this.#frameBytes;
    return this.#buffers[Math.floor(index / this.#perBuffer)]!.subarray(at, at + this.#frameBytes);
  }

  #check(observation: unknown): number {
    if (!(observation instanceof Uint8Array) || observation.length !== this.#size) return MISFIT;
    if (this.#covers) return FITS;
    const { low, high } = this.#space!;
    for (let k = 0; k < observation.length; k++) {
      if (observation[k]! < low[k]! || observation[k]! > high[k]!) return k;
    }
    return FITS;
  }
}
