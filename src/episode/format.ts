/**
 * The episode file: a signature, then chunks. Data, never code; little-endian throughout.
 *
 * ```
 * file    = signature, HEAD, episode*, DONE
 * episode = EPIS, ACTS, [HASH], [RWRD], [OBSV], [PLCY]        which of them follow, EPIS says
 * chunk   = type (4 letters), length of the payload (u32), checksum (u32), payload, CRC-32 of the payload (u32)
 *
 * HEAD, EPIS   JSON, UTF-8 (schemas below)
 * ACTS, OBSV   the numbers of the space's dtype, one member after another; JSON for other spaces
 * HASH         u32, one for the reset and one a step (hash.ts)
 * RWRD         float64, one a step
 * PLCY         float32, a step after another, the policy's outputs that EPIS names
 * DONE         u32, the number of episodes
 * ```
 *
 * A chunk's header has a checksum of its own, so that a changed length is told from a file that was cut: the CRC-32 of type,
 * length and checksums of every chunk before, then of its own type and length. So a chunk that was moved, doubled, left out or
 * taken from another file is seen although its own bytes are whole. (In version 1 it covered its own type and length only.)
 * Each episode is written at once: a writer that dies loses the one it was writing, and the missing DONE says that it died.
 */

import { failure, type GymkhanaError } from '../core/errors.js';
import type { EngineInfo } from '../core/fingerprint.js';
import type { Json, JsonObject } from '../core/json.js';
import type { GeneratorState } from '../core/seeding/generator.js';
import type { EnvSpec } from '../core/spec.js';
import type { WrapperState } from '../core/wrapper.js';
import * as z from '../core/zod.js';
import { numberFromJSON } from '../spaces/arrays.js';
import { type ChunkType, FORMAT_VERSION, LARGEST_JSON } from './layout.js';
import type { EpisodeFailure, EpisodeOrigin } from './log.js';

export {
  CHUNK_HEADER,
  CHUNK_OVERHEAD,
  CHUNK_TYPES,
  type ChunkType,
  FORMAT_VERSION,
  LARGEST_JSON,
  LINKED_VERSION,
  SIGNATURE,
} from './layout.js';

/** What people call a chunk type, for messages. */
export const CHUNK_NAMES: Readonly<Record<ChunkType, string>> = {
  HEAD: 'the header',
  EPIS: 'the description of an episode',
  ACTS: 'the actions',
  HASH: 'the hashes',
  RWRD: 'the rewards',
  OBSV: 'the observations',
  PLCY: "the policy's outputs",
  DONE: 'the end mark',
};

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;
const object = z.record(z.string(), json);
const count = z.number().int().min(0).max(0xffffffff);
const number = z
  .union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity', '-0'])])
  .transform((value) => numberFromJSON(value) ?? Number.NaN);

const specSchema = z.object({
  id: z.string().min(1),
  moduleUrl: z.string().nullable(),
  exportName: z.string().nullable(),
  maxEpisodeSteps: z.number().int().min(1).nullable(),
  rewardThreshold: z.number().nullable(),
  nondeterministic: z.boolean(),
  kwargs: object,
  wrappers: z.array(z.object({ name: z.string().min(1), moduleUrl: z.string().nullable(), kwargs: object })).optional(),
  vectorEntryPoint: z.string().optional(),
});

const fieldSchema = z.object({
  name: z.string(),
  unit: z.string(),
  low: number,
  high: number,
  about: z.string(),
});

/** The part of an env's metadata that a reader without the env needs: labels and pace. */
const metadataSchema = z.object({
  about: z.string().optional(),
  renderFps: z.number().positive().optional(),
  renderModes: z.array(z.enum(['scene', 'ansi', 'rgb_array'])).optional(),
  episodeMeasures: z.array(z.string()).optional(),
  fields: z
    .object({ observation: z.array(fieldSchema), action: z.array(fieldSchema), info: z.array(fieldSchema).optional() })
    .optional(),
});

const engineSchema = z.object({
  node: z.string(),
  v8: z.string(),
  arch: z.string(),
  platform: z.string(),
  mathFingerprint: z.string().regex(/^[0-9a-f]{8}$/),
  gymkhana: z.string(),
});

const versionSchema = z.object({ format: z.literal('gymkhana-episodes'), version: z.number().int().min(1) });

const headerSchema = z.object({
  format: z.literal('gymkhana-episodes'),
  version: z.number().int().min(1),
  spec: specSchema,
  observationSpace: object,
  actionSpace: object,
  metadata: metadataSchema,
  engine: engineSchema,
  policy: z.string().nullable(),
  createdBy: z.string(),
});

const generatorSchema = z.object({
  state: z.string().regex(/^\d{1,39}$/),
  inc: z.string().regex(/^\d{1,39}$/),
  hasUint32: z.union([z.literal(0), z.literal(1)]),
  uinteger: count,
});

