import type { FieldTables } from '../../src/core/env.js';
import { observationFields } from '../mountain-car/fields.js';

export const fields: FieldTables = {
  observation: observationFields,
  action: [{ name: 'force', unit: '1', low: -1, high: 1, about: 'Share of the motor power, negative to the left.' }],
};
