/** A dot falls, a paddle catches it: bsuite's Catch in pixels, [6 n, 6 n] for n cells a side; a cheap env for timing and testing what learns from them. */
import { Env, type ResetOptions } from '../../src/core/env.js';
import { Box, Discrete } from '../../src/spaces/index.js';

const CELL = 6;

export class CatchEnv extends Env<Uint8Array, number> {
  readonly observationSpace;
  readonly actionSpace = new Discrete(3);
  readonly #cells: number;
  readonly #side: number;
  readonly #pixels: Uint8Array;
  #dot = [0, 0];
  #paddle = 0;

  constructor({ cells = 7 }: { cells?: number } = {}) {
    super();
    this.#cells = cells;
    this.#side = cells * CELL;
    this.#pixels = new Uint8Array(this.#side * this.#side);
    this.observationSpace = new Box(0, 255, { shape: [this.#side, this.#side], dtype: 'uint8' });
  }

  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.#dot = [0, this.rng.integers(this.#cells)];
    this.#paddle = this.rng.integers(this.#cells);
    return { observation: this.#draw(), info: {} };
  }

  step(action: number) {
    this.#paddle = Math.min(this.#cells - 1, Math.max(0, this.#paddle + action - 1));
    this.#dot[0]!++;
    const terminated = this.#dot[0] === this.#cells - 1;
    const reward = terminated ? (this.#dot[1] === this.#paddle ? 1 : -1) : 0;
    return { observation: this.#draw(), reward, terminated, truncated: false, info: {} };
  }

  #draw(): Uint8Array {
    this.#pixels.fill(0);
    const cell = (row: number, column: number, shade: number): void => {
      for (let k = 0; k < CELL * CELL; k++) {
        const y = row * CELL + Math.floor(k / CELL);
        this.#pixels[y * this.#side + column * CELL + (k % CELL)] = shade;
      }
    };
    cell(this.#cells - 1, this.#paddle, 120);
    cell(this.#dot[0]!, this.#dot[1]!, 255);
    return this.#pixels;
  }
}
