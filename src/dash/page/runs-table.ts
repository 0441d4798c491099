/// <reference lib="dom" />
/**
 * The table of runs. Only the rows that can be seen are elements, which are filled anew as one scrolls. The whole table is one
 * stop of the tab key: the arrow keys move a mark from row to row.
 */
import { byId, element } from '../../viewer/page/elements.js';
import { COLUMNS, progress, type ShownRow } from './columns.js';

/** Rows beyond the visible ones, above and below. */
const MARGIN_ROWS = 6;

export interface TableHandlers {
  readonly onChoose: (ids: readonly string[], chosen: boolean) => void;
  readonly onOpen: (id: string) => void;
  /** The row that is pointed at, with the pointer or the keys. */
  readonly onPoint: (id: string | null) => void;
  readonly onSort: (column: string, descending: boolean) => void;
}

interface RowElement {
  readonly root: HTMLElement;
  readonly box: HTMLInputElement;
  readonly cells: readonly HTMLElement[];
  readonly swatch: HTMLElement;
  readonly bar: HTMLElement;
  /** What it shows now: the row's object, and how it is marked. */
  row: ShownRow | null;
  state: string;
}

export class RunsTable {
  readonly #handlers: TableHandlers;
  readonly #grid = byId('grid');
  readonly #body = byId('rows');
  readonly #all = byId<HTMLInputElement>('choose-all');
  readonly #pool: RowElement[] = [];
  #rows: readonly ShownRow[] = [];
  #chosen: ReadonlySet<string> = new Set();
  #colours: ReadonlyMap<string, string> = new Map();
  #open: string | null = null;
  #active: string | null = null;
  #anchor = 0;
  #rowHeight = 36;
  #headHeight = 0;
  #painting = 0;

