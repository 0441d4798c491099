/** Figures and tables as text. */

/** Three significant digits, thousands as k and millions as M. */
export function shown(value: number, unit: string): string {
  if (unit === 'steps/s') {
    if (value >= 999_500) return `${threeDigits(value / 1e6)}M`;
    if (value >= 999.5) return `${threeDigits(value / 1e3)}k`;
  }
  return threeDigits(value);
}

export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return '';
  if (value >= 99.95) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3);
}

/** A Markdown table whose columns are aligned, as the formatter wants it. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, k) => Math.max(3, title.length, ...rows.map((row) => row[k]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, k) => cell.padEnd(widths[k]!)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
