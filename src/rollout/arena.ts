/**
 * One block of shared memory for everything that threads share, cut into named segments. Its size is known before the first
 * view is made: WebAssembly memory that grows leaves every older view short.
 */
import { ARENA_START, createMemory, type WasmMemory } from '../backends/kernels/kernels.js';

interface SegmentTypes {
  f32: Float32Array<SharedArrayBuffer>;
  f64: Float64Array<SharedArrayBuffer>;
  i32: Int32Array<SharedArrayBuffer>;
  u32: Uint32Array<SharedArrayBuffer>;
  u8: Uint8Array<SharedArrayBuffer>;
}
export type SegmentType = keyof SegmentTypes;
const BYTES: Record<SegmentType, number> = { f32: 4, f64: 8, i32: 4, u32: 4, u8: 1 };
const ALIGN = 64;

/** A named run of elements; `shape` is for messages and readers, outermost axis first. */
export interface SegmentRequest {
  readonly name: string;
  readonly type: SegmentType;
  readonly shape: readonly number[];
}

/** A segment with its place; plain JSON, so that a worker finds it by name. */
export interface Segment extends SegmentRequest {
  /** Bytes from the start of the memory; a multiple of 64. */
  readonly offset: number;
  readonly length: number;
}

export interface ArenaPlan {
  readonly segments: readonly Segment[];
  readonly bytes: number;
  /** Frames of pixels, outside of the memory that kernels see. */
  readonly pixels?: PixelPlan;
}

/** Frames of bytes in buffers of their own, as many in each as stay below 4 GiB. */
export interface PixelPlan {
  readonly frames: number;
  readonly frameBytes: number;
  readonly perBuffer: number;
}

/** The most bytes in one buffer of pixels: below 4 GiB. */
const MAX_PIXEL_BYTES = 0xffff_0000;

/** Places `frames` frames. */
export function planPixels(frames: number, frameBytes: number, most = MAX_PIXEL_BYTES): PixelPlan {
  return { frames, frameBytes, perBuffer: Math.floor(most / frameBytes) };
}

function createPixels(plan: PixelPlan | undefined): readonly SharedArrayBuffer[] {
  if (plan === undefined) return [];
  const { frames, frameBytes, perBuffer } = plan;
  return Array.from({ length: Math.ceil(frames / perBuffer) }, (_, k) => {
    return new SharedArrayBuffer(Math.min(perBuffer, frames - k * perBuffer) * frameBytes);
  });
}

/** Places the segments one after another, however many bytes they come to. */
export function planArena(requests: readonly SegmentRequest[]): ArenaPlan {
  const segments: Segment[] = [];
  let offset = ARENA_START;
  for (const request of requests) {
    const length = request.shape.reduce((product, n) => product * n, 1);
    segments.push({ ...request, offset, length });
    offset += Math.ceil((length * BYTES[request.type]) / ALIGN) * ALIGN + ALIGN;
  }
  return { segments, bytes: offset - ARENA_START };
}

/** Bytes of a segment. */
export function segmentBytes({ type, length }: Segment): number {
  return length * BYTES[type];
}

/** The memory and its plan: made once on the main thread, opened again in every worker. */
export class Arena {
  readonly memory: WasmMemory;
  readonly plan: ArenaPlan;
  /** Buffers of frames, see `PixelPlan`. */
  readonly pixels: readonly SharedArrayBuffer[];
  readonly #byName: Map<string, Segment>;

  constructor(
    plan: ArenaPlan,
    memory: WasmMemory = createMemory(plan.bytes),
    pixels: readonly SharedArrayBuffer[] = createPixels(plan.pixels),
  ) {
    this.plan = plan;
    this.memory = memory;
    this.pixels = pixels;
    this.#byName = new Map(plan.segments.map((segment) => [segment.name, segment]));
  }

  segment(name: string): Segment {
    const segment = this.#byName.get(name);
    if (segment === undefined) throw new Error(`internal: the arena has no segment '${name}'`);
    return segment;
  }

  /** Byte offset of a segment, for kernels. */
  pointer(name: string): number {
    return this.segment(name).offset;
  }

  f32(name: string): SegmentTypes['f32'] {
    const { offset, length } = this.#typed(name, 'f32');
    return new Float32Array(this.#buffer, offset, length);
  }

  f64(name: string): SegmentTypes['f64'] {
    const { offset, length } = this.#typed(name, 'f64');
    return new Float64Array(this.#buffer, offset, length);
  }

  i32(name: string): SegmentTypes['i32'] {
    const { offset, length } = this.#typed(name, 'i32');
    return new Int32Array(this.#buffer, offset, length);
  }

  u32(name: string): SegmentTypes['u32'] {
    const { offset, length } = this.#typed(name, 'u32');
    return new Uint32Array(this.#buffer, offset, length);
  }

  u8(name: string): SegmentTypes['u8'] {
    const { offset, length } = this.#typed(name, 'u8');
    return new Uint8Array(this.#buffer, offset, length);
  }

  get #buffer(): SharedArrayBuffer {
    return this.memory.buffer as SharedArrayBuffer;
  }

  #typed(name: string, type: SegmentType): Segment {
    const segment = this.segment(name);
    if (segment.type !== type) throw new Error(`internal: segment '${name}' holds ${segment.type}, not ${type}`);
    return segment;
  }
}
