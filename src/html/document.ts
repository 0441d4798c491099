/** The frame of every page: one HTML text that loads nothing and runs only what it was made with. */
import { createHash } from 'node:crypto';
import { escapeHtml } from './escape.js';

/** What a page consists of. */
export interface DocumentParts {
  readonly title: string;
  readonly style: string;
  /** The page's script; null for a page without one. */
  readonly script: string | null;
  /** Markup inside `<body>`, before the script. */
  readonly body: string;
}

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

/** A whole page. Its policy forbids every request, and allows exactly this style and this script. */
export function htmlDocument({ title, style, script, body }: DocumentParts): string {
  const code = script === null ? null : script.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '\\x3c!--');
  const scripts = code === null ? '' : ` script-src ${sha256(code)};`;
  const policy = `default-src 'none';${scripts} style-src ${sha256(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}${code === null ? '' : `\n<script>${code}</script>`}
</body>
</html>
`;
}
