/** Grey values and sizes of pictures, bytes in rows [height, width, channels], as Gymnasium's wrappers compute them. */
import { Box } from '../spaces/box.js';
import type { DType } from '../spaces/space.js';
import { invalidOption, unsuitable } from './options.js';

/** Height, width and channels of a picture; `flat` where its shape has no axis of channels. */
export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly flat: boolean;
}

/** The shape of a Box of pictures. @throws `INVALID_WRAPPER_SPACE` for anything else than bytes from 0 to 255 in two or three axes. */
export function pictureShape(wrapper: string, box: Box<DType>): PictureShape {
  const { shape } = box;
  const bytes = box.dtype === 'uint8' && box.low.every((low) => low === 0) && box.high.every((high) => high === 255);
  if (!bytes || shape.length < 2 || shape.length > 3) {
    throw unsuitable(
      wrapper,
      'observation',
      'pictures, a uint8 Box from 0 to 255 of shape [height, width] or [height, width, channels]',
      box,
    );
  }
  return { height: shape[0]!, width: shape[1]!, channels: shape[2] ?? 1, flat: shape.length === 2 };
}

/** A Box of pictures. */
export function pictureBox({ height, width, channels, flat }: PictureShape): Box<'uint8'> {
  return new Box(0, 255, { shape: flat ? [height, width] : [height, width, channels], dtype: 'uint8' });
}

/** Grey values of a picture of three channels, with the weights of luma, rounded down. */
export function greyscale(picture: ArrayLike<number>, out: Uint8Array): void {
  for (let i = 0, k = 0; i < out.length; i++, k += 3) {
    out[i] = picture[k]! * 0.2125 + picture[k + 1]! * 0.7154 + picture[k + 2]! * 0.0721;
  }
}

/** Sizes of a picture to be. @throws `INVALID_WRAPPER_OPTION` */
export function checkedSize(wrapper: string, shape: unknown): readonly [number, number] {
  const fits = Array.isArray(shape) && shape.length === 2 && shape.every((n) => Number.isSafeInteger(n) && n >= 1);
  if (!fits) throw invalidOption(wrapper, 'shape', '[height, width], two whole numbers from 1', shape);
  return shape as unknown as readonly [number, number];
}

/** Weights of the input's cells in the outputs of one axis: output `to[k]` takes `weight[k]` of input `from[k]`; in the order of `to`. */
interface Weights {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly weight: Float32Array;
}

/**
 * Resizes pictures as OpenCV's `INTER_AREA` does: each output is the mean of the area that it covers; where a picture grows in either
 * axis, a bilinear rule in fixed point.
 */
export class PictureResizer {
  readonly #from: PictureShape;
  readonly #height: number;
  readonly #width: number;
  readonly #run: (source: ArrayLike<number>, target: Uint8Array) => void;

  constructor(from: PictureShape, height: number, width: number) {
    this.#from = from;
    this.#height = height;
    this.#width = width;
    const scaleY = from.height / height;
    const scaleX = from.width / width;
    if (scaleY < 1 || scaleX < 1) this.#run = this.#bilinear();
    else if (Number.isInteger(scaleY) && Number.isInteger(scaleX)) this.#run = this.#blocks(scaleY, scaleX);
    else this.#run = this.#areas(scaleY, scaleX);
  }

  /** Writes the resized picture to `target`, [height, width, channels]. */
  resize(source: ArrayLike<number>, target: Uint8Array): void {
    this.#run(source, target);
  }

