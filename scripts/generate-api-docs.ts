/**
 * Writes docs/api/*.md, the reference of every exported name, from the docstrings: `node dist/scripts/generate-api-docs.js`.
 * With `--check` it writes nothing and fails if a page is stale. An export without a docstring fails it either way.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

/** Entry points of the package: import specifier and source. */
const ENTRY_POINTS = [
  ['gymkhana', 'src/index.ts'],
  ['gymkhana/physics', 'src/physics/index.ts'],
  ['gymkhana/testing', 'src/testing/index.ts'],
] as const;

/** What each page is about; a part not named here gets its folder's name alone. */
const TITLES: Readonly<Record<string, string>> = {
  agents: 'Policies, evaluation and the settings of training',
  authoring: 'Packages of environments',
  backends: 'Learners and what this machine can run',
  check: 'Checks of an environment',
  core: 'Environments, wrappers, seeding and errors',
  envs: 'Building blocks of the built-in environments',
  episode: 'Recorded episodes',
  physics: 'Rigid bodies and rays',
  registration: 'Registering and making environments',
  render: 'Scenes to draw',
  runs: 'Training runs',
  spaces: 'Spaces of observations and actions',
  testing: 'The contract of an environment as tests',
  vector: 'Environments stepped together',
  viewer: 'The episode page',
  wrappers: 'Wrappers',
};

const SIGNATURE_LIMIT = 700;

/** The pages by file name, and the exports whose docstring is missing or does not open with a sentence. */
export interface ApiDocs {
  readonly pages: ReadonlyMap<string, string>;
  readonly names: number;
  /** `file: name: what is wrong`, sorted. */
  readonly undocumented: readonly string[];
}

interface Doc {
  readonly text: string;
  readonly throws: readonly string[];
}

interface Entry {
  readonly name: string;
  readonly specifier: string;
  readonly file: string;
  readonly lines: readonly string[];
  readonly summary: string;
}

/** Reads the sources under `root`; writes nothing. */
export function apiDocs(root: string): ApiDocs {
  const program = ts.createProgram(
    ENTRY_POINTS.map(([, file]) => join(root, file)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
  );
  const checker = program.getTypeChecker();
  const parts = new Map<string, Entry[]>();
  const undocumented: string[] = [];
  const seen = new Set<ts.Symbol>();
  for (const [specifier, path] of ENTRY_POINTS) {
    const source = program.getSourceFile(join(root, path));
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${path} is not a module`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const declarations = symbol.declarations ?? [];
      const [first] = declarations;
      if (first === undefined || seen.has(symbol) || declarations.some(isInternal)) continue;
      seen.add(symbol);
      const file = relative(root, first.getSourceFile().fileName).split(sep).join('/');
      const doc = declarations.map(docOf).find(({ text }) => text !== '') ?? { text: '', throws: [] };
      const fault = docstringFault(doc.text);
      if (fault !== null) undocumented.push(`${file}: ${exported.name}: ${fault}`);
      const folders = file.split('/');
      const part = (folders[0] === 'src' ? folders[1] : folders[0]) as string;
      const entries = parts.get(part) ?? [];
      parts.set(part, entries);
      const lines = entryLines(exported.name, declarations, doc, checker);
      entries.push({ name: exported.name, specifier, file, lines, summary: firstSentence(doc.text) });
    }
  }
  const pages = new Map<string, string>();
  const index = [
    '# API reference',
    '',
    'Every exported name, from the docstrings of the sources: `node dist/scripts/generate-api-docs.js` writes these pages.',
    '',
  ];
  let names = 0;
  for (const [part, entries] of [...parts].sort(([a], [b]) => compare(a, b))) {
    entries.sort((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()) || compare(a.name, b.name));
    const title = TITLES[part] ?? part;
    const page = [`# ${title}`, '', `[All pages](index.md)`, ''];
    index.push(`## [${title}](${part}.md)`, '');
    const anchors = new Map<string, number>();
    for (const { name, specifier, file, lines, summary } of entries) {
      names++;
      const repeated = anchors.get(name.toLowerCase()) ?? 0;
      anchors.set(name.toLowerCase(), repeated + 1);
      const anchor = name.toLowerCase() + (repeated === 0 ? '' : `-${repeated}`);
      index.push(`- [\`${name}\`](${part}.md#${anchor}): ${summary}`);
      page.push(`## ${name}`, '', `From \`${specifier}\`, in \`${file}\`.`, '', ...lines);
    }
    index.push('');
    pages.set(`${part}.md`, `${page.join('\n').trimEnd()}\n`);
  }
  pages.set('index.md', `${index.join('\n').trimEnd()}\n`);
  return { pages, names, undocumented: undocumented.sort(compare) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Signature, text, throws and members of one export. */
function entryLines(
  name: string,
  declarations: readonly ts.Declaration[],
  doc: Doc,
  checker: ts.TypeChecker,
): string[] {
  const signatures = visibleOverloads(declarations).map((declaration) => signatureOf(name, declaration, checker));
  const lines = ['```ts', ...signatures, '```', '', ...docLines(doc, '')];
  const members = new Map<string, (ts.ClassElement | ts.TypeElement)[]>();
  for (const declaration of declarations) {
    if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
    for (const member of declaration.members) {
      if (!isPublic(member) || isInternal(member)) continue;
      const key = `${isStatic(member) ? 'static ' : ''}${member.name?.getText() ?? ts.SyntaxKind[member.kind]}`;
      const group = members.get(key) ?? [];
      group.push(member);
      members.set(key, group);
    }
  }
  for (const group of members.values()) {
    for (const member of visibleOverloads(group)) {
      const memberDoc = docOf(member);
      lines.push(`- \`${oneLine(memberSignature(member, checker))}\``);
      const text = docLines(memberDoc, '  ');
      if (text.length > 0) lines.push('', ...text.slice(0, -1));
    }
  }
  if (members.size > 0) lines.push('');
  return lines;
}

/** Without the implementation where there are overloads, and without the setter beside a getter. */
function visibleOverloads<T extends ts.Declaration>(declarations: readonly T[]): T[] {
  const overloaded = declarations.some((node) => isCallable(node) && node.body === undefined);
  return declarations.filter((node, i) => {
    if (ts.isSetAccessorDeclaration(node)) return i === 0;
    return !(overloaded && isCallable(node) && node.body !== undefined);
  });
}

function isCallable(
  node: ts.Declaration,
): node is ts.FunctionDeclaration | ts.MethodDeclaration | ts.ConstructorDeclaration {
  return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node);
}

function isStatic(node: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0;
}

function isPublic(node: ts.ClassElement | ts.TypeElement): boolean {
  if (ts.isClassStaticBlockDeclaration(node) || ts.isSemicolonClassElement(node)) return false;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return false;
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) === 0;
}

function isInternal(node: ts.Declaration): boolean {
  return ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'internal');
}

