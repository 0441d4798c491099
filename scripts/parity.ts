/**
 * Compares a learner with the float64 reference and trains with it:
 *
 *     npm run test:tensorflow                                  the learner tfjs:tensorflow
 *     npm run test:webgpu                                      onnx:webgpu, on SwiftShader where there is no adapter
 *     node scripts/run.mjs parity --backend onnx               any other
 *     node scripts/run.mjs parity --backend onnx --no-training   the updates only
 *
 * The last line is `N passed, N failed, N skipped`. Where the learner cannot run, every check is skipped and the reason is said.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GymkhanaError, usageError } from '../src/core/errors.js';
import { webgpuEnvironment } from '../test/support/webgpu.js';
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

/** Compares here. `unavailable` as in the options of the suite. */
async function compare(backend: string, noTraining: boolean, unavailable?: string): Promise<number> {
  const onOutcome = (outcome: Parameters<typeof outcomeLine>[0]): void => console.log(outcomeLine(outcome));
  const options = unavailable === undefined ? {} : { unavailable };
  const outcomes = await paritySuite(backend, { noTraining, onOutcome, ...options });
  console.log(summaryLine(outcomes));
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}

/** Set in the process that an adapter was found for: one in software has to be named before a process starts. */
const WITH_ADAPTER = 'GYMKHANA_PARITY_ADAPTER';

try {
  const { backend, noTraining } = flags();
  if (backend !== 'onnx:webgpu' || process.env[WITH_ADAPTER] === '1') {
    process.exitCode = await compare(backend, noTraining);
  } else {
    const { env, missing } = webgpuEnvironment();
    if (missing !== null) process.exitCode = await compare(backend, noTraining, missing);
    else {
      const words = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
      const { status } = spawnSync(process.execPath, words, { env: { ...env, [WITH_ADAPTER]: '1' }, stdio: 'inherit' });
      process.exitCode = status ?? 1;
    }
  }
} catch (error) {
  if (!(error instanceof GymkhanaError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = error.kind === 'usage' ? 2 : 1;
}
