// `npm test`: set-up, lint, then every compiled test file in a process of its own.
//
//   npm test                         everything
//   npm test -- --pattern episode    test files whose path contains the text (a regular expression)
//   npm test -- --coverage           with a coverage table and its thresholds
//   npm test -- --no-lint --jobs 1 --timeout 600
//
// The last line is always `N passed, N failed`, with `, N skipped` if tests were skipped.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesBelow, setUpOrExit } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Seconds a test file may run, where the default is too short. */
const TIMEOUTS = [
  [/toolchain[\\/]pack\.test/, 600],
  [/rollout[\\/]determinism\.test/, 600],
  [/docs[\\/]snippets\.test/, 600],
  [/onnx[\\/]webgpu\.test/, 600],
];

/** Files that measure time or use all cores: they run alone, after the others. */
const EXCLUSIVE = [/toolchain[\\/]pack\.test/, /[\\/]throughput/, /[\\/]interrupt/, /[\\/]learning/];

/** Files that take longest, by their waits more than by their work: they begin first, so that none is left alone at the end. */
const LONG = [
  /rollout[\\/]determinism/,
  /docs[\\/]snippets/,
  /runs[\\/]soak/,
  /launch[\\/]queue/,
  /vector[\\/]async/,
  /cli[\\/]resume/,
  /runs[\\/](launch|training|resume)/,
  /dash[\\/]server/,
  /authoring[\\/]init/,
  /check[\\/]check-env/,
];

/** Least coverage, in percent of src, envs and agents. */
const THRESHOLDS = { lines: 85, branches: 80, functions: 80 };

function parseFlags() {
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2),
      allowPositionals: true,
      options: {
        pattern: { type: 'string' },
        coverage: { type: 'boolean' },
        'no-lint': { type: 'boolean' },
        jobs: { type: 'string' },
        timeout: { type: 'string' },
      },
    });
    const whole = (name, fallback) => {
      const value = values[name] === undefined ? fallback : Number(values[name]);
      if (!Number.isInteger(value) || value < 1)
        throw new Error(`--${name} needs a whole number from 1 on, not '${values[name]}'.`);
      return value;
    };
    const text = values.pattern ?? positionals[0] ?? '';
    return {
      pattern: new RegExp(text),
      text,
      coverage: values.coverage === true,
      lint: values['no-lint'] !== true && text === '',
      // One more than there are cores, up to three: a good part of the time is waiting.
      jobs: whole('jobs', Math.min(3, availableParallelism() + 1)),
      timeout: whole('timeout', 300),
    };
  } catch (error) {
    process.stderr.write(
      `${error.message}\nUsage: npm test -- [--pattern <text>] [--coverage] [--no-lint] [--jobs N] [--timeout S]\n`,
    );
    process.exit(2);
  }
}

const state = mkdtempSync(join(tmpdir(), 'gymkhana-state-'));
const running = new Set();

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => {
    for (const child of running) kill(child);
    process.exit(status);
  });
}

