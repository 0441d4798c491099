/** Reads server-sent events as a page does. */
import * as assert from 'uvu/assert';

export interface ServerEvent {
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is what tests look at.
  readonly data: any;
}

/** One connection. */
export class EventStream {
  readonly events: ServerEvent[] = [];
  /** Whether the server ended it. */
  ended = false;
  readonly #abort = new AbortController();
  #heard: () => void = () => {};

  static async open(url: string): Promise<EventStream> {
    const stream = new EventStream();
    const answer = await fetch(url, { signal: stream.#abort.signal });
    assert.is(answer.status, 200, await (answer.status === 200 ? '' : answer.text()));
    assert.match(answer.headers.get('content-type') ?? '', 'text/event-stream');
    void stream.#read(answer.body!);
    return stream;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(part, { stream: true });
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          this.#take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } catch {
      // It was closed, here or there.
    }
    this.ended = true;
    this.#heard();
  }

  #take(block: string): void {
    const event = /^event: (.*)$/m.exec(block)?.[1];
    const data = [...block.matchAll(/^data: (.*)$/gm)].map((match) => match[1]).join('\n');
    if (event === undefined) return;
    this.events.push({ event, data: JSON.parse(data) });
    this.#heard();
  }

  /** The first event, from the first on, that fits; waits for it. */
  async first(what: string, fits: (event: ServerEvent) => boolean, ms = 30_000): Promise<ServerEvent> {
    const until = Date.now() + ms;
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      const left = until - Date.now();
      const names = this.events.map(({ event }) => event).join(', ');
      if (left <= 0 || this.ended)
        throw new Error(`no event ${what}${this.ended ? ', and it ended' : ''}; got: ${names}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
        setTimeout(resolve, left).unref();
      });
    }
  }

  /** Resolves when the server has ended it. */
  async end(ms = 10_000): Promise<void> {
    const until = Date.now() + ms;
    while (!this.ended && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(this.ended, 'the server did not end the stream');
  }

  close(): void {
    this.#abort.abort();
  }
}
