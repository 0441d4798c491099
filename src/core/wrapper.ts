import type { Space } from '../spaces/space.js';
import { assertEnv, Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from './env.js';
import { usageError } from './errors.js';
import { type Json, type JsonObject, notJson } from './json.js';
import type { Generator } from './seeding/generator.js';
import type { EnvSpec, WrapperSpec } from './spec.js';

/** A wrapper's class: `new Class(env, kwargs)`. */
export type WrapperClass = new (env: never, kwargs: never) => Pick<Env, 'reset' | 'step' | 'unwrapped'>;

/** Where a spec finds a wrapper class. */
export interface WrapperIdentity {
  readonly name: string;
  /** Null for a built-in class. */
  readonly moduleUrl: string | null;
}

const identities = new WeakMap<object, WrapperIdentity>();

/** Lets specs name a wrapper class. @internal */
export function identifyWrapper(Class: object, identity: WrapperIdentity): void {
  identities.set(Class, identity);
}

/** Options as a spec keeps them: without undefined ones, typed arrays as lists. */
function plainKwargs(kwargs: object): JsonObject {
  const plain: JsonObject = {};
  for (const [name, value] of Object.entries(kwargs)) {
    if (value === undefined) continue;
    const listed: unknown = ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
    plain[name] = listed as Json;
  }
  return plain;
}

/** The spec of an env in one more wrapper. */
function specWith(spec: EnvSpec, Class: { readonly name: string }, kwargs: object): EnvSpec {
  const identity = identities.get(Class);
  const plain = plainKwargs(kwargs);
  const bad = notJson(plain, 'its options');
  let entry: WrapperSpec;
  if (identity === undefined) {
    const problem = `${Class.name || 'its class'} is not known by a name: call registerWrapper(${Class.name}, { moduleUrl: import.meta.url }) in the module that exports it`;
    entry = { name: Class.name || 'anonymous', moduleUrl: null, kwargs: {}, problem };
  } else if (bad !== null) {
    const problem = `${bad}, which is no JSON: export a class of your own that extends ${identity.name}, or Wrapper, from a module`;
    entry = { ...identity, kwargs: {}, problem };
  } else {
    entry = { ...identity, kwargs: structuredClone(plain) };
  }
  return { ...spec, wrappers: [...(spec.wrappers ?? []), entry] };
}

/** What a wrapper of a stack carries from one episode into the next. */
export interface WrapperState {
  /** The wrapper's class name, for people and as a check. */
  readonly wrapper: string;
  readonly state: Json;
}

/** The states of a stack's wrappers, outermost first; null if none has any. */
export function wrapperStates(env: Env): WrapperState[] | null {
  assertEnv(env, 'wrapperStates');
  let states: WrapperState[] | null = null;
  for (let at: Env = env; at instanceof Wrapper; at = at.env) {
    const state = at.getState();
    if (state === null) continue;
    states ??= [];
    states.push({ wrapper: at.constructor.name, state });
  }
  return states;
}

/** The wrappers of a stack that carry a state, outermost first. @internal */
export function statefulWrappers(env: Env): Wrapper[] {
  const stateful: Wrapper[] = [];
  for (let at: Env = env; at instanceof Wrapper; at = at.env) if (at.getState() !== null) stateful.push(at);
  return stateful;
}

/**
 * Puts the wrappers of a stack where another one's were.
 * @throws `INVALID_WRAPPER_STATE` if the stacks do not have the same wrappers with states.
 */
export function restoreWrapperStates(env: Env, states: readonly WrapperState[]): void {
  const stateful = statefulWrappers(env);
  const [has, given] = [stateful.map((one) => one.constructor.name), states.map(({ wrapper }) => wrapper)];
  if (has.join() !== given.join()) {
    throw usageError(
      'INVALID_WRAPPER_STATE',
      `the states are of ${given.join(', ') || 'no wrapper'}, but the wrappers with states are ${has.join(', ') || 'none'}.`,
      { expected: has.join(', '), got: given.join(', ') },
    );
  }
  for (const [k, { state }] of states.entries()) stateful[k]!.setState(structuredClone(state));
}

/**
 * An env around an env: passes everything through, so that a subclass changes only what it is about.
 * The inner env keeps its spec, generator and metadata.
 */
export abstract class Wrapper<Obs = unknown, Act = unknown, InnerObs = Obs, InnerAct = Act> extends Env<Obs, Act> {
  readonly env: Env<InnerObs, InnerAct>;
  override readonly metadata: EnvMetadata;

  /**
   * @param kwargs - what the constructor was given, for the spec; null for a wrapper that is no part of the task and leaves
   * the spec as it is.
   * @throws `INVALID_WRAPPER_OPTION` if `env` is not an env.
   */
  constructor(env: Env<InnerObs, InnerAct>, kwargs: object | null = {}) {
    super();
    if (!(env instanceof Env)) {
      throw usageError(
        'INVALID_WRAPPER_OPTION',
        `${new.target.name} wraps an Env, got ${String(env)}. Await make(): new ${new.target.name}(await make(id)).`,
        { field: 'env', expected: 'an Env' },
      );
    }
    this.env = env;
    this.metadata = env.metadata;
    this.spec = env.spec === null || kwargs === null ? env.spec : specWith(env.spec, new.target, kwargs);
  }

  /**
   * What the wrapper carries from one episode into the next, as plain JSON; null, the default, for nothing. Episode files keep
   * it, so that an episode from the middle of a run replays exactly.
   */
  getState(): Json {
    return null;
  }

  /** Goes on from what `getState` gave. */
  setState(_state: Json): void {}

  override hasWrapperAttr(name: string): boolean {
    return name in this || this.env.hasWrapperAttr(name);
  }

  override getWrapperAttr(name: string): unknown {
    return name in this ? super.getWrapperAttr(name) : this.env.getWrapperAttr(name);
  }

  override setWrapperAttr(name: string, value: unknown): void {
    if (name in this) super.setWrapperAttr(name, value);
    else this.env.setWrapperAttr(name, value);
  }

  override get rng(): Generator {
    return this.env.rng;
  }

  override set rng(generator: Generator) {
    this.env.rng = generator;
  }

  override get unwrapped(): Env {
    return this.env.unwrapped;
  }

  override render(): unknown {
    return this.env.render();
  }

  override close(): void {
    this.env.close();
  }

  abstract override reset(options?: ResetOptions): ResetResult<Obs>;
  abstract override step(action: Act): StepResult<Obs>;
}

/** A wrapper that keeps observation and action types and spaces. */
export abstract class TransparentWrapper<Obs, Act> extends Wrapper<Obs, Act> {
  get observationSpace(): Space<Obs> {
    return this.env.observationSpace;
  }

  get actionSpace(): Space<Act> {
    return this.env.actionSpace;
  }

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    return this.env.reset(options);
  }

  override step(action: Act): StepResult<Obs> {
    return this.env.step(action);
  }
}

