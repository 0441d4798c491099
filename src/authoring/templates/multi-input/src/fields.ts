import type { FieldTables, Keyboard } from 'gymkhana';

/** Cells along a side of the warehouse. */
export const SIDE = 5;

const place = (name: string, about: string) =>
  ['row', 'column'].map((axis) => ({ name: `${name}.${axis}`, unit: '1', low: 0, high: SIDE - 1, about }));

/** What each number means, one row a number in the order of the Dict's keys: the documentation and the viewer's labels. */
export const FIELDS = {
  observation: [
    { name: 'battery', unit: '1', low: 0, high: 1, about: 'Charge that is left.' },
    { name: 'carrying', unit: '1', low: 0, high: 1, about: 'Whether the robot carries the parcel.' },
    ...place('goal', 'Where the parcel belongs.'),
    ...place('parcel', 'Where the parcel is.'),
    ...place('robot', 'Where the robot is.'),
  ],
  action: [
    { name: 'move', unit: '1', low: 0, high: 4, about: 'Stay, up, right, down or left.' },
    { name: 'grip', unit: '1', low: 0, high: 1, about: 'Pick up or put down, before the move.' },
  ],
} satisfies FieldTables;

/** Keys for a person: `gymkhana play`. Without one the game waits; the space bar picks up and puts down. */
export const KEYBOARD: Keyboard = {
  idle: null,
  bindings: [
    { keys: ['ArrowUp'], action: [1, 0], label: 'up' },
    { keys: ['ArrowRight'], action: [2, 0], label: 'right' },
    { keys: ['ArrowDown'], action: [3, 0], label: 'down' },
    { keys: ['ArrowLeft'], action: [4, 0], label: 'left' },
    { keys: ['Space'], action: [0, 1], label: 'pick up or put down' },
  ],
};
