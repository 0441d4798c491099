/** The table of a launch: one updating block on a terminal, a line for each change elsewhere. */
import type { WriteStream } from 'node:tty';
import type { createLogUpdate } from 'log-update';
import type { LaunchedRun, LaunchedStatus } from '../runs/launch/index.js';
import { shown, table } from './output.js';

const ORDER: readonly LaunchedStatus[] = ['running', 'failed', 'stopped', 'waiting', 'cancelled', 'finished'];
/** Redrawn at most so often, ms. */
const REDRAW_MS = 100;

/** What a table of launched runs is told. */
export interface LaunchTable {
  show(runs: readonly LaunchedRun[]): void;
  notice(text: string): void;
  done(): void;
}

const percent = ({ steps, totalSteps, status }: LaunchedRun): string =>
  status === 'finished' ? 'done' : `${Math.floor((100 * steps) / totalSteps)} %`;

function eta({ steps, totalSteps, stepsPerSecond, status }: LaunchedRun): string {
  if (status !== 'running' || stepsPerSecond === 0) return '';
  const seconds = Math.ceil((totalSteps - steps) / stepsPerSecond);
  return seconds >= 3600
    ? `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
    : seconds >= 100
      ? `${Math.ceil(seconds / 60)} min`
      : `${seconds} s`;
}

/** What tells a run from the others, such as `learningRate=0.001`. */
export function variedText({ run }: Pick<LaunchedRun, 'run'>): string {
  return Object.entries(run.varied)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

const cells = (launched: LaunchedRun): string[] => [
  launched.run.envId,
  String(launched.run.seed),
  variedText(launched),
  launched.status,
  percent(launched),
  launched.status === 'running' ? shown(launched.stepsPerSecond, 0) : '',
  launched.meanReturn === null ? '-' : shown(launched.meanReturn),
  eta(launched),
];
const HEAD = ['env', 'seed', 'settings', 'status', 'steps', 'steps/s', 'return', 'ETA'];

/** The rows of all runs, those that move first; cut to `most`, with a line that counts the rest. */
export function launchRows(runs: readonly LaunchedRun[], most: number): string {
  const sorted = [...runs].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  const kept = sorted.slice(0, Math.max(1, most));
  const rest = sorted.length - kept.length;
  const rows = table([HEAD, ...kept.map(cells)]);
  return rest > 0 ? `${rows}\n... and ${rest} more` : rows;
}

/** How many runs have which status, such as `2 running, 5 waiting`. */
export function launchCounts(runs: readonly LaunchedRun[]): string {
  return ORDER.flatMap((status) => {
    const count = runs.filter((run) => run.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  }).join(', ');
}

/** Shows a launch on `stream`. */
export async function launchTable(stream: WriteStream): Promise<LaunchTable> {
  if (!stream.isTTY) return plainLines(stream);
  const { createLogUpdate } = await import('log-update');
  return liveTable(stream, createLogUpdate(stream));
}

function liveTable(stream: WriteStream, update: ReturnType<typeof createLogUpdate>): LaunchTable {
  let latest: readonly LaunchedRun[] = [];
  let timer: NodeJS.Timeout | null = null;
  const draw = (): void => {
    timer = null;
    const width = stream.columns;
    const text = `${launchCounts(latest)}\n${launchRows(latest, stream.rows - 5)}`;
    // A line that wraps would leave its rest behind at the next drawing.
    update(
      text
        .split('\n')
        .map((line) => line.slice(0, width - 1))
        .join('\n'),
    );
  };
  return {
    show(runs) {
      latest = runs;
      timer ??= setTimeout(draw, REDRAW_MS);
    },
    notice(text) {
      update.clear();
      stream.write(`${text}\n`);
      draw();
    },
    done() {
      if (timer !== null) clearTimeout(timer);
      draw();
      update.done();
    },
  };
}

function plainLines(stream: WriteStream): LaunchTable {
  let before: readonly LaunchedRun[] = [];
  return {
    show(runs) {
      for (const [i, run] of runs.entries()) {
        const was = before[i];
        if (was === undefined || was.status === run.status) continue;
        const words = [run.run.name, variedText(run), run.status].filter(Boolean);
        if (run.status === 'finished') words.push(`return ${run.meanReturn === null ? '-' : shown(run.meanReturn)}`);
        const over = runs.filter(({ status }) => status === 'finished' || status === 'failed').length;
        stream.write(`[${over}/${runs.length}] ${words.join('  ')}\n`);
      }
      before = [...runs];
    },
    notice: (text) => void stream.write(`${text}\n`),
    done() {},
  };
}
