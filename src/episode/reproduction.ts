/** A failed episode as a file that fails again: what an error of an engine leaves behind. */
import type { Env } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { GENERATOR_WORDS, Generator, type GeneratorState } from '../core/seeding/generator.js';
import type { EnvSpec } from '../core/spec.js';
import type { WrapperState } from '../core/wrapper.js';
import { constructEnv } from '../registration/index.js';
import { isDType, newArray } from '../spaces/arrays.js';
import type { Space } from '../spaces/space.js';
import { createStore, encodingOf, type ValueStore } from './store.js';
import { EpisodeWriter } from './writer.js';

/** What is known of an episode that failed. */
export interface ReproductionOptions {
  readonly path: string;
  readonly spec: EnvSpec;
  /** The generator before the reset: its state, or the words that `snapshotInto` wrote. */
  readonly generator: Uint32Array | GeneratorState;
  /** What wrappers carried into the episode; null or absent for nothing. */
  readonly wrappers?: readonly WrapperState[] | null | undefined;
  /** Reset options of the episode. */
  readonly options?: JsonObject;
  /** All actions of the episode, the one that failed included, element after element; empty if the reset failed. */
  readonly actions: ArrayLike<number>;
  readonly code: string;
  readonly message: string;
  /** For spaces and labels; made from the spec if absent. */
  readonly env?: Env;
}

/**
 * Writes an episode file whose last action (or reset) fails; `verifyEpisodes` says whether it fails again.
 * @returns the step that failed, counted from 1; 0 for the reset.
 * @throws `NOT_WRITABLE`, `INVALID_VALUE` for actions that do not fit the space, and what making the env throws.
 */
export async function writeReproduction(options: ReproductionOptions): Promise<number> {
  const { spec, path, code, message } = options;
  const env = options.env ?? (await constructEnv(spec));
  const { observationSpace, actionSpace, metadata } = env;
  if (options.env === undefined) env.close();
  const actions = actionsFrom(actionSpace, options.actions);
  const step = actions.length;
  const writer = new EpisodeWriter(path, {
    spec,
    observationSpace,
    actionSpace,
    metadata,
    policyNote: `reproduces ${code}`,
  });
  try {
    writer.write({
      rng: stateOf(options.generator),
      seed: null,
      options: options.options ?? null,
      ...(options.wrappers && { wrappers: options.wrappers }),
      steps: Math.max(0, step - 1),
      actions,
      hashes: null,
      rewards: null,
      observations: null,
      return: 0,
      terminated: false,
      truncated: false,
      measures: {},
      finalInfo: null,
      failure: { step, code, message },
    });
    writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
  return step;
}

function stateOf(generator: Uint32Array | GeneratorState): GeneratorState {
  if (!(generator instanceof Uint32Array)) return generator;
  if (generator.length < GENERATOR_WORDS) {
    throw usageError('INVALID_GENERATOR_STATE', `Expected ${GENERATOR_WORDS} words, got ${generator.length}.`);
  }
  const restored = Generator.fromSeed(0);
  restored.restoreFrom(generator, 0);
  return restored.state;
}

/** Members of an action space from their elements in a row. */
function actionsFrom(space: Space, elements: ArrayLike<number>): ValueStore {
  const { encoding, width } = encodingOf(space);
  if (!isDType(encoding) || elements.length % width !== 0) {
    throw usageError(
      'INVALID_VALUE',
      `Expected a multiple of ${width} numbers as actions of ${String(space)}, got ${elements.length}.`,
      { expected: `a multiple of ${width}`, got: String(elements.length) },
    );
  }
  const store = createStore(space, 'action');
  for (let at = 0; at < elements.length; at += width) {
    if (space.type === 'Discrete') {
      store.push(elements[at]!);
    } else {
      const action = newArray(encoding, width);
      for (let i = 0; i < width; i++) action[i] = elements[at + i]!;
      store.push(action);
    }
  }
  return store;
}
