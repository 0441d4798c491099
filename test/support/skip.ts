/** Says why a test is skipped, in the form that the test runner lists at its end; call it beside `test.skip`. */
export function skipped(name: string, reason: string): void {
  process.stdout.write(`\n# skipped: ${name}: ${reason}\n`);
}