  /** Blocks of whole pixels: their mean, rounded to even; two by two rounded up, as OpenCV does. */
  #blocks(tall: number, wide: number) {
    const { channels, width } = this.#from;
    const scale = Math.fround(1 / (tall * wide));
    const row = width * channels;
    const quarter = tall === 2 && wide === 2 && channels !== 2;
    return (source: ArrayLike<number>, target: Uint8Array): void => {
      let at = 0;
      for (let y = 0; y < this.#height; y++) {
        for (let x = 0; x < this.#width; x++) {
          const corner = y * tall * row + x * wide * channels;
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let i = 0; i < tall; i++) {
              for (let j = 0, k = corner + i * row + c; j < wide; j++, k += channels) sum += source[k]!;
            }
            target[at++] = quarter ? (sum + 2) >> 2 : roundToEven(Math.fround(sum * scale));
          }
        }
      }
    };
  }

  /** Areas with parts of pixels, in float32. */
  #areas(scaleY: number, scaleX: number) {
    const { channels, width, height } = this.#from;
    const across = areaWeights(width, this.#width, scaleX);
    const down = areaWeights(height, this.#height, scaleY);
    const line = new Float32Array(this.#width * channels);
    const sums = new Float32Array(this.#width * channels);
    const row = width * channels;
    const write = (target: Uint8Array, y: number): void => {
      const at = y * sums.length;
      for (let k = 0; k < sums.length; k++) target[at + k] = Math.min(255, roundToEven(sums[k]!));
    };
    return (source: ArrayLike<number>, target: Uint8Array): void => {
      let y = down.to[0]!;
      sums.fill(0);
      for (let i = 0; i < down.to.length; i++) {
        line.fill(0);
        const start = down.from[i]! * row;
        for (let k = 0; k < across.to.length; k++) {
          const weight = across.weight[k]!;
          const from = start + across.from[k]! * channels;
          const to = across.to[k]! * channels;
          for (let c = 0; c < channels; c++) line[to + c] = line[to + c]! + Math.fround(source[from + c]! * weight);
        }
        const weight = down.weight[i]!;
        if (down.to[i] !== y) {
          write(target, y);
          y = down.to[i]!;
          for (let k = 0; k < sums.length; k++) sums[k] = weight * line[k]!;
        } else for (let k = 0; k < sums.length; k++) sums[k] = sums[k]! + Math.fround(weight * line[k]!);
      }
      write(target, y);
    };
  }

  /** Two pixels an axis with weights of 11 bits. */
  #bilinear() {
    const { channels, width, height } = this.#from;
    const across = linearWeights(width, this.#width);
    const down = linearWeights(height, this.#height);
    const row = width * channels;
    return (source: ArrayLike<number>, target: Uint8Array): void => {
      let at = 0;
      for (let y = 0; y < this.#height; y++) {
        const above = down.from[y]! * row;
        const below = Math.min(down.from[y]! + 1, height - 1) * row;
        const b1 = down.weight[y]!;
        const b0 = 2048 - b1;
        for (let x = 0; x < this.#width; x++) {
          const left = across.from[x]! * channels;
          const right = Math.min(across.from[x]! + 1, width - 1) * channels;
          const a1 = across.weight[x]!;
          const a0 = 2048 - a1;
          for (let c = 0; c < channels; c++) {
            const upper = source[above + left + c]! * a0 + source[above + right + c]! * a1;
            const lower = source[below + left + c]! * a0 + source[below + right + c]! * a1;
            target[at++] = (((b0 * (upper >> 4)) >> 16) + ((b1 * (lower >> 4)) >> 16) + 2) >> 2;
          }
        }
      }
    };
  }
}

function areaWeights(inputs: number, outputs: number, scale: number): Weights {
  const from: number[] = [];
  const to: number[] = [];
  const weight: number[] = [];
  for (let k = 0; k < outputs; k++) {
    const begin = k * scale;
    const end = begin + scale;
    const cell = Math.min(scale, inputs - begin);
    const last = Math.min(Math.floor(end), inputs - 1);
    const first = Math.min(Math.ceil(begin), last);
    const add = (input: number, part: number): void => {
      from.push(input);
      to.push(k);
      weight.push(part / cell);
    };
    if (first - begin > 1e-3) add(first - 1, first - begin);
    for (let input = first; input < last; input++) add(input, 1);
    if (end - last > 1e-3) add(last, Math.min(end - last, 1, cell));
  }
  return { from: Int32Array.from(from), to: Int32Array.from(to), weight: Float32Array.from(weight) };
}

function linearWeights(inputs: number, outputs: number): Pick<Weights, 'from' | 'weight'> {
  const scale = inputs / outputs;
  const inverse = outputs / inputs;
  const from = new Int32Array(outputs);
  const weight = new Float32Array(outputs);
  for (let k = 0; k < outputs; k++) {
    let input = Math.floor(k * scale);
    let part = Math.fround(k + 1 - (input + 1) * inverse);
    part = part <= 0 ? 0 : Math.fround(part - Math.floor(part));
    if (input >= inputs - 1) {
      input = inputs - 1;
      part = 0;
    }
    from[k] = input;
    weight[k] = roundToEven(Math.fround(part * 2048));
  }
  return { from, weight };
}

function roundToEven(value: number): number {
  const low = Math.floor(value);
  const part = value - low;
  return part > 0.5 || (part === 0.5 && low % 2 === 1) ? low + 1 : low;
}
