import { usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { isDType, numberFromJSON, numbersFromJSON, preview } from './arrays.js';
import { Box } from './box.js';
import { Dict } from './dict.js';
import { Discrete, type DiscreteDType } from './discrete.js';
import { Graph } from './graph.js';
import { MultiBinary } from './multi-binary.js';
import { MultiDiscrete } from './multi-discrete.js';
import { OneOf } from './one-of.js';
import { Sequence } from './sequence.js';
import type { DType, Space } from './space.js';
import { Text } from './text.js';
import { Tuple } from './tuple.js';

function malformed(type: string, field: string, got: unknown): Error {
  return usageError('INVALID_SPACE', `Expected ${field} of a ${type} space in JSON, got ${preview(got)}.`, {
    field,
    got: preview(got),
  });
}

function list(json: JsonObject, field: string): number[] {
  const values = numbersFromJSON(json[field]);
  if (values === null) throw malformed(String(json.type), field, json[field]);
  return values;
}

function integer(json: JsonObject, field: string): number {
  const value = json[field];
  if (typeof value !== 'number') throw malformed(String(json.type), field, value);
  return value;
}

function bound(json: JsonObject, field: string): number | number[] {
  return numberFromJSON(json[field]) ?? list(json, field);
}

function box(json: JsonObject): Box<DType> {
  if (!isDType(json.dtype)) throw malformed('Box', 'dtype', json.dtype);
  return new Box<DType>(bound(json, 'low'), bound(json, 'high'), { shape: list(json, 'shape'), dtype: json.dtype });
}

function spaces(json: JsonObject): Space[] {
  if (!Array.isArray(json.spaces)) throw malformed(String(json.type), 'spaces', json.spaces);
  return json.spaces.map(spaceFromJSON);
}

const READERS: Readonly<Record<string, (json: JsonObject) => Space>> = {
  Box: box,
  Discrete: (json) =>
    new Discrete(integer(json, 'n'), {
      start: json.start === undefined ? 0 : integer(json, 'start'),
      dtype: (json.dtype ?? 'int64') as DiscreteDType,
    }),
  MultiDiscrete: (json) => {
    const nvec = list(json, 'nvec');
    const start = json.start === undefined ? nvec.map(() => 0) : list(json, 'start');
    return MultiDiscrete.fromFlat(nvec, start, json.shape === undefined ? [nvec.length] : list(json, 'shape'));
  },
  MultiBinary: (json) => new MultiBinary(Array.isArray(json.n) ? list(json, 'n') : integer(json, 'n')),
  Text: (json) => {
    if (typeof json.charset !== 'string') throw malformed('Text', 'charset', json.charset);
    return new Text(integer(json, 'maxLength'), { minLength: integer(json, 'minLength'), charset: json.charset });
  },
  Tuple: (json) => new Tuple(spaces(json)),
  Dict: (json) => {
    if (!Array.isArray(json.spaces)) throw malformed('Dict', 'spaces', json.spaces);
    return new Dict(
      json.spaces.map((pair) => {
        if (!Array.isArray(pair) || typeof pair[0] !== 'string') throw malformed('Dict', 'spaces', pair);
        return [pair[0], spaceFromJSON(pair[1] ?? null)] as const;
      }),
    );
  },
  Sequence: (json) => new Sequence(spaceFromJSON(json.space ?? null), { stack: json.stack === true }),
  OneOf: (json) => new OneOf(spaces(json)),
  Graph: (json) => {
    const { nodeSpace = null, edgeSpace = null } = json;
    return new Graph(spaceFromJSON(nodeSpace), edgeSpace === null ? null : spaceFromJSON(edgeSpace));
  },
};

/**
 * The space that `space.toJSON()` wrote.
 * @throws `INVALID_SPACE` for an unknown type or a missing field.
 */
export function spaceFromJSON(json: Json): Space {
  const type = typeof json === 'object' && json !== null && !Array.isArray(json) ? json.type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(READERS, type)) {
    throw usageError(
      'INVALID_SPACE',
      `Expected a space in JSON with a type among ${Object.keys(READERS).join(', ')}, got ${preview(type ?? json)}.`,
      { expected: Object.keys(READERS).join(', '), got: preview(type ?? json) },
    );
  }
  return READERS[type]!(json as JsonObject);
}
