/** From an env's spaces to a network: what a policy sees and what it decides. */
import type { Env } from '../../src/core/env.js';
import { usageError } from '../../src/core/errors.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { type Encoder, policyNetwork } from '../../src/network/build.js';
import type { Activation, InitializerName, NetworkSpec, PictureInput, RecurrentLayer } from '../../src/network/spec.js';
import { stackedFrames } from '../../src/rollout/observation-rows.js';
import { Box } from '../../src/spaces/box.js';
import { choicesOf } from '../../src/spaces/choices.js';
import { Dict } from '../../src/spaces/dict.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { flatdim } from '../../src/spaces/flatten.js';
import { MultiBinary } from '../../src/spaces/multi-binary.js';
import { MultiDiscrete } from '../../src/spaces/multi-discrete.js';
import type { Space } from '../../src/spaces/space.js';
import { Tuple } from '../../src/spaces/tuple.js';

export interface NetworkOptions {
  readonly hidden: readonly number[];
  readonly activation: Exclude<Activation, 'linear'>;
  readonly logStdInit: number;
  readonly initializer?: InitializerName;
  readonly freeze?: readonly string[];
  readonly encoder?: Encoder | 'auto';
  readonly sharedTrunk?: boolean;
  readonly layerNorm?: boolean;
  readonly recurrent?: RecurrentLayer['type'] | 'none';
  readonly recurrentUnits?: number;
}

/** The least side of a picture, in pixels, from which it is seen with the larger network. */
const LARGE_PICTURE = 64;
/** The least side of an array of bytes that counts as a picture. */
const SMALLEST_PICTURE = 20;
/** The most stacked frames, or channels, that are told from a side. */
const MOST_FRAMES = 16;

/**
 * Whether a space is one of pictures, and how they lie: bytes from 0 to 255 of shape [H, W], [H, W, C] with 1, 3 or 4 channels, [k, H, W] or
 * [k, H, W, C] with k stacked frames; null for any other space.
 */
export function pictureOf(space: Space): PictureInput | null {
  if (!(space instanceof Box) || space.dtype !== 'uint8') return null;
  const { shape } = space;
  const coloured = shape.length > 2 && [1, 3, 4].includes(shape.at(-1)!);
  const sides = coloured ? shape.slice(0, -1) : shape;
  const [frames, height, width] = sides.length === 2 ? [1, ...sides] : sides;
  if (sides.length > 3 || width === undefined || frames! > MOST_FRAMES) return null;
  if (Math.min(height!, width) < SMALLEST_PICTURE) return null;
  return { frames: frames!, height: height!, width, channels: coloured ? shape.at(-1)! : 1 };
}

/**
 * A network for an env whose observation is a Box, Discrete, MultiDiscrete or MultiBinary, or a Dict or Tuple
 * of them (flat, choices one-hot), and whose action is Discrete, MultiDiscrete, MultiBinary (independent choices) or Box. The env is reset once: where `info` has an `actionMask`,
 * the policy chooses among the allowed actions alone. Pictures are seen by a convolutional encoder.
 * @throws `UNSUPPORTED_SPACE` for other spaces, naming them and the key where they are.
 */
