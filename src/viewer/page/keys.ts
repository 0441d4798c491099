/// <reference lib="dom" />
/** Keys that are held, in the order in which they were pressed: what a keyboard pilot acts on. */

/** Follows some keys of the keyboard, and buttons on the screen that stand for them. */
export class HeldKeys {
  readonly #codes: ReadonlySet<string>;
  readonly #held = new Set<string>();
  /** Pressed since they were last taken, though perhaps no longer held: a short press counts, too. */
  readonly #pressed = new Set<string>();
  readonly #target: Pick<Document, 'addEventListener'>;
  #active = false;

  constructor(codes: Iterable<string>, target: Pick<Document, 'addEventListener'> = document) {
    this.#codes = new Set(codes);
    this.#target = target;
    this.#target.addEventListener(
      'keydown',
      (event) => {
        if (!this.#active || event.ctrlKey || event.metaKey || event.altKey || !this.#codes.has(event.code)) return;
        // A focused button is pressed by these.
        if (event.target instanceof HTMLButtonElement && (event.code === 'Space' || event.code === 'Enter')) return;
        // Neither scrolls the page nor moves the slider.
        event.preventDefault();
        event.stopPropagation();
        if (!event.repeat) this.press(event.code);
      },
      { capture: true },
    );
    this.#target.addEventListener('keyup', (event) => this.release(event.code), { capture: true });
    // A key that is released in another window tells nobody.
    addEventListener('blur', () => this.#held.clear());
  }

  /** The codes for the next step: those that are held, and those that were pressed since the last one. */
  take(): readonly string[] {
    const codes = [...this.#held, ...[...this.#pressed].filter((code) => !this.#held.has(code))];
    this.#pressed.clear();
    return codes;
  }

  /** Whether keys are taken; others get them while they are not. */
  set active(active: boolean) {
    if (!active) {
      this.#held.clear();
      this.#pressed.clear();
    }
    this.#active = active;
  }

  press(code: string): void {
    this.#held.delete(code);
    this.#held.add(code);
    this.#pressed.add(code);
  }

  release(code: string): void {
    this.#held.delete(code);
  }
}

/** A key's code as people read it: an arrow, a letter, a digit. */
export function keyName(code: string): string {
  const arrows: Readonly<Record<string, string>> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };
  return arrows[code] ?? code.replace(/^(Key|Digit)/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
}
