/**
 * Runs what the documentation shows. Each page gets a folder of its own and its blocks run there from top to bottom:
 *
 * - A ```ts block is bundled as users' modules are and run in a process of its own. `<!-- file: src/a.ts -->` before it, or
 *   `// a.ts` as its first line, names its file; other blocks may import it.
 * - A ```yaml block with `# a.yaml` as its first line becomes that file.
 * - A ```diff block, with a file named before it, changes that file; each hunk must fit in exactly one place.
 * - Of a ```sh block the lines `gymkhana ...` and `npx gymkhana ...` run, `cd` changes the folder, and `npm` is skipped.
 *   `--watch`, `gymkhana dash` and `gymkhana play`, which never end, are left out.
 * - Training takes TRAIN_STEPS steps, whatever the page says: `gymkhana train` as well as `train({ ... })`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleModule } from '../../src/registration/bundle.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const TRAIN_STEPS = 4096;
/** For one block or line; most take a second. */
const TIMEOUT_MS = 120_000;
const CLI = join(projectRoot, 'dist/src/cli/main.js');
/** Lines that only a real installation can run, or that never end. */
const SKIPPED = [/^npm (install|start|test|run|pack|ci)\b/, /--watch\b/, /^(npx )?gymkhana (dash|play)\b/];
/** Files that a page takes from its reader. */
const READERS_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': { 'my-env.ts': "export { Guess as MyEnv } from './guess.js';\n" },
};

interface Block {
  readonly language: string;
  readonly line: number;
  readonly file: string | null;
  readonly text: string;
}

