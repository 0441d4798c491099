/** Keys for a person: which action the keys that are held stand for. Pure data and one pure function, for Node and for pages. */
import type { Json } from './json.js';

/** One action and the keys that, held together, choose it. */
export interface KeyboardBinding {
  /** `KeyboardEvent.code` of each key, such as `ArrowLeft`, `Space`, `KeyA`, `Digit1`: a place on the keyboard, whatever its layout. */
  readonly keys: readonly string[];
  /** The action in its space's JSON form, as `actionSpace.valueToJSON` gives it. */
  readonly action: Json;
  /** What it does, a word or two, for help and touch buttons. */
  readonly label: string;
}

/** How a person plays an env with a keyboard. */
export interface Keyboard {
  /** The action while no binding's keys are held; null for an env that waits for a key, as a board game does. */
  readonly idle: Json;
  readonly bindings: readonly KeyboardBinding[];
}

/**
 * The action of the keys that are held, in JSON form: of all bindings whose keys are all held, the one with the most keys wins,
 * among equals the one whose last key was pressed last, then the first in the list. Without one it is `idle`.
 * @param held Codes of the keys that are held, in the order in which they were pressed.
 */
export function keyboardAction(keyboard: Keyboard, held: Iterable<string>): Json {
  const order = new Map<string, number>();
  for (const code of held) order.set(code, order.size);
  let best: KeyboardBinding | null = null;
  let bestAt = -1;
  for (const binding of keyboard.bindings) {
    const { keys } = binding;
    if (keys.length === 0 || !keys.every((code) => order.has(code))) continue;
    const at = Math.max(...keys.map((code) => order.get(code)!));
    if (best !== null && (keys.length < best.keys.length || (keys.length === best.keys.length && at <= bestAt)))
      continue;
    best = binding;
    bestAt = at;
  }
  return best === null ? keyboard.idle : best.action;
}
