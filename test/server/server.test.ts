/** A local server answers its own pages and commands, and nobody else: a table of hostile requests. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { usageError } from '../../src/core/errors.js';
import { type LocalServer, type LocalServerOptions, pathBelow, serveLocal } from '../../src/server/index.js';
import { rejectsWith } from '../support/misuse.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const ask = (
  port: number,
  {
    path = '/',
    method = 'GET',
    headers = {},
    body = '',
  }: { path?: string; method?: string; headers?: object; body?: string },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers: { ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

const json = { 'content-type': 'application/json' };
let written: unknown[] = [];
const routes: LocalServerOptions['routes'] = (app) => {
  app.get('/', (context) => context.html('<!doctype html><p>page'));
  app.get('/data', (context) => context.json({ secret: 1 }));
  app.post('/data', async (context) => {
    written.push(await context.req.json());
    return context.json({ ok: true });
  });
  app.get('/usage', () => {
    throw usageError('NO_SUCH_RUN', 'There is no such run.');
  });
  app.get('/bug', () => {
    throw new Error('a stack with /home/someone in it');
  });
};
const serving = async (
  options: Partial<LocalServerOptions>,
  body: (server: LocalServer) => Promise<void>,
): Promise<void> => {
  const server = await serveLocal({ routes, ...options });
  try {
    written = [];
    await body(server);
  } finally {
    await server.close();
  }
};

type Row = readonly [what: string, given: Parameters<typeof ask>[1], status: number, code: string | null];
const site = (value: string, mode = 'cors') => ({ 'sec-fetch-site': value, 'sec-fetch-mode': mode });
const ROWS = (port: number): readonly Row[] => [
  ['its own page', { headers: { ...site('same-origin') } }, 200, null],
  ['a link on another site', { headers: { ...site('cross-site', 'navigate') } }, 200, null],
  ['localhost by name, through a tunnel', { headers: { host: 'localhost:9999' } }, 200, null],
  ['IPv6 loopback', { headers: { host: `[::1]:${port}` } }, 200, null],
  ['a name that was rebound', { headers: { host: 'evil.example' } }, 403, 'HOST_REFUSED'],
  ['a name that begins like loopback', { headers: { host: '127.0.0.1.evil.example' } }, 403, 'HOST_REFUSED'],
  ['a name that ends like it', { headers: { host: 'evil-localhost' } }, 403, 'HOST_REFUSED'],
  ['another origin', { path: '/data', headers: { origin: 'https://evil.example' } }, 403, 'ORIGIN_REFUSED'],
  ['no origin to speak of', { path: '/data', headers: { origin: 'null' } }, 403, 'ORIGIN_REFUSED'],
  ['another port of this machine', { path: '/data', headers: { origin: 'http://127.0.0.1:1' } }, 403, 'ORIGIN_REFUSED'],
  [
    'https where it is http',
    { path: '/data', headers: { origin: `https://127.0.0.1:${port}` } },
    403,
    'ORIGIN_REFUSED',
  ],
  ['an image on another site', { path: '/data', headers: site('cross-site', 'no-cors') }, 403, 'ORIGIN_REFUSED'],
  ['another page of this machine', { path: '/data', headers: site('same-site') }, 403, 'ORIGIN_REFUSED'],
  [
    'a form',
    { method: 'POST', path: '/data', body: '{}', headers: { 'content-type': 'text/plain' } },
    415,
    'CONTENT_TYPE_REFUSED',
  ],
  ['a post without a type', { method: 'POST', path: '/data', body: '{}' }, 415, 'CONTENT_TYPE_REFUSED'],
  [
    'a body beyond the limit',
    { method: 'POST', path: '/data', body: 'x'.repeat(2000), headers: json },
    413,
    'BODY_TOO_LARGE',
  ],
  ['what is not there', { path: '/../../etc/passwd' }, 404, 'NOT_FOUND'],
  ['an error of the caller', { path: '/usage' }, 400, 'NO_SUCH_RUN'],
  ['an error of ours', { path: '/bug' }, 500, 'SERVER_ERROR'],
];

test('hostile requests are refused with a code, and change nothing', () =>
  serving({ maxBody: 1000 }, async ({ port }) => {
    for (const [what, given, status, code] of ROWS(port)) {
      const answer = await ask(port, given);
      assert.is(answer.status, status, `${what}: ${answer.body}`);
      if (code !== null) assert.is(JSON.parse(answer.body).error.code, code, what);
      assert.match(String(answer.headers['content-security-policy']), /frame-ancestors 'none'/, what);
      assert.is(answer.headers['x-content-type-options'], 'nosniff', what);
      assert.is(answer.headers['access-control-allow-origin'], undefined, what);
      assert.not.match(answer.body, /home|at .*\.ts/, what);
    }
    // Not even the adapter makes an address of this one.
    assert.is((await ask(port, { headers: { host: 'localhost/@evil.example' } })).status, 400);
    assert.equal(written, []);
    const own = { ...json, origin: `http://127.0.0.1:${port}` };
    assert.is((await ask(port, { method: 'POST', path: '/data', headers: own, body: '{"a":1}' })).status, 200);
    assert.equal(written, [{ a: 1 }]);
    const data = await ask(port, { path: '/data' });
    assert.match(String(data.headers['content-security-policy']), /^default-src 'none'/);
  }));

test('a body that announces no length is measured as it comes', () =>
  serving({ maxBody: 1000 }, async ({ port }) => {
    const headers = { ...json, 'transfer-encoding': 'chunked' };
    const answer = await ask(port, { method: 'POST', path: '/data', headers, body: JSON.stringify('x'.repeat(5000)) });
    assert.is(answer.status, 413);
    assert.equal(written, []);
  }));

test('with a token nothing is answered without it', () =>
  serving({ token: 'not-a-secret-at-all' }, async ({ port, url }) => {
    assert.is(url, `http://127.0.0.1:${port}/?token=not-a-secret-at-all`);
    for (const [path, headers] of [
      ['/data', {}],
      ['/data?token=', {}],
      ['/data?token=not-a-secret', {}],
      ['/data', { authorization: 'Bearer wrong' }],
      ['/data', { cookie: `gymkhana-${port}=wrong` }],
      ['/nothing', {}],
    ] as const) {
      const { status, body } = await ask(port, { path, headers });
      assert.is(status, 401, path);
      assert.is(JSON.parse(body).error.code, 'TOKEN_NEEDED');
      assert.not.match(body, /not-a-secret-at-all/);
    }
    const first = await ask(port, { path: '/data?token=not-a-secret-at-all&x=1' });
    assert.equal([first.status, first.headers['location']], [303, '/data?x=1']);
    const [cookie] = first.headers['set-cookie'] as string[];
    assert.match(cookie!, /HttpOnly; SameSite=Strict/);
    const [pair] = cookie!.split(';');
    assert.is((await ask(port, { path: '/data', headers: { cookie: pair } })).status, 200);
    const bearer = { authorization: 'Bearer not-a-secret-at-all' };
    assert.is((await ask(port, { path: '/data', headers: bearer })).status, 200);
    // Whoever has the token still may not use another site's page.
    const foreign = { ...bearer, origin: 'https://evil.example' };
    assert.is((await ask(port, { path: '/data', headers: foreign })).status, 403);
  }));

test('beyond loopback a token is made', () =>
  serving({ host: '0.0.0.0' }, async ({ port, url }) => {
    assert.match(url, /^http:\/\/localhost:\d+\/\?token=[\w-]{32}$/);
    assert.is((await ask(port, {})).status, 401);
  }));

test('a port that is taken, and values that are none', () =>
  serving({}, async ({ port }) => {
    await rejectsWith(() => serveLocal({ routes, port }), { code: 'PORT_IN_USE' });
    await rejectsWith(() => serveLocal({ routes, port: 70_000 }), { code: 'INVALID_VALUE' });
    await rejectsWith(() => serveLocal({ routes, port: 1.5 }), { code: 'INVALID_VALUE' });
    await rejectsWith(() => serveLocal({ routes, token: 'short' }), { code: 'INVALID_VALUE' });
    await rejectsWith(() => serveLocal({ routes, host: '203.0.113.1' }), { code: 'SERVER_FAILED' });
  }));

test('paths stay below their folder', () => {
  const top = mkdtempSync(join(tmpdir(), 'gymkhana-server-'));
  mkdirSync(join(top, 'root', 'run'), { recursive: true });
  writeFileSync(join(top, 'root', 'run', 'a.json'), '{}');
  writeFileSync(join(top, 'root', '.hidden'), '');
  writeFileSync(join(top, 'secret'), '');
  symlinkSync(join(top, 'secret'), join(top, 'root', 'link'));
  symlinkSync(top, join(top, 'root', 'up'));
  const root = join(top, 'root');
  assert.ok(pathBelow(root, 'run/a.json')?.endsWith(join('run', 'a.json')));
  assert.ok(pathBelow(root, '') !== null);
  for (const named of [
    '../secret',
    'run/../../secret',
    '/etc/passwd',
    'link',
    'up/secret',
    '.hidden',
    'run/none',
    'a\0b',
    '..',
  ]) {
    assert.is(pathBelow(root, named), null, named);
  }
});

test.run();
