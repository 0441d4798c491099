import { Env, type EnvMetadata } from '../../core/env.js';
import { usageError } from '../../core/errors.js';
import type { EnvSpec } from '../../core/spec.js';
import { type Batch, batchSpace } from '../../spaces/index.js';
import type { Space } from '../../spaces/space.js';
import {
  type AutoresetMode,
  type VectorActions,
  VectorEnv,
  type VectorInfos,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from '../vector-env.js';

/** @throws `INVALID_WRAPPER_OPTION` if `env` is not a vector env. */
export function assertVectorEnv(wrapper: string, env: unknown): void {
  if (!(env instanceof VectorEnv)) {
    const hint = (env as unknown) instanceof Env ? ' A single env takes the wrapper without Vector in its name.' : '';
    throw usageError('INVALID_WRAPPER_OPTION', `${wrapper} wraps a VectorEnv: await makeVec(...) first.${hint}`, {
      field: 'env',
      expected: 'a VectorEnv',
    });
  }
}

/** A vector env around a vector env: passes everything through, so that a subclass changes only what it is about. */
export abstract class VectorWrapper<Obs = unknown, Act = unknown, InnerObs = Obs, InnerAct = Act> extends VectorEnv<
  Obs,
  Act
> {
  readonly env: VectorEnv<InnerObs, InnerAct>;
  readonly #singleObservationSpace: Space<Obs>;
  readonly #singleActionSpace: Space<Act>;
  readonly #observationSpace: Space;
  readonly #actionSpace: Space;

  /**
   * @param spaces - those of one env that differ from the inner ones.
   * @throws `INVALID_WRAPPER_OPTION` if `env` is not a vector env.
   */
  constructor(
    env: VectorEnv<InnerObs, InnerAct>,
    spaces: {
      readonly singleObservationSpace?: Space<Obs> | null | undefined;
      readonly singleActionSpace?: Space<Act> | null | undefined;
    } = {},
  ) {
    super();
    assertVectorEnv(new.target.name, env);
    this.env = env;
    const { singleObservationSpace: observation, singleActionSpace: action } = spaces;
    this.#singleObservationSpace = observation ?? (env.singleObservationSpace as unknown as Space<Obs>);
    this.#singleActionSpace = action ?? (env.singleActionSpace as unknown as Space<Act>);
    this.#observationSpace = observation ? batchSpace(observation, env.numEnvs) : env.observationSpace;
    this.#actionSpace = action ? batchSpace(action, env.numEnvs) : env.actionSpace;
  }

  get numEnvs(): number {
    return this.env.numEnvs;
  }

  get singleObservationSpace(): Space<Obs> {
    return this.#singleObservationSpace;
  }

  get singleActionSpace(): Space<Act> {
    return this.#singleActionSpace;
  }

  get observationSpace(): Space {
    return this.#observationSpace;
  }

  get actionSpace(): Space {
    return this.#actionSpace;
  }

  get autoresetMode(): AutoresetMode {
    return this.env.autoresetMode;
  }

  get metadata(): EnvMetadata {
    return this.env.metadata;
  }

  get spec(): EnvSpec | null {
    return this.env.spec;
  }

  override reset(options?: VectorResetOptions): VectorResetResult<Obs> {
    return this.env.reset(options) as unknown as VectorResetResult<Obs>;
  }

  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    return this.env.step(actions as unknown as VectorActions<InnerAct>) as unknown as VectorStepResult<Obs>;
  }

  override call(name: string, ...args: unknown[]): unknown[] {
    return this.env.call(name, ...args);
  }

  override getAttr(name: string): unknown[] {
    return this.env.getAttr(name);
  }

  override setAttr(name: string, values: unknown): void {
    this.env.setAttr(name, values);
  }

  override render(): unknown[] {
    return this.env.render();
  }

  override close(): void {
    this.env.close();
  }
}

/** A vector wrapper that changes observations only, those of `infos.finalObs` included. */
export abstract class VectorObservationWrapper<Obs, Act, InnerObs = Obs> extends VectorWrapper<
  Obs,
  Act,
  InnerObs,
  Act
> {
  /** The rows to hand out. */
  abstract observations(observations: Batch<InnerObs>): Batch<Obs>;

  /** A last observation of an episode, as `infos.finalObs` has it. */
  abstract finalObservation(observation: InnerObs): Obs;

  override reset(options?: VectorResetOptions): VectorResetResult<Obs> {
    const { observations, infos } = this.env.reset(options);
    return { observations: this.observations(observations), infos: this.#infos(infos) };
  }

  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    const { observations, rewards, terminations, truncations, infos } = this.env.step(actions);
    return {
      observations: this.observations(observations),
      rewards,
      terminations,
      truncations,
      infos: this.#infos(infos),
    };
  }

  #infos(infos: VectorInfos<InnerObs>): VectorInfos<Obs> {
    const { finalObs } = infos;
    if (finalObs === undefined) return infos as unknown as VectorInfos<Obs>;
    const changed = finalObs.map((value) => (value === null ? null : this.finalObservation(value)));
    return { ...infos, finalObs: changed } as VectorInfos<Obs>;
  }
}

/** A vector wrapper that changes actions only. */
export abstract class VectorActionWrapper<Obs, Act, InnerAct = Act> extends VectorWrapper<Obs, Act, Obs, InnerAct> {
  /** The actions that the inner vector env gets. */
  abstract actions(actions: VectorActions<Act>): VectorActions<InnerAct>;

  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    return this.env.step(this.actions(actions));
  }
}

/** A vector wrapper that changes rewards only. */
export abstract class VectorRewardWrapper<Obs, Act> extends VectorWrapper<Obs, Act> {
  /** The rewards to hand out; the array given may be written into. */
  abstract rewards(rewards: Float64Array): Float64Array;

  override step(actions: VectorActions<Act>): VectorStepResult<Obs> {
    const result = this.env.step(actions);
    return { ...result, rewards: this.rewards(result.rewards.slice()) };
  }
}
