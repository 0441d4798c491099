/** Reads actions from CSV: one row a step, with or without a header, line by line. */
import { createReadStream } from 'node:fs';
import { failure, usageError } from '../../core/errors.js';
import { notReadable } from '../bytes.js';
import type { EpisodeNotice } from '../parser.js';
import { type ActionReader, actionReader } from './actions.js';
import { library } from './library.js';
import type { Script, ScriptedEpisode, ScriptOptions } from './scripts.js';

/** Longest line, bytes: a row of numbers is far shorter. */
const LONGEST_LINE = 1024 * 1024;
/** A plain decimal number; no `0x10`, no empty cell. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Words for values that no action may have, so that a row with one is a row of numbers. */
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;

interface Line {
  readonly cells: readonly string[];
  readonly number: number;
}

/** Which cells of a row mean what. */
interface Layout {
  readonly actions: readonly number[];
  readonly episode: number | null;
  readonly seed: number | null;
  readonly columns: number;
}

function invalid(path: string, line: number, why: string): Error {
  return failure('IMPORT_INVALID', `${path}, line ${line}: ${why}.`, { file: path, got: why });
}

/** Lines of a file, each at most `LONGEST_LINE` bytes. */
async function* linesOf(path: string): AsyncGenerator<Line> {
  const { CsvError, parse } = await library('csv-parse', 'csv', () => import('csv-parse'));
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: LONGEST_LINE,
  });
  const input = createReadStream(path);
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { cells: record, number: info.lines };
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw notReadable(path, cause, 'a CSV');
    const { code, message } = cause;
    throw failure('IMPORT_INVALID', `${path} cannot be read as CSV: ${message}.`, { file: path, got: code }, cause);
  } finally {
    input.destroy();
    parser.destroy();
  }
}

/** The layout that a header gives. @throws `IMPORT_COLUMNS` */
function layoutOf({ cells }: Line, path: string, fields: readonly string[], width: number): Layout {
  const find = (...names: string[]): number | null => {
    const at = cells.findIndex((cell) => names.includes(cell));
    return at < 0 ? null : at;
  };
  const [episode, seed] = [find('episode', 'episode_index'), find('seed')];
  const named = Array.from({ length: width }, (_, i) =>
    find(
      ...(width === 1 ? ['action'] : []),
      `action.${fields[i] ?? i}`,
      `action.${i}`,
      fields[i] ?? `action_${i}`,
      `action_${i}`,
    ),
  );
  const expected = Array.from({ length: width }, (_, i) => fields[i] ?? (width === 1 ? 'action' : `action.${i}`));
  const missing = named.indexOf(null);
  if (missing >= 0 || new Set(cells).size !== cells.length) {
    const why = missing >= 0 ? `has no column '${expected[missing]}'` : 'names a column twice';
    throw usageError(
      'IMPORT_COLUMNS',
      `${path} ${why}: expected a header with ${expected.map((name) => `'${name}'`).join(', ')} and, where you like, 'episode' and 'seed'; got ${cells.slice(0, 20).join(', ').slice(0, 200)}.`,
      { file: path, expected: expected.join(', '), got: cells.join(', ').slice(0, 200) },
    );
  }
  return { actions: named as number[], episode, seed, columns: cells.length };
}

/** A cell as a number, NaN for what is none. */
function numberOf(cell: string | undefined): number {
  if (cell === undefined || !NUMBER.test(cell)) return Number.NaN;
  return Number(cell);
}

function wholeCell(path: string, line: Line, at: number, name: string): number {
  const value = numberOf(line.cells[at]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(
    path,
    line.number,
    `expected ${name} as a whole number from 0, got '${line.cells[at]?.slice(0, 40) ?? ''}'`,
  );
}

interface Row {
  readonly action: unknown;
  readonly episode: number | null;
  readonly seed: number | null;
  readonly line: number;
}

/** Rows with their actions checked. */
async function* rowsOf({ path, env }: ScriptOptions, reader: ActionReader): AsyncGenerator<Row> {
  const { width } = reader;
  const table = env.metadata.fields?.action ?? [];
  const fields = env.actionSpace.type !== 'Discrete' && table.length === width ? table.map(({ name }) => name) : [];
  let layout: Layout | null = null;
  for await (const line of linesOf(path)) {
    const { cells } = line;
    if (layout === null) {
      const numeric = cells.every((cell) => NUMBER.test(cell) || NOT_FINITE.test(cell));
      if (!numeric) {
        layout = layoutOf(line, path, fields, width);
        continue;
      }
      layout = { actions: Array.from({ length: width }, (_, i) => i), episode: null, seed: null, columns: width };
    }
    if (cells.length !== layout.columns) {
      throw invalid(path, line.number, `expected ${layout.columns} cells, got ${cells.length}`);
    }
    const numbers = layout.actions.map((at) => (NOT_FINITE.test(cells[at]!) ? Number.NaN : numberOf(cells[at])));
    for (const [i, at] of layout.actions.entries()) {
      if (Number.isNaN(numbers[i]))
        throw invalid(path, line.number, `expected a number as action, got '${cells[at]!.slice(0, 40)}'`);
    }
    yield {
      action: reader.read(numbers, `line ${line.number}`),
      episode: layout.episode === null ? null : wholeCell(path, line, layout.episode, 'episode'),
      seed: layout.seed === null ? null : wholeCell(path, line, layout.seed, 'seed'),
      line: line.number,
    };
  }
}

/**
 * Opens a CSV of actions. Where it has an `episode` column, an episode is the rows with one value of it; elsewhere an episode
 * ends when the env says so, and the next row begins another.
 */
export function openCsvActions(options: ScriptOptions): Script {
  const { path, env } = options;
  const notices: EpisodeNotice[] = [];
  const rows = rowsOf(options, actionReader(env.actionSpace, path));
  let waiting: Row | null = null;
  const next = async (): Promise<Row | null> => {
    if (waiting !== null) return waiting;
    const { value, done } = await rows.next();
    waiting = done ? null : value;
    return waiting;
  };
  async function* actionsOf(first: Row): AsyncGenerator<unknown> {
    for (;;) {
      const row = await next();
      if (row === null || row.episode !== first.episode) return;
      if (row.seed !== first.seed) {
        throw invalid(path, row.line, `the seed changes from ${first.seed} to ${row.seed} within an episode`);
      }
      // Taken before it is handed out: whoever stops here has used it.
      waiting = null;
      yield row.action;
    }
  }
  async function* episodes(): AsyncGenerator<ScriptedEpisode> {
    const seen = new Set<number>();
    for (;;) {
      const first = await next();
      if (first === null) return;
      if (first.episode !== null) {
        if (seen.has(first.episode))
          throw invalid(path, first.line, `episode ${first.episode} goes on after another one`);
        seen.add(first.episode);
      }
      yield { name: `line ${first.line}`, start: first.seed, options: null, actions: actionsOf(first), recorded: null };
      // The env ended before the rows of the episode did: they belong to no episode.
      let left = 0;
      for (let row = await next(); first.episode !== null && row?.episode === first.episode; row = await next()) {
        waiting = null;
        left++;
      }
      if (left > 0) {
        notices.push({
          code: 'ACTIONS_AFTER_END',
          message: `${path}: episode ${first.episode} ended ${left} rows before its actions did; they were not played.`,
        });
      }
    }
  }
  return { episodes: episodes(), notices, close: () => void rows.return(undefined) };
}
