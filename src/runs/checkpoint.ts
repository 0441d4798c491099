/**
 * A checkpoint: one safetensors file with a run's parameters, the optimiser's moments, the running statistics and the counters;
 * `last` and `previous` also hold the episodes in progress, from which a run goes on.
 *
 * Any safetensors reader finds the network's weights under their own names (`actor.0.weight`, ...). The rest is text in the
 * metadata. The SHA-256 of the whole file, with the hash's own digits as zeros, stands first in the metadata: a file that is torn
 * or altered in any byte is refused.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failure, usageError } from '../core/errors.js';
import { notWritable, writeFileAtomicSync } from '../core/files.js';
import type { JsonObject } from '../core/json.js';
import type { EnvSpec } from '../core/spec.js';
import * as z from '../core/zod.js';
import { parameterLayout, parameterView } from '../network/layout.js';
import type { NetworkSpec } from '../network/spec.js';
import {
  corruptFile,
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type TensorData,
  type TensorFile,
  takeTensor,
} from './safetensors.js';
import { envSpecSchema, jsonObjectSchema } from './schemas.js';
import { decodeTraining, encodeTraining, type TrainingState, trainingSchema } from './training-state.js';

/** Running mean and variance of each number of an observation, shape [O]. */
export interface ObservationStatistics {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly count: number;
}

