/**
 * The score in the picture's lower left corner: the digits of pygame's default font at 42 pixels, shrunk to the picture's six rows
 * there. Columns are still the window's; they are shrunk when a number is written, since digits begin anywhere.
 */

/** Rows that the digits take, from row 87 on. */
const ROWS = 6;
const TOP = 87;
/** Window columns of a pixel. */
const SHRINK = 1000 / 96;
/** Window column of the middle of the text. */
const CENTER = 60;
const DIGIT_WIDTH = 23;
const MINUS = 10;
const MINUS_WIDTH = 14;
const PICTURE_WIDTH = 96;
/** Pixels of a row that a score may touch. */
const COLUMNS = 12;

/** Brightness, 0 to 255, of the digits 0 to 9 and the minus sign: each six rows of its window columns. */
// biome-ignore format: bytes in base64
const GLYPHS =
  'AAAAAAELHi45QURHRkI6Lx8MAQAAAAAAFoPD6P3/14VlV1NXZoje//3pwX4RAAC0//////8mAAAAAAAAADv//////6MAAELM/P///5s6HA8LDx4/' +
  'q/////rENwAAAAAQNFJnd4KJjY6MiIB1ZE4wDQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACCgoKCQAAAAAAAAAAAA5mZ2tx' +
  'eoeZtOP////gAAAAAAAAAAAAAxQUFBQUFBT//////+AAAAAAAAAAAAAAAAAAAAAAAP//////4AAAAAAAAAAAAAAAAAAAAAAAj4+Pj499AAAAAAAA' +
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQHCQoKCQgHAwEAAAAAAAAACWScv9fo4rGcko+QmazZ6tnEpHkhAAAaTk5OTk4cAAADGDBL' +
  'a7j//+/OoDkAAAAaTXKOp73Tzb2ljHVeRzAWCgoKBQAAOo2Pj4+Pj4+Pj4+Pj4+Pj4+Pj49IAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgY' +
  'KjU+Q0VHREE7MSQRBAAAAAAAIZ7Q6O7unWlYUVBWZqj////y0FkAAAABAgICAgIAAG9/hpa27//+47V0IgAAAEGSmZmZmFEmFAwLDxo3pv/////z' +
  'XwAAAAsuTWJzfYaKjY6NiYN6bVxEJwYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAECgoKCgoKCAAAAAAAAAAAAAAFK16QwdG0' +
  '///////QAAAAAAAELV+Sw86pd0UUARD//////9AAAAAAAKy4uLiomZmZmZmZn///////7JmZjgAAAAAAAAAAAAAAAAAJj4+Pj490AAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAUKCgoKCgoKCgoKCgoKCgoGAAAAAAA74P//8ZSPj4+Pj4+Pj4+Pj04AAAAAZOTp6em8kI+TmJ+qv9/ax7CO' +
  'XhIAAEF5e3t7e0IfEQwMER43kf////7lZgAAABU4VGd2gIiLjo6Mh390ZVI3GAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEEiUzPUNH' +
  'R0RBOS4eCwEAAAAABFej1PP/4I9rWlJQVmeNoKCdiFIFAACH///////DmZGSlpyjtNXg0buabh4AADG++P///4s2HRALDRgtW/H////pdAAAAAAK' +
  'LUthcn6Hi46Ni4R6bFg/HgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgKCgoKCgoKCgoKCgoKCgoKCgoKCgIAcI+Pj4+Pj4+Pj4+PncTr////' +
  '7caeFwAAAAAAAAAABDl1q9v79LqATB0DAAAAAAAAAAAAIZTr////uUoHAAAAAAAAAAAAAAAAABGHkJCQkG0AAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAAAAAAAAAUTJTI8QkVHRUI8MyUUBQAAAAAAApnZ9P//qG9dVVJVXm+i///02JcBAAAIR5XM8//yuJOBfIGTuPL/8suVRggAArr7' +
  '////81koFg0LDhYoW/b////6swEAAA0uS19we4SKjI6NioR7b15JLQwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADChUeJCcoJiEYDAUA' +
  'AAAAAAAANY682/H5tYp3cG91hKHj9OC/kk8EAABmy/f///GDW0g/P0RTccX//////4oAABFCRV92h3hdXFtZVE5cq/////q7KwAAACZSb4SUn5+Z' +
  'mZmcoZqNe2E+EQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4PT09PT09PT09PSAAAG96enp6' +
  'enp6enp6PwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Window columns from the begin of one character to that of the next, for each pair: 'a' is 8. Rows are the first, columns the next. */
