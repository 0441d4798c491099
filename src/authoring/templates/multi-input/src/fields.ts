import type { FieldTables } from 'gymkhana';

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