  constructor(handlers: TableHandlers) {
    this.#handlers = handlers;
    this.#head();
    this.#grid.addEventListener('scroll', () => this.#paintSoon(), { passive: true });
    this.#grid.addEventListener('keydown', (event) => this.#key(event));
    this.#grid.addEventListener('focus', () => {
      if (this.#active === null) this.#activate(0);
    });
    this.#all.addEventListener('change', () =>
      this.#handlers.onChoose(
        this.#rows.map(({ id }) => id),
        this.#all.checked,
      ),
    );
    this.#body.addEventListener('click', (event) => this.#click(event));
    this.#body.addEventListener('pointerover', (event) => {
      const root = (event.target as HTMLElement).closest<HTMLElement>('.row');
      this.#handlers.onPoint(this.#rows[Number(root?.dataset.index)]?.id ?? null);
    });
    for (const name of ['pointerleave', 'blur']) {
      this.#grid.addEventListener(name, () => this.#handlers.onPoint(null));
    }
    new ResizeObserver(() => this.#resize()).observe(this.#grid);
    this.#resize();
  }

  /** Shows these rows in this order. */
  show(rows: readonly ShownRow[]): void {
    this.#rows = rows;
    this.#grid.setAttribute('aria-rowcount', String(rows.length + 1));
    this.#body.style.height = `${rows.length * this.#rowHeight}px`;
    this.#marks();
    this.#paintSoon();
  }

  /** Marks the chosen runs, the open one, and the colours (class names) of those with a curve. */
  mark(chosen: readonly string[], open: string | null, colours: ReadonlyMap<string, string>): void {
    this.#chosen = new Set(chosen);
    this.#open = open;
    this.#colours = colours;
    this.#marks();
    this.#paintSoon();
  }

  sorted(name: string, descending: boolean): void {
    for (const head of this.#grid.querySelectorAll<HTMLElement>('[role="columnheader"][data-column]')) {
      const sorts = head.dataset.column === name;
      head.setAttribute('aria-sort', sorts ? (descending ? 'descending' : 'ascending') : 'none');
    }
    byId<HTMLSelectElement>('sort').value = `${descending ? '-' : ''}${name}`;
  }

  focus(): void {
    this.#grid.focus();
  }

  #head(): void {
    const head = byId('head');
    const select = byId<HTMLSelectElement>('sort');
    for (const { name, label, about, numeric } of COLUMNS) {
      const button = element('button', '', label);
      button.type = 'button';
      button.title = `${about}; sorts`;
      const cell = element('div', `cell ${name}${numeric ? ' number' : ''}`, button);
      cell.setAttribute('role', 'columnheader');
      cell.dataset.column = name;
      button.addEventListener('click', () => {
        const now = cell.getAttribute('aria-sort');
        // Of figures one looks for the largest, of words for the first.
        this.#handlers.onSort(name, now === 'none' ? numeric : now === 'ascending');
      });
      head.append(cell);
      for (const descending of numeric ? [true, false] : [false, true]) {
        const option = element('option', '', `${label} ${descending ? '↓' : '↑'}`);
        option.value = `${descending ? '-' : ''}${name}`;
        select.append(option);
      }
    }
    select.addEventListener('change', () =>
      this.#handlers.onSort(select.value.replace(/^-/, ''), select.value.startsWith('-')),
    );
  }

  #marks(): void {
    const shown = this.#rows.reduce((sum, { id }) => sum + (this.#chosen.has(id) ? 1 : 0), 0);
    this.#all.checked = shown > 0 && shown === this.#rows.length;
    this.#all.indeterminate = shown > 0 && shown < this.#rows.length;
  }

  #resize(): void {
    const height = Number.parseFloat(getComputedStyle(this.#grid).getPropertyValue('--row'));
    if (height > 0) this.#rowHeight = height;
    this.#headHeight = byId('head').offsetHeight;
    this.#body.style.height = `${this.#rows.length * this.#rowHeight}px`;
    this.#paintSoon();
  }

  #paintSoon(): void {
    if (this.#painting !== 0) return;
    this.#painting = requestAnimationFrame(() => {
      this.#painting = 0;
      this.#paint();
    });
  }

  #paint(): void {
    const { scrollTop, clientHeight } = this.#grid;
    const first = Math.max(0, Math.floor(scrollTop / this.#rowHeight) - MARGIN_ROWS);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / this.#rowHeight) + MARGIN_ROWS);
    while (this.#pool.length < last - first) this.#pool.push(this.#make());
    const size = this.#pool.length;
    const used = new Set<RowElement>();
    for (let k = first; k < last; k++) {
      // The same row keeps its element while one scrolls.
      const made = this.#pool[k % size]!;
      used.add(made);
      this.#fill(made, this.#rows[k]!, k);
    }
    for (const made of this.#pool) if (!used.has(made)) made.root.hidden = true;
    const active = this.#activeIndex();
    const seen = active >= first && active < last;
    if (seen) this.#grid.setAttribute('aria-activedescendant', this.#pool[active % size]!.root.id);
    else this.#grid.removeAttribute('aria-activedescendant');
  }

  #make(): RowElement {
    const box = element('input');
    box.type = 'checkbox';
    box.tabIndex = -1;
    const choice = element('div', 'cell choice', box);
    choice.setAttribute('role', 'gridcell');
    const swatch = element('span', 'swatch');
    const bar = element('span', 'bar');
    const cells = COLUMNS.map(({ name, numeric }) => {
      const text = element('span', name === 'id' ? 'text open' : 'text');
      const cell = element('div', `cell ${name}${numeric ? ' number' : ''}`, text);
      cell.setAttribute('role', 'gridcell');
      if (name === 'id') cell.prepend(swatch);
      if (name === 'step') cell.append(element('span', 'track', bar));
      return cell;
    });
    const root = element('div', 'row', choice, ...cells);
    root.setAttribute('role', 'row');
    root.id = `row-${this.#pool.length}`;
    this.#body.append(root);
    const texts = cells.map((cell) => cell.querySelector<HTMLElement>('.text')!);
    return { root, box, cells: texts, swatch, bar, row: null, state: '' };
  }

  #fill(made: RowElement, row: ShownRow, index: number): void {
    const { id } = row;
    const chosen = this.#chosen.has(id);
    const colour = this.#colours.get(id) ?? '';
    const state = `${index} ${chosen} ${id === this.#active} ${id === this.#open} ${colour} ${this.#rowHeight}`;
    if (made.row === row && made.state === state && !made.root.hidden) return;
    const { root, box, cells, swatch, bar } = made;
    root.hidden = false;
    root.style.transform = `translateY(${index * this.#rowHeight}px)`;
    root.setAttribute('aria-rowindex', String(index + 2));
    root.setAttribute('aria-selected', String(chosen));
    root.classList.toggle('active', id === this.#active);
    root.classList.toggle('opened', id === this.#open);
    root.dataset.index = String(index);
    root.dataset.status = row.status;
    swatch.className = `swatch ${colour}`;
    box.checked = chosen;
    if (made.row !== row) {
      box.setAttribute('aria-label', `Compare ${id}`);
      for (const [k, column] of COLUMNS.entries()) setText(cells[k]!, column.text(row));
      root.title = row.problem ?? '';
      for (const cell of cells) cell.title = cell.textContent ?? '';
      const share = progress(row);
      bar.style.width = `${100 * (share ?? 0)}%`;
      bar.parentElement!.hidden = share === null;
    }
    made.row = row;
    made.state = state;
  }

  #activeIndex(): number {
    return this.#active === null ? -1 : this.#rows.findIndex(({ id }) => id === this.#active);
  }

  /** Moves the mark to a row and shows it. */
  #activate(index: number): void {
    const at = Math.min(this.#rows.length - 1, Math.max(0, index));
    const row = this.#rows[at];
    if (row === undefined) return;
    this.#active = row.id;
    this.#handlers.onPoint(row.id);
    const top = at * this.#rowHeight;
    const room = this.#grid.clientHeight - this.#headHeight;
    if (top < this.#grid.scrollTop) this.#grid.scrollTop = top;
    else if (top + this.#rowHeight > this.#grid.scrollTop + room) this.#grid.scrollTop = top + this.#rowHeight - room;
    this.#paint();
  }

  /** Chooses the rows from the last one that was chosen to this one. */
  #chooseRange(index: number): void {
    const [from, to] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)];
    this.#handlers.onChoose(
      this.#rows.slice(from, to + 1).map(({ id }) => id),
      true,
    );
  }

  #toggle(index: number): void {
    const row = this.#rows[index];
    if (row === undefined) return;
    this.#anchor = index;
    this.#handlers.onChoose([row.id], !this.#chosen.has(row.id));
  }

  #click(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const root = target.closest<HTMLElement>('.row');
    if (root === null) return;
    const index = Number(root.dataset.index);
    this.#activate(index);
    if (target.closest('.choice') !== null) {
      if (event.shiftKey) this.#chooseRange(index);
      else this.#toggle(index);
      // The browser has turned the box over by itself; what is chosen decides.
      const box = root.querySelector('input')!;
      queueMicrotask(() => {
        box.checked = this.#chosen.has(this.#rows[index]?.id ?? '');
      });
    } else if (target.closest('.open') !== null) this.#handlers.onOpen(this.#rows[index]!.id);
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.#grid || event.altKey) return;
    const active = Math.max(0, this.#activeIndex());
    const page = Math.max(1, Math.floor(this.#grid.clientHeight / this.#rowHeight) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: this.#rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      this.#activate(to);
      if (event.shiftKey) this.#handlers.onChoose([this.#active!], true);
    } else if (event.key === ' ') {
      if (event.shiftKey) this.#chooseRange(active);
      else this.#toggle(active);
    } else if (event.key === 'Enter') {
      const row = this.#rows[active];
      if (row !== undefined) this.#handlers.onOpen(row.id);
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      this.#handlers.onChoose(
        this.#rows.map(({ id }) => id),
        true,
      );
    } else return;
    event.preventDefault();
  }
}

function setText(cell: HTMLElement, text: string): void {
  if (cell.textContent !== text) cell.textContent = text;
}
