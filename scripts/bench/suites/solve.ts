/** Suite 5: whole processes, from start to solved to exit. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Curve, medianCurve, rounded } from '../measure.js';
import type { Host } from '../process.js';
import { BenchError, type Context, entryResult, OURS, wholeRounds } from '../race.js';
import type { EntryResult, RowResult } from '../results.js';
import { lastLine } from '../venv.js';
import { SMALL, ZOO } from './settings.js';
import type { Suite } from './suite.js';

const TARGET = 475;
const { settings } = SMALL;

interface Runner {
  readonly name: string;
  readonly variant: string;
  readonly missing?: string;
  readonly host: (round: number) => Host;
  /** The curve, where the program does not report it itself. */
  readonly curve?: (round: number) => Curve;
  readonly after?: () => void;
}

/** `gymkhana train`, or the library where this version's command cannot stop at a return. */
function ours(context: Context): Runner {
  const { root, threads } = context;
  const cli = join(root, 'dist', 'src', 'cli', 'main.js');
  const help = spawnSync(process.execPath, [cli, 'train', '--help'], { encoding: 'utf8' }).stdout;
  if (!help.includes('--target-return')) {
    return {
      name: OURS,
      variant: `library, ${threads} workers`,
      host: (round) =>
        context.ours(['solve', JSON.stringify({ settings, seed: round + 1, workers: threads, target: TARGET })]),
    };
  }
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-bench-'));
  const runDir = (round: number): string => join(folder, String(round));
  return {
    name: OURS,
    variant: `gymkhana train, ${threads} workers`,
    host: (round) => ({
      command: process.execPath,
      args: [
        cli,
        'train',
        'CartPole-v1',
        '--target-return',
        String(TARGET),
        '--seed',
        String(round + 1),
        '--workers',
        String(threads),
        '--run-dir',
        runDir(round),
        '--json',
      ],
    }),
    curve: (round) =>
      readFileSync(join(runDir(round), 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .flatMap((line): [number, number][] => {
          const { steps, 'charts/episodic_return': value } = JSON.parse(line) as Record<string, number | undefined>;
          return typeof steps === 'number' && typeof value === 'number' ? [[steps, value]] : [];
        }),
    after: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function runners(context: Context): Runner[] {
  const { peers, threads } = context;
  const peer = (name: 'torch' | 'jax' | 'sb3', title: string, on: number, given: object): Runner => ({
    name: title,
    variant: `${on} ${on === 1 ? 'thread' : 'threads'}`,
    ...(!peers.has(name) && { missing: peers.status[name].missing ?? '' }),
    host: (round) =>
      peers.host(name, on, ['solve', JSON.stringify({ settings: given, seed: round + 1, target: TARGET })]),
  });
  return [
    ours(context),
    // Networks this small are faster on one PyTorch thread: suite 3 measures it.
    peer('torch', 'EnvPool + PyTorch', 1, { ...settings, envThreads: 1 }),
    peer('jax', 'JAX, gymnax', threads, settings),
    ...(context.quick ? [] : [peer('sb3', 'Stable-Baselines3', 1, ZOO.settings)]),
  ];
}

export const solve: Suite = {
  name: 'solve',
  title: `Time to a mean return of ${TARGET}`,
  about:
    `Whole processes on CartPole-v1, from start to exit, stopped once the last 100 training episodes have a mean return of ${TARGET}: imports, compilation and ` +
    "training counted. Seeds 1 to 5; the settings are those of suite 3's first row, for Stable-Baselines3 the zoo's. A run that has not got there after all its steps counts with its whole time and as not solved.",
  async run(context) {
    const all = runners(context);
    const present = all.filter(({ missing }) => missing === undefined);
    const results = await wholeRounds(context, present, context.quick ? 1 : 5, false);
    const failed = results[0]!.find(({ reply }) => reply.error !== undefined);
    if (failed !== undefined) throw new BenchError(`${OURS}: ${failed.reply.error}`);
    const row = (id: string, title: string, pick: (k: number) => number[]): RowResult => {
      const ourValues = pick(0);
      const entries = all.map((runner): EntryResult => {
        const { name, variant, missing } = runner;
        const k = present.indexOf(runner);
        if (k < 0) return entryResult(name, [], ourValues, 'lower', { variant, missing: missing! });
        const good = results[k]!.filter(({ reply }) => reply.error === undefined);
        if (good.length === 0) {
          return entryResult(name, [], ourValues, 'lower', {
            variant,
            missing: lastLine(results[k]![0]!.reply.error!),
          });
        }
        const solved = good.filter(({ reply }) => isSolved(reply)).length;
        const curves = good.map(({ reply }, round) => reply.curve ?? runner.curve?.(round) ?? []);
        const curve = id === 'solve-process' ? medianCurve(curves, settings.totalSteps / 3) : [];
        return entryResult(name, pick(k), ourValues, 'lower', {
          variant,
          note: `${solved} of ${good.length} solved`,
          ...(curve.length > 0 && { curve }),
        });
      });
      for (const { name, summary, note } of entries) {
        if (summary !== null) context.log(`    ${title}: ${name} ${summary.median} s, ${note}\n`);
      }
      return { id, title, unit: 's', better: 'lower', entries };
    };
    const of = (pick: (result: (typeof results)[number][number]) => number | undefined) => (k: number) =>
      results[k]!.flatMap((result) => {
        const value = result.reply.error === undefined ? pick(result) : undefined;
        return value === undefined ? [] : [rounded(value)];
      });
    const rows = [
      row(
        'solve-process',
        'whole process, start to exit',
        of(({ wallSeconds }) => wallSeconds),
      ),
      row(
        'solve-training',
        'training alone, without start-up and compilation',
        of(({ reply }) => reply.seconds),
      ),
    ];
    for (const runner of all) runner.after?.();
    return rows;
  },
};

/** Peers and the library say so; `gymkhana train` gives the mean return it stopped at. */
function isSolved(reply: { readonly solved?: boolean; readonly [key: string]: unknown }): boolean {
  return reply.solved ?? Number(reply['meanReturn']) >= TARGET;
}
