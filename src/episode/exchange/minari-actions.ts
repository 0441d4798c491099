/** Reads Minari's HDF5 files: actions, how each episode began, and the recorded results to compare with. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Attribute, Dataset, File, Group } from 'h5wasm';
import { failure, GymkhanaError, usageError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { Generator, type GeneratorState } from '../../core/seeding/generator.js';
import { notReadable } from '../bytes.js';
import { parseStart } from '../format.js';
import type { EpisodeNotice } from '../parser.js';
import { type ActionReader, actionReader } from './actions.js';
import { leafColumns } from './columns.js';
import { loadHdf5, nameOf } from './hdf5.js';
import type { RecordedResults, Script, ScriptedEpisode, ScriptOptions } from './scripts.js';

/** Largest array that is read, bytes in memory: compressed files can declare any size. */
const LARGEST_ARRAY = 2 ** 28;
/** Most steps of an episode. */
const LARGEST_EPISODE = 2 ** 24;

function invalid(path: string, part: string, why: string, cause?: unknown): Error {
  return failure('IMPORT_INVALID', `${path}: ${part} ${why}.`, { file: path, field: part, got: why }, cause);
}

/** The HDF5 file of a path: itself, or that of a dataset's folder. @throws `FILE_NOT_FOUND`, `IMPORT_UNSUPPORTED` */
export function minariFile(path: string): string {
  let folder: boolean;
  try {
    folder = statSync(path).isDirectory();
  } catch (cause) {
    throw notReadable(path, cause, 'a Minari dataset or a CSV');
  }
  if (!folder) return path;
  const found = [join(path, 'main_data.hdf5'), join(path, 'data', 'main_data.hdf5')].find((file) => existsSync(file));
  if (found !== undefined) return found;
  const inside = readdirSync(path).slice(0, 5).join(', ');
  throw usageError(
    'IMPORT_UNSUPPORTED',
    `${path} is not the folder of a Minari dataset in HDF5: it has no data/main_data.hdf5 (it has ${inside === '' ? 'nothing' : inside}). Give the dataset's own folder, or its file.`,
    { file: path, expected: 'data/main_data.hdf5', got: inside },
  );
}

/** `Group`, `Dataset` and the like; links to other files and references are neither. */
function kindOf(entity: unknown): unknown {
  return typeof entity === 'object' && entity !== null && 'type' in entity ? entity.type : null;
}

/** A numeric array whose size was checked before it was read. */
interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number | bigint>;
}

/** One open file. */
class MinariReader {
  readonly notices: EpisodeNotice[] = [];
  readonly #path: string;
  readonly #file: File;
  readonly #options: ScriptOptions;
  readonly #reader: ActionReader;
  #open = true;

  constructor(path: string, file: File, options: ScriptOptions, reader: ActionReader) {
    this.#path = path;
    this.#file = file;
    this.#options = options;
    this.#reader = reader;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file.close();
  }

  /** Runs a call of the library, whose own errors are about the file. */
  #try<T>(part: string, call: () => T): T {
    try {
      return call();
    } catch (cause) {
      if (cause instanceof GymkhanaError) throw cause;
      const reason = cause instanceof Error ? cause.message.split('\n')[0]!.slice(0, 200) : String(cause).slice(0, 200);
      throw invalid(this.#path, part, `cannot be read (${reason})`, cause);
    }
  }

