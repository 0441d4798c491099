/** One case of the fuzz run: which file is damaged how, what reads it, and whether the answer is right. */
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../../src/cli/options.js';
import type { EpisodeFile } from '../../src/episode/reader.js';
import {
  GymkhanaError,
  type Json,
  loadPolicy,
  makeFromSpec,
  Policy,
  readEpisodes,
  verifyEpisodes,
} from '../../src/index.js';
import { assertCheckpointFits, type Checkpoint, loadCheckpoint } from '../../src/runs/checkpoint.js';
import { RunDirectory } from '../../src/runs/run-directory.js';
import { decodeSafetensors, type TensorFile } from '../../src/runs/safetensors.js';
import { resolvePpoConfig } from '../../src/runs/train.js';
import {
  chunksOf,
  Dice,
  damage,
  damageJson,
  damageJsonText,
  frameSafetensors,
  moveChunks,
  openSafetensors,
  sealEpisode,
  signCheckpoint,
} from './mutations.js';
import type { Samples } from './samples.js';

/** A reader accepted what it should have refused, or failed in another way than with an error of ours. */
export class WrongAnswer extends Error {}

/** A damaged file: its bytes, and what it was before. */
export interface Damaged {
  readonly bytes: Buffer;
  readonly original: Buffer;
  /** Which sample it was made of. */
  readonly sample: number;
}

/** A kind of file and of damage. */
interface Kind {
  readonly name: string;
  readonly make: (dice: Dice, samples: Samples) => Damaged;
  /** Reads the file at `path`; returns in words what was accepted. @throws GymkhanaError, WrongAnswer */
  readonly read: (path: string, damaged: Damaged, samples: Samples, scratch: string) => Promise<string>;
}

const EQUAL = 'accepted: the same content';
const VALID = 'accepted: valid content, signed anew';
const REFUSED_BY_VERIFY = 'refused by verify';

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Everything in a value, numbers bit by bit, as one hash. */
function contentHash(value: unknown): string {
  return hashOf(
    JSON.stringify(value, (_, item: unknown) => {
      if (ArrayBuffer.isView(item)) return `${item.constructor.name} ${hashOf(bytesOf(item))}`;
      if (item instanceof Map) return [...item];
      if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
      return Object.is(item, -0) ? '-0' : item;
    }),
  );
}

function episodeContent(file: EpisodeFile): string[] {
  return file.episodes.map(({ actions, observations, ...rest }) =>
    contentHash({ ...rest, actions: actions.toBytes(), observations: observations?.toBytes() ?? null }),
  );
}

const pickOf = (dice: Dice, list: readonly Buffer[]): { original: Buffer; other: Buffer; sample: number } => {
  const sample = dice.below(list.length);
  return { original: list[sample]!, other: dice.pick(list), sample };
};

/** Uses a checkpoint that was accepted as a run would: whatever is wrong with it must be told in an error of ours. */
async function useCheckpoint(checkpoint: Checkpoint): Promise<void> {
  const env = await makeFromSpec(checkpoint.env.spec);
  const spaces = { observation: env.observationSpace, action: env.actionSpace };
  const described = { observationSpace: spaces.observation.toJSON(), actionSpace: spaces.action.toJSON() };
  assertCheckpointFits(checkpoint, { spec: checkpoint.env.spec, ...described }, 'file');
  const { network, parameters, observation } = checkpoint;
  const normalization = observation === null ? null : { ...observation, clip: 10 };
  const policy = await Policy.create({ network, parameters, normalization }, spaces);
  policy.predict(env.reset({ seed: 1 }).observation);
  env.close();
}

const checkpointBytes: Kind = {
  name: 'checkpoint, damaged bytes',
  make: (dice, { checkpoints }) => {
    const { original, other, sample } = pickOf(dice, checkpoints);
    return { bytes: damage(dice, original, other, [0]), original, sample };
  },
  read: async (path, { bytes, original }, { folder }) => {
    const checkpoint = loadCheckpoint(path);
    if (bytes.equals(original)) return EQUAL;
    const before = join(folder, 'original.safetensors');
    writeFileSync(before, original);
    if (contentHash(checkpoint) !== contentHash(loadCheckpoint(before)))
      throw new WrongAnswer('a damaged checkpoint was accepted with other content');
    return EQUAL;
  },
};

