import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandResult, run } from '../support/command.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const HEAD = "import { test } from 'uvu'; import * as assert from 'uvu/assert';\n";

/** Runs the test runner over compiled files in a project of their own, whose set-up has nothing to do. */
function runTests(files: Readonly<Record<string, string>>, words: readonly string[] = []): Promise<CommandResult> {
  const root = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const script of ['setup.mjs', 'test.mjs']) {
    mkdirSync(join(root, 'scripts'), { recursive: true });
    copyFileSync(join(projectRoot, 'scripts', script), join(root, 'scripts', script));
  }
  write(
    'scripts/setup.mjs',
    "export { filesBelow } from './real-setup.mjs'; export const setUpOrExit = async () => {};",
  );
  copyFileSync(join(projectRoot, 'scripts', 'setup.mjs'), join(root, 'scripts', 'real-setup.mjs'));
  write('package.json', '{"type":"module"}');
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'), 'junction');
  for (const [name, text] of Object.entries(files)) {
    write(`dist/test/${name}.test.js`, HEAD + text);
    if (!name.startsWith('deleted')) write(`test/${name}.test.ts`, '');
  }
  const env = { ...process.env };
  delete env['NODE_V8_COVERAGE'];
  return run(process.execPath, [join(root, 'scripts', 'test.mjs'), '--no-lint', ...words], { cwd: root, env });
}

const PASSES = "test('a', () => {}); test('b', () => assert.ok(true)); test.run();";

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly last: string;
  readonly status: number;
  readonly says?: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  'files that pass': { files: { one: PASSES, 'core/two': PASSES }, last: '4 passed, 0 failed', status: 0 },
  'a test that fails, shown in full': {
    files: { one: PASSES, two: "test('sum', () => assert.is(1 + 1, 3)); test.run();" },
    last: '2 passed, 1 failed',
    status: 1,
    says: /FAIL test\/two\.test\.ts[\s\S]*"sum"[\s\S]*Failed: test\/two\.test\.ts/,
  },
  'a file that forgets run()': {
    files: { one: "test('a', () => {});" },
    last: '0 passed, 1 failed',
    status: 1,
    says: /test\.run\(\)/,
  },
  'a file with no tests': {
    files: { one: 'test.run();' },
    last: '0 passed, 1 failed',
    status: 1,
    says: /ran no tests/,
  },
  'a file that throws while it loads': {
    files: { one: "throw new Error('at load');" },
    last: '0 passed, 1 failed',
    status: 1,
    says: /ended with 1 before[\s\S]*at load/,
  },
  'a file that exits in the middle': {
    files: { one: "test('a', () => {}); test('b', () => process.exit(0)); test.run();" },
    last: '0 passed, 1 failed',
    status: 1,
  },
  'a file that crashes after its tests': {
    files: { one: `${PASSES} setTimeout(() => { throw new Error('late'); }, 50);` },
    last: '2 passed, 1 failed',
    status: 1,
    says: /although its tests passed[\s\S]*late/,
  },
  'a file that leaves a timer open': {
    files: { one: `${PASSES} setInterval(() => {}, 1000);` },
    words: ['--timeout', '1'],
    last: '2 passed, 1 failed',
    status: 1,
    says: /did not end within 1 s/,
  },
  'a skipped test with its reason': {
    files: {
      one: "test('a', () => {}); test.skip('b', () => {}); console.log('# skipped: b: no GPU here'); test.run();",
    },
    last: '1 passed, 0 failed, 1 skipped',
    status: 0,
    says: /Skipped in test\/one\.test\.ts: b: no GPU here/,
  },
  'a skipped test without a reason': {
    files: { one: "test('a', () => {}); test.skip('b', () => {}); test.run();" },
    last: '1 passed, 1 failed, 1 skipped',
    status: 1,
    says: /without a line "# skipped/,
  },
  'the output of a deleted test': {
    files: { one: PASSES, deleted: "throw new Error('stale');" },
    last: '2 passed, 0 failed',
    status: 0,
  },
  'a pattern': {
    files: { one: PASSES, 'core/two': "throw new Error('x');" },
    words: ['--pattern', 'one'],
    last: '2 passed, 0 failed',
    status: 0,
  },
  'a pattern that matches nothing': {
    files: { one: PASSES },
    words: ['three'],
    last: '0 passed, 1 failed',
    status: 1,
    says: /'three'/,
  },
};
for (const [title, { files, words, last, status, says }] of Object.entries(cases)) {
  test(title, async () => {
    const result = await runTests(files, words);
    const text = result.stdout + result.stderr;
    assert.is(result.stdout.trimEnd().split('\n').at(-1), last, text);
    assert.is(result.status, status, text);
    if (says !== undefined) assert.match(result.stdout, says);
  });
}

test('an unknown flag is a usage error', async () => {
  const result = await runTests({ one: PASSES }, ['--patern', 'one']);
  assert.is(result.status, 2);
  assert.match(result.stderr, /--patern[\s\S]*Usage: npm test/);
});

test.run();
