import type { EnvMetadata, Info } from '../core/env.js';
import type { JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import type { Batch } from '../spaces/index.js';
import type { Space } from '../spaces/space.js';

/**
 * When an env whose episode ended begins the next one.
 *
 * - `'same-step'`: within the step that ended it; the observation is the new episode's first, the last one of the old is in
 *   `infos.finalObs`. The default here; Gymnasium's default is next-step.
 * - `'next-step'`: at the next step, which ignores the action and returns the first observation, reward 0 and no flags.
 *   That transition belongs to no episode: leave it out of training.
 * - `'disabled'`: never; the caller resets with `reset({ options: { resetMask } })`.
 */
export type AutoresetMode = 'same-step' | 'next-step' | 'disabled';

/** How the episodes of a vector env start. */
export interface VectorResetOptions {
  /** A whole number seeds env `i` with `seed + i`; a list gives each env its own seed, or null to go on with its stream. */
  readonly seed?: number | readonly (number | null)[] | undefined;
  /**
   * Options for every env's reset. `resetMask`, a list of `numEnvs` booleans, is the vector env's own: only the envs it
   * names are reset, the rows of the others stay.
   */
  readonly options?: JsonObject | undefined;
}

/**
 * Facts beside the observations. A field of an env's `info` becomes a list with an element for each env, undefined where an
 * env did not give it. A field that no env gives is absent.
 */
export interface VectorInfos<Obs = unknown> {
  /** Last observation of the episodes that ended in this step (same-step autoreset); null for the other envs. */
  finalObs?: (Obs | null)[];
  /** Last info of the episodes that ended in this step (same-step autoreset); null for the other envs. */
  finalInfo?: (Info | null)[];
  [field: string]: unknown[] | undefined;
}

/** What `reset` of a vector env returns: the first observations of all envs, and their infos. */
export interface VectorResetResult<Obs> {
  /** First observations, `[N, ...]` rows in one typed array. */
  observations: Batch<Obs>;
  infos: VectorInfos<Obs>;
}

/** What `step` of a vector env returns: one row for each env. */
export interface VectorStepResult<Obs> {
  /** Observations, `[N, ...]` rows in one typed array. */
  observations: Batch<Obs>;
  /** Rewards `[N]`, float64. */
  rewards: Float64Array;
  /** 1 where the task itself ended `[N]`. */
  terminations: Uint8Array;
  /** 1 where a time limit or the like cut the episode `[N]`. */
  truncations: Uint8Array;
  infos: VectorInfos<Obs>;
}

/** Actions of all envs: `[N, ...]` rows in one typed array, or a list of `N` single actions. */
export type VectorActions<Act> = Batch<Act> | readonly Act[];

/** `N` envs of one kind that are reset and stepped together. `Obs` and `Act` are the types of a single env. */
export abstract class VectorEnv<Obs = unknown, Act = unknown> {
  abstract readonly numEnvs: number;
  abstract readonly singleObservationSpace: Space<Obs>;
  abstract readonly singleActionSpace: Space<Act>;
  /** The space of a batch of observations. */
  abstract readonly observationSpace: Space;
  /** The space of a batch of actions; `actionSpace.sample()` is what `step` takes. */
  abstract readonly actionSpace: Space;
  abstract readonly autoresetMode: AutoresetMode;
  abstract readonly metadata: EnvMetadata;
  /** The spec of each env; null if they were built by hand. */
  abstract readonly spec: EnvSpec | null;

  /** Begins an episode in every env, or in those that `options.resetMask` names. */
  abstract reset(options?: VectorResetOptions): VectorResetResult<Obs>;
  /** Advances every env by one step. */
  abstract step(actions: VectorActions<Act>): VectorStepResult<Obs>;
  /** The envs' pictures, in order. */
  abstract render(): unknown[];
  /** Frees the envs; calling it twice is fine, stepping afterwards is an error. */
  abstract close(): void;
}
