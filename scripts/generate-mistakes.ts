/**
 * Writes docs/mistakes.md, typical mistakes with the errors that the compiler and the run give for them:
 * `node dist/scripts/generate-mistakes.js`. With `--check` it writes nothing and fails if the page is stale.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { GymkhanaError } from '../src/core/errors.js';
import { MISTAKES, type Mistake } from './mistakes.js';

/** Name of every program in the messages. */
const FILE = 'my-env.ts';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
};

/** What a program gives: as `tsc` prints it, and as Node prints an error that nobody catches, without its stack. */
export interface Outcome {
  /** Empty if it compiles. */
  readonly compiler: string;
  /** Empty if it runs. */
  readonly run: string;
}

/** A mistake with what it gives, and with its mended program. */
export interface Shown extends Mistake {
  readonly wrong: Outcome;
  readonly mended: Outcome;
  readonly right: string;
}

/** The mended program. @throws if a text to mend does not stand in the program once. */
function mend({ title, code, fix }: Mistake): string {
  let text = code;
  for (const [wrong, right] of fix) {
    if (text.split(wrong).length !== 2) throw new Error(`${title}: '${wrong}' must stand in the program once.`);
    text = text.replace(wrong, () => right);
  }
  return text;
}

/** Messages without the folders of this machine. */
function portable(root: string, text: string): string {
  const paths = [pathToFileURL(root).href, root.replaceAll('\\', '/')].map((path) => path.replace(/\/$/, ''));
  return paths
    .reduce((all, path) => all.replaceAll(`${path}/`, ''), text)
    .replaceAll(/(?:dist\/\.mistakes-\d+\/)?program-\d+\.(?:ts|js)/g, FILE)
    .trim();
}

/** What the compiler says about programs, one text each. */
function compile(root: string, programs: readonly string[]): string[] {
  const files = new Map(programs.map((text, k) => [join(root, `program-${k}.ts`), text]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.getCurrentDirectory = () => root;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, rest[0]);
  };
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  return [...files.keys()].map((file) => {
    const source = program.getSourceFile(file)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return portable(root, ts.formatDiagnostics(found, { ...host, getNewLine: () => '\n' }));
  });
}

/** What running programs gives, one after the other in this process: each registers its env anew. */
async function execute(root: string, programs: readonly string[]): Promise<string[]> {
  const folder = join(root, `dist/.mistakes-${process.pid}`);
  const results: string[] = [];
  mkdirSync(folder, { recursive: true });
  try {
    for (const [k, text] of programs.entries()) {
      const { outputText, sourceMapText } = ts.transpileModule(text, {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
          sourceMap: true,
        },
      });
      const file = join(folder, `program-${k}.js`);
      writeFileSync(file, outputText);
      const said = await outcome(pathToFileURL(file).href);
      results.push(portable(root, atSource(said, new SourceMap(JSON.parse(sourceMapText!) as SourceMapPayload))));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** Places in a program as it was written. */
function atSource(text: string, map: SourceMap): string {
  return text.replaceAll(/\.js:(\d+):(\d+)/g, (_, line: string, column: string) => {
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    return 'originalLine' in entry ? `.js:${entry.originalLine + 1}:${entry.originalColumn + 1}` : '.js';
  });
}

async function outcome(url: string): Promise<string> {
  const { log } = console;
  console.log = () => {};
  try {
    await import(url);
    return '';
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}${error instanceof GymkhanaError ? `\n  code: '${error.code}'` : ''}`;
  } finally {
    console.log = log;
  }
}

/** Compiles and runs every mistake and its mended program. */
export async function showMistakes(root: string): Promise<Shown[]> {
  const right = MISTAKES.map(mend);
  const programs = MISTAKES.flatMap(({ code }, k) => [code, right[k]!]);
  const compiled = compile(root, programs);
  const ran = await execute(root, programs);
  const outcomeAt = (k: number): Outcome => ({ compiler: compiled[k]!, run: ran[k]! });
  return MISTAKES.map((mistake, k) => {
    return { ...mistake, right: right[k]!, wrong: outcomeAt(2 * k), mended: outcomeAt(2 * k + 1) };
  });
}

/** Lines that the mending changes, as a diff, with the line above each change. */
function difference(wrong: string, right: string): string[] {
  const [a, b] = [wrong.trimEnd().split('\n'), right.trimEnd().split('\n')];
  // Length of the longest common part from lines i and j on.
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const all: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      all.push(`  ${a[i++]}`);
      j++;
    } else if (i < a.length && (j === b.length || common[i + 1]![j]! >= common[i]![j + 1]!)) all.push(`- ${a[i++]}`);
    else all.push(`+ ${b[j++]}`);
  }
  const changed = (line: string | undefined): boolean => line !== undefined && !line.startsWith('  ');
  return all.filter((line, k) => changed(line) || changed(all[k + 1])).map((line) => line.trimEnd());
}

/** The page's text. Its blocks are not called `ts` and `diff`: those are run as they stand, and these are to fail. */
export function mistakesDocs(shown: readonly Shown[]): string {
  const compiler = shown.filter(({ wrong }) => wrong.compiler !== '').length;
  const lines = [
    '# Typical mistakes',
    '',
    `${shown.length} mistakes, the errors they give, and what mends them. The compiler finds ${compiler} of them before anything runs; where it was not`,
    'asked (JavaScript, or a run without a type check) the run says it. A test compiles and runs every program of this page,',
    'the mended ones too. Generated by `node dist/scripts/generate-mistakes.js`.',
    '',
    ...shown.map(({ title }, k) => `${k + 1}. ${title}`),
  ];
  for (const [k, { title, about, code, wrong, right }] of shown.entries()) {
    lines.push('', `## ${k + 1}. ${title}`, '', about, '', '```typescript', code.trimEnd(), '```', '');
    if (wrong.compiler === '') lines.push('It compiles. At run time:');
    else lines.push('The compiler:', '', '```text', wrong.compiler, '```', '', 'At run time:');
    lines.push('', '```text', wrong.run === '' ? '(no error)' : wrong.run, '```', '');
    lines.push('The fix:', '', '```patch', ...difference(code, right), '```');
  }
  return `${lines.join('\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const path = join(root, 'docs/mistakes.md');
  const text = mistakesDocs(await showMistakes(root));
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write('docs/mistakes.md is stale: run node dist/scripts/generate-mistakes.js\n');
    process.exitCode = 1;
  }
}
