/**
 * Writes docs/errors.md, every error code with its meaning's text and place, from the sources:
 * `node dist/scripts/generate-error-docs.js`. With `--check` it writes nothing and fails if the page is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A throw: kind of error, code, and the message as far as it is one literal. */
const THROW =
  /(usageError|failure|GymkhanaError)\(\s*(?:code|'([A-Z][A-Z0-9_]+)')\s*,\s*(?:`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\w+)/g;
/** Codes that reach a throw through a variable. */
const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;

interface Entry {
  kind: string;
  message: string;
  readonly files: Set<string>;
}

/** The page's text. */
export function errorDocs(root: string): string {
  const entries = new Map<string, Entry>();
  for (const folder of ['src', 'envs', 'agents', 'scripts/link', 'scripts/parity']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.includes('assembly')) continue;
      const path = `${folder}/${file}`;
      const text = readFileSync(join(root, path), 'utf8');
      for (const [, call, code, ...messages] of text.matchAll(THROW)) {
        if (code === undefined) continue;
        const entry = entries.get(code) ?? { kind: '', message: '', files: new Set() };
        entries.set(code, entry);
        entry.files.add(path);
        if (call !== 'GymkhanaError') entry.kind ||= call === 'usageError' ? 'usage' : 'failure';
        entry.message ||= messages.find((message) => message !== undefined) ?? '';
      }
      if (!/GymkhanaError|usageError|failure/.test(text)) continue;
      for (const [, code] of text.matchAll(CODE)) {
        if (!/^(ENV|INVALID|EPISODE|CHECKPOINT|RUN|NOT|MODULE|CONFIG|SUMMARY|METRICS|WORKER|LINK)_/.test(code!))
          continue;
        const entry = entries.get(code!) ?? { kind: '', message: '', files: new Set() };
        entries.set(code!, entry);
        entry.files.add(path);
      }
    }
  }
  const lines = [
    '# Error codes',
    '',
    'Every error that the library, or one of the scripts that set it up, throws on purpose is a `GymkhanaError` with a stable `code`. `usage`: the call asked for something',
    'impossible (exit status 2); `failure`: a valid request went wrong (exit status 1). Generated from the sources by',
    '`node dist/scripts/generate-error-docs.js`.',
    '',
  ];
  for (const [code, { kind, message, files }] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = message
      .replace(/\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, '...')
      .replace(/\\(.)/g, '$1')
      .replace(/\s+/g, ' ')
      .trim();
    lines.push(`- \`${code}\`${kind === '' ? '' : ` (${kind})`}${text === '' ? '' : `: ${text}`}`);
    lines.push(
      `  ${[...files]
        .sort()
        .map((file) => `\`${file}\``)
        .join(', ')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const path = join(root, 'docs/errors.md');
  const text = errorDocs(root);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write('docs/errors.md is stale: run node dist/scripts/generate-error-docs.js\n');
    process.exitCode = 1;
  }
}
