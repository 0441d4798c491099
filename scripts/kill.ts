/**
 * Kills training runs with SIGKILL at random moments, some of them in the middle of writing a checkpoint, goes on with
 * `train --resume` under another number of workers each time, and compares what is left at the end, byte for byte, with runs that
 * nobody disturbed.
 *
 *     npm run kill                          50 kills
 *     node dist/scripts/kill.js --kills 200 --seed 2 --json
 */
import { spawn } from 'node:child_process';
import { existsSync, type FSWatcher, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Generator } from '../src/index.js';

const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** Where a kill found the run. */
export type KillPlace = 'before its first checkpoint' | 'between checkpoints' | 'in a checkpoint';

export interface KillReport {
  /** Kills that ended a process, by where they found it. */
  readonly kills: { readonly [place in KillPlace]: number };
  /** Runs that came to their end after kills. */
  readonly runs: number;
  /** Names of files that were not the same bytes, with the run; empty if every promise was kept. */
  readonly differences: readonly string[];
}

interface Job {
  readonly name: string;
  readonly flags: readonly string[];
}

/** Two runs that differ in all that a checkpoint holds: choices and dimensions, scaled rewards, measures, evaluation. */
const JOBS: readonly Job[] = [
  {
    name: 'cartpole',
    flags: ['CartPole-v1', '--total-steps', '300_000', '--num-envs', '64', '--num-steps', '32', '--eval-every', '40'],
  },
  {
    name: 'driving',
    flags: ['Driving-v0', '--total-steps', '150_000', '--num-envs', '64', '--num-steps', '64', '--hidden', '32,32'],
  },
];

/** What must be the same at the end. Timing and TensorBoard's files hold the clock. */
const COMPARED = ['config.json', 'metrics.jsonl', 'summary.json'];

interface Child {
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null; stderr: string }>;
  kill(): void;
}

function start(flags: readonly string[], cwd: string): Child {
  const child = spawn(process.execPath, [CLI, 'train', ...flags], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<{ status: number | null; signal: NodeJS.Signals | null; stderr: string }>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, stderr }));
  });
  return { ended, kill: () => void child.kill('SIGKILL') };
}

/** Kills a process after a while, or as soon as it begins to write a checkpoint. */
function killAt(child: Child, folder: string, rng: Generator, span: number): () => void {
  const checkpoints = join(folder, 'checkpoints');
  const inCheckpoint = rng.random() < 0.5;
  const delay = rng.uniform(0, span);
  let watcher: FSWatcher | null = null;
  const timer = setTimeout(() => {
    if (!inCheckpoint || !existsSync(checkpoints)) return child.kill();
    // The temporary file appears when writing begins.
    watcher = watch(checkpoints, (_, name) => {
      if (name?.endsWith('.tmp')) child.kill();
    });
  }, delay);
  return () => {
    clearTimeout(timer);
    watcher?.close();
  };
}

function placeOf(folder: string): KillPlace {
  const checkpoints = join(folder, 'checkpoints');
  const names = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  if (names.some((name) => name.endsWith('.tmp'))) return 'in a checkpoint';
  return names.includes('last.safetensors') ? 'between checkpoints' : 'before its first checkpoint';
}

function filesOf(folder: string): Map<string, Buffer> {
  const checkpoints = readdirSync(join(folder, 'checkpoints')).filter((name) => name !== 'previous.safetensors');
  const names = [...COMPARED, ...checkpoints.map((name) => join('checkpoints', name))];
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** Runs until `kills` processes were killed, and every run that was killed has come to its end. */
export async function killRuns(
  kills: number,
  seed: number,
  onKill: (count: number, place: KillPlace) => void = () => {},
): Promise<KillReport> {
  const root = mkdtempSync(join(tmpdir(), 'gymkhana-kill-'));
  const rng = Generator.fromSeed(seed);
  const counts: Record<KillPlace, number> = {
    'before its first checkpoint': 0,
    'between checkpoints': 0,
    'in a checkpoint': 0,
  };
  const differences: string[] = [];
  let count = 0;
  let runs = 0;
  try {
    const references = new Map<string, { files: Map<string, Buffer>; ms: number }>();
    for (let run = 0; count < kills; run++) {
      const job = JOBS[run % JOBS.length]!;
      const flags = [...job.flags, '--seed', '1', '--workers', '2'];
      if (!references.has(job.name)) {
        const folder = join(root, `${job.name}-reference`);
        const from = performance.now();
        const { status, stderr } = await start([...flags, '--run-dir', folder], root).ended;
        if (status !== 0) throw new Error(`the undisturbed run failed:\n${stderr}`);
        references.set(job.name, { files: filesOf(folder), ms: performance.now() - from });
      }
      const reference = references.get(job.name)!;
      const folder = join(root, `${job.name}-${run}`);
      // Up to five kills a run, so that ends are compared often.
      for (let left = 5; ; left--) {
        const workers = String(1 + rng.integers(0, 3));
        const begun = existsSync(join(folder, 'config.json'));
        const child = begun
          ? start(['--resume', folder, '--workers', workers, '--checkpoint-every', '1'], root)
          : start([...flags, '--run-dir', folder, '--checkpoint-every', '1'], root);
        const cancel = left > 0 && count < kills ? killAt(child, folder, rng, reference.ms) : () => {};
        const { status, signal, stderr } = await child.ended;
        cancel();
        if (signal === 'SIGKILL') {
          const place = placeOf(folder);
          counts[place]++;
          count++;
          onKill(count, place);
          continue;
        }
        if (status !== 0) differences.push(`${job.name}, run ${run}: ended with ${status}: ${stderr.slice(-2000)}`);
        break;
      }
      runs++;
      if (differences.length > 0) break;
      const files = filesOf(folder);
      const names = new Set([...files.keys(), ...reference.files.keys()]);
      for (const name of names) {
        const [got, expected] = [files.get(name), reference.files.get(name)];
        if (got === undefined || expected === undefined || !got.equals(expected)) {
          differences.push(`${job.name}, run ${run}: ${name}`);
        }
      }
      rmSync(folder, { recursive: true, force: true });
    }
    return { kills: counts, runs, differences };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const [kills, seed] = [Number(values.kills), Number(values.seed)];
  if (!(Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed) && seed >= 0)) {
    process.stderr.write('Usage: npm run kill -- [--kills 50] [--seed 1] [--json]\n');
    process.exit(2);
  }
  const from = performance.now();
  const report = await killRuns(kills, seed, (count, place) => process.stderr.write(`kill ${count}: ${place}\n`));
  const seconds = Math.round((performance.now() - from) / 1000);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...report, seconds })}\n`);
  else {
    const places = Object.entries(report.kills).map(([place, n]) => `${n} ${place}`);
    process.stdout.write(`${kills} kills (${places.join(', ')}) in ${report.runs} runs and ${seconds} s: `);
    process.stdout.write(
      report.differences.length === 0
        ? 'every run came to the bytes of an undisturbed one.\n'
        : `DIFFERENT:\n${report.differences.join('\n')}\n`,
    );
  }
  process.exit(report.differences.length === 0 ? 0 : 1);
}
