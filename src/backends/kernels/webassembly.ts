/**
 * The part of the WebAssembly API that the kernels use. TypeScript declares the global only for browsers (`lib.dom`), which a
 * Node library must not ask its users to load.
 */

/** A compiled module; it can be posted to worker threads. */
export interface WasmModule {
  readonly [Symbol.toStringTag]?: string;
}

/** A shared memory; its buffer keeps its length, since ours never grow. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object };
}

/** The engine's WebAssembly namespace. */
export const wasm: WebAssemblyApi = (globalThis as typeof globalThis & { WebAssembly: WebAssemblyApi }).WebAssembly;
