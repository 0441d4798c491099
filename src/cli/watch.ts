/** `check --watch`: a child process a check, since a module once imported stays as it was. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { usageError } from '../core/errors.js';
import { result } from './output.js';

/** Saves that come within so many milliseconds count as one. */
const SETTLE = 120;

/**
 * Checks now and after every save in the folder of the env's file, until the process is stopped.
 * @throws `INVALID_FLAG` if the env is not given as a file.
 */
export async function watchAndCheck(reference: string, words: readonly string[]): Promise<void> {
  const colon = reference.lastIndexOf(':');
  const path = resolve(reference.slice(0, colon));
  if (colon < 2 || !existsSync(path)) {
    throw usageError('INVALID_FLAG', `--watch needs a file to watch, as in ./my-env.ts:MyEnv; got '${reference}'.`, {
      field: 'watch',
      got: reference,
    });
  }
  const args = [...process.execArgv, process.argv[1]!, ...words.filter((word) => word !== '--watch')];
  let running: ChildProcess | null = null;
  let again = false;
  const check = (): void => {
    if (running !== null) {
      again = true;
      return;
    }
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    running = child;
    child.on('close', () => {
      running = null;
      if (again) {
        again = false;
        check();
      } else result(`watching ${relative('.', path)}: save it to check again, Ctrl-C ends`);
    });
  };
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(dirname(path), (_event, name) => {
    // Editors replace the file, so the folder is watched; what the env imports from beside it counts as well.
    if (name === null || !/\.([cm]?[jt]sx?|json)$/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      result(`\n${name} was saved`);
      check();
    }, SETTLE);
  });
  check();
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  clearTimeout(timer);
  watcher.close();
  const last = running as ChildProcess | null;
  last?.removeAllListeners('close');
  last?.kill();
}
