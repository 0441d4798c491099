import { GymkhanaError } from '../../src/core/errors.js';
import type { Log } from './run.js';

/** Runs a set-up script: its errors are a line with their code, and the exit status is theirs. */
export async function main(work: (log: Log) => void | Promise<void>): Promise<void> {
  try {
    await work((text) => void process.stdout.write(text));
  } catch (error) {
    if (!(error instanceof GymkhanaError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = error.kind === 'usage' ? 2 : 1;
  }
}
