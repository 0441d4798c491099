/** From a launch to its runs: every combination of env, algorithm, settings and seed, each known by the hash of its configuration. */
import { createHash } from 'node:crypto';
import type { PpoConfig } from '../../../agents/ppo/config.js';
import { GymkhanaError, usageError } from '../../core/errors.js';
import { type Json, type JsonObject, plainJson } from '../../core/json.js';
import type { EnvSpec } from '../../core/spec.js';
import { constructEnv, modulesFor, resolveEnv, type WrapperReference, withWrappers } from '../../registration/index.js';
import { resolvePpoConfig } from '../train.js';
import { parseRecordChoice } from '../training-recorder.js';
import { combinations } from './axes.js';
import type { LaunchFile } from './launch-file.js';

/** One run of a launch: what it trains, as plain JSON that another process or machine can be given. */
export interface PlannedRun {
  /** Its place in the launch, from 0. */
  readonly index: number;
  /** Its folder: env, algorithm, seed and the first digits of the hash. */
  readonly name: string;
  /** SHA-256 of everything that its results depend on, hexadecimal. */
  readonly hash: string;
  /** As the launch writes it: an id, `module:EnvId` or `./file.ts:EnvId`. */
  readonly env: string;
  readonly envId: string;
  /** SHA-256 of the code of the env's own module; null for a built-in env. */
  readonly moduleHash: string | null;
  readonly envKwargs: JsonObject;
  readonly wrappers: readonly WrapperReference[];
  readonly algo: 'ppo';
  readonly seed: number;
  /** Settings over the env's preset. */
  readonly config: JsonObject;
  /** The settings, of the algorithm and the env, in which the launch's runs differ. */
  readonly varied: JsonObject;
  readonly totalSteps: number;
  readonly backend: LaunchFile['backend'];
  readonly evalEvery: number;
  readonly evalEpisodes: number;
  readonly targetReturn: number | null;
  /** Training episodes to record; it changes no result, and is no part of the hash. */
  readonly recordEpisodes: string | null;
  readonly recordObservations: boolean;
  readonly recordPolicyOutputs: boolean;
}

/** All runs of a launch. */
export interface LaunchPlan {
  readonly name: string;
  readonly file: LaunchFile;
  /** The folder that relative env files are found from. */
  readonly cwd: string;
  readonly runs: readonly PlannedRun[];
  /** How many combinations were the same as an earlier one, and are done once. */
  readonly duplicates: number;
}

/** Most runs of one launch. */
const MOST_RUNS = 10_000;
/** Digits of the hash in a folder's name: 48 bits, so that no two of ten thousand meet. */
const HASH_DIGITS = 12;

/** Where a launch comes from. */
export interface PlanOptions {
  /** Folder that env files are found from. */
  readonly cwd: string;
  /** What the launch is called unless it says so itself. */
  readonly name: string;
  /** The launch file; absent where the program wrote the launch itself. Envs that only a file names do not run. */
  readonly from?: string;
  /** Envs of a launch file, as it names them, whose code may run. */
  readonly allowEnvs?: readonly string[];
}

/**
 * Plans a launch: every setting of every run is checked, and every env built once, before anything starts.
 * @throws `LAUNCH_INVALID`, `MODULE_UNTRUSTED` for an env of one's own that only the file names, what resolving an env throws, and `INVALID_OPTION` or `UNKNOWN_OPTION` for a setting.
 */
