import { usageError } from '../../src/core/errors.js';
import { Generator } from '../../src/core/seeding/generator.js';

/** The size and kind of a random map. */
export interface RandomMapOptions {
  /** Cells along each side, from 2; 8 by default. */
  readonly size?: number;
  /** Probability that a cell is frozen, above 0; 0.8 by default. */
  readonly p?: number;
  /** The same seed gives the same map; without it each call draws a new one. */
  readonly seed?: number;
}

/** Beyond this many draws without a way to the goal, `p` is too low for the size. */
const MAX_DRAWS = 100_000;

/**
 * A random map with a way from the start (top left) to the goal (bottom right), as a list of rows for the option `desc` of
 * FrozenLake: the map of Gymnasium's `generate_random_map` for the same size, `p` and seed.
 * @throws `INVALID_OPTION` for a size or `p` out of range, `MAP_NOT_FOUND` if no such map turns up, `INVALID_SEED`.
 */
export function generateRandomMap({ size = 8, p = 0.8, seed }: RandomMapOptions = {}): string[] {
  const refuse = (field: string, expected: string, got: unknown): never => {
    throw usageError('INVALID_OPTION', `generateRandomMap: ${field} must be ${expected}, got ${String(got)}.`, {
      field,
      expected,
      got: String(got),
    });
  };
  if (!Number.isSafeInteger(size) || size < 2 || size > 1000) refuse('size', 'a whole number from 2 to 1000', size);
  if (typeof p !== 'number' || !(p > 0)) refuse('p', 'a number above 0', p);
  const rng = seed === undefined ? Generator.fromEntropy() : Generator.fromSeed(seed);
  const frozen = Math.min(1, p);
  const probabilities = [frozen, 1 - frozen];
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const kinds = rng.choice(2, size * size, { p: probabilities });
    const cells = Array.from(kinds, (kind): string => (kind === 0 ? 'F' : 'H'));
    cells[0] = 'S';
    cells[cells.length - 1] = 'G';
    const rows = Array.from({ length: size }, (_, row) => cells.slice(row * size, (row + 1) * size).join(''));
    if (hasWay(rows)) return rows;
  }
  throw usageError(
    'MAP_NOT_FOUND',
    `generateRandomMap: none of ${MAX_DRAWS} maps of size ${size} with p ${p} has a way to the goal. Give a larger p or a smaller size.`,
    { field: 'p', got: String(p), hint: 'a larger p or a smaller size' },
  );
}

/** Whether one can walk from the top left to a goal without crossing a hole. */
function hasWay(rows: readonly string[]): boolean {
  const columns = rows[0]!.length;
  const frontier = [0];
  const seen = new Set<number>(frontier);
  for (let cell = frontier.pop(); cell !== undefined; cell = frontier.pop()) {
    const row = Math.floor(cell / columns);
    const column = cell % columns;
    for (const [r, c] of [
      [row + 1, column],
      [row, column + 1],
      [row - 1, column],
      [row, column - 1],
    ] as const) {
      const letter = rows[r]?.[c];
      if (letter === 'G') return true;
      if (letter === undefined || letter === 'H' || seen.has(r * columns + c)) continue;
      seen.add(r * columns + c);
      frontier.push(r * columns + c);
    }
  }
  return false;
}

/**
 * A map that FrozenLake can be played on, as it came.
 * @throws `INVALID_ENV_OPTION` for rows of different lengths, unknown letters, or a map without start or goal.
 */
export function checkedMap(desc: readonly string[]): readonly string[] {
  const refuse = (problem: string, got: string): never => {
    throw usageError('INVALID_ENV_OPTION', `FrozenLake: option 'desc' ${problem}, got ${got}.`, {
      field: 'desc',
      env: 'FrozenLake',
      expected: 'rows of equal length of the letters S, F, H and G, with a start and a goal',
      got,
    });
  };
  const columns = desc[0]?.length ?? 0;
  if (columns === 0) refuse('must have at least one row and one column', JSON.stringify(desc));
  desc.forEach((row, k) => {
    if (row.length !== columns) {
      refuse(`must have rows of equal length: row 0 has ${columns} cells`, `${row.length} in row ${k}`);
    }
    const wrong = /[^SFHG]/.exec(row);
    if (wrong !== null) {
      refuse('may hold only S (start), F (frozen), H (hole) and G (goal)', `'${wrong[0]}' in row ${k}, '${row}'`);
    }
  });
  const all = desc.join('');
  if (!all.includes('S')) refuse('needs a start, S', JSON.stringify(desc));
  if (!all.includes('G')) refuse('needs a goal, G', JSON.stringify(desc));
  return desc;
}
