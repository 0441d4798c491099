/** `checkEnv`: everything that can be found out about an env before it costs a night of training. */
import { Env } from '../core/env.js';
import { usageError } from '../core/errors.js';
import type { EnvSpec } from '../core/spec.js';
import { constructEnv, resolveEnv } from '../registration/index.js';
import { notJson } from '../registration/json-values.js';
import { Space } from '../spaces/space.js';
import { checkLook, checkRender } from './look.js';
import { bytesPerStep, stepsPerSecond } from './measure.js';
import { type Comparison, checkDeterminism, checkSeeding, checkSnapshot, checkThread } from './repeat.js';
import { type CheckReport, Findings, thrown } from './report.js';
import { checkSeedMethod, checkSpace } from './spaces.js';
import { survey } from './survey.js';
import { usesText } from './traps.js';

/** How thoroughly to check. */
export interface CheckOptions {
  /** Random steps of the main check, at most; 2,000 by default. */
  readonly steps?: number;
  /** Seed of the episodes and of the random actions; 123 by default. */
  readonly seed?: number;
  /** About how long it may take; 5 by default. A single slow step is not interrupted. */
  readonly seconds?: number;
  /** Folder that `./file.ts:Env` is relative to; the working directory by default. */
  readonly cwd?: string;
}

const now = performance.now.bind(performance);

/**
 * Checks an env: Gymnasium's and Stable-Baselines3's checks, and those that exact replay and parallel training need. Give an id,
 * a `./file.ts:Env` or a spec where you can: an instance alone cannot be built anew, so some checks are then skipped.
 * @throws `INVALID_ENV`, `INVALID_OPTION`, and what an unknown id or module gives, such as `ENV_NOT_FOUND`. Faults of the env do not throw.
 */
export async function checkEnv(
  envOrIdOrSpec: Env | string | EnvSpec,
  options: CheckOptions = {},
): Promise<CheckReport> {
  const start = now();
  const { steps, seed, seconds, cwd } = readOptions(options);
  const given = await subject(envOrIdOrSpec, cwd);
  const found = new Findings();
  const report = (taken = 0, speed: number | null = null, bytes: number | null = null): CheckReport => ({
    env: given.name,
    passed: !found.has('fail'),
    results: found.results,
    steps: taken,
    stepsPerSecond: speed,
    bytesPerStep: bytes,
    seconds: (now() - start) / 1000,
  });

  if (given.spec !== null && !checkSpec(given.spec, found)) return report();
  const { spec } = given;
  let env: Env;
  try {
    env = given.env ?? (await constructEnv(spec!));
  } catch (error) {
    found.fail('construction', {
      code: 'CONSTRUCTION_FAILED',
      message: thrown(error),
      cause: 'The constructor throws, or leaves a space out.',
      fix: 'constructor(kwargs = {}) { super(); ... } // every kwarg needs a default',
    });
    return report();
  }
  if (given.env !== null && env.unwrapped !== env) {
    found.warn('construction', {
      code: 'ENV_WRAPPED',
      message: `the env is a ${env.constructor.name} around a ${env.unwrapped.constructor.name}: the wrappers are checked with it.`,
      cause: 'A wrapper hides what the env itself returns.',
      fix: 'await checkEnv(env.unwrapped) // or its id',
    });
  } else found.pass('construction', `${env.unwrapped.constructor.name} was built`);
  checkSeedMethod(env.unwrapped, found);
  checkSpace('observation space', env.observationSpace, found);
  checkSpace('action space', env.actionSpace, found);
  if (!(env.observationSpace instanceof Space && env.actionSpace instanceof Space)) return report();

  const surveyed = now();
  // So many steps as a share of the time allows at a measured rate.
  const within = (most: number, least: number, share: number, rate: number): number =>
    Math.max(least, Math.min(most, Math.floor(rate * seconds * share)));
  const seen = survey(env, seed, steps, surveyed + seconds * 250, now);
  const uses = usesText(seen.uses);
  if (seen.fault !== null) {
    found.fail(seen.fault.check, seen.fault.fault);
    if (spec !== null) checkUses(uses, spec, found);
    return report(seen.steps);
  }
  found.pass('reset result', 'observation and info are as declared');
  found.pass(
    'step result',
    `${seen.steps} random steps: observations in the space, finite rewards, plain infos, actions untouched`,
  );
  checkUses(uses, spec, found);

  const how: Comparison = {
    spec,
    build: spec === null ? null : () => constructEnv(spec),
    seed,
    // About a dozen such stretches are played in all.
    steps: Math.min(seen.steps, within(300, 10, 0.02, seen.steps / ((now() - surveyed) / 1000))),
    uses,
  };
  const guarded = async (name: string, check: () => void | Promise<void>): Promise<void> => {
    try {
      await check();
    } catch (error) {
      found.fail(name, {
        code: 'ENV_THROWS',
        message: thrown(error),
        cause: 'The env throws when it is used a second time: over a reset, in a fresh instance, or after close().',
        fix: 'Go to the line named above, and set every field anew in reset().',
      });
    }
  };
  if (spec?.nondeterministic === true) {
    for (const name of ['seeding', 'determinism', 'other thread', 'state over resets', 'snapshot'])
      found.skip(name, 'its spec says nondeterministic');
  } else {
    await guarded('seeding', () => checkSeeding(env, how, found));
    await guarded('determinism', () => checkDeterminism(env, how, found));
    await guarded('state over resets', () => checkThread(env, how, Math.max(10_000, seconds * 2000), found));
    await guarded('snapshot', () => checkSnapshot(how, found));
  }
  checkLook(env, spec, seen, found);
  let [speed, bytes]: (number | null)[] = [null, null];
  await guarded('speed', () => {
    speed = stepsPerSecond(env, Math.min(300, seconds * 60), now);
    if (speed < 500) {
      found.warn('speed', {
        code: 'STEP_SLOW',
        message: `${Math.round(speed)} steps/s in one thread.`,
        cause: 'A step does work that could be done once: building objects, reading files, searching all pairs.',
        fix: 'Build in the constructor or reset(), and profile step(): node --cpu-prof.',
      });
    } else found.pass('speed', `${Math.round(speed).toLocaleString('en')} steps/s in one thread`);
  });
  await guarded('allocation', () => {
    bytes = bytesPerStep(env, within(300, 5, 0.02, speed ?? 0));
    if (bytes > 4096) {
      found.warn('allocation', {
        code: 'STEP_ALLOCATES',
        message: `a step allocates about ${Math.round(bytes)} bytes.`,
        cause: 'New arrays and objects each step keep the garbage collector busy in every thread.',
        fix: 'readonly #observation = new Float32Array(n); // filled and returned by each step: make() hands out copies',
      });
    } else found.pass('allocation', `about ${Math.round(bytes)} bytes a step`);
  });
  await guarded('render', () => checkRender(env, spec, found));
  await guarded('close', () => {
    if (given.env !== null) return found.skip('close', 'the instance given stays open');
    env.close();
    env.close();
    found.pass('close', 'closing twice is fine');
  });
  return report(seen.steps, speed, bytes);
}

