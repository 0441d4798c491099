/** Envs as pure functions of a state, Gymnasium's `FuncEnv`, and their adapter to `Env`. */
import type { Space } from '../spaces/space.js';
import { Env, type EnvMetadata, type Info, type ResetOptions, type ResetResult, type StepResult } from './env.js';
import { usageError } from './errors.js';
import type { Json } from './json.js';
import { type Kwargs, type KwargTable, readKwargs } from './kwargs.js';
import { decodeState, encodeState } from './plain-state.js';
import type { Generator } from './seeding/generator.js';

/**
 * The dynamics of a task as functions. None may change the state it is given or keep anything outside it: `transition` returns a
 * new state. A state of plain objects, arrays, numbers and typed arrays makes snapshots immediate; any other is replayed.
 */
export interface FuncEnv<State, Obs, Act, Params = object> {
  readonly observationSpace: Space<Obs>;
  readonly actionSpace: Space<Act>;
  readonly metadata?: EnvMetadata;
  /** The state in which an episode begins. */
  initial(rng: Generator, params: Readonly<Params>): State;
  /** The next state. */
  transition(state: State, action: Act, rng: Generator, params: Readonly<Params>): State;
  /** What an agent sees of a state. */
  observation(state: State, rng: Generator, params: Readonly<Params>): Obs;
  /** Reward of a transition. */
  reward(state: State, action: Act, nextState: State, params: Readonly<Params>): number;
  /** Whether a state ends the task. */
  terminal(state: State, params: Readonly<Params>): boolean;
  /** Facts about a state, for the `info` of reset, and of step without `transitionInfo`. */
  stateInfo?(state: State, params: Readonly<Params>): Info;
  /** Facts about a transition, added to `stateInfo` of the next state. */
  transitionInfo?(state: State, action: Act, nextState: State, params: Readonly<Params>): Info;
  /** A draw list of a state, for the render mode `'scene'`. */
  renderScene?(state: State, params: Readonly<Params>): unknown;
}

/** An `Env` that runs pure functions. */
export class FunctionalEnv<State, Obs, Act, Params = object> extends Env<Obs, Act> {
  readonly observationSpace: Space<Obs>;
  readonly actionSpace: Space<Act>;
  override readonly metadata: EnvMetadata;
  readonly params: Readonly<Params>;
  readonly #functions: FuncEnv<State, Obs, Act, Params>;
  #current: { state: State; observation: Obs; info: Info } | null = null;

  /** @throws `INVALID_FUNC_ENV` if a function is missing. */
  constructor(functions: FuncEnv<State, Obs, Act, Params>, params: Params = {} as Params) {
    super();
    checkFunctions(functions);
    this.#functions = functions;
    this.params = params;
    this.observationSpace = functions.observationSpace;
    this.actionSpace = functions.actionSpace;
    const drawn = functions.renderScene === undefined ? {} : { renderModes: ['scene'] as const, renderFps: 30 };
    this.metadata = { ...drawn, ...functions.metadata };
  }

  /** The present state; null before the first reset. */
  get state(): State | null {
    return this.#current?.state ?? null;
  }

  /** @throws `INVALID_RESET_OPTION` for any option: what differs from episode to episode is drawn in `initial`. */
  override reset(options: ResetOptions = {}): ResetResult<Obs> {
    const [unknown] = Object.keys(options.options ?? {});
    if (unknown !== undefined) {
      throw usageError(
        'INVALID_RESET_OPTION',
        `${this.constructor.name}: reset has no option '${unknown}'; a functional env takes none.`,
        { env: this.constructor.name, field: unknown },
      );
    }
    super.reset(options);
    const { params } = this;
    const functions = this.#functions;
    const state = functions.initial(this.rng, params);
    const observation = functions.observation(state, this.rng, params);
    const info = functions.stateInfo?.(state, params) ?? {};
    this.#current = { state, observation, info };
    return { observation, info };
  }

