/** What a queue's jobs hold: references and numbers, checked before anything is done with them. */

import { BACKENDS } from '../../../backends/backend.js';
import { failure } from '../../../core/errors.js';
import * as z from '../../../core/zod.js';
import { jsonObjectSchema } from '../../schemas.js';
import type { PlannedRun } from '../plan.js';

const wrapperSchema = z.union([z.string(), z.strictObject({ name: z.string(), kwargs: jsonObjectSchema.optional() })]);

const runSchema = z.strictObject({
  index: z.number().int().nonnegative(),
  name: z.string().regex(/^[\w-][\w.-]{0,200}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  env: z.string().min(1),
  envId: z.string().min(1),
  moduleHash: z.string().nullable(),
  envKwargs: jsonObjectSchema,
  wrappers: z.array(wrapperSchema),
  algo: z.literal('ppo'),
  seed: z.number().int().nonnegative(),
  config: jsonObjectSchema,
  varied: jsonObjectSchema,
  totalSteps: z.number().int().positive(),
  backend: z.enum(['auto', ...BACKENDS]),
  evalEvery: z.number().int().nonnegative(),
  evalEpisodes: z.number().int().positive(),
  targetReturn: z.number().nullable(),
  recordEpisodes: z.string().nullable(),
  recordObservations: z.boolean(),
  recordPolicyOutputs: z.boolean(),
});

/** A job's data. */
export interface QueuedRun {
  readonly run: PlannedRun;
  /** Times that it may be tried again. */
  readonly retries: number;
}

const jobSchema = z.strictObject({ run: runSchema, retries: z.number().int().nonnegative() });

/** Reads a job's data. @throws `QUEUE_CORRUPT` */
export function parseQueued(data: unknown): QueuedRun {
  const parsed = jobSchema.safeParse(data);
  if (parsed.success) return parsed.data as QueuedRun;
  const problem = z
    .prettifyError(parsed.error)
    .replace(/✖ /g, '')
    .replace(/\s*\n\s*/g, ' ');
  throw failure('QUEUE_CORRUPT', `a job of the queue is not a run: ${problem}.`, { got: problem });
}

const progressSchema = z.object({
  steps: z.number().nonnegative(),
  totalSteps: z.number().positive(),
  stepsPerSecond: z.number().nonnegative(),
  meanReturn: z.number().nullable(),
  worker: z.string(),
});

/** A run's progress, and who works at it. */
export type QueuedProgress = z.infer<typeof progressSchema>;

/** Reads a job's progress; null for one that has none yet, or not ours. */
export function parseProgress(value: unknown): QueuedProgress | null {
  const parsed = progressSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Key that is there while a run is being cancelled. */
export const cancelKey = (queue: string, hash: string): string => `${queue}:run:${hash}:cancel`;