export async function planLaunch(file: LaunchFile, options: PlanOptions): Promise<LaunchPlan> {
  const { cwd, from, allowEnvs = [] } = options;
  if (file.recordEpisodes !== null) parseRecordChoice(file.recordEpisodes);
  const combined = combinations(prefixed(file), { samples: file.samples, seed: file.sampleSeed });
  const total = file.env.length * file.algo.length * combined.length * file.seeds.length;
  if (total > MOST_RUNS) {
    throw usageError('LAUNCH_INVALID', `this launch has ${total} runs; ${MOST_RUNS} are the most. Split it.`, {
      expected: `at most ${MOST_RUNS} runs`,
      got: String(total),
    });
  }
  const runs: PlannedRun[] = [];
  const known = new Set<string>();
  const built = new Set<string>();
  for (const given of file.env) {
    const env = typeof given === 'string' ? { id: given, kwargs: {}, wrappers: [] } : given;
    const found = await resolveEnv(env.id, allowEnvs.includes(env.id) ? { cwd } : { cwd, from });
    const wrappers = [...env.wrappers, ...file.wrappers] as WrapperReference[];
    const modules = await moduleIdentity(found);
    for (const algo of file.algo) {
      for (const { settings, varied } of combined) {
        const { config, envKwargs } = unprefixed(settings);
        if (file.totalSteps !== undefined) config['totalSteps'] ??= file.totalSteps;
        const kwargs = { ...envKwargs, ...env.kwargs };
        const spec = withWrappers({ ...found, kwargs: { ...found.kwargs, ...kwargs } }, wrappers);
        const key = JSON.stringify([spec.kwargs, env.id, wrappers]);
        // Keyword arguments that an env refuses are told now, not by a run in an hour.
        if (!built.has(key)) (await constructEnv(spec)).close();
        built.add(key);
        const resolved = resolvePpoConfig(spec.id, config as Partial<PpoConfig>);
        for (const seed of file.seeds) {
          const identity: JsonObject = {
            env: envIdentity(spec, modules),
            algo,
            seed,
            config: plainJson(resolved),
            backend: file.backend,
            evaluation: { every: file.evalEvery, episodes: file.evalEpisodes },
            targetReturn: file.targetReturn,
          };
          const hash = createHash('sha256').update(canonical(identity)).digest('hex');
          if (known.has(hash)) continue;
          known.add(hash);
          const safe = spec.id.replace(/[^\w.-]+/g, '_');
          runs.push({
            index: runs.length,
            name: `${safe}-${algo}-seed${seed}-${hash.slice(0, HASH_DIGITS)}`,
            hash,
            env: env.id,
            envId: spec.id,
            moduleHash: modules,
            envKwargs: kwargs,
            wrappers,
            algo,
            seed,
            config,
            varied: plainNames(varied),
            totalSteps: resolved.totalSteps,
            backend: file.backend,
            evalEvery: file.evalEvery,
            evalEpisodes: file.evalEpisodes,
            targetReturn: file.targetReturn,
            recordEpisodes: file.recordEpisodes,
            recordObservations: file.recordObservations,
            recordPolicyOutputs: file.recordPolicyOutputs,
          });
        }
      }
    }
  }
  return { name: file.name ?? options.name, file, cwd, runs, duplicates: total - runs.length };
}

/** The flags that let the envs of planned runs, where they are not built in, run in another process of the command line. */
export function allowFlags(runs: readonly PlannedRun[]): string[] {
  const own = new Set(runs.filter(({ moduleHash }) => moduleHash !== null).map(({ env }) => env));
  return [...own].flatMap((env) => ['--allow-env', env]);
}

/**
 * The env of a planned run, as this machine and folder have it.
 * @throws what resolving an env throws; `MODULE_CHANGED` if its code is not what was planned.
 */
export async function specOf(run: PlannedRun, cwd: string): Promise<EnvSpec> {
  const found = await resolveEnv(run.env, { cwd });
  const hash = await moduleIdentity(found);
  if (hash !== run.moduleHash) {
    throw usageError(
      'MODULE_CHANGED',
      `the code of ${run.env} is not what it was when ${run.name} was planned, so that this would be another run. Restore it, or launch anew.`,
      { env: run.envId, expected: String(run.moduleHash), got: String(hash) },
    );
  }
  return withWrappers({ ...found, kwargs: { ...found.kwargs, ...run.envKwargs } }, run.wrappers);
}

const CONFIG = 'config.';
const KWARGS = 'envKwargs.';

/** The settings of both kinds under one roof, so that their axes combine. */
function prefixed(file: LaunchFile): JsonObject {
  const under = (prefix: string, settings: JsonObject): [string, Json][] =>
    Object.entries(settings).map(([name, value]) => [prefix + name, value]);
  return Object.fromEntries([...under(CONFIG, file.config), ...under(KWARGS, file.envKwargs)]);
}

function unprefixed(settings: JsonObject): { config: JsonObject; envKwargs: JsonObject } {
  const of = (prefix: string): JsonObject =>
    Object.fromEntries(
      Object.entries(settings)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  return { config: of(CONFIG), envKwargs: of(KWARGS) };
}

/** Names as people know them: `learningRate`, and `envKwargs.split` for what is the env's. */
function plainNames(varied: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(varied).map(([name, value]) => [name.startsWith(CONFIG) ? name.slice(CONFIG.length) : name, value]),
  );
}

/** The hash of the env's own module, and of no other that this process knows; null for a built-in env. */
async function moduleIdentity(spec: EnvSpec): Promise<string | null> {
  try {
    const modules = await modulesFor(spec);
    return modules.find(({ source }) => source === spec.moduleUrl)?.hash ?? null;
  } catch (error) {
    if (!(error instanceof GymkhanaError) || error.code !== 'ENV_NOT_PORTABLE') throw error;
    throw usageError(
      'ENV_NOT_PORTABLE',
      `${spec.id} cannot be launched: each run is a process of its own, and the env was registered without a moduleUrl. Name its file: ./file.ts:${spec.id}.`,
      { env: spec.id },
      error,
    );
  }
}

/** What of a spec decides results: its code by content, not by where the file lies on this machine. */
function envIdentity(spec: EnvSpec, module: string | null): JsonObject {
  const { moduleUrl, wrappers, ...rest } = spec;
  return plainJson({
    ...rest,
    module: module ?? moduleUrl,
    wrappers: (wrappers ?? []).map(({ name, kwargs }) => ({ name, kwargs })),
  });
}

/** JSON with the keys of every object in order. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`);
  return `{${parts.join(',')}}`;
}
