/** The tables of README.md and docs/benchmarks.md, written from bench/results: the same files give the same text. */
import { readFileSync, writeFileSync } from 'node:fs';
import { budgetTable } from './budget.js';
import { markdownTable, shown, threeDigits } from './format.js';
import { OURS } from './race.js';
import type { EntryResult, RowResult, SuiteResult } from './results.js';

const START: string = '<!-- bench:start -->';
const END: string = '<!-- bench:end -->';

function figures({ summary, missing }: EntryResult, unit: string): string {
  if (summary === null) return missing?.startsWith('has no ') ? 'not offered' : 'not measured';
  return shown(summary.median, unit);
}

function times(ratio: number): string {
  return `${threeDigits(ratio)}x`;
}

/** Entries that a table can leave out: the peer does not have such an env. */
function worthShowing({ missing }: EntryResult): boolean {
  return missing === undefined || !missing.startsWith('has no ');
}

/** Everything of a suite: one line a contestant. */
export function suiteTable({ rows }: SuiteResult): string {
  return markdownTable(
    ['what', 'who', 'best with', 'median', 'lowest to highest', 'Gymkhana is', 'note'],
    rows.flatMap((row) =>
      row.entries.filter(worthShowing).map((entry, k) => [
        k === 0 ? `${row.title}, ${row.unit}` : '',
        entry.name,
        entry.variant,
        figures(entry, row.unit),
        entry.summary === null ? '' : `${shown(entry.summary.low, row.unit)} to ${shown(entry.summary.high, row.unit)}`,
        entry.ratio === null || entry.name.startsWith(OURS) ? '' : times(entry.ratio.median),
        [
          entry.note ?? '',
          entry.setupSeconds !== undefined && entry.setupSeconds >= 1
            ? `${threeDigits(entry.setupSeconds)} s to set up`
            : '',
          entry.missing ?? '',
        ]
          .filter((text) => text !== '')
          .join('; ')
          .replaceAll('|', '/')
          .replace(/\s+/g, ' '),
      ]),
    ),
  );
}

/** Mean returns by steps, contestants side by side; empty where a row has no curves. */
export function curveTable({ title, entries }: RowResult): string {
  const curves = entries.filter(({ curve }) => curve !== undefined && curve.length > 0);
  if (curves.length === 0) return '';
  const steps = [...new Set(curves.flatMap(({ curve }) => curve!.map(([at]) => at)))].sort((a, b) => a - b);
  const rows = steps.map((at) => [
    at.toLocaleString('en'),
    ...curves.map(({ curve }) => curve!.find(([other]) => other === at)?.[1].toFixed(0) ?? ''),
  ]);
  return `${title}:\n\n${markdownTable(['steps', ...curves.map(({ name }) => name)], rows)}`;
}

/** Where and under which load a suite was measured. */
function place({ machine, load, rounds, seconds, quick }: SuiteResult): string {
  const others =
    load.others === null
      ? 'what other processes took is not known here'
      : `other processes kept ${load.others.median.toFixed(2)} threads busy (median; ${load.others.high.toFixed(2)} at most)`;
  return (
    `${machine.processor}, ${machine.threads} threads, Node ${machine.node}; ${rounds} rounds in ${Math.round(seconds)} s${quick ? ', quick' : ''}; ` +
    `load ${load.average.toFixed(1)}, ${others}.`
  );
}

