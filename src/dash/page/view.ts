/// <reference lib="dom" />
/** What the user has chosen to see, kept in the address behind `#`, so that a reload or a link shows the same. */
import type { Summary } from './series.js';

export const TABS = ['curves', 'compare', 'run'] as const;
export type Tab = (typeof TABS)[number];

export interface View {
  readonly filter: string;
  /** Column of the table, and whether the largest comes first. */
  readonly sort: string;
  readonly descending: boolean;
  /** Runs to compare, in the order in which they were chosen. */
  readonly chosen: readonly string[];
  /** Metric of the curves; the first there is if empty. */
  readonly metric: string;
  /** `run`, `settings` (all but the seed), or `by:<setting>`. */
  readonly group: string;
  readonly summary: Summary;
  /** Weight of the past, 0 to 0.99. */
  readonly smoothing: number;
  readonly log: boolean;
  readonly tab: Tab;
  /** The run that is open, if any. */
  readonly run: string | null;
  /** Whether the comparison shows settings that are the same everywhere. */
  readonly allSettings: boolean;
}

export const FIRST_VIEW: View = {
  filter: '',
  sort: 'id',
  descending: false,
  chosen: [],
  metric: '',
  group: 'run',
  summary: 'mean',
  smoothing: 0,
  log: false,
  tab: 'curves',
  run: null,
  allSettings: false,
};

/** The view as what stands behind `#`: only what is not as at first. */
export function viewToHash(view: View): string {
  const words = new URLSearchParams();
  if (view.filter !== '') words.set('filter', view.filter);
  if (view.sort !== FIRST_VIEW.sort || view.descending) words.set('sort', `${view.descending ? '-' : ''}${view.sort}`);
  if (view.metric !== '') words.set('metric', view.metric);
  if (view.group !== 'run') words.set('group', view.group);
  if (view.summary !== 'mean') words.set('line', view.summary);
  if (view.smoothing > 0) words.set('smooth', String(view.smoothing));
  if (view.log) words.set('log', '1');
  if (view.tab !== 'curves') words.set('tab', view.tab);
  if (view.run !== null) words.set('run', view.run);
  if (view.allSettings) words.set('all', '1');
  for (const id of view.chosen) words.append('choose', id);
  return words.toString();
}

/** The view that a hash names; what it does not name, or names wrongly, is as at first. */
export function viewFromHash(hash: string): View {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const sort = words.get('sort') ?? FIRST_VIEW.sort;
  const smoothing = Number(words.get('smooth') ?? 0);
  const tab = TABS.find((each) => each === words.get('tab')) ?? 'curves';
  return {
    filter: words.get('filter') ?? '',
    sort: sort.replace(/^-/, ''),
    descending: sort.startsWith('-'),
    chosen: [...new Set(words.getAll('choose'))],
    metric: words.get('metric') ?? '',
    group: words.get('group') ?? 'run',
    summary: words.get('line') === 'iqm' ? 'iqm' : 'mean',
    smoothing: smoothing >= 0 && smoothing <= 0.99 ? smoothing : 0,
    log: words.get('log') === '1',
    tab,
    run: words.get('run'),
    allSettings: words.get('all') === '1',
  };
}

/** Browsers refuse addresses that change too often. */
const ADDRESS_DELAY = 250;

/** The present view; it tells its listener what changed, and writes itself into the address. */
export class ViewStore {
  #view: View;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #listener: (view: View, changed: ReadonlySet<keyof View>) => void;

  constructor(listener: (view: View, changed: ReadonlySet<keyof View>) => void) {
    this.#listener = listener;
    this.#view = viewFromHash(location.hash);
    addEventListener('hashchange', () => this.#set(viewFromHash(location.hash)));
  }

  get now(): View {
    return this.#view;
  }

  update(patch: Partial<View>): void {
    if (!this.#set({ ...this.#view, ...patch })) return;
    this.#timer ??= setTimeout(() => this.#write(), ADDRESS_DELAY);
  }

  /** Chooses a run to compare, or no longer. */
  choose(id: string, chosen: boolean): void {
    const others = this.#view.chosen.filter((each) => each !== id);
    this.update({ chosen: chosen ? [...others, id] : others });
  }

  #set(next: View): boolean {
    const before = this.#view;
    const names = Object.keys(FIRST_VIEW) as (keyof View)[];
    const changed = new Set(names.filter((name) => !same(before[name], next[name])));
    if (changed.size === 0) return false;
    this.#view = next;
    this.#listener(next, changed);
    return true;
  }

  #write(): void {
    this.#timer = null;
    const hash = viewToHash(this.#view);
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`);
  }
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, k) => item === b[k]);
}
