/** Watches for clocks and global randomness while an env runs. */

/** What the env called, and from which line first. */
export type Uses = Map<string, string>;

const NAMES = ['Math.random', 'Date.now', 'performance.now', 'crypto.getRandomValues'] as const;

/** Runs `action` with the clocks and global random sources watched; they work as ever. Always puts them back. */
export function watched<T>(uses: Uses, action: () => T): T {
  const undo: (() => void)[] = [];
  for (const name of NAMES) {
    const [owner, key] = name.split('.') as [string, string];
    const target = (globalThis as unknown as Record<string, Record<string, unknown>>)[owner]!;
    const original = target[key] as (...args: unknown[]) => unknown;
    const own = Object.getOwnPropertyDescriptor(target, key);
    const trap = (...args: unknown[]): unknown => {
      if (!uses.has(name)) uses.set(name, caller(new Error('trap').stack ?? ''));
      return original.apply(target, args);
    };
    try {
      Object.defineProperty(target, key, { value: trap, configurable: true, writable: true });
      undo.push(() => {
        if (own === undefined) delete target[key];
        else Object.defineProperty(target, key, own);
      });
    } catch {
      // A platform that locks it: then its use is not seen, and the comparison of episodes still is.
    }
  }
  try {
    return action();
  } finally {
    for (const back of undo) back();
  }
}

function caller(stack: string): string {
  const line = stack.split('\n')[2] ?? '';
  return /\(?((?:file:|\/|[A-Z]:)[^()\n]+:\d+:\d+)\)?$/.exec(line)?.[1] ?? '';
}

/** "Math.random (at file:3:4)"; empty if nothing was used. */
export function usesText(uses: Uses): string {
  return [...uses].map(([name, where]) => (where === '' ? name : `${name} (at ${where})`)).join(', ');
}
