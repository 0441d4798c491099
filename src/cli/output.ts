/** Where commands write. Under `--json` standard output carries data only: whatever an env prints goes to standard error. */
const write = process.stdout.write.bind(process.stdout);

/** Sends everything but `result` to standard error from now on. */
export function reserveStdout(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

/** Text or data for standard output. */
export function result(text: string): void {
  write(`${text}\n`);
}

/** A number for people. */
export function shown(value: number, digits = 1): string {
  return Number.isFinite(value)
    ? value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
    : '-';
}

/** Columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
