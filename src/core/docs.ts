/** What an env's README says beside its field tables: the generator of the docs reads it from `envs/<name>/docs.ts`. */
import type { KwargTable } from './kwargs.js';

/** One constant of a task. */
export interface Constant {
  readonly value: number;
  /** SI; `1` for a pure number. */
  readonly unit: string;
  readonly about: string;
  /** Where the value comes from, where that is worth saying. */
  readonly source?: string;
}

/** One entry of `reset({ options })`. */
export interface ResetOptionDocs {
  readonly default: string;
  readonly about: string;
}

/** The prose and tables of an env's README; texts are Markdown. */
export interface EnvDocs {
  /** The task in a paragraph. */
  readonly task: string;
  /** How an episode begins. */
  readonly start: string;
  /** Whether every episode begins in the same state. */
  readonly fixedStart?: boolean;
  /** How many first observations there are, where they are few but more than one. */
  readonly starts?: number;
  readonly reward: string;
  /** What terminates an episode; the time limit is the spec's. */
  readonly end: string;
  /** Each with its `about`. */
  readonly kwargs: KwargTable;
  readonly resetOptions: { readonly [name: string]: ResetOptionDocs };
  readonly constants: { readonly [name: string]: Constant };
  /** One sentence for each of the class's `baselines`. */
  readonly baselines: { readonly [name: string]: string };
  /** How fast it is and how that is measured, where its observations take most of the time. */
  readonly speed?: string;
  /** Where the task comes from. */
  readonly source: string;
}
