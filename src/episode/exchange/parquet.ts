/**
 * Tables of steps as Parquet: a row group for each batch of rows. hyparquet-writer writes schema, page headers and footer; the
 * pages are ours, since its own take lists apart number by number (8 MB/s), where every list of a table is equally long: its
 * levels are one pattern, and its numbers lie in the page as they lie in memory.
 */
import type { ColumnChunk, SchemaElement } from 'hyparquet';
import type { Column, ColumnType } from './columns.js';
import { DESCRIPTION_KEY } from './description.js';
import { batchesOf, type TableJob } from './job.js';
import { library } from './library.js';
import type { ColumnData, RowBatch } from './rows.js';
import type { FileSink } from './sink.js';

/** A data page has about so many bytes. */
const PAGE_BYTES = 1024 * 1024;

type Element = Pick<SchemaElement, 'type' | 'converted_type'>;

const ELEMENTS: Readonly<Record<ColumnType, Element>> = {
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  int8: { type: 'INT32', converted_type: 'INT_8' },
  uint8: { type: 'INT32', converted_type: 'UINT_8' },
  int16: { type: 'INT32', converted_type: 'INT_16' },
  uint16: { type: 'INT32', converted_type: 'UINT_16' },
  int32: { type: 'INT32' },
  uint32: { type: 'INT32', converted_type: 'UINT_32' },
  int64: { type: 'INT64' },
  bool: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

/** Whether a column is kept as the bytes of each row: Parquet has no 8-bit numbers, and lists of them would take four times the room. */
function isBytes({ type, width }: Column): boolean {
  return type === 'uint8' && width !== null && width > 64;
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  const rows = columns.flatMap((column): SchemaElement[] => {
    const { name, type, width } = column;
    if (isBytes(column))
      return [{ name, type: 'FIXED_LEN_BYTE_ARRAY', type_length: width!, repetition_type: 'REQUIRED' }];
    if (width === null) return [{ name, ...ELEMENTS[type], repetition_type: 'REQUIRED' }];
    return [
      { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', ...ELEMENTS[type], repetition_type: 'REQUIRED' },
    ];
  });
  return [{ name: 'schema', num_children: columns.length }, ...rows];
}

/** Numbers as Parquet's PLAIN encoding has them, which is little-endian memory; whole numbers below 32 bits widened. */
function plain({ type }: Column, values: ColumnData): Uint8Array {
  if (Array.isArray(values)) {
    return Buffer.concat(
      values.flatMap((text) => {
        const bytes = Buffer.from(text, 'utf8');
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        return [length, bytes];
      }),
    );
  }
  if (type === 'bool') {
    const packed = new Uint8Array(Math.ceil(values.length / 8));
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) packed[i >> 3]! |= 1 << (i & 7);
    return packed;
  }
  const wide = values.BYTES_PER_ELEMENT < 4 ? Int32Array.from(values as Int8Array) : values;
  return new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}

/** Repetition levels of `rows` lists of `width`: 0 where a list begins, 1 elsewhere, bit-packed. */
function repetitionLevels(rows: number, width: number): Uint8Array {
  const groups = Math.ceil((rows * width) / 8);
  const head = varint(groups * 2 + 1);
  const levels = new Uint8Array(head.length + groups).fill(0xff, head.length);
  levels.set(head);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    levels[head.length + (at >> 3)]! &= ~(1 << (at & 7));
  }
  return levels;
}

/** A Parquet file that is being written. */
interface Target {
  readonly sink: FileSink;
  /** Header of a page of `size` bytes in all; levels included. */
  readonly pageHeader: (page: Page, size: number) => Uint8Array;
}

interface Page {
  readonly values: number;
  readonly rows: number;
  readonly repetition: number;
  readonly definition: number;
}