const checkpointSigned: Kind = {
  name: 'checkpoint, signed anew',
  make: (dice, { checkpoints }) => {
    const { original, other, sample } = pickOf(dice, checkpoints);
    const { header, data } = openSafetensors(original);
    let changed: Buffer = data;
    let text: string;
    const metadata = header['__metadata__'] as { [key: string]: Json };
    switch (dice.below(5)) {
      case 2: {
        // A network far larger than the file, each of its numbers allowed.
        const state = JSON.parse(String(metadata['state'])) as { network: Record<string, Json> };
        const layers = state.network[dice.pick(['actor', 'critic'])] as { units: number }[];
        const units = dice.pick([1000, 65_536, 1_000_000, 10_000_000]);
        layers.unshift(...Array.from({ length: 1 + dice.below(3) }, () => ({ ...layers[0]!, units })));
        metadata['state'] = JSON.stringify(state);
        text = JSON.stringify(header);
        break;
      }
      case 0:
        changed = damage(dice, data, openSafetensors(other).data);
        text = JSON.stringify(header);
        break;
      case 1:
        text = damageJsonText(dice, header);
        break;
      default:
        metadata['state'] = damageJsonText(dice, JSON.parse(String(metadata['state'])) as Json);
        text = JSON.stringify(header);
    }
    return { bytes: signCheckpoint(frameSafetensors(text, changed)), original, sample };
  },
  read: async (path) => {
    await useCheckpoint(loadCheckpoint(path));
    return VALID;
  },
};

/** What a plain safetensors file says, by a second, slower reader; null where the format forbids the file. */
function plainly(bytes: Buffer): TensorFile | null {
  const length = bytes.readBigUInt64LE(0);
  const text = bytes.toString('utf8', 8, 8 + Number(length));
  if (!text.startsWith('{')) return null;
  const header = JSON.parse(text) as { [name: string]: { dtype: string; data_offsets: [number, number] } };
  // JSON.parse forgets a key that is there twice; written again, the text is shorter.
  if (JSON.stringify(header) !== text.trim()) {
    const keys = (value: string): number => value.match(/"\s*:/g)?.length ?? 0;
    if (keys(text) !== keys(JSON.stringify(header))) return null;
  }
  const spans = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([, value]) => value.data_offsets)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let at = 0;
  for (const [begin, end] of spans) {
    if (begin !== at || end < begin) return null;
    at = end;
  }
  return at === bytes.length - 8 - Number(length) ? decodeSafetensors(bytes, 'file') : null;
}

const plainTensors: Kind = {
  name: 'safetensors without a checksum',
  make: (dice, { tensors }) => {
    const { original, other, sample } = pickOf(dice, tensors);
    if (dice.below(2) === 0) return { bytes: damage(dice, original, other, [0]), original, sample };
    const { header, data } = openSafetensors(original);
    return { bytes: frameSafetensors(damageJsonText(dice, header), data), original, sample };
  },
  read: async (_path, { bytes, original }) => {
    const decoded = decodeSafetensors(bytes, 'file');
    if (bytes.equals(original)) return EQUAL;
    const second = plainly(bytes);
    if (second === null || contentHash(second) !== contentHash(decoded))
      throw new WrongAnswer('a file that the format forbids was accepted');
    let total = 0;
    for (const { shape, data } of decoded.tensors.values()) {
      if (shape.reduce((product, axis) => product * axis, 1) !== data.length)
        throw new WrongAnswer('a shape does not fit its data');
      total += data.byteLength;
    }
    if (total > bytes.length) throw new WrongAnswer('more data than the file has');
    return 'accepted: a valid file (the format has no checksum)';
  },
};

