/** Making folders. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { notWritable } from '../core/files.js';

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Makes a folder and those above it that are missing. Node's own `mkdir` with `recursive` never returns on file systems that
 * answer ENOENT although the parent exists, such as /proc.
 *
 * @throws `NOT_WRITABLE`.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let folder = resolve(path); !isFolder(folder); folder = dirname(folder)) {
    missing.push(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
    } catch (cause) {
      // Another process may have made it in between.
      if (!isFolder(folder)) throw notWritable(path, cause);
    }
  }
}
