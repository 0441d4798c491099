/** The vector wrappers that change Box actions, row by row. */

import { newArray } from '../../spaces/arrays.js';
import { Box } from '../../spaces/box.js';
import type { Batch } from '../../spaces/index.js';
import type { DType, DTypes, Space } from '../../spaces/space.js';
import { asBox, checkFunction, checkNames } from '../../wrappers/options.js';
import { rescaleBox } from '../../wrappers/rescale.js';
import type { RescaleActionOptions } from '../../wrappers/rescale-action.js';
import type { VectorActions, VectorEnv } from '../vector-env.js';
import { assertVectorEnv, VectorActionWrapper } from './vector-wrapper.js';

type Row = DTypes[DType];

abstract class RowActions<Obs> extends VectorActionWrapper<Obs, Row, unknown> {
  constructor(env: VectorEnv<Obs, unknown>, singleActionSpace: Box<DType>) {
    super(env, { singleActionSpace });
  }

  override get singleActionSpace(): Box<DType> {
    return super.singleActionSpace as Box<DType>;
  }

  /** The inner env's action for one row. */
  abstract action(row: ArrayLike<number>): Row;

  override actions(actions: VectorActions<Row>): VectorActions<unknown> {
    const { size, dtype } = this.singleActionSpace;
    if (Array.isArray(actions)) return actions.map((row: Row) => this.action(row));
    const rows = actions as Row;
    const out = newArray(dtype, rows.length);
    for (let at = 0; at + size <= rows.length; at += size) out.set(this.action(rows.slice(at, at + size)), at);
    return out as Batch<unknown>;
  }
}

/** Takes any numbers as actions and clips them to the envs' Box. */
export class VectorClipAction<Obs> extends RowActions<Obs> {
  readonly #box: Box<DType>;

  /** @throws `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<Obs, unknown>, kwargs: object = {}) {
    checkNames('VectorClipAction', kwargs, []);
    assertVectorEnv('VectorClipAction', env);
    const box = asBox('VectorClipAction', 'action', env.singleActionSpace);
    const { shape, dtype } = box;
    const free = new Box<DType>(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape, dtype });
    super(env, free);
    this.#box = box;
  }

  override action(row: ArrayLike<number>): Row {
    const { dtype, size, low, high } = this.#box;
    const clipped = newArray(dtype, size);
    for (let i = 0; i < size; i++) clipped[i] = Math.min(high[i]!, Math.max(low[i]!, row[i]!));
    return clipped;
  }
}

/** Takes actions between new bounds and maps them to the envs' Box. */
export class VectorRescaleAction<Obs> extends RowActions<Obs> {
  readonly #backward: (values: ArrayLike<number>) => Row;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<Obs, unknown>, kwargs: RescaleActionOptions) {
    const name = 'VectorRescaleAction';
    checkNames(name, kwargs, ['minAction', 'maxAction']);
    assertVectorEnv(name, env);
    const box = asBox(name, 'action', env.singleActionSpace);
    const min = { field: 'minAction', value: kwargs.minAction };
    const rescaling = rescaleBox(name, 'action', box, min, { field: 'maxAction', value: kwargs.maxAction });
    super(env, rescaling.box);
    this.#backward = rescaling.backward;
  }

  override action(row: ArrayLike<number>): Row {
    return this.#backward(row);
  }
}

/** How a VectorTransformAction is made. */
export interface VectorTransformActionOptions<Act, InnerAct> {
  /** From the actions given to those that the inner env gets. */
  readonly func: (actions: VectorActions<Act>) => VectorActions<InnerAct>;
  /** The space of one given action; the env's own if absent. */
  readonly singleActionSpace?: Space<Act> | null | undefined;
}

/** Applies a function to a batch of actions. */
export class VectorTransformAction<Obs, Act, InnerAct = Act> extends VectorActionWrapper<Obs, Act, InnerAct> {
  readonly #func: (actions: VectorActions<Act>) => VectorActions<InnerAct>;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: VectorEnv<Obs, InnerAct>, kwargs: VectorTransformActionOptions<Act, InnerAct>) {
    checkNames('VectorTransformAction', kwargs, ['func', 'singleActionSpace']);
    assertVectorEnv('VectorTransformAction', env);
    checkFunction('VectorTransformAction', 'func', kwargs.func);
    super(env, { singleActionSpace: kwargs.singleActionSpace });
    this.#func = kwargs.func;
  }

  override actions(actions: VectorActions<Act>): VectorActions<InnerAct> {
    return this.#func(actions);
  }
}
