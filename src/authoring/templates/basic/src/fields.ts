import type { FieldTables, Keyboard } from 'gymkhana';

/** What each number means: the bounds of the observation space, the documentation and the viewer's labels come from here. */
export const FIELDS = {
  observation: [
    { name: 'position', unit: 'm', low: -2, high: 2, about: 'Where the cart is.' },
    { name: 'velocity', unit: 'm/s', low: -2, high: 2, about: 'How fast it moves, positive to the right.' },
    { name: 'target', unit: 'm', low: -1, high: 1, about: 'Where it should come to rest.' },
  ],
  action: [
    { name: 'left', unit: '1', low: 0, high: 0, about: 'Push to the left.' },
    { name: 'none', unit: '1', low: 1, high: 1, about: 'Let it roll.' },
    { name: 'right', unit: '1', low: 2, high: 2, about: 'Push to the right.' },
  ],
} satisfies FieldTables;

/** Keys for a person: `gymkhana play`. */
export const KEYBOARD: Keyboard = {
  idle: 1,
  bindings: [
    { keys: ['ArrowLeft'], action: 0, label: 'left' },
    { keys: ['ArrowRight'], action: 2, label: 'right' },
  ],
};
