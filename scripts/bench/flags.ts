/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [flags]

  --quick         two minutes: fewer settings and rounds, peers only if they are installed; writes nothing into the repository
  --suite 1,3     only these suites, see --list
  --rounds N      rounds of each measurement, taken in turns (5; 2 with --quick)
  --no-peers      Gymkhana alone
  --peers         install missing peers with --quick too
  --json          results as JSON on standard output
  --list          the suites
  --tables        write the tables again from bench/results, measure nothing`;

export interface Flags {
  readonly quick: boolean;
  /** Numbers of the suites, null for all. */
  readonly suites: readonly number[] | null;
  readonly rounds: number;
  readonly peers: 'install' | 'installed' | 'none';
  readonly json: boolean;
  readonly list: boolean;
  readonly tables: boolean;
  readonly help: boolean;
}

/** A complaint about the command line. */
export class FlagError extends Error {}

/** @throws `FlagError` naming the flag, what it may be and what came. */
export function parseFlags(args: readonly string[], suiteCount: number): Flags {
  const seen = new Set<string>();
  for (const word of args) {
    const flag = word.split('=')[0]!;
    if (flag.startsWith('--') && seen.has(flag)) throw new FlagError(`${flag} is given twice.`);
    seen.add(flag);
  }
  const values = parsed(args);
  if (values['no-peers'] === true && values.peers === true)
    throw new FlagError('--peers and --no-peers exclude each other.');
  const quick = values.quick === true;
  return {
    quick,
    suites: values.suite === undefined ? null : suiteNumbers(values.suite, suiteCount),
    rounds: values.rounds === undefined ? (quick ? 2 : 5) : whole('--rounds', values.rounds, 1, 1000),
    peers: values['no-peers'] === true ? 'none' : quick && values.peers !== true ? 'installed' : 'install',
    json: values.json === true,
    list: values.list === true,
    tables: values.tables === true,
    help: values.help === true,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        quick: { type: 'boolean' },
        suite: { type: 'string' },
        rounds: { type: 'string' },
        peers: { type: 'boolean' },
        'no-peers': { type: 'boolean' },
        json: { type: 'boolean' },
        list: { type: 'boolean' },
        tables: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new FlagError((error as Error).message.replace(/\. To specify.*/s, '.'));
  }
}

function whole(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high)
    throw new FlagError(`${flag} needs a whole number from ${low} to ${high}, not '${text}'.`);
  return value;
}

function suiteNumbers(text: string, count: number): number[] {
  const numbers = text.split(',').map((word) => whole('--suite', word.trim(), 1, count));
  return [...new Set(numbers)].sort((a, b) => a - b);
}
