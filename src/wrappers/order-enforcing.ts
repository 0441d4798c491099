import type { ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { failure, usageError } from '../core/errors.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { Box } from '../spaces/box.js';

/**
 * Checks the order of calls, actions and observations, and hands out copies: an env may reuse its arrays, its users keep theirs.
 */
export class OrderEnforcing<Obs, Act> extends TransparentWrapper<Obs, Act> {
  #hasReset = false;
  #steps = 0;

  /** @throws `RESET_WITHOUT_SUPER` if the env's reset did not call `super.reset(options)`; `INVALID_OBSERVATION`. */
  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const inner = this.env.unwrapped;
    const before = inner.baseResets;
    const { observation, info } = super.reset(options);
    if (inner.baseResets === before) {
      throw failure(
        'RESET_WITHOUT_SUPER',
        `reset() of ${this.#name()} did not call super.reset(options), so the env is not seeded. Call it first thing in reset().`,
      );
    }
    this.#hasReset = true;
    this.#steps = 0;
    return { observation: this.#checked(observation), info: { ...info } };
  }

  /** @throws `RESET_NEEDED`, `INVALID_ACTION`, `INVALID_REWARD`, `INVALID_OBSERVATION`. */
  override step(action: Act): StepResult<Obs> {
    if (!this.#hasReset)
      throw usageError('RESET_NEEDED', `step() of ${this.#name()} was called before reset(). Call reset() first.`);
    this.#checkAction(action);
    const result = super.step(action);
    this.#steps++;
    if (!Number.isFinite(result.reward)) {
      throw failure(
        'INVALID_REWARD',
        `${this.#name()} returned the reward ${result.reward} at step ${this.#steps}; a finite number is expected.`,
        { step: this.#steps },
      );
    }
    return { ...result, observation: this.#checked(result.observation), info: { ...result.info } };
  }

  /** A Box action may lie beyond the bounds (the env clips), but its type, shape and finiteness must be right. */
  #checkAction(action: unknown): void {
    const space = this.actionSpace;
    const why = space.explain(action);
    if (why === null) return;
    if (space instanceof Box && ArrayBuffer.isView(action) && action.constructor === space.low.constructor) {
      const values = action as unknown as Float32Array;
      if (values.length === space.size && values.every((value) => Number.isFinite(value))) return;
    }
    throw usageError('INVALID_ACTION', `the action does not fit ${String(space)} of ${this.#name()}: ${why}.`, {
      expected: String(space),
      got: why,
    });
  }

  #checked(observation: Obs): Obs {
    const why = this.observationSpace.explain(observation);
    if (why !== null) {
      throw failure(
        'INVALID_OBSERVATION',
        `the observation of ${this.#name()} at step ${this.#steps} is not in ${String(this.observationSpace)}: ${why}.`,
        { step: this.#steps, got: why },
      );
    }
    return ArrayBuffer.isView(observation)
      ? ((observation as unknown as Float32Array).slice() as unknown as Obs)
      : observation;
  }

  #name(): string {
    return this.spec?.id ?? this.unwrapped.constructor.name;
  }
}
