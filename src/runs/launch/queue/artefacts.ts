/**
 * A run's files in Redis, so that any worker can go on with it: `<queue>:run:<hash>:files` is a hash of name to bytes, `...:epoch` counts the workers that
 * were given the run. Only the latest of them may write; one that was cut off and comes back finds another's number there.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Redis } from 'ioredis';
import { failure } from '../../../core/errors.js';
import { writeFileAtomicSync } from '../../../core/files.js';

/** Files stay for so long after they were last written, s: a week. */
const KEEP_SECONDS = 7 * 24 * 3600;
/** A file above this is left behind, bytes; Redis holds no value above 512 MiB. */
export const LARGEST_ARTEFACT: number = 256 * 1024 * 1024;
/** What a run directory may hold, and where: everything else in a queue is refused. */
const NAME =
  /^(config\.json|metrics\.jsonl|timing\.jsonl|summary\.json|timing\.json|events\.out\.tfevents\.[\w.-]+|checkpoints\/[\w-][\w.-]*\.safetensors|episodes\/[\w-][\w.-]*)$/;

const filesKey = (queue: string, hash: string): string => `${queue}:run:${hash}:files`;
const epochKey = (queue: string, hash: string): string => `${queue}:run:${hash}:epoch`;

/** True for the name of a file that a run directory has; no other is read or written. */
export function isArtefact(name: string): boolean {
  return NAME.test(name) && !name.includes('..');
}

/** Takes over a run: workers that had it before can no longer write. Returns this worker's number. */
export async function beginEpoch(redis: Redis, queue: string, hash: string): Promise<number> {
  const key = epochKey(queue, hash);
  const epoch = await redis.incr(key);
  await redis.expire(key, KEEP_SECONDS);
  return epoch;
}

/**
 * Writes several fields, or none if another worker has the run: KEYS epoch, files; ARGV epoch, seconds to keep, then name and bytes in turn.
 */
const WRITE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1`;

/** Uploads what changed of one run directory. */
export class Uploader {
  readonly #redis: Redis;
  readonly #queue: string;
  readonly #hash: string;
  readonly #runDir: string;
  readonly #epoch: number;
  readonly #onNotice: (text: string) => void;
  /** Size and time of change of what was uploaded. */
  readonly #known = new Map<string, string>();

  constructor(
    redis: Redis,
    run: { readonly queue: string; readonly hash: string; readonly runDir: string; readonly epoch: number },
    onNotice: (text: string) => void,
  ) {
    this.#redis = redis;
    this.#queue = run.queue;
    this.#hash = run.hash;
    this.#runDir = run.runDir;
    this.#epoch = run.epoch;
    this.#onNotice = onNotice;
  }

  /**
   * Uploads the run's files at one moment, in one step.
   * @throws `QUEUE_LOST_RUN` if another worker was given the run.
   */
  async upload(): Promise<void> {
    const fields: (string | Buffer)[] = [];
    const seen: [string, string][] = [];
    // Checkpoints first: metrics may be ahead of the checkpoint that they are cut to, never behind it.
    for (const name of this.#names()) {
      const path = join(this.#runDir, name);
      let stamp: string;
      let bytes: Buffer;
      try {
        const { size, mtimeMs } = statSync(path);
        stamp = `${size} ${mtimeMs}`;
        if (this.#known.get(name) === stamp) continue;
        if (size > LARGEST_ARTEFACT) {
          this.#onNotice(`${path} has ${size} bytes, more than ${LARGEST_ARTEFACT}; it stays on this machine.`);
          this.#known.set(name, stamp);
          continue;
        }
        bytes = readFileSync(path);
      } catch {
        // Replaced or removed in between: the next upload has it.
        continue;
      }
      fields.push(name, bytes);
      seen.push([name, stamp]);
    }
    if (fields.length === 0) return;
    const done = await this.#redis.eval(
      WRITE,
      2,
      epochKey(this.#queue, this.#hash),
      filesKey(this.#queue, this.#hash),
      String(this.#epoch),
      String(KEEP_SECONDS),
      ...fields,
    );
    if (done !== 1) {
      throw failure('QUEUE_LOST_RUN', `another worker was given the run in ${this.#runDir}; this one stops.`, {
        file: this.#runDir,
      });
    }
    for (const [name, stamp] of seen) this.#known.set(name, stamp);
  }

  #names(): string[] {
    const within = (folder: string): string[] => {
      const path = join(this.#runDir, folder);
      return existsSync(path) ? readdirSync(path).map((name) => (folder === '' ? name : `${folder}/${name}`)) : [];
    };
    return [...within('checkpoints'), ...within(''), ...within('episodes')].filter(isArtefact);
  }
}

/**
 * Brings a run's files into `runDir`; those of the same name are replaced. Returns how many there were.
 * @throws `QUEUE_CORRUPT` for a name that no run directory has, `NOT_WRITABLE`.
 */
export async function download(
  redis: Redis,
  run: { readonly queue: string; readonly hash: string; readonly runDir: string },
): Promise<number> {
  const files = await redis.hgetallBuffer(filesKey(run.queue, run.hash));
  const names = Object.keys(files);
  const foreign = names.find((name) => !isArtefact(name));
  if (foreign !== undefined) {
    throw failure(
      'QUEUE_CORRUPT',
      `the queue holds ${JSON.stringify(foreign)} as a file of run ${run.hash}, which no run has; nothing was written.`,
      { got: foreign },
    );
  }
  // A summary says that a run is complete: it comes last.
  names.sort((a, b) => Number(a === 'summary.json') - Number(b === 'summary.json'));
  for (const name of names) {
    const path = join(run.runDir, ...name.split('/'));
    if (!path.startsWith(run.runDir + sep)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomicSync(path, files[name]!);
  }
  return names.length;
}

/** Whether the queue holds files of a run. */
export async function hasFiles(redis: Redis, queue: string, hash: string): Promise<boolean> {
  return (await redis.exists(filesKey(queue, hash))) === 1;
}

/** Removes a run's files from the queue. */
export async function forget(redis: Redis, run: { readonly queue: string; readonly hash: string }): Promise<void> {
  await redis.del(filesKey(run.queue, run.hash), epochKey(run.queue, run.hash));
}
