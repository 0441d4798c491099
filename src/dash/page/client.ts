/// <reference lib="dom" />
/** Speaks to the dashboard's server: questions as JSON, and its events, with a new try when it does not answer. */
import type { CurvesAnswer, EventOf, LogAnswer, RunDetail, RunsAnswer } from '../api.js';

/** Servers take some 16 kB of address and headers; ids beyond this are left out or asked for apart. */
const LONGEST_QUERY = 6000;
/** Curves in one question, so that the first are seen soon. */
const CURVES_AT_ONCE = 40;
const POINTS = 500;
/** Without any event for so long (the system's load comes every 2 s), the server counts as gone, ms. */
const SILENCE = 12_000;
/** After so long a new connection surely has noted where its curves are, ms. */
const SETTLED = 1000;
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 8000;

/** What was asked could not be answered; the message is for the reader. */
export class AnswerError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new AnswerError('NO_SERVER', 'The server of this page does not answer.');
  }
  const body = (await answer.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  if (answer.ok && body !== null) return body as T;
  const { code = 'SERVER_ERROR', message = `The server answered with status ${answer.status}.` } = body?.error ?? {};
  throw new AnswerError(code, message);
}

const encode = encodeURIComponent;

/** As many of the ids, from the first, as an address can hold. */
export function fitting(ids: readonly string[], most: number = Number.POSITIVE_INFINITY): readonly string[] {
  let length = 0;
  let n = 0;
  while (n < ids.length && n < most) {
    length += encode(ids[n]!).length + 1;
    if (length > LONGEST_QUERY && n > 0) break;
    n++;
  }
  return ids.slice(0, n);
}

// Commas between the ids stand as they are, commas inside an id are encoded: the server splits the list and then decodes.
const list = (ids: readonly string[]): string => ids.map(encode).join(',');

export const askRuns = (): Promise<RunsAnswer> => ask('/api/runs');
export const askRun = (id: string): Promise<RunDetail> => ask(`/api/run?id=${encode(id)}`);
export const askLog = (id: string, from: number | null): Promise<LogAnswer> =>
  ask(`/api/log?id=${encode(id)}${from === null ? '' : `&from=${from}`}`);
export const liveAddress = (id: string, checkpoint: string): string =>
  `/api/live?id=${encode(id)}&checkpoint=${encode(checkpoint)}`;

/** Asks for the curves of many runs part by part; `take` gets each part. */
export async function askCurves(
  ids: readonly string[],
  key: string,
  signal: AbortSignal,
  take: (asked: readonly string[], answer: CurvesAnswer) => void,
): Promise<void> {
  for (let rest = ids; rest.length > 0 && !signal.aborted; ) {
    const part = fitting(rest, CURVES_AT_ONCE);
    rest = rest.slice(part.length);
    take(part, await ask(`/api/curves?runs=${list(part)}&key=${encode(key)}&points=${POINTS}`, signal));
  }
}

export interface EventHandlers {
  /** The connection is there, for the first time or again: what came meanwhile was missed. */
  readonly onConnected: () => void;
  /** Other curves are watched from now on. */
  readonly onWatching: () => void;
  /** It is gone; the next try is in so many seconds. */
  readonly onLost: (seconds: number) => void;
  readonly onRuns: (event: EventOf['runs']) => void;
  readonly onPoints: (event: EventOf['points']) => void;
  readonly onSystem: (event: EventOf['system']) => void;
}

/** The server's events, for the curves that are watched. */
export class Events {
  readonly #handlers: EventHandlers;
  #source: EventSource | null = null;
  #query = '';
  #delay = FIRST_DELAY;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #change: ReturnType<typeof setTimeout> | undefined;

  constructor(handlers: EventHandlers) {
    this.#handlers = handlers;
    this.#open(true);
    // A page that comes back from a sleep or another network does not wait for its turn.
    addEventListener('online', () => this.#source === null && this.#open(true));
  }

  /** Watches the curves of these runs as well, as many as fit. */
  watch(ids: readonly string[], key: string): void {
    const query = ids.length === 0 || key === '' ? '' : `?runs=${list(fitting(ids))}&key=${encode(key)}`;
    if (query === this.#query) return;
    this.#query = query;
    clearTimeout(this.#change);
    this.#change = setTimeout(() => this.#source !== null && this.#open(false), 100);
  }

  #open(again: boolean): void {
    clearTimeout(this.#retry);
    const before = this.#source;
    const source = new EventSource(`/api/events${this.#query}`);
    this.#source = source;
    source.addEventListener('open', () => {
      // The one before ends only now, so that no event is missed between them.
      before?.close();
      this.#delay = FIRST_DELAY;
      if (again) this.#handlers.onConnected();
      else setTimeout(() => this.#handlers.onWatching(), SETTLED);
      this.#heard(source);
    });
    source.addEventListener('error', () => {
      before?.close();
      this.#lost(source);
    });
    const on = <K extends keyof EventOf>(name: K, handle: (event: EventOf[K]) => void): void => {
      source.addEventListener(name, (event) => {
        if (source !== this.#source) return;
        this.#heard(source);
        handle(JSON.parse(event.data as string) as EventOf[K]);
      });
    };
    on('runs', this.#handlers.onRuns);
    on('points', this.#handlers.onPoints);
    on('system', this.#handlers.onSystem);
  }

  #heard(source: EventSource): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(source), SILENCE);
  }

  #lost(source: EventSource): void {
    source.close();
    if (source !== this.#source) return;
    clearTimeout(this.#silence);
    this.#source = null;
    this.#handlers.onLost(this.#delay / 1000);
    this.#retry = setTimeout(() => this.#open(true), this.#delay);
    this.#delay = Math.min(LONGEST_DELAY, 2 * this.#delay);
  }
}
