import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { initPackage, runTests, TEMPLATES } from '../../src/authoring/index.js';
import { type CommandResult, run as runCommand } from '../support/command.js';
import { rejectsWith, throwsError } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const cli = join(projectRoot, 'dist', 'src', 'cli', 'main.js');
/** The command line in a folder. A test runner inside a test runner must not take the outer one's words. */
async function run(words: readonly string[], { cwd }: { cwd: string }): Promise<CommandResult> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return await runCommand(process.execPath, [cli, ...words], { cwd, env });
}

/** A scaffolded package as it is after `npm install`, with the engine linked. */
function scaffold(folder: string, options: Parameters<typeof initPackage>[1]) {
  const written = initPackage(join(folder, 'my-env'), options);
  const modules = join(written.folder, 'node_modules');
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(projectRoot, join(modules, 'gymkhana'));
  symlinkSync(join(projectRoot, 'node_modules', '@types', 'node'), join(modules, '@types', 'node'));
  return written;
}

for (const template of TEMPLATES) {
  test(`${template}: type-checks, its tests pass, it is listed, trains, evaluates and replays`, async () => {
    const folder = temporaryFolder();
    const { folder: cwd, envId, files } = scaffold(folder, { template });
    assert.is(envId, 'my-env/MyEnv-v0');
    assert.ok(files.includes('src/my-env.ts') && files.includes('test/my-env.test.ts'), files.join(', '));
    const text = files.map((file) => readFileSync(join(cwd, file), 'utf8')).join('\n');
    assert.not.match(text, /template-(env|package)|TemplateEnv/);

    const config = ts.getParsedCommandLineOfConfigFile(
      join(cwd, 'tsconfig.json'),
      {},
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: () => assert.unreachable('tsconfig.json does not load'),
      },
    );
    const program = ts.createProgram(config!.fileNames, config!.options);
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map((one) => ts.flattenDiagnosticMessageText(one.messageText, ' '));
    assert.equal(problems, []);

    const tested = await run(['test'], { cwd });
    assert.is(tested.status, 0, tested.stdout + tested.stderr);
    assert.match(tested.stdout, /pass 11/);

    const listed = await run(['list', '--json'], { cwd });
    const rows = JSON.parse(listed.stdout) as { id: string; package: string }[];
    assert.is(rows.find(({ id }) => id === envId)?.package, 'my-env');

    const trained = await run(['train', envId, '--total-steps', '8192', '--seed', '1', '--run-dir', 'runs/a'], { cwd });
    assert.is(trained.status, 0, trained.stderr);
    for (const words of [
      ['eval', 'runs/a', '--episodes', '3'],
      ['record', 'runs/a'],
      ['replay', 'verify', 'runs/a/episodes/seed0.episode'],
      ['check', `./src/index.ts:${envId}`],
    ]) {
      const { status, stdout, stderr } = await run(words, { cwd });
      assert.is(status, 0, `${words.join(' ')}: ${stdout}${stderr}`);
    }
  });
}

test('bad input names what to do', async () => {
  const folder = temporaryFolder();
  const full = join(folder, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'a.txt'), 'a');
  const rows: readonly (readonly [() => unknown, string, string])[] = [
    [() => initPackage(join(folder, 'x'), { template: 'phisics' as never }), 'TEMPLATE_NOT_FOUND', "'physics'"],
    [() => initPackage(join(folder, 'x'), { name: 'lower' }), 'INVALID_NAME', '--name MyEnv'],
    [() => initPackage(join(folder, '123')), 'INVALID_NAME', '--name MyEnv'],
    [() => initPackage(''), 'INVALID_NAME', 'gymkhana init my-env'],
    [() => initPackage(full), 'FOLDER_NOT_EMPTY', 'a.txt'],
    [() => initPackage(join(full, 'a.txt'), { name: 'A' }), 'FOLDER_NOT_EMPTY', 'is a file'],
  ];
  for (const [call, code, says] of rows) throwsError(call, { code, kind: 'usage', says: [says] });
  assert.equal(readdirSync(full), ['a.txt']);
  throwsError(() => initPackage(join(full, 'a.txt', 'b')), { code: 'NOT_WRITABLE' });
  await rejectsWith(() => runTests([], folder), { code: 'MODULE_NOT_FOUND', says: ['test'] });
  await rejectsWith(() => runTests(['full'], folder), { code: 'MODULE_NOT_FOUND', says: ['*.test.ts'] });
  const forced = initPackage(full, { force: true, name: 'Forced' });
  assert.ok(forced.files.includes('src/forced.ts'));
  assert.ok(readdirSync(full).includes('a.txt'), 'what was there stays');
});

test('a test that does not compile is named with its line; one that fails fails the run', async () => {
  const folder = temporaryFolder();
  const { folder: cwd } = scaffold(folder, {});
  writeFileSync(join(cwd, 'test', 'broken.test.ts'), "import { nothing } from './gone.js';\nnothing();\n");
  const broken = await run(['test'], { cwd });
  assert.is(broken.status, 1);
  assert.match(broken.stderr, /MODULE_LOAD_FAILED[\s\S]*broken\.test\.ts:1/);
  writeFileSync(
    join(cwd, 'test', 'broken.test.ts'),
    "import { test } from 'node:test';\ntest('no', () => { throw new Error('not today'); });\n",
  );
  const failed = await run(['test', 'test/broken.test.ts'], { cwd });
  assert.is(failed.status, 1);
  assert.match(failed.stdout, /not today/);
});

test.run();
