/**
 * Whose code the dashboard runs. A run directory is data, perhaps a stranger's, and may name any file of this machine as the
 * module of its env: only built-in envs act without being asked, and modules that the dashboard's user has named.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';
import { isBuiltinModule } from '../episode/module.js';

/** The same address for the same file. */
function canonical(url: string): string {
  try {
    return pathToFileURL(realpathSync(fileURLToPath(url))).href;
  } catch {
    return url;
  }
}

/**
 * @param trusted `file:` URLs that the user has named.
 * @throws `MODULE_NOT_TRUSTED` for an env, or a wrapper of it, whose code comes from elsewhere.
 */
export function assertTrusted(spec: EnvSpec, trusted: readonly string[]): void {
  const known = new Set(trusted.map(canonical));
  for (const url of [spec.moduleUrl, ...(spec.wrappers ?? []).map((wrapper) => wrapper.moduleUrl)]) {
    if (url === null || isBuiltinModule(url) || (url.startsWith('file:') && known.has(canonical(url)))) continue;
    const shown = url.startsWith('file:') ? pathOf(url) : url;
    throw usageError(
      'MODULE_NOT_TRUSTED',
      `The run says that ${spec.id} comes from ${JSON.stringify(shown.slice(0, 200))}, and a run's word alone runs no code. ` +
        'If you trust that file, start the dashboard with --module and its path.',
      { env: spec.id, got: shown.slice(0, 200), expected: 'a built-in env, or a module named with --module' },
    );
  }
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
