/// <reference lib="dom" />
/** The panel of curves: asks for those that are shown, groups and smooths them, and keeps chart and legend in step. */
import { byId, element } from '../../viewer/page/elements.js';
import type { EventOf } from '../api.js';
import { Chart, tickText } from './chart.js';
import { askCurves, fitting } from './client.js';
import type { ShownRow } from './columns.js';
import { CurveStore } from './curve-store.js';
import { commonFolder } from './format.js';
import type { Line } from './lines.js';
import { type Points, smooth, summarize } from './series.js';
import { differingNames, type GroupBy, groupRuns } from './settings.js';
import type { View } from './view.js';

/** Runs drawn at once. */
const MOST_RUNS = 1000;
/** Entries of the legend. */
const MOST_ENTRIES = 40;
/** Above so many curves, smoothing hides what it smooths. */
const MOST_RAW = 30;
const COLOURS = 8;
/** Between two drawings while points come in, ms: of few curves, of more than `MANY` while they are loaded, and afterwards. */
const REDRAW = 200;
const REDRAW_LOADING = 400;
const REDRAW_MANY = 1000;
const MANY = 60;

export interface CurvesHandlers {
  /** The runs that running points are wanted for. */
  readonly onWatch: (ids: readonly string[], key: string) => void;
  /** Colours of the runs with a curve of their own, as class names. */
  readonly onColours: (colours: ReadonlyMap<string, string>) => void;
}

export class CurvesPanel {
  readonly #handlers: CurvesHandlers;
  readonly #store = new CurveStore();
  readonly #legend = byId('legend');
  readonly #about = byId('curves-about');
  readonly #chart: Chart;
  #rows: readonly ShownRow[] = [];
  #view: View | null = null;
  #key = '';
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #slots = new Map<string, number>();
  #visible = false;
  #lines: readonly Line[] = [];
  #problem = '';
  #marked: string | null = null;

