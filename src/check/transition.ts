/** Checks of one result of `reset` or `step`, as the env returned it. */
import type { Env } from '../core/env.js';
import { Box } from '../spaces/box.js';
import type { Fault } from './report.js';

/** What is wrong with a result; null if nothing is. `over`: the episode had ended, so leaving the bounds is allowed. */
export function resultFault(env: Env, method: 'reset' | 'step', result: unknown, step: number): Fault | null {
  const where = method === 'reset' ? 'reset()' : `step() at step ${step}`;
  const shape = method === 'reset' ? '{ observation, info }' : '{ observation, reward, terminated, truncated, info }';
  if (result instanceof Promise || typeof (result as { then?: unknown } | null)?.then === 'function') {
    return {
      code: 'RESULT_PROMISE',
      message: `${where} returned a promise.`,
      cause: `${method} is declared async, or returns the promise of a call it makes.`,
      fix: `${method}(...) { ... } // without async: load what is needed before the env is built, and step synchronously`,
    };
  }
  if (typeof result !== 'object' || result === null || !('observation' in result)) {
    return {
      code: 'RESULT_SHAPE',
      message: `${where} returned ${Array.isArray(result) ? 'an array' : String(result)} instead of ${shape}.`,
      cause: Array.isArray(result) ? "Gymnasium's tuple: here results are objects." : 'A missing return.',
      fix: `return ${shape};`,
    };
  }
  const { observation, info, reward, terminated, truncated } = result as Record<string, unknown>;
  return (
    observationFault(env, observation, where) ??
    (method === 'step' ? valueFault(reward, terminated, truncated, where) : null) ??
    infoFault(info, where)
  );
}

function observationFault(env: Env, observation: unknown, where: string): Fault | null {
  const why = env.observationSpace.explain(observation);
  if (why === null) return null;
  const said = `the observation of ${where} is not in ${String(env.observationSpace)}: ${why}.`;
  const space = env.observationSpace;
  if (space instanceof Box) {
    const Typed = (space as Box).low.constructor;
    if (!(observation instanceof Typed)) {
      return {
        code: 'OBSERVATION_TYPE',
        message: said,
        cause: `The space is ${(space as Box).dtype}, so its values are ${Typed.name}s.`,
        fix: `observation: ${Typed.name}.of(...) // or declare dtype in the Box`,
      };
    }
    if ([...(observation as Float32Array)].some(Number.isNaN)) {
      return {
        code: 'OBSERVATION_NAN',
        message: said,
        cause: 'A division by 0, a root or logarithm of a negative number, or a field that was never set.',
        fix: 'Guard the division: Math.max(distance, 1e-6); or end the episode before the state blows up.',
      };
    }
  }
  return {
    code: 'OBSERVATION_OUTSIDE',
    message: said,
    cause: 'The bounds or the shape of the space are narrower than what the dynamics give.',
    fix: 'Widen the bounds in observationSpace, or clip: Math.min(Math.max(value, low), high).',
  };
}

function valueFault(reward: unknown, terminated: unknown, truncated: unknown, where: string): Fault | null {
  if (typeof reward !== 'number' || !Number.isFinite(reward)) {
    return {
      code: 'REWARD_INVALID',
      message: `the reward of ${where} is ${String(reward)}; a finite number is expected.`,
      cause: 'A missing field, an array, or a division by 0.',
      fix: 'return { observation, reward: 1, terminated, truncated, info: {} };',
    };
  }
  if (typeof terminated !== 'boolean' || typeof truncated !== 'boolean') {
    return {
      code: 'FLAGS_INVALID',
      message: `terminated is ${String(terminated)} and truncated is ${String(truncated)} in ${where}; true or false is expected.`,
      cause: 'A missing field, or a number or comparison result of another type; there is no `done`.',
      fix: 'return { observation, reward, terminated: fallen, truncated: false, info: {} };',
    };
  }
  return null;
}

function infoFault(info: unknown, where: string): Fault | null {
  if (typeof info !== 'object' || info === null || Array.isArray(info)) {
    return {
      code: 'INFO_MISSING',
      message: `info of ${where} is ${String(info)}; an object is expected.`,
      cause: 'A missing field.',
      fix: 'return { ..., info: {} };',
    };
  }
  const bad = Object.entries(info).find(([, value]) => !isPlain(value));
  if (bad === undefined) return null;
  return {
    code: 'INFO_NOT_PLAIN',
    message: `info.${bad[0]} of ${where} is ${describe(bad[1])}; plain values are expected.`,
    cause: 'An object of a class, or a function, was put into info; it cannot cross threads and files.',
    fix: `info: { ${bad[0]}: /* numbers, strings, plain objects, arrays or typed arrays */ }`,
  };
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? `a ${value.constructor.name}` : `a ${typeof value}`;
}

/** Whether a value is data alone. */
function isPlain(value: unknown, depth = 0): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  if (ArrayBuffer.isView(value)) return true;
  if (depth > 20) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.values(value).every((item) => isPlain(item, depth + 1));
}
