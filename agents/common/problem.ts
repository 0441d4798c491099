/** From an env's spaces to a network: what a policy sees and what it decides. */
import type { Env } from '../../src/core/env.js';
import { usageError } from '../../src/core/errors.js';
import { mlpNetwork } from '../../src/network/init.js';
import type { NetworkSpec } from '../../src/network/spec.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';

export interface NetworkOptions {
  readonly hidden: readonly number[];
  readonly activation: 'tanh' | 'relu';
  readonly logStdInit: number;
}

/**
 * A multi-layer perceptron for an env with a Box observation (flattened) and a Discrete or Box action.
 * @throws `UNSUPPORTED_SPACE` for other spaces, naming them.
 */
export function networkFor(env: Env, options: NetworkOptions): NetworkSpec {
  const { observationSpace, actionSpace } = env;
  if (!(observationSpace instanceof Box)) {
    throw usageError(
      'UNSUPPORTED_SPACE',
      `training needs a Box observation space, but this env has ${String(observationSpace)}.`,
      {
        field: 'observationSpace',
        expected: 'Box',
        got: String(observationSpace),
        hint: 'Return the observation as one flat Float32Array on a Box.',
      },
    );
  }
  const common = { observationSize: observationSpace.size, hidden: options.hidden, activation: options.activation };
  if (actionSpace instanceof Discrete) {
    return mlpNetwork({ ...common, distribution: { type: 'categorical', actions: actionSpace.n } });
  }
  if (actionSpace instanceof Box) {
    return mlpNetwork({
      ...common,
      distribution: { type: 'gaussian', size: actionSpace.size, logStdInit: options.logStdInit },
    });
  }
  throw usageError(
    'UNSUPPORTED_SPACE',
    `training needs a Discrete or Box action space, but this env has ${String(actionSpace)}.`,
    {
      field: 'actionSpace',
      expected: 'Discrete or Box',
      got: String(actionSpace),
    },
  );
}
