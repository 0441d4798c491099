/** The dashboard's server as its page meets it: real runs that are trained, killed and resumed while they are watched; hostile requests. */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { madeConfig, madeLine, makeRuns } from '../../scripts/bench/made-runs.js';
import type { Curve, CurvesAnswer, EventOf, LogAnswer, RunDetail, RunRow, RunsAnswer } from '../../src/dash/api.js';
import { type Dash, type DashOptions, serveDash } from '../../src/dash/index.js';
import { spec } from '../../src/index.js';
import { type RunningCommand, run, start } from '../support/command.js';
import { EventStream } from '../support/sse.js';
import { temporaryFolder } from '../support/temporary.js';

const KEY = 'charts/episodic_return';
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const SMALL = ['--num-envs', '8', '--num-steps', '16', '--hidden', '8', '--num-minibatches', '1', '--workers', '1'];

async function serving(
  folder: string,
  body: (dash: Dash) => Promise<void>,
  more: Partial<DashOptions> = {},
): Promise<void> {
  const dash = await serveDash({ folder, pollMs: 50, ...more });
  try {
    await body(dash);
  } finally {
    await dash.close();
  }
}

async function ask<T>(dash: Dash, path: string): Promise<T> {
  const answer = await fetch(new URL(path, dash.url));
  assert.is(answer.status, 200, await (answer.ok ? '' : answer.text()));
  return (await answer.json()) as T;
}

const list = (ids: readonly string[]): string => ids.map(encodeURIComponent).join(',');

/** The curve that a page has put together from points, as `api.ts` says. */
function assembled(events: EventStream, id: string): { steps: number[]; values: (number | null)[] } {
  const held: { steps: number[]; values: (number | null)[] } = { steps: [], values: [] };
  for (const { event, data } of events.events) {
    if (event !== 'points') continue;
    for (const curve of (data as EventOf['points']).curves) {
      if (curve.id !== id) continue;
      if (curve.restart) for (const part of [held.steps, held.values]) part.splice(0);
      held.steps.push(...curve.steps);
      held.values.push(...curve.values);
    }
  }
  return held;
}

function written(file: string): { steps: number[]; values: (number | null)[] } {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line));
  return { steps: records.map(({ steps }) => steps), values: records.map((record) => record[KEY]) };
}

test('a run that is trained, killed and resumed while it is watched: every point arrives, equal to metrics.jsonl', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'watched');
  await serving(folder, async (dash) => {
    const events = await EventStream.open(new URL(`/api/events?runs=${list(['watched'])}`, dash.url).href);
    const second = await EventStream.open(new URL('/api/events', dash.url).href);
    await events.first('system', ({ event }) => event === 'system');
    const words = ['CartPole-v1', '--total-steps', '100000', '--run-dir', path, '--checkpoint-every', '40', '--quiet'];
    const training = start(process.execPath, [main, 'train', ...words, ...SMALL]);
    const row = (fits: (row: EventOf['runs']['changed'][number]) => boolean) =>
      events.first('of the row', ({ event, data }) => event === 'runs' && data.changed.some(fits));
    await row(({ id, status }) => id === 'watched' && status === 'running');
    await events.first('of points', () => assembled(events, 'watched').steps.length > 100);
    training.child.kill('SIGKILL');
    await training.ended;
    await row(({ status, step }) => status === 'stopped' && step > 0);
    const before = written(join(path, 'metrics.jsonl')).steps.length;
    const resumed = await run(process.execPath, [main, 'train', '--resume', path, '--quiet']);
    assert.is(resumed.status, 0, resumed.stderr);
    await row(({ status, step }) => status === 'finished' && step >= 100_000);
    const file = written(join(path, 'metrics.jsonl'));
    assert.ok(file.steps.length > before);
    await events.first('of the last point', () => assembled(events, 'watched').steps.at(-1) === file.steps.at(-1));
    assert.equal(assembled(events, 'watched'), file);
    const { curves } = await ask<CurvesAnswer>(dash, '/api/curves?runs=watched&points=5000');
    assert.equal({ steps: curves[0]!.steps, values: curves[0]!.values }, file);
    assert.is(curves[0]!.of, file.steps.length);
    const { runs } = await ask<RunsAnswer>(dash, '/api/runs');
    const best = Math.max(...file.values.map((value) => value ?? Number.NEGATIVE_INFINITY));
    assert.equal([runs[0]!.bestReturn, runs[0]!.meanReturn], [best, file.values.at(-1)]);
    const detail = await ask<RunDetail>(dash, '/api/run?id=watched');
    assert.ok(detail.checkpoints.some(({ name, bytes }) => name === 'last' && bytes > 1000));
    assert.is(detail.last[KEY], file.values.at(-1));
    assert.is((detail.config as { algo: string }).algo, 'ppo');
    const speeds = await ask<CurvesAnswer>(dash, `/api/curves?runs=watched&key=${encodeURIComponent('time/seconds')}`);
    assert.is(speeds.curves[0]!.of, file.steps.length, 'times are a metric as well');
    // The other page, which asked for no curve, has the rows and no points.
    assert.ok(second.events.some(({ event }) => event === 'runs'));
    assert.not.ok(second.events.some(({ event }) => event === 'points'));
    await dash.close();
    await Promise.all([events.end(), second.end()]);
  });
});

