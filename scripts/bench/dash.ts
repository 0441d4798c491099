/**
 * How the dashboard does with many long runs: `node dist/scripts/bench/dash.js [runs] [points]`, 500 runs of 10,000 iterations by
 * default. It makes them up in a temporary folder (2.2 GB, removed at the end), starts `gymkhana dash` on it as a user does, and
 * prints a Markdown table of times over HTTP, each from a request to the last byte of its answer. The files were just written, so
 * they come from the system's cache. Where there is a Chromium, the page is opened in it and used.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunsAnswer } from '../../src/dash/api.js';
import { findChromium } from '../../test/support/chromium.js';
import { pageFigures } from './dash-page.js';
import { machine } from './machine.js';
import { madeLine, makeRuns } from './made-runs.js';

const [runs = 500, points = 10_000] = process.argv.slice(2).map(Number);
/** Curves in one question, as the page asks. */
const AT_ONCE = 40;
const CLIENTS = 4;
const APPENDED = 30;
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const root = mkdtempSync(join(tmpdir(), 'gymkhana-dash-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
const { folders, bytes } = makeRuns(root, runs, points);

const rows: (readonly [what: string, value: string])[] = [];
const seconds = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Median and highest. */
function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `${seconds(sorted[Math.floor(sorted.length / 2)]!)}, at most ${seconds(sorted.at(-1)!)}`;
}

async function timed(path: string): Promise<{ ms: number; text: string }> {
  const from = performance.now();
  const text = await (await fetch(`${url}${path}`)).text();
  return { ms: performance.now() - from, text };
}

async function often(what: string, times: number, path: (k: number) => string): Promise<void> {
  const taken: number[] = [];
  let size = 0;
  for (let k = 0; k < times; k++) {
    const { ms, text } = await timed(path(k));
    taken.push(ms);
    size = text.length;
  }
  rows.push([`${what} (${Math.ceil(size / 1000)} kB)`, spread(taken)]);
}

const started = performance.now();
const server = spawn(process.execPath, [MAIN, 'dash', root, '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.once('exit', () => server.kill('SIGKILL'));
let printed = '';
for await (const part of server.stdout) {
  printed += String(part);
  if (printed.includes('\n')) break;
}
const url = (JSON.parse(printed) as { url: string }).url.replace(/\/$/, '');
rows.push(['start of the command until it prints the address', seconds(performance.now() - started)]);
const first = await timed('/api/runs');
rows.push([
  `first table, ${(JSON.parse(first.text) as RunsAnswer).runs.length} rows, since the start`,
  seconds(performance.now() - started),
]);

const meanwhile: number[] = [first.ms];
let ids: string[] = [];
for (;;) {
  const { ms, text } = await timed('/api/runs');
  meanwhile.push(ms);
  const answer = JSON.parse(text) as RunsAnswer;
  ids = answer.runs.map(({ id }) => id);
  if (answer.runs.every(({ bestReturn }) => bestReturn !== null)) break;
  await pause(200);
}
rows.push(['every curve read, since the start', seconds(performance.now() - started)]);
rows.push(['/api/runs while curves are read', spread(meanwhile)]);
await often('/api/runs', 40, () => '/api/runs');

const some = (k: number): string => {
  const from = (k * AT_ONCE) % Math.max(1, ids.length - AT_ONCE);
  return ids
    .slice(from, from + AT_ONCE)
    .map(encodeURIComponent)
    .join(',');
};
const curves = (k: number, key: string): string =>
  `/api/curves?runs=${some(k)}&key=${encodeURIComponent(key)}&points=500`;
const groups = Math.ceil(ids.length / AT_ONCE);
await often(`mean return of ${AT_ONCE} runs, 500 points, for the first time`, groups, (k) =>
  curves(k, 'charts/episodic_return'),
);
await often('the same again', 40, (k) => curves(k, 'charts/episodic_return'));
await often(`another metric of ${AT_ONCE} runs, for the first time`, Math.min(groups, 5), (k) =>
  curves(k, 'losses/value_loss'),
);
await often('the same again', 20, () => curves(0, 'losses/value_loss'));
await often('/api/run', 40, (k) => `/api/run?id=${encodeURIComponent(ids[k % ids.length]!)}`);

/** A client of `/api/events`; `heard` is called with each new last step of the first run. */
async function client(heard: (step: number) => void): Promise<void> {
  const answer = await fetch(`${url}/api/events?runs=${some(0)}&key=charts%2Fepisodic_return`);
  let text = '';
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(part).toString('utf8');
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks.filter((one) => one.startsWith('event: points'))) {
      const { curves: given } = JSON.parse(block.slice(block.indexOf('data: ') + 6)) as {
        curves: { id: string; steps: number[] }[];
      };
      for (const { id, steps } of given) if (id === ids[0]) heard(steps.at(-1)!);
    }
  }
}
const waiting = new Map<number, (at: number) => void>();
for (let k = 0; k < CLIENTS; k++) {
  client((step) => k === 0 && waiting.get(step)?.(performance.now())).catch(() => {});
}
await pause(3000);
const watched = join(folders.find((folder) => folder.endsWith(join(...ids[0]!.split('/'))))!, 'metrics.jsonl');
const latencies: number[] = [];
for (let k = 1; k <= APPENDED; k++) {
  const at = performance.now();
  const arrived = new Promise<number>((resolve) => waiting.set(2048 * (points + k), resolve));
  appendFileSync(watched, `${madeLine(points + k, k)}\n`);
  latencies.push((await arrived) - at);
  // Not in step with the looks of the server.
  await pause(61 * (1 + (k % 7)));
}
rows.push([`a line written until its point is at a page, ${CLIENTS} pages open`, spread(latencies.slice(1))]);
rows.push(['the first line of a run that had finished', seconds(latencies[0]!)]);

const browser = findChromium();
if (browser === null) process.stderr.write('No Chromium was found: the page is not measured.\n');
else rows.push(...(await pageFigures(browser, `${url}/`, ids.length)));

const memory = (name: string): string =>
  `${Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024)} MiB`;
if (process.platform === 'linux')
  rows.push(['memory of the process, and its peak', `${memory('VmRSS')}, ${memory('VmHWM')}`]);

const { processor, threads, node } = machine();
process.stdout.write(
  `${runs} runs of ${points.toLocaleString('en')} iterations, ${(bytes / 1e9).toFixed(2)} GB; ${threads} cores of ${processor}, Node ${node}\n\n`,
);
process.stdout.write('| what | time |\n| --- | --- |\n');
for (const [what, value] of rows) process.stdout.write(`| ${what} | ${value} |\n`);
process.exit(0);
