/**
 * Trains every registered env, an env of a user's file and an env in wrappers with state, with several numbers of workers and under
 * several versions of Node, and compares what comes out byte by byte:
 *
 *     npm run determinism -- [--workers 1,2,3,4] [--node 20,22,24] [--json]
 *
 * Compared are the parameters, the state of the learner (moments, running statistics), `metrics.jsonl` and a recorded episode file.
 * Two things are left out, by name: the header's `engine`, which says which Node recorded, and `episode.t`, seconds that
 * RecordEpisodeStatistics measures. A difference ends the command with status 1.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { networkFor } from '../agents/common/problem.js';
import { type EnvSpec, GymkhanaError, makeFromSpec, type PpoConfig, recordRun, registry, train } from '../src/index.js';
import { plainTowers } from '../src/network/plan.js';
import { constructEnv, resolveEnv, withWrappers } from '../src/registration/index.js';
import { loadCheckpoint } from '../src/runs/checkpoint.js';
import { resolvePpoConfig } from '../src/runs/train.js';
import { isPicture } from '../src/spaces/box.js';
import { nodeBinary, runningMajor } from './node-versions.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Versions of Node that give the same bytes, and those that do where no `pow` is used. */
export const SUPPORTED_NODES: readonly number[] = [20, 22, 24];
const ANOTHER_POW = 24;

/** Four groups of envs, so that four workers have something to do. */
const SETTINGS: Partial<PpoConfig> = {
  totalSteps: 72 * 16 * 3,
  numEnvs: 72,
  numSteps: 16,
  numMinibatches: 3,
  updateEpochs: 2,
  hidden: [16, 16],
  sequenceLength: 8,
  normObs: true,
  normReward: true,
};
/** On pictures: four groups of few envs, one iteration less, and the smallest convolutions. */
const SHORTER: Partial<PpoConfig> = { totalSteps: 16 * 16 * 2, numEnvs: 16, updateEpochs: 1, encoder: 'small-cnn' };
/** Short episodes: every env ends some and begins others. */
const LONGEST_EPISODE = 30;
const SEED = 7;

/** One env to train. */
export interface DeterminismCase {
  readonly name: string;
  readonly spec: EnvSpec;
}

/** What one training gave, as hashes. */
export interface DeterminismRow {
  readonly env: string;
  /** Major version. */
  readonly node: number;
  readonly workers: number;
  readonly parameters: string;
  readonly learner: string;
  readonly metrics: string;
  readonly episodes: string;
  /** Episodes that ended while training. */
  readonly ended: number;
}

/** All trainings of one process. */
export interface DeterminismReport {
  readonly node: number;
  readonly rows: readonly DeterminismRow[];
  /** Envs that PPO cannot be trained on, or that promise nothing, with the reason. */
  readonly skipped: readonly { readonly env: string; readonly reason: string }[];
  /** Envs whose resets or steps call `Math.pow`. */
  readonly pow: readonly string[];
}

/** What to train an env with, or the reason why nothing is promised or can be trained. */
async function settingsFor(spec: EnvSpec): Promise<Partial<PpoConfig> | string> {
  if (spec.nondeterministic) return 'its spec says that it is nondeterministic';
  try {
    const env = await constructEnv(spec);
    networkFor(env, { hidden: [4], activation: 'tanh', logStdInit: 0 });
    return isPicture(env.observationSpace) ? { ...SETTINGS, ...SHORTER } : SETTINGS;
  } catch (error) {
    if (error instanceof GymkhanaError && error.code === 'UNSUPPORTED_SPACE') return error.message;
    throw error;
  }
}

/** Every registered env, an env of a user's own TypeScript file, and one in wrappers with state. */
export async function determinismCases(): Promise<DeterminismCase[]> {
  const custom = await resolveEnv('./test/fixtures/envs/functional.ts:FunctionalBall-v0', { cwd: root });
  const wrapped = withWrappers(registry.get('MountainCarContinuous-v0')!, [
    'NormalizeObservation',
    'NormalizeReward',
    { name: 'StickyAction', kwargs: { repeatActionProbability: 0.25 } },
    'RecordEpisodeStatistics',
  ]);
  const registered = [...registry].filter(([id]) => id !== custom.id);
  return [
    ...registered.map(([name, spec]) => ({ name, spec })),
    { name: 'custom ./functional.ts', spec: custom },
    { name: 'wrapped MountainCarContinuous-v0', spec: wrapped },
  ].map(({ name, spec }) => ({
    name,
    spec: { ...spec, maxEpisodeSteps: Math.min(spec.maxEpisodeSteps ?? LONGEST_EPISODE, LONGEST_EPISODE) },
  }));
}