  constructor(handlers: CurvesHandlers) {
    this.#handlers = handlers;
    const reset = byId<HTMLButtonElement>('reset-zoom');
    this.#chart = new Chart(byId('chart'), {
      onHover: (key) => this.mark(key),
      onZoom: (zoomed) => {
        reset.hidden = !zoomed;
      },
    });
    reset.addEventListener('click', () => this.#chart.resetZoom());
    this.#legend.addEventListener('pointerleave', () => this.mark(null));
  }

  /** Shows the curves of these runs, of which the first are drawn if they are very many. */
  show(rows: readonly ShownRow[], key: string, view: View): void {
    const visible = view.tab === 'curves';
    const regrouped = this.#view === null || view.group !== this.#view.group || key !== this.#key;
    if (key !== this.#key) {
      this.#key = key;
      this.#store.clear();
      this.#asking?.abort();
      this.#asking = null;
    }
    const before = this.#rows;
    this.#rows = rows.length > MOST_RUNS ? rows.slice(0, MOST_RUNS) : rows;
    const same = before.length === this.#rows.length && before.every(({ id }, k) => id === this.#rows[k]!.id);
    const look = this.#look(view);
    const looked = this.#view === null || look !== this.#look(this.#view);
    this.#view = view;
    this.#visible = visible;
    // Watched on other tabs as well, so that coming back needs no question.
    this.#handlers.onWatch(this.#watched(), this.#key);
    this.#ask();
    if (!same || regrouped || looked) {
      this.#colour();
      this.#redrawSoon(0);
    }
  }

  /** Live points. */
  append(event: EventOf['points']): void {
    if (event.key !== this.#key) return;
    if (this.#store.append(event.curves)) this.#redrawSoon(this.#rows.length > MANY ? REDRAW_MANY : REDRAW);
    this.#ask();
  }

  /** What came live was missed: everything is asked for again. */
  refresh(): void {
    this.#asking?.abort();
    this.#asking = null;
    this.#store.expire(this.#rows.map(({ id }) => id));
    this.#ask();
  }

  /** The server has begun to send points of the watched runs: those written since they were asked for are asked for again. */
  watching(): void {
    this.#store.expire(this.#watched());
    this.#ask();
  }

  /** Runs that have gone on without being watched, or are gone. */
  changed(ids: readonly string[], gone: readonly string[]): void {
    this.#store.remove(gone);
    const watched = new Set(this.#watched());
    const others = ids.filter((id) => !watched.has(id));
    if (others.length === 0) return;
    this.#store.expire(others);
    this.#ask();
  }

  /** How long the last drawing took, ms. */
  get drawn(): number {
    return this.#chart.drawn;
  }

  #look({ summary, smoothing, log, tab }: View): string {
    return `${summary} ${smoothing} ${log} ${tab}`;
  }

  #watched(): readonly string[] {
    return fitting(this.#rows.filter(({ status }) => status === 'running' || status === 'waiting').map(({ id }) => id));
  }

  #ask(): void {
    if (!this.#visible || this.#key === '' || this.#asking !== null) return;
    const missing = this.#store.missing(this.#rows.map(({ id }) => id));
    if (missing.length === 0) return;
    const asking = new AbortController();
    this.#asking = asking;
    askCurves(missing, this.#key, asking.signal, (asked, { key, curves }) => {
      if (key !== this.#key) return;
      this.#problem = '';
      this.#store.put(asked, curves);
      this.#redrawSoon(this.#rows.length > MANY ? REDRAW_LOADING : REDRAW);
    })
      .then(() => {
        if (this.#asking !== asking) return;
        this.#asking = null;
        // What has become missing meanwhile.
        this.#ask();
      })
      .catch((error: unknown) => {
        if (asking.signal.aborted) return;
        this.#asking = null;
        this.#problem = error instanceof Error ? error.message : String(error);
        this.#redrawSoon(0);
      });
  }

  #redrawSoon(wait: number): void {
    if (wait === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#redraw();
    }, wait);
  }

  /** A run keeps its colour while it is shown; a new one takes the first that is free. */
  #colour(): void {
    const view = this.#view!;
    const grouped = groupBy(view.group) !== 'run';
    const keys = grouped ? [] : this.#rows.map(({ id }) => id);
    const slots = new Map(keys.flatMap((id) => (this.#slots.has(id) ? [[id, this.#slots.get(id)!]] : [])));
    const taken = new Set(slots.values());
    let free = 0;
    for (const id of keys) {
      if (slots.has(id)) continue;
      while (taken.has(free)) free++;
      taken.add(free);
      slots.set(id, free);
    }
    this.#slots = slots;
    this.#handlers.onColours(new Map([...slots].map(([id, slot]) => [id, `s${slot % COLOURS}`])));
  }

  #redraw(): void {
    if (!this.#visible || this.#view === null) return;
    const view = this.#view;
    const by = groupBy(view.group);
    const raw = this.#rows.length <= MOST_RAW && view.smoothing > 0;
    const lines: Line[] = [];
    const folder = commonFolder(this.#rows.map(({ id }) => id)).length;
    for (const [k, { label, rows }] of groupRuns(this.#rows, by).entries()) {
      const curves = rows.flatMap(({ id }) => this.#store.points(id) ?? []);
      if (curves.length === 0) continue;
      const smoothed = curves.map((curve) => smoothedCurve(curve, view.smoothing));
      if (by === 'run') {
        const colour = this.#slots.get(label) ?? k;
        const about = rows[0]!.varied ?? '';
        lines.push({
          key: label,
          label: label.slice(folder),
          about,
          colour,
          points: smoothed[0]!,
          raw: raw ? curves[0]! : null,
          band: null,
        });
      } else {
        const band = summarize(smoothed, view.summary);
        lines.push({
          key: label,
          label,
          about: `${curves.length} run${curves.length === 1 ? '' : 's'}`,
          colour: k,
          points: band,
          raw: null,
          band: curves.length > 1 ? band : null,
        });
      }
    }
    this.#lines = lines;
    this.#chart.set(lines, view.log);
    this.#showLegend();
    this.#tell();
  }

  #tell(): void {
    const without = this.#rows.filter(({ id }) => this.#store.points(id) === null).length;
    const missing = this.#store.missing(this.#rows.map(({ id }) => id)).length;
    const words: string[] = [];
    if (this.#problem !== '') words.push(this.#problem);
    else if (this.#rows.length === 0) words.push('No run fits the filter.');
    else if (missing > 0 && without > 0) words.push(`Loading ${missing} of ${this.#rows.length} curves …`);
    else if (without === this.#rows.length) words.push('None of these runs has such values yet.');
    if (this.#view?.log && this.#lines.some(({ points }) => points.values.some((value) => value <= 0))) {
      words.push('Values that are not above 0 have no place on a logarithmic scale.');
    }
    this.#about.textContent = words.join(' ');
    byId('chart').setAttribute('aria-label', `Curves of ${this.#key} by steps, ${this.#lines.length} lines`);
  }

  #showLegend(): void {
    const entries = this.#lines.slice(0, MOST_ENTRIES);
    while (this.#legend.children.length > entries.length) this.#legend.lastElementChild!.remove();
    for (const [k, { key, label, about, colour, points }] of entries.entries()) {
      const item = (this.#legend.children[k] as HTMLElement | undefined) ?? this.#legend.appendChild(this.#entry());
      item.dataset.key = key;
      const [swatch, name, value] = [...item.firstElementChild!.children] as HTMLElement[];
      swatch!.className = `swatch s${colour % COLOURS}`;
      const [title, told] = [...name!.children];
      title!.textContent = label;
      told!.textContent = about;
      const last = points.values.findLast((each) => !Number.isNaN(each));
      value!.textContent = last === undefined ? '' : tickText(last);
    }
    this.#markLegend();
    byId('legend-more').textContent =
      this.#lines.length > entries.length
        ? `and ${this.#lines.length - entries.length} more: point at them in the chart`
        : '';
  }

  #entry(): HTMLElement {
    const name = element('span', 'name', element('span', 'title'), element('span', 'told'));
    const button = element('button', 'entry', element('span'), name, element('span', 'value'));
    button.type = 'button';
    const item = element('li', '', button);
    const mark = (): void => this.mark(item.dataset.key ?? null);
    item.addEventListener('pointerenter', mark);
    button.addEventListener('focus', mark);
    button.addEventListener('click', mark);
    button.addEventListener('blur', () => this.mark(null));
    return item;
  }

  /** Points out one curve, or none. */
  mark(key: string | null): void {
    this.#marked = key;
    this.#chart.mark(key);
    this.#markLegend();
  }

  #markLegend(): void {
    for (const item of this.#legend.children) {
      item.classList.toggle('marked', this.#marked !== null && (item as HTMLElement).dataset.key === this.#marked);
    }
  }
}

function smoothedCurve(curve: Points, weight: number): Points {
  return weight === 0 ? curve : { steps: curve.steps, values: smooth(curve.values, weight) };
}

/** What a view's word for grouping means. */
export function groupBy(word: string): GroupBy {
  if (word === 'settings') return 'settings';
  return word.startsWith('by:') ? { name: word.slice(3) } : 'run';
}

/** The ways to group some runs: words of a view and what they are called. */
export function groupChoices(rows: readonly ShownRow[], present: string): (readonly [string, string])[] {
  const names = new Set(['env', 'algo', ...differingNames(rows).filter((name) => name !== 'seed')]);
  if (present.startsWith('by:')) names.add(present.slice(3));
  return [
    ['run', 'each run'],
    ['settings', 'settings without the seed'],
    ...[...names].map((name) => [`by:${name}`, name] as const),
  ];
}
