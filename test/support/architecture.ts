/** The project's rules about its own sources, as functions from a file to complaints; `test/toolchain/architecture.test.ts` applies them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import ts from 'typescript';

/** A source file: its path from the project's root, with slashes, and its syntax tree. */
export interface Source {
  readonly path: string;
  readonly tree: ts.SourceFile;
}

/** Parses one file's text. */
export function parse(path: string, text: string): Source {
  return { path, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** All TypeScript files below some folders of the project, without fixtures and the kernels' assembly. */
export function sourcesOf(root: string, folders: readonly string[]): Source[] {
  const below = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'fixtures' || entry.name === 'assembly' ? [] : below(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    });
  return folders
    .flatMap((folder) => below(join(root, folder)))
    .map((path) => parse(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')));
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function at({ path, tree }: Source, node: ts.Node): string {
  return `${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

function literalArgument(node: ts.CallExpression): string | null {
  const [first] = node.arguments;
  return first !== undefined && ts.isStringLiteralLike(first) ? first.text : null;
}

/** What a file loads at run time: static, re-exported, dynamic and `require`d modules; `import type` does not count. */
export function importsOf(source: Source): { readonly specifier: string; readonly where: string }[] {
  const found: { specifier: string; where: string }[] = [];
  walk(source.tree, (node) => {
    let specifier: string | null = null;
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      if (node.importClause?.isTypeOnly !== true) specifier = node.moduleSpecifier.text;
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      if (!node.isTypeOnly) specifier = node.moduleSpecifier.text;
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression.getText();
      const loads = /^(import|require|require\.resolve|import\.meta\.resolve|createRequire\(.*\))$/s.test(callee);
      if (loads) specifier = literalArgument(node);
    }
    if (specifier !== null) found.push({ specifier, where: at(source, node) });
  });
  return found;
}

/** `core`, `spaces`, ..., `envs`, `agents`; `index` for the public entry point. */
export function partOf(path: string): string {
  const [first, second, ...rest] = path.split('/');
  if (first !== 'src') return first!;
  return rest.length === 0 ? 'index' : second!;
}

/** Each part may use those before it. */
const LAYERS = [
  'core',
  'spaces',
  'wrappers',
  'registration',
  'vector',
  'network',
  'backends',
  'rollout',
  'agents',
  'runs',
  'cli',
] as const;

/** Parts beside the layers, and all that they may use. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  render: ['core'],
  html: ['core'],
  server: ['core'],
  physics: ['core'],
  envs: ['core', 'spaces', 'physics', 'render'],
  check: ['core', 'spaces', 'wrappers', 'registration', 'render'],
  authoring: ['core', 'registration'],
  testing: ['core', 'spaces', 'registration', 'render', 'check'],
  episode: ['core', 'spaces', 'registration', 'render'],
  viewer: ['core', 'spaces', 'wrappers', 'registration', 'network', 'render', 'episode', 'html'],
  play: ['core', 'spaces', 'registration', 'render', 'episode', 'html', 'viewer', 'server'],
  dash: [
    'core',
    'spaces',
    'registration',
    'network',
    'render',
    'episode',
    'html',
    'viewer',
    'server',
    'agents',
    'runs',
  ],
};

/** What layers may use besides the layers below them. */
const EXTRA: Readonly<Record<string, readonly string[]>> = {
  registration: ['render'],
  runs: ['episode', 'render', 'html'],
  cli: ['envs', 'episode', 'render', 'viewer', 'check', 'authoring', 'play', 'dash', 'index'],
};

function mayUse(from: string, to: string, path: string): boolean {
  if (from === to || from === 'index') return true;
  // The table of built-in envs is how they reach the registry; the envs themselves do not know it.
  if (path === 'envs/index.ts') return to === 'registration';
  // A natively batched env is a vector env itself.
  if (from === 'envs' && path.endsWith('-vector.ts') && to === 'vector') return true;
  const beside = BESIDE[from];
  if (beside !== undefined) return beside.includes(to);
  const level = LAYERS.indexOf(from as (typeof LAYERS)[number]);
  const target = LAYERS.indexOf(to as (typeof LAYERS)[number]);
  return (target >= 0 && target < level) || (EXTRA[from]?.includes(to) ?? false);
}

/** Packages that only some folders may load. */
const OWNERS: readonly [RegExp, readonly string[]][] = [
  [/^matter-js$/, ['src/physics/']],
  [/^@tensorflow\//, ['src/backends/tfjs/']],
  [/^piscina$/, ['src/rollout/', 'src/runs/']],
  [/^yargs(\/|$)/, ['src/cli/']],
  [/^onnxruntime-/, ['src/backends/onnx/runtime.ts']],
  [/^(hono|@hono\/node-server)(\/|$)/, ['src/server/', 'src/play/', 'src/dash/']],
  [/^uplot(\/|$)/, ['src/dash/']],
  [/^(d3-|papaparse$)/, ['src/runs/report/', 'src/viewer/']],
  [/^(apache-arrow|hyparquet-writer|h5wasm|csv-parse)(\/|$)/, ['src/episode/exchange/']],
  [/^@resvg\/resvg-js$/, ['src/render/']],
  [/^(gifenc|h264-mp4-encoder|fast-png)$/, ['src/episode/exchange/pictures/']],
];

/** Imports against the directions of dependency, or of a package that belongs to another folder. */
export function importViolations(source: Source): string[] {
  const from = partOf(source.path);
  return importsOf(source).flatMap(({ specifier, where }) => {
    if (specifier.startsWith('.')) {
      const target = posix.normalize(posix.join(dirname(source.path), specifier));
      const to = partOf(target);
      return mayUse(from, to, source.path) ? [] : [`${where}: ${from} may not import ${to} (${specifier})`];
    }
    const owner = OWNERS.find(([pattern]) => pattern.test(specifier));
    if (owner === undefined || owner[1].some((folder) => source.path.startsWith(folder))) return [];
    return [`${where}: only ${owner[1].join(' and ')} may load ${specifier}`];
  });
}

/** Where the same seed must give the same bytes. */
const REPRODUCIBLE =
  /^(envs|agents|src\/(core|spaces|wrappers|registration|vector|network|backends|rollout|physics|episode|render))\//;

/** Where results must not differ between versions of Node, whose `Math.pow` does. */
const EXACT_MATHS = /^(envs|agents|src\/physics)\//;

/** Uses of clocks, of global randomness, of powers and of the console where they are not allowed. */
export function wordViolations(source: Source): string[] {
  const { path } = source;
  const found: string[] = [];
  walk(source.tree, (node) => {
    const add = (rule: string): void => {
      found.push(`${at(source, node)}: ${rule}`);
    };
    if (ts.isPropertyAccessExpression(node)) {
      const text = node.getText();
      if (REPRODUCIBLE.test(path) && (text === 'Math.random' || text === 'Date.now'))
        add(`${text} in reproducible code`);
      if (EXACT_MATHS.test(path) && text === 'Math.pow') add('Math.pow differs between versions of Node; write x * x');
      if (/^(src\/(?!cli\/)|envs\/|agents\/)/.test(path) && node.expression.getText() === 'console')
        add('console outside the CLI');
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && REPRODUCIBLE.test(path)) {
      add('new Date in reproducible code');
    }
    const power =
      ts.isBinaryExpression(node) &&
      [ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken].includes(
        node.operatorToken.kind,
      );
    if (power && EXACT_MATHS.test(path)) add('** differs between versions of Node; write x * x');
  });
  return found;
}

/** What makes a uvu file pass without checking anything: no `run()`, a left-over `only`, no assertion at all. */
export function testFileViolations(source: Source): string[] {
  const suites = new Set<string>();
  const started = new Set<string>();
  const found: string[] = [];
  let asserts = false;
  walk(source.tree, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const specifier = node.moduleSpecifier.text;
      if (specifier === 'uvu/assert' || /\/(support|contracts)\//.test(specifier)) asserts = true;
      const bindings = node.importClause?.namedBindings;
      if (specifier === 'uvu' && bindings !== undefined && ts.isNamedImports(bindings)) {
        for (const { name, propertyName } of bindings.elements) {
          if ((propertyName ?? name).text === 'test') suites.add(name.text);
        }
      }
    }
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && ts.isCallExpression(node.initializer)) {
      if (node.initializer.expression.getText() === 'suite') suites.add(node.name.getText());
    }
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const owner = node.expression.expression.getText();
      const method = node.expression.name.text;
      // Inside a function or a branch it might not be reached.
      const topLevel = ts.isExpressionStatement(node.parent) && ts.isSourceFile(node.parent.parent);
      if (method === 'run' && topLevel) started.add(owner);
      if (method === 'only' && suites.has(owner))
        found.push(`${at(source, node)}: ${owner}.only skips every other test`);
    }
  });
  if (suites.size === 0) found.push(`${source.path}: imports no test from uvu`);
  for (const name of suites) {
    if (!started.has(name)) found.push(`${source.path}: never calls ${name}.run(), so its tests never run`);
  }
  if (!asserts) found.push(`${source.path}: asserts nothing`);
  return found;
}
