/** Paths that a request names, kept below a folder. */
import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/**
 * The real path of what a request names below `root`, or null: it does not exist, lies outside (`..`, an absolute path, a link
 * that leads out) or has a part that begins with a dot.
 */
export function pathBelow(root: string, named: string): string | null {
  if (named.includes('\0') || isAbsolute(named) || named.split(/[\\/]/).some((part) => part.startsWith('.')))
    return null;
  try {
    const top = realpathSync(root);
    const path = realpathSync(join(top, named));
    const inside = relative(top, path);
    return inside.startsWith(`..${sep}`) || inside === '..' || isAbsolute(inside) ? null : path;
  } catch {
    return null;
  }
}
