/** Reads `golden/spaces.json`, written by Gymnasium 1.4.0 and numpy 2.4.6. */
import { readFileSync } from 'node:fs';
import { newArray } from '../../src/spaces/arrays.js';
import {
  Box,
  Dict,
  Discrete,
  type DiscreteDType,
  type DType,
  Graph,
  MultiBinary,
  MultiDiscrete,
  OneOf,
  Sequence,
  type Space,
  Text,
  Tuple,
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
  readonly dict?: readonly (readonly [string, Typed])[];
  readonly graph?: { readonly nodes: Typed; readonly edges: Typed | null; readonly edge_links: Typed | null };
  readonly dtype?: string;
  readonly type?: string;
  readonly shape?: readonly number[];
}

export interface Spec {
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
  readonly min_length: number;
  readonly max_length: number;
  readonly charset: string;
  readonly spaces: readonly Spec[] | readonly (readonly [string, Spec])[];
  readonly space: Spec;
  readonly stack: boolean;
  readonly node_space: Spec;
  readonly edge_space: Spec | null;
}

export interface SpaceCase {
  readonly name: string;
  readonly constructor: string;
  readonly spec: Spec;
  readonly repr: string;
  readonly flatdim?: number;
  readonly flatdim_error?: string;
  readonly flatten_space: Spec;
  readonly seeded: readonly {
    readonly seed: number | Typed;
    readonly seed_returns: Typed;
    readonly samples: readonly Typed[];
    readonly samples_contained: readonly boolean[];
    /** Absent where the parts were seeded one by one. */
    readonly flattened?: readonly Typed[];
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
    case 'MultiBinary':
      return new MultiBinary(spec.n);
    case 'Text':
      return new Text(spec.max_length, { minLength: spec.min_length, charset: spec.charset });
    case 'Tuple':
      return new Tuple((spec.spaces as readonly Spec[]).map(spaceOf));
    case 'OneOf':
      return new OneOf((spec.spaces as readonly Spec[]).map(spaceOf));
    case 'Dict':
      return new Dict(
        (spec.spaces as readonly (readonly [string, Spec])[]).map(([key, part]) => [key, spaceOf(part)] as const),
      );
    case 'Sequence':
      return new Sequence(spaceOf(spec.space), { stack: spec.stack });
    case 'Graph':
      return new Graph(spaceOf(spec.node_space), spec.edge_space === null ? null : spaceOf(spec.edge_space));
    default:
      throw new Error(`the oracle has a space of type ${spec.type}`);
  }
}

/** A value of the oracle in this library's form: typed arrays, numbers, text, objects, lists. */
export function valueFrom(value: Typed): unknown {
  if (value.none) return null;
  if (value.nd !== undefined) {
    const array = newArray(dtypeOf(value.dtype), flat(value.nd).length);
    array.set(flat(value.nd));
    return array;
  }
  if (value.tuple !== undefined || value.list !== undefined) return (value.tuple ?? value.list ?? []).map(valueFrom);
  if (value.dict !== undefined) return Object.fromEntries(value.dict.map(([key, part]) => [key, valueFrom(part)]));
  if (value.graph !== undefined) {
    const { nodes, edges, edge_links } = value.graph;
    const part = (typed: Typed | null): unknown => (typed === null ? null : valueFrom(typed));
    return { nodes: valueFrom(nodes), edges: part(edges), edgeLinks: part(edge_links) };
  }
  return value.np ?? value.py;
}