test('live: a policy of CartPole acts in real time, three at most, and its process ends with the page', async () => {
  const folder = temporaryFolder();
  const words = ['CartPole-v1', '--total-steps', '4096', '--run-dir', join(folder, 'a'), '--quiet'];
  assert.is((await run(process.execPath, [main, 'train', ...words])).status, 0);
  await serving(folder, async (dash) => {
    const live = (query: string): Promise<EventStream> =>
      EventStream.open(new URL(`/api/live?${query}`, dash.url).href);
    const agent = await live('id=a');
    const { data: begin } = await agent.first('begin', ({ event }) => event === 'begin');
    assert.equal(begin, { episode: 0, seed: 0, fps: 50, checkpointStep: 4096 });
    const { data: start } = await agent.first('frame', ({ event }) => event === 'frame');
    assert.equal([start.step, start.action, start.return], [0, null, 0]);
    const { data: frame } = await agent.first('frame', ({ event, data }) => event === 'frame' && data.step >= 5);
    assert.ok(frame.scene.items.length > 3);
    assert.ok(frame.action === 0 || frame.action === 1);
    assert.is(frame.return, frame.step);
    assert.type(frame.value, 'number');
    const { data: end } = await agent.first('end', ({ event }) => event === 'end', 20_000);
    assert.is(end.steps, end.return);
    const { data: again } = await agent.first('begin', ({ event, data }) => event === 'begin' && data.episode === 1);
    assert.is(again.seed, 0);
    const more = await Promise.all(['last', '4096'].map((checkpoint) => live(`id=a&checkpoint=${checkpoint}`)));
    const problem = async (stream: EventStream): Promise<string> => {
      const { data } = await stream.first('problem', ({ event }) => event === 'problem');
      await stream.end();
      return `${data.code}: ${data.message}`;
    };
    assert.match(await problem(await live('id=a')), /^TOO_MANY_AGENTS: 3 /);
    for (const stream of [agent, ...more]) stream.close();
    // The places are free as soon as the server has noticed.
    let missing = '';
    for (let tries = 0; tries < 100 && !missing.startsWith('CHECKPOINT'); tries++) {
      missing = await problem(await live('id=a&checkpoint=77'));
    }
    assert.match(missing, /^CHECKPOINT_NOT_FOUND: .*There are: /);
    assert.match(await problem(await live('id=..%2Fa')), /^NO_SUCH_RUN/);
  });
});

/** The file of an env with two actions, whose step is `step` after it has counted itself. */
const envFile = (name: string, step: string, top = ''): string => `
import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
${top}
export class ${name} extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-1, 1, { shape: [1] });
  readonly actionSpace = new Discrete(2);
  #steps = 0;
  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.#steps = 0;
    return { observation: Float32Array.of(0), info: {} };
  }
  step(action: number) {
    this.#steps++;
    ${step}
  }
}
`;

const MINE = envFile(
  'Mine',
  `if (process.env['GYMKHANA_TEST_HANG'] === 'yes') for (;;) {}
    return { observation: Float32Array.of(0), reward: action, terminated: this.#steps > 9, truncated: false, info: {} };`,
  `import { writeFileSync } from 'node:fs';
writeFileSync(new URL('./imported', import.meta.url), String(process.pid));`,
);

