/** Keyboards of envs: their own bindings, checked against the action space, or the usual keys of simple spaces. */
import type { Env } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Keyboard, KeyboardBinding } from '../core/keyboard.js';
import { Box } from './box.js';
import { Discrete } from './discrete.js';
import type { Space } from './space.js';

/** `KeyboardEvent.code` is a word of letters and digits with a capital first: `ArrowLeft`, `KeyA`, `Digit1`, `F1`. */
const CODE = /^[A-Z][A-Za-z0-9]*$/;

/** Arrows for 2, 3 and 4 actions, in the order of the actions; the middle one of three is no key at all. */
const ARROWS: Readonly<Record<number, readonly (string | null)[]>> = {
  2: ['ArrowLeft', 'ArrowRight'],
  3: ['ArrowLeft', null, 'ArrowRight'],
  4: ['ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowUp'],
};

/** Why an action in JSON form is not one of a space; null if it is. */
export function actionFault(space: Space, action: Json): string | null {
  try {
    return space.explain(space.valueFromJSON(action));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is wrong with the bindings of an env, a sentence each. */
export function keyboardFaults(keyboard: Keyboard, space: Space): string[] {
  const faults: string[] = [];
  const { idle, bindings } = keyboard;
  if (idle !== null) {
    const why = actionFault(space, idle);
    if (why !== null) faults.push(`idle is not in the action space: ${why}`);
  }
  if (bindings.length === 0) faults.push('bindings is empty');
  const seen = new Map<string, string>();
  for (const { keys, action, label } of bindings) {
    const name = `'${label}'`;
    const why = actionFault(space, action);
    if (why !== null) faults.push(`the action of ${name} is not in the action space: ${why}`);
    const odd = keys.find((code) => !CODE.test(code));
    if (keys.length === 0) faults.push(`${name} has no keys`);
    else if (odd !== undefined) faults.push(`${name} has the key '${odd}', which is no KeyboardEvent.code`);
    const chord = [...new Set(keys)].sort().join('+');
    const other = seen.get(chord);
    if (other !== undefined && keys.length > 0) faults.push(`${other} and ${name} have the same keys, ${chord}`);
    seen.set(chord, name);
  }
  return faults;
}

/**
 * The keyboard of an env: `metadata.keyboard` if its actions lie in the env's action space, which a wrapper may have changed;
 * otherwise the usual keys. A Discrete space of up to ten actions has the digits, and arrows too where it has two to four; it
 * waits for a key. A Box of one or two numbers has arrows at its bounds and 0, or the number nearest to it, without a key.
 * @throws `KEYBOARD_MISSING` for other spaces; `KEYBOARD_INVALID` if the env's own bindings do not fit its own space.
 */
export function keyboardOf(env: Env): Keyboard {
  const { actionSpace } = env;
  const own = env.metadata.keyboard;
  const name = env.spec?.id ?? env.unwrapped.constructor.name;
  if (own !== undefined) {
    const fault = keyboardFaults(own, actionSpace)[0];
    if (fault === undefined) return own;
    if (actionSpace.equals(env.unwrapped.actionSpace)) {
      throw usageError(
        'KEYBOARD_INVALID',
        `metadata.keyboard of ${name}: ${fault}. Give actions as actionSpace.valueToJSON gives them.`,
        { env: name, field: 'keyboard', got: fault },
      );
    }
  }
  const usual = usualKeyboard(actionSpace, env.metadata.fields?.action.map((row) => row.name) ?? []);
  if (usual !== null) return usual;
  throw usageError(
    'KEYBOARD_MISSING',
    `${name} has no keys for its actions, ${String(actionSpace)}. Add metadata.keyboard: { idle: null, bindings: [{ keys: ['ArrowUp'], action: ..., label: 'up' }] }, with actions as actionSpace.valueToJSON gives them.`,
    { env: name, field: 'keyboard', expected: 'metadata.keyboard, or a small Discrete or Box' },
  );
}

/** The usual keys of a simple space; null for others. */
function usualKeyboard(space: Space, names: readonly string[]): Keyboard | null {
  if (space instanceof Discrete && space.n <= 10) return discreteKeyboard(space, names);
  if (space instanceof Box && (space.size === 1 || space.size === 2)) return boxKeyboard(space, names);
  return null;
}

function discreteKeyboard({ n, start }: Discrete, names: readonly string[]): Keyboard {
  const labels = Array.from({ length: n }, (_, i) => (names.length === n ? names[i]! : String(start + i)));
  const bind = (code: string | null, i: number): KeyboardBinding[] =>
    code === null ? [] : [{ keys: [code], action: start + i, label: labels[i]! }];
  const digits = labels.flatMap((_, i) => bind(`Digit${i}`, i));
  return { idle: null, bindings: [...(ARROWS[n] ?? []).flatMap(bind), ...digits] };
}

function boxKeyboard(space: Box, names: readonly string[]): Keyboard | null {
  const low = Array.from(space.low, Number);
  const high = Array.from(space.high, Number);
  if (![...low, ...high].every(Number.isFinite)) return null;
  const idle = low.map((bound, k) => Math.min(high[k]!, Math.max(bound, 0)));
  const label = (k: number): string => (names.length === low.length ? names[k]! : `number ${k}`);
  const axes = [
    ['ArrowLeft', 'ArrowRight'],
    ['ArrowDown', 'ArrowUp'],
  ] as const;
  // Every choice of one bound or none on each axis, but the choice of none at all.
  let choices: KeyboardBinding[] = [{ keys: [], action: idle, label: '' }];
  for (let k = 0; k < low.length; k++) {
    choices = choices.flatMap((choice) =>
      [null, low[k]!, high[k]!].map((value, side) => {
        if (value === null) return choice;
        const action = [...(choice.action as number[])];
        action[k] = value;
        const words = [choice.label, `${label(k)} ${side === 1 ? 'low' : 'high'}`];
        return {
          keys: [...choice.keys, axes[k]![side === 1 ? 0 : 1]],
          action,
          label: words.filter((word) => word !== '').join(', '),
        };
      }),
    );
  }
  return { idle, bindings: choices.filter(({ keys }) => keys.length > 0) };
}
