import type { Env, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { failure } from '../core/errors.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { Space } from '../spaces/space.js';
import { checkNames } from './options.js';
import { OrderEnforcing } from './order-enforcing.js';

/**
 * Looks at the first reset, step and picture of an env, and at its spaces, with the checks of `make`: for envs built by hand.
 * After that it lets everything through.
 */
export class PassiveEnvChecker<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly #checked: OrderEnforcing<Obs, Act>;
  #steps = 0;
  #resets = 0;
  #renders = 0;

  /** @throws `INVALID_ENV` for an env without spaces, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: Env<Obs, Act>, kwargs: object = {}) {
    checkNames('PassiveEnvChecker', kwargs, []);
    super(env, kwargs);
    for (const name of ['observationSpace', 'actionSpace'] as const) {
      if (env[name] instanceof Space) continue;
      throw failure('INVALID_ENV', `${env.constructor.name} has no ${name}: give it a Space, such as new Box(-1, 1).`, {
        field: name,
      });
    }
    this.#checked = new OrderEnforcing(env);
  }

  /** @throws `RESET_WITHOUT_SUPER`, `INVALID_RESULT`, `INVALID_OBSERVATION` at the first reset. */
  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    return (this.#resets++ === 0 ? this.#checked : this.env).reset(options);
  }

  /** @throws `RESET_NEEDED`, `INVALID_ACTION`, `INVALID_RESULT`, `INVALID_REWARD`, `INVALID_OBSERVATION` at the first step. */
  override step(action: Act): StepResult<Obs> {
    if (this.#steps > 0) return this.env.step(action);
    const result = this.#checked.step(action);
    this.#steps++;
    return result;
  }

  /** @throws `INVALID_ENV` at the first picture, if the env does not say which render modes it has or how fast it runs. */
  override render(): unknown {
    const { renderModes, renderFps } = this.metadata;
    const picture = this.env.render();
    if (this.#renders++ > 0 || picture === null) return picture;
    if (renderModes === undefined || renderModes.length === 0) {
      throw failure(
        'INVALID_ENV',
        `${this.env.unwrapped.constructor.name} renders, but metadata.renderModes names no mode.`,
        {
          field: 'renderModes',
        },
      );
    }
    if (renderFps === undefined || !(renderFps > 0)) {
      throw failure(
        'INVALID_ENV',
        `${this.env.unwrapped.constructor.name} renders, but metadata.renderFps is not a number above 0.`,
        {
          field: 'renderFps',
        },
      );
    }
    return picture;
  }
}
