/**
 * The strict parser of flag values. yargs hands every flag over as text: its own numbers accept `abc`, nothing at all and
 * repeated flags (as arrays), which would then train something else than was asked.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Argv } from 'yargs';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { trustModule } from '../registration/index.js';
import { type LoadedOnnxPolicy, loadOnnxPolicy } from '../runs/policies.js';

type Value = unknown;

const refuse = (flag: string, expected: string, got: Value): never => {
  const shown = got === '' || got === undefined ? 'nothing' : `'${String(got)}'`;
  throw usageError('INVALID_FLAG', `--${flag} takes ${expected}, got ${shown}.`, { field: flag, expected, got: shown });
};

/** One value, given once; undefined if the flag is absent. */
export function text(flag: string, value: Value): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value))
    throw usageError('REPEATED_FLAG', `--${flag} was given ${value.length} times; give it once.`, { field: flag });
  if (typeof value !== 'string' || value === '') return refuse(flag, 'a value', value);
  return value;
}

/** The values of a flag that may be repeated. */
export function texts(flag: string, value: Value): string[] | undefined {
  return value === undefined
    ? undefined
    : (Array.isArray(value) ? value : [value]).map((one: Value) => text(flag, one)!);
}

export function number(flag: string, value: Value): number | undefined {
  const given = text(flag, value);
  if (given === undefined) return undefined;
  const parsed = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : Number.NaN;
  return Number.isFinite(parsed) ? parsed : refuse(flag, 'a number', given);
}

/** A whole number; `1e6` and `1_000_000` are fine. */
export function whole(flag: string, value: Value): number | undefined {
  const given = text(flag, value);
  if (given === undefined) return undefined;
  const parsed = number(flag, given.replace(/(?<=\d)_(?=\d)/g, ''));
  return parsed !== undefined && Number.isSafeInteger(parsed)
    ? parsed
    : refuse(flag, 'a whole number below 2^53', given);
}

export function wholes(flag: string, value: Value): number[] | undefined {
  return text(flag, value)
    ?.split(',')
    .map((part) => whole(flag, part.trim())!);
}

/** A JSON object, such as `{"split":"test"}`. */
export function object(flag: string, value: Value): JsonObject | undefined {
  const given = text(flag, value);
  if (given === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(given);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as JsonObject;
  } catch {
    // Told below, with what is expected.
  }
  return refuse(flag, `a JSON object such as '{"split":"test"}'`, given);
}

/** Wrappers, each `Name` or `Name:{json}`, in the order given. */
export function wrappers(flag: string, value: Value): { name: string; kwargs: JsonObject }[] | undefined {
  if (value === undefined) return undefined;
  return (Array.isArray(value) ? value : [value]).map((one: Value) => {
    const given = text(flag, one)!;
    const brace = given.indexOf(':{');
    if (brace < 0) return { name: given, kwargs: {} };
    return { name: given.slice(0, brace), kwargs: object(flag, given.slice(brace + 1))! };
  });
}

/**
 * Settings from a JSON file: a run's `config.json`, or just an object of settings.
 * @throws `CONFIG_FILE` if it cannot be read or is neither.
 */
export function readSettings(path: string): { config?: JsonObject; seed?: number } {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw usageError('CONFIG_FILE', `--config ${path} cannot be read as JSON: ${reason}`, { file: path }, cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw usageError('CONFIG_FILE', `--config ${path} must hold a JSON object of settings, or a run's config.json.`, {
      file: path,
    });
  }
  const { config, seed } = json as JsonObject;
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return { config: json as JsonObject };
  if (seed === undefined) return { config };
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return { config, seed };
  const got = JSON.stringify(seed);
  const message = `--config ${path} has the seed ${got}; a seed is a whole number from 0 to 2^53 - 1.`;
  throw usageError('CONFIG_FILE', message, { file: path, field: 'seed', got });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The flags that were given: what is undefined falls to the library's own default. */
export function given<T extends object>(flags: T): Defined<T> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The flags of commands that play a run's policy. */
export function episodeFlags(yargs: Argv, does: string): Argv {
  return yargs
    .positional('run', { type: 'string', describe: 'a run directory; with --policy an env', demandOption: true })
    .option('policy', valued('an ONNX file of a policy, to play in the env that is named'))
    .option('episodes', valued(`episodes to ${does}`))
    .option('seed', valued('seed of the episodes (0)'))
    .option('checkpoint', valued('last, best or a number of steps (last)'))
    .option('env-kwargs', valued('keyword arguments of the env, as a JSON object'))
    .option('module', moduleFlag);
}

/** What `eval` and `record` play: a run directory, or with `--policy` that file's policy in the env that stands in its place. */
export async function readPolicy(argv: { readonly [flag: string]: Value }): Promise<string | LoadedOnnxPolicy> {
  const run = String(argv['run']);
  const file = text('policy', argv['policy']);
  if (file === undefined) return run;
  if (argv['checkpoint'] !== undefined) {
    throw usageError('INVALID_FLAG', '--checkpoint is of a run; a policy file has one policy. Give one of the two.', {
      field: 'checkpoint',
      got: String(argv['checkpoint']),
    });
  }
  trustNamed(argv);
  return await loadOnnxPolicy(file, { env: run, ...given({ envKwargs: object('env-kwargs', argv['env-kwargs']) }) });
}

/** Their values, strictly read. */
export function readEpisodeFlags(argv: { readonly [flag: string]: Value }) {
  trustNamed(argv);
  return given({
    episodes: whole('episodes', argv['episodes']),
    seed: whole('seed', argv['seed']),
    checkpoint: text('checkpoint', argv['checkpoint']),
    envKwargs: object('env-kwargs', argv['env-kwargs']),
  });
}

/** Lets the code of `--module` run: a run directory's word alone runs none. */
export function trustNamed(argv: { readonly [flag: string]: Value }): void {
  const module = text('module', argv['module']);
  if (module !== undefined) trustModule(module);
}

/** Flags of every command that records episodes. */
export const recordObservations = { type: 'boolean', describe: 'keep the observations of recorded episodes' } as const;
export const recordPolicyOutputs = {
  type: 'boolean',
  describe:
    "keep the policy's outputs of recorded episodes: value, log-probability and, outside training, logits or means",
} as const;

/** The flag that names the code of an env which a file only mentions. */
export const moduleFlag: ReturnType<typeof valued> = valued(
  'file of the env, where a recording, run or launch of an env of your own comes from elsewhere',
);

/** Its value, as `moduleUrl` of the library's options. */
export function readModule(value: Value): { moduleUrl?: string } {
  const path = text('module', value);
  return path === undefined ? {} : { moduleUrl: path.startsWith('file:') ? path : pathToFileURL(resolve(path)).href };
}

/** Every flag that takes a value, for yargs. */
export function valued(about: string): { type: 'string'; describe: string; requiresArg: true } {
  return { type: 'string', describe: about, requiresArg: true };
}