  async *episodes(): AsyncGenerator<ScriptedEpisode> {
    try {
      const names = this.#try('the file', () => this.#file.keys())
        .filter((name) => /^episode_\d{1,9}$/.test(name))
        .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)));
      if (names.length === 0)
        throw invalid(this.#path, 'the file', 'has no group episode_0, so it is not a Minari dataset');
      for (const name of names) {
        yield this.#episode(name);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.close();
    }
  }

  #episode(name: string): ScriptedEpisode {
    const group = this.#try(name, () => this.#file.get(name)) as Group | null;
    if (group === null || kindOf(group) !== 'Group') throw invalid(this.#path, name, 'is not a group');
    const { width } = this.#reader;
    const raw = this.#numbers(group, 'actions', name);
    if (raw === null) throw invalid(this.#path, `${name}/actions`, 'is missing, or not an array of numbers');
    const steps = raw.shape[0] ?? 0;
    if (raw.values.length !== steps * width || steps > LARGEST_EPISODE) {
      throw invalid(
        this.#path,
        `${name}/actions`,
        `has the shape (${raw.shape.join(', ')}), which is not ${width} ${width === 1 ? 'number' : 'numbers'} a step`,
      );
    }
    const actions = Array.from({ length: steps }, (_, step) => {
      const numbers = Array.from({ length: width }, (_, i) => Number(raw.values[step * width + i]));
      return this.#reader.read(numbers, `${name}, step ${step + 1}`);
    });
    const attributes = this.#try(name, () => group.attrs);
    const { start, options } = this.#start(attributes, name);
    return { name, start, options, actions, recorded: this.#recorded(group, name, steps) };
  }

  /** How the episode began: our own note if the file is ours, else the seed. */
  #start(
    attributes: Readonly<Record<string, Attribute>>,
    name: string,
  ): { start: number | GeneratorState | null; options: JsonObject | null } {
    const value = (key: string): unknown => {
      const attribute = attributes[key];
      if (attribute === undefined) return undefined;
      // A single number or text: anything larger is not read.
      if ((attribute.shape?.length ?? 0) > 0 && attribute.shape?.some((axis) => axis !== 1)) return undefined;
      return this.#try(`${name}, attribute ${key}`, () => attribute.value);
    };
    const seed = Number(value('seed') ?? Number.NaN);
    const seeded = Number.isSafeInteger(seed) && seed >= 0;
    const note = value('gymkhana_start');
    if (typeof note === 'string') {
      const own = parseStart(note, (why) => invalid(this.#path, `${name}, attribute gymkhana_start`, why));
      const same = seeded && isDeepStrictEqual(Generator.fromSeed(seed).state, own.rng);
      return { start: same ? seed : own.rng, options: own.options };
    }
    const options: JsonObject = {};
    for (const key of Object.keys(attributes)) {
      if (!/^options\/[^/]+$/.test(key)) continue;
      const given = value(key);
      if (typeof given === 'bigint') options[key.slice(8)] = Number(given);
      else if (typeof given === 'number' || typeof given === 'string') options[key.slice(8)] = given;
    }
    return {
      start: seeded ? seed : null,
      options: Object.keys(options).length === 0 ? null : options,
    };
  }

  #recorded(group: Group, name: string, steps: number): RecordedResults {
    const rewards = this.#numbers(group, 'rewards', name);
    const flag = (part: string): boolean | null => {
      const numbers = this.#numbers(group, part, name);
      return numbers === null || numbers.values.length !== steps || steps === 0
        ? null
        : Number(numbers.values[steps - 1]) !== 0;
    };
    return {
      observations: this.#observations(group, name, steps),
      rewards: rewards === null || rewards.values.length !== steps ? null : Float64Array.from(rewards.values, Number),
      terminated: flag('terminations'),
      truncated: flag('truncations'),
    };
  }

  /** The observations as rows of numbers in the order of the space's leaves; null, with a notice, where they are none. */
  #observations(group: Group, name: string, steps: number): RecordedResults['observations'] {
    const { observationSpace } = this.#options.env;
    const leaves = leafColumns(observationSpace, 'observation', 'observation', undefined);
    const rows = steps + 1;
    const width = leaves.reduce((sum, leaf) => sum + (leaf.width ?? 1), 0);
    const parts = leaves.map((leaf) => {
      const place = ['observations', ...leaf.path.map(nameOf)].join('/');
      const numbers = leaf.type === 'text' ? null : this.#numbers(group, place, name);
      return numbers !== null && numbers.values.length === rows * (leaf.width ?? 1) ? numbers : null;
    });
    if (parts.includes(null) || rows * width * 8 > LARGEST_ARRAY) {
      if (!this.notices.some(({ code }) => code === 'OBSERVATIONS_NOT_COMPARED')) {
        const message = `${this.#path}: the observations of ${name} are not ${rows} rows of ${String(observationSpace)} as plain numbers, so they are not compared.`;
        this.notices.push({ code: 'OBSERVATIONS_NOT_COMPARED', message });
      }
      return null;
    }
    const values = new Float64Array(rows * width);
    let column = 0;
    for (const [k, leaf] of leaves.entries()) {
      const size = leaf.width ?? 1;
      const source = parts[k]!.values;
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < size; i++) values[row * width + column + i] = Number(source[row * size + i]);
      }
      column += size;
    }
    return { rows, width, values };
  }

  /** An array of numbers in a group; null if it is not there or not of numbers. @throws `IMPORT_INVALID` for one that is too large */
  #numbers(group: Group, place: string, name: string): Numbers | null {
    return this.#try(`${name}/${place}`, () => {
      let at: Group = group;
      const keys = place.split('/');
      for (const [k, key] of keys.entries()) {
        if (!at.keys().includes(key)) return null;
        const entity = at.get(key);
        if (k < keys.length - 1) {
          if (kindOf(entity) !== 'Group') return null;
          at = entity as Group;
          continue;
        }
        if (kindOf(entity) !== 'Dataset') return null;
        const { shape, metadata } = entity as Dataset;
        // 0: whole numbers, 1: fractions, 8: enumerations, as NumPy's booleans.
        if (shape === null || metadata.vlen || ![0, 1, 8].includes(metadata.type)) return null;
        const count = shape.reduce((product, axis) => product * axis, 1);
        if (!(count * metadata.size <= LARGEST_ARRAY)) {
          throw invalid(
            this.#path,
            `${name}/${place}`,
            `declares ${count} numbers, more than the ${LARGEST_ARRAY} bytes that an array may have`,
          );
        }
        const value: unknown = (entity as Dataset).value;
        return ArrayBuffer.isView(value) ? { shape, values: value as unknown as ArrayLike<number> } : null;
      }
      return null;
    });
  }
}

/** Opens a Minari dataset: its folder, or its HDF5 file. @throws `FORMAT_UNAVAILABLE`, `FILE_NOT_FOUND`, `IMPORT_UNSUPPORTED`, `IMPORT_INVALID` */
export async function openMinariActions(options: ScriptOptions): Promise<Script> {
  const path = minariFile(options.path);
  const reader = actionReader(options.env.actionSpace, path);
  const hdf5 = await loadHdf5();
  let file: File;
  try {
    file = new hdf5.File(path, 'r');
  } catch (cause) {
    throw invalid(path, 'the file', 'is not an HDF5 file, or is damaged', cause);
  }
  const minari = new MinariReader(path, file, options, reader);
  return { episodes: minari.episodes(), notices: minari.notices, close: () => minari.close() };
}
