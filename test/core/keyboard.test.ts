import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Keyboard, keyboardAction } from '../../src/core/keyboard.js';

const KEYS: Keyboard = {
  idle: [0, 0],
  bindings: [
    { keys: ['ArrowLeft'], action: [1, 0], label: 'left' },
    { keys: ['ArrowRight'], action: [-1, 0], label: 'right' },
    { keys: ['ArrowUp'], action: [0, 1], label: 'throttle' },
    { keys: ['ArrowLeft', 'ArrowUp'], action: [1, 1], label: 'left, throttle' },
    { keys: ['ArrowRight', 'ArrowUp'], action: [-1, 1], label: 'right, throttle' },
    { keys: [], action: [9, 9], label: 'no keys' },
  ],
};

const CASES: readonly [string, readonly string[], unknown][] = [
  ['no key: idle', [], [0, 0]],
  ['a key without a binding: idle', ['KeyQ'], [0, 0]],
  ['one key', ['ArrowUp'], [0, 1]],
  ['two keys of one binding', ['ArrowUp', 'ArrowLeft'], [1, 1]],
  ['the order of a combination does not matter', ['ArrowLeft', 'ArrowUp'], [1, 1]],
  ['the most keys win beside keys of no binding', ['KeyQ', 'ArrowLeft', 'ArrowUp'], [1, 1]],
  ['opposite keys: the one pressed last', ['ArrowLeft', 'ArrowRight'], [-1, 0]],
  ['opposite keys the other way round', ['ArrowRight', 'ArrowLeft'], [1, 0]],
  ['opposite keys in combinations', ['ArrowLeft', 'ArrowUp', 'ArrowRight'], [-1, 1]],
  ['the shared key last: the first in the list', ['ArrowRight', 'ArrowLeft', 'ArrowUp'], [1, 1]],
];
for (const [name, held, action] of CASES) {
  test(name, () => {
    assert.equal(keyboardAction(KEYS, new Set(held)), action);
  });
}

test('a game that waits has no action without a key', () => {
  assert.is(keyboardAction({ ...KEYS, idle: null }, []), null);
});

test.run();