async function readDamagedEpisodes(path: string, { bytes, original }: Damaged, samples: Samples): Promise<string> {
  const file = await readEpisodes(path);
  if (bytes.equals(original)) return EQUAL;
  const before = join(samples.folder, 'original.episode');
  writeFileSync(before, original);
  const whole = await readEpisodes(before);
  const was = episodeContent(whole);
  const is = episodeContent(file);
  const sameHeader = contentHash(file.header) === contentHash(whole.header);
  const prefix = is.every((content, i) => content === was[i]);
  if (sameHeader && prefix) {
    if (file.complete && is.length === was.length) return EQUAL;
    if (!file.complete && file.notices.some(({ code }) => code === 'EPISODE_TRUNCATED'))
      return 'accepted: the whole episodes before a cut, with a notice';
  }
  throw new WrongAnswer('a damaged episode file was accepted with other content');
}

const episodeBytes: Kind = {
  name: 'episodes, damaged bytes',
  make: (dice, { episodes }) => {
    const { original, other, sample } = pickOf(dice, episodes);
    return { bytes: damage(dice, original, other, chunksOf(original).places), original, sample };
  },
  read: readDamagedEpisodes,
};

const episodeChunks: Kind = {
  name: 'episodes, chunks moved whole',
  make: (dice, { episodes }) => {
    const { original, other, sample } = pickOf(dice, episodes);
    return { bytes: moveChunks(dice, original, other), original, sample };
  },
  read: readDamagedEpisodes,
};

const COLUMNS = ['ACTS', 'HASH', 'RWRD', 'OBSV'];

const episodeSigned: Kind = {
  name: 'episodes, signed anew',
  make: (dice, { episodes }) => {
    const { original, other, sample } = pickOf(dice, episodes);
    const { chunks } = chunksOf(original);
    const victim = dice.pick(chunks);
    const alike = chunksOf(other).chunks.filter(({ type }) => type === victim.type);
    victim.payload =
      victim.type === 'HEAD' || victim.type === 'EPIS'
        ? Buffer.from(damageJsonText(dice, JSON.parse(victim.payload.toString('utf8')) as Json))
        : damage(dice, victim.payload, alike[0]?.payload ?? victim.payload);
    return { bytes: sealEpisode(original.subarray(0, 8), chunks), original, sample };
  },
  read: async (path, { bytes, original }) => {
    const file = await readEpisodes(path);
    const { ok } = await verifyEpisodes(file);
    if (!ok) return REFUSED_BY_VERIFY;
    const [was, is] = [chunksOf(original).chunks, chunksOf(bytes).chunks];
    const column = is.find(({ type, payload }, i) => COLUMNS.includes(type) && !payload.equals(was[i]!.payload));
    if (column !== undefined) throw new WrongAnswer(`verify found nothing wrong with a changed ${column.type}`);
    return VALID;
  },
};

/** A run directory like a sample's, with one of its files replaced. */
function runWith(name: string, path: string, { runs }: Samples, { sample }: Damaged, scratch: string): string {
  const run = join(scratch, `run${sample}`);
  mkdirSync(run, { recursive: true });
  cpSync(join(runs[sample]!, 'checkpoints'), join(run, 'checkpoints'), { recursive: true });
  copyFileSync(path, join(run, name));
  return run;
}

const damagedText = (dice: Dice, list: readonly Buffer[], value: (json: Json) => Json = (json) => json): Damaged => {
  const { original, other, sample } = pickOf(dice, list);
  if (dice.below(4) === 0) return { bytes: damage(dice, original, other), original, sample };
  return {
    bytes: Buffer.from(damageJsonText(dice, value(JSON.parse(original.toString('utf8')) as Json))),
    original,
    sample,
  };
};

