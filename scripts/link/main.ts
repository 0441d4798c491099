/** What the two set-up scripts do alike around their work. */
import { GymkhanaError } from '../../src/core/errors.js';
import type { Placement } from './placement.js';
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

/** Takes a link out, or says what would be taken out. */
export function undo(placement: Placement, dryRun: boolean, log: Log): void {
  const record = dryRun ? placement.current() : placement.undo();
  if (record === null) {
    log('Nothing is linked.\n');
    return;
  }
  const also = record.made.length === 0 ? '' : `, and ${record.made.join(' and ')}`;
  log(
    `${dryRun ? 'Would take out' : 'Took out'} ${record.what}: ${record.names.join(' and ')} of ${record.folder}${also}.\n`,
  );
}

export function printPlan(lines: readonly string[], log: Log): void {
  lines.forEach((line, k) => {
    log(`${k + 1}. ${line}\n`);
  });
}
