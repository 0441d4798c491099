/** The shapes of the JSON that runs store, checked when it is read back. */

import type { JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import * as z from '../core/zod.js';

/** Any JSON object. */
export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;

/** An env's description. */
export const envSpecSchema: z.ZodType<EnvSpec> = z.object({
  id: z.string().min(1),
  moduleUrl: z.string().nullable(),
  exportName: z.string().nullable(),
  maxEpisodeSteps: z.number().int().positive().nullable(),
  rewardThreshold: z.number().nullable(),
  nondeterministic: z.boolean(),
  kwargs: jsonObjectSchema,
  wrappers: z
    .array(z.object({ name: z.string().min(1), moduleUrl: z.string().nullable(), kwargs: jsonObjectSchema }))
    .optional(),
  vectorEntryPoint: z.string().optional(),
});