/** Running mean and variance of the discounted return. */
export interface ReturnStatistics {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

/** Which env a policy was trained in, with its spaces as JSON. */
export interface CheckpointEnv {
  readonly spec: EnvSpec;
  readonly observationSpace: JsonObject;
  readonly actionSpace: JsonObject;
}

/** The state of a run between two iterations. */
export interface CheckpointContent {
  readonly network: NetworkSpec;
  /** Shape [layout.count]; the padding between slices is 0. */
  readonly parameters: Float32Array;
  /** What the next rollout is collected with where it is not the parameters: in a run with `overlap`, those of an iteration before. */
  readonly behavior: Float32Array | null;
  /** Adam's step count and moments, each of the parameters' shape. */
  readonly adam: { readonly step: number; readonly first: Float32Array; readonly second: Float32Array };
  /** Null if the run does not normalise observations. */
  readonly observation: ObservationStatistics | null;
  /** Null if the run does not scale rewards. */
  readonly returns: ReturnStatistics | null;
  readonly iteration: number;
  /** Environment steps so far. */
  readonly steps: number;
  readonly env: CheckpointEnv;
  /** Version and fingerprints of the engine that wrote it. */
  readonly engine: JsonObject;
  /** What a resume needs besides; null in a checkpoint that is kept for its policy. */
  readonly training: TrainingState | null;
}

/** A checkpoint as read from a file. */
export interface Checkpoint extends CheckpointContent {
  /** SHA-256 of the file, hexadecimal: equal content has equal hashes. */
  readonly hash: string;
}

const FORMAT = 'gymkhana-checkpoint';
const VERSION = '1';
const SUFFIX = '.safetensors';

/** The file starts with 8 bytes of header length, then exactly this text, then the 64 digits of the hash. */
const HASH_PREFIX = '{"__metadata__":{"sha256":"';
const HASH_AT = 8 + HASH_PREFIX.length;
const HASH_LENGTH = 64;

const whole = z.number().int().nonnegative();
const stateSchema = z.object({
  network: z.custom<NetworkSpec>((value) => jsonObjectSchema.safeParse(value).success),
  adamStep: whole,
  iteration: whole,
  steps: whole,
  env: z.object({ spec: envSpecSchema, observationSpace: jsonObjectSchema, actionSpace: jsonObjectSchema }),
  engine: jsonObjectSchema,
  training: trainingSchema.nullable().default(null),
});

function contentHash(bytes: Uint8Array): string {
  const hash = createHash('sha256');
  hash.update(bytes.subarray(0, HASH_AT));
  hash.update('0'.repeat(HASH_LENGTH));
  return hash.update(bytes.subarray(HASH_AT + HASH_LENGTH)).digest('hex');
}

/** SHA-256 of a network's parameters, hexadecimal: two runs learned the same if and only if it is equal. */
export function parametersHash(parameters: Float32Array): string {
  if (!(parameters instanceof Float32Array)) {
    throw usageError('INVALID_VALUE', `parametersHash takes a Float32Array, got ${String(parameters)}.`, {
      expected: 'a Float32Array',
      got: String(parameters),
    });
  }
  const bytes = new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

/** The bytes of a checkpoint's file. */
export function encodeCheckpoint(content: CheckpointContent): { bytes: Uint8Array; hash: string } {
  const { network, parameters, behavior, adam, observation, returns, iteration, steps, env, engine, training } =
    content;
  const layout = parameterLayout(network);
  for (const [name, array] of Object.entries({ parameters, 'adam.first': adam.first, 'adam.second': adam.second })) {
    if (array.length !== layout.count) {
      throw new Error(`internal: ${name} has ${array.length} numbers, but the network has ${layout.count}`);
    }
  }
  const tensors = new Map<string, Tensor>();
  const vector = (name: string, data: TensorData): void => {
    tensors.set(name, { shape: [data.length], data });
  };
  for (const { name, shape } of layout.slices) {
    tensors.set(name, { shape, data: parameterView(layout, parameters, name) });
  }
  if (behavior !== null) vector('behavior', behavior);
  vector('adam.first', adam.first);
  vector('adam.second', adam.second);
  if (observation !== null) {
    vector('observation.mean', observation.mean);
    vector('observation.variance', observation.variance);
    vector('observation.count', Float64Array.of(observation.count));
  }
  if (returns !== null) vector('returns', Float64Array.of(returns.mean, returns.variance, returns.count));
  const encoded = training === null ? null : encodeTraining(training, network);
  for (const [name, tensor] of encoded?.tensors ?? []) tensors.set(name, tensor);
  // The schema puts a spec's fields in one order, whether it comes from the registry or from a file.
  const ordered = { ...env, spec: envSpecSchema.parse(env.spec) };
  const state = {
    network,
    adamStep: adam.step,
    iteration,
    steps,
    env: ordered,
    engine,
    training: encoded?.metadata ?? null,
  };
  const metadata = new Map([
    ['sha256', '0'.repeat(HASH_LENGTH)],
    ['format', FORMAT],
    ['version', VERSION],
    ['state', JSON.stringify(state)],
  ]);
  const bytes = encodeSafetensors(tensors, metadata);
  const hash = contentHash(bytes);
  bytes.set(Buffer.from(hash, 'latin1'), HASH_AT);
  return { bytes, hash };
}

/** Checks the framing and the hash, and returns the tensors. */
function openVerified(bytes: Uint8Array, file: string): { contents: TensorFile; hash: string } {
  const contents = decodeSafetensors(bytes, file);
  if (contents.metadata.get('format') !== FORMAT) {
    const message = `${file} is a safetensors file, but not a checkpoint of gymkhana: its metadata lacks format '${FORMAT}'.`;
    throw usageError('NOT_A_CHECKPOINT', message, {
      file,
      expected: FORMAT,
      got: contents.metadata.get('format') ?? 'none',
    });
  }
  const prefix = Buffer.from(bytes.subarray(8, HASH_AT)).toString('latin1');
  const hash = contents.metadata.get('sha256') ?? '';
  if (prefix !== HASH_PREFIX || hash.length !== HASH_LENGTH) throw corruptFile(file, 'the checksum', 'is missing');
  const actual = contentHash(bytes);
  if (actual !== hash) throw corruptFile(file, 'the checksum', `is ${hash}, but the content gives ${actual}`);
  const version = contents.metadata.get('version');
  if (version !== VERSION) {
    const message = `${file} has checkpoint version ${version}; this gymkhana reads version ${VERSION}. Use the release that wrote it.`;
    throw usageError('CHECKPOINT_VERSION', message, { file, expected: VERSION, got: String(version) });
  }
  return { contents, hash };
}

/**
 * Reads a checkpoint from bytes.
 *
 * @param file the name that errors mention.
 * @throws `CHECKPOINT_CORRUPT`, `NOT_A_CHECKPOINT`, `CHECKPOINT_VERSION`.
 */
export function decodeCheckpoint(bytes: Uint8Array, file: string): Checkpoint {
  const { contents, hash } = openVerified(bytes, file);
  let json: unknown;
  try {
    json = JSON.parse(contents.metadata.get('state') ?? '');
  } catch (cause) {
    throw corruptFile(file, "the metadata 'state'", 'is not JSON', cause);
  }
  const parsed = stateSchema.safeParse(json);
  if (!parsed.success) throw corruptFile(file, "the metadata 'state'", z.prettifyError(parsed.error), parsed.error);
  const { network, adamStep, iteration, steps, env, engine, training } = parsed.data;
  const layout = (() => {
    try {
      return parameterLayout(network);
    } catch (cause) {
      throw corruptFile(file, "the metadata 'network'", 'describes an impossible network', cause);
    }
  })();
  const take = <T extends TensorData>(name: string, type: new (length: number) => T, shape: readonly number[]): T =>
    takeTensor(contents.tensors, name, type, shape, file);
  // Found before anything is sized by what the metadata says: a damaged description may ask for terabytes.
  const weights = layout.slices.map(({ name, shape }) => take(name, Float32Array, shape));
  const parameters = new Float32Array(layout.count);
  for (const [i, { offset }] of layout.slices.entries()) parameters.set(weights[i]!, offset);
  const O = [network.observationSize];
  const returns = contents.tensors.has('returns') ? take('returns', Float64Array, [3]) : null;
  return {
    network,
    parameters,
    behavior: contents.tensors.has('behavior') ? take('behavior', Float32Array, [layout.count]) : null,
    adam: {
      step: adamStep,
      first: take('adam.first', Float32Array, [layout.count]),
      second: take('adam.second', Float32Array, [layout.count]),
    },
    observation: contents.tensors.has('observation.mean')
      ? {
          mean: take('observation.mean', Float64Array, O),
          variance: take('observation.variance', Float64Array, O),
          count: take('observation.count', Float64Array, [1])[0]!,
        }
      : null,
    returns: returns === null ? null : { mean: returns[0]!, variance: returns[1]!, count: returns[2]! },
    iteration,
    steps,
    env,
    engine,
    training: training === null ? null : decodeTraining(training, contents.tensors, network, file),
    hash,
  };
}

/** Name of the checkpoint after so many environment steps. */
export function stepName(steps: number): string {
  return `step-${String(steps).padStart(9, '0')}`;
}

/**
 * Writes `<folder>/<name>.safetensors`, whole or not at all, into a folder that is there: one that somebody removed is
 * not made again.
 *
 * @param name `last`, `best` or `stepName(steps)`.
 * @returns the file's path and the content's hash.
 * @throws `NOT_WRITABLE`.
 */
export function saveCheckpoint(
  folder: string,
  name: string,
  content: CheckpointContent,
): { path: string; hash: string } {
  const { bytes, hash } = encodeCheckpoint(content);
  const path = join(folder, `${name}${SUFFIX}`);
  writeFileAtomicSync(path, bytes);
  return { path, hash };
}

const LAST = `last${SUFFIX}`;
const PREVIOUS = `previous${SUFFIX}`;

/**
 * Writes the checkpoint that a run goes on from, `last`, and keeps the one before as `previous`: at every moment, also when the
 * process is killed in the middle, one of them is whole.
 *
 * @throws `NOT_WRITABLE`, `CHECKPOINT_CORRUPT` if what was written reads back as something else.
 */
export function saveLast(folder: string, content: CheckpointContent): { path: string; hash: string } {
  const path = join(folder, LAST);
  if (existsSync(path)) {
    const beside = join(folder, `.${PREVIOUS}.${process.pid}.tmp`);
    try {
      rmSync(beside, { force: true });
      try {
        linkSync(path, beside);
      } catch {
        // Not every file system has links.
        copyFileSync(path, beside);
      }
      renameSync(beside, join(folder, PREVIOUS));
    } catch (cause) {
      throw notWritable(join(folder, PREVIOUS), cause);
    }
  }
  const saved = saveCheckpoint(folder, 'last', content);
  let written: Buffer;
  try {
    written = readFileSync(path);
  } catch (cause) {
    // Its folder was removed between the writing and the reading.
    throw notWritable(path, cause);
  }
  const { hash } = openVerified(written, path);
  if (hash !== saved.hash) throw corruptFile(path, 'the checksum', 'is not that of what was written');
  return saved;
}

/**
 * The newest checkpoint that a run can go on from: `last`, or `previous` with a notice if `last` is damaged or gone; null if there
 * is none yet.
 *
 * @throws `CHECKPOINT_CORRUPT` if none of those that are there is whole.
 */
export function loadLast(folder: string, onNotice: (text: string) => void): Checkpoint | null {
  let damage: unknown = null;
  for (const name of [LAST, PREVIOUS]) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    try {
      const checkpoint = loadCheckpoint(path);
      if (name === PREVIOUS) {
        const why = damage instanceof Error ? damage.message : `${join(folder, LAST)} is missing.`;
        onNotice(`${why} Going on from ${path}, which is whole.`);
      }
      return checkpoint;
    } catch (error) {
      damage ??= error;
    }
  }
  if (damage !== null) throw damage;
  return null;
}

/**
 * Reads a checkpoint file.
 *
 * @throws `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_CORRUPT`, `NOT_A_CHECKPOINT`, `CHECKPOINT_VERSION`.
 */
export function loadCheckpoint(path: string): Checkpoint {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw usageError('CHECKPOINT_NOT_FOUND', `There is no checkpoint file ${path}.`, { file: path }, cause);
    }
    throw failure('NOT_READABLE', `Cannot read ${path} (${code}).`, { file: path, got: code }, cause);
  }
  return decodeCheckpoint(bytes, path);
}

