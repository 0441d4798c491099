const COLORS = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35 } as const;

/** Text between terminal colour codes, as Gymnasium's `utils.colorize`; `highlight` colours what is behind it. */
export function colorize(
  text: string,
  color: keyof typeof COLORS,
  { bold = false, highlight = false }: { readonly bold?: boolean; readonly highlight?: boolean } = {},
): string {
  const code = COLORS[color] + (highlight ? 10 : 0);
  return `\u001b[${code}${bold ? ';1' : ''}m${text}\u001b[0m`;
}