/** What uvu printed about itself; null if it never got there, which is what a file without `test.run()` looks like. */
function readSummary(output) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  const plain = output.replace(/\u001b\[\d+m/g, '');
  const summary = /\n {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n/.exec(plain);
  if (summary === null) return null;
  const [total, passed, skipped] = summary.slice(1).map(Number);
  return { total, passed, skipped };
}

/** The verdict on one file. A file that ran no test, or died after its tests, has failed. */
function judge({ output, status, timedOut, timeout }) {
  const summary = readSummary(output);
  const reasons = output.split('\n').flatMap((line) => /# skipped: (.*)/.exec(line)?.[1] ?? []);
  const counts = { passed: summary?.passed ?? 0, failed: 0, skipped: summary?.skipped ?? 0, reasons };
  if (summary !== null) counts.failed = summary.total - summary.passed;
  const fail = (problem) => ({ ...counts, failed: Math.max(1, counts.failed), problem });
  if (timedOut) return fail(`did not end within ${timeout} s: a test hangs, or leaves a timer, thread or socket open`);
  if (summary === null && status === 0) return fail('ran no tests: does the file end with test.run()?');
  if (summary === null) return fail(`ended with ${status} before its tests did`);
  if (summary.total === 0 && summary.skipped === 0) return fail('ran no tests');
  if (reasons.length < summary.skipped) return fail('skips a test without a line "# skipped: <reason>"');
  if (counts.failed > 0) return fail('');
  if (status !== 0) return fail(`ended with ${status} although its tests passed`);
  return { ...counts, problem: null };
}

function runFile(file, flags) {
  const timeout = Math.max(flags.timeout, TIMEOUTS.find(([pattern]) => pattern.test(file))?.[1] ?? 0);
  return new Promise((resolve) => {
    // What commands remember of the user stays out of the user's own folders.
    const env = { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0', XDG_STATE_HOME: state };
    delete env.NODE_TEST_CONTEXT;
    if (flags.coverage) env.NODE_V8_COVERAGE = join(root, 'coverage', 'tmp');
    const begin = performance.now();
    const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', file)], {
      cwd: root,
      env,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    let timedOut = false;
    const append = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', append);
    child.stderr.setEncoding('utf8').on('data', append);
    const timer = setTimeout(() => {
      timedOut = true;
      kill(child);
    }, timeout * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      const verdict = judge({ output, status: code ?? signal, timedOut, timeout });
      resolve({ file, output, seconds: (performance.now() - begin) / 1000, ...verdict });
    });
  });
}

function report(result) {
  const { file, passed, failed, skipped, problem, seconds } = result;
  const name = file.replace(/\.js$/, '.ts');
  const counts = `${passed} passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  process.stdout.write(`${problem === null ? 'ok  ' : 'FAIL'} ${name} (${counts}, ${seconds.toFixed(1)} s)\n`);
  if (problem === null) return;
  if (problem !== '') process.stdout.write(`     ${name} ${problem}\n`);
  process.stdout.write(`${result.output.trimEnd()}\n`);
}

async function runAll(files, flags) {
  const results = [];
  const rank = (file) => {
    const place = LONG.findIndex((pattern) => pattern.test(file));
    return place < 0 ? LONG.length : place;
  };
  const queue = files
    .filter((file) => !EXCLUSIVE.some((pattern) => pattern.test(file)))
    .sort((a, b) => rank(a) - rank(b));
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file, flags);
      report(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: flags.jobs }, worker));
  queue.push(...files.filter((file) => EXCLUSIVE.some((pattern) => pattern.test(file))));
  await worker();
  return results;
}

function lint() {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'check', '--diagnostic-level=error', '.'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) process.stdout.write('ok   lint and format\n');
  else process.stdout.write(`FAIL lint and format (\`npm run format\` repairs most)\n${stdout}${stderr}\n`);
  return status === 0;
}

function coverageOk() {
  const thresholds = Object.entries(THRESHOLDS).flatMap(([name, percent]) => [`--${name}`, String(percent)]);
  const c8 = join(root, 'node_modules', 'c8', 'bin', 'c8.js');
  const include = ['src', 'envs', 'agents'].flatMap((tree) => ['--include', `${tree}/**`]);
  const words = ['report', '--temp-directory', 'coverage/tmp', '--reporter', 'text', '--reporter', 'lcovonly'];
  const { status } = spawnSync(
    process.execPath,
    [c8, ...words, ...include, '--exclude-after-remap', '--check-coverage', ...thresholds],
    { cwd: root, stdio: 'inherit' },
  );
  return status === 0;
}

async function main() {
  const flags = parseFlags();
  await setUpOrExit();
  const files = filesBelow(join(root, 'dist'), 'test').filter((file) => {
    const source = join(root, file.replace(/\.js$/, '.ts'));
    return /\.test\.js$/.test(file) && flags.pattern.test(file) && existsSync(source);
  });
  if (files.length === 0) {
    process.stdout.write(`No test file's path matches '${flags.text}'.\n0 passed, 1 failed\n`);
    process.exit(1);
  }
  if (flags.coverage) rmSync(join(root, 'coverage'), { recursive: true, force: true });
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  if (flags.lint) {
    if (lint()) passed += 1;
    else failed += 1;
  }
  const results = await runAll(files, flags);
  for (const result of results) {
    passed += result.passed;
    failed += result.failed;
    skipped += result.skipped;
  }
  if (flags.coverage && !coverageOk()) {
    process.stdout.write('FAIL coverage is below its thresholds\n');
    failed += 1;
  }
  const broken = results.filter(({ problem }) => problem !== null);
  if (broken.length > 0)
    process.stdout.write(`\nFailed: ${broken.map(({ file }) => file.replace(/\.js$/, '.ts')).join(', ')}\n`);
  for (const { file, reasons } of results) {
    for (const reason of reasons) process.stdout.write(`Skipped in ${file.replace(/\.js$/, '.ts')}: ${reason}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  process.exit(failed > 0 ? 1 : 0);
}

await main();
