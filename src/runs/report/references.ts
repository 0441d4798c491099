/** Scores to compare with: random play, and results that somebody published or that the presets reach. */
import { readFileSync, statSync } from 'node:fs';
import { usageError } from '../../core/errors.js';
import * as z from '../../core/zod.js';

/** The return of uniformly random actions. */
export interface RandomScore {
  /** Mean return. */
  readonly score: number;
  /** Standard deviation over episodes. */
  readonly std: number;
  readonly episodes: number;
  /** Seed of the episodes. */
  readonly seed: number;
}

/** One result on an env. */
export interface ReferenceScore {
  /** Who reached it, such as `PPO, RL Baselines3 Zoo`. */
  readonly name: string;
  /** Mean return. */
  readonly score: number;
  /** Its spread, over episodes or seeds as the source says; null where it is unknown. */
  readonly std: number | null;
  /** Env steps of training; null where they are unknown. */
  readonly steps: number | null;
  /** Where the figure is from and how it was measured. */
  readonly source: string;
}

/** What is known of an env. */
export interface EnvReferences {
  readonly random: RandomScore;
  /** The first one counts as a normalised score of 1; none for an env that nobody has published results of. */
  readonly references: readonly ReferenceScore[];
}

/** References by the id of the env, with its default keyword arguments, without wrappers. */
export interface ReferenceTable {
  readonly version: 1;
  readonly envs: { readonly [id: string]: EnvReferences };
}

const score = z.object({
  name: z.string().min(1).max(200),
  score: z.number(),
  std: z.number().nonnegative().nullable(),
  steps: z.number().int().nonnegative().nullable(),
  source: z.string().max(1000),
});
const schema = z.object({
  version: z.literal(1),
  envs: z.record(
    z.string().min(1),
    z.object({
      random: z.object({
        score: z.number(),
        std: z.number().nonnegative(),
        episodes: z.number().int().positive(),
        seed: z.number().int().nonnegative(),
      }),
      references: z.array(score).max(100),
    }),
  ),
}) satisfies z.ZodType<ReferenceTable>;

/** Largest file of references. */
const LARGEST = 16 * 1024 * 1024;

/** The table that comes with the package. */
export function shippedReferences(): ReferenceTable {
  return JSON.parse(readFileSync(new URL('./references.json', import.meta.url), 'utf8')) as ReferenceTable;
}

/**
 * A table of references of the user's own, in the form of `src/runs/report/references.json`.
 * @throws `INVALID_REFERENCES` if it cannot be read or is none.
 */
export function readReferences(path: string): ReferenceTable {
  const refuse = (problem: string, cause?: unknown): never => {
    const expected = '{ "version": 1, "envs": { "MyEnv-v0": { "random": {...}, "references": [...] } } }';
    const message = `${path} is no table of reference scores: ${problem}. Expected ${expected}; docs/report.md shows one.`;
    throw usageError('INVALID_REFERENCES', message, { file: path, expected }, cause);
  };
  let json: unknown;
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > LARGEST) return refuse(`it is not a plain file of at most ${LARGEST} bytes`);
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'INVALID_REFERENCES') throw cause;
    return refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  return refuse(z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' '));
}
