/// <reference lib="dom" />
/** The chosen runs side by side: the settings that differ, then what came of them. */
import { byId, element } from '../../viewer/page/elements.js';
import type { RunRow } from '../api.js';
import { COLUMNS } from './columns.js';
import { commonFolder } from './format.js';
import { compareSettings } from './settings.js';

/** Runs side by side; more can be read by nobody. */
const MOST_RUNS = 40;
const RESULTS = ['status', 'step', 'meanReturn', 'bestReturn', 'stepsPerSecond', 'seconds'];

/** Shows the comparison; `all` with the settings that are the same everywhere. */
export function showComparison(rows: readonly RunRow[], all: boolean, open: (id: string) => void): void {
  const shown = rows.slice(0, MOST_RUNS);
  const compared = compareSettings(shown);
  const settings = all ? compared : compared.filter(({ differs }) => differs);
  const about = byId('compare-about');
  about.textContent =
    rows.length < 2
      ? 'Choose at least two runs in the table: with their boxes, or with the space key.'
      : `${rows.length > MOST_RUNS ? `The first ${MOST_RUNS} of ${rows.length} runs: ` : ''}${settingsText(compared.filter(({ differs }) => differs).length, compared.length)}`;
  byId('compare-all').hidden = rows.length < 2;
  const scroll = byId('compare-table');
  scroll.hidden = rows.length < 2;
  if (rows.length < 2) {
    scroll.replaceChildren();
    return;
  }
  const folder = commonFolder(shown.map(({ id }) => id)).length;
  const heads = shown.map(({ id }) => {
    const button = element('button', 'link', id.slice(folder));
    button.type = 'button';
    button.title = `Open ${id}`;
    button.addEventListener('click', () => open(id));
    const head = element('th', '', button);
    head.scope = 'col';
    return head;
  });
  const named = (name: string, cells: readonly HTMLElement[]): HTMLElement => {
    const head = element('th', 'setting', name);
    head.scope = 'row';
    return element('tr', '', head, ...cells);
  };
  const body = element(
    'tbody',
    '',
    ...settings.map(({ name, texts, unusual, differs }) =>
      named(
        name,
        texts.map((text, k) => {
          const cell = element('td', unusual[k] ? 'unusual' : differs ? 'usual' : '', text);
          if (unusual[k]) cell.setAttribute('aria-label', `${text}, differs`);
          return cell;
        }),
      ),
    ),
  );
  const results = element(
    'tbody',
    'results',
    ...RESULTS.map((name) => {
      const column = COLUMNS.find((each) => each.name === name)!;
      return named(
        column.label,
        shown.map((row) => element('td', '', column.text(row))),
      );
    }),
  );
  const corner = element('th', 'setting', 'Setting');
  const { scrollLeft, scrollTop } = scroll;
  // Runs that go on have it made anew again and again: what has the focus keeps it.
  const focused = [...scroll.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
  scroll.replaceChildren(
    element('table', '', element('thead', '', element('tr', '', corner, ...heads)), body, results),
  );
  scroll.scrollTo(scrollLeft, scrollTop);
  if (focused >= 0) scroll.querySelectorAll('button')[focused]?.focus({ preventScroll: true });
}

function settingsText(differing: number, of: number): string {
  if (differing === 0) return `All ${of} settings are the same.`;
  return `${differing} of ${of} settings ${differing === 1 ? 'differs' : 'differ'}; what is not the most common value is marked.`;
}