/** The text and the `@throws` of the docstring right before a declaration. */
function docOf(node: ts.Node): Doc {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const doc = docs.at(-1);
  if (doc === undefined) return { text: '', throws: [] };
  const throws: string[] = [];
  for (const tag of doc.tags ?? []) {
    if (!ts.isJSDocThrowsTag(tag)) continue;
    const type = tag.typeExpression?.getText().replace(/^\{|\}$/g, '') ?? '';
    throws.push(`${type} ${ts.getTextOfJSDocComment(tag.comment) ?? ''}`.replace(/\s+/g, ' ').trim());
  }
  return { text: (ts.getTextOfJSDocComment(doc.comment) ?? '').trim(), throws };
}

function docLines({ text, throws }: Doc, indent: string): string[] {
  const lines: string[] = [];
  if (text !== '') lines.push(...text.split('\n').map((line) => (line === '' ? '' : indent + line.trimEnd())), '');
  for (const line of throws) lines.push(`${indent}Throws ${line}`, '');
  return lines;
}

function firstSentence(text: string): string {
  const paragraph = (text.split(/\n\s*\n/)[0] ?? '').replace(/\s+/g, ' ');
  return /^.*?[^.]\.(?=\s+[A-Z`(*]|$)/.exec(paragraph)?.[0] ?? paragraph;
}

/** Why the docstring's first sentence cannot stand alone, or null. */
export function docstringFault(text: string): string | null {
  if (text === '') return 'no docstring';
  const sentence = firstSentence(text);
  if (!/^[A-Z0-9`'"(]/.test(sentence)) return 'the first sentence does not start as one';
  if (!sentence.endsWith('.')) return 'the first sentence has no end';
  if (sentence.split(' ').length < 2) return 'the first sentence is one word';
  return null;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > SIGNATURE_LIMIT ? `${line.slice(0, SIGNATURE_LIMIT)} ...` : line;
}

/** A node's text without comments, in one line. */
function bare(node: ts.Node): string {
  const printer = ts.createPrinter({ removeComments: true });
  return oneLine(printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()));
}

function list(nodes: readonly ts.Node[] | undefined): string {
  return nodes === undefined ? '' : nodes.map(bare).join(', ');
}

function typeParameters(nodes: readonly ts.TypeParameterDeclaration[] | undefined): string {
  return nodes === undefined ? '' : `<${list(nodes)}>`;
}

function typeOf(node: ts.Declaration, type: ts.TypeNode | undefined, checker: ts.TypeChecker): string {
  return type === undefined ? inferred(checker.getTypeAtLocation(node), node, checker) : bare(type);
}

function inferred(type: ts.Type, node: ts.Node, checker: ts.TypeChecker): string {
  return oneLine(
    checker.typeToString(
      type,
      node,
      ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope |
        ts.TypeFormatFlags.NoTruncation |
        ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType,
    ),
  );
}

/** `(a: A, b?: B): C` */
function callText(node: ts.SignatureDeclaration, checker: ts.TypeChecker): string {
  const call = `${typeParameters(node.typeParameters)}(${list(node.parameters)})`;
  if (ts.isConstructorDeclaration(node)) return call;
  if (node.type !== undefined) return `${call}: ${bare(node.type)}`;
  const signature = checker.getSignatureFromDeclaration(node);
  return signature === undefined ? call : `${call}: ${inferred(signature.getReturnType(), node, checker)}`;
}

function signatureOf(name: string, node: ts.Declaration, checker: ts.TypeChecker): string {
  if (ts.isFunctionDeclaration(node)) return `function ${name}${callText(node, checker)}`;
  if (ts.isVariableDeclaration(node)) return `const ${name}: ${typeOf(node, node.type, checker)}`;
  if (ts.isTypeAliasDeclaration(node)) {
    return `type ${name}${typeParameters(node.typeParameters)} = ${bare(node.type)}`;
  }
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
    const abstract = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) !== 0 ? 'abstract ' : '';
    const kind = ts.isClassDeclaration(node) ? 'class' : 'interface';
    const heritage = (node.heritageClauses ?? []).map((clause) => {
      const word = clause.token === ts.SyntaxKind.ExtendsKeyword ? 'extends' : 'implements';
      return ` ${word} ${list(clause.types)}`;
    });
    return `${abstract}${kind} ${name}${typeParameters(node.typeParameters)}${heritage.join('')}`;
  }
  return bare(node);
}

