/** A dashboard's server with made runs, for tests of its page: the addresses of `src/dash/api.ts`, and events that a test sends. */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Curve, EventOf, LiveEventOf, RunDetail, RunRow } from '../../src/dash/api.js';
import { dashHtml } from '../../src/dash/page-html.js';
import { type LocalServer, serveLocal } from '../../src/server/index.js';

export const KEY = 'charts/episodic_return';

/** A run with everything filled in; `k` makes its figures. */
export function madeRow(k: number, given: Partial<RunRow> = {}): RunRow {
  const learningRate = k % 2 === 0 ? 0.001 : 0.0003;
  const seed = k % 5;
  return {
    id: `study/cartpole-${k}`,
    status: 'finished',
    problem: null,
    env: 'CartPole-v1',
    algo: 'ppo',
    seed,
    step: 100_000,
    totalSteps: 100_000,
    meanReturn: 100 + k,
    bestReturn: 200 + k,
    stepsPerSecond: 12_000 + k,
    seconds: 8 + k,
    changedAt: 1_750_000_000_000,
    settings: { learningRate, gamma: 0.99, numEnvs: 8, hidden: [64, 64], seed },
    ...given,
  };
}

/** A curve that rises with a wave on it, `points` points up to `last` steps. */
export function madeCurve(k: number, id: string, points: number = 500, last: number = 100_000): Curve {
  const steps = Array.from({ length: points }, (_, i) => Math.round(((i + 1) * last) / points));
  const values = steps.map(
    (step) => 400 * (1 - Math.exp(-step / (15_000 + 300 * (k % 37)))) + 20 * Math.sin(step / 3000 + k),
  );
  return { id, steps, values, of: points };
}

type EventName = keyof EventOf;
type LiveName = keyof LiveEventOf;

/** What the made server has; a test may change it. */
export class MadeDash {
  rows: RunRow[];
  keys: readonly string[] = [KEY, 'losses/value_loss'];
  points = 500;
  log = 'first line\n\u001b[32mgreen\u001b[0m\nhalf\rwhole\n';
  detail: Partial<RunDetail> = {};
  /** Sends the events of a live agent. */
  live: (
    send: <K extends LiveName>(name: K, data: LiveEventOf[K]) => Promise<void>,
    checkpoint: string,
  ) => Promise<void> = async () => {};
  /** Ids whose points are watched, of the last connection. */
  watched: readonly string[] = [];
  liveEnded = 0;
  readonly asked: string[] = [];
  readonly #streams = new Set<(name: EventName, data: unknown) => void>();
  server: LocalServer | null = null;

  constructor(rows: readonly RunRow[]) {
    this.rows = [...rows];
  }

  /** Starts, at a port of one's own or any. */
  async start(port: number = 0): Promise<string> {
    const html = await dashHtml();
    this.server = await serveLocal({
      port,
      routes: (app) => {
        app.use(async (context, next) => {
          this.asked.push(context.req.path);
          await next();
        });
        app.get('/', (context) => context.html(html));
        app.get('/api/runs', (context) => context.json({ folder: 'runs', runs: this.rows, keys: this.keys }));
        app.get('/api/curves', (context) => this.#curves(context));
        app.get('/api/run', (context) => this.#run(context));
        app.get('/api/log', (context) => this.#log(context));
        app.get('/api/events', (context) => this.#events(context));
        app.get('/api/live', (context) => this.#live(context));
      },
    });
    return this.server.url;
  }

  async stop(): Promise<void> {
    await this.server?.close();
    this.#streams.clear();
  }

  /** Sends an event to every page. */
  send<K extends EventName>(name: K, data: EventOf[K]): void {
    for (const stream of this.#streams) stream(name, data);
  }

  /** Changes or adds a run, and tells the pages. */
  change(row: RunRow): void {
    this.rows = [...this.rows.filter(({ id }) => id !== row.id), row];
    this.send('runs', { changed: [row], gone: [], keys: this.keys });
  }

  #curves(context: Context): Response {
    const wanted = idsOf(context);
    const key = context.req.query('key') ?? '';
    const curves = this.rows.flatMap(({ id, totalSteps, step }, k) =>
      wanted.includes(id) ? [madeCurve(k, id, this.points, Math.min(step, totalSteps ?? step))] : [],
    );
    return context.json({ key, curves });
  }

  #run(context: Context): Response {
    const row = this.rows.find(({ id }) => id === context.req.query('id'));
    if (row === undefined)
      return context.json({ error: { code: 'NO_SUCH_RUN', message: 'There is no such run.' } }, 404);
    const detail: RunDetail = {
      row,
      config: { algorithm: row.algo, env: { id: row.env }, settings: { ...row.settings } },
      summary: { meanReturn: row.meanReturn, steps: row.step },
      checkpoints: [
        { name: 'last', bytes: 52_000, changedAt: row.changedAt },
        { name: 'best', bytes: 52_000, changedAt: row.changedAt },
        { name: '65536', bytes: 51_000, changedAt: row.changedAt },
      ],
      episodes: [{ name: 'episodes/best.episode', bytes: 2300 }],
      last: { [KEY]: row.meanReturn ?? 0, 'losses/value_loss': 0.25, 'losses/entropy': 0.5 },
      ...this.detail,
    };
    return context.json(detail);
  }

  #log(context: Context): Response {
    const all = Buffer.from(this.log, 'utf8');
    const from = Number(context.req.query('from') ?? Math.max(0, all.length - 65_536));
    const part = all.subarray(from, from + 65_536);
    return context.json({ text: part.toString('utf8'), from, to: from + part.length, size: all.length });
  }

  #events(context: Context): Response {
    this.watched = idsOf(context);
    return streamSSE(context, async (stream) => {
      const send = (event: string, data: unknown): void => {
        void stream.writeSSE({ event, data: JSON.stringify(data) });
      };
      this.#streams.add(send);
      await stream.writeSSE({ event: 'system', data: JSON.stringify(LOAD) });
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      this.#streams.delete(send);
    });
  }

  #live(context: Context): Response {
    return streamSSE(context, async (stream) => {
      let ended = false;
      stream.onAbort(() => {
        ended = true;
        this.liveEnded++;
      });
      await this.live(async (event, data) => {
        if (!ended) await stream.writeSSE({ event, data: JSON.stringify(data) });
      }, context.req.query('checkpoint') ?? '');
      while (!ended) await stream.sleep(20);
    });
  }
}

const LOAD: EventOf['system'] = { cpu: 0.42, cores: 8, memoryUsed: 6.1e9, memoryTotal: 16e9, diskFree: 120e9 };

/** The ids of a question; each was encoded, so a comma stands only between them. */
function idsOf(context: Context): string[] {
  const given = /[?&]runs=([^&]*)/.exec(context.req.url)?.[1] ?? '';
  return given === '' ? [] : given.split(',').map(decodeURIComponent);
}
