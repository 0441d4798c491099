/**
 * Episodes as a table: one row a step, columns named as LeRobot names them. What a space holds decides the columns: a Box,
 * MultiDiscrete or MultiBinary is one list, a Discrete one whole number, a Dict or Tuple one column a leaf, anything else text.
 */
import type { Field } from '../../core/env.js';
import { isDType, sizeOf } from '../../spaces/arrays.js';
import { Dict, type DType, type Space, Tuple } from '../../spaces/index.js';
import type { EpisodeFileHead } from '../module.js';
import { encodingOf, type StoreRole } from '../store.js';

/** Element types of a column; `bool` and `uint8` take a byte in memory, `text` is a list of strings. */
export type ColumnType = DType | 'int64' | 'bool' | 'text';

/** One column of a table of steps. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Numbers a row; null for a plain number or text, 1 and more for lists. */
  readonly width: number | null;
  /** Lengths of the axes of a row; empty for a plain number or text. */
  readonly shape: readonly number[];
  /** What the elements of a row are called, where the env says so. */
  readonly fields: readonly Pick<Field, 'name' | 'unit'>[] | null;
}

/** A column that comes out of the members of a space. */
export interface LeafColumn extends Column {
  readonly role: StoreRole;
  /** Keys and indices that lead to the leaf; empty for the member itself. */
  readonly path: readonly (string | number)[];
  readonly space: Space;
  /** One row later than the others: what the action led to. */
  readonly next: boolean;
}

/** The columns of every table besides those of observations and actions. */
export const STEP_COLUMNS: readonly Column[] = (
  [
    ['next.reward', 'float64'],
    ['next.done', 'bool'],
    ['next.terminated', 'bool'],
    ['next.truncated', 'bool'],
    ['timestamp', 'float32'],
    ['frame_index', 'int64'],
    ['episode_index', 'int64'],
    ['index', 'int64'],
    ['task_index', 'int64'],
  ] as const
).map(([name, type]) => ({ name, type, width: null, shape: [], fields: null }));

/** The columns of a table in order: first those of the spaces, then those of every table, then the policy's. */
export interface TableColumns {
  readonly leaves: readonly LeafColumn[];
  readonly all: readonly Column[];
  /** Names of the policy's outputs, whose columns come last. */
  readonly outputs: readonly string[];
}

/**
 * The columns of the table of a file's steps.
 * @param next with the observations that the actions led to. @param outputs names of the policy's outputs.
 */
export function tableColumns(file: EpisodeFileHead, next = false, outputs: readonly string[] = []): TableColumns {
  const { observationSpace, actionSpace } = file;
  const { fields } = file.header.metadata;
  const leaves = [
    ...leafColumns(observationSpace, 'observation', 'observation', fields?.observation),
    ...leafColumns(actionSpace, 'action', 'action', actionSpace.type === 'Discrete' ? undefined : fields?.action),
    ...(next ? leafColumns(observationSpace, 'observation', 'next.observation', fields?.observation, true) : []),
  ];
  const policy = outputs.map(
    (name): Column => ({ name: `policy.${name}`, type: 'float32', width: null, shape: [], fields: null }),
  );
  return { leaves, all: [...leaves, ...STEP_COLUMNS, ...policy], outputs };
}

/**
 * The columns that the members of a space make.
 * @param prefix name that theirs begin with. @param next whether they belong to the row before.
 */
export function leafColumns(
  space: Space,
  role: StoreRole,
  prefix: string,
  fields: readonly Field[] | undefined,
  next = false,
): LeafColumn[] {
  const found: LeafColumn[] = [];
  const visit = (part: Space, path: readonly (string | number)[]): void => {
    if (part instanceof Dict) {
      for (const key of part.keys) visit(part.spaces[key] as Space, [...path, key]);
    } else if (part instanceof Tuple) {
      for (const [k, inner] of (part.spaces as readonly Space[]).entries()) visit(inner, [...path, k]);
    } else {
      const name =
        path.length > 0 ? `${prefix}.${path.join('.')}` : role === 'action' ? prefix : `${prefix}.${kindOf(part)}`;
      found.push({ name, ...typeOf(part), fields: null, role, path, space: part, next });
    }
  };
  visit(space, []);
  const total = found.reduce((sum, { width }) => sum + (width ?? 1), 0);
  if (fields === undefined || fields.length !== total) return found;
  let at = 0;
  return found.map((column) => {
    const end = at + (column.width ?? 1);
    const named = fields.slice(at, end).map(({ name, unit }) => ({ name, unit }));
    at = end;
    return { ...column, fields: named };
  });
}

/** LeRobot's word for a sole observation. */
function kindOf(space: Space): 'image' | 'state' {
  return isImage(space) ? 'image' : 'state';
}

/** Whether members are pictures: bytes of height x width x channels. */
export function isImage({ dtype, shape }: Space): boolean {
  return dtype === 'uint8' && shape?.length === 3 && [1, 3, 4].includes(shape[2]!);
}

function typeOf(space: Space): Pick<Column, 'type' | 'width' | 'shape'> {
  if (space.type === 'Discrete') return { type: 'int64', width: null, shape: [] };
  const { encoding } = encodingOf(space);
  const shape = space.shape ?? [1];
  // Lists of nothing are text too: a format's list has at least one element.
  if (!isDType(encoding) || sizeOf(shape) === 0) return { type: 'text', width: null, shape: [] };
  return { type: encoding, width: sizeOf(shape), shape: shape.length === 0 ? [1] : shape };
}

/** Bytes that a row of a column takes in memory, a guess of 32 for text. */
export function rowBytes({ type, width }: Column): number {
  const size: Readonly<Record<ColumnType, number>> = {
    float32: 4,
    float64: 8,
    int8: 1,
    uint8: 1,
    int16: 2,
    uint16: 2,
    int32: 4,
    uint32: 4,
    int64: 8,
    bool: 1,
    text: 32,
  };
  return size[type] * (width ?? 1);
}
