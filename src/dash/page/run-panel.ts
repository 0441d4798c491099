/// <reference lib="dom" />
/** One run: what it was told, what came of it, what it printed, and its policy at work. */

import type { Json } from '../../core/json.js';
import { brief, byId, element } from '../../viewer/page/elements.js';
import type { RunDetail, RunRow } from '../api.js';
import { askRun } from './client.js';
import { COLUMNS } from './columns.js';
import { ago, bytes, count, settingText } from './format.js';
import { LiveView } from './live.js';
import { LogView } from './log.js';

/** Between two looks at a run that changes, ms. */
const EVERY = 2000;
const FIGURES = ['env', 'algo', 'seed', 'step', 'meanReturn', 'bestReturn', 'stepsPerSecond', 'seconds'];

/** The panel of the run that is open. */
export class RunPanel {
  readonly #root = byId('run-detail');
  readonly #head = element('div', 'run-head');
  readonly #problem = element('p', 'notes');
  readonly #figures = element('dl', 'figures');
  readonly #metrics = section('Last metrics');
  readonly #checkpoints = section('Checkpoints');
  readonly #episodes = section('Recorded episodes');
  readonly #config = section('Configuration');
  readonly #summary = section('Summary');
  #id: string | null = null;
  #row: RunRow | null = null;
  #live: LiveView | null = null;
  #log: LogView | null = null;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shown = new Map<HTMLElement, string>();

  constructor() {
    this.#problem.setAttribute('role', 'alert');
  }

  /** Opens a run, or shows it anew. `row` is null while the table does not have it. */
  open(id: string, row: RunRow | null): void {
    if (id !== this.#id) {
      this.close();
      this.#id = id;
      this.#row = row;
      this.#live = new LiveView(id);
      this.#log = new LogView(id, row?.status === 'running');
      const left = element('div', 'column', this.#live.root, this.#log.root, this.#metrics.root);
      const right = element(
        'div',
        'column',
        this.#checkpoints.root,
        this.#episodes.root,
        this.#summary.root,
        this.#config.root,
      );
      this.#root.replaceChildren(this.#head, this.#problem, this.#figures, element('div', 'columns', left, right));
      this.#showRow(row);
      void this.#ask();
    } else if (row !== this.#row) {
      this.#row = row;
      this.#showRow(row);
      if (this.#log !== null) this.#log.live = row?.status === 'running';
      this.#askSoon();
    }
  }

  /** Ends everything that runs for the panel. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#live?.close();
    this.#log?.close();
    this.#live = null;
    this.#log = null;
    this.#id = null;
    this.#row = null;
    this.#shown.clear();
    this.#root.replaceChildren();
  }

  #askSoon(): void {
    const wait = Math.max(0, this.#asked + EVERY - performance.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#ask();
    }, wait);
  }

  async #ask(): Promise<void> {
    const id = this.#id;
    if (id === null) return;
    this.#asked = performance.now();
    try {
      const detail = await askRun(id);
      if (id !== this.#id) return;
      if (this.#row === null) this.#showRow(detail.row);
      this.#showDetail(detail);
    } catch (error) {
      if (id !== this.#id) return;
      this.#problem.hidden = false;
      this.#problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  #showRow(row: RunRow | null): void {
    const badge = element('span', `status ${row?.status ?? 'waiting'}`, row?.status ?? 'not in the folder');
    const changed = row === null ? '' : `written ${ago(row.changedAt, Date.now())}`;
    this.#head.replaceChildren(element('h2', 'run-name', this.#id ?? ''), badge, element('span', 'muted', changed));
    this.#problem.hidden = row?.problem == null;
    this.#problem.textContent = row?.problem ?? '';
    if (row === null) return;
    const columns = FIGURES.map((name) => COLUMNS.find((column) => column.name === name)!);
    this.#figures.replaceChildren(...columns.map(({ label, text }) => pair(label, text(row))));
  }

  #showDetail({ row, config, summary, checkpoints, episodes, last }: RunDetail): void {
    this.#live?.offer(checkpoints.map(({ name }) => name));
    this.#fill(this.#metrics, last, () => pairs(Object.entries(last).map(([name, value]) => [name, brief(value)])));
    this.#fill(this.#checkpoints, checkpoints, () => {
      const rows = checkpoints.map(({ name, bytes: size, changedAt }) => [
        /^\d+$/.test(name) ? `step ${count(Number(name))}` : name,
        bytes(size),
        ago(changedAt, Date.now()),
      ]);
      return rows.length === 0 ? null : table(['Name', 'Size', 'Written'], rows);
    });
    this.#fill(this.#episodes, episodes, () => {
      const rows = episodes.map(({ name, bytes: size }) => [name, bytes(size)]);
      return rows.length === 0 ? null : table(['File', 'Size'], rows);
    });
    this.#fill(this.#summary, summary, () => (summary === null ? null : pairs(flat(summary))));
    this.#fill(this.#config, config ?? row.settings, () => pairs(flat(config ?? row.settings)));
  }

  /** Makes a part anew only if its data changed, so that what is selected or scrolled stays. */
  #fill(part: Section, data: unknown, make: () => HTMLElement | null): void {
    const text = JSON.stringify(data);
    if (this.#shown.get(part.body) === text) return;
    this.#shown.set(part.body, text);
    const made = make();
    part.root.hidden = made === null;
    part.body.replaceChildren(...(made === null ? [] : [made]));
  }
}

interface Section {
  readonly root: HTMLElement;
  readonly body: HTMLElement;
}

function section(title: string): Section {
  const body = element('div', 'section-body');
  const root = element('section', '', element('div', 'section-head', element('h3', '', title)), body);
  root.hidden = true;
  return { root, body };
}

const pair = (name: string, value: string): HTMLElement =>
  element('div', '', element('dt', '', name), element('dd', '', value));

function pairs(entries: readonly (readonly [string, string])[]): HTMLElement | null {
  return entries.length === 0 ? null : element('dl', 'pairs', ...entries.map(([name, value]) => pair(name, value)));
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const head = element('tr', '', ...heads.map((text) => element('th', '', text)));
  const body = rows.map((row) => element('tr', '', ...row.map((text) => element('td', '', text))));
  return element('table', '', element('thead', '', head), element('tbody', '', ...body));
}

/** The leaves of JSON by their dotted names; lists of plain values as one leaf. */
function flat(value: Json | Readonly<Record<string, Json>>, name = ''): [string, string][] {
  const nested = typeof value === 'object' && value !== null;
  const plain = Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
  if (!nested || plain) return [[name, settingText(value as Json)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return name === '' ? [] : [[name, Array.isArray(value) ? '[]' : '{}']];
  return entries.flatMap(([key, item]) => flat(item, name === '' ? key : `${name}.${key}`));
}
