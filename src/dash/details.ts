/** What is told of one run alone: its files, and what it printed. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Json } from '../core/json.js';
import { listCheckpoints } from '../runs/checkpoint.js';
import { pathBelow } from '../server/index.js';
import type { CheckpointRow, EpisodeFileRow, LogAnswer, RunDetail } from './api.js';
import { readPart, statsOf } from './files.js';
import { logFileOf } from './launch-records.js';
import type { RunIndex } from './run-index.js';
import type { WatchedRun } from './run-state.js';

const LOG_PART = 64 << 10;
/** Episode files that are listed: those that changed last. */
const MOST_EPISODES = 200;
const SUFFIX = '.safetensors';

/** The run with an id; null if there is none with a directory. */
export function runDetail(index: RunIndex, id: string): RunDetail | null {
  const row = index.row(id);
  if (row === undefined) return null;
  const run = index.run(id);
  if (run === undefined) {
    return { row, config: null, summary: null, checkpoints: [], episodes: [], last: {} };
  }
  const numbers = Object.entries(run.last).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return {
    row,
    config: (run.config ?? null) as Json,
    summary: (run.summary ?? null) as Json,
    checkpoints: checkpointsOf(run, index.root),
    episodes: episodesOf(run, index.root),
    last: Object.fromEntries(numbers),
  };
}

/** A folder of a run, unless it is a link that leads out. */
function folderOf(run: WatchedRun, root: string, name: string): string | null {
  return pathBelow(root, run.id === '.' ? name : `${run.id}/${name}`);
}

function checkpointsOf(run: WatchedRun, root: string): CheckpointRow[] {
  const folder = folderOf(run, root, 'checkpoints');
  if (folder === null) return [];
  return namesIn(() => listCheckpoints(folder)).flatMap((name) => {
    const stats = statsOf(join(folder, `${name}${SUFFIX}`));
    if (stats === null || !stats.isFile()) return [];
    return [{ name: name.replace(/^step-0*(?=\d)/, ''), bytes: stats.size, changedAt: stats.mtimeMs }];
  });
}

function episodesOf(run: WatchedRun, root: string): EpisodeFileRow[] {
  const folder = folderOf(run, root, 'episodes');
  if (folder === null) return [];
  const files = namesIn(() => readdirSync(folder)).flatMap((name) => {
    const stats = name.endsWith('.episode') ? statsOf(join(folder, name)) : null;
    return stats?.isFile() ? [{ name: `episodes/${name}`, bytes: stats.size, changedAt: stats.mtimeMs }] : [];
  });
  files.sort((a, b) => b.changedAt - a.changedAt);
  return files.slice(0, MOST_EPISODES).map(({ name, bytes }) => ({ name, bytes }));
}

function namesIn(list: () => string[]): string[] {
  try {
    return list();
  } catch {
    // It was removed meanwhile.
    return [];
  }
}

const NOTHING: LogAnswer = { text: '', from: 0, to: 0, size: 0 };

/**
 * A part of what a launched run printed: nothing for a run that was not launched, and of which there is no log.
 * @param from its first byte; null for the end.
 */
export function logPart(index: RunIndex, id: string, from: number | null): LogAnswer {
  const named = relative(index.root, logFileOf(join(index.root, id)));
  const path = pathBelow(index.root, named.split(sep).join('/'));
  if (path === null || statsOf(path)?.isFile() !== true) return NOTHING;
  // Of a log that was begun anew the end is what is wanted.
  const size = statsOf(path)?.size ?? 0;
  const part = readPart(path, from === null || from > size ? -LOG_PART : from, LOG_PART);
  const [start, end] = wholeCharacters(part.bytes, part.from > 0, part.from + part.bytes.length < part.size);
  return {
    text: part.bytes.toString('utf8', start, end),
    from: part.from + start,
    to: part.from + end,
    size: part.size,
  };
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Where the whole UTF-8 characters of a part of a text begin and end. */
function wholeCharacters(bytes: Buffer, cutBefore: boolean, cutAfter: boolean): [number, number] {
  let start = 0;
  while (cutBefore && start < 3 && isContinuation(bytes[start])) start++;
  if (!cutAfter) return [start, bytes.length];
  // The last character is left to the next part, which then begins with it.
  let end = bytes.length - 1;
  while (end > bytes.length - 4 && isContinuation(bytes[end])) end--;
  return [start, Math.max(start, end)];
}
