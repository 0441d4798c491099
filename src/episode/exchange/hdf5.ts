/** Episodes as HDF5 in Minari's layout: a group an episode, written and flushed to the file one after another. */
import type { File, Group } from 'h5wasm';
import { usageError } from '../../core/errors.js';
import { notWritable } from '../../core/files.js';
import type { Json } from '../../core/json.js';
import type { LeafColumn } from './columns.js';
import { library } from './library.js';
import { type ColumnData, fillLeaf, newData } from './rows.js';
import type { SourceEpisode } from './source.js';

/** Element types as h5wasm names them. */
const DTYPES = {
  float32: '<f',
  float64: '<d',
  int8: '<b',
  uint8: '<B',
  int16: '<h',
  uint16: '<H',
  int32: '<i',
  uint32: '<I',
  int64: '<q',
  bool: '<b',
  text: 'S',
} as const;

/** The library for HDF5 files. @throws `FORMAT_UNAVAILABLE` */
export async function loadHdf5(): Promise<typeof import('h5wasm')> {
  return await library('h5wasm', 'hdf5', async () => {
    const hdf5 = (await import('h5wasm/node')) as typeof import('h5wasm');
    const module = await hdf5.ready;
    // Errors become exceptions, instead of pages of text on standard error.
    module.activate_throwing_error_handler();
    return hdf5;
  });
}

/** How much was written. */
export interface Hdf5Size {
  readonly episodes: number;
  readonly steps: number;
}

/**
 * Writes `episode_0`, `episode_1`, ... with observations (one more than steps), actions, rewards, terminations and truncations.
 * An episode without steps is left out: Minari has none.
 */
export async function writeHdf5(
  path: string,
  leaves: readonly LeafColumn[],
  episodes: AsyncIterable<SourceEpisode>,
): Promise<Hdf5Size> {
  for (const { name, role, path: keys } of leaves) {
    const bad = keys.find((key) => String(key).includes('/') || key === '.' || key === '');
    if (bad === undefined) continue;
    throw usageError(
      'EXPORT_UNSUPPORTED',
      `HDF5 has no place for '${name}': '${bad}' in a ${role} is not a name there.`,
      {
        field: name,
      },
    );
  }
  const hdf5 = await loadHdf5();
  /** A call of the library, whose only reason to fail is the disk. */
  const put = <T>(call: () => T): T => {
    try {
      return call();
    } catch (cause) {
      throw notWritable(path, cause);
    }
  };
  const file: File = put(() => new hdf5.File(path, 'w'));
  let [count, steps] = [0, 0];
  try {
    for await (const { episode, index } of episodes) {
      if (episode.steps === 0) continue;
      put(() => writeEpisode(file.create_group(`episode_${count}`), count, leaves, episode, index));
      count++;
      steps += episode.steps;
    }
    put(() => file.flush());
  } finally {
    file.close();
  }
  return { episodes: count, steps };
}

/** One episode in its group. @param index in the episode file */
function writeEpisode(
  group: Group,
  id: number,
  leaves: readonly LeafColumn[],
  episode: SourceEpisode['episode'],
  index: number,
): void {
  const { rewards, steps, terminated, truncated } = episode;
  describe(group, id, episode);
  group.create_attribute('gymkhana_episode', BigInt64Array.of(BigInt(index)), [], '<q');
  for (const leaf of leaves) writeLeaf(group, leaf, episode);
  group.create_dataset({ name: 'rewards', data: rewards, shape: [steps], dtype: '<d' });
  for (const [name, flag] of [
    ['terminations', terminated],
    ['truncations', truncated],
  ] as const) {
    const data = new Int8Array(steps);
    data[steps - 1] = Number(flag);
    group.create_dataset({ name, data, shape: [steps], dtype: '<b' });
  }
}

function describe(group: Group, id: number, episode: SourceEpisode['episode']): void {
  const whole = (name: string, value: number): void =>
    group.create_attribute(name, BigInt64Array.of(BigInt(value)), [], '<q');
  whole('id', id);
  whole('total_steps', episode.steps);
  if (episode.seed !== null) whole('seed', episode.seed);
  const { rewards } = episode;
  const sum = rewards.reduce((total, reward) => total + reward, 0);
  const average = sum / rewards.length;
  const squares = rewards.reduce((total, reward) => total + (reward - average) * (reward - average), 0);
  for (const [name, value] of [
    ['rewards_sum', sum],
    ['rewards_mean', average],
    ['rewards_std', Math.sqrt(squares / rewards.length)],
    ['rewards_max', rewards.reduce((most, reward) => Math.max(most, reward), Number.NEGATIVE_INFINITY)],
    ['rewards_min', rewards.reduce((least, reward) => Math.min(least, reward), Number.POSITIVE_INFINITY)],
  ] as const) {
    group.create_attribute(name, Float64Array.of(value), [], '<d');
  }
  // What starts the episode exactly, where a seed does not: import reads it.
  const start: Json = { rng: { ...episode.rng }, options: episode.options };
  group.create_attribute('gymkhana_start', JSON.stringify(start));
}

/** One leaf of the observations or actions, in the groups that its keys name. */
function writeLeaf(root: Group, leaf: LeafColumn, episode: SourceEpisode['episode']): void {
  const rows = leaf.role === 'action' ? episode.steps : episode.steps + 1;
  const data: ColumnData = newData(leaf, rows);
  fillLeaf(leaf, data, 0, episode, 0, rows);
  const names = [leaf.role === 'action' ? 'actions' : 'observations', ...leaf.path.map(nameOf)];
  let group = root;
  for (const name of names.slice(0, -1)) {
    group = group.keys().includes(name) ? (group.get(name) as Group) : group.create_group(name);
  }
  const shape = [rows, ...(leaf.space.shape ?? [])];
  group.create_dataset({
    name: names.at(-1)!,
    data: data as Float32Array,
    shape: leaf.width === null ? [rows] : shape,
    dtype: DTYPES[leaf.type],
  });
}

/** Minari's name of a Dict's key or a Tuple's place. */
export function nameOf(key: string | number): string {
  return typeof key === 'number' ? `_index_${key}` : key;
}
