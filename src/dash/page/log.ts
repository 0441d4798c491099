/// <reference lib="dom" />
/** What a run printed, followed as it grows while its end is in view. */
import { element } from '../../viewer/page/elements.js';
import { askLog } from './client.js';
import { bytes, plainLog } from './format.js';

/** Between two looks at a log that grows, ms. */
const EVERY = 1000;
/** Characters kept; what is older can be asked for again. */
const MOST = 400_000;
/** Bytes of one answer. */
const PART = 65_536;

export class LogView {
  readonly root = element('section', 'log');
  readonly #id: string;
  readonly #text = element('pre');
  readonly #earlier = element('button', 'quiet', 'Earlier');
  readonly #about = element('span', 'muted');
  #raw = '';
  #from = 0;
  #to: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #live: boolean;

  /** @param live whether the run may still print. */
  constructor(id: string, live: boolean) {
    this.#id = id;
    this.#live = live;
    this.#text.tabIndex = 0;
    this.#text.setAttribute('role', 'log');
    this.#text.setAttribute('aria-label', 'What the run printed');
    this.#earlier.type = 'button';
    this.#earlier.hidden = true;
    this.#earlier.addEventListener('click', () => void this.#before());
    this.root.append(element('div', 'section-head', element('h3', '', 'Log'), this.#about, this.#earlier), this.#text);
    void this.#follow();
  }

  /** Whether the run may still print; asks once more when it ends. */
  set live(live: boolean) {
    if (live === this.#live) return;
    this.#live = live;
    clearTimeout(this.#timer);
    void this.#follow();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #follow(): Promise<void> {
    try {
      let more = true;
      while (more && !this.#closed) {
        const answer = await askLog(this.#id, this.#to);
        if (this.#closed) return;
        // Shorter than what is known: the log was begun anew.
        if (this.#to !== null && answer.size < this.#to) {
          this.#to = null;
          this.#raw = '';
          continue;
        }
        if (this.#to === null) this.#from = answer.from;
        this.#raw += answer.text;
        more = answer.to < answer.size && answer.to > (this.#to ?? -1);
        this.#to = answer.to;
        this.#show(answer.size);
      }
    } catch (error) {
      if (this.#to === null) this.#about.textContent = error instanceof Error ? error.message : String(error);
    }
    if (this.#live && !this.#closed) this.#timer = setTimeout(() => void this.#follow(), EVERY);
  }

  #show(size: number): void {
    if (this.#raw.length > MOST) this.#raw = this.#raw.slice(-MOST);
    const { scrollTop, scrollHeight, clientHeight } = this.#text;
    const atEnd = scrollTop + clientHeight >= scrollHeight - 24;
    const text = plainLog(this.#raw);
    if (text !== this.#text.textContent) this.#text.textContent = text;
    this.#text.hidden = text === '';
    this.#about.textContent = size === 0 ? 'Nothing was printed to a file.' : bytes(size);
    this.#earlier.hidden = this.#from === 0;
    if (atEnd) this.#text.scrollTop = this.#text.scrollHeight;
  }

  async #before(): Promise<void> {
    const from = Math.max(0, this.#from - PART);
    const before = this.#from;
    try {
      const answer = await askLog(this.#id, from);
      if (this.#closed) return;
      // The answer may reach into what is here already; cut by bytes, as the server counts.
      const all = new TextEncoder().encode(answer.text);
      const part = answer.to > before ? new TextDecoder().decode(all.slice(0, before - answer.from)) : answer.text;
      this.#from = from === 0 ? 0 : answer.from;
      const height = this.#text.scrollHeight;
      this.#raw = part + this.#raw;
      this.#text.textContent = plainLog(this.#raw);
      this.#text.scrollTop += this.#text.scrollHeight - height;
      this.#earlier.hidden = from === 0;
    } catch (error) {
      this.#about.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}