const pages = [
  'README.md',
  ...readdirSync(join(projectRoot, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const snippets = suite('snippets');

/** Pages that run at a time: more would keep each other's processes waiting until their time-outs. */
let free = 4;
const waiting: (() => void)[] = [];
async function inTurn(work: () => Promise<void>): Promise<void> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}

// The pages run side by side: most of the time is the start of processes.
for (const page of pages) {
  const blocks = blocksOf(readFileSync(join(projectRoot, page), 'utf8'));
  const shown = blocks.filter(({ language }) => ['ts', 'sh', 'diff', 'yaml'].includes(language));
  if (shown.length === 0) continue;
  const outcome = inTurn(() => runPage(page, shown)).then(
    () => null,
    (error: unknown) => error,
  );
  snippets(`${page}: ${shown.length} blocks run`, async () => {
    const error = await outcome;
    if (error !== null) throw error;
  });
}

snippets('blocks, their names, hunks and commands are read as the rules say', () => {
  const text = [
    '<!-- file: a/b.ts -->',
    '```ts',
    'x;',
    '```',
    '',
    '```ts',
    '// c.ts',
    '```',
    '```sh',
    'ls',
    '```',
  ].join('\n');
  assert.equal(blocksOf(text), [
    { language: 'ts', line: 2, file: 'a/b.ts', text: 'x;\n' },
    { language: 'ts', line: 6, file: 'c.ts', text: '// c.ts\n' },
    { language: 'sh', line: 9, file: null, text: 'ls\n' },
  ]);
  assert.is(applyHunks('a\nb\nc\n', ' a\n-b\n+d\n@@\n-c\n+e\n'), 'a\nd\ne\n');
  assert.throws(() => applyHunks('a\na\n', '-a\n+b\n'), /2 places/);
  assert.throws(() => applyHunks('a\n', '-x\n+b\n'), /0 places/);
  assert.is(
    commandOf('npx gymkhana train X --total-steps 1e6 --seed 1 # comment'),
    `train X --seed 1 --total-steps ${TRAIN_STEPS}`,
  );
  assert.is(commandOf('npm install'), null);
  assert.is(shortTraining('totalSteps: 100_000'), `totalSteps: ${TRAIN_STEPS}`);
  assert.is(shortTraining('await train({ env })'), `await train({ config: { totalSteps: ${TRAIN_STEPS} }, env })`);
  assert.throws(() => commandOf('rm -r x'), /no rule/);
});

snippets.run();

/** The fenced blocks of a page. */
function blocksOf(page: string): Block[] {
  const lines = page.split('\n');
  const blocks: Block[] = [];
  for (let k = 0; k < lines.length; k++) {
    const language = /^```(\w+)$/.exec(lines[k]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', k);
    if (end < 0) throw new Error(`the block at line ${k + 1} has no end`);
    const before = lines.slice(0, k).findLast((line) => line.trim() !== '') ?? '';
    const named =
      /^<!-- file: (\S+) -->$/.exec(before)?.[1] ?? /^(?:\/\/|#) ([\w./-]+\.(?:ts|yaml))$/.exec(lines[k + 1]!)?.[1];
    blocks.push({ language, line: k + 1, file: named ?? null, text: `${lines.slice(k + 1, end).join('\n')}\n` });
    k = end;
  }
  return blocks;
}

async function runPage(page: string, blocks: readonly Block[]): Promise<void> {
  const root = temporaryFolder();
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(projectRoot, join(root, 'node_modules/gymkhana'), 'junction');
  // A dependency of the library that a page uses by itself.
  symlinkSync(
    join(projectRoot, 'node_modules/onnxruntime-node'),
    join(root, 'node_modules/onnxruntime-node'),
    'junction',
  );
  for (const [file, text] of Object.entries(READERS_FILES[page] ?? {})) writeFileSync(join(root, file), text);
  // A page may call a file before it shows it.
  for (const { language, file, text } of [...blocks].reverse()) {
    if (language === 'ts' && file !== null && !file.includes('/')) writeFileSync(join(root, file), text);
  }
  let folder = root;
  for (const block of blocks) {
    const place = `${page}:${block.line}`;
    if (block.language === 'sh') folder = await runLines(block.text, folder, place);
    else if (block.language === 'diff') {
      if (block.file === null) throw new Error(`${place}: no file is named for this diff`);
      const path = join(folder, block.file);
      writeFileSync(path, applyHunks(readFileSync(path, 'utf8'), block.text, place));
    } else if (block.language === 'yaml') {
      if (block.file !== null) writeFileSync(join(folder, block.file), shortTraining(block.text));
    } else {
      const path = join(folder, block.file ?? `block-${block.line}.ts`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, shortTraining(block.text));
      const { bundle } = await bundleModule(pathToFileURL(path).href);
      await runNode(JSON.stringify(fileURLToPath(bundle)), folder, place);
    }
  }
}

/** Runs the lines of a shell block; returns the folder that it ends in. */
async function runLines(text: string, start: string, place: string): Promise<string> {
  let folder = start;
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const into = /^cd (\S+)/.exec(line)?.[1];
    if (into !== undefined) folder = join(folder, into);
    const command = into === undefined ? commandOf(line) : null;
    if (command !== null) await runNode(`${JSON.stringify(CLI)} ${command}`, folder, `${place}: ${line}`);
  }
  return folder;
}

/** What a shell line gives to the command; null for a line that is skipped. */
function commandOf(line: string): string | null {
  const bare = line.replace(/\s+# .*$/, '').trim();
  if (SKIPPED.some((rule) => rule.test(bare))) return null;
  const words = /^(?:npx )?gymkhana (.*)$/.exec(bare)?.[1];
  if (words === undefined) throw new Error(`there is no rule for the line '${line}'`);
  if (!words.startsWith('train ')) return words;
  // A run that is gone on with needs more steps than it had.
  const steps = words.includes('--resume') ? 2 * TRAIN_STEPS : TRAIN_STEPS;
  return `${words.replace(/ --total-steps \S+/, '')} --total-steps ${steps}`;
}

/** A block whose `train({ ... })` is over soon. */
function shortTraining(text: string): string {
  if (/\btotalSteps: [\d_]+/.test(text)) return text.replace(/\btotalSteps: [\d_]+/g, `totalSteps: ${TRAIN_STEPS}`);
  return text.replace(/\bawait train\(\{/g, `await train({ config: { totalSteps: ${TRAIN_STEPS} },`);
}

/** A text after the hunks of a diff. */
function applyHunks(text: string, diff: string, place = 'diff'): string {
  let changed = text;
  for (const hunk of diff.split(/^@@.*\n/m)) {
    const lines = hunk.split('\n').slice(0, -1);
    if (lines.length === 0) continue;
    const side = (sign: string): string =>
      lines
        .filter((line) => line[0] !== sign)
        .map((line) => `${line.slice(1)}\n`)
        .join('');
    const [whole, old] = [`\n${changed}`, `\n${side('+')}`];
    const places: number[] = [];
    for (let at = whole.indexOf(old); at >= 0; at = whole.indexOf(old, at + 1)) places.push(at);
    if (places.length !== 1) throw new Error(`${place}: a hunk fits in ${places.length} places, 1 is needed:${old}`);
    changed = `${whole.slice(0, places[0])}\n${side('-')}${whole.slice(places[0]! + old.length)}`.slice(1);
  }
  return changed;
}

function runNode(words: string, cwd: string, place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(`${JSON.stringify(process.execPath)} ${words}`, { cwd, shell: true, stdio: 'pipe' });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (status === 0) resolve();
      else reject(new Error(`${place}: ended with ${status ?? signal}\n${output.slice(-3000)}`));
    });
  });
}
