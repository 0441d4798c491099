/** What figures depend on besides the code: the processor, and what else was running. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly threads: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly platform: string;
}

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** How busy the machine was with other work. */
export interface Load {
  /** The system's load over one minute, at the end; the bench's own processes count in it. */
  readonly average: number;
  /** Processors that processes other than the bench's kept busy, median and highest of the rounds; null where /proc is absent. */
  readonly others: { readonly median: number; readonly high: number } | null;
}

/** Ticks of all processors that were not idle; null where the system does not say. */
function busyTicks(): { busy: number; total: number } | null {
  try {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
    const total = fields.reduce((sum, value) => sum + value, 0);
    return { busy: total - fields[3]! - fields[4]!, total };
  } catch {
    return null;
  }
}

/** Ticks of a process and of its ended children. */
function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return [11, 12, 13, 14].reduce((sum, k) => sum + Number(fields[k]), 0);
  } catch {
    return 0;
  }
}

/** Measures what others take between `begin` and `end`; `children` are the bench's own live processes. */
export class LoadWatch {
  readonly #children: () => readonly number[];
  readonly #shares: number[] = [];
  #start: { busy: number; total: number; own: number } | null = null;

  constructor(children: () => readonly number[]) {
    this.#children = children;
  }

  #own(): number {
    return [process.pid, ...this.#children()].reduce((sum, pid) => sum + ticksOf(pid), 0);
  }

  begin(): void {
    const ticks = busyTicks();
    this.#start = ticks === null ? null : { ...ticks, own: this.#own() };
  }

  end(): void {
    const ticks = busyTicks();
    const start = this.#start;
    // A tick is 10 ms: shorter spans say nothing.
    if (ticks === null || start === null || ticks.total - start.total < 20) return;
    const others = ticks.busy - start.busy - (this.#own() - start.own);
    this.#shares.push(Math.max(0, (others / (ticks.total - start.total)) * cpus().length));
  }

  load(): Load {
    const sorted = [...this.#shares].sort((a, b) => a - b);
    const digits = (value: number): number => Math.round(value * 100) / 100;
    return {
      average: digits(loadavg()[0]!),
      others:
        sorted.length === 0
          ? null
          : { median: digits(sorted[sorted.length >> 1]!), high: digits(sorted[sorted.length - 1]!) },
    };
  }
}
