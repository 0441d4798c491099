/** A Redis of the test's own, on loopback, without files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** The path of a redis-server: `REDIS_SERVER_PATH`, a usual place, or the PATH; null if this machine has none. */
export function findRedis(): string | null {
  const folders = ['/usr/bin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean)];
  const given = process.env['REDIS_SERVER_PATH'];
  for (const path of [...(given ? [given] : []), ...folders.map((folder) => join(folder, 'redis-server'))]) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next place.
    }
  }
  return null;
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a server; it ends with this process at the latest. */
export async function startRedis(
  path: string,
  words: readonly string[] = [],
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const given = words.indexOf('--port');
  const port = given < 0 ? await freePort() : Number(words[given + 1]);
  const child: ChildProcess = spawn(
    path,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...words],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (/ready to accept connections/i.test(said)) resolve();
    });
    child.once('close', () => reject(new Error(`redis-server ended:\n${said}`)));
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', end);
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await closed;
    },
  };
}