const runConfig: Kind = {
  name: 'config.json of a run',
  make: (dice, { configs }) => damagedText(dice, configs),
  read: async (path, damaged, samples, scratch) => {
    const run = runWith('config.json', path, samples, damaged, scratch);
    RunDirectory.open(run);
    const { policy } = await loadPolicy(run);
    if (policy.weights.parameters.length === 0) throw new WrongAnswer('a policy without parameters');
    return 'accepted: valid by its schema';
  },
};

const settings: Kind = {
  name: 'train --config',
  make: (dice, { configs }) =>
    damagedText(dice, configs, (json) =>
      dice.below(2) === 0 ? json : ((json as { config: Json }).config ?? damageJson(dice, json)),
    ),
  read: async (path) => {
    const { config = {}, seed } = readSettings(path);
    const resolved = resolvePpoConfig('CartPole-v1', config);
    if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0)) throw new WrongAnswer(`seed ${seed}`);
    for (const [name, value] of Object.entries(resolved)) {
      if (value === undefined || Number.isNaN(value)) throw new WrongAnswer(`${name} is ${String(value)}`);
    }
    return 'accepted: valid by its schema';
  },
};

const summary: Kind = {
  name: 'summary.json of a run',
  make: (dice, { summaries }) => damagedText(dice, summaries),
  read: async (path, damaged, samples, scratch) => {
    const run = runWith('summary.json', path, samples, damaged, scratch);
    copyFileSync(join(samples.runs[damaged.sample]!, 'config.json'), join(run, 'config.json'));
    const read = RunDirectory.open(run).readSummary();
    if (read === null || !['finished', 'stopped'].includes(read.status))
      throw new WrongAnswer('a summary without status');
    return 'accepted: valid by its schema';
  },
};

/** Binary files thrice as often as the configuration files. */
const KINDS: readonly Kind[] = [
  checkpointBytes,
  checkpointSigned,
  episodeBytes,
  episodeChunks,
  episodeSigned,
  plainTensors,
  checkpointBytes,
  checkpointSigned,
  episodeBytes,
  episodeSigned,
  plainTensors,
  runConfig,
  settings,
  summary,
];

/** What became of a case. */
export interface CaseResult {
  readonly index: number;
  readonly kind: string;
  /** An error's code, or what was accepted. */
  readonly outcome: string;
  readonly ms: number;
  /** Set where the answer was wrong: why. */
  readonly wrong?: string;
}

export function kindOf(index: number): string {
  return KINDS[index % KINDS.length]!.name;
}

/** The damaged file of a case: depends on the seed, the index and the samples. */
export function damagedFile(samples: Samples, seed: number, index: number): Damaged {
  return KINDS[index % KINDS.length]!.make(new Dice(seed, index), samples);
}

/** More memory than this, bytes, for a file of some kilobytes is a wrong answer too. */
const MEMORY_LIMIT = 100e6;

/** Runs one case in a scratch folder. */
export async function runCase(samples: Samples, seed: number, index: number, scratch: string): Promise<CaseResult> {
  const kind = KINDS[index % KINDS.length]!;
  const damaged = damagedFile(samples, seed, index);
  const path = join(scratch, 'file');
  writeFileSync(path, damaged.bytes);
  const before = process.resourceUsage().maxRSS;
  const start = performance.now();
  const done = (outcome: string, wrong?: string): CaseResult => {
    const grown = (process.resourceUsage().maxRSS - before) * 1024;
    const reason = wrong ?? (grown > MEMORY_LIMIT ? `took ${Math.round(grown / 1e6)} MB` : undefined);
    return {
      index,
      kind: kind.name,
      outcome: reason === undefined ? outcome : 'WRONG',
      ms: performance.now() - start,
      ...(reason !== undefined && { wrong: reason }),
    };
  };
  try {
    return done(await kind.read(path, damaged, samples, scratch));
  } catch (error) {
    if (error instanceof GymkhanaError) {
      const clear =
        /^[A-Z][A-Z0-9_]+$/.test(error.code) && error.message !== '' && !error.message.startsWith('internal:');
      return done(error.code, clear ? undefined : `${error.code}: ${error.message}`);
    }
    return done('WRONG', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
