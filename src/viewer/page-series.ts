/** Numbers of an episode and what they are called, from the spaces and the env's own field tables; the same in Node and in pages. */
import type { Field } from '../core/env.js';
import type { Episode } from '../episode/index.js';
import { Dict, Discrete, type Space, Tuple } from '../spaces/index.js';
import type { Label, PageData } from './page-data.js';

/** Most elements of an observation or action that are plotted: beyond, it is a picture, not a table. */
const MOST_SERIES = 64;

/** An env's tables of fields, from its class or from a file. */
interface Tables {
  readonly observation: readonly Field[];
  readonly action: readonly Field[];
  readonly info?: readonly Field[] | undefined;
}

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

/** The numbers of a member, in the order of its labels; the first 64 of a long one. */
export function numbersOf(space: Space, value: unknown): number[] {
  return elementsOf(space, value)
    .slice(0, MOST_SERIES)
    .map((element) => element.value);
}

/** Bounds of an element of a Box, where both are finite. */
function bounds(space: Space, element: number): { low: number; high: number } | Record<string, never> {
  if (!('low' in space && 'high' in space)) return {};
  const low = Number((space.low as ArrayLike<number>)[element]);
  const high = Number((space.high as ArrayLike<number>)[element]);
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : {};
}

/** What the numbers of an observation are called; `sample` is one, for spaces without a fixed list. */
export function observationLabels(space: Space, fields: Tables | undefined, sample: unknown): Label[] {
  return labels(space, fields?.observation ?? [], sample, (path, i) => (path === '' ? `observation ${i}` : path));
}

/** What the numbers of an action are called; a Discrete one is a single number, whose values have the names. */
export function actionLabels(space: Space, fields: Tables | undefined, sample: unknown): Label[] {
  const discrete = space.type === 'Discrete';
  const name = (path: string, i: number): string => (discrete ? 'action' : path === '' ? `action ${i}` : path);
  return labels(space, discrete ? [] : (fields?.action ?? []), sample, name);
}

function labels(
  space: Space,
  fields: readonly Field[],
  sample: unknown,
  name: (path: string, index: number) => string,
): Label[] {
  return elementsOf(space, sample)
    .slice(0, MOST_SERIES)
    .map(({ path }, i) => ({
      name: words(fields[i]?.name ?? name(path, i)),
      unit: fields[i]?.unit ?? '1',
      about: fields[i]?.about ?? '',
      ...bounds(space, i),
    }));
}

/** Columns of members, one a label, seven significant digits each: more than a plot shows. */
export function columnsOf(space: Space, width: number, members: readonly unknown[]): number[][] {
  const rows = members.map((member) => numbersOf(space, member));
  return Array.from({ length: width }, (_, i) => rows.map((row) => rounded(row[i] ?? Number.NaN)));
}

/** A number in seven significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** The names of a Discrete action's values; null for other spaces. */
export function choicesOf(space: Space, fields: Tables | undefined): PageData['choices'] {
  if (!(space instanceof Discrete)) return null;
  const { n, start } = space;
  const names = Array.from({ length: Math.min(n, MOST_SERIES) }, (_, i) =>
    words(fields?.action[i]?.name ?? String(start + i)),
  );
  return { start, names };
}

/** How an episode ended, in words. */
export function endingOf(episode: Episode): string {
  if (episode.failure !== null) return `failed at step ${episode.failure.step}`;
  if (episode.terminated) return 'terminated';
  return episode.truncated ? 'truncated' : 'not ended';
}

/** Measures as label and value, with the unit the env's tables give. */
export function measuresOf(fields: Tables | undefined, measures: Readonly<Record<string, number>>): [string, string][] {
  return Object.entries(measures).map(([name, value]) => {
    const label = words(name);
    const unit = fields?.info?.find((field) => field.name === name)?.unit ?? '1';
    // A time that was never taken is no number.
    const number = Number.isFinite(value) ? Number(value.toPrecision(4)) : '–';
    return [
      label.charAt(0).toUpperCase() + label.slice(1),
      unit === '1' || number === '–' ? `${number}` : `${number} ${unit}`,
    ];
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
