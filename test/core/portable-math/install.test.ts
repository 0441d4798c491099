import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installPortableMath, type PortableName, portableMath } from '../../../src/core/portable-math/index.js';
import { throwsError } from '../../support/misuse.js';

const names = Object.keys(portableMath) as PortableName[];

/** An object with all of Math's own properties. */
function copyOfMath(): Math {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(Math)) as Math;
}

test('it replaces its functions in the global Math and nothing else, until it is undone', () => {
  const before = Object.getOwnPropertyDescriptors(Math);
  const undo = installPortableMath();
  const during = Object.getOwnPropertyDescriptors(Math);
  undo();
  const after = Object.getOwnPropertyDescriptors(Math);
  const replaced = Object.keys(before).filter((name) => {
    const [a, b] = [before, during].map((all) => all[name as keyof Math] as PropertyDescriptor);
    return a!.value !== b!.value;
  });
  assert.equal(replaced.sort(), [...names].sort());
  assert.equal(Object.keys(during).sort(), Object.keys(before).sort());
  for (const name of names) {
    assert.is(during[name].value, portableMath[name]);
    assert.is(after[name].value, before[name].value);
    assert.equal({ ...after[name], value: 0 }, { ...during[name], value: 0 }, name);
  }
});

test('installing twice is installing once, and undoing twice is undoing once', () => {
  const target = copyOfMath();
  const undo = installPortableMath(target);
  const second = installPortableMath(target);
  second();
  assert.is(target.sin, portableMath.sin);
  undo();
  assert.is(target.sin, Math.sin);
  const again = installPortableMath(target);
  undo();
  assert.is(target.sin, portableMath.sin);
  again();
  assert.is(target.sin, Math.sin);
});

test('what was put over it since stays, and what was not there goes', () => {
  const target = copyOfMath();
  Reflect.deleteProperty(target, 'cbrt');
  const undo = installPortableMath(target);
  assert.is(target.cbrt(27), 3);
  const other = (): number => 7;
  target.cos = other;
  undo();
  assert.is(target.cos, other);
  assert.is('cbrt' in target, false);
});

test('a target that cannot be changed is named, and is left as it was', () => {
  const half = copyOfMath();
  // The last name in the order of replacement.
  Object.defineProperty(half, 'tanh', { value: Math.tanh, configurable: false, writable: false });
  const rows: readonly (readonly [unknown, string])[] = [
    [Object.freeze(copyOfMath()), "the target's acos is locked"],
    [Object.preventExtensions({}), "the target's acos is locked"],
    [half, "the target's tanh is locked"],
    [null, 'installed into an object'],
    ['Math', 'installed into an object'],
  ];
  for (const [target, text] of rows) {
    throwsError(() => installPortableMath(target as Math), { code: 'MATH_LOCKED', kind: 'usage', says: [text] });
  }
  for (const name of names) assert.is(half[name], Math[name]);
});

test.run();