const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** Hash of an episode file without the header's `engine` and the `episode.t` of final infos. */
export function episodeFileHash(bytes: Buffer): string {
  const hash = createHash('sha256').update(bytes.subarray(0, 8));
  for (let offset = 8; offset < bytes.length; ) {
    const length = bytes.readUInt32LE(offset + 4);
    const type = bytes.toString('latin1', offset, offset + 4);
    const payload = bytes.subarray(offset + 12, offset + 12 + length);
    hash.update(`${type} `);
    if (type === 'HEAD' || type === 'EPIS') {
      const json = JSON.parse(payload.toString('utf8')) as {
        engine?: unknown;
        finalInfo?: { episode?: { t?: number } } | null;
      };
      delete json.engine;
      delete json.finalInfo?.episode?.t;
      hash.update(JSON.stringify(json));
    } else hash.update(payload);
    offset += 16 + length;
  }
  return hash.digest('hex');
}

/** Whether an env's own code calls `Math.pow`, tried over a few episodes. (`**` is a lint error in built-in envs and physics.) */
async function callsPow(spec: EnvSpec): Promise<boolean> {
  const original = Math.pow;
  let calls = 0;
  const counted = <T>(body: () => T): T => {
    Math.pow = (x, y) => {
      calls++;
      return original(x, y);
    };
    try {
      return body();
    } finally {
      Math.pow = original;
    }
  };
  const env = await makeFromSpec(spec);
  env.actionSpace.seed(SEED);
  counted(() => env.reset({ seed: SEED }));
  for (let step = 0; step < 100; step++) {
    const action = env.actionSpace.sample();
    const { terminated, truncated } = counted(() => env.step(action));
    if (terminated || truncated) counted(() => env.reset());
  }
  env.close();
  return calls > 0;
}

async function trainCase(
  { name, spec }: DeterminismCase,
  config: Partial<PpoConfig>,
  workers: number,
  folder: string,
): Promise<DeterminismRow> {
  const runDir = join(folder, 'run');
  let ended = 0;
  const network = networkFor(await constructEnv(spec), resolvePpoConfig(spec.id, config));
  const summary = await train({
    env: spec,
    seed: SEED,
    workers,
    config,
    // `auto` chooses by speed; the promise is the kernels', and of networks that they do not know ONNX Runtime's on one machine.
    backend: plainTowers(network) === null ? 'onnx' : 'kernels',
    runDir,
    onIteration: ({ iteration }) => {
      ended += iteration.episodes.length;
    },
  });
  const { path } = await recordRun(runDir, { episodes: 2, seed: SEED });
  const { adam, observation, returns } = loadCheckpoint(join(runDir, 'checkpoints', 'last.safetensors'));
  const bytes = (array: Float32Array | Float64Array) =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const statistics = observation === null ? [] : [bytes(observation.mean), bytes(observation.variance)];
  const row: DeterminismRow = {
    env: name,
    node: runningMajor,
    workers,
    parameters: summary.parametersHash,
    learner: sha256(bytes(adam.first), bytes(adam.second), ...statistics, JSON.stringify([adam.step, returns])),
    metrics: sha256(readFileSync(join(runDir, 'metrics.jsonl'))),
    episodes: episodeFileHash(readFileSync(path)),
    ended,
  };
  rmSync(runDir, { recursive: true, force: true });
  return row;
}