test('live: a module of a run is not imported unless the user names it, and an env that hangs stops nobody else', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'mine.ts');
  const mark = join(folder, 'imported');
  writeFileSync(file, MINE);
  // Whoever trained it named it; whoever watches has not.
  const author = { env: { ...process.env, XDG_STATE_HOME: temporaryFolder() } };
  const words = [`${file}:Mine`, '--total-steps', '256', '--run-dir', join(folder, 'runs/a'), '--quiet'];
  const trained = await run(process.execPath, [main, 'train', ...words, ...SMALL], author);
  assert.is(trained.status, 0, trained.stderr);
  rmSync(mark);
  await serving(join(folder, 'runs'), async (dash) => {
    const refused = await EventStream.open(new URL('/api/live?id=a', dash.url).href);
    const { data } = await refused.first('problem', ({ event }) => event === 'problem');
    assert.is(data.code, 'MODULE_UNTRUSTED');
    assert.match(data.message, file);
    assert.match(data.message, '--module');
    await refused.end();
  });
  assert.not.ok(existsSync(mark), 'the module was imported');
  const env = { ...process.env, GYMKHANA_TEST_HANG: 'yes', XDG_STATE_HOME: temporaryFolder() };
  const dashWords = ['dash', join(folder, 'runs'), '--port', '0', '--json', '--module', file];
  const command = start(process.execPath, [main, ...dashWords], { env });
  const { url } = JSON.parse(await firstLine(command)) as { url: string };
  const hung = await EventStream.open(new URL('/api/live?id=a', url).href);
  await hung.first('begin', ({ event }) => event === 'begin');
  const from = performance.now();
  assert.is((await fetch(new URL('/api/runs', url))).status, 200);
  assert.ok(performance.now() - from < 2000, 'the dashboard answers meanwhile');
  const pid = Number(readFileSync(mark, 'utf8'));
  assert.ok(isAlive(pid));
  // Not even a dashboard that is killed leaves the process of a hanging env behind.
  command.child.kill('SIGKILL');
  await command.ended;
  for (let waited = 0; isAlive(pid) && waited < 10_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.not.ok(isAlive(pid));
  await hung.end();
});

/** What a command prints first. */
function firstLine({ child, saying }: RunningCommand): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (part: string) => {
      text += part;
    });
    saying('\n').then(() => resolve(text.split('\n')[0]!), reject);
  });
}

/** Whether a process runs; one that ended and was not yet asked for its status does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}

const BAD = envFile(
  'Bad',
  `if (this.#steps > 40) throw new Error('the motor <b>melted</b>');
    return { observation: Float32Array.of(0), reward: 1, terminated: false, truncated: false, info: {} };`,
);

test('a launch: the run that fails says why and shows its log, the one beside it finishes', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'bad.ts'), BAD);
  mkdirSync(join(folder, 'runs'));
  await serving(join(folder, 'runs'), async (dash) => {
    const events = await EventStream.open(new URL('/api/events', dash.url).href);
    const set = ['numEnvs=8', 'numSteps=16', 'hidden=[8]', 'minibatchSize=64'].flatMap((pair) => ['--set', pair]);
    const envs = ['--env', './bad.ts:Bad', '--env', 'CartPole-v1', '--seeds', '1', '--total-steps', '2048', ...set];
    const words = ['launch', ...envs, '--run-dir', 'runs/sweep', '--retries', '0', '--parallel', '2'];
    await run(process.execPath, [main, ...words], { cwd: folder });
    const row = async (env: string, status: string): Promise<RunRow> => {
      const fits = (one: RunRow): boolean => one.env === env && one.status === status;
      const { data } = await events.first(status, ({ event, data }) => event === 'runs' && data.changed.some(fits));
      return data.changed.find(fits);
    };
    const bad = await row('Bad', 'failed');
    assert.match(bad.problem!, /^ENV_THREW: .*the motor <b>melted<\/b>/);
    assert.match(bad.id, /^sweep\/Bad-ppo-seed1-/);
    const { text } = await ask<LogAnswer>(dash, `/api/log?id=${encodeURIComponent(bad.id)}`);
    assert.match(text, 'the motor <b>melted</b>');
    assert.is((await row('CartPole-v1', 'finished')).step, 2048);
  });
});

/** A launch's folder with a log of many bytes a character, and one that leads out. */
function launched(): string {
  const folder = temporaryFolder();
  for (const id of ['sweep/r1', 'sweep/r2']) {
    mkdirSync(join(folder, id), { recursive: true });
    writeFileSync(join(folder, id, 'config.json'), JSON.stringify(madeConfig(spec('CartPole-v1'), 1, {})));
    writeFileSync(join(folder, id, 'metrics.jsonl'), `${madeLine(1, 5)}\n`);
  }
  mkdirSync(join(folder, 'sweep/logs'));
  writeFileSync(join(folder, 'sweep/logs/r1.log'), '→ü'.repeat(40_000));
  const secret = join(temporaryFolder(), 'secret');
  writeFileSync(secret, 'secret');
  symlinkSync(secret, join(folder, 'sweep/logs/r2.log'));
  return folder;
}

