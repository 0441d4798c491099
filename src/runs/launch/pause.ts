/** Waiting that can be cut short. */
import { setTimeout as timeout } from 'node:timers/promises';

/** Resolves after `ms` milliseconds, or once `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await timeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // Aborted: the caller looks at the signal itself.
  }
}
