/** What a launch varies: a setting's values as a grid, a list or a distribution, and the combinations of all of them. */
import { crc32 } from '../../core/crc32.js';
import { usageError } from '../../core/errors.js';
import type { Json, JsonObject } from '../../core/json.js';
import { Generator, SeedSequence } from '../../core/seeding/index.js';

/** The ways to vary a setting: the one key of an object that stands where its value would. */
export const AXES = ['grid', 'list', 'choice', 'uniform', 'logUniform', 'normal', 'integers'] as const;
export type AxisType = (typeof AXES)[number];

/** A setting that varies. */
interface Axis {
  readonly name: string;
  readonly type: AxisType;
  readonly values: readonly Json[];
}

/** Digits that drawn values keep, so that they can be read, and are the same wherever `Math.log` has other last bits. */
const DIGITS = 6;

/** True for what is drawn rather than listed. */
const isDrawn = ({ type }: Axis): boolean => type !== 'grid' && type !== 'list';

const invalid = (name: string, expected: string, got: Json): Error => {
  const shown = JSON.stringify(got);
  return usageError('LAUNCH_INVALID', `${name} must be ${expected}, got ${shown}.`, {
    field: name,
    expected,
    got: shown,
  });
};

function axisOf(name: string, value: Json): Axis | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const keys = Object.keys(value);
  const type = AXES.find((known) => keys.includes(known));
  if (type === undefined) return null;
  if (keys.length > 1) throw invalid(name, `{ ${type}: [...] } and nothing beside it`, value);
  const values = value[type]!;
  if (!Array.isArray(values) || values.length === 0) throw invalid(name, `{ ${type}: [...] } with values`, value);
  const pair = (expected: string, fits: (low: number, high: number) => boolean): void => {
    const [low, high] = values;
    const numbers = typeof low === 'number' && typeof high === 'number' && Number.isFinite(high - low);
    if (values.length !== 2 || !numbers || !fits(low, high)) throw invalid(name, expected, value);
  };
  if (type === 'uniform') pair('{ uniform: [low, high] } with low < high', (low, high) => low < high);
  if (type === 'logUniform')
    pair('{ logUniform: [low, high] } with 0 < low < high', (low, high) => 0 < low && low < high);
  if (type === 'normal') pair('{ normal: [mean, std] } with std > 0', (_, std) => std > 0);
  if (type === 'integers') {
    pair(
      '{ integers: [low, high] } of whole numbers, low <= high, both included',
      (low, high) => Number.isSafeInteger(low) && Number.isSafeInteger(high) && low <= high,
    );
  }
  return { name, type, values };
}

/** Sample `k` of an axis, from a stream of its own: another axis beside it, or more samples, change nothing. */
function draw({ name, type, values }: Axis, k: number, seed: number): Json {
  const generator = Generator.fromSeedSequence(new SeedSequence(seed, [crc32(Buffer.from(name, 'utf8')), k]));
  if (type === 'choice') return values[generator.integers(0, values.length)]!;
  const [a, b] = values as [number, number];
  if (type === 'integers') return generator.integers(a, b + 1);
  const value =
    type === 'uniform'
      ? generator.uniform(a, b)
      : type === 'normal'
        ? generator.normal(a, b)
        : Math.exp(generator.uniform(Math.log(a), Math.log(b)));
  return Number(value.toPrecision(DIGITS));
}

/** How the distributions are drawn. */
export interface Sampling {
  /** Draws; needed if, and only if, a setting has a distribution. */
  readonly samples: number | null;
  readonly seed: number;
}

/** One combination: every setting with its value, and those that vary by themselves. */
export interface Combination {
  readonly settings: JsonObject;
  readonly varied: JsonObject;
}

/**
 * All combinations of settings: grids are crossed with each other (the last one varies fastest), lists go together row by row, and each combination of those
 * meets every sample of the distributions.
 * @throws `LAUNCH_INVALID` naming the setting.
 */
export function combinations(settings: JsonObject, sampling: Sampling): Combination[] {
  const axes = Object.entries(settings).flatMap(([name, value]) => axisOf(name, value) ?? []);
  const grids = axes.filter(({ type }) => type === 'grid');
  const lists = axes.filter(({ type }) => type === 'list');
  const drawn = axes.filter(isDrawn);
  const rows = lists[0]?.values.length ?? 1;
  const odd = lists.find(({ values }) => values.length !== rows);
  if (odd !== undefined) {
    throw usageError(
      'LAUNCH_INVALID',
      `lists go together row by row, but ${lists[0]!.name} has ${rows} values and ${odd.name} ${odd.values.length}. Give them as many, or use { grid: [...] } to cross them.`,
      { field: odd.name, expected: `${rows} values`, got: String(odd.values.length) },
    );
  }
  if (drawn.length > 0 && sampling.samples === null) {
    throw usageError(
      'LAUNCH_INVALID',
      `${drawn[0]!.name} is drawn from a distribution; say how often with samples (--samples).`,
      { field: 'samples' },
    );
  }
  if (drawn.length === 0 && sampling.samples !== null) {
    throw usageError('LAUNCH_INVALID', 'samples is given, but no setting has a distribution to draw from.', {
      field: 'samples',
      hint: `a setting with one of ${AXES.slice(2).join(', ')}`,
    });
  }
  let crossed: JsonObject[] = [{}];
  for (const { name, values } of grids)
    crossed = crossed.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  const found: Combination[] = [];
  for (const grid of crossed) {
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < (sampling.samples ?? 1); k++) {
        const varied: JsonObject = { ...grid };
        for (const { name, values } of lists) varied[name] = values[row]!;
        for (const axis of drawn) varied[axis.name] = draw(axis, k, sampling.seed);
        found.push({ settings: { ...settings, ...varied }, varied });
      }
    }
  }
  return found;
}