test('a log is read part by part, never in the middle of a character, and never outside the folder', async () => {
  await serving(launched(), async (dash) => {
    const end = await ask<LogAnswer>(dash, '/api/log?id=sweep%2Fr1');
    assert.is(end.size, 200_000);
    assert.is(end.to, 200_000);
    assert.ok(end.to - end.from <= 65_536 && end.to - end.from > 65_530);
    assert.not.match(end.text, '\ufffd');
    let text = '';
    let at = 0;
    for (let parts = 0; at < end.size; parts++) {
      const part = await ask<LogAnswer>(dash, `/api/log?id=sweep%2Fr1&from=${at}`);
      assert.is(part.from, at);
      assert.ok(part.to > at && parts < 10);
      text += part.text;
      at = part.to;
    }
    assert.is(text, '→ü'.repeat(40_000));
    assert.is((await ask<LogAnswer>(dash, `/api/log?id=sweep%2Fr1&from=${at}`)).text, '');
    assert.is((await ask<LogAnswer>(dash, '/api/log?id=sweep%2Fr1&from=999999999')).to, 200_000);
    assert.equal(await ask(dash, '/api/log?id=sweep%2Fr2'), { text: '', from: 0, to: 0, size: 0 });
  });
});

/** Paths that no client of good will sends, exactly as they are. */
function raw(
  port: number,
  path: string,
  headers: object = {},
  method = 'GET',
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers: { ...headers } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part) => {
        body += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('hostile requests are refused with a reason, and tell nothing of what is outside the folder', async () => {
  const folder = launched();
  await serving(folder, async (dash) => {
    const rows: readonly (readonly [path: string, status: number, code: string])[] = [
      ['/api/run?id=..', 404, 'NO_SUCH_RUN'],
      ['/api/run?id=..%2F..%2Fetc', 404, 'NO_SUCH_RUN'],
      ['/api/run?id=/etc', 404, 'NO_SUCH_RUN'],
      ['/api/run?id=sweep%2Fr1%2F..%2Fr1', 404, 'NO_SUCH_RUN'],
      ['/api/run?id=sweep%2Fr1%00', 404, 'NO_SUCH_RUN'],
      ['/api/run?id=__proto__', 404, 'NO_SUCH_RUN'],
      ['/api/run', 400, 'INVALID_VALUE'],
      ['/api/run?id=%E0%A4%A', 404, 'NO_SUCH_RUN'],
      [`/api/run?id=${'x'.repeat(2000)}`, 400, 'INVALID_VALUE'],
      ['/api/log?id=..%2Fsecret', 404, 'NO_SUCH_RUN'],
      ['/api/log?id=sweep%2Flogs', 404, 'NO_SUCH_RUN'],
      ['/api/log?id=sweep%2Fr1&from=-1', 400, 'INVALID_VALUE'],
      ['/api/log?id=sweep%2Fr1&from=1e3', 400, 'INVALID_VALUE'],
      ['/api/log?id=sweep%2Fr1&from=99999999999999999999', 400, 'INVALID_VALUE'],
      ['/api/curves?runs=a&points=1', 400, 'INVALID_VALUE'],
      ['/api/curves?runs=a&points=1000000', 400, 'INVALID_VALUE'],
      ['/api/curves?runs=a&points=NaN', 400, 'INVALID_VALUE'],
      ['/api/curves?runs=%E0', 400, 'INVALID_VALUE'],
      [`/api/curves?runs=${'a,'.repeat(2001)}`, 400, 'TOO_MANY_RUNS'],
      [`/api/events?runs=${'a,'.repeat(2001)}`, 400, 'TOO_MANY_RUNS'],
      [`/api/curves?runs=a&key=${'k'.repeat(1001)}`, 400, 'INVALID_VALUE'],
      ['/api/live', 400, 'INVALID_VALUE'],
      ['/../../etc/passwd', 404, 'NOT_FOUND'],
      ['/api/nothing', 404, 'NOT_FOUND'],
      ['/sweep/r1/config.json', 404, 'NOT_FOUND'],
    ];
    for (const [path, status, code] of rows) {
      const answer = await raw(dash.port, path);
      assert.is(answer.status, status, `${path.slice(0, 60)}: ${answer.body}`);
      assert.is(JSON.parse(answer.body).error.code, code, path.slice(0, 60));
      assert.not.match(answer.body, folder);
    }
    assert.is((await raw(dash.port, '/api/runs', { host: 'evil.example' })).status, 403);
    assert.is((await raw(dash.port, '/api/events', { origin: 'https://evil.example' })).status, 403);
    assert.is((await raw(dash.port, '/api/runs', { 'content-type': 'application/json' }, 'DELETE')).status, 404);
    const ids = list(['..', '../../etc', 'sweep/r1', 'constructor']);
    const { curves } = await ask<CurvesAnswer>(dash, `/api/curves?runs=${ids}&key=__proto__`);
    assert.equal(curves, [{ id: 'sweep/r1', steps: [2048], values: [null], of: 1 } satisfies Curve]);
  });
});

test('pages that are connected are counted, and one more is turned away until another goes', async () => {
  await serving(launched(), async (dash) => {
    const address = new URL('/api/events', dash.url).href;
    const streams = await Promise.all(Array.from({ length: 64 }, () => EventStream.open(address)));
    const { status, body } = await raw(dash.port, '/api/events');
    assert.equal([status, JSON.parse(body).error.code], [503, 'TOO_MANY_CLIENTS']);
    streams[0]!.close();
    let next = 503;
    for (let tries = 0; next === 503 && tries < 200; tries++) {
      const abort = new AbortController();
      const answer = await fetch(address, { signal: abort.signal });
      next = answer.status;
      abort.abort();
    }
    assert.is(next, 200);
    for (const stream of streams) stream.close();
  });
});

test('the page loads nothing and may ask its own server only', async () => {
  await serving(launched(), async (dash) => {
    const answer = await fetch(dash.url);
    const html = await answer.text();
    assert.match(answer.headers.get('content-type') ?? '', 'text/html');
    assert.match(html, "default-src 'none'");
    assert.match(html, "connect-src 'self'");
    assert.not.match(html, /https?:\/\/(?!www\.w3\.org)/);
  });
});

test('many runs: the table is there at once, and the curves of all of them are the files’', async () => {
  const folder = temporaryFolder();
  const { folders } = makeRuns(folder, 60, 300);
  await serving(folder, async (dash) => {
    const { runs, keys } = await ask<RunsAnswer>(dash, '/api/runs');
    assert.is(runs.length, 60);
    assert.is(keys[0], KEY);
    const ids = runs.map(({ id }) => id);
    const { curves } = await ask<CurvesAnswer>(dash, `/api/curves?runs=${list(ids)}&points=400`);
    assert.is(curves.length, 60);
    for (const [i, id] of ids.entries()) {
      const file = written(join(folders.find((path) => path.endsWith(id))!, 'metrics.jsonl'));
      assert.equal(curves[i], { id, of: 300, ...file });
    }
    await dash.index.warm;
    const warm = await ask<RunsAnswer>(dash, '/api/runs');
    assert.ok(warm.runs.every(({ bestReturn }) => bestReturn !== null));
  });
});

test('the command prints the address, answers, and ends with Ctrl-C', async () => {
  const folder = launched();
  const command = start(process.execPath, [main, 'dash', folder, '--port', '0', '--json']);
  const printed = JSON.parse(await firstLine(command)) as { url: string; port: number; folder: string; runs: number };
  command.child.kill('SIGINT');
  const { status, stderr } = await command.ended;
  assert.is(status, 130, stderr);
  assert.equal([printed.folder, printed.runs], [folder, 2]);
  assert.is(printed.url, `http://127.0.0.1:${printed.port}/`);
  const none = await run(process.execPath, [main, 'dash', join(folder, 'none')]);
  assert.is(none.status, 2);
  assert.match(none.stderr, /^DASH_FOLDER_NOT_FOUND: .*none does not exist\..*train/);
});

test.run();
