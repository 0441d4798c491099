/// <reference lib="dom" />
/** The script of the dashboard's page: brings the server's data, the user's choices and the panels together. */
import { byId, element } from '../../viewer/page/elements.js';
import type { EventOf, RunRow } from '../api.js';
import { askRuns, Events } from './client.js';
import { namePlaces, type ShownRow, sortRows } from './columns.js';
import { showComparison } from './compare.js';
import { CurvesPanel, groupChoices } from './curves-panel.js';
import { type Filter, parseFilter } from './filter.js';
import { listenToKeys } from './keys.js';
import { RunPanel } from './run-panel.js';
import { RunsTable } from './runs-table.js';
import { settingNames as allSettingNames, settingWords, tellingNames } from './settings.js';
import { SystemPanel } from './system.js';
import { TABS, type Tab, type View, ViewStore } from './view.js';

/** Runs by id, with what is derived from all of them. */
const runs = new Map<string, ShownRow>();
let keys: readonly string[] = [];
let places: ReadonlyMap<string, number> = new Map();
let settingNames: ReadonlySet<string> = new Set();
let filter: Filter = { fits: () => true, problems: [] };
/** Runs that fit the filter, in the table's order. */
let filtered: readonly ShownRow[] = [];
/** Names of the settings that tell a run apart from others of its env. */
let telling: (row: RunRow) => readonly string[] = () => [];
let loaded = false;

const view = new ViewStore((_now, changed) => {
  if (changed.has('filter') || changed.has('sort') || changed.has('descending')) arrange();
  else if (changed.has('chosen') || changed.has('run')) marks();
  controls();
  panels();
});

const table = new RunsTable({
  onChoose: (ids, chosen) => {
    const named = new Set(ids);
    const others = view.now.chosen.filter((id) => !named.has(id));
    // Those that were chosen before keep their place.
    const kept = chosen ? view.now.chosen : others;
    const before = new Set(kept);
    view.update({ chosen: chosen ? [...kept, ...ids.filter((id) => !before.has(id))] : others });
  },
  onOpen: (id) => view.update({ run: id, tab: 'run' }),
  onPoint: (id) => curves.mark(id),
  onSort: (sort, descending) => view.update({ sort, descending }),
});
let colours: ReadonlyMap<string, string> = new Map();
const curves = new CurvesPanel({
  onWatch: (ids, key) => events.watch(ids, key),
  onColours: (given) => {
    colours = given;
    marks();
  },
});
const runPanel = new RunPanel();
const system = new SystemPanel();
const connection = byId('connection');

const events = new Events({
  onConnected: () => {
    connection.hidden = true;
    void load();
  },
  onWatching: () => curves.watching(),
  onLost: (seconds) => {
    connection.hidden = false;
    connection.textContent = `The server does not answer; what is shown may be old. Next try in ${Math.round(seconds)} s.`;
  },
  onRuns: ({ changed, gone, keys: names }) => {
    keys = names;
    take(changed, gone);
    curves.changed(
      changed.map(({ id }) => id),
      gone,
    );
  },
  onPoints: (event) => curves.append(event),
  onSystem: (event) => system.show(event),
});

async function load(): Promise<void> {
  try {
    const answer = await askRuns();
    document.title = `${answer.folder} · gymkhana dash`;
    byId('folder').textContent = answer.folder;
    keys = answer.keys;
    const now = new Set(answer.runs.map(({ id }) => id));
    const gone = [...runs.keys()].filter((id) => !now.has(id));
    loaded = true;
    take(answer.runs, gone);
    curves.refresh();
    document.body.setAttribute('data-ready', '');
  } catch (error) {
    connection.hidden = false;
    connection.textContent = error instanceof Error ? error.message : String(error);
  }
}

/** Rows that are new or changed, and ids that are gone. */
function take(changed: EventOf['runs']['changed'], gone: readonly string[]): void {
  let others = gone.length > 0;
  for (const id of gone) runs.delete(id);
  for (const row of changed) {
    others ||= !runs.has(row.id);
    runs.set(row.id, { ...row, varied: settingWords(row, telling(row)) });
  }
  // A run that goes on keeps its settings, but one that waited may have had none.
  if (others || changed.some(({ status }) => status !== 'running')) derive();
  arrangeSoon();
}

/** What follows from all runs together. */
function derive(): void {
  places = namePlaces(runs.keys());
  settingNames = new Set(allSettingNames([...runs.values()]));
  telling = tellingNames([...runs.values()]);
  for (const [id, row] of runs) {
    const varied = settingWords(row, telling(row));
    if (varied !== row.varied) runs.set(id, { ...row, varied });
  }
}

let arranging = 0;
/** Many runs may change at once; the table follows once a picture. */
function arrangeSoon(): void {
  if (arranging !== 0) return;
  arranging = requestAnimationFrame(() => {
    arranging = 0;
    arrange();
    controls();
    panels();
  });
}

function arrange(): void {
  const { filter: text, sort, descending } = view.now;
  filter = parseFilter(text, settingNames);
  const fitting: ShownRow[] = [];
  for (const row of runs.values()) if (filter.fits(row)) fitting.push(row);
  filtered = sortRows(fitting, sort, descending, places);
  table.show(filtered);
  table.sorted(sort, descending);
  marks();
  status();
}