const startSchema = z.object({ rng: generatorSchema, options: object.nullable() });

const episodeSchema = z.object({
  index: count,
  steps: count,
  actions: count,
  rng: generatorSchema,
  seed: z.number().nullable(),
  options: object.nullable(),
  wrappers: z.array(z.object({ wrapper: z.string(), state: json })).optional(),
  return: number,
  terminated: z.boolean(),
  truncated: z.boolean(),
  measures: z.record(z.string(), number),
  finalInfo: object.nullable(),
  failure: z.object({ step: count, code: z.string(), message: z.string() }).nullable(),
  origin: z.object({ iteration: count, steps: z.number().int().min(0), env: count }).optional(),
  policyOutputs: z.array(z.string().min(1).max(200)).min(1).max(4096).optional(),
  columns: z.array(z.enum(['ACTS', 'HASH', 'RWRD', 'OBSV', 'PLCY'])),
});

/** An env's metadata as an episode file keeps it. */
export type RecordedMetadata = z.infer<typeof metadataSchema>;

/** What holds for all episodes of a file. */
export interface EpisodeFileHeader {
  readonly version: number;
  readonly spec: EnvSpec;
  readonly observationSpace: JsonObject;
  readonly actionSpace: JsonObject;
  readonly metadata: RecordedMetadata;
  readonly engine: EngineInfo;
  /** Who acted, in words. */
  readonly policy: string | null;
  readonly createdBy: string;
}

/** What an episode's EPIS chunk says. */
export interface EpisodeRecord {
  readonly index: number;
  readonly steps: number;
  readonly actions: number;
  readonly rng: GeneratorState;
  readonly seed: number | null;
  readonly options: JsonObject | null;
  readonly wrappers?: readonly WrapperState[] | undefined;
  readonly return: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly measures: Readonly<Record<string, number>>;
  readonly finalInfo: JsonObject | null;
  readonly failure: EpisodeFailure | null;
  readonly origin?: EpisodeOrigin | undefined;
  /** Names of the outputs in PLCY. */
  readonly policyOutputs?: readonly string[] | undefined;
  readonly columns: readonly ChunkType[];
}

/** The `EPISODE_CORRUPT` error: which part of which file, at which byte, and why. */
export function corrupt(path: string, part: string, offset: number, why: string, cause?: unknown): GymkhanaError {
  return failure(
    'EPISODE_CORRUPT',
    `${path} is corrupt: ${part} at byte ${offset} ${why}. Restore the file from a copy, or record the episode again.`,
    { file: path, field: part, got: `${why} (byte ${offset})` },
    cause,
  );
}

/** `fields` of the first problem zod found, with its path. */
function problem(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'does not have the expected fields';
  const where = issue.path.length === 0 ? 'its value' : issue.path.join('.');
  return `does not have the expected fields (${where}: ${issue.message})`;
}

/** Parses and checks a JSON chunk; `fail` makes the error of a reason. */
function parse<T>(bytes: Uint8Array, schema: z.ZodType<T>, fail: (why: string, cause?: unknown) => Error): T {
  if (bytes.length > LARGEST_JSON) throw fail(`has ${bytes.length} bytes of JSON, more than ${LARGEST_JSON}`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw fail('is not JSON', cause);
  }
  let result: z.ZodSafeParseResult<T>;
  try {
    result = schema.safeParse(value);
  } catch (cause) {
    // Nesting deep enough to exhaust the stack.
    throw fail('is not the JSON of an episode file', cause);
  }
  if (!result.success) throw fail(problem(result.error));
  return result.data;
}

/** Reads a HEAD chunk. @throws what `fail` makes; `EPISODE_VERSION` for a file of a newer version than this reader's. */
export function parseHeader(
  bytes: Uint8Array,
  path: string,
  fail: (why: string, cause?: unknown) => Error,
): EpisodeFileHeader {
  const { version } = parse(bytes, versionSchema, fail);
  if (version > FORMAT_VERSION) {
    throw failure(
      'EPISODE_VERSION',
      `${path} has version ${version} of the episode format, this program reads up to ${FORMAT_VERSION}. Read it with the gymkhana that wrote it, or a newer one.`,
      { file: path, expected: `at most ${FORMAT_VERSION}`, got: String(version) },
    );
  }
  return parse(bytes, headerSchema, fail);
}

/** Reads an EPIS chunk. @throws what `fail` makes */
export function parseEpisode(bytes: Uint8Array, fail: (why: string, cause?: unknown) => Error): EpisodeRecord {
  return parse(bytes, episodeSchema, fail);
}

/** Reads how an episode begins from the JSON that an export keeps. @throws what `fail` makes */
export function parseStart(
  text: string,
  fail: (why: string, cause?: unknown) => Error,
): { readonly rng: GeneratorState; readonly options: JsonObject | null } {
  return parse(Buffer.from(text, 'utf8'), startSchema, fail);
}
