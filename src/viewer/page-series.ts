/** Numbers of an episode as labelled series, from the spaces and the env's own field tables. */
import type { Episode, EpisodeFile } from '../episode/index.js';
import { Dict, type Space, Tuple } from '../spaces/index.js';
import type { PageEpisode, Series } from './page-data.js';

/** Most elements of an observation or action that are plotted: beyond, it is a picture, not a table. */
const MOST_SERIES = 64;

/** A number of a member, and where it is in a composite one (empty in a plain array). */
interface Element {
  readonly path: string;
  readonly value: number;
}

/** The numbers of a member in the order of its space; none for text. */
function elementsOf(space: Space, value: unknown, path = ''): Element[] {
  if (space instanceof Dict) {
    const parts = value as Readonly<Record<string, unknown>>;
    return space.keys.flatMap((key) =>
      elementsOf(space.spaces[key]!, parts[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (space instanceof Tuple) {
    return space.spaces.flatMap((part: Space, k: number) => elementsOf(part, (value as unknown[])[k], `${path}[${k}]`));
  }
  if (typeof value === 'number') return [{ path, value }];
  if (!ArrayBuffer.isView(value) || !(Symbol.iterator in value)) return [];
  const numbers = Array.from(value as Iterable<number | bigint>, Number).slice(0, MOST_SERIES);
  const single = numbers.length === 1;
  return numbers.map((number, k) => ({ path: path === '' || single ? path : `${path}[${k}]`, value: number }));
}

/** A column of numbers with its place. */
interface Column {
  readonly path: string;
  readonly values: number[];
}

/** Columns of members, seven significant digits each: more than a plot shows. */
function columns(space: Space, members: readonly unknown[]): Column[] {
  const rows = members.map((member) => elementsOf(space, member).slice(0, MOST_SERIES));
  return (rows[0] ?? []).map(({ path }, i) => ({
    path,
    values: rows.map((row) => Number((row[i]?.value ?? Number.NaN).toPrecision(7))),
  }));
}

/** Bounds of an element of a Box, where both are finite. */
function bounds(space: Space, element: number): { low: number; high: number } | Record<string, never> {
  if (!('low' in space && 'high' in space)) return {};
  const low = Number((space.low as ArrayLike<number>)[element]);
  const high = Number((space.high as ArrayLike<number>)[element]);
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : {};
}

/** The observations of an episode, one series an element; the reset's first. */
export function observationSeries(file: EpisodeFile, observations: readonly unknown[]): Series[] {
  const fields = file.header.metadata.fields?.observation ?? [];
  return columns(file.observationSpace, observations).map(({ path, values }, i) => ({
    name: words(fields[i]?.name ?? (path === '' ? `observation ${i}` : path)),
    unit: fields[i]?.unit ?? '1',
    about: fields[i]?.about ?? '',
    values,
    ...bounds(file.observationSpace, i),
  }));
}

/** The actions of an episode, one series an element. */
export function actionSeries(file: EpisodeFile, episode: Episode): Series[] {
  const { actionSpace } = file;
  const discrete = actionSpace.type === 'Discrete';
  const fields = discrete ? [] : (file.header.metadata.fields?.action ?? []);
  const members = Array.from({ length: episode.steps }, (_, i) => episode.actions.at(i));
  return columns(actionSpace, members).map(({ path, values }, i) => ({
    name: words(fields[i]?.name ?? (discrete ? 'action' : path === '' ? `action ${i}` : path)),
    unit: fields[i]?.unit ?? '1',
    about: fields[i]?.about ?? '',
    values,
    ...bounds(actionSpace, i),
  }));
}

/** The names of a Discrete action's values; null for other spaces. */
export function choicesOf(file: EpisodeFile): PageEpisode['choices'] {
  const { type, n, start } = file.header.actionSpace;
  if (type !== 'Discrete' || typeof n !== 'number') return null;
  const first = typeof start === 'number' ? start : 0;
  const fields = file.header.metadata.fields?.action ?? [];
  const names = Array.from({ length: Math.min(n, MOST_SERIES) }, (_, i) => words(fields[i]?.name ?? String(first + i)));
  return { start: first, names };
}

/** How an episode ended, in words. */
export function endingOf(episode: Episode): string {
  if (episode.failure !== null) return `failed at step ${episode.failure.step}`;
  if (episode.terminated) return 'terminated';
  return episode.truncated ? 'truncated' : 'not ended';
}

/** The measures of an episode as label and value, with the unit the env's tables give. */
export function measuresOf(file: EpisodeFile, episode: Episode): [string, string][] {
  const fields = file.header.metadata.fields?.info ?? [];
  return Object.entries(episode.measures).map(([name, value]) => {
    const label = words(name);
    const unit = fields.find((field) => field.name === name)?.unit ?? '1';
    const number = Number(value.toPrecision(4));
    return [label.charAt(0).toUpperCase() + label.slice(1), unit === '1' ? `${number}` : `${number} ${unit}`];
  });
}

/** A field's name as words: `angularVelocity` and `angular_velocity` are `angular velocity`. */
function words(name: string): string {
  return name
    .replace(/_/g, ' ')
    .replace(
      /([a-z0-9])([A-Z])(?=[a-z])/g,
      (_, before: string, capital: string) => `${before} ${capital.toLowerCase()}`,
    );
}
