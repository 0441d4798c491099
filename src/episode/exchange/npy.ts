/** Headers of NumPy's .npy arrays, version 1.0: a signature, the length of a Python dict as text, the dict, then the numbers. */
import type { ColumnType } from './columns.js';

const DESCRIPTIONS: Readonly<Record<Exclude<ColumnType, 'text'>, string>> = {
  float32: '<f4',
  float64: '<f8',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  bool: '|b1',
};

/** NumPy's name of a column's element type. */
export function npyType(type: Exclude<ColumnType, 'text'>): string {
  return DESCRIPTIONS[type];
}

/** The bytes before the numbers of an array. Source: NEP 1. @param descr element type, such as `<f4` or `|S120` */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  // So that the numbers begin at a multiple of 64.
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  return Buffer.concat([head, Buffer.from(`${dict.padEnd(length - 1)}\n`, 'latin1')]);
}
