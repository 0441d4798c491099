/** Runs a package's TypeScript tests under `node --test`, without a build step: each file is bundled as an env's module is. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { usageError } from '../core/errors.js';
import { bundleModule } from '../registration/bundle.js';

const TEST_FILE = /\.test\.[cm]?[jt]s$/;

function testFiles(path: string): string[] {
  if (!existsSync(path)) throw usageError('MODULE_NOT_FOUND', `there is no ${path} to test.`, { file: path });
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return testFiles(inside);
    return TEST_FILE.test(entry.name) ? [inside] : [];
  });
}

/**
 * Runs test files, or the `*.test.ts` of folders, and gives the exit status of `node --test`.
 * @throws `MODULE_NOT_FOUND` if there is nothing to test, `MODULE_LOAD_FAILED` with file and line if a test does not compile.
 */
export async function runTests(paths: readonly string[], cwd: string): Promise<number> {
  const files = (paths.length === 0 ? ['test'] : paths).flatMap((path) => testFiles(resolve(cwd, path)));
  if (files.length === 0) {
    const where = paths.length === 0 ? 'test' : paths.join(', ');
    throw usageError('MODULE_NOT_FOUND', `there are no *.test.ts files in ${where}.`, { file: where });
  }
  const bundles: string[] = [];
  for (const file of files) bundles.push(fileURLToPath((await bundleModule(pathToFileURL(file).href)).bundle));
  const child = spawn(process.execPath, ['--enable-source-maps', '--test', '--test-reporter=spec', ...bundles], {
    cwd,
    stdio: 'inherit',
  });
  return await new Promise((done) => child.on('close', (status) => done(status ?? 1)));
}
