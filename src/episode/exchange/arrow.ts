/** Tables of steps as Arrow IPC files: a record batch for each batch of rows, written as soon as it is full. */
import type * as Arrow from 'apache-arrow';
import type { Column, ColumnType } from './columns.js';
import { DESCRIPTION_KEY } from './description.js';
import { batchesOf, type TableJob } from './job.js';
import { library } from './library.js';
import type { ColumnData } from './rows.js';

type Library = typeof Arrow;

function scalarType(arrow: Library, type: ColumnType): Arrow.DataType {
  switch (type) {
    case 'float32':
      return new arrow.Float32();
    case 'float64':
      return new arrow.Float64();
    case 'int8':
      return new arrow.Int8();
    case 'uint8':
      return new arrow.Uint8();
    case 'int16':
      return new arrow.Int16();
    case 'uint16':
      return new arrow.Uint16();
    case 'int32':
      return new arrow.Int32();
    case 'uint32':
      return new arrow.Uint32();
    case 'int64':
      return new arrow.Int64();
    case 'bool':
      return new arrow.Bool();
    case 'text':
      return new arrow.Utf8();
  }
}

function fieldOf(arrow: Library, { name, type, width }: Column): Arrow.Field {
  const scalar = scalarType(arrow, type);
  if (width === null) return new arrow.Field(name, scalar, false);
  return new arrow.Field(name, new arrow.FixedSizeList(width, new arrow.Field('item', scalar, false)), false);
}

/** Bytes of ones and zeros as bits, lowest first. */
function bits(bytes: ArrayLike<number>, count: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) if (bytes[i] !== 0) packed[i >> 3]! |= 1 << (i & 7);
  return packed;
}

function dataOf(arrow: Library, column: Column, type: Arrow.DataType, values: ColumnData, rows: number): Arrow.Data {
  if (column.width !== null) {
    const [item] = (type as Arrow.FixedSizeList).children;
    const child = scalarData(arrow, column.type, item!.type, values, rows * column.width);
    return arrow.makeData({ type: type as Arrow.FixedSizeList, length: rows, nullCount: 0, child });
  }
  return scalarData(arrow, column.type, type, values, rows);
}

function scalarData(
  arrow: Library,
  kind: ColumnType,
  type: Arrow.DataType,
  values: ColumnData,
  length: number,
): Arrow.Data {
  if (kind === 'text') return arrow.vectorFromArray(values as string[], new arrow.Utf8()).data[0]!;
  const data = kind === 'bool' ? bits(values as Uint8Array, length) : values;
  return arrow.makeData({ type: type as Arrow.Float32, length, nullCount: 0, data: data as Float32Array });
}

/** Writes an Arrow IPC file (Feather V2, uncompressed), without nulls. @throws `FORMAT_UNAVAILABLE`, `NOT_WRITABLE` */
export async function writeArrow(job: TableJob): Promise<void> {
  const { sink, columns, description } = job;
  const arrow = await library('apache-arrow', 'arrow', () => import('apache-arrow'));
  const metadata = new Map([[DESCRIPTION_KEY, JSON.stringify(description)]]);
  const fields = columns.all.map((column) => fieldOf(arrow, column));
  const schema = new arrow.Schema(fields, metadata);
  // The writer's queue would keep whole batches in memory until somebody takes them: this one hands them on at once.
  class Queue extends arrow.AsyncByteQueue {
    override write(chunk: ArrayBufferLike | ArrayBufferView | string): void {
      if (typeof chunk === 'string') sink.write(chunk);
      else if (ArrayBuffer.isView(chunk)) sink.write(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      else sink.write(new Uint8Array(chunk));
    }
  }
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(new Queue() as never, schema);
  for await (const { rows, data } of batchesOf(job)) {
    const children = columns.all.map((column, k) => dataOf(arrow, column, fields[k]!.type, data[k]!, rows));
    const struct = arrow.makeData({ type: new arrow.Struct(fields), length: rows, nullCount: 0, children });
    writer.write(new arrow.RecordBatch(schema, struct as never));
  }
  writer.finish();
}
