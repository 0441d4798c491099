/// <reference lib="dom" />
/** What is done at this moment, lane by lane: the choice among a few, or a gauge for each number. */
import type { Label, PageData } from '../page-data.js';
import { brief, element, unitText } from './elements.js';
import type { Column } from './source.js';

/** Most choices that are shown side by side. */
const MOST_CHOICES = 12;
/** Most gauges. */
const MOST_GAUGES = 16;

/**
 * Builds the display of the lanes' actions, each with its plot; the function it returns shows those of a frame.
 * @param columns of each lane, one a label.
 */
export function actionDisplay(
  root: HTMLElement,
  { actions, choices }: Pick<PageData, 'actions' | 'choices'>,
  columns: readonly (readonly Column[])[],
  plots: readonly HTMLElement[],
): (frame: number) => void {
  root.replaceChildren();
  if (choices !== null && choices.names.length <= MOST_CHOICES) {
    const show = showChoices(root, choices.start, choices.names, columns);
    root.append(...plots);
    return show;
  }
  const gauges = actions.slice(0, MOST_GAUGES).map((label, k) =>
    gauge(
      label,
      columns.map((lane) => lane[k]!),
    ),
  );
  for (const [i, each] of gauges.entries()) each.root.append(plots[i]!);
  root.append(...gauges.map((each) => each.root));
  if (actions.length > MOST_GAUGES) root.append(element('p', 'muted', `and ${actions.length - MOST_GAUGES} more`));
  return (frame) => {
    for (const each of gauges) each.show(frame);
  };
}

/** What a column has for the step that led to a frame. */
function actedAt(column: Column | undefined, frame: number): number | undefined {
  return frame < 1 ? undefined : column?.at(frame - 1);
}

function showChoices(
  root: HTMLElement,
  start: number,
  names: readonly string[],
  columns: readonly (readonly Column[])[],
): (frame: number) => void {
  const many = columns.length > 1;
  const dots = names.map(() => (many ? columns.map((_, k) => element('i', `dot of-${k}`)) : []));
  const items = names.map((name, i) => element('li', '', name, ...dots[i]!));
  root.append(element('ul', 'choices', ...items));
  return (frame) => {
    const chosen = columns.map((lane) => actedAt(lane[0], frame));
    for (const [i, item] of items.entries()) {
      item.toggleAttribute(many ? 'data-dotted' : 'data-chosen', chosen.includes(i + start));
      for (const [k, dot] of dots[i]!.entries()) dot.hidden = i + start !== chosen[k];
    }
  };
}

function gauge(label: Label, lanes: readonly Column[]): { root: HTMLElement; show: (frame: number) => void } {
  const { name, unit, about, low, high } = label;
  const values = lanes.map((_, k) => element('span', `gauge-value of-${k}`));
  const many = lanes.length > 1;
  const title = element('span', 'gauge-name', many ? `${name}${unitText(unit)}` : name);
  if (about !== '') title.title = about;
  const root = element('div', many ? 'gauge many' : 'gauge', title, element('span', 'plot-values', ...values));
  const bounded = low !== undefined && high !== undefined && high > low;
  const bars = lanes.map((_, k) => element('div', `gauge-bar of-${k}`));
  if (bounded) {
    const track = low < 0 && high > 0 ? 'gauge-track centred' : 'gauge-track';
    root.append(...bars.map((bar) => element('div', track, bar)));
  }
  const show = (frame: number): void => {
    for (const [k, lane] of lanes.entries()) {
      const now = actedAt(lane, frame);
      values[k]!.textContent = now === undefined ? '–' : `${brief(now)}${many ? '' : unitText(unit)}`;
      if (!bounded) continue;
      const zero = Math.min(high, Math.max(low, 0));
      const clipped = Math.min(high, Math.max(low, now ?? zero));
      const from = (Math.min(zero, clipped) - low) / (high - low);
      const to = (Math.max(zero, clipped) - low) / (high - low);
      bars[k]!.style.left = `${100 * from}%`;
      bars[k]!.style.width = `${100 * (to - from)}%`;
    }
  };
  return { root, show };
}
