/**
 * The benchmark: Gymkhana and its peers side by side on this machine, in turns, in the same run.
 *
 *     npm run bench                      everything, in about 24 minutes on two cores; writes bench/results and the tables of README.md and docs/benchmarks.md
 *     npm run bench -- --quick           two minutes, writes nothing into the repository
 *     npm run bench -- --suite 3,5       PPO, and the time to solve CartPole
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlagError, type Flags, parseFlags, USAGE } from './flags.js';
import { LoadWatch, machine } from './machine.js';
import { livePids, stopAll } from './process.js';
import { type Context, Track } from './race.js';
import { readResults, type SuiteResult, writeResult } from './results.js';
import { barrier } from './suites/barrier.js';
import { box2d, envOnly } from './suites/env-only.js';
import { inference } from './suites/inference.js';
import { ppo } from './suites/ppo.js';
import { scaling } from './suites/scaling.js';
import { solve } from './suites/solve.js';
import type { Suite } from './suites/suite.js';
import { update } from './suites/update.js';
import { pageSection, readmeSection, suiteTable, writeSection } from './tables.js';
import { Peers } from './venv.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const RESULTS = join(root, 'bench', 'results');
const SUITES: readonly Suite[] = [envOnly, inference, ppo, update, solve, scaling, barrier, box2d];

/** With `--quick`, suites that begin later than this leave the peers out, so that the whole ends in two minutes. */
const QUICK_PEERS_SECONDS = 50;

const log = (text: string): void => void process.stderr.write(text);

function writeTables(): void {
  const results = readResults(RESULTS);
  writeSection(join(root, 'README.md'), readmeSection(results));
  const abouts = new Map(SUITES.map(({ about }, k) => [k + 1, about]));
  writeSection(join(root, 'docs', 'benchmarks.md'), pageSection(results, abouts));
}

async function runSuite(number: number, flags: Flags, peers: Peers): Promise<SuiteResult> {
  const suite = SUITES[number - 1]!;
  const begin = performance.now();
  const watch = new LoadWatch(livePids);
  const here = machine();
  const context: Context = {
    quick: flags.quick,
    rounds: flags.rounds,
    seconds: flags.quick ? 0.1 : 0.3,
    threads: Math.min(16, here.threads),
    peers,
    ours: (words = []) => ({
      command: process.execPath,
      args: [fileURLToPath(new URL('./ours.js', import.meta.url)), ...words],
    }),
    root,
    watch,
    log,
  };
  log(`Suite ${number}: ${suite.title}\n`);
  const track = new Track(context);
  try {
    const rows = await suite.run(context, track);
    return {
      suite: number,
      name: suite.name,
      title: suite.title,
      machine: here,
      quick: flags.quick,
      rounds: flags.rounds,
      load: watch.load(),
      peers: peers.summary(),
      seconds: Math.round((performance.now() - begin) / 1000),
      rows,
    };
  } finally {
    await track.close();
  }
}

async function main(flags: Flags): Promise<number> {
  if (flags.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (flags.list) {
    SUITES.forEach(({ title, about }, k) => void process.stdout.write(`${k + 1}  ${title}\n   ${about}\n`));
    return 0;
  }
  if (flags.tables) {
    writeTables();
    return 0;
  }
  const peers = await Peers.find(root, flags.peers, log);
  for (const [title, status] of Object.entries(peers.summary())) log(`${title}: ${status}\n`);
  const begin = performance.now();
  const results: SuiteResult[] = [];
  const failures: string[] = [];
  for (const number of flags.suites ?? SUITES.map((_, k) => k + 1)) {
    try {
      const late = flags.quick && (performance.now() - begin) / 1000 > QUICK_PEERS_SECONDS;
      const result = await runSuite(number, flags, late ? peers.without('left out to end in two minutes') : peers);
      results.push(result);
      writeResult(flags.quick ? join(root, 'bench', '.quick') : RESULTS, result);
      const { others } = result.load;
      log(
        `  ${result.seconds} s; other processes kept ${others?.median ?? '?'} threads busy (median), ${others?.high ?? '?'} at most\n`,
      );
      if (others !== null && others.median > 0.25) log('  This machine is not quiet: figures are low and spread.\n');
    } catch (error) {
      failures.push(`Suite ${number} failed: ${(error as Error).message}`);
      log(`${failures.at(-1)}\n`);
    }
  }
  if (!flags.quick && results.length > 0) writeTables();
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ results, failures })}\n`
      : `${results.map((result) => `\n${result.suite}. ${result.title}\n\n${suiteTable(result)}`).join('\n')}\n`,
  );
  return failures.length === 0 ? 0 : 1;
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    stopAll();
    process.exit(status);
  });
}

try {
  process.exitCode = await main(parseFlags(process.argv.slice(2), SUITES.length));
} catch (error) {
  if (!(error instanceof FlagError)) throw error;
  log(`${error.message}\n\n${USAGE}\n`);
  process.exitCode = 2;
}