/** Writes one column of a row group and says where it lies. */
function writeColumn({ sink, pageHeader }: Target, column: Column, data: ColumnData, rows: number): ColumnChunk {
  const start = sink.position;
  const bytes = isBytes(column);
  const list = column.width !== null && !bytes;
  const width = column.width ?? 1;
  const rowBytes = Array.isArray(data) ? 64 : data.BYTES_PER_ELEMENT * width;
  const pageRows = Math.max(1, Math.floor(PAGE_BYTES / rowBytes));
  let values = 0;
  for (let from = 0; from < rows; from += pageRows) {
    const count = Math.min(pageRows, rows - from);
    const slice = Array.isArray(data)
      ? data.slice(from, from + count)
      : (data.subarray(from * width, (from + count) * width) as ColumnData);
    const repetition = list ? repetitionLevels(count, width) : new Uint8Array(0);
    // Every list has elements and nothing is null: one run of ones.
    const definition = list ? Uint8Array.from([...varint(count * width * 2), 1]) : new Uint8Array(0);
    const numbers = bytes ? (slice as Uint8Array) : plain(column, slice);
    const entries = list ? count * width : count;
    const page = { values: entries, rows: count, repetition: repetition.length, definition: definition.length };
    sink.write(pageHeader(page, repetition.length + definition.length + numbers.length));
    for (const part of [repetition, definition, numbers]) sink.write(part);
    values += entries;
  }
  const size = BigInt(sink.position - start);
  const { type } = bytes ? ({ type: 'FIXED_LEN_BYTE_ARRAY' } as const) : ELEMENTS[column.type];
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: type!,
      encodings: list ? ['PLAIN', 'RLE'] : ['PLAIN'],
      path_in_schema: list ? [column.name, 'list', 'element'] : [column.name],
      codec: 'UNCOMPRESSED',
      num_values: BigInt(values),
      total_uncompressed_size: size,
      total_compressed_size: size,
      data_page_offset: BigInt(start),
    },
  };
}

/** Writes a Parquet file, uncompressed, without nulls. @throws `FORMAT_UNAVAILABLE`, `NOT_WRITABLE` */
export async function writeParquet(job: TableJob): Promise<void> {
  const { sink, columns, description } = job;
  const [{ ByteWriter, ParquetWriter }, { writePageHeader }] = await library('hyparquet-writer', 'parquet', () =>
    Promise.all([import('hyparquet-writer'), import('hyparquet-writer/src/datapage.js')]),
  );
  const pageHeader = (page: Page, size: number): Uint8Array => {
    const writer = new ByteWriter();
    writePageHeader(writer, {
      type: 'DATA_PAGE_V2',
      uncompressed_page_size: size,
      compressed_page_size: size,
      data_page_header_v2: {
        num_values: page.values,
        num_nulls: 0,
        num_rows: page.rows,
        encoding: 'PLAIN',
        definition_levels_byte_length: page.definition,
        repetition_levels_byte_length: page.repetition,
        is_compressed: false,
      },
    });
    return writer.getBytes();
  };
  const footer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer: footer,
    schema: schemaOf(columns.all),
    codec: 'UNCOMPRESSED',
    kvMetadata: [{ key: DESCRIPTION_KEY, value: JSON.stringify(description) }],
    createdBy: String(description.createdBy),
  });
  // The signature that the constructor has written; the rest of the footer follows the row groups.
  sink.write(footer.getBytes());
  const before = footer.index;
  for await (const batch of batchesOf(job)) parquet.row_groups.push(rowGroup({ sink, pageHeader }, columns.all, batch));
  parquet.num_rows = parquet.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  await parquet.finish();
  sink.write(footer.getBytes().subarray(before));
}

function rowGroup(target: Target, columns: readonly Column[], { rows, data }: RowBatch) {
  const chunks = columns.map((column, k) => writeColumn(target, column, data[k]!, rows));
  const size = chunks.reduce((sum, { meta_data }) => sum + meta_data!.total_compressed_size, 0n);
  return { columns: chunks, total_byte_size: size, total_compressed_size: size, num_rows: BigInt(rows) };
}
