/**
 * Compares a learner with the float64 reference and trains with it:
 *
 *     npm run test:tensorflow                                  the learner tfjs:tensorflow
 *     npm run test:webgpu                                      onnx:webgpu, on SwiftShader where there is no adapter
 *     node scripts/run.mjs parity --backend onnx               any other
 *     node scripts/run.mjs parity --backend onnx --no-training   the updates only; --training trains on a device in software too
 *
 * The last line is `N passed, N failed, N skipped`. Where the learner cannot run, every check is skipped and the reason is said.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GymkhanaError, usageError } from '../src/core/errors.js';
import { webgpuEnvironment } from '../test/support/webgpu.js';
import { outcomeLine, paritySuite, type SuiteOptions, summaryLine } from './parity/suite.js';

function flags(): { backend: string; training: boolean | undefined } {
  const options = {
    backend: { type: 'string' },
    'no-training': { type: 'boolean' },
    training: { type: 'boolean' },
  } as const;
  try {
    const { values } = parseArgs({ args: process.argv.slice(2), options });
    if (values.backend === undefined) throw new Error('--backend is missing');
    return {
      backend: values.backend,
      training: values.training ?? (values['no-training'] === true ? false : undefined),
    };
  } catch (error) {
    const expected = '--backend <learner> [--no-training | --training]';
    throw usageError('INVALID_OPTION', `${(error as Error).message}. Flags: ${expected}.`, { expected });
  }
}

/** Compares here, and returns the exit status. */
async function compare(options: SuiteOptions & { backend: string }): Promise<number> {
  const onOutcome = (outcome: Parameters<typeof outcomeLine>[0]): void => console.log(outcomeLine(outcome));
  const outcomes = await paritySuite(options.backend, { ...options, onOutcome });
  console.log(summaryLine(outcomes));
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}

/** Set in the process that an adapter was found for: one in software has to be named before a process starts. */
const WITH_ADAPTER = 'GYMKHANA_PARITY_ADAPTER';

try {
  const given = flags();
  if (given.backend !== 'onnx:webgpu' || process.env[WITH_ADAPTER] === '1') {
    process.exitCode = await compare(given);
  } else {
    const { env, missing } = webgpuEnvironment();
    if (missing !== null) process.exitCode = await compare({ ...given, unavailable: missing });
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
