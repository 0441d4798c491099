/** Keyword arguments and reset options of the two car racing tasks. */
import type { RenderMode, ResetOptions } from '../../src/core/env.js';
import { usageError } from '../../src/core/errors.js';
import { didYouMean, type KwargTable, readKwargs } from '../../src/core/kwargs.js';

/** Keyword arguments; all may be left out. */
export interface CarRacingOptions {
  readonly renderMode?: RenderMode | undefined;
  /** Share of the tiles beyond which the lap is complete at the start line, 0.95 by default. */
  readonly lapCompletePercent?: number | undefined;
  /** Other colours in each episode; false by default. */
  readonly domainRandomize?: boolean | undefined;
  /** Three pedals and a wheel to turn as far as wanted, not five choices; true by default. */
  readonly continuous?: boolean | undefined;
}

/** The keyword arguments with their defaults. */
export interface ResolvedOptions {
  readonly lapCompletePercent: number;
  readonly domainRandomize: boolean;
  readonly continuous: boolean;
}

/** The keyword arguments of the task that sees pixels. */
export const KWARGS = {
  lapCompletePercent: {
    type: 'number',
    default: 0.95,
    min: 0,
    max: 1,
    about: 'Share of the tiles that must have been visited, when the first one is reached, for the lap to be complete.',
  },
  domainRandomize: {
    type: 'boolean',
    default: false,
    about: 'Draw the colours of road, field and grass anew in each episode.',
  },
  continuous: {
    type: 'boolean',
    default: true,
    about: 'Steering, gas and brake as three numbers; otherwise one of five actions.',
  },
} as const satisfies KwargTable;

/** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
export function resolveOptions(options: CarRacingOptions): ResolvedOptions {
  return readKwargs('CarRacing', options, KWARGS);
}

/**
 * Whether the reset option `randomize` asks for new colours; true without it.
 * @throws `INVALID_RESET_OPTION` for another option, another value, or where colours are never drawn.
 */
export function readRandomize(env: string, { options }: ResetOptions, domainRandomize: boolean | null): boolean {
  if (options === undefined || options === null) return true;
  const known = domainRandomize === null ? [] : ['randomize'];
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const takes = known.length === 0 ? 'It takes none' : 'It takes: randomize';
    const near = didYouMean(name, known);
    throw refused(env, name, `reset has no option '${name}'. ${near === '' ? '' : `${near} `}${takes}`);
  }
  const { randomize } = options;
  if (randomize === undefined) return true;
  if (typeof randomize !== 'boolean') {
    throw refused(env, 'randomize', `reset option 'randomize' must be true or false, got ${JSON.stringify(randomize)}`);
  }
  if (randomize && domainRandomize !== true) {
    throw refused(
      env,
      'randomize',
      "the reset option 'randomize' needs an env with other colours: make it with { domainRandomize: true }",
    );
  }
  return randomize;
}

function refused(env: string, field: string, problem: string): Error {
  return usageError('INVALID_RESET_OPTION', `${env}: ${problem}.`, { field, env });
}
