/**
 * The solver's WebAssembly instance of this thread and its memory, in which every world has a block. The code is part of the
 * module graph as text, so that a page's bundle has it, too.
 */
import { failure } from '../core/errors.js';
import { SOLVER } from './solver-code.js';

/** What src/physics/assembly/index.ts exports. */
export interface Solver {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): number;
  readonly rayHit: { readonly value: number };
  select(world: number): void;
  setScratch(at: number, bytes: number): void;
  startBody(index: number): void;
  startFixture(index: number, box: number): number;
  startJoint(index: number): void;
  destroyJoint(index: number): void;
  translationOf(joint: number): number;
  slidingSpeedOf(joint: number): number;
  setTransform(index: number, x: number, y: number, angle: number): void;
  wakeBody(index: number): void;
  sleepBody(index: number): void;
  applyForce(index: number, fx: number, fy: number, px: number, py: number): void;
  applyForceToCenter(index: number, fx: number, fy: number): void;
  applyTorque(index: number, torque: number): void;
  applyLinearImpulse(index: number, ix: number, iy: number, px: number, py: number): void;
  applyAngularImpulse(index: number, impulse: number): void;
  rayCast(x1: number, y1: number, x2: number, y2: number, mask: number): number;
  findNewContacts(): number;
  pairsFound(): number;
  stepIslands(h: number, velocityIterations: number, positionIterations: number): number;
  beginImpacts(): void;
  stepImpacts(h: number, velocityIterations: number): number;
  endStep(h: number): void;
  sineOf(x: number): number;
  cosineOf(x: number): number;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const PAGE = 65536;

function compile(): Solver {
  const { WebAssembly } = globalThis as typeof globalThis & { WebAssembly: WebAssemblyApi };
  const bytes = Uint8Array.from(atob(SOLVER), (character) => character.charCodeAt(0));
  const imports = {
    env: {
      abort: () => {
        throw failure('PHYSICS_FAILED', 'internal: the physics solver aborted.');
      },
    },
  };
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as unknown as Solver;
}

/** The memory of this thread's worlds: blocks by address, and views that follow when it grows. */
export class SolverMemory {
  readonly solver: Solver;
  /** The whole memory; other views after it grew. */
  f32: Float32Array;
  i32: Int32Array;
  #end: number;
  #scratch = 0;
  #scratchSize = 0;
  /** Freed blocks by size. */
  readonly #free = new Map<number, number[]>();
  readonly #unused = new FinalizationRegistry<{ at: number; size: number }>(({ at, size }) => this.release(at, size));

  constructor() {
    this.solver = compile();
    this.#end = (this.solver.heapBase() + 63) & ~63;
    this.f32 = new Float32Array(this.solver.memory.buffer);
    this.i32 = new Int32Array(this.solver.memory.buffer);
  }

  /** A zeroed block, 64-byte aligned. @throws `PHYSICS_MEMORY` beyond WebAssembly's 4 GiB. */
  take(bytes: number): { at: number; size: number } {
    const size = (bytes + 63) & ~63;
    const freed = this.#free.get(size)?.pop();
    if (freed !== undefined) {
      this.f32.fill(0, freed / 4, (freed + size) / 4);
      return { at: freed, size };
    }
    const at = this.#end;
    const have = this.solver.memory.buffer.byteLength;
    if (at + size > have) {
      const pages = Math.ceil((at + size - have) / PAGE);
      // A quarter more at once, so that many worlds do not grow it one by one.
      const wanted = Math.max(pages, Math.ceil(have / PAGE / 4));
      try {
        if (have + wanted * PAGE <= 65536 * PAGE) this.solver.memory.grow(wanted);
        else this.solver.memory.grow(pages);
      } catch {
        throw failure(
          'PHYSICS_MEMORY',
          `The worlds of this thread need more than ${Math.round(have / 1048576)} MiB, which WebAssembly cannot give. Use more workers or fewer envs.`,
        );
      }
      this.f32 = new Float32Array(this.solver.memory.buffer);
      this.i32 = new Int32Array(this.solver.memory.buffer);
    }
    this.#end = at + size;
    return { at, size };
  }

  release(at: number, size: number): void {
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [at]);
    else list.push(at);
  }

  /** Frees the block that `holder` tells of once nothing refers to `owner`. */
  watch(owner: object, holder: { at: number; size: number }): void {
    this.#unused.register(owner, holder);
  }

  /** Makes room for what a step works with. */
  reserveScratch(bytes: number): void {
    if (bytes <= this.#scratchSize) return;
    if (this.#scratchSize > 0) this.release(this.#scratch, this.#scratchSize);
    const { at, size } = this.take(bytes * 2);
    this.#scratch = at;
    this.#scratchSize = size;
    this.solver.setScratch(at, size);
  }
}

let memory: SolverMemory | null = null;

/** The memory of this thread's worlds; made at first use. */
export function solverMemory(): SolverMemory {
  memory ??= new SolverMemory();
  return memory;
}
