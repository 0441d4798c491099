import type { Info } from '../../core/env.js';
import { checkNames } from '../../wrappers/options.js';
import type {
  VectorActions,
  VectorEnv,
  VectorInfos,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from '../vector-env.js';
import { VectorWrapper } from './vector-wrapper.js';

/** Adds `infos.list`: one info for each env, with the fields that the env gave. */
export class VectorDictInfoToList<Obs, Act> extends VectorWrapper<Obs, Act> {
  /** @throws `UNKNOWN_WRAPPER_OPTION` */
  constructor(env: VectorEnv<Obs, Act>, kwargs: object = {}) {
    checkNames('VectorDictInfoToList', kwargs, []);
    super(env);
  }

  override reset(options?: VectorResetOptions): VectorResetResult<Obs> {
    const result = this.env.reset(options);
    return { ...result, infos: this.#listed(result.infos) };
  }

  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    const result = this.env.step(actions);
    return { ...result, infos: this.#listed(result.infos) };
  }

  #listed(infos: VectorInfos<Obs>): VectorInfos<Obs> {
    const list = Array.from({ length: this.numEnvs }, (): Info => ({}));
    for (const [field, values] of Object.entries(infos)) {
      values?.forEach((value, i) => {
        if (value !== undefined && value !== null) list[i]![field] = value;
      });
    }
    return { ...infos, list };
  }
}
