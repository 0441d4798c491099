/** Loads the packages of the formats when a format is asked for: most programs never need them. */
import { failure } from '../../core/errors.js';

/**
 * What `load` gives.
 * @throws `FORMAT_UNAVAILABLE` if the package is absent, or does not run on this machine.
 */
export async function library<T>(name: string, format: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
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
