/** Loads the packages of the formats when a format is asked for: most programs never need them. */
import { failure } from '../../core/errors.js';

/** Events on which packages compiled by Emscripten end the process. */
const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * What `load` gives. Handlers that a package puts on the process are taken off again: what ends the program is the program's.
 * @throws `FORMAT_UNAVAILABLE` if the package is absent, or does not run on this machine.
 */
export async function library<T>(name: string, format: string, load: () => Promise<T>): Promise<T> {
  const before = EVENTS.map((event) => process.rawListeners(event));
  try {
    const loaded = await load();
    for (const [k, event] of EVENTS.entries()) {
      for (const listener of process.rawListeners(event)) {
        if (!before[k]!.includes(listener)) process.off(event, listener as () => void);
      }
    }
    return loaded;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw failure(
      'FORMAT_UNAVAILABLE',
      `${format} needs the package ${name}, which could not be loaded (${reason}). Install it: npm install --ignore-scripts ${name}; or choose another format.`,
      { field: 'format', got: format, expected: name },
      cause,
    );
  }
}
