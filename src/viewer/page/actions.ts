/// <reference lib="dom" />
/** What the policy does, at this moment: the choice among a few, or a gauge for each number. */
import type { PageEpisode, Series } from '../page-data.js';
import { brief, element, unitText } from './elements.js';

/** Most choices that are shown side by side. */
const MOST_CHOICES = 12;
/** Most gauges. */
const MOST_GAUGES = 16;

/** Builds the display of an episode's actions, each with its plot; the function it returns shows those of a frame. */
export function actionDisplay(
  root: HTMLElement,
  episode: PageEpisode,
  plots: readonly HTMLElement[],
): (frame: number) => void {
  root.replaceChildren();
  const { choices, actions } = episode;
  if (choices !== null && choices.names.length <= MOST_CHOICES) {
    const show = showChoices(root, choices.start, choices.names, actions[0]?.values ?? []);
    root.append(...plots);
    return show;
  }
  const gauges = actions.slice(0, MOST_GAUGES).map((series) => gauge(series));
  for (const [i, each] of gauges.entries()) each.root.append(plots[i]!);
  root.append(...gauges.map((each) => each.root));
  if (actions.length > MOST_GAUGES) root.append(element('p', 'muted', `and ${actions.length - MOST_GAUGES} more`));
  return (frame) => {
    for (const each of gauges) each.show(frame);
  };
}

function showChoices(
  root: HTMLElement,
  start: number,
  names: readonly string[],
  values: readonly number[],
): (frame: number) => void {
  const items = names.map((name) => element('li', '', name));
  root.append(element('ul', 'choices', ...items));
  return (frame) => {
    const chosen = values[frame - 1];
    for (const [i, item] of items.entries()) item.toggleAttribute('data-chosen', i + start === chosen);
  };
}

function gauge(series: Series): { root: HTMLElement; show: (frame: number) => void } {
  const { name, unit, about, low, high, values } = series;
  const value = element('span', 'gauge-value');
  const label = element('span', 'gauge-name', name);
  if (about !== '') label.title = about;
  const root = element('div', 'gauge', label, value);
  const bar = element('div', 'gauge-bar');
  const bounded = low !== undefined && high !== undefined && high > low;
  if (bounded) root.append(element('div', low < 0 && high > 0 ? 'gauge-track centred' : 'gauge-track', bar));
  const show = (frame: number): void => {
    const now = values[frame - 1];
    value.textContent = now === undefined ? '–' : `${brief(now)}${unitText(unit)}`;
    if (!bounded) return;
    const zero = Math.min(high, Math.max(low, 0));
    const clipped = Math.min(high, Math.max(low, now ?? zero));
    const from = (Math.min(zero, clipped) - low) / (high - low);
    const to = (Math.max(zero, clipped) - low) / (high - low);
    bar.style.left = `${100 * from}%`;
    bar.style.width = `${100 * (to - from)}%`;
  };
  return { root, show };
}
