/** Action spaces as independent choices, which is what policies decide. */
import { Discrete } from './discrete.js';
import { MultiBinary } from './multi-binary.js';
import { MultiDiscrete } from './multi-discrete.js';
import type { Space } from './space.js';

/** Choices of a space: how many values each has, and the first of them. */
export interface Choices {
  readonly sizes: readonly number[];
  readonly starts: readonly number[];
}

/** The choices of a Discrete, MultiDiscrete or MultiBinary space; null for any other. */
export function choicesOf(space: Space): Choices | null {
  if (space instanceof Discrete) return { sizes: [space.n], starts: [space.start] };
  if (space instanceof MultiDiscrete) return { sizes: [...space.nvec], starts: [...space.start] };
  if (!(space instanceof MultiBinary)) return null;
  return { sizes: new Array<number>(space.size).fill(2), starts: new Array<number>(space.size).fill(0) };
}

/** The likeliest of each choice by its logits, one choice after the other; the first among equals. */
export function likeliest(logits: ArrayLike<number>, sizes: readonly number[]): number[] {
  let at = 0;
  return sizes.map((size) => {
    let best = 0;
    for (let k = 1; k < size; k++) if (logits[at + k]! > logits[at + best]!) best = k;
    at += size;
    return best;
  });
}
