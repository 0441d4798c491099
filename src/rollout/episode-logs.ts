/**
 * The episodes in progress, as what plays them again: the generator before the reset and the actions since. The main thread keeps
 * them, iteration by iteration, so that envs can be rebuilt where a worker died, and in another process.
 *
 * Actions stay as the policy stored them, in whole rollouts, oldest first; a rollout that no present episode reaches is dropped.
 */
import { GENERATOR_WORDS } from '../core/seeding/index.js';
import type { EnvSnapshot } from '../core/snapshot.js';
import type { WrapperState } from '../core/wrapper.js';
import type { NetworkSpec } from '../network/spec.js';
import { actionWidth, choiceSizes } from '../network/validate.js';
import type { Arena } from './arena.js';
import { loggedSize, observationRows } from './observation-rows.js';
import { actionColumn, type RolloutOptions } from './plan.js';

/** Actions as the policy stored them: bytes where choices fit. */
export type StoredActions = Uint8Array | Int32Array | Float32Array;

type StoredType = { new (length: number): StoredActions; from(values: ArrayLike<number>): StoredActions };

/** The type in which a network's actions are stored. */
export function storedType(network: NetworkSpec): StoredType {
  if (network.distribution.type === 'gaussian') return Float32Array;
  return Math.max(...choiceSizes(network.distribution)) <= 256 ? Uint8Array : Int32Array;
}

/** Where a long episode's log begins instead of its reset. */
export interface LogCut {
  readonly snapshot: EnvSnapshot;
  /** Steps of the episode before it, and their return. */
  readonly steps: number;
  readonly return: number;
}

/** One env's episode so far. */
export interface EnvLog {
  /** The generator before the reset, as `snapshotInto` writes it. */
  readonly generator: Uint32Array;
  /** What wrappers carried into the episode; null for nothing. */
  readonly wrappers: readonly WrapperState[] | null;
  readonly cut: LogCut | null;
  /** Actions since the reset or the cut, [steps, width]. */
  readonly actions: StoredActions;
  /** Value and log-probability of each of those steps, [steps, 2]; null unless the run keeps them. */
  readonly outputs: Float32Array | null;
  /** The observation now, flat [O], or a checksum of its pixels [2], to see that the same actions led to the same place; null where they need not. */
  readonly observation: Float32Array | null;
}

/** What a worker says of its envs at the end of a rollout, beside the shared memory. */
export type RolloutNote =
  /** An episode began, and wrappers carry something into it. */
  | { readonly type: 'wrappers'; readonly env: number; readonly states: readonly WrapperState[] }
  | { readonly type: 'cut'; readonly env: number; readonly cut: LogCut }
  /** An episode is longer than the limit, and the env has no snapshot of its own. */
  | { readonly type: 'long'; readonly env: number };

interface Block {
  /** Steps of the run before and after this rollout. */
  readonly from: number;
  readonly to: number;
  /** [T, N, width]. */
  readonly actions: StoredActions;
  /** [T, N, 2]; null unless they are kept. */
  readonly outputs: Float32Array | null;
}

/** The rollout's values and log-probabilities, [T, N, 2]. */
function outputsOf(arena: Arena): Float32Array {
  const logProbs = arena.f32('logProbs');
  const values = arena.f32('values');
  const outputs = new Float32Array(2 * logProbs.length);
  for (let k = 0; k < logProbs.length; k++) {
    outputs[2 * k] = values[k]!;
    outputs[2 * k + 1] = logProbs[k]!;
  }
  return outputs;
}

/** Logs of all envs of a run. */
export class EpisodeLogs {
  readonly #options: RolloutOptions;
  readonly #width: number;
  readonly #Type: StoredType;
  /** Steps of each env committed so far in this process. */
  #steps = 0;
  #blocks: Block[] = [];
  /** Step of the run at which each env's log begins. */
  readonly #starts: Float64Array;
  readonly #generators: Uint32Array;
  /** Numbers kept of each observation. */
  readonly #logged: number;
  readonly #observations: Float32Array;
  readonly #wrappers = new Map<number, readonly WrapperState[]>();
  readonly #cuts = new Map<number, LogCut>();
  /** Actions from before this process, for envs still in an episode that began then. */
  readonly #earlier = new Map<number, StoredActions>();
  /** Their outputs, where they are kept. */
  readonly #earlierOutputs = new Map<number, Float32Array>();
  #begun = false;

  constructor(options: RolloutOptions) {
    this.#options = options;
    this.#width = actionWidth(options.network);
    this.#Type = storedType(options.network);
    this.#starts = new Float64Array(options.numEnvs);
    this.#generators = new Uint32Array(options.numEnvs * GENERATOR_WORDS);
    this.#logged = loggedSize(options.network);
    this.#observations = new Float32Array(options.numEnvs * this.#logged);
  }

