/** Reads `golden/spaces.json`, written by Gymnasium 1.4.0 and numpy 2.4.6. */
import { readFileSync } from 'node:fs';
import {
  Box,
  Discrete,
  type DiscreteDType,
  type DType,
  MultiBinary,
  MultiDiscrete,
  type Space,
} from '../../src/spaces/index.js';
import { golden } from '../support/paths.js';

type Nested = number | boolean | string | null | readonly Nested[];

/** A value of numpy's or Python's, as the oracles' README describes it. */
export interface Typed {
  readonly nd?: Nested;
  readonly np?: number;
  readonly py?: Nested;
  readonly list?: readonly Typed[];
  readonly tuple?: readonly Typed[];
  readonly none?: true;
  readonly dtype?: string;
  readonly type?: string;
  readonly shape?: readonly number[];
}

interface Spec {
  readonly type: string;
  readonly low: Nested;
  readonly high: Nested;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly n: number | readonly number[];
  readonly start: Nested;
  readonly nvec: Nested;
  readonly bounded_below: Nested;
  readonly bounded_above: Nested;
}

export interface SpaceCase {
  readonly name: string;
  readonly constructor: string;
  readonly spec: Spec;
  readonly repr: string;
  readonly flatdim: number;
  readonly flatten_space: Spec;
  readonly seeded: readonly {
    readonly seed: number;
    readonly samples: readonly Typed[];
    readonly samples_contained: readonly boolean[];
    readonly flattened: readonly Typed[];
  }[];
  readonly mask?: readonly { readonly seed: number; readonly mask: Typed; readonly samples: readonly Typed[] }[];
  readonly probability?: readonly {
    readonly seed: number;
    readonly probability: Typed;
    readonly samples: readonly Typed[];
  }[];
  readonly contains: readonly (readonly [Typed, boolean])[];
}

export const spaceCases = (JSON.parse(readFileSync(golden('spaces.json'), 'utf8')) as { cases: readonly SpaceCase[] })
  .cases;

/** All numbers of a nested list, row-major. */
export function flat(nested: Nested): number[] {
  if (Array.isArray(nested)) return nested.flatMap((item: Nested) => flat(item));
  return [Number(nested)];
}

/** All numbers of a typed value. */
export function numbers(value: Typed): number[] {
  if (value.list !== undefined || value.tuple !== undefined) return (value.list ?? value.tuple ?? []).flatMap(numbers);
  return flat(value.nd ?? value.np ?? value.py ?? null);
}

/** The dtypes JavaScript's typed arrays lack, with the ones that stand for them here: values and draws are the same. */
const STAND_IN: Readonly<Record<string, DType>> = { int64: 'int32', bool: 'uint8' };

export function dtypeOf(name: string | undefined): DType {
  return STAND_IN[name ?? ''] ?? (name as DType);
}

/** The space of a case in this library. */
export function spaceOf(spec: Spec): Space {
  switch (spec.type) {
    case 'Box':
      return new Box<DType>(flat(spec.low), flat(spec.high), { shape: spec.shape, dtype: dtypeOf(spec.dtype) });
    case 'Discrete':
      return new Discrete(spec.n as number, { start: Number(spec.start), dtype: spec.dtype as DiscreteDType });
    case 'MultiDiscrete':
      return new MultiDiscrete(spec.nvec as readonly number[], { start: spec.start as readonly number[] });
    default:
      return new MultiBinary(spec.n);
  }
}
