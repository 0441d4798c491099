/** What plays an evaluation: anything that turns many flat observations into actions. */
export interface Actor {
  /** Numbers of a flat observation, O. */
  readonly observationSize: number;
  /** Numbers of an action, A. */
  readonly width: number;
  /** Whether actions are those of a Box; else they are choices. */
  readonly continuous: boolean;
  /** How many values each choice has; empty for a Box. */
  readonly choiceSizes: readonly number[];
  /** Whether masks of allowed choices are taken into account. */
  readonly masks: 'always' | 'if given' | 'never';
  /** Numbers that it remembers from step to step of an episode, S; 0 for nothing. */
  readonly memorySize: number;
  /** Writes actions [rows, A] of `observations` [rows, O] to `out`; `masks` [rows, choices] forbid, `memory` [rows, S] goes in and comes out. A promise where it takes another thread. */
  predictInto(
    observations: Float32Array,
    rows: number,
    out: Float32Array | Int32Array,
    values?: Float32Array,
    masks?: Uint8Array,
    memory?: Float32Array,
  ): void | Promise<void>;
}
