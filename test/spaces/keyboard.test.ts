import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Env, type StepResult } from '../../src/core/env.js';
import { type Keyboard, keyboardAction } from '../../src/core/keyboard.js';
import { make, registry } from '../../src/registration/index.js';
import { Box, Discrete, MultiDiscrete, type Space } from '../../src/spaces/index.js';
import { keyboardFaults, keyboardOf } from '../../src/spaces/keyboard.js';
import { throwsError } from '../support/misuse.js';

/** An env that is nothing but its action space and what it says of its keys. */
class Keys extends Env {
  readonly observationSpace = new Discrete(1);
  readonly actionSpace: Space;
  override readonly metadata;
  constructor(space: Space, keyboard?: Keyboard) {
    super();
    this.actionSpace = space;
    this.metadata = keyboard === undefined ? {} : { keyboard };
  }
  step(): StepResult<unknown> {
    throw new Error('not played');
  }
}

for (const { id } of registry.values()) {
  test(`${id} has keys of its own for every action`, async () => {
    const env = await make(id);
    const { keyboard } = env.metadata;
    assert.ok(keyboard, 'metadata.keyboard is there');
    assert.equal(keyboardFaults(keyboard!, env.actionSpace), []);
    assert.is(keyboardOf(env as Env), keyboard);
    if (env.actionSpace instanceof Discrete) {
      const reached = new Set([keyboard!.idle, ...keyboard!.bindings.map(({ action }) => action)]);
      for (let action = 0; action < env.actionSpace.n; action++) assert.ok(reached.has(action), `action ${action}`);
    }
    for (const { keys, action } of keyboard!.bindings) assert.equal(keyboardAction(keyboard!, keys), action);
    env.close();
  });
}

const held = (space: Space, ...codes: string[]): unknown => keyboardAction(keyboardOf(new Keys(space)), codes);

test('the usual keys of Discrete spaces: digits, and arrows for two to four actions', () => {
  assert.is(held(new Discrete(2)), null);
  assert.equal([held(new Discrete(2), 'ArrowLeft'), held(new Discrete(2), 'ArrowRight')], [0, 1]);
  assert.equal([held(new Discrete(3), 'ArrowLeft'), held(new Discrete(3), 'ArrowRight')], [0, 2]);
  assert.is(held(new Discrete(3), 'Digit1'), 1);
  assert.equal(
    ['ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowUp'].map((code) => held(new Discrete(4), code)),
    [0, 1, 2, 3],
  );
  assert.is(held(new Discrete(10), 'Digit9'), 9);
  assert.is(held(new Discrete(5), 'ArrowUp'), null);
  assert.is(held(new Discrete(3, { start: -1 }), 'Digit0'), -1);
});

test('the usual keys of a Box of one or two numbers: arrows at the bounds, 0 or the nearest bound without a key', () => {
  const one = new Box(-2, 3, { shape: [1] });
  assert.equal([held(one), held(one, 'ArrowLeft'), held(one, 'ArrowRight')], [[0], [-2], [3]]);
  assert.equal(held(new Box(1, 3, { shape: [1] })), [1]);
  const two = new Box([-1, 0], [1, 5]);
  assert.equal(held(two), [0, 0]);
  assert.equal(held(two, 'ArrowUp'), [0, 5]);
  assert.equal(held(two, 'ArrowLeft', 'ArrowUp'), [-1, 5]);
  for (const space of [one, two]) assert.equal(keyboardFaults(keyboardOf(new Keys(space)), space), []);
});

test('spaces without usual keys say what to add', () => {
  for (const space of [
    new Discrete(11),
    new MultiDiscrete([2, 2]),
    new Box(-1, 1, { shape: [3] }),
    new Box(Number.NEGATIVE_INFINITY, 1, { shape: [1] }),
  ]) {
    throwsError(() => keyboardOf(new Keys(space)), {
      code: 'KEYBOARD_MISSING',
      kind: 'usage',
      says: ['Add metadata.keyboard'],
    });
  }
});

test('faults of bindings are named, and the keyboard of an env with one is refused', () => {
  const faulty = (keyboard: Keyboard): string[] => keyboardFaults(keyboard, new Discrete(3));
  const good = { keys: ['ArrowLeft'], action: 0, label: 'left' };
  assert.equal(faulty({ idle: 1, bindings: [good] }), []);
  const rows: readonly [Keyboard, RegExp][] = [
    [{ idle: 7, bindings: [good] }, /^idle is not in the action space/],
    [{ idle: null, bindings: [] }, /^bindings is empty/],
    [{ idle: null, bindings: [{ ...good, action: 3 }] }, /^the action of 'left' is not in the action space/],
    [{ idle: null, bindings: [{ ...good, action: 'up' }] }, /^the action of 'left' is not in the action space/],
    [{ idle: null, bindings: [{ ...good, keys: [] }] }, /^'left' has no keys/],
    [{ idle: null, bindings: [{ ...good, keys: ['left'] }] }, /'left', which is no KeyboardEvent.code/],
    [{ idle: null, bindings: [good, { ...good, label: 'west' }] }, /^'left' and 'west' have the same keys, ArrowLeft/],
  ];
  for (const [keyboard, says] of rows) {
    assert.is(faulty(keyboard).length, 1);
    assert.match(faulty(keyboard)[0]!, says);
    throwsError(() => keyboardOf(new Keys(new Discrete(3), keyboard)), {
      code: 'KEYBOARD_INVALID',
      kind: 'usage',
      says: [new RegExp(says.source.replace('^', ''))],
    });
  }
});

test('under a wrapper that changes the actions the usual keys are taken', async () => {
  const env = await make('Pendulum-v1', {
    wrappers: [{ name: 'RescaleAction', kwargs: { minAction: -1, maxAction: 1 } }],
  });
  assert.equal(keyboardAction(keyboardOf(env as Env), ['ArrowLeft']), [-1]);
});

test.run();
