/** Who acts in a fork: a person's keys, chance, or the policy that the page holds. */
import type { Env, Info } from '../../core/env.js';
import { type Keyboard, keyboardAction } from '../../core/keyboard.js';
import { ReferencePolicy } from '../../network/reference-policy.js';
import type { NetworkSpec } from '../../network/spec.js';
import { Discrete } from '../../spaces/discrete.js';
import { keyboardOf } from '../../spaces/keyboard.js';
import type { Space } from '../../spaces/space.js';
import { bytesOf } from './start.js';

/** Gives the next action; `undefined` where it waits for one. */
export type Pilot = (observation: unknown, info: Info) => unknown;

/** A policy as a page holds it; plain JSON. */
export interface PackedPolicy {
  readonly network: NetworkSpec;
  /** Base64 of float32, little-endian. */
  readonly parameters: string;
  readonly normalization: {
    readonly mean: readonly number[];
    readonly variance: readonly number[];
    readonly clip: number;
  } | null;
  /** What people call it. */
  readonly name: string;
}

/** The keys of an env, its own or the usual ones of its action space; null where there are none. */
export function keyboardFor(env: Env): Keyboard | null {
  try {
    return keyboardOf(env);
  } catch {
    // Neither bindings that fit its actions nor usual ones: then the keyboard is not offered.
    return null;
  }
}

/** Uniform actions from a seed; those that `info.actionMask` allows where the env gives one. */
export function randomPilot(actionSpace: Space, seed: number): Pilot {
  actionSpace.seed(seed);
  return (_observation, { actionMask }) =>
    actionSpace instanceof Discrete && typeof actionMask === 'object' && actionMask !== null
      ? actionSpace.sample({ mask: actionMask as ArrayLike<number> })
      : actionSpace.sample();
}

/** The action of the keys that are held; waits for one where the env has no idle action. */
export function keyboardPilot(keyboard: Keyboard, actionSpace: Space, held: () => Iterable<string>): Pilot {
  return () => {
    const action = keyboardAction(keyboard, held());
    return action === null ? undefined : actionSpace.valueFromJSON(action);
  };
}

/** The policy that was packed. @throws `INVALID_POLICY`, `INVALID_NETWORK`. */
export function unpackPolicy(
  packed: PackedPolicy,
  spaces: { readonly observation: Space; readonly action: Space },
): ReferencePolicy {
  const { network, parameters, normalization } = packed;
  return new ReferencePolicy(
    { network, parameters: new Float32Array(bytesOf(parameters).buffer), normalization },
    spaces,
  );
}
