/// <reference lib="dom" />
/** What stands beside the pictures: facts, actions, rewards, values and observations of all lanes. */
import type { Label, PageData } from '../page-data.js';
import { actionDisplay } from './actions.js';
import { brief, byId, element } from './elements.js';
import { Plot, type PlotOptions } from './plots.js';
import type { Column, Source } from './source.js';

const REWARD: Label = { name: 'reward', unit: '1', about: 'What the last step gave.' };
const RETURN: Label = { name: 'return so far', unit: '1', about: 'The sum of the rewards up to here.' };
const VALUE: Label = {
  name: 'value',
  unit: '1',
  about: "What the policy's critic expects from here on, discounted, in the reward's scale of its training.",
};

/** Sums of a column that may grow. */
class Sums implements Column {
  readonly #of: Column;
  readonly #sums: number[] = [];

  constructor(of: Column) {
    this.#of = of;
  }

  get length(): number {
    return this.#of.length;
  }

  at(index: number): number | undefined {
    for (let i = this.#sums.length; i <= index && i < this.#of.length; i++) {
      this.#sums.push((this.#sums[i - 1] ?? 0) + this.#of.at(i)!);
    }
    return this.#sums[index];
  }
}

/** The panels of a page. */
export class Panels {
  readonly #data: PageData;
  readonly #onSeek: (frame: number) => void;
  #sources: readonly Source[] = [];
  #plots: Plot[] = [];
  #showAction: (frame: number) => void = () => {};

  constructor(data: PageData, onSeek: (frame: number) => void) {
    this.#data = data;
    this.#onSeek = onSeek;
  }

  /** Shows other lanes. */
  build(sources: readonly Source[], frames: number): void {
    this.#sources = sources;
    const { observations, actions, choices } = this.#data;
    const columns = sources.map((source) => source.columns);
    const plot = (label: Label, lines: readonly Column[], tone: string, look: Partial<PlotOptions>): Plot =>
      new Plot(label, lines, { tone, frames, first: 1, onSeek: this.#onSeek, ...look });
    const rewards = columns.map((column) => column.rewards);
    const outcome = [
      plot(
        RETURN,
        rewards.map((column) => new Sums(column)),
        'tone-return',
        {},
      ),
      plot(REWARD, rewards, 'tone-reward', {}),
    ];
    if (columns.some(({ values }) => values !== null)) {
      const values = columns.map((column) => column.values ?? []);
      outcome.push(plot(VALUE, values, 'tone-value', { first: 0 }));
    }
    const named = (value: number): string => choices?.names[value - choices.start] ?? brief(value);
    const line = (part: 'actions' | 'observations', k: number): Column[] => columns.map((column) => column[part][k]!);
    const acted = actions.map((label, k) =>
      plot(label, line('actions', k), 'tone-action', { bare: true, dots: choices !== null, label: named }),
    );
    const seen = observations.map((label, k) => plot(label, line('observations', k), 'tone-observation', { first: 0 }));
    this.#plots = [...outcome, ...acted, ...seen];
    const roots = (group: readonly Plot[]): HTMLElement[] => group.map(({ root }) => root);
    byId('outcome').replaceChildren(...roots(outcome));
    byId('observations').replaceChildren(...roots(seen));
    byId('observations-card').hidden = observations.length === 0;
    this.#showAction = actionDisplay(
      byId('actions'),
      this.#data,
      columns.map((column) => column.actions),
      roots(acted),
    );
    this.#summary();
  }

  /** Draws what has grown. */
  refresh(frames: number): void {
    for (const plot of this.#plots) plot.refresh(frames);
    this.#summary();
  }

  /** Moves the cursors; `time` in steps, with a fraction. */
  at(time: number): void {
    for (const plot of this.#plots) plot.at(time);
  }

  /** Shows what was done in the step that led to a frame. */
  act(frame: number): void {
    this.#showAction(frame);
  }

  #summary(): void {
    const root = byId('summary');
    const sources = this.#sources;
    if (sources.length === 1) {
      const rows = sources[0]!.summary;
      const items = rows.map(([name, value]) => element('div', '', element('dt', '', name), element('dd', '', value)));
      root.replaceChildren(element('dl', 'facts', ...items));
      return;
    }
    const names = [...new Set(sources.flatMap(({ summary }) => summary.map(([name]) => name)))];
    const cell = (source: Source, name: string): HTMLElement =>
      element('td', '', source.summary.find((row) => row[0] === name)?.[1] ?? '–');
    const head = sources.map((source, k) => {
      const th = element('th', '', element('i', `dot of-${k}`));
      th.scope = 'col';
      th.setAttribute('aria-label', source.name);
      return th;
    });
    const rows = names.map((name) => {
      const th = element('th', '', name);
      th.scope = 'row';
      return element('tr', '', th, ...sources.map((source) => cell(source, name)));
    });
    root.replaceChildren(
      element(
        'table',
        'facts-table',
        element('thead', '', element('tr', '', element('td'), ...head)),
        element('tbody', '', ...rows),
      ),
    );
  }
}
