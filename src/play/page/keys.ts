/// <reference lib="dom" />
/** The keys of the game: those that are held, on a keyboard or by a finger, and a button for each. */
import type { Keyboard } from '../../core/keyboard.js';
import { element } from '../../viewer/page/elements.js';
import { HeldKeys, keyName } from '../../viewer/page/keys.js';

/** Places of a cross of arrows, column and row. */
const CROSS: readonly (string | null)[] = [null, 'ArrowUp', null, 'ArrowLeft', 'ArrowDown', 'ArrowRight'];

/** Follows the bound keys and builds a button for each. */
export class GameKeys extends HeldKeys {
  /** Called when a key goes down, not when it repeats. */
  onPress: () => void = () => {};
  readonly #codes: ReadonlySet<string>;
  readonly #buttons = new Map<string, HTMLButtonElement>();

  constructor(keyboard: Keyboard, place: HTMLElement) {
    const codes = new Set(keyboard.bindings.flatMap(({ keys }) => keys));
    super(codes);
    this.#codes = codes;
    this.active = true;
    const labels = new Map<string, string>();
    // What a key does alone, or else what it does first with others.
    for (const { keys, label } of [...keyboard.bindings].sort((a, b) => a.keys.length - b.keys.length)) {
      for (const code of keys) if (!labels.has(code)) labels.set(code, label);
    }
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
    window.addEventListener('blur', () => this.clear());
  }

  override press(code: string): void {
    super.press(code);
    const button = this.#buttons.get(code);
    if (button !== undefined) button.dataset['held'] = '';
    this.onPress();
  }

  override release(code: string): void {
    super.release(code);
    const button = this.#buttons.get(code);
    if (button !== undefined) delete button.dataset['held'];
  }

  /** Lets go of everything. */
  clear(): void {
    for (const code of this.#codes) this.release(code);
    // What was pressed for the next step is forgotten, too.
    this.active = false;
    this.active = true;
  }

  /** Whether a code is one of the game's. */
  has(code: string): boolean {
    return this.#codes.has(code);
  }

  #button(code: string, labels: ReadonlyMap<string, string>): HTMLButtonElement {
    const label = labels.get(code) ?? '';
    const made = element('button', '', keyName(code), element('span', '', label));
    made.type = 'button';
    made.setAttribute('aria-label', label === '' ? keyName(code) : `${label} (${keyName(code)})`);
    made.dataset['code'] = code;
    made.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      made.setPointerCapture(event.pointerId);
      this.press(code);
    });
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
      made.addEventListener(name, () => this.release(code));
    // A long press is no wish for a menu.
    made.addEventListener('contextmenu', (event) => event.preventDefault());
    // By keyboard or a screen reader the button is a tap.
    made.addEventListener('click', (event) => {
      if (event.detail !== 0) return;
      this.press(code);
      this.release(code);
    });
    this.#buttons.set(code, made);
    return made;
  }
}
