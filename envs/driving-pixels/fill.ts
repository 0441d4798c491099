/**
 * Colours over a picture: sums up the areas that edges left in layer 0 of `src/render/coverage.ts` and mixes a colour in by them.
 * A pass takes polygons of any winding as long as all go the same way round where they overlap.
 *
 * Hot path: nothing is allocated. Rows are counted from the top; all numbers are whole.
 */
import { coverage } from '../../src/render/coverage.js';
import { takeRows } from './view.js';

const { STRIDE, ONE } = coverage;
const { cells, masks } = coverage;

/** Half of one in sums of 1/1024 pixel and 1/256 of a colour: what rounds to the nearest byte. */
const HALF = 1 << 17;

/** A colour as bytes, and as words of pictures: four grey pixels, or four pixels of three bytes, in the byte order of this machine. */
export interface Ink {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** Luma, as `GrayscaleObservation` computes it. */
  readonly grey: number;
  /** Share of the colour where it covers all of a pixel, 1/256. */
  readonly opacity: number;
  readonly greyWord: number;
  /** Three words. */
  readonly colourWords: Int32Array;
}

/** A picture that is being drawn: its bytes, and the same as words. */
export interface Canvas {
  /** `[size, size]` or `[size, size, 3]`. */
  readonly pixels: Uint8Array;
  readonly words: Int32Array;
  readonly size: number;
  /** Whether a pixel has three bytes. */
  readonly colour: boolean;
  /** Rows above the gauges. */
  readonly rows: number;
}

/** A picture of the given size, all black. */
export function makeCanvas(size: number, colour: boolean): Canvas {
  const pixels = new Uint8Array(size * size * (colour ? 3 : 1));
  return { pixels, words: new Int32Array(pixels.buffer), size, colour, rows: size - size / 8 };
}

/** The ink of `#rrggbb`. */
export function ink(colour: string, opacity = 1): Ink {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [
    number,
    number,
    number,
  ];
  const grey = Math.floor(red * 0.2125 + green * 0.7154 + blue * 0.0721);
  const bytes = new Uint8Array(12);
  for (let at = 0; at < 12; at += 3) bytes.set([red, green, blue], at);
  const colourWords = new Int32Array(bytes.buffer);
  return {
    red,
    green,
    blue,
    grey,
    opacity: Math.round(256 * opacity),
    greyWord: Math.imul(grey, 0x01010101),
    colourWords,
  };
}

/** Fills whole rows from `first` up to `end`. */
export function fillRows(canvas: Canvas, first: number, end: number, { greyWord, colourWords }: Ink): void {
  const { words, size, colour } = canvas;
  if (!colour) {
    words.fill(greyWord, (first * size) >> 2, (end * size) >> 2);
    return;
  }
  const last = (end * size * 3) >> 2;
  for (let w = (first * size * 3) >> 2; w < last; w += 3) {
    words[w] = colourWords[0]!;
    words[w + 1] = colourWords[1]!;
    words[w + 2] = colourWords[2]!;
  }
}

/** Mixes a colour in by the areas of the outlines since the last call, and clears them. */
export function fill(canvas: Canvas, colour: Ink): void {
  const touched = takeRows(canvas.rows);
  const first = touched & 0xffff;
  const end = touched >> 16;
  if (first >= end) return;
  if (canvas.colour) fillColour(canvas, first, end, colour);
  else fillGrey(canvas, first, end, colour);
}

/** The share of a colour by the sum of areas, 2^-18; without branches, which edges make unpredictable. */
function shareOf(sum: number, opacity: number): number {
  const sign = sum >> 31;
  const beyond = (sum ^ sign) - sign - ONE;
  return Math.imul(ONE + (beyond & (beyond >> 31)), opacity);
}

/** A byte with a share of another, 2^-18, to the nearest. */
function mixed(under: number, over: number, share: number): number {
  return under + ((Math.imul(over - under, share) + HALF) >> 18);
}

