/** Commands that the set-up scripts run: their output is kept and shown where they fail, and they end with this process. */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { failure } from '../../src/core/errors.js';

export type Log = (text: string) => void;

export interface Ran {
  /** Exit status; -1 where the command could not be started or a signal ended it. */
  readonly status: number;
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Seconds after which the command is ended. */
  readonly seconds?: number;
  /** Told of what the command prints, as it comes. */
  readonly onOutput?: Log;
}

/** Runs a command to its end, without a shell. An interrupt of this process ends the command, and with it the caller's step. */
export function run(command: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { cwd, env = process.env, seconds = 3600, onOutput } = options;
  return new Promise((resolve) => {
    const child = spawn(command, words, { ...(cwd !== undefined && { cwd }), env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput?.(text);
      });
    }
    const timer = setTimeout(() => {
      output += `\nended after ${seconds} s\n`;
      child.kill('SIGKILL');
    }, seconds * 1000);
    const stop = (signal: NodeJS.Signals): void => {
      output += `\nstopped by ${signal}\n`;
      child.kill(signal);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const finish = (status: number): void => {
      clearTimeout(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve({ status, output });
    };
    child.on('error', (error) => {
      output += error.message;
      finish(-1);
    });
    child.on('close', (code) => finish(code ?? -1));
  });
}

/** Runs a step with its title and its seconds. @throws a failure with the code, and the end of what the command said */
export async function step(
  log: Log,
  title: string,
  code: string,
  advice: string,
  command: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<string> {
  log(`${title} ... `);
  const start = performance.now();
  const [program, ...words] = command;
  const { status, output } = await run(program, words, options);
  if (status === 0) {
    log(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    return output;
  }
  log('failed\n');
  throw failure(
    code,
    `${title}: expected '${command.join(' ')}' to end with status 0, it ended with ${status}:\n${lastLines(output)}\n${advice}`,
    { expected: 'status 0', got: String(status), hint: advice },
  );
}

/** The end of what a command said; of a compiler, what it said itself before what runs it says at length. */
export function lastLines(output: string, count = 15): string {
  const lines = output.trim().split('\n');
  const own = lines.filter((line) => !/^(node-pre-gyp|gyp) (ERR!|info|verb|http)|^Failed to execute/.test(line));
  return (own.some((line) => /error/i.test(line)) ? own : lines).slice(-count).join('\n');
}