/** A wrapper that changes observations only. */
export abstract class ObservationWrapper<Obs, Act, InnerObs = Obs> extends Wrapper<Obs, Act, InnerObs, Act> {
  get actionSpace(): Space<Act> {
    return this.env.actionSpace;
  }

  /** The observation to hand out. */
  abstract observation(observation: InnerObs): Obs;

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const { observation, info } = this.env.reset(options);
    return { observation: this.observation(observation), info };
  }

  override step(action: Act): StepResult<Obs> {
    const { observation, reward, terminated, truncated, info } = this.env.step(action);
    return { observation: this.observation(observation), reward, terminated, truncated, info };
  }
}

/** A wrapper that changes actions only. */
export abstract class ActionWrapper<Obs, Act, InnerAct = Act> extends Wrapper<Obs, Act, Obs, InnerAct> {
  get observationSpace(): Space<Obs> {
    return this.env.observationSpace;
  }

  /** The action that the inner env gets. */
  abstract action(action: Act): InnerAct;

  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    return this.env.reset(options);
  }

  override step(action: Act): StepResult<Obs> {
    return this.env.step(this.action(action));
  }
}

/** A wrapper that changes rewards only. */
export abstract class RewardWrapper<Obs, Act> extends TransparentWrapper<Obs, Act> {
  /** The reward to hand out. */
  abstract reward(reward: number): number;

  override step(action: Act): StepResult<Obs> {
    const result = this.env.step(action);
    result.reward = this.reward(result.reward);
    return result;
  }
}
