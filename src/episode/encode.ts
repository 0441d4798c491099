/** Episodes as the bytes of a file, without a module of Node: a page downloads what it made in the same format. */
import { crc32 } from '../core/crc32.js';
import type { EnvMetadata, Field } from '../core/env.js';
import type { EngineInfo } from '../core/fingerprint.js';
import type { JsonObject } from '../core/json.js';
import { assertWrappersPortable, type EnvSpec } from '../core/spec.js';
import { numberToJSON } from '../spaces/arrays.js';
import type { Space } from '../spaces/space.js';
import { CHUNK_HEADER, CHUNK_OVERHEAD, type ChunkType, FORMAT_VERSION, SIGNATURE } from './layout.js';
import type { Episode } from './log.js';

/** What holds for all episodes of a file. */
export interface EpisodeFileOptions {
  readonly spec: EnvSpec;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly metadata?: EnvMetadata;
  /** Who acted, in words, such as `the last checkpoint of runs/car`. */
  readonly policyNote?: string;
  /**
   * When episodes are forced to the disk: each at once (the default), or all when the file is closed, which is faster for large
   * sets. Either way a process that dies loses no complete episode; only a machine that loses power can, with `'close'`.
   */
  readonly sync?: 'episode' | 'close';
}

/**
 * Links chunks to those before them, in place: each header's checksum goes on from `previous`, 0 at the start of a file.
 * Returns what the next chunk goes on from.
 */
export function link(chunks: Uint8Array, previous: number): number {
  const view = new DataView(chunks.buffer, chunks.byteOffset, chunks.byteLength);
  let checksum = previous;
  for (let at = 0; at < chunks.length; ) {
    const end = at + CHUNK_HEADER + view.getUint32(at + 4, true);
    checksum = crc32(chunks.subarray(at, at + 8), checksum);
    view.setUint32(at + 8, checksum, true);
    checksum = crc32(chunks.subarray(end, end + 4), checksum);
    at = end + 4;
  }
  return checksum;
}

/** One chunk as bytes, as it would stand at the start of a file. */
export function chunk(type: ChunkType, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.length + CHUNK_OVERHEAD);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) bytes[i] = type.charCodeAt(i);
  view.setUint32(4, payload.length, true);
  view.setUint32(8, crc32(bytes.subarray(0, 8)), true);
  bytes.set(payload, CHUNK_HEADER);
  view.setUint32(CHUNK_HEADER + payload.length, crc32(payload), true);
  return bytes;
}

function jsonChunk(type: ChunkType, value: JsonObject): Uint8Array {
  return chunk(type, new TextEncoder().encode(JSON.stringify(value)));
}

/** The signature and HEAD chunk of a file that `engine` writes. */
export function headerOf(options: EpisodeFileOptions, engine: EngineInfo): Uint8Array {
  const { spec, observationSpace, actionSpace } = options;
  assertWrappersPortable(spec);
  const header = jsonChunk('HEAD', {
    format: 'gymkhana-episodes',
    version: FORMAT_VERSION,
    spec: {
      id: spec.id,
      moduleUrl: spec.moduleUrl,
      exportName: spec.exportName,
      maxEpisodeSteps: spec.maxEpisodeSteps,
      rewardThreshold: spec.rewardThreshold,
      nondeterministic: spec.nondeterministic,
      kwargs: spec.kwargs,
      ...(spec.wrappers !== undefined && {
        wrappers: spec.wrappers.map(({ name, moduleUrl, kwargs }) => ({ name, moduleUrl, kwargs })),
      }),
      ...(spec.vectorEntryPoint !== undefined && { vectorEntryPoint: spec.vectorEntryPoint }),
    },
    observationSpace: observationSpace.toJSON(),
    actionSpace: actionSpace.toJSON(),
    metadata: metadataJSON(options.metadata ?? {}),
    engine: { ...engine },
    policy: options.policyNote ?? null,
    createdBy: `gymkhana ${engine.gymkhana}`,
  });
  return joined([SIGNATURE, header]);
}

function metadataJSON(metadata: EnvMetadata): JsonObject {
  const row = ({ name, unit, low, high, about }: Field): JsonObject => ({
    name,
    unit,
    low: numberToJSON(low),
    high: numberToJSON(high),
    about,
  });
  const { about, renderFps, renderModes, episodeMeasures, fields } = metadata;
  const json: JsonObject = {};
  if (about !== undefined) json.about = about;
  if (renderFps !== undefined && renderFps > 0) json.renderFps = renderFps;
  if (renderModes !== undefined) json.renderModes = [...renderModes];
  if (episodeMeasures !== undefined) json.episodeMeasures = [...episodeMeasures];
  if (fields !== undefined) {
    json.fields = {
      observation: fields.observation.map(row),
      action: fields.action.map(row),
      ...(fields.info !== undefined && { info: fields.info.map(row) }),
    };
  }
  return json;
}

/** All chunks of one episode. */
export function episodeBytes(index: number, episode: Episode): Uint8Array {
  const columns: [ChunkType, Uint8Array][] = [['ACTS', episode.actions.toBytes()]];
  const { hashes, rewards, observations } = episode;
  if (hashes !== null) columns.push(['HASH', bytesOf(hashes)]);
  if (rewards !== null) columns.push(['RWRD', bytesOf(rewards)]);
  if (observations !== null) columns.push(['OBSV', observations.toBytes()]);
  const { policyOutputs } = episode;
  if (policyOutputs !== undefined) columns.push(['PLCY', bytesOf(policyOutputs.values)]);
  const measures: JsonObject = {};
  for (const [name, value] of Object.entries(episode.measures)) measures[name] = numberToJSON(value);
  const description = jsonChunk('EPIS', {
    index,
    steps: episode.steps,
    actions: episode.actions.length,
    rng: { ...episode.rng },
    seed: episode.seed,
    options: episode.options,
    ...(episode.wrappers && { wrappers: episode.wrappers.map((one) => ({ ...one })) }),
    return: numberToJSON(episode.return),
    terminated: episode.terminated,
    truncated: episode.truncated,
    measures,
    finalInfo: episode.finalInfo,
    failure: episode.failure === null ? null : { ...episode.failure },
    ...(episode.origin !== undefined && { origin: { ...episode.origin } }),
    ...(policyOutputs !== undefined && { policyOutputs: [...policyOutputs.names] }),
    columns: columns.map(([type]) => type),
  });
  return joined([description, ...columns.map(([type, bytes]) => chunk(type, bytes))]);
}

function bytesOf(array: Uint32Array | Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The end mark of a file with `episodes` episodes. */
export function doneBytes(episodes: number): Uint8Array {
  return chunk('DONE', bytesOf(Uint32Array.of(episodes)));
}

/** A whole file of episodes. */
export function fileBytes(options: EpisodeFileOptions, engine: EngineInfo, episodes: readonly Episode[]): Uint8Array {
  const header = headerOf(options, engine);
  const chunks = joined([...episodes.map((episode, i) => episodeBytes(i, episode)), doneBytes(episodes.length)]);
  link(chunks, link(header.subarray(SIGNATURE.length), 0));
  return joined([header, chunks]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