/** The rows that README.md shows. */
const README_ROWS: readonly (readonly [string, string])[] = [
  ['vector-CartPole-v1-1024', 'stepping CartPole-v1, 1,024 envs'],
  ['vector-CartPole-v1-16384', 'stepping CartPole-v1, 16,384 envs'],
  ['user-cartpole', "stepping a user's own one-class CartPole, 1,024 envs"],
  ['single-CartPole-v1', 'stepping one CartPole-v1'],
  ['vector-LunarLander-v3-256', 'stepping LunarLander-v3, 256 envs'],
  ['vector-LunarLander-v3-256-fast', 'the same with `exact: false`'],
  ['vector-BipedalWalker-v3-256', 'stepping BipedalWalker-v3, 256 envs'],
  ['vector-CarRacing-v3-64', 'stepping CarRacing-v3 with its pictures, 64 envs'],
  ['ppo-64x32', 'PPO on CartPole-v1, 64 envs x 32 steps, minibatch 256'],
  ['ppo-256x64', 'PPO, 256 x 64, minibatch 4096'],
  ['ppo-2048x32', 'PPO, 2048 x 32, minibatch 16384'],
  ['ppo-zoo', "PPO at the zoo's CartPole setting"],
  ['update-64-256', 'update of 64-64 towers, minibatch 256'],
  ['update-64-4096', 'update of 64-64 towers, minibatch 4096'],
  ['update-256-4096', 'update of 256-256 towers, minibatch 4096'],
  ['solve-process', 'CartPole-v1 to a mean return of 475, whole process'],
  ['scaling-100000', 'PPO with 100,000 envs'],
  ['memory-100000', '100,000 CartPole envs in memory'],
];

export function readmeSection(results: readonly SuiteResult[]): string {
  const rows = new Map(results.flatMap((result) => result.rows.map((row) => [row.id, row] as const)));
  const lines = README_ROWS.flatMap(([id, title]) => {
    const row = rows.get(id);
    const ours = row?.entries.find(({ name }) => name === OURS);
    if (row === undefined || ours === undefined) return [];
    const peers = row.entries
      .filter((entry) => !entry.name.startsWith(OURS) && entry.summary !== null && entry.ratio !== null)
      .map((entry) => `${entry.name} ${shown(entry.summary!.median, row.unit)} (${times(entry.ratio!.median)})`);
    const unit = row.unit === 'steps/s' ? 'steps/s' : row.unit;
    return [[title, `${figures(ours, row.unit)} ${unit}`, peers.join(', ')]];
  });
  const first = results[0];
  if (first === undefined || lines.length === 0) return 'Not measured yet: `npm run bench` does it.';
  // Suites that were measured on another machine say so.
  const elsewhere = results
    .filter(({ machine }) => machine.processor !== first.machine.processor)
    .map((result) => `${result.title}: ${place(result)}`);
  return `${markdownTable(['what', 'Gymkhana', 'peers (Gymkhana is so many times as fast)'], lines)}\n\n${[place(first), ...elsewhere].join('\n\n')}`;
}

/** A heading, the text, the conditions and the table of every suite that was measured. */
export function pageSection(results: readonly SuiteResult[], abouts: ReadonlyMap<number, string>): string {
  const parts = [`## The budget\n\n${budgetTable(results)}`];
  for (const result of results) {
    const peers = Object.entries(result.peers)
      .map(([name, version]) => `${name} ${version}`)
      .join('; ');
    parts.push(
      `## ${result.suite}. ${result.title}\n\n${abouts.get(result.suite) ?? ''}\n\n\`npm run bench -- --suite ${result.suite}\`: ${place(result)} ` +
        `Peers: ${peers}.\n\n${suiteTable(result)}`,
    );
    const curves = result.rows.map(curveTable).filter((text) => text !== '');
    if (curves.length > 0) {
      parts.push(
        `### Learning curves\n\nMean return of the last 100 training episodes, median of the rounds.\n\n${curves.join('\n\n')}`,
      );
    }
  }
  return parts.join('\n\n');
}

/** Puts a text between the markers of a file. @throws if they are not there. */
export function replaceSection(text: string, section: string, file: string, markers = [START, END] as const): string {
  const [start, end] = markers;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} lacks the markers ${start} and ${end}.`);
  return `${text.slice(0, from + start.length)}\n${section}\n${text.slice(to)}`;
}

export function writeSection(file: string, section: string, markers = [START, END] as const): void {
  writeFileSync(file, replaceSection(readFileSync(file, 'utf8'), section, file, markers));
}
