/** What two recordings differ in besides their steps: env, engine, seed, generator, options. */
import type { Json } from '../core/json.js';
import type { Episode } from './log.js';
import type { EpisodeFileHead } from './module.js';

/** Something around an episode that differs between two recordings. */
export interface Circumstance {
  /** Such as `spec.maxEpisodeSteps`, `engine.node` or `generator`. */
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

interface Recording {
  readonly file: EpisodeFileHead;
  readonly episode: Episode;
}

/** What differs around two episodes, in a fixed order; empty if nothing does. */
export function circumstances(one: Recording, other: Recording): Circumstance[] {
  const [a, b] = [partsOf(one), partsOf(other)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((what) => {
    const [x, y] = [a.get(what) ?? 'none', b.get(what) ?? 'none'];
    return x === y ? [] : [{ what, a: x, b: y }];
  });
}

function partsOf({ file, episode }: Recording): Map<string, string> {
  const { spec, engine, policy } = file.header;
  const parts = new Map<string, string>();
  const add = (what: string, value: Json | undefined): void => {
    parts.set(what, typeof value === 'string' ? value : canonical(value ?? null));
  };
  add('spec.id', spec.id);
  for (const name of ['moduleUrl', 'exportName', 'maxEpisodeSteps', 'nondeterministic', 'kwargs'] as const)
    add(`spec.${name}`, spec[name]);
  add(
    'spec.wrappers',
    (spec.wrappers ?? []).map(({ name, moduleUrl, kwargs }) => ({ name, moduleUrl, kwargs })),
  );
  add('observation space', String(file.observationSpace));
  add('action space', String(file.actionSpace));
  for (const [name, value] of Object.entries(engine)) add(`engine.${name}`, String(value));
  add('policy', policy);
  add('seed', episode.seed);
  add('generator', { ...episode.rng });
  add('reset options', episode.options);
  add('wrapper states', (episode.wrappers ?? []).map((one) => ({ ...one })) as Json);
  return parts;
}

/** JSON of a value with the keys of objects in one order. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([x], [y]) => (x < y ? -1 : 1)))
      : item,
  );
}
