/// <reference lib="dom" />
/** The keys that are held, on a keyboard or by a finger, in the order in which they were pressed. */
import type { Keyboard } from '../../core/keyboard.js';
import { element } from '../../viewer/page/elements.js';

const CAPS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Space: 'Space',
  Enter: '⏎',
};

/** What stands on a key: `A` for `KeyA`, an arrow for `ArrowUp`. */
export function capOf(code: string): string {
  return CAPS[code] ?? code.replace(/^(Key|Digit)/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
}

/** Places of a cross of arrows, column and row. */
const CROSS: readonly (string | null)[] = [null, 'ArrowUp', null, 'ArrowLeft', 'ArrowDown', 'ArrowRight'];

/** Follows the bound keys and builds a button for each. */
export class HeldKeys {
  /** Called when a key goes down, not when it repeats. */
  onPress: () => void = () => {};
  readonly #codes: ReadonlySet<string>;
  readonly #held = new Set<string>();
  /** Pressed since the last step, though perhaps no longer held. */
  readonly #pressed = new Set<string>();
  readonly #buttons = new Map<string, HTMLButtonElement>();

  constructor(keyboard: Keyboard, place: HTMLElement) {
    this.#codes = new Set(keyboard.bindings.flatMap(({ keys }) => keys));
    const labels = new Map<string, string>();
    for (const { keys, label } of keyboard.bindings) if (keys.length === 1) labels.set(keys[0]!, label);
    const arrows = [...this.#codes].filter((code) => code.startsWith('Arrow'));
    const cross = arrows.some((code) => code === 'ArrowUp' || code === 'ArrowDown');
    if (cross) {
      const pad = element('div', 'keys pad-keys');
      for (const code of CROSS) {
        pad.append(code !== null && this.#codes.has(code) ? this.#button(code, labels) : element('span'));
      }
      place.before(pad);
    }
    for (const code of this.#codes) if (!(cross && arrows.includes(code))) place.append(this.#button(code, labels));
    place.hidden = place.childElementCount === 0;
    this.#listen();
  }

  /** Codes for the next step: what is held, and what was pressed since the last one. */
  take(): readonly string[] {
    const codes = [...this.#held];
    for (const code of this.#pressed) if (!this.#held.has(code)) codes.push(code);
    this.#pressed.clear();
    return codes;
  }

  /** Lets go of everything. */
  clear(): void {
    for (const code of [...this.#held]) this.#up(code);
    this.#pressed.clear();
  }

  /** Whether a code is one of the game's. */
  has(code: string): boolean {
    return this.#codes.has(code);
  }

  #button(code: string, labels: ReadonlyMap<string, string>): HTMLButtonElement {
    const label = labels.get(code) ?? '';
    const made = element('button', '', capOf(code), element('span', '', label));
    made.type = 'button';
    made.setAttribute('aria-label', label === '' ? capOf(code) : `${label} (${capOf(code)})`);
    made.dataset['code'] = code;
    made.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      made.setPointerCapture(event.pointerId);
      this.#down(code);
    });
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
      made.addEventListener(name, () => this.#up(code));
    // A long press is no wish for a menu.
    made.addEventListener('contextmenu', (event) => event.preventDefault());
    // By keyboard or a screen reader the button is a tap.
    made.addEventListener('click', (event) => {
      if (event.detail !== 0) return;
      this.#down(code);
      this.#up(code);
    });
    this.#buttons.set(code, made);
    return made;
  }

  #listen(): void {
    window.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.#codes.has(event.code)) return;
      if (event.target instanceof HTMLButtonElement && (event.code === 'Space' || event.code === 'Enter')) return;
      event.preventDefault();
      if (!event.repeat) this.#down(event.code);
    });
    window.addEventListener('keyup', (event) => this.#up(event.code));
    window.addEventListener('blur', () => this.clear());
  }

  #down(code: string): void {
    this.#held.add(code);
    this.#pressed.add(code);
    const button = this.#buttons.get(code);
    if (button !== undefined) button.dataset['held'] = '';
    this.onPress();
  }

  #up(code: string): void {
    this.#held.delete(code);
    const button = this.#buttons.get(code);
    if (button !== undefined) delete button.dataset['held'];
  }
}