  /** The same logs, which go on apart from these. */
  fork(): EpisodeLogs {
    const own = new EpisodeLogs(this.#options);
    own.#steps = this.#steps;
    own.#blocks = [...this.#blocks];
    own.#starts.set(this.#starts);
    own.#generators.set(this.#generators);
    own.#observations.set(this.#observations);
    for (const [i, states] of this.#wrappers) own.#wrappers.set(i, states);
    for (const [i, cut] of this.#cuts) own.#cuts.set(i, cut);
    for (const [i, actions] of this.#earlier) own.#earlier.set(i, actions);
    for (const [i, outputs] of this.#earlierOutputs) own.#earlierOutputs.set(i, outputs);
    own.#begun = this.#begun;
    return own;
  }

  /** False until the first rollout: there is nothing to play again yet. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Takes logs of another process. */
  static from(options: RolloutOptions, logs: readonly EnvLog[]): EpisodeLogs {
    const own = new EpisodeLogs(options);
    const O = own.#logged;
    own.#begun = true;
    logs.forEach((log, i) => {
      own.#generators.set(log.generator, i * GENERATOR_WORDS);
      if (log.observation !== null) own.#observations.set(log.observation, i * O);
      if (log.wrappers !== null) own.#wrappers.set(i, log.wrappers);
      if (log.cut !== null) own.#cuts.set(i, log.cut);
      if (log.actions.length > 0) own.#earlier.set(i, log.actions);
      if (options.keepOutputs === true && log.outputs !== null) own.#earlierOutputs.set(i, log.outputs);
    });
    return own;
  }

  /** Adds the rollout in the arena: only once its iteration is complete. */
  commit(arena: Arena, notes: readonly RolloutNote[]): void {
    const { numEnvs: N, numSteps: T, keepOutputs = false } = this.#options;
    const flags = arena.u8('flags');
    const from = this.#steps;
    this.#begun = true;
    this.#steps += T;
    for (let t = 0, k = 0; t < T; t++) {
      for (let i = 0; i < N; i++, k++) if (flags[k] !== 0) this.#starts[i] = from + t + 1;
    }
    for (let i = 0; i < N; i++) {
      if (this.#starts[i]! <= from) continue;
      this.#earlier.delete(i);
      this.#earlierOutputs.delete(i);
      this.#cuts.delete(i);
    }
    this.#generators.set(arena.u32('resetGenerators'));
    const rows = observationRows(arena, this.#options, null);
    for (let i = 0; i < N; i++) this.#observations.set(rows.logged(T * N + i), i * this.#logged);
    this.#blocks.push({
      from,
      to: this.#steps,
      actions: this.#Type.from(actionColumn(arena)),
      outputs: keepOutputs ? outputsOf(arena) : null,
    });
    for (const note of notes) {
      if (note.type === 'wrappers') this.#wrappers.set(note.env, note.states);
      if (note.type !== 'cut') continue;
      this.#cuts.set(note.env, note.cut);
      this.#starts[note.env] = this.#steps;
      this.#earlier.delete(note.env);
      this.#earlierOutputs.delete(note.env);
    }
    let oldest = this.#steps;
    for (let i = 0; i < N; i++) oldest = Math.min(oldest, this.#starts[i]!);
    while (this.#blocks[0] !== undefined && this.#blocks[0].to <= oldest) this.#blocks.shift();
  }

  /** What plays env `i`'s episode again. */
  log(i: number): EnvLog {
    const O = this.#logged;
    return {
      generator: this.#generators.slice(i * GENERATOR_WORDS, (i + 1) * GENERATOR_WORDS),
      wrappers: this.#wrappers.get(i) ?? null,
      cut: this.#cuts.get(i) ?? null,
      actions: this.#actions(i),
      outputs: this.#options.keepOutputs === true ? this.#outputs(i) : null,
      observation: this.#observations.slice(i * O, (i + 1) * O),
    };
  }

  /** The logs of envs `[from, to)`. */
  logs(from = 0, to = this.#options.numEnvs): EnvLog[] {
    return Array.from({ length: to - from }, (_, k) => this.log(from + k));
  }

  #actions(i: number): StoredActions {
    return this.#column(i, this.#width, this.#Type, this.#earlier.get(i), (block) => block.actions);
  }

  #outputs(i: number): Float32Array {
    return this.#column(i, 2, Float32Array, this.#earlierOutputs.get(i), (block) => block.outputs!);
  }

  /** What a column holds of env `i`'s episode, `width` numbers a step. */
  #column<T extends StoredActions>(
    i: number,
    width: number,
    Type: new (length: number) => T,
    earlier: T | undefined,
    of: (block: Block) => T,
  ): T {
    const { numEnvs: N } = this.#options;
    const start = this.#starts[i]!;
    const column = new Type((earlier?.length ?? 0) + (this.#steps - start) * width);
    let at = 0;
    if (earlier !== undefined) {
      column.set(earlier);
      at = earlier.length;
    }
    for (const block of this.#blocks) {
      const values = of(block);
      for (let t = Math.max(start, block.from); t < block.to; t++) {
        const row = ((t - block.from) * N + i) * width;
        for (let k = 0; k < width; k++) column[at++] = values[row + k]!;
      }
    }
    return column;
  }
}
