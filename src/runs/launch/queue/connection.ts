/** The connection to the Redis that holds a queue of runs. */
import { Redis } from 'ioredis';
import { failure, usageError } from '../../../core/errors.js';
import { libraryVersion } from '../../../core/fingerprint.js';

/** Runs of another version would have other bytes: each version has a queue of its own. */
export const queueName = (): string => `gymkhana-${libraryVersion()}`;

/** A queue's address as it may be shown: without its password. */
export function shownUrl(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password !== '') parsed.password = '***';
    return parsed.href;
  } catch {
    return 'the queue';
  }
}

/**
 * Connects to `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS.
 * @throws `QUEUE_URL` for another address, `QUEUE_UNREACHABLE` if nothing answers there within five seconds.
 */
export async function connectQueue(url: string): Promise<Redis> {
  if (!/^rediss?:\/\/[^\s/]/.test(url) || !URL.canParse(url)) {
    throw usageError('QUEUE_URL', '--queue takes the address of a Redis, such as redis://localhost:6379.', {
      field: 'queue',
      expected: 'redis://host:port or rediss://host:port',
      got: shownUrl(url),
    });
  }
  let ready = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    // BullMQ waits in the server, for longer than any timeout.
    maxRetriesPerRequest: null,
    // Before the first connection a failure is told at once; after it the connection is made again for as long as it takes.
    retryStrategy: (times) => (ready ? Math.min(5000, 200 * times) : null),
  });
  // Told by what fails for want of a connection; without a listener it would end the process.
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
    ready = true;
    return redis;
  } catch (cause) {
    redis.disconnect();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure(
      'QUEUE_UNREACHABLE',
      `No Redis answers at ${shownUrl(url)} (${reason}). Start one there, or give the address of one that runs.`,
      { field: 'queue', got: reason },
      cause,
    );
  }
}
