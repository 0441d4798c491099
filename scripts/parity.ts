/**
 * Compares a learner with the float64 reference and trains with it:
 *
 *     npm run test:tensorflow                                  the learner tfjs:tensorflow
 *     node scripts/run.mjs parity --backend onnx               any other
 *     node scripts/run.mjs parity --backend onnx --no-training   the updates only
 *
 * The last line is `N passed, N failed, N skipped`. Where the learner cannot run, every check is skipped and the reason is said.
 */
import { parseArgs } from 'node:util';
import { GymkhanaError, usageError } from '../src/core/errors.js';
import { outcomeLine, paritySuite, summaryLine } from './parity/suite.js';

function flags(): { backend: string; noTraining: boolean } {
  const options = { backend: { type: 'string' }, 'no-training': { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ args: process.argv.slice(2), options });
    if (values.backend === undefined) throw new Error('--backend is missing');
    return { backend: values.backend, noTraining: values['no-training'] === true };
  } catch (error) {
    const expected = '--backend <learner> [--no-training]';
    throw usageError('INVALID_OPTION', `${(error as Error).message}. Flags: ${expected}.`, { expected });
  }
}

try {
  const { backend, noTraining } = flags();
  const onOutcome = (outcome: Parameters<typeof outcomeLine>[0]): void => console.log(outcomeLine(outcome));
  const outcomes = await paritySuite(backend, { noTraining, onOutcome });
  console.log(summaryLine(outcomes));
  if (outcomes.some(({ status }) => status === 'failed')) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof GymkhanaError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = error.kind === 'usage' ? 2 : 1;
}
