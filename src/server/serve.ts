/**
 * A web server for one person's pages. Built on Hono and its Node adapter: both small, without further dependencies, released
 * monthly, and made of web-standard requests and responses.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { failure, GymkhanaError, usageError } from '../core/errors.js';
import { isLoopback, sameOriginOnly, securityHeaders, tokenOnly } from './guard.js';

export interface LocalServerOptions {
  /** Address to listen on; `127.0.0.1` by default. Any other than loopback needs a token. */
  readonly host?: string;
  /** Port, 0 for any that is free (the default). */
  readonly port?: number;
  /** Secret that requests must show; by default none on loopback and a random one elsewhere. */
  readonly token?: string;
  /** Largest body of a request, bytes; 1 MB by default. */
  readonly maxBody?: number;
  /** Adds the pages and answers. */
  readonly routes: (app: Hono) => void;
}

export interface LocalServer {
  /** Address to open, with the token if there is one. */
  readonly url: string;
  readonly port: number;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves `routes` until `close`. A request is answered only if its `Host` names this machine, its `Origin` is this server's own
 * and it shows the token where there is one; every answer has a strict policy for its content. What a route throws is answered
 * as `{ error: { code, message } }`, without a stack.
 * @throws `PORT_IN_USE`, `SERVER_FAILED` if it cannot listen; `INVALID_VALUE` for a port, host or token that is none.
 */
export async function serveLocal(options: LocalServerOptions): Promise<LocalServer> {
  const { host = '127.0.0.1', port = 0, maxBody = 1_000_000, routes } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw usageError('INVALID_VALUE', 'A port is a whole number from 0 (any that is free) to 65535.', {
      expected: 'a whole number from 0 to 65535',
      got: String(port),
    });
  }
  if (options.token !== undefined && !/^[\w.~-]{8,200}$/.test(options.token)) {
    throw usageError('INVALID_VALUE', 'A token has 8 to 200 letters, digits and . _ ~ -.', {
      expected: '8 to 200 letters, digits and . _ ~ -',
      got: `${options.token.length} characters`,
    });
  }
  const token = options.token ?? (isLoopback(host) ? null : randomBytes(24).toString('base64url'));
  const app = new Hono();
  app.use(securityHeaders);
  app.use(sameOriginOnly(host));
  const server = createServer(getRequestListener((request) => app.fetch(request)));
  server.requestTimeout = 30_000;
  await listening(server, host, port);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  // Cookies know no ports: two servers on one machine would overwrite each other's.
  if (token !== null) app.use(tokenOnly(token, `gymkhana-${bound}`));
  app.use(
    bodyLimit({
      maxSize: maxBody,
      onError: (context) =>
        context.json({ error: { code: 'BODY_TOO_LARGE', message: `At most ${maxBody} bytes are taken.` } }, 413),
    }),
  );
  routes(app);
  app.notFound((context) => context.json({ error: { code: 'NOT_FOUND', message: 'There is nothing here.' } }, 404));
  app.onError((error, context) => {
    const known = error instanceof GymkhanaError;
    const body = known
      ? { code: error.code, message: error.message }
      : { code: 'SERVER_ERROR', message: 'This went wrong inside the server.' };
    return context.json({ error: body }, known && error.kind === 'usage' ? 400 : 500);
  });
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${bound}/${token === null ? '' : `?token=${token}`}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        const hint = 'Give another with --port, or --port 0 for any that is free.';
        reject(
          usageError('PORT_IN_USE', `Port ${port} of ${host} is taken by another program. ${hint}`, {
            got: String(port),
            hint,
          }),
        );
        return;
      }
      reject(failure('SERVER_FAILED', `Cannot listen on ${host}, port ${port}: ${error.message}.`, {}, error));
    });
    server.listen(port, host, resolve);
  });
}