function marks(): void {
  table.mark(view.now.chosen, view.now.run, colours);
}

function status(): void {
  const counts = new Map<string, number>();
  for (const row of runs.values()) counts.set(row.status, (counts.get(row.status) ?? 0) + 1);
  const words = [...counts].map(([name, number]) => `${number} ${name}`);
  byId('counts').textContent = !loaded
    ? 'Loading …'
    : runs.size === 0
      ? 'There is no run in this folder yet; new ones appear by themselves.'
      : `${runs.size} run${runs.size === 1 ? '' : 's'}: ${words.join(', ')}`;
  const { filter: text } = view.now;
  const said = filter.problems.length > 0 ? filter.problems.join(' ') : `${filtered.length} of ${runs.size}`;
  byId('filter-result').textContent = text === '' ? '' : said;
  byId('no-rows').hidden = filtered.length > 0 || runs.size === 0;
  byId('filter').setAttribute('aria-invalid', String(filter.problems.length > 0));
}

/** The chosen runs that are there, in the order of choice. */
const chosenRows = (now: View): ShownRow[] => now.chosen.flatMap((id) => runs.get(id) ?? []);

const metric = (now: View): string => (now.metric !== '' || keys.length === 0 ? now.metric : keys[0]!);

function panels(): void {
  const { now } = view;
  const chosen = chosenRows(now);
  curves.show(chosen.length > 0 ? chosen : filtered, metric(now), now);
  if (now.tab === 'compare') showComparison(chosen, now.allSettings, (id) => view.update({ run: id, tab: 'run' }));
  // A live agent and a log end when one looks elsewhere.
  if (now.tab !== 'run' || now.run === null) runPanel.close();
  else runPanel.open(now.run, runs.get(now.run) ?? null);
  byId('run-none').hidden = now.run !== null;
}

function options(select: HTMLSelectElement, choices: readonly (readonly [string, string])[], value: string): void {
  const shown = [...select.options].map((option) => `${option.value} ${option.text}`);
  const wanted = choices.map(([name, text]) => `${name} ${text}`);
  if (shown.length !== wanted.length || shown.some((text, k) => text !== wanted[k])) {
    select.replaceChildren(
      ...choices.map(([name, text]) => {
        const option = element('option', '', text);
        option.value = name;
        return option;
      }),
    );
  }
  if (select.value !== value) select.value = value;
}

const input = (id: string): HTMLInputElement => byId<HTMLInputElement>(id);
const select = (id: string): HTMLSelectElement => byId<HTMLSelectElement>(id);

/** Shows the view in every control. */
function controls(): void {
  const { now } = view;
  if (input('filter').value !== now.filter) input('filter').value = now.filter;
  const chosen = chosenRows(now);
  const rows = chosen.length > 0 ? chosen : filtered;
  const key = metric(now);
  const names = key === '' || keys.includes(key) ? keys : [key, ...keys];
  options(
    select('metric'),
    names.map((name) => [name, name]),
    key,
  );
  options(select('group'), groupChoices(rows, now.group), now.group);
  select('summary').value = now.summary;
  select('summary').disabled = now.group === 'run';
  input('smoothing').value = String(now.smoothing);
  byId('smoothing-value').textContent = now.smoothing === 0 ? 'off' : String(now.smoothing);
  input('log').checked = now.log;
  input('all-settings').checked = now.allSettings;
  byId('chosen').textContent = chosen.length === 0 ? '' : `${chosen.length} chosen`;
  byId('clear').hidden = now.chosen.length === 0;
  for (const tab of TABS) {
    const button = byId(`tab-${tab}`);
    button.setAttribute('aria-selected', String(tab === now.tab));
    button.tabIndex = tab === now.tab ? 0 : -1;
    byId(`panel-${tab}`).hidden = tab !== now.tab;
  }
}

function listen(): void {
  input('filter').addEventListener('input', () => view.update({ filter: input('filter').value }));
  select('metric').addEventListener('change', () => view.update({ metric: select('metric').value }));
  select('group').addEventListener('change', () => view.update({ group: select('group').value }));
  select('summary').addEventListener('change', () =>
    view.update({ summary: select('summary').value === 'iqm' ? 'iqm' : 'mean' }),
  );
  input('smoothing').addEventListener('input', () => view.update({ smoothing: Number(input('smoothing').value) }));
  input('log').addEventListener('change', () => view.update({ log: input('log').checked }));
  input('all-settings').addEventListener('change', () => view.update({ allSettings: input('all-settings').checked }));
  byId('clear').addEventListener('click', () => view.update({ chosen: [] }));
  byId('choose-filtered').addEventListener('click', () => view.update({ chosen: filtered.map(({ id }) => id) }));
  for (const tab of TABS) byId(`tab-${tab}`).addEventListener('click', () => view.update({ tab }));
  byId('tabs').addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    const tab = TABS[(TABS.indexOf(view.now.tab) + by + TABS.length) % TABS.length]!;
    view.update({ tab });
    byId(`tab-${tab}`).focus();
  });
  listenToKeys({
    filter: () => input('filter').select(),
    table: () => table.focus(),
    tab: (tab: Tab) => view.update({ tab }),
    clear: () => view.update({ chosen: [] }),
  });
}

listen();
arrange();
controls();
panels();