  /** @throws `RESET_NEEDED` before the first reset. */
  override step(action: Act): StepResult<Obs> {
    const { params } = this;
    const functions = this.#functions;
    const state = this.#stateNow('step');
    const next = functions.transition(state, action, this.rng, params);
    const observation = functions.observation(next, this.rng, params);
    const reward = functions.reward(state, action, next, params);
    const info = {
      ...functions.stateInfo?.(next, params),
      ...functions.transitionInfo?.(state, action, next, params),
    };
    this.#current = { state: next, observation, info };
    return { observation, reward, terminated: functions.terminal(next, params), truncated: false, info };
  }

  override render(): unknown {
    if (this.#current === null) return null;
    return this.#functions.renderScene?.(this.#current.state, this.params) ?? null;
  }

  /** `undefined` for a state that is more than plain data: then episodes are replayed. */
  override saveState(): Json | undefined {
    this.#stateNow('snapshot');
    const { state, observation, info } = this.#current!;
    const saved = encodeState({ state, info });
    return saved === undefined ? undefined : { saved, observation: this.observationSpace.valueToJSON(observation) };
  }

  override loadState(json: Json): ResetResult<Obs> {
    const { saved, observation: seen } = json as { saved: Json; observation: Json };
    const { state, info } = decodeState(saved) as { state: State; info: Info };
    const observation = this.observationSpace.valueFromJSON(seen);
    this.#current = { state, observation, info };
    return { observation, info };
  }

  #stateNow(method: string): State {
    if (this.#current !== null) return this.#current.state;
    throw usageError('RESET_NEEDED', `${method}() of a functional env was called before reset(). Call reset() first.`);
  }
}

/** How `fromFunctional` makes a class. */
export interface FunctionalOptions<Table extends KwargTable> {
  /** Name of the class, for messages; `'FunctionalEnv'` by default. */
  readonly name?: string;
  /** The parameters: type, default and bounds of each. The keyword arguments of `make` set them. */
  readonly params?: Table;
}

/** The class of a functional env. */
export type FunctionalClass<State, Obs, Act, Params> = new (
  kwargs?: Partial<Params>,
) => FunctionalEnv<State, Obs, Act, Params>;

/**
 * A class of pure functions, to export and to register as any other: `export const Walk = fromFunctional({ ... })`.
 * @throws `INVALID_FUNC_ENV` if a function is missing; its constructor `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`.
 */
export function fromFunctional<State, Obs, Act, const Table extends KwargTable = Record<never, never>>(
  functions: FuncEnv<State, Obs, Act, Kwargs<Table>>,
  options: FunctionalOptions<Table> = {},
): FunctionalClass<State, Obs, Act, Kwargs<Table>> {
  checkFunctions(functions);
  const { name = 'FunctionalEnv', params = {} as Table } = options;
  const Class = class extends FunctionalEnv<State, Obs, Act, Kwargs<Table>> {
    constructor(kwargs: Partial<Kwargs<Table>> = {}) {
      super(functions, readKwargs(name, kwargs, params) as Kwargs<Table>);
    }
  };
  Object.defineProperty(Class, 'name', { value: name });
  return Class;
}

const REQUIRED = ['initial', 'transition', 'observation', 'reward', 'terminal'] as const;

function checkFunctions(functions: object | null | undefined): void {
  const given = (functions ?? {}) as Record<string, unknown>;
  const missing = [
    ...REQUIRED.filter((name) => typeof given[name] !== 'function'),
    ...['observationSpace', 'actionSpace'].filter((name) => typeof given[name] !== 'object' || given[name] === null),
  ];
  if (missing.length === 0) return;
  throw usageError(
    'INVALID_FUNC_ENV',
    `a functional env needs ${REQUIRED.join(', ')}, observationSpace and actionSpace; missing: ${missing.join(', ')}.`,
    { field: missing[0]!, expected: missing.join(', ') },
  );
}
