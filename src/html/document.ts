/** The frame of every page: one HTML text that loads nothing and runs only what it was made with. */
import { createHash } from 'node:crypto';
import { escapeHtml } from './escape.js';

/** What a page consists of. */
export interface DocumentParts {
  readonly title: string;
  readonly style: string;
  /** The page's script, or several that run in this order; null for a page without one. */
  readonly script: string | readonly string[] | null;
  /** Whether the page may speak to the server that it came from; by default it may not. */
  readonly connects?: boolean;
  /** Markup inside `<body>`, before the script. */
  readonly body: string;
}

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

/** No text of a script can end its element or open a comment. */
const inElement = (code: string): string => code.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '\\x3c!--');

/** A whole page. Its policy forbids every request but those it is made for, and allows exactly this style and these scripts. */
export function htmlDocument({ title, style, script, body, connects = false }: DocumentParts): string {
  const scripts = (script === null ? [] : [script].flat()).map(inElement);
  const hashes = scripts.length === 0 ? '' : ` script-src ${scripts.map(sha256).join(' ')};`;
  const connect = connects ? " connect-src 'self';" : '';
  const policy = `default-src 'none';${hashes} style-src ${sha256(style)};${connect} img-src data:; base-uri 'none'; form-action 'none'`;
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
${body}${scripts.map((code) => `\n<script>${code}</script>`).join('')}
</body>
</html>
`;
}