function memberSignature(node: ts.ClassElement | ts.TypeElement, checker: ts.TypeChecker): string {
  const flags = ts.getCombinedModifierFlags(node);
  const words = [
    flags & ts.ModifierFlags.Protected ? 'protected ' : '',
    flags & ts.ModifierFlags.Static ? 'static ' : '',
    flags & ts.ModifierFlags.Abstract ? 'abstract ' : '',
  ].join('');
  const name = node.name?.getText() ?? '';
  if (ts.isConstructorDeclaration(node)) return `${words}constructor${callText(node, checker)}`;
  if (ts.isMethodDeclaration(node) || ts.isMethodSignature(node)) {
    return `${words}${name}${node.questionToken ? '?' : ''}${callText(node, checker)}`;
  }
  if (ts.isPropertyDeclaration(node) || ts.isPropertySignature(node)) {
    const readonly = flags & ts.ModifierFlags.Readonly ? 'readonly ' : '';
    return `${words}${readonly}${name}${node.questionToken ? '?' : ''}: ${typeOf(node, node.type, checker)}`;
  }
  if (ts.isGetAccessor(node)) return `${words}get ${name}${callText(node, checker)}`;
  if (ts.isSetAccessor(node)) return `${words}set ${name}(${list(node.parameters)})`;
  return `${words}${bare(node)}`;
}

/** Names of pages under `folder` that are not what `pages` says, sorted: changed, missing or left over. */
export function stalePages(folder: string, pages: ReadonlyMap<string, string>): string[] {
  const present = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.md')) : [];
  const names = new Set([...present, ...pages.keys()]);
  return [...names]
    .filter((name) => !present.includes(name) || readFileSync(join(folder, name), 'utf8') !== pages.get(name))
    .sort(compare);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const folder = join(root, 'docs/api');
  const { pages, names, undocumented } = apiDocs(root);
  const stale = stalePages(folder, pages);
  if (undocumented.length > 0) {
    process.stderr.write(`exports without a docstring that opens with a sentence:\n${undocumented.join('\n')}\n`);
    process.exitCode = 1;
  }
  if (process.argv.includes('--check')) {
    if (stale.length > 0) {
      process.stderr.write(`docs/api is stale (${stale.join(', ')}): run node dist/scripts/generate-api-docs.js\n`);
      process.exitCode = 1;
    }
  } else {
    mkdirSync(folder, { recursive: true });
    for (const name of stale) {
      const text = pages.get(name);
      if (text === undefined) rmSync(join(folder, name));
      else writeFileSync(join(folder, name), text);
    }
    process.stdout.write(`${names} names on ${pages.size} pages, ${stale.length} written\n`);
  }
}
