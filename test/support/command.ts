import { type ChildProcess, spawn } from 'node:child_process';

/** For a text that a command is to say, ms. */
const LONGEST_WAIT = 90_000;

/** How a command ended and what it printed. */
export interface CommandResult {
  /** The exit status; null if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running; `ended` never rejects. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** Resolves once the output so far contains a text; fails if the command ends before. */
  saying(text: string): Promise<void>;
}

/** Starts a command without a shell. */
export function start(
  command: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): RunningCommand {
  const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    notify();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    notify();
  });
  const ended = new Promise<CommandResult>((resolve) => {
    child.on('error', (error) => resolve({ status: -1, stdout, stderr: `${stderr}${error.message}` }));
    // Without its signal a command that crashed would end without a word.
    child.on('close', (status, signal) =>
      resolve({ status, stdout, stderr: signal === null ? stderr : `${stderr}[ended by ${signal}]` }),
    );
  });
  const saying = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stdout.includes(text) && !stderr.includes(text)) return;
        listeners.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const never = (): void => reject(new Error(`never said '${text}':\n${stdout}\n${stderr}`));
      const timer = setTimeout(never, LONGEST_WAIT);
      listeners.add(look);
      look();
      void ended.then(() => {
        clearTimeout(timer);
        never();
      });
    });
  return { child, ended, saying };
}

/** Runs a command to its end. */
export function run(
  command: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  return start(command, words, options).ended;
}
