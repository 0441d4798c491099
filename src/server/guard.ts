/** Who may speak to a local server: what the browser says about where a request comes from, and a token beyond loopback. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/** Whether an address or name is this machine's own and reachable from it alone. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** The names by which a server that listens on `host` may be called. Another name in `Host` is a page that rebinds its own to this machine. */
export function allowedNames(host: string): (name: string) => boolean {
  if (isLoopback(host)) return isLoopback;
  const own = new Set([host.toLowerCase(), hostname().toLowerCase()]);
  if (host === '0.0.0.0' || host === '::') {
    for (const list of Object.values(networkInterfaces())) for (const { address } of list ?? []) own.add(address);
  }
  return (name) => own.has(name.replace(/^\[|\]$/g, '')) || isLoopback(name);
}

function nameOf(host: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/.exec(host.toLowerCase());
  return match?.[1] ?? null;
}

const refusal = (context: Context, status: 400 | 401 | 403 | 415, code: string, message: string): Response =>
  context.json({ error: { code, message } }, status);

/**
 * Lets through what comes from a page of this server, from no page at all (a command), or by a link. Ports are left to the
 * caller, so that a tunnel to another port works; a page on another port of this machine is still another origin.
 */
export function sameOriginOnly(host: string): MiddlewareHandler {
  const allowed = allowedNames(host);
  return async (context, next) => {
    const given = context.req.header('host') ?? '';
    const name = nameOf(given);
    if (name === null || !allowed(name)) {
      return refusal(context, 403, 'HOST_REFUSED', 'This server answers only under the address that it printed.');
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && origin.toLowerCase() !== `http://${given.toLowerCase()}`) {
      return refusal(context, 403, 'ORIGIN_REFUSED', 'Another site asked for this; only pages of this server may.');
    }
    const site = context.req.header('sec-fetch-site') ?? 'none';
    const navigates = context.req.header('sec-fetch-mode') === 'navigate' && context.req.method === 'GET';
    if (site !== 'none' && site !== 'same-origin' && !navigates) {
      return refusal(context, 403, 'ORIGIN_REFUSED', 'Another site asked for this; only pages of this server may.');
    }
    const reads = context.req.method === 'GET' || context.req.method === 'HEAD';
    // No form of another site can send this type without being asked first, which it then is not allowed.
    if (!reads && !/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? '')) {
      return refusal(
        context,
        415,
        'CONTENT_TYPE_REFUSED',
        "Send JSON, with the header 'Content-Type: application/json'.",
      );
    }
    return await next();
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** Wants the token: as `?token=` once, which leaves a cookie and the address without it, or as `Authorization: Bearer`. */
export function tokenOnly(token: string, cookie: string): MiddlewareHandler {
  const wanted = digest(token);
  const fits = (given: string | undefined): boolean => given !== undefined && timingSafeEqual(digest(given), wanted);
  return async (context, next) => {
    const url = new URL(context.req.url);
    const inAddress = url.searchParams.get('token') ?? undefined;
    if (fits(inAddress)) {
      setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      if (context.req.method !== 'GET') return await next();
      url.searchParams.delete('token');
      return context.redirect(`${url.pathname}${url.search}`, 303);
    }
    const bearer = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1];
    if (fits(bearer) || fits(getCookie(context, cookie))) return await next();
    return refusal(context, 401, 'TOKEN_NEEDED', 'Open the address that the command printed: it holds the token.');
  };
}

/** Headers of every answer: nothing is framed, guessed, shared with other sites or kept. Pages add their own policy. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  const html = (headers.get('content-type') ?? '').startsWith('text/html');
  const policy = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'";
  headers.set('Content-Security-Policy', html ? policy : `default-src 'none'; ${policy}`);
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set('X-Frame-Options', 'DENY');
  headers.set('Referrer-Policy', 'no-referrer');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cache-Control', 'no-store');
};
