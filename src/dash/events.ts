/** `/api/events`: what changes in the table, the points of the curves asked for, and the machine's load. */
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Curve, EventOf } from './api.js';
import type { RunIndex } from './run-index.js';
import type { LoadMeter } from './system-load.js';
import { thinCurve } from './thin.js';

const LOAD_MS = 2000;
/** So that proxies and pages know that the connection lives. */
const HEARTBEAT_MS = 10_000;
/** More points at a time than are drawn are thinned. */
const MOST_POINTS = 2000;
/** Every client costs a look through its curves at every change. */
const MOST_CLIENTS = 64;

/** How far a client has a curve. */
interface Place {
  readonly generation: number;
  readonly lines: number;
}

/** All connections of `/api/events`. They share the looks of one index, and one measurement of the load. */
export class EventStreams {
  readonly #index: RunIndex;
  readonly #meter: LoadMeter;
  readonly #clients = new Set<Client>();
  #load: EventOf['system'] | null = null;
  #timer: NodeJS.Timeout | null = null;
  #beats = 0;

  constructor(index: RunIndex, meter: LoadMeter) {
    this.#index = index;
    this.#meter = meter;
  }

  /** Answers a request until its client goes. */
  open(context: Context, ids: readonly string[], key: string): Response {
    if (this.#clients.size >= MOST_CLIENTS) {
      const message = `${MOST_CLIENTS} pages are connected already; close some.`;
      return context.json({ error: { code: 'TOO_MANY_CLIENTS', message } }, 503);
    }
    return streamSSE(context, async (stream) => {
      const client = new Client(this.#index, ids, key);
      this.#clients.add(client);
      const unsubscribe = this.#index.subscribe(() => client.wake());
      stream.onAbort(() => client.end());
      try {
        client.load = this.#load ?? (await this.#meter.measure());
        this.#timer ??= setInterval(() => void this.#measure(), LOAD_MS);
        await client.serve(stream);
      } finally {
        unsubscribe();
        this.#clients.delete(client);
        if (this.#clients.size === 0) this.#rest();
      }
    });
  }

  /** Ends all connections. */
  close(): void {
    for (const client of this.#clients) client.end();
    this.#rest();
  }

  async #measure(): Promise<void> {
    this.#load = await this.#meter.measure();
    const beats = ++this.#beats % Math.round(HEARTBEAT_MS / LOAD_MS) === 0;
    for (const client of this.#clients) {
      client.load = this.#load;
      client.beats ||= beats;
      client.wake();
    }
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#load = null;
  }
}

async function send<K extends keyof EventOf>(stream: SSEStreamingApi, event: K, data: EventOf[K]): Promise<void> {
  await stream.writeSSE({ event, data: JSON.stringify(data) });
}

/** One connection. Nothing queues for a client that reads slowly: what it has not got is worked out when it can take more. */
class Client {
  load: EventOf['system'] | null = null;
  beats = false;
  readonly #index: RunIndex;
  readonly #ids: readonly string[];
  readonly #key: string;
  readonly #places = new Map<string, Place>();
  #version: number;
  #ended = false;
  #wake: (() => void) | null = null;
  #woken = false;

  constructor(index: RunIndex, ids: readonly string[], key: string) {
    this.#index = index;
    this.#ids = ids;
    this.#key = key;
    this.#version = index.version;
  }

  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.wake();
  }

  async serve(stream: SSEStreamingApi): Promise<void> {
    // The load first: the curves of a folder that was just opened may take a moment.
    await this.#saySystem(stream);
    await this.#begin();
    this.#woken = true;
    while (!this.#ended) {
      if (!this.#woken) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
      this.#woken = false;
      if (!this.#ended) await this.#say(stream);
    }
  }

  /** Where the curves are now: the page asks for what was before. */
  async #begin(): Promise<void> {
    for (const id of this.#ids) {
      const curve = await this.#index.curve(id, this.#key);
      if (curve !== null) this.#places.set(id, { generation: curve.file.generation, lines: curve.view.steps.length });
    }
  }

  async #say(stream: SSEStreamingApi): Promise<void> {
    const { version } = this.#index;
    if (version > this.#version) {
      const { changed, gone } = this.#index.changesSince(this.#version);
      this.#version = version;
      if (changed.length + gone.length > 0) await send(stream, 'runs', { changed, gone, keys: this.#index.keys() });
    }
    const curves = await this.#points();
    if (curves.length > 0) await send(stream, 'points', { key: this.#key, curves });
    await this.#saySystem(stream);
    const { beats } = this;
    this.beats = false;
    if (beats) await stream.write(': still here\n\n');
  }

  async #saySystem(stream: SSEStreamingApi): Promise<void> {
    const { load } = this;
    this.load = null;
    if (load !== null) await send(stream, 'system', load);
  }

  async #points(): Promise<(Curve & { readonly restart: boolean })[]> {
    const found: (Curve & { readonly restart: boolean })[] = [];
    for (const id of this.#ids) {
      const curve = await this.#index.curve(id, this.#key);
      if (curve === null) continue;
      const { generation } = curve.file;
      const { steps, values } = curve.view;
      const place = this.#places.get(id);
      const restart = place !== undefined && place.generation !== generation;
      const from = restart || place === undefined ? 0 : place.lines;
      if (!restart && steps.length <= from) continue;
      this.#places.set(id, { generation, lines: steps.length });
      const thin = thinCurve(steps.subarray(from), values.subarray(from), MOST_POINTS);
      found.push({ id, ...thin, of: steps.length, restart });
    }
    return found;
  }
}
