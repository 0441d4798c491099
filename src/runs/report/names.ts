/** What tasks and methods are called, and what makes two runs of the same one. */
import type { Json, JsonObject } from '../../core/json.js';
import type { EnvSpec } from '../../core/spec.js';
import { registry } from '../../registration/index.js';
import type { RunRecord } from './types.js';

/** JSON with the keys in order, so that equal values are equal texts. */
export function canonical(value: Json | undefined): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

/** Wrappers of a spec as JSON, without where their modules are. */
function wrappersOf(env: EnvSpec): JsonObject[] {
  return (env.wrappers ?? []).map(({ name, kwargs }) => ({ name, kwargs }));
}

/** The same for two runs if they train on the same task; where the env's module is does not matter. */
export function taskKey(env: EnvSpec): string {
  const { id, kwargs, maxEpisodeSteps } = env;
  return canonical({ id, kwargs, maxEpisodeSteps, wrappers: wrappersOf(env) });
}

/** Whether an env is as it was registered: the one that published results are about. */
export function isDefault(env: EnvSpec): boolean {
  const registered = registry.get(env.id);
  return registered !== undefined && taskKey(registered) === taskKey(env);
}

/**
 * The env's id, and whatever differs from the registered env of that id.
 * @param limit whether to name the time limit of an env that is not registered.
 */
export function taskLabel(env: EnvSpec, limit: boolean): string {
  const registered = registry.get(env.id);
  const words = [env.id];
  if (canonical(env.kwargs) !== canonical(registered?.kwargs ?? {})) words.push(canonical(env.kwargs));
  if (registered === undefined ? limit : registered.maxEpisodeSteps !== env.maxEpisodeSteps) {
    words.push(env.maxEpisodeSteps === null ? '(no limit)' : `(${env.maxEpisodeSteps} steps)`);
  }
  const usual = registered === undefined ? [] : wrappersOf(registered);
  if (canonical(wrappersOf(env)) !== canonical(usual)) {
    for (const { name, kwargs } of env.wrappers ?? []) {
      words.push(`+ ${name}${Object.keys(kwargs).length === 0 ? '' : canonical(kwargs)}`);
    }
    if ((env.wrappers ?? []).length === 0) words.push('without wrappers');
  }
  return words.join(' ');
}

/** A setting of a method that not all runs share. */
export interface Setting {
  readonly name: string;
  /** Canonical JSON; `none` where the run's configuration does not have it. */
  readonly value: string;
}

/**
 * For each algorithm the settings in which runs of it on the same task differ. Presets differ between tasks; that alone makes no
 * two methods.
 */
export function differingSettings(runs: readonly RunRecord[]): ReadonlyMap<string, readonly string[]> {
  const seen = new Map<string, Map<string, string>>();
  const differing = new Map<string, Set<string>>();
  for (const { env, algo, config } of runs) {
    const place = `${taskKey(env)} ${algo}`;
    const first = seen.get(place);
    const settings = new Map(Object.entries(config).map(([name, value]) => [name, canonical(value)]));
    if (first === undefined) {
      seen.set(place, settings);
      continue;
    }
    for (const name of new Set([...first.keys(), ...settings.keys()])) {
      if (first.get(name) === settings.get(name)) continue;
      if (!differing.has(algo)) differing.set(algo, new Set());
      differing.get(algo)!.add(name);
    }
  }
  return new Map([...differing].map(([algo, names]) => [algo, [...names].sort()]));
}

/** A run's values of some settings. */
export function settingsOf(run: RunRecord, names: readonly string[]): readonly Setting[] {
  return names.map((name) => ({
    name,
    value: canonical(Object.hasOwn(run.config, name) ? run.config[name] : undefined),
  }));
}

/** `ppo clipCoef=0.1`: the algorithm, and the settings in which the given runs differ. */
export function methodLabel(algo: string, settings: readonly Setting[]): string {
  return [algo, ...settings.map(({ name, value }) => `${name}=${value}`)].join(' ');
}

/** Order of methods: by algorithm, then setting by setting, numbers as numbers. */
export function compareMethods(
  a: { readonly algo: string; readonly settings: readonly Setting[] },
  b: { readonly algo: string; readonly settings: readonly Setting[] },
): number {
  if (a.algo !== b.algo) return a.algo < b.algo ? -1 : 1;
  for (const [k, { value }] of a.settings.entries()) {
    const other = b.settings[k]!.value;
    if (value === other) continue;
    const difference = Number(value) - Number(other);
    if (!Number.isNaN(difference)) return difference;
    return value < other ? -1 : 1;
  }
  return 0;
}
