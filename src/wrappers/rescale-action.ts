import type { Env } from '../core/env.js';
import { ActionWrapper } from '../core/wrapper.js';
import type { Box } from '../spaces/box.js';
import type { DType, DTypes } from '../spaces/space.js';
import { asBox, checkNames } from './options.js';
import { type Rescaling, rescaleBox } from './rescale.js';

/** How a RescaleAction is made. */
export interface RescaleActionOptions {
  /** Lower bound of the actions given, one for all elements or one for each. */
  readonly minAction: number | readonly number[] | DTypes[DType];
  readonly maxAction: number | readonly number[] | DTypes[DType];
}

/** Takes actions between new bounds and maps them to the env's Box. */
export class RescaleAction<Obs> extends ActionWrapper<Obs, DTypes[DType], unknown> {
  readonly actionSpace: Box<DType>;
  readonly #rescaling: Rescaling;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<Obs, unknown>, kwargs: RescaleActionOptions) {
    const name = 'RescaleAction';
    checkNames(name, kwargs, ['minAction', 'maxAction']);
    const box = asBox(name, 'action', env.actionSpace);
    const [min, max] = [
      { field: 'minAction', value: kwargs.minAction },
      { field: 'maxAction', value: kwargs.maxAction },
    ];
    const rescaling = rescaleBox(name, 'action', box, min!, max!);
    super(env, kwargs);
    this.#rescaling = rescaling;
    this.actionSpace = rescaling.box;
  }

  override action(action: DTypes[DType]): DTypes[DType] {
    return this.#rescaling.backward(action);
  }
}