// biome-ignore format: a table
const ADVANCE =
  'rpsspspprsp' +
  'plpppppmppp' +
  'spprppsprsp' +
  'rprspsrpssp' +
  'sprspssptsp' +
  'pppspspprsp' +
  'rppspsrpssp' +
  'ppppmpppppp' +
  'rprspsrprsp' +
  'pprrprppprp' +
  'ggggggggggg';

const glyphs = Uint8Array.from(atob(GLYPHS), (character) => character.charCodeAt(0));
const symbols = new Uint8Array(24);
const sums = new Float64Array(ROWS * COLUMNS);

/** The nearest whole number, half a point to the even neighbour, as Python rounds; -0 for what comes up from below. */
function rounded(value: number): number {
  const size = Math.abs(value);
  let whole = Math.floor(size);
  const rest = size - whole;
  if (rest > 0.5 || (rest === 0.5 && whole % 2 === 1)) whole++;
  return value < 0 || Object.is(value, -0) ? -whole : whole;
}

/** Splits a whole number as Python's `'04.0f'` into symbols and returns how many there are. */
function spell(value: number): number {
  const negative = value < 0 || Object.is(value, -0);
  let rest = Math.abs(value);
  let length = 4;
  for (let most = negative ? 1000 : 10000; rest >= most && length < symbols.length; most *= 10) length++;
  for (let k = length - 1; k >= 0; k--) {
    symbols[k] = rest % 10;
    rest = Math.floor(rest / 10);
  }
  if (negative) symbols[0] = MINUS;
  return length;
}

const widthOf = (symbol: number): number => (symbol === MINUS ? MINUS_WIDTH : DIGIT_WIDTH);
const advance = (a: number, b: number): number => ADVANCE.charCodeAt(a * 11 + b) - 97 + 8;

/** A score that is written anew only when its text changes. */
export class ScoreText {
  readonly #pixels = new Uint8Array(ROWS * COLUMNS);
  #value = Number.NaN;

  /** Writes the rounded `score` in white into a picture `[96, 96, 3]` whose corner is black. */
  write(picture: Uint8Array, score: number): void {
    const value = rounded(score);
    if (!Object.is(value, this.#value)) {
      this.#value = value;
      this.#shrink(spell(value));
    }
    for (let row = 0; row < ROWS; row++) {
      let at = (TOP + row) * PICTURE_WIDTH * 3;
      for (let column = 0; column < COLUMNS; column++) {
        const value = this.#pixels[row * COLUMNS + column]!;
        picture[at++] = value;
        picture[at++] = value;
        picture[at++] = value;
      }
    }
  }

  #shrink(length: number): void {
    let width = widthOf(symbols[length - 1]!);
    for (let k = 1; k < length; k++) width += advance(symbols[k - 1]!, symbols[k]!);
    let left = CENTER - (width >> 1);
    sums.fill(0);
    for (let k = 0; k < length; k++) {
      const symbol = symbols[k]!;
      if (k > 0) left += advance(symbols[k - 1]!, symbol);
      const columns = widthOf(symbol);
      const base = symbol * ROWS * DIGIT_WIDTH;
      for (let i = 0; i < columns; i++) {
        const from = (left + i) / SHRINK;
        const to = (left + i + 1) / SHRINK;
        const first = Math.floor(from);
        if (first < 0 || first + 1 >= COLUMNS) continue;
        const second = Math.max(0, to - (first + 1));
        const share = to - from - second;
        for (let row = 0; row < ROWS; row++) {
          const value = glyphs[base + row * columns + i]!;
          sums[row * COLUMNS + first]! += value * share;
          sums[row * COLUMNS + first + 1]! += value * second;
        }
      }
    }
    for (let i = 0; i < sums.length; i++) this.#pixels[i] = Math.max(0, sums[i]! - 1);
  }
}
