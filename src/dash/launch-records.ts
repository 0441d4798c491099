/** What a launch leaves beside its runs: the plan (`launch.json`) and what their processes printed (`logs/<name>.log`). */
import { basename, dirname, join } from 'node:path';
import type { JsonObject } from '../core/json.js';
import * as z from '../core/zod.js';
import { jsonObjectSchema } from '../runs/schemas.js';
import { readPart, statsOf } from './files.js';

/** A run that a launch has planned. */
export interface Planned {
  readonly name: string;
  readonly env: string;
  readonly algo: string;
  readonly seed: number;
  readonly totalSteps: number;
  readonly settings: JsonObject;
}

/** Largest plan: ten thousand runs have some megabytes. */
const LARGEST = 64 << 20;

const planSchema = z.object({
  version: z.literal(1),
  runs: z.array(
    z.object({
      // A folder of the launch, never a way out of it.
      name: z.string().regex(/^[^./\\][^/\\]*$/),
      envId: z.string(),
      algo: z.string(),
      seed: z.number(),
      totalSteps: z.number(),
      config: jsonObjectSchema,
      envKwargs: jsonObjectSchema,
    }),
  ),
});

/** The runs of a launch's plan; none for a plan that cannot be read, whose runs are found by their folders all the same. */
export function plannedRuns(file: string): Planned[] {
  try {
    const { bytes, size } = readPart(file, 0, LARGEST);
    if (size > LARGEST) return [];
    const { runs } = planSchema.parse(JSON.parse(bytes.toString('utf8')));
    return runs.map(({ name, envId, algo, seed, totalSteps, config, envKwargs }) => ({
      name,
      env: envId,
      algo,
      seed,
      totalSteps,
      settings: { ...config, ...prefixed(envKwargs), seed },
    }));
  } catch {
    return [];
  }
}

/** Keyword arguments of an env as settings. */
export function prefixed(kwargs: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(kwargs).map(([name, value]) => [`env.${name}`, value]));
}

/** Where a launch writes what a run prints. */
export function logFileOf(runPath: string): string {
  return join(dirname(runPath), 'logs', `${basename(runPath)}.log`);
}

/** Part of a log in which the last words of a failed run are. */
const LAST_WORDS = 32 << 10;
/** `CODE: Error: message`, or `TypeError: message` alone, as a run's process prints what ended it, with the stack below. */
const FAILURE = /^(?:([A-Z][A-Z0-9_]+): )?\w*Error: (.+(?:\n(?!\s+at ).*){0,5})\n\s+at /gm;

/**
 * Why a launched run failed, by its log; null if it did not, or went on since: then its files are newer than the log.
 * @param changedAt when the run's own files changed last, milliseconds since 1970.
 */
export function failureIn(logFile: string, changedAt: number): string | null {
  const stats = statsOf(logFile);
  if (stats === null || stats.mtimeMs < changedAt) return null;
  try {
    const text = readPart(logFile, -LAST_WORDS, LAST_WORDS).bytes.toString('utf8');
    const last = [...text.matchAll(FAILURE)].at(-1);
    return last === undefined ? null : `${last[1] ?? 'UNEXPECTED'}: ${last[2]!.slice(0, 500)}`;
  } catch {
    return null;
  }
}
