/** Spaces as Minari writes them in its metadata. Source: minari/serialization.py of Minari 0.5.4. */
import { usageError } from '../../core/errors.js';
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Text, Tuple } from '../../spaces/index.js';

/** Numbers in rows, as Python's json prints them: infinities as `Infinity`, which JSON itself lacks. */
function nested(values: ArrayLike<number>, shape: readonly number[]): string {
  const level = (axis: number, from: number): readonly [string, number] => {
    if (axis === shape.length) return [String(values[from]), from + 1];
    const parts: string[] = [];
    let at = from;
    for (let i = 0; i < shape[axis]!; i++) {
      const [part, next] = level(axis + 1, at);
      parts.push(part);
      at = next;
    }
    return [`[${parts.join(', ')}]`, at];
  };
  return level(0, 0)[0];
}

/** Bounds that are missing, which an integer Box keeps as its type's own limits. */
function bounds(space: Box<never>, side: 'low' | 'high'): string {
  const values = space[side] as unknown as ArrayLike<number>;
  return nested(values, space.shape);
}

/**
 * A space as Minari's JSON text.
 * @throws `EXPORT_UNSUPPORTED` for Sequence, OneOf and Graph, which Minari has no form for.
 */
export function minariSpace(space: Space): string {
  if (space instanceof Box) {
    const { dtype, shape } = space;
    const [low, high] = [bounds(space as never, 'low'), bounds(space as never, 'high')];
    return `{"type": "Box", "dtype": "${dtype}", "shape": [${shape.join(', ')}], "low": ${low}, "high": ${high}}`;
  }
  if (space instanceof Discrete)
    return `{"type": "Discrete", "dtype": "int64", "start": ${space.start}, "n": ${space.n}}`;
  if (space instanceof MultiDiscrete) {
    const { nvec, start, shape } = space;
    return `{"type": "MultiDiscrete", "dtype": "int64", "nvec": ${nested(nvec, shape)}, "start": ${nested(start, shape)}}`;
  }
  if (space instanceof MultiBinary) return JSON.stringify({ type: 'MultiBinary', n: space.n });
  if (space instanceof Text) {
    const { minLength, maxLength, characters } = space;
    return JSON.stringify({
      type: 'Text',
      max_length: maxLength,
      min_length: minLength,
      charset: characters.join(''),
    });
  }
  if (space instanceof Dict) {
    const parts = space.keys.map((key) => `${JSON.stringify(key)}: ${minariSpace(space.spaces[key] as Space)}`);
    return `{"type": "Dict", "subspaces": {${parts.join(', ')}}}`;
  }
  if (space instanceof Tuple) {
    return `{"type": "Tuple", "subspaces": [${(space.spaces as readonly Space[]).map(minariSpace).join(', ')}]}`;
  }
  throw usageError(
    'EXPORT_UNSUPPORTED',
    `Minari has no form for ${String(space)}. Export to parquet, arrow or jsonl, which keep such values as JSON.`,
    { got: space.type, expected: 'Box, Discrete, MultiDiscrete, MultiBinary, Text, Dict or Tuple' },
  );
}
