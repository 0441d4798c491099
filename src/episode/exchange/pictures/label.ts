/** Short labels drawn into pixels, without a font of the machine: digits and the letters of `episode` and `step`. */
import type { Picture } from '../../../render/raster.js';

/** Rows of five pixels, from the top; letters with a descender have nine. */
const GLYPHS: Readonly<Record<string, readonly string[]>> = {
  '0': ['.###.', '#...#', '#..##', '#.#.#', '##..#', '#...#', '.###.'],
  '1': ['..#..', '.##..', '..#..', '..#..', '..#..', '..#..', '.###.'],
  '2': ['.###.', '#...#', '....#', '...#.', '..#..', '.#...', '#####'],
  '3': ['#####', '...#.', '..#..', '...#.', '....#', '#...#', '.###.'],
  '4': ['...#.', '..##.', '.#.#.', '#..#.', '#####', '...#.', '...#.'],
  '5': ['#####', '#....', '####.', '....#', '....#', '#...#', '.###.'],
  '6': ['..##.', '.#...', '#....', '####.', '#...#', '#...#', '.###.'],
  '7': ['#####', '....#', '...#.', '..#..', '.#...', '.#...', '.#...'],
  '8': ['.###.', '#...#', '#...#', '.###.', '#...#', '#...#', '.###.'],
  '9': ['.###.', '#...#', '#...#', '.####', '....#', '...#.', '.##..'],
  d: ['....#', '....#', '.##.#', '#..##', '#...#', '#...#', '.####'],
  e: ['.....', '.....', '.###.', '#...#', '#####', '#....', '.###.'],
  i: ['..#..', '.....', '.##..', '..#..', '..#..', '..#..', '.###.'],
  o: ['.....', '.....', '.###.', '#...#', '#...#', '#...#', '.###.'],
  p: ['.....', '.....', '####.', '#...#', '#...#', '#...#', '####.', '#....', '#....'],
  s: ['.....', '.....', '.###.', '#....', '.###.', '....#', '####.'],
  t: ['.#...', '.#...', '###..', '.#...', '.#...', '.#..#', '..##.'],
  ' ': ['.....', '.....', '.....', '.....', '.....', '.....', '.....'],
};

/** Height of a label in pixels, with its margins, at a scale of 1. */
export const LABEL_HEIGHT = 12;

/** Draws a dark label on the upper left corner at `(x, y)`; characters without a glyph are left blank. */
export function drawLabel({ width, height, rgba }: Picture, text: string, x: number, y: number, scale: number): void {
  for (const [k, character] of [...text].entries()) {
    const rows = GLYPHS[character] ?? GLYPHS[' ']!;
    for (const [row, pixels] of rows.entries()) {
      for (let column = 0; column < 5; column++) {
        if (pixels[column] !== '#') continue;
        const left = x + scale * (2 + 6 * k + column);
        const top = y + scale * (2 + row);
        for (let v = top; v < Math.min(height, top + scale); v++) {
          for (let u = left; u < Math.min(width, left + scale); u++) rgba.set([34, 34, 34, 255], 4 * (v * width + u));
        }
      }
    }
  }
}
