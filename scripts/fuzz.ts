/**
 * Reads thousands of damaged checkpoints, episode files, safetensors and configuration files. Each must give an error with a code,
 * or be accepted with the content it had (or, where its checksum was made anew, with content that is valid):
 *
 *     npm run fuzz -- [--count 10000] [--seed 1] [--case N] [--json]
 *
 * A wrong answer (another error, a hang, much memory, other content accepted) is printed, its file is kept, and the command ends
 * with status 1; `--case N` runs one case again.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type CaseResult, damagedFile, kindOf } from './fuzz/cases.js';
import { loadSamples, makeSamples } from './fuzz/samples.js';
import type { FuzzWork } from './fuzz/worker.js';

/** Longest time for one file, ms. */
const HANG_MS = 2000;

/** Which cases to run. */
export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** The first case, 0 by default. */
  readonly from?: number;
  /** Where files with wrong answers are kept. */
  readonly keep: string;
}

/** What a fuzz run found. */
export interface FuzzReport {
  readonly cases: number;
  readonly seconds: number;
  readonly kinds: {
    readonly [kind: string]: {
      readonly cases: number;
      readonly outcomes: { readonly [outcome: string]: number };
      readonly slowestMs: number;
    };
  };
  /** Cases with a wrong answer. */
  readonly wrong: readonly (CaseResult & { readonly file: string })[];
}

/** Runs the cases from `from` on in one thread until they are done or one hangs; resolves with the next case to run. */
function runThread(work: FuzzWork, onResult: (result: CaseResult) => void): Promise<number> {
  return new Promise((resolved) => {
    const thread = new Worker(new URL('./fuzz/worker.js', import.meta.url), {
      workerData: work,
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    let next = work.from;
    let seen = -1;
    let since = performance.now();
    let problem = '';
    const failed = (wrong: string, ms: number): void => {
      onResult({ index: next, kind: kindOf(next), outcome: 'WRONG', ms, wrong });
      next++;
    };
    const timer = setInterval(() => {
      const at = Atomics.load(work.progress, 0);
      if (at !== seen || at < 0) {
        seen = at;
        since = performance.now();
      } else if (performance.now() - since > HANG_MS && problem === '') {
        problem = `did not end within ${HANG_MS} ms`;
        void thread.terminate();
      }
    }, 50);
    thread.on('message', (result: CaseResult) => {
      next = result.index + 1;
      onResult(result);
    });
    thread.on('error', (error: Error) => {
      problem = `the thread died: ${error.message}`;
    });
    thread.on('exit', () => {
      clearInterval(timer);
      if (next < work.to) failed(problem === '' ? 'the thread ended' : problem, performance.now() - since);
      resolved(next);
    });
  });
}

/** Runs fuzz cases in a thread under a watch. */
export async function fuzz({ count, seed, from = 0, keep }: FuzzOptions): Promise<FuzzReport> {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-fuzz-'));
  const kinds: Record<string, { cases: number; outcomes: Record<string, number>; slowestMs: number }> = {};
  const wrong: (CaseResult & { file: string })[] = [];
  try {
    await makeSamples(folder);
    const samples = loadSamples(folder);
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const onResult = (result: CaseResult): void => {
      kinds[result.kind] ??= { cases: 0, outcomes: {}, slowestMs: 0 };
      const kind = kinds[result.kind]!;
      kind.cases++;
      kind.outcomes[result.outcome] = (kind.outcomes[result.outcome] ?? 0) + 1;
      kind.slowestMs = Math.max(kind.slowestMs, result.ms);
      if (result.wrong === undefined) return;
      mkdirSync(keep, { recursive: true });
      const file = join(keep, `seed${seed}-case${result.index}`);
      writeFileSync(file, damagedFile(samples, seed, result.index).bytes);
      wrong.push({ ...result, file });
    };
    const progress = new Int32Array(new SharedArrayBuffer(4));
    for (let next = from; next < from + count; ) {
      progress[0] = -1;
      next = await runThread({ folder, scratch, seed, from: next, to: from + count, progress }, onResult);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { cases: count, seconds: (performance.now() - started) / 1000, kinds, wrong };
}

/** The report as text: a line a kind, its outcomes below it, then the wrong answers. */
export function fuzzText({ cases, seconds, kinds, wrong }: FuzzReport): string {
  const lines: string[] = [];
  for (const [name, { cases: n, outcomes, slowestMs }] of Object.entries(kinds).sort()) {
    lines.push(`${name}: ${n} cases, slowest ${slowestMs.toFixed(0)} ms`);
    for (const [outcome, times] of Object.entries(outcomes).sort((a, b) => b[1] - a[1])) {
      lines.push(`  ${String(times).padStart(6)}  ${outcome}`);
    }
  }
  for (const { index, kind, wrong: why, file } of wrong)
    lines.push(`WRONG case ${index} (${kind}): ${why}\n  kept as ${file}`);
  lines.push(`${cases} cases in ${seconds.toFixed(1)} s, ${wrong.length} wrong answers`);
  return lines.join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      case: { type: 'string' },
      keep: { type: 'string', default: 'fuzz-failures' },
      json: { type: 'boolean', default: false },
    },
  });
  const one = values.case === undefined ? {} : { from: Number(values.case), count: 1 };
  const report = await fuzz({
    count: Number(values.count),
    seed: Number(values.seed),
    keep: resolve(values.keep),
    ...one,
  });
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : fuzzText(report)}\n`);
  if (report.wrong.length > 0) process.exitCode = 1;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) await main();
