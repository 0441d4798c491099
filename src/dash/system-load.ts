/** How busy this machine is. */
import { statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { SystemLoad } from './api.js';

interface Ticks {
  readonly busy: number;
  readonly total: number;
}

function ticks(): Ticks {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    busy += all - times.idle;
    total += all;
  }
  return { busy, total };
}

/** Measures the load between one call and the next. */
export class LoadMeter {
  readonly #folder: string;
  #before = ticks();
  #cpu = 0;

  /** @param folder whose disk counts. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async measure(): Promise<SystemLoad> {
    const now = ticks();
    const total = now.total - this.#before.total;
    // Ticks are hundredths of a second: of less than a few of them no share can be told.
    if (total > 100) {
      this.#cpu = Math.min(1, Math.max(0, (now.busy - this.#before.busy) / total));
      this.#before = now;
    }
    const memoryTotal = totalmem();
    let diskFree: number | null = null;
    try {
      const { bavail, bsize } = await statfs(this.#folder);
      diskFree = bavail * bsize;
    } catch {
      // Not every file system tells.
    }
    return { cpu: this.#cpu, cores: cpus().length, memoryUsed: memoryTotal - freemem(), memoryTotal, diskFree };
  }
}
