/// <reference lib="dom" />
/** Keys that work anywhere on the page, and the list of all keys. */
import { byId } from '../../viewer/page/elements.js';
import { TABS, type Tab } from './view.js';

export interface KeyActions {
  readonly filter: () => void;
  readonly table: () => void;
  readonly tab: (tab: Tab) => void;
  readonly clear: () => void;
}

/** Whether the keys that are typed here are text or belong to a control. */
function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'range', 'radio', 'button'].includes(target.type);
}

export function listenToKeys(actions: KeyActions): void {
  const help = byId<HTMLDialogElement>('keys');
  byId('show-keys').addEventListener('click', () => help.showModal());
  byId('close-keys').addEventListener('click', () => help.close());
  const filter = byId<HTMLInputElement>('filter');
  filter.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' && event.key !== 'Enter' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    actions.table();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || typing(event.target)) return;
    const number = Number(event.key) - 1;
    if (event.key === '/') actions.filter();
    else if (event.key === '?') help.showModal();
    else if (event.key === 't') actions.table();
    else if (event.key === 'Escape') actions.clear();
    else if (TABS[number] !== undefined) actions.tab(TABS[number]);
    else return;
    event.preventDefault();
  });
}