function readOptions({ steps = 2000, seed = 123, seconds = 5, cwd = process.cwd() }: CheckOptions) {
  const wrong = (field: string, expected: string, got: unknown): Error =>
    usageError('INVALID_OPTION', `checkEnv: ${field} must be ${expected}, got ${String(got)}.`, {
      field,
      expected,
      got: String(got),
    });
  if (!Number.isSafeInteger(steps) || steps < 1) throw wrong('steps', 'a whole number above 0', steps);
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > 2 ** 52)
    throw wrong('seed', 'a whole number from 0 to 2^52', seed);
  if (!(Number.isFinite(seconds) && seconds > 0)) throw wrong('seconds', 'a number above 0', seconds);
  return { steps, seed, seconds, cwd };
}

interface Subject {
  readonly name: string;
  readonly spec: EnvSpec | null;
  /** The instance given; null if it is to be built from the spec. */
  readonly env: Env | null;
}

async function subject(value: unknown, cwd: string): Promise<Subject> {
  if (typeof value === 'string') {
    const spec = await resolveEnv(value, { cwd });
    return { name: spec.id, spec, env: null };
  }
  if (value instanceof Env) {
    // An env from make() or a bare one with a spec: built anew, bare, so that nothing hides what it returns.
    if (value.spec !== null) return { name: value.spec.id, spec: value.spec, env: null };
    return { name: value.unwrapped.constructor.name, spec: null, env: value };
  }
  if (typeof value === 'object' && value !== null && typeof (value as EnvSpec).id === 'string' && 'kwargs' in value) {
    return { name: (value as EnvSpec).id, spec: value as EnvSpec, env: null };
  }
  const got = typeof value === 'function' ? `the class ${value.name}` : String(value);
  throw usageError(
    'INVALID_ENV',
    `checkEnv takes an env, an id such as 'CartPole-v1', './file.ts:MyEnv' or a spec; got ${got}.`,
    {
      expected: 'an env, an id or a spec',
      got,
    },
  );
}

function checkSpec(spec: EnvSpec, found: Findings): boolean {
  const why =
    notJson(JSON.parse(JSON.stringify({ ...spec, kwargs: null })), 'the spec') ?? notJson(spec.kwargs, 'kwargs');
  if (why === null) {
    found.pass('spec', 'plain JSON, so threads, files and runs can rebuild the env');
    return true;
  }
  found.fail('spec', {
    code: 'SPEC_NOT_JSON',
    message: `the spec must be plain JSON, but ${why}.`,
    cause: 'A function, class instance or NaN among the keyword arguments: it cannot cross to a worker thread.',
    fix: "kwargs: { reward: 'distance' } // a name that the constructor turns into the function",
  });
  return false;
}

function checkUses(uses: string, spec: EnvSpec | null, found: Findings): void {
  if (uses === '') {
    found.pass('randomness', 'neither clocks nor global random sources were used');
    return;
  }
  if (spec?.nondeterministic) {
    found.skip('randomness', `uses ${uses}; its spec says nondeterministic`);
    return;
  }
  found.fail('randomness', {
    code: 'UNSEEDED_RANDOMNESS',
    message: `reset() or step() calls ${uses}.`,
    cause: 'Its values differ from run to run, so no seed repeats an episode.',
    fix: 'this.rng.random(), this.rng.uniform(low, high), this.rng.integers(n); count steps instead of time.',
  });
}
