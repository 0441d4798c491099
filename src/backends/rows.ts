/** Where learners take raw observations from. */
export interface RowSource {
  /** Copies the first `count` rows of `indices` to `target` [count, O]: floats, or pixels. */
  gather(indices: ArrayLike<number>, count: number, target: Float32Array | Uint8Array): void;
}

/** Rows of `size` numbers that lie side by side. */
export class FloatRows implements RowSource {
  readonly #values: Float32Array;
  readonly #size: number;

  constructor(values: Float32Array, size: number) {
    this.#values = values;
    this.#size = size;
  }

  gather(indices: ArrayLike<number>, count: number, target: Float32Array | Uint8Array): void {
    const size = this.#size;
    for (let i = 0; i < count; i++) {
      const from = indices[i]! * size;
      for (let k = 0; k < size; k++) target[i * size + k] = this.#values[from + k]!;
    }
  }
}
