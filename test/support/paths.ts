import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findProjectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string };
      if (name === 'gymkhana') return folder;
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error('No package.json named "gymkhana" above this test.');
    folder = parent;
  }
}

/** The nearest folder above this file whose package.json is gymkhana's. */
export const projectRoot: string = findProjectRoot();

/** The absolute path of a file under `test/golden`. */
export function golden(path: string): string {
  return join(projectRoot, 'test', 'golden', path);
}