export function networkFor(env: Env, options: NetworkOptions): NetworkSpec {
  const { observationSpace, actionSpace } = env;
  const odd = unsupportedPart(observationSpace, 'observationSpace');
  if (odd !== null) {
    throw usageError(
      'UNSUPPORTED_SPACE',
      `training cannot flatten ${odd.field}, which is ${String(odd.space)}: the policy network takes a fixed number of inputs.`,
      {
        field: odd.field,
        expected: 'Box, Discrete, MultiDiscrete or MultiBinary, or a Dict or Tuple of them',
        got: String(odd.space),
        hint: 'Leave the part out of the observation, or encode it as a Box of fixed length.',
      },
    );
  }
  const { hidden, activation, initializer, freeze, sharedTrunk, layerNorm, encoder = 'auto' } = options;
  const { recurrent = 'none', recurrentUnits = 64 } = options;
  const picture = pictureOf(observationSpace);
  if (picture === null && encoder !== 'auto') {
    throw usageError(
      'UNSUPPORTED_SPACE',
      `the encoder ${encoder} sees pictures, but observations are ${String(observationSpace)}.`,
      {
        field: 'encoder',
        expected: 'bytes of shape [H, W], [H, W, C], [k, H, W] or [k, H, W, C], 20 pixels a side at least',
        got: String(observationSpace),
      },
    );
  }
  const common = {
    observationSize: flatdim(observationSpace),
    ...(picture === null
      ? { hidden }
      : {
          hidden: [],
          picture,
          encoder: encoder === 'auto' ? encoderFor(picture) : encoder,
        }),
    activation,
    ...(sharedTrunk !== undefined && { sharedTrunk }),
    ...(layerNorm !== undefined && { layerNorm }),
    ...(recurrent !== 'none' && { recurrent: { cell: recurrent, units: recurrentUnits } }),
    ...(initializer !== undefined && { initializer }),
    ...(freeze !== undefined && { freeze }),
  };
  if (actionSpace instanceof Discrete) {
    return policyNetwork({
      ...common,
      distribution: { type: 'categorical', actions: actionSpace.n, ...(givesMasks(env) && { masked: true }) },
    });
  }
  if (actionSpace instanceof Box) {
    return policyNetwork({
      ...common,
      distribution: { type: 'gaussian', size: actionSpace.size, logStdInit: options.logStdInit },
    });
  }
  if (actionSpace instanceof MultiDiscrete || actionSpace instanceof MultiBinary) {
    const nvec = choicesOf(actionSpace)!.sizes;
    return policyNetwork({
      ...common,
      distribution: { type: 'multi-categorical', nvec, ...(givesMasks(env) && { masked: true }) },
    });
  }
  throw usageError(
    'UNSUPPORTED_SPACE',
    `training needs a Discrete, MultiDiscrete, MultiBinary or Box action space, but this env has ${String(actionSpace)}.`,
    {
      field: 'actionSpace',
      expected: 'Discrete, MultiDiscrete, MultiBinary or Box',
      got: String(actionSpace),
    },
  );
}

/**
 * Which inputs of a flattened observation are choices (Discrete, MultiDiscrete, MultiBinary) and not measures: indices in
 * order. Running statistics leave them as they are.
 */
export function choiceInputs(space: Space): number[] {
  const inputs: number[] = [];
  let at = 0;
  const visit = (part: Space): void => {
    if (part instanceof Dict) for (const key of part.keys) visit(part.spaces[key]!);
    else if (part instanceof Tuple) for (const member of part.spaces as readonly Space[]) visit(member);
    else {
      const size = flatdim(part);
      if (!(part instanceof Box)) for (let k = 0; k < size; k++) inputs.push(at + k);
      at += size;
    }
  };
  visit(space);
  return inputs;
}

function encoderFor({ height, width }: PictureInput): Encoder {
  return Math.min(height, width) < LARGE_PICTURE ? 'small-cnn' : 'nature-cnn';
}

/** What training takes from an env: its spec, a network for its spaces, and which of its numbers mean what. */
export function problemOf(env: Env, spec: EnvSpec, options: NetworkOptions) {
  return {
    spec,
    network: networkFor(env, options),
    measures: env.metadata.episodeMeasures ?? [],
    choiceInputs: choiceInputs(env.observationSpace),
    frameStack: stackedFrames(env),
  };
}

/** Whether the env's reset says which actions are allowed. The env is used up: it is not one that is trained in. */
function givesMasks(env: Env): boolean {
  try {
    return env.reset({ seed: 0 }).info['actionMask'] !== undefined;
  } catch {
    // The workers meet the same error and say where.
    return false;
  }
}

/** The first part of an observation space that has no fixed, meaningful flat form, and where it is; null if there is none. */
function unsupportedPart(space: Space, field: string): { field: string; space: Space } | null {
  if (space instanceof Dict) {
    for (const key of space.keys) {
      const odd = unsupportedPart(space.spaces[key]!, `${field}.${key}`);
      if (odd !== null) return odd;
    }
    return null;
  }
  if (space instanceof Tuple) {
    for (const [k, part] of space.spaces.entries()) {
      const odd = unsupportedPart(part, `${field}[${k}]`);
      if (odd !== null) return odd;
    }
    return null;
  }
  const known =
    space instanceof Box || space instanceof Discrete || space instanceof MultiDiscrete || space instanceof MultiBinary;
  return known ? null : { field, space };
}
