/** Tables of steps as text: CSV with one number a column, and JSON with one object a line. */
import { numberToJSON } from '../../spaces/arrays.js';
import type { Column } from './columns.js';
import { batchesOf, type TableJob } from './job.js';
import type { ColumnData } from './rows.js';

/** Names of a column's elements: `action.steer`, or `action.0` where the env gives no names. */
export function elementNames({ name, width, fields }: Column): string[] {
  if (width === null) return [name];
  const names = Array.from({ length: width }, (_, k) => fields?.[k]?.name ?? String(k));
  const unique = new Set(names).size === names.length;
  return names.map((element, k) => `${name}.${unique ? element : k}`);
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cell(column: Column, value: number | bigint | string): string {
  if (typeof value === 'string') return quoted(value);
  if (column.type === 'bool') return value === 0 ? 'false' : 'true';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** Writes one line a step; numbers as JavaScript prints them, which is exact. */
export async function writeCsv(job: TableJob): Promise<void> {
  const { sink, columns } = job;
  sink.write(`${columns.all.flatMap(elementNames).map(quoted).join(',')}\n`);
  for await (const { rows, data } of batchesOf(job)) {
    for (let row = 0; row < rows; row++) {
      const cells: string[] = [];
      for (const [k, column] of columns.all.entries()) {
        const width = column.width ?? 1;
        for (let i = 0; i < width; i++) cells.push(cell(column, data[k]![row * width + i]!));
      }
      sink.write(`${cells.join(',')}\n`);
    }
  }
}

/** Writes one JSON object a step; NaN and infinities as text, since JSON has none. */
export async function writeJsonl(job: TableJob): Promise<void> {
  const { sink, columns } = job;
  for await (const { rows, data } of batchesOf(job)) {
    for (let row = 0; row < rows; row++) {
      const object: Record<string, unknown> = {};
      for (const [k, column] of columns.all.entries()) object[column.name] = jsonCell(column, data[k]!, row);
      sink.write(`${JSON.stringify(object)}\n`);
    }
  }
}

function jsonCell({ type, width }: Column, data: ColumnData, row: number): unknown {
  const one = (at: number): unknown => {
    const value = data[at]!;
    if (typeof value === 'string') return value;
    return type === 'bool' ? value !== 0 : numberToJSON(Number(value));
  };
  return width === null ? one(row) : Array.from({ length: width }, (_, i) => one(row * width + i));
}
