/** Numbers that are added one by one, and read as one typed array. */
export class Column {
  #data: Float64Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#data = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes that it takes. */
  get bytes(): number {
    return this.#data.byteLength;
  }

  push(value: number): void {
    if (this.#length === this.#data.length) this.#resize(2 * this.#length + 16);
    this.#data[this.#length++] = value;
  }

  /** The number that came last; NaN before the first. */
  get last(): number {
    return this.#length === 0 ? Number.NaN : this.#data[this.#length - 1]!;
  }

  /** The numbers so far, without a copy: good until the next `push`. */
  view(): Float64Array {
    return this.#data.subarray(0, this.#length);
  }

  /** A copy of the numbers. */
  done(): Float64Array {
    return this.#data.slice(0, this.#length);
  }

  /** Gives back what doubling took ahead, but for an eighth. */
  trim(): void {
    const fitting = this.#length + (this.#length >> 3) + 16;
    if (fitting < this.#data.length) this.#resize(fitting);
  }

  #resize(capacity: number): void {
    const next = new Float64Array(capacity);
    next.set(this.#data.subarray(0, this.#length));
    this.#data = next;
  }
}