/** Trains all cases in this process, each with every number of workers. */
export async function measureHere(workers: readonly number[]): Promise<DeterminismReport> {
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-determinism-'));
  const rows: DeterminismRow[] = [];
  const skipped: { env: string; reason: string }[] = [];
  const pow: string[] = [];
  try {
    for (const one of await determinismCases()) {
      const settings = await settingsFor(one.spec);
      if (typeof settings === 'string') {
        skipped.push({ env: one.name, reason: settings });
        continue;
      }
      if (await callsPow(one.spec)) pow.push(one.name);
      for (const count of workers) rows.push(await trainCase(one, settings, count, folder));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { node: runningMajor, rows, skipped, pow };
}

/** Does the same under another version of Node, in one process of it; the reason if there is no such Node here. */
export function measureUnder(major: number, workers: readonly number[]): DeterminismReport | { reason: string } {
  const binary = nodeBinary(major);
  if ('reason' in binary) return binary;
  const script = fileURLToPath(import.meta.url);
  const words = ['--enable-source-maps', script, '--here', '--workers', workers.join()];
  const { status, stdout, stderr } = spawnSync(binary.path, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`Node ${major} ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as DeterminismReport;
}

const COMPARED = ['parameters', 'learner', 'metrics', 'episodes'] as const;

/** What differs between rows of one env, in words; empty if nothing does. */
export function differences(rows: readonly DeterminismRow[]): string[] {
  const [first, ...others] = rows;
  if (first === undefined) return [];
  return others.flatMap((row) =>
    COMPARED.filter((column) => row[column] !== first[column]).map(
      (column) =>
        `${row.env}: ${column} with ${row.workers} workers under Node ${row.node} are ${row[column].slice(0, 12)}, ` +
        `with ${first.workers} under Node ${first.node} ${first[column].slice(0, 12)}`,
    ),
  );
}

/** Whether a version of Node promises the same bytes for an env. */
export function promised(env: string, node: number, pow: readonly string[]): boolean {
  return node < ANOTHER_POW || !pow.includes(env);
}

/** The results as a table: rows with equal hashes are one line. */
export function determinismTable(rows: readonly DeterminismRow[]): string {
  const lines = [
    '| env | parameters | metrics.jsonl | episode file | Node: workers |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const env of new Set(rows.map((row) => row.env))) {
    const variants = new Map<string, DeterminismRow[]>();
    for (const row of rows.filter((one) => one.env === env)) {
      const key = COMPARED.map((column) => row[column]).join();
      variants.set(key, [...(variants.get(key) ?? []), row]);
    }
    for (const same of variants.values()) {
      const [first] = same;
      const where = [...new Set(same.map(({ node }) => node))].map((node) => {
        const counts = same.filter((row) => row.node === node).map(({ workers }) => workers);
        return `${node}: ${counts.join(' ')}`;
      });
      const hashes = [first!.parameters, first!.metrics, first!.episodes].map((hash) => `\`${hash.slice(0, 12)}\``);
      lines.push(`| ${env} | ${hashes.join(' | ')} | ${where.join('; ')} |`);
    }
  }
  return lines.join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      workers: { type: 'string', default: '1,2,3,4' },
      node: { type: 'string', default: SUPPORTED_NODES.join() },
      json: { type: 'boolean', default: false },
      here: { type: 'boolean', default: false },
    },
  });
  const numbers = (text: string): number[] => text.split(',').map(Number);
  const workers = numbers(values.workers);
  if (values.here) {
    process.stdout.write(`${JSON.stringify(await measureHere(workers))}\n`);
    return;
  }
  const reports: DeterminismReport[] = [];
  for (const major of numbers(values.node)) {
    const report = measureUnder(major, workers);
    if ('reason' in report) process.stderr.write(`Without Node ${major}: ${report.reason}.\n`);
    else reports.push(report);
  }
  const rows = reports.flatMap((report) => report.rows);
  const pow = [...new Set(reports.flatMap((report) => report.pow))];
  const found = [...new Set(rows.map(({ env }) => env))].flatMap((env) =>
    differences(rows.filter((row) => row.env === env && promised(env, row.node, pow))),
  );
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, pow, differences: found })}\n`);
  else {
    process.stdout.write(`${determinismTable(rows)}\n\n`);
    for (const { env, reason } of reports[0]?.skipped ?? []) process.stdout.write(`Not trained: ${env}: ${reason}\n`);
    process.stdout.write(
      pow.length === 0 ? 'No env calls Math.pow.\n' : `Not promised for Node 24, Math.pow: ${pow.join()}\n`,
    );
    for (const line of found) process.stdout.write(`DIFFERENT ${line}\n`);
    process.stdout.write(`${rows.length} trainings, ${found.length} differences\n`);
  }
  if (found.length > 0 || rows.length === 0) process.exitCode = 1;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) await main();