/** Names of the checkpoints in a folder: `best` and `last`, if there, then steps from few to many. */
export function listCheckpoints(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^(best|last|step-\d+)\.safetensors$/.test(file))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/**
 * Finds the file of `last`, `best` or a number of steps in a run's folder of checkpoints.
 *
 * @throws `CHECKPOINT_NOT_FOUND`, which lists those there are.
 */
export function findCheckpoint(folder: string, which: string): string {
  const name = /^\d+$/.test(which) ? stepName(Number(which)) : which;
  const names = listCheckpoints(folder);
  if (names.includes(name)) return join(folder, `${name}${SUFFIX}`);
  const known = names.map((known) => known.replace(/^step-0*(?=\d)/, ''));
  const got = known.length === 0 ? 'The run has saved none yet.' : `There are: ${known.join(', ')}.`;
  throw usageError('CHECKPOINT_NOT_FOUND', `No checkpoint '${which}' in ${folder}. ${got}`, {
    file: folder,
    expected: "'last', 'best' or a number of steps",
    got: which,
  });
}

/**
 * Refuses a checkpoint whose policy cannot act in an env: its spaces must be equal, its id and keyword arguments may differ.
 *
 * @throws `CHECKPOINT_MISMATCH`.
 */
export function assertCheckpointFits(checkpoint: CheckpointContent, env: CheckpointEnv, file: string): void {
  for (const field of ['observationSpace', 'actionSpace'] as const) {
    const expected = JSON.stringify(checkpoint.env[field]);
    const got = JSON.stringify(env[field]);
    if (expected === got) continue;
    const message =
      `${file} was trained in ${checkpoint.env.spec.id}, whose ${field} is ${expected}; ` +
      `that of ${env.spec.id} is ${got}. Use a checkpoint that was trained in this env.`;
    throw usageError('CHECKPOINT_MISMATCH', message, { file, field, expected, got, env: env.spec.id });
  }
}
