import type { Env } from '../core/env.js';
import { ActionWrapper } from '../core/wrapper.js';
import { Space } from '../spaces/space.js';
import { checkFunction, checkNames, invalidOption } from './options.js';

/** How a TransformAction is made. */
export interface TransformActionOptions<Act, InnerAct> {
  readonly func: (action: Act) => InnerAct;
  /** The space of the actions given; the env's own if absent. */
  readonly actionSpace?: Space<Act> | null | undefined;
}

/** Applies a function to actions. A function is no JSON: for workers and files export a class of your own. */
export class TransformAction<Obs, Act, InnerAct = Act> extends ActionWrapper<Obs, Act, InnerAct> {
  readonly actionSpace: Space<Act>;
  readonly func: (action: Act) => InnerAct;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, InnerAct>, kwargs: TransformActionOptions<Act, InnerAct>) {
    checkNames('TransformAction', kwargs, ['func', 'actionSpace']);
    checkFunction('TransformAction', 'func', kwargs.func);
    const space = kwargs.actionSpace ?? null;
    if (space !== null && !(space instanceof Space))
      throw invalidOption('TransformAction', 'actionSpace', 'a Space', space);
    super(env, kwargs);
    this.func = kwargs.func;
    this.actionSpace = space ?? (env.actionSpace as unknown as Space<Act>);
  }

  override action(action: Act): InnerAct {
    return this.func(action);
  }
}
