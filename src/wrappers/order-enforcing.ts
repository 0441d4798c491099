import type { Env, Info, ResetOptions, ResetResult, StepResult } from '../core/env.js';
import { failure, usageError } from '../core/errors.js';
import { TransparentWrapper } from '../core/wrapper.js';
import { Box } from '../spaces/box.js';

/**
 * Checks the order of calls, actions and results, and hands out copies: an env may reuse its arrays, its users keep theirs.
 * Stepping on after an episode has ended is allowed, as in Gymnasium, and then only NaN observations are refused.
 */
export class OrderEnforcing<Obs, Act> extends TransparentWrapper<Obs, Act> {
  readonly #actionBox: Box | null;
  #hasReset = false;
  #over = false;
  #steps = 0;

  constructor(env: Env<Obs, Act>) {
    super(env, null);
    this.#actionBox = env.actionSpace instanceof Box ? (env.actionSpace as Box) : null;
  }

  /** @throws `RESET_WITHOUT_SUPER` if the env's reset did not call `super.reset(options)`; `INVALID_RESULT`; `INVALID_OBSERVATION`. */
  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const inner = this.unwrapped;
    const before = inner.baseResets;
    const result = this.env.reset(options);
    if (inner.baseResets === before) {
      throw failure(
        'RESET_WITHOUT_SUPER',
        `reset() of ${this.#name()} did not call super.reset(options), so the env is not seeded. Call it first thing in reset().`,
        { env: this.#name() },
      );
    }
    this.#hasReset = true;
    this.#over = false;
    this.#steps = 0;
    if (typeof result !== 'object' || result === null || !('observation' in result)) {
      throw this.#invalidResult('reset', '{ observation, info }', result);
    }
    return { observation: this.#checked(result.observation), info: { ...this.#info('reset', result.info) } };
  }

  /** @throws `RESET_NEEDED`, `INVALID_ACTION`, `INVALID_RESULT`, `INVALID_REWARD`, `INVALID_OBSERVATION`. */
  override step(action: Act): StepResult<Obs> {
    if (!this.#hasReset) {
      throw usageError('RESET_NEEDED', `step() of ${this.#name()} was called before reset(). Call reset() first.`, {
        env: this.#name(),
      });
    }
    if (!this.env.actionSpace.contains(action)) this.#checkAction(action);
    const result = this.env.step(action);
    this.#steps++;
    if (typeof result !== 'object' || result === null || !('observation' in result)) {
      throw this.#invalidResult('step', '{ observation, reward, terminated, truncated, info }', result);
    }
    const { reward, terminated, truncated } = result;
    if (typeof reward !== 'number' || !Number.isFinite(reward)) {
      throw failure(
        'INVALID_REWARD',
        `${this.#name()} returned the reward ${String(reward)} at step ${this.#steps}; a finite number is expected.`,
        { env: this.#name(), step: this.#steps, got: String(reward), expected: 'a finite number' },
      );
    }
    if (typeof terminated !== 'boolean' || typeof truncated !== 'boolean') {
      const got = `terminated ${String(terminated)} and truncated ${String(truncated)}`;
      throw this.#invalidResult('step', 'terminated and truncated as true or false', got);
    }
    const observation = this.#checked(result.observation);
    this.#over ||= terminated || truncated;
    return { observation, reward, terminated, truncated, info: { ...this.#info('step', result.info) } };
  }

  /** A Box action may lie beyond the bounds (the env clips), but its type, shape and finiteness must be right. */
  #checkAction(action: unknown): void {
    const box = this.#actionBox;
    if (box !== null && action instanceof box.low.constructor) {
      const values = action as Float32Array;
      if (values.length === box.size && values.every((value) => Number.isFinite(value))) return;
    }
    const space = this.env.actionSpace;
    const why = space.explain(action);
    const hint =
      box !== null && Array.isArray(action)
        ? ` Pass ${box.low.constructor.name}.of(...) instead of a plain array.`
        : '';
    throw usageError('INVALID_ACTION', `the action does not fit ${String(space)} of ${this.#name()}: ${why}.${hint}`, {
      env: this.#name(),
      step: this.#steps + 1,
      expected: String(space),
      got: why ?? '',
    });
  }

  #checked(observation: Obs): Obs {
    if (!this.env.observationSpace.contains(observation)) this.#refuse(observation);
    return copyOf(observation);
  }

  #refuse(observation: unknown): void {
    const space = this.env.observationSpace;
    let why = space.explain(observation) ?? '';
    let name: string | undefined;
    if (space instanceof Box && observation instanceof space.low.constructor) {
      const values = observation as Float32Array;
      const { low, high } = space as Box;
      const wrong = (value: number, k: number): boolean =>
        this.#over ? Number.isNaN(value) : !(value >= low[k]! && value <= high[k]!);
      const k = values.length === space.size ? values.findIndex(wrong) : -1;
      if (k < 0 && values.length === space.size) return;
      const field = k < 0 ? undefined : this.metadata.fields?.observation[k];
      name = field?.name;
      if (field !== undefined)
        why = `'${field.name}': expected ${low[k]} to ${high[k]}, got ${values[k]} (element ${k})`;
    }
    const at = this.#steps === 0 ? 'in reset' : `at step ${this.#steps}`;
    throw failure(
      'INVALID_OBSERVATION',
      `the observation of ${this.#name()} ${at} is not in ${String(space)}: ${why}.`,
      {
        env: this.#name(),
        step: this.#steps,
        got: why,
        expected: String(space),
        ...(name !== undefined && { field: name }),
      },
    );
  }

  #info(method: string, info: Info | undefined): Info {
    if (typeof info === 'object' && info !== null) return info;
    throw this.#invalidResult(method, 'info as an object, {} where there is nothing to say', `info ${String(info)}`);
  }

  #invalidResult(method: string, expected: string, got: unknown): Error {
    const text =
      got instanceof Promise
        ? 'a promise: reset and step are synchronous'
        : typeof got === 'string'
          ? got
          : JSON.stringify(got)?.slice(0, 100);
    return failure('INVALID_RESULT', `${method}() of ${this.#name()} must return ${expected}, got ${text}.`, {
      env: this.#name(),
      step: this.#steps,
      expected,
      got: String(text),
    });
  }

  #name(): string {
    return this.spec?.id ?? this.unwrapped.constructor.name;
  }
}

type Copyable = { slice(): unknown };

function copyOf<Obs>(value: Obs): Obs {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) && 'slice' in value) return (value as Copyable).slice() as Obs;
  return structuredClone(value);
}
