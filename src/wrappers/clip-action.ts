import type { Env } from '../core/env.js';
import { ActionWrapper } from '../core/wrapper.js';
import { newArray } from '../spaces/arrays.js';
import { Box } from '../spaces/box.js';
import type { DType, DTypes } from '../spaces/space.js';
import { asBox, checkNames } from './options.js';

/** Takes any numbers as actions and clips them to the env's Box. */
export class ClipAction<Obs> extends ActionWrapper<Obs, DTypes[DType], unknown> {
  readonly actionSpace: Box<DType>;
  readonly #box: Box<DType>;

  /** @throws `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<Obs, unknown>, kwargs: object = {}) {
    checkNames('ClipAction', kwargs, []);
    const box = asBox('ClipAction', 'action', env.actionSpace);
    super(env, kwargs);
    const { shape, dtype } = box;
    this.#box = box;
    this.actionSpace = new Box<DType>(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape, dtype });
  }

  override action(action: DTypes[DType]): DTypes[DType] {
    const { dtype, size, low, high } = this.#box;
    const clipped = newArray(dtype, size);
    for (let i = 0; i < size; i++) clipped[i] = Math.min(high[i]!, Math.max(low[i]!, action[i]!));
    return clipped;
  }
}
