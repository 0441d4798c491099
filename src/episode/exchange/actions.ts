/** Actions as they come out of other formats: numbers of any type, checked and put into the env's own. */
import { failure, usageError } from '../../core/errors.js';
import { isDType, newArray } from '../../spaces/arrays.js';
import type { Space } from '../../spaces/index.js';
import { encodingOf } from '../store.js';

/** Turns `width` numbers into an action of the env. */
export interface ActionReader {
  /** Numbers an action. */
  readonly width: number;
  /**
   * @param where such as `line 7`, for messages.
   * @throws `IMPORT_INVALID` for numbers that are no action: NaN, infinite, not whole, not among the choices.
   */
  read(numbers: ArrayLike<number>, where: string): unknown;
}

/** The reader of a space's actions. @throws `IMPORT_UNSUPPORTED` for spaces whose members are not a fixed count of numbers. */
export function actionReader(space: Space, path: string): ActionReader {
  const { encoding, width } = encodingOf(space);
  if (!isDType(encoding)) {
    throw usageError(
      'IMPORT_UNSUPPORTED',
      `${path}: actions of ${String(space)} cannot be imported: only those of Box, Discrete, MultiDiscrete and MultiBinary spaces are rows of numbers.`,
      { file: path, got: String(space), expected: 'Box, Discrete, MultiDiscrete or MultiBinary' },
    );
  }
  const refuse = (where: string, why: string): Error =>
    failure('IMPORT_INVALID', `${path}: the action of ${where} is no action of ${String(space)}: ${why}.`, {
      file: path,
      field: 'action',
      expected: String(space),
      got: why,
    });
  return {
    width,
    read(numbers, where) {
      for (let i = 0; i < width; i++) {
        if (!Number.isFinite(numbers[i])) throw refuse(where, `element ${i} is ${String(numbers[i])}`);
      }
      if (space.type === 'Discrete') {
        const why = space.explain(numbers[0]);
        if (why !== null) throw refuse(where, why);
        return numbers[0];
      }
      const action = newArray(encoding, width);
      for (let i = 0; i < width; i++) action[i] = numbers[i]!;
      if (space.type === 'Box' && (encoding === 'float32' || encoding === 'float64')) {
        // Beyond the bounds is the env's to clip, as with any policy; beyond the type is not a number any more.
        for (let i = 0; i < width; i++) {
          if (!Number.isFinite(action[i]))
            throw refuse(where, `element ${i} is ${String(numbers[i])}, too large for ${encoding}`);
        }
        return action;
      }
      for (let i = 0; i < width; i++) {
        if (action[i] !== numbers[i])
          throw refuse(where, `element ${i} is ${String(numbers[i])}, not of type ${encoding}`);
      }
      const why = space.explain(action);
      if (why !== null) throw refuse(where, why);
      return action;
    },
  };
}
