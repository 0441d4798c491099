import pc from 'picocolors';
import type { CheckReport, CheckStatus } from '../check/report.js';

const SYMBOLS: Record<CheckStatus, string> = {
  pass: pc.green('✓'),
  warn: pc.yellow('!'),
  fail: pc.red('✗'),
  skip: pc.dim('-'),
};

/** A report for people: one line a check, with cause and fix below where something is to do. */
export function checkText({ env, results, passed, seconds }: CheckReport): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 5);
  const lines = results.flatMap(({ name, status, code, message, cause, fix }) => [
    ` ${SYMBOLS[status]} ${name.padEnd(width)}  ${code === null ? message : `${pc.bold(code)}: ${message}`}`,
    ...(cause === null ? [] : [`${indent}cause  ${cause}`]),
    ...(fix === null ? [] : [`${indent}fix    ${pc.cyan(fix)}`]),
  ]);
  const count = (status: CheckStatus): number => results.filter((one) => one.status === status).length;
  const verdict = passed ? pc.green('passed') : pc.red('failed');
  const counts = `${count('pass')} passed, ${count('warn')} warnings, ${count('fail')} failed, ${count('skip')} skipped`;
  return `${pc.bold(env)}\n${lines.join('\n')}\n${verdict}: ${counts}, ${seconds.toFixed(1)} s`;
}
