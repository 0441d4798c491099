/** The dashboard: a local server over an index of the runs below a folder. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Context, Hono } from 'hono';
import { usageError } from '../core/errors.js';
import { type LocalServer, type LocalServerOptions, serveLocal } from '../server/index.js';
import type { Curve, CurvesAnswer, RunsAnswer } from './api.js';
import { logPart, runDetail } from './details.js';
import { EventStreams } from './events.js';
import { LiveAgents } from './live.js';
import { dashHtml } from './page-html.js';
import { idsOf, keyOf, neededText, pointsOf, textOf, wholeOf } from './query.js';
import { RunIndex, type RunIndexOptions } from './run-index.js';
import { LoadMeter } from './system-load.js';

/** Files of one question that are read at a time: disks and networks answer several in the time of one. */
const READERS = 4;

export interface DashOptions extends Pick<LocalServerOptions, 'host' | 'port' | 'token'>, RunIndexOptions {
  /** Folder of the runs, at any depth, or one run; it must be there. */
  readonly folder: string;
}

/** A dashboard that is served. */
export interface Dash extends LocalServer {
  readonly index: RunIndex;
}

/**
 * Serves the dashboard until `close`. Nothing is written, and nothing of a run is executed but the policies that somebody asks to see
 * live, in envs that are built in or whose module was named (`trustModule`).
 * @throws `DASH_FOLDER_NOT_FOUND`; `PORT_IN_USE`, `SERVER_FAILED`, `INVALID_VALUE` as `serveLocal`.
 */
export async function serveDash(options: DashOptions): Promise<Dash> {
  const { folder, host, port, token, ...indexOptions } = options;
  assertFolder(folder);
  // Bundled while the runs are found; a failure is told to whoever opens the page.
  const page = dashHtml();
  page.catch(() => {});
  const index = await RunIndex.open(folder, indexOptions);
  const events = new EventStreams(index, new LoadMeter(index.root));
  const live = new LiveAgents(index);
  const stop = async (): Promise<void> => {
    events.close();
    live.close();
    await index.close();
  };
  try {
    const server = await serveLocal({
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(token !== undefined && { token }),
      routes: (app) => addRoutes(app, { page, index, events, live }),
    });
    return {
      ...server,
      index,
      async close() {
        await stop();
        await server.close();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function assertFolder(folder: string): void {
  const path = resolve(folder);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return;
  const problem = stats === undefined ? 'does not exist' : 'is not a folder';
  throw usageError(
    'DASH_FOLDER_NOT_FOUND',
    `${path} ${problem}. Give the folder of your runs, such as the --run-dir of a launch; 'gymkhana train CartPole-v1' makes 'runs'.`,
    { file: path, expected: 'a folder', got: problem },
  );
}

interface Parts {
  readonly page: Promise<string>;
  readonly index: RunIndex;
  readonly events: EventStreams;
  readonly live: LiveAgents;
}

function addRoutes(app: Hono, { page, index, events, live }: Parts): void {
  const missing = (context: Context, id: string): Response =>
    context.json(
      { error: { code: 'NO_SUCH_RUN', message: `There is no run ${JSON.stringify(id.slice(0, 200))}.` } },
      404,
    );
  app.get('/', async (context) => context.html(await page));
  app.get('/api/runs', (context) => {
    const answer: RunsAnswer = { folder: index.name, runs: index.rows(), keys: index.keys() };
    return context.json(answer);
  });
  app.get('/api/curves', async (context) => {
    const [ids, key, points] = [idsOf(context), keyOf(context), pointsOf(context)];
    const found = new Map<string, Curve>();
    const waiting = ids.values();
    const reader = async (): Promise<void> => {
      for (const id of waiting) {
        const curve = await index.thinned(id, key, points);
        if (curve !== null) found.set(id, curve);
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    const curves = ids.flatMap((id) => found.get(id) ?? []);
    return context.json({ key, curves } satisfies CurvesAnswer);
  });
  app.get('/api/run', (context) => {
    const id = neededText(context, 'id');
    const detail = runDetail(index, id);
    return detail === null ? missing(context, id) : context.json(detail as object);
  });
  app.get('/api/log', (context) => {
    const id = neededText(context, 'id');
    const from = wholeOf(context, 'from', 0, Number.MAX_SAFE_INTEGER);
    return index.row(id) === undefined ? missing(context, id) : context.json(logPart(index, id, from));
  });
  app.get('/api/events', (context) => events.open(context, idsOf(context), keyOf(context)));
  app.get('/api/live', (context) =>
    live.open(context, neededText(context, 'id'), textOf(context, 'checkpoint') ?? 'last'),
  );
}
