/** Checks of the spaces alone: Gymnasium's `check_action_space` and `check_observation_space`, and Stable-Baselines3's advice. */
import { Box, isPicture } from '../spaces/box.js';
import { type DType, Space } from '../spaces/space.js';
import type { Fault, Findings } from './report.js';

/** The leaves of nested spaces with their paths, such as `camera` or `arm.0`. */
function leaves(space: Space, path = ''): [string, Space][] {
  const inner = (space as { readonly spaces?: unknown }).spaces;
  if (typeof inner !== 'object' || inner === null) return [[path, space]];
  return Object.entries(inner as Record<string, Space>).flatMap(([key, part]) =>
    leaves(part, path === '' ? key : `${path}.${key}`),
  );
}

export function checkSpace(name: 'observation space' | 'action space', space: unknown, found: Findings): void {
  const property = name === 'action space' ? 'actionSpace' : 'observationSpace';
  if (!(space instanceof Space)) {
    found.fail(name, {
      code: 'SPACE_MISSING',
      message: `${property} is ${String(space)}.`,
      cause: `The class does not set ${property}, or its Space is of another copy of the library.`,
      fix: `readonly ${property} = new Box(-1, 1, { shape: [2] });`,
    });
    return;
  }
  const faults = leaves(space).flatMap(([path, leaf]) => leafFaults(name, path, leaf));
  const wrong = memberFault(property, space);
  if (wrong !== null) found.fail(name, wrong);
  for (const fault of faults) found.warn(name, fault);
  if (wrong === null && faults.length === 0) found.pass(name, short(String(space)));
}

/** Gymnasium's warning of a `seed` method, which nothing calls. */
export function checkSeedMethod(env: object, found: Findings): void {
  if (typeof (env as { seed?: unknown }).seed !== 'function') return;
  found.warn('construction', {
    code: 'SEED_METHOD',
    message: 'the env has a method seed(), which nothing calls.',
    cause: "It is written for OpenAI Gym's old interface.",
    fix: 'reset(options = {}) { super.reset(options); ... } // reset({ seed }) seeds this.rng',
  });
}

function memberFault(property: string, space: Space): Fault | null {
  for (let k = 0; k < 5; k++) {
    const why = space.explain(space.sample());
    if (why === null) continue;
    return {
      code: 'SPACE_BROKEN',
      message: `a sample of ${property} is not in it: ${why}.`,
      cause: 'Its bounds or its contains() are wrong.',
      fix: 'Make sample() and contains() agree; the built-in spaces do.',
    };
  }
  return null;
}

/** What `train` cannot turn into numbers for a network. */
const UNTRAINABLE = ['Text', 'Sequence', 'Graph', 'OneOf'];

function leafFaults(name: string, path: string, space: Space): Fault[] {
  if (UNTRAINABLE.includes(space.type) || (name === 'action space' && path !== '')) {
    return [
      {
        code: 'SPACE_NOT_TRAINED',
        message: `the ${name}${path === '' ? '' : ` '${path}'`} is a ${space.type}${path === '' ? '' : ' inside another space'}, which train() does not take.`,
        cause:
          'Policies have a fixed number of inputs, and one Box, Discrete, MultiDiscrete or MultiBinary of actions.',
        fix:
          name === 'action space'
            ? 'readonly actionSpace = new MultiDiscrete([3, 2]);'
            : 'Encode it as a Box or Discrete of fixed size.',
      },
    ];
  }
  if (!(space instanceof Box)) return [];
  const { low, high, shape, dtype } = space as Box<DType>;
  const at = path === '' ? '' : ` '${path}'`;
  const faults: Fault[] = [];
  const infinite = [...low, ...high].filter((bound) => Math.abs(bound) === Number.POSITIVE_INFINITY).length;
  if (infinite > 0) {
    faults.push({
      code: 'SPACE_UNBOUNDED',
      message: `${infinite} bounds of the ${name}${at} are infinite.`,
      cause:
        'A quantity without a physical limit, such as a velocity; a policy must then normalise it by what it has seen.',
      fix: 'Give the bounds that the quantity keeps in practice, or train with normalised observations (the default).',
    });
  }
  if (name === 'action space') {
    if ([...low].some((bound, k) => bound < -1 || high[k]! > 1 || (bound !== 0 && -bound !== high[k]))) {
      faults.push({
        code: 'ACTION_NOT_NORMALISED',
        message: `the action space${at} is not within -1 to 1 or 0 to 1.`,
        cause: 'Policies start with outputs near 0 and of size 1, so other ranges learn slowly.',
        fix: 'readonly actionSpace = new Box(-1, 1, { shape: [n] }); // and scale inside step()',
      });
    }
    return faults;
  }
  if (shape.length === 3) {
    const bad = [
      dtype === 'uint8' ? '' : `its dtype is ${dtype}, not uint8`,
      low.every((bound) => bound === 0) && high.every((bound) => bound === 255) ? '' : 'its bounds are not 0 to 255',
      shape[0]! >= 36 && shape[1]! >= 36 ? '' : `it is smaller than 36 x 36 (${shape.join(' x ')})`,
    ].filter((text) => text !== '');
    if (bad.length > 0) {
      faults.push({
        code: 'IMAGE_UNUSUAL',
        message: `the observation${at} has the shape of an image, but ${bad.join(', ')}.`,
        cause: 'Networks for images expect bytes from 0 to 255 and at least 36 x 36 of them.',
        fix: "new Box(0, 255, { shape: [84, 84, 3], dtype: 'uint8' }), or a flat shape if it is no image",
      });
    }
  } else if (shape.length !== 1 && !isGreyImage(space as Box<DType>)) {
    faults.push({
      code: 'SHAPE_UNUSUAL',
      message: `the observation${at} has the shape [${shape.join(', ')}], neither a vector nor an image.`,
      cause: 'Most networks take one axis or three.',
      fix: `new Box(low, high, { shape: [${shape.reduce((a, b) => a * b, 1)}] })`,
    });
  }
  return faults;
}

/** Whether members are grey pictures without an axis of channels, as large as networks for images expect. */
function isGreyImage(space: Box<DType>): boolean {
  const [height = 0, width = 0] = space.shape;
  return space.shape.length === 2 && isPicture(space) && height >= 36 && width >= 36;
}

/** One line, cut where it is long. */
function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 60)} ... ${line.slice(-20)}` : line;
}