function fillGrey({ pixels, words, size }: Canvas, first: number, end: number, { grey, greyWord, opacity }: Ink): void {
  const groups = size >> 2;
  for (let row = first; row < end; row++) {
    let left = masks[row]!;
    if (left === 0) continue;
    masks[row] = 0;
    let sum = 0;
    let group = 0;
    const line = row * size;
    for (;;) {
      // Up to the next change all pixels are covered alike.
      const next = left === 0 ? groups : 31 - Math.clz32(left & -left);
      if (sum !== 0 && group < next) {
        const share = shareOf(sum, opacity);
        if (share === 256 * ONE) {
          for (let w = (line >> 2) + group; w < (line >> 2) + next; w++) words[w] = greyWord;
        } else {
          for (let at = line + 4 * group; at < line + 4 * next; at++) {
            pixels[at] = mixed(pixels[at]!, grey, share);
          }
        }
      }
      group = next;
      if (group >= groups) break;
      left &= left - 1;
      const cell = row * STRIDE + 4 * group;
      const at = line + 4 * group;
      const sum0 = (sum + cells[cell]!) | 0;
      const sum1 = (sum0 + cells[cell + 1]!) | 0;
      const sum2 = (sum1 + cells[cell + 2]!) | 0;
      sum = (sum2 + cells[cell + 3]!) | 0;
      cells[cell] = 0;
      cells[cell + 1] = 0;
      cells[cell + 2] = 0;
      cells[cell + 3] = 0;
      pixels[at] = mixed(pixels[at]!, grey, shareOf(sum0, opacity));
      pixels[at + 1] = mixed(pixels[at + 1]!, grey, shareOf(sum1, opacity));
      pixels[at + 2] = mixed(pixels[at + 2]!, grey, shareOf(sum2, opacity));
      pixels[at + 3] = mixed(pixels[at + 3]!, grey, shareOf(sum, opacity));
      group++;
    }
    if (left !== 0) clearBeyond(row, size);
  }
}

function fillColour(canvas: Canvas, first: number, end: number, colour: Ink): void {
  const { pixels, words, size } = canvas;
  const { red, green, blue, opacity, colourWords } = colour;
  const word0 = colourWords[0]!;
  const word1 = colourWords[1]!;
  const word2 = colourWords[2]!;
  const groups = size >> 2;
  for (let row = first; row < end; row++) {
    let left = masks[row]!;
    if (left === 0) continue;
    masks[row] = 0;
    let sum = 0;
    let group = 0;
    const line = row * size;
    for (;;) {
      const next = left === 0 ? groups : 31 - Math.clz32(left & -left);
      if (sum !== 0 && group < next) {
        const share = shareOf(sum, opacity);
        if (share === 256 * ONE) {
          const last = 3 * ((line >> 2) + next);
          for (let w = 3 * ((line >> 2) + group); w < last; w += 3) {
            words[w] = word0;
            words[w + 1] = word1;
            words[w + 2] = word2;
          }
        } else {
          for (let at = 3 * (line + 4 * group); at < 3 * (line + 4 * next); at += 3) {
            pixels[at] = mixed(pixels[at]!, red, share);
            pixels[at + 1] = mixed(pixels[at + 1]!, green, share);
            pixels[at + 2] = mixed(pixels[at + 2]!, blue, share);
          }
        }
      }
      group = next;
      if (group >= groups) break;
      left &= left - 1;
      const cell = row * STRIDE + 4 * group;
      let at = 3 * (line + 4 * group);
      for (let k = cell; k < cell + 4; k++, at += 3) {
        sum = (sum + cells[k]!) | 0;
        cells[k] = 0;
        const share = shareOf(sum, opacity);
        pixels[at] = mixed(pixels[at]!, red, share);
        pixels[at + 1] = mixed(pixels[at + 1]!, green, share);
        pixels[at + 2] = mixed(pixels[at + 2]!, blue, share);
      }
      group++;
    }
    if (left !== 0) clearBeyond(row, size);
  }
}

/** The cells beyond the last pixel of a row. */
function clearBeyond(row: number, size: number): void {
  for (let cell = row * STRIDE + size; cell < row * STRIDE + size + 4; cell++) cells[cell] = 0;
}
