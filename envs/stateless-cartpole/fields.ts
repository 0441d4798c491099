/** What each number of StatelessCartPole means: CartPole's tables with the places alone. */
import type { FieldTables } from '../../src/core/env.js';
import { fields as cartPole } from '../cartpole/fields.js';

export { CONSTANTS, KWARGS, keyboard } from '../cartpole/fields.js';

const SEEN: readonly string[] = ['position', 'angle'];

/** One row for each number of the observation and each action. */
export const fields: FieldTables = {
  observation: cartPole.observation.filter(({ name }) => SEEN.includes(name)),
  action: cartPole.action,
};
