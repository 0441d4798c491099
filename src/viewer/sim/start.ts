/** A recorded episode as a page holds it: packed by the page's maker, unpacked beside the env. */
import type { JsonObject } from '../../core/json.js';
import type { GeneratorState } from '../../core/seeding/generator.js';
import type { EnvSnapshot } from '../../core/snapshot.js';
import type { WrapperState } from '../../core/wrapper.js';
import { storeFromBytes, type ValueStore } from '../../episode/store.js';
import type { Space } from '../../spaces/space.js';

/** How an episode began. */
export interface EpisodeStart {
  readonly rng: GeneratorState;
  readonly seed: number | null;
  readonly options: JsonObject | null;
  readonly wrappers: readonly WrapperState[] | null;
}

/** The env's own state after a step. */
export interface PageSnapshot extends Pick<EnvSnapshot, 'steps' | 'state' | 'rng'> {}

/** What a page needs to simulate an episode again; plain JSON. */
export interface PackedReplay {
  readonly start: EpisodeStart;
  readonly steps: number;
  /** Base64 of the column's bytes. */
  readonly actions: string;
  /** Base64 of unsigned 32-bit numbers, little-endian: one for the reset and one a step. Null in a log without them. */
  readonly hashes: string | null;
  /** Of an env that saves its state: every few steps and the last. */
  readonly snapshots: readonly PageSnapshot[];
}

/** An episode that can be simulated. */
export interface PlayableEpisode {
  readonly start: EpisodeStart;
  readonly steps: number;
  readonly actions: ValueStore;
  readonly hashes: Uint32Array | null;
  readonly snapshots: readonly PageSnapshot[];
}

/** Unpacks an episode. @throws `INVALID_VALUE` if the actions are not of this space. */
export function unpackReplay(packed: PackedReplay, actionSpace: Space): PlayableEpisode {
  const { start, steps, snapshots } = packed;
  const hashes = packed.hashes === null ? null : new Uint32Array(bytesOf(packed.hashes).buffer);
  return {
    start,
    steps,
    snapshots,
    hashes,
    actions: storeFromBytes(actionSpace, 'action', bytesOf(packed.actions), steps),
  };
}

/** The bytes of a base64 text. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
