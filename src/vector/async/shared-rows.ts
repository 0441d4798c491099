/** The rows that the threads of an async vector env share, and each worker's part of them. */
import { arrayOver, newArray } from '../../spaces/arrays.js';
import type { DType, DTypes, Space } from '../../spaces/space.js';
import { ActionBatch, type Actions, actionsFor } from '../actions.js';
import { type ObservationStore, observationStore } from '../observation-store.js';

/** One array of rows: `width` elements for each env. */
interface SharedColumn {
  readonly dtype: DType;
  readonly width: number;
  readonly buffer: SharedArrayBuffer;
}

/** All shared rows, as they are posted to workers. */
export interface SharedRowsMemory {
  readonly numEnvs: number;
  readonly observations: readonly SharedColumn[];
  readonly actions: readonly SharedColumn[];
  readonly rewards: SharedArrayBuffer;
  readonly terminations: SharedArrayBuffer;
  readonly truncations: SharedArrayBuffer;
}

/** Makes shared columns, in the order in which a store asks for its leaves. */
function columns(numEnvs: number): { list: SharedColumn[]; allocate: (dtype: DType, size: number) => DTypes[DType] } {
  const list: SharedColumn[] = [];
  const allocate = (dtype: DType, size: number): DTypes[DType] => {
    const bytes = newArray(dtype, 0).BYTES_PER_ELEMENT * size;
    const buffer = new SharedArrayBuffer(bytes);
    list.push({ dtype, width: size / numEnvs, buffer });
    return arrayOver(dtype, buffer, 0, size);
  };
  return { list, allocate };
}

/** The main thread's view of all rows. */
export class SharedRows {
  readonly memory: SharedRowsMemory;
  readonly observations: ObservationStore;
  readonly actions: Actions;
  /** Whether actions are rows of shared memory; others travel in messages. */
  readonly sharesActions: boolean;
  readonly rewards: Float64Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;

  constructor(observationSpace: Space, actionSpace: Space, numEnvs: number) {
    const seen = columns(numEnvs);
    const done = columns(numEnvs);
    this.observations = observationStore(observationSpace, numEnvs, seen.allocate);
    this.actions = actionsFor(actionSpace, numEnvs, done.allocate);
    this.sharesActions = this.actions instanceof ActionBatch;
    this.memory = {
      numEnvs,
      observations: seen.list,
      actions: done.list,
      rewards: new SharedArrayBuffer(8 * numEnvs),
      terminations: new SharedArrayBuffer(numEnvs),
      truncations: new SharedArrayBuffer(numEnvs),
    };
    this.rewards = new Float64Array(this.memory.rewards);
    this.terminations = new Uint8Array(this.memory.terminations);
    this.truncations = new Uint8Array(this.memory.truncations);
  }
}

/** Hands out a worker's part of the columns, in the order in which its own store asks for them. */
export function partOf(list: readonly SharedColumn[], first: number): (dtype: DType, size: number) => DTypes[DType] {
  let next = 0;
  return (dtype, size) => {
    const column = list[next++];
    if (column === undefined || column.dtype !== dtype) throw new Error('internal: shared rows of another space');
    const bytes = newArray(dtype, 0).BYTES_PER_ELEMENT;
    return arrayOver(dtype, column.buffer, first * column.width * bytes, size);
  };
}
