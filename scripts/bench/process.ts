/** A contestant's process: JSON lines in and out, one call at a time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An answer of a contestant; which fields it has depends on the call. */
export interface Reply {
  readonly version?: string;
  readonly importSeconds?: number;
  readonly setupSeconds?: number;
  readonly unsupported?: string;
  readonly error?: string;
  readonly units?: number;
  readonly seconds?: number;
  readonly sink?: number;
  readonly solved?: boolean;
  readonly curve?: [number, number][];
  readonly compileSeconds?: number;
  readonly rssMiB?: number;
  readonly bytesPerEnv?: number;
  readonly note?: string;
}

/** Where a contestant runs. */
export interface Host {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const live = new Set<ChildProcess>();
/** The processes that now run, for the measure of what is not the bench's. */
export const livePids = (): number[] => [...live].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));

/** Ends what still runs when the driver is told to stop. */
export function stopAll(): void {
  for (const child of live) child.kill('SIGKILL');
}

function start(host: Host): { child: ChildProcess; errors: () => string } {
  const child = spawn(host.command, host.args, {
    env: { ...process.env, ...host.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  live.add(child);
  let text = '';
  child.stderr!.on('data', (chunk) => {
    text = (text + chunk).slice(-2000);
  });
  child.stdin!.on('error', () => {}); // Its exit says more.
  child.on('close', () => live.delete(child));
  return { child, errors: () => text.trim().split('\n').slice(-3).join(' | ') };
}

/** Keeps one thread of the machine busy until the function that it returns is called. */
export function keepThreadBusy(): () => Promise<void> {
  const { child } = start({ command: process.execPath, args: ['-e', 'for (;;);'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return async () => {
    child.kill('SIGKILL');
    await closed;
  };
}

/** A process that answers calls until it is closed. */
export class Contestant {
  readonly #child: ChildProcess;
  readonly #errors: () => string;
  readonly #lines: string[] = [];
  #wake: (() => void) | null = null;
  #ended: string | null = null;

  private constructor(host: Host) {
    const { child, errors } = start(host);
    this.#child = child;
    this.#errors = errors;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.#lines.push(line);
      this.#wake?.();
    });
    const end = (why: string): void => {
      this.#ended ??= why;
      this.#wake?.();
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(`ended with ${code ?? signal}`));
  }

  /** Resolves once the process is ready for calls. */
  static async start(host: Host): Promise<{ contestant: Contestant; ready: Reply }> {
    const contestant = new Contestant(host);
    return { contestant, ready: await contestant.#answer(120) };
  }

  async call(message: object, timeoutSeconds = 300): Promise<Reply> {
    this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
    return await this.#answer(timeoutSeconds);
  }

  async #answer(timeoutSeconds: number): Promise<Reply> {
    const deadline = performance.now() + timeoutSeconds * 1000;
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return JSON.parse(line) as Reply;
      if (this.#ended !== null) return { error: `${this.#ended}: ${this.#errors()}` };
      const left = deadline - performance.now();
      if (left <= 0) {
        this.#child.kill('SIGKILL');
        return { error: `no answer in ${timeoutSeconds} s` };
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
  }

  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await closed;
    clearTimeout(timer);
  }
}

/** Runs a process from start to exit; its last line of output is its answer. */
export async function wholeProcess(
  host: Host,
  timeoutSeconds = 300,
): Promise<{ wallSeconds: number; reply: Reply & { readonly [key: string]: unknown } }> {
  const begin = performance.now();
  const { child, errors } = start(host);
  child.stdin!.end();
  let output = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000);
  const code = await new Promise<number | string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (status, signal) => resolve(status ?? signal));
  });
  clearTimeout(timer);
  const wallSeconds = (performance.now() - begin) / 1000;
  if (code !== 0) return { wallSeconds, reply: { error: `ended with ${code}: ${errors()}` } };
  try {
    return {
      wallSeconds,
      reply: JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Reply & { readonly [key: string]: unknown },
    };
  } catch {
    return { wallSeconds, reply: {} };
  }
}
