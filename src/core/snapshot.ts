/** A snapshot of an env in the middle of an episode, as plain JSON, and the checks that belong to it. */
import { crc32 } from './crc32.js';
import type { Env } from './env.js';
import { usageError } from './errors.js';
import { type Json, type JsonObject, plainJson } from './json.js';
import type { GeneratorState } from './seeding/generator.js';
import type { EnvSpec } from './spec.js';

/** What tells one kind of env from another, compared before a restore. */
export interface SnapshotIdentity {
  /** The spec's id, or the class's name for an env built by hand. */
  readonly env: string;
  readonly kwargs: JsonObject;
  readonly maxEpisodeSteps: number | null;
  readonly wrappers: Json;
  readonly observationSpace: JsonObject;
  readonly actionSpace: JsonObject;
}

/** The episode so far: what a reset and the same actions need to come to the same state. */
export interface SnapshotEpisode {
  /** The seed of the reset; null if it went on with the generator. */
  readonly seed: number | null;
  /** The generator before the reset. */
  readonly generator: GeneratorState;
  readonly options: JsonObject | null;
  /** The actions, as `actionSpace.valueToJSON` writes them. */
  readonly actions: Json[];
  /** States of wrappers that keep one across episodes, innermost first, before the reset. */
  readonly wrapperStates: Json[];
}

/** What `env.snapshot()` gives: plain JSON, which may go to a file, another thread or another instance of the same spec. */
export interface EnvSnapshot {
  readonly format: 'gymkhana-snapshot';
  readonly version: 1;
  readonly identity: SnapshotIdentity;
  /** Steps since the reset; -1 where the env saves its own state and does not count. */
  readonly steps: number;
  /** Set for a snapshot by replay. */
  readonly episode: SnapshotEpisode | null;
  /** Set for an env with its own faster way. */
  readonly state: Json;
  /** The generator at the snapshot. */
  readonly rng: GeneratorState;
  /** CRC-32 of the present observation, reward and flags, for a snapshot by replay. */
  readonly hash: number | null;
}

/** What tells this env from another kind. @internal */
export function snapshotIdentity(env: Env): SnapshotIdentity {
  const spec: EnvSpec | null = env.spec;
  return {
    env: spec?.id ?? env.unwrapped.constructor.name,
    kwargs: plainJson(spec?.kwargs ?? {}),
    maxEpisodeSteps: spec?.maxEpisodeSteps ?? null,
    wrappers: plainJson((spec?.wrappers ?? []) as unknown as Json),
    observationSpace: env.observationSpace.toJSON(),
    actionSpace: env.actionSpace.toJSON(),
  };
}

/** JSON text with sorted keys, so that equal values have equal texts. @internal */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const record = value as Record<string, unknown>;
  return `{${Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`)
    .join(',')}}`;
}

/** CRC-32 of a plain JSON value. @internal */
export function jsonHash(value: unknown): number {
  return crc32(new TextEncoder().encode(canonicalJson(value)));
}

/**
 * Checks that a value is a snapshot of this kind of env.
 * @throws `INVALID_SNAPSHOT` if it is none, `SNAPSHOT_MISMATCH` with the field that differs. @internal
 */
export function checkSnapshot(env: Env, value: unknown): EnvSnapshot {
  const own = snapshotIdentity(env);
  const snapshot = value as Partial<EnvSnapshot> | null | undefined;
  const sound =
    typeof snapshot === 'object' &&
    snapshot !== null &&
    snapshot.format === 'gymkhana-snapshot' &&
    typeof snapshot.identity === 'object' &&
    snapshot.identity !== null &&
    typeof snapshot.rng === 'object' &&
    (snapshot.episode === null || Array.isArray(snapshot.episode?.actions));
  if (!sound) {
    throw usageError(
      'INVALID_SNAPSHOT',
      `restore() of ${own.env} takes what snapshot() returned, as it was or after JSON; got ${describe(value)}.`,
      { env: own.env, expected: 'a snapshot', got: describe(value) },
    );
  }
  if (snapshot.version !== 1) {
    throw usageError('INVALID_SNAPSHOT', `this snapshot has version ${String(snapshot.version)}; 1 is expected.`, {
      env: own.env,
      expected: '1',
      got: String(snapshot.version),
    });
  }
  for (const field of Object.keys(own) as (keyof SnapshotIdentity)[]) {
    const [expected, got] = [canonicalJson(own[field]), canonicalJson(snapshot.identity?.[field])];
    if (expected === got) continue;
    throw usageError(
      'SNAPSHOT_MISMATCH',
      `the snapshot is of another env: ${field} is ${got}, but this env's is ${expected}. Restore it in an env made from the same spec.`,
      { env: own.env, field, expected, got },
    );
  }
  return snapshot as EnvSnapshot;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing'}`;
}
