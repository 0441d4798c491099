/** Checks that compare episodes: seeding, determinism, state over resets, threads and snapshots. */
import type { Env } from '../core/env.js';
import type { EnvSpec } from '../core/spec.js';
import { makeFromSpec } from '../registration/index.js';
import { playInThread } from './in-thread.js';
import { firstDifference, observationHash, play, type Task, type Transition } from './play.js';
import { type Fault, type Findings, thrown } from './report.js';

/** What the comparisons need. */
export interface Comparison {
  readonly spec: EnvSpec | null;
  /** A fresh bare env; null if none can be built. */
  readonly build: (() => Promise<Env>) | null;
  readonly seed: number;
  readonly steps: number;
  /** "Math.random (at ...)" if the env used such while it was watched; empty otherwise. */
  readonly uses: string;
}

const task = (seed: number, actionSeed: number, steps: number, goOn = true): Task => ({
  seed,
  generator: null,
  actionSeed,
  steps,
  goOn,
});

function unrepeatable(code: string, message: string, uses: string): Fault {
  const seeded = 'Draw from this.rng alone: this.rng.uniform(low, high), this.rng.integers(n).';
  return uses === ''
    ? {
        code,
        message,
        cause:
          'Something besides this.rng and the actions decides: a module variable, a static field, or an own generator.',
        fix: seeded,
      }
    : {
        code,
        message,
        cause: `The env calls ${uses}, which no seed controls.`,
        fix: `${seeded} Count steps, not time.`,
      };
}

/** Gymnasium's `check_reset_seed` and `check_reset_options`. */
export function checkSeeding(env: Env, { seed, uses }: Comparison, found: Findings): void {
  const name = 'seeding';
  const observe = (options: { seed?: number; options?: Record<string, never> }): number =>
    observationHash(env, env.reset(options).observation);
  const first = observe({ seed });
  const state = env.rng.state;
  const again = observe({ seed });
  if (first !== again || JSON.stringify(env.rng.state) !== JSON.stringify(state)) {
    const message = `reset({ seed: ${seed} }) twice gives different ${first === again ? 'generators' : 'observations'}.`;
    found.fail(name, unrepeatable('SEED_IGNORED', message, uses));
    return;
  }
  observe({ seed: seed + 1 });
  if (JSON.stringify(env.rng.state) === JSON.stringify(state)) {
    found.fail(name, {
      code: 'SEED_IGNORED',
      message: `reset with the seeds ${seed} and ${seed + 1} leaves the same generator.`,
      cause: 'reset() does not hand its options to super.reset(), or replaces this.rng.',
      fix: 'reset(options = {}) { super.reset(options); ... }',
    });
    return;
  }
  observe({ options: {} });
  observe({ seed });
  const next = observe({});
  const draws = next !== first ? 'reset() goes on with the stream' : 'resets draw nothing: every episode begins alike';
  found.pass(name, `the same seed gives the same start, another seed another generator; ${draws}`);
}

export async function checkDeterminism(used: Env, how: Comparison, found: Findings): Promise<void> {
  const what = task(how.seed, how.seed + 1, how.steps);
  const name = 'determinism';
  if (how.build === null) {
    const difference = firstDifference(play(used, what), play(used, what));
    if (difference === null) found.pass(name, 'the same seed and actions repeat in the same instance');
    else found.fail(name, unrepeatable('NOT_DETERMINISTIC', `the same seed and actions: ${difference}.`, how.uses));
    return;
  }
  const [one, two] = [await how.build(), await how.build()];
  const expected = play(one, what);
  const fresh = firstDifference(expected, play(two, what));
  if (fresh !== null) {
    const message = `two fresh instances, same seed and actions: ${fresh}.`;
    found.fail(name, unrepeatable('NOT_DETERMINISTIC', message, how.uses));
  } else {
    const after = firstDifference(expected, play(used, what));
    if (after === null)
      found.pass(name, `${expected.length} transitions are the same in two fresh instances and in a used one`);
    else found.fail(name, leak(`a used env differs from a fresh one: ${after}.`, how.uses));
  }
  one.close();
  two.close();
}

function leak(message: string, uses: string): Fault {
  if (uses !== '') return unrepeatable('STATE_LEAK', message, uses);
  return {
    code: 'STATE_LEAK',
    message,
    cause: 'A field keeps its value over reset(): a counter, a cache, or an array that is changed in place.',
    fix: 'reset(options = {}) { super.reset(options); this.#count = 0; /* every field that step() changes */ }',
  };
}

/** The fifth episode of a used env against a fresh instance in another thread; and the first transitions there. */
export async function checkThread(used: Env, how: Comparison, limit: number, found: Findings): Promise<void> {
  const steps = Math.min(how.steps, 100);
  for (let episode = 0; episode < 4; episode++)
    play(used, { ...task(0, episode, steps, false), seed: episode === 0 ? how.seed : null });
  const generator = used.rng.state;
  const fifth: Task = { seed: null, generator, actionSeed: 5, steps, goOn: false };
  const expected = play(used, fifth);
  const { spec, build } = how;
  if (spec === null || build === null) {
    found.skip('other thread', 'the env was built by hand: give its id or spec, so that a thread can build it');
    found.skip('state over resets', 'needs a fresh instance: give the id or spec of the env');
    return;
  }
  const early = task(how.seed, how.seed + 1, Math.min(50, how.steps));
  const here = await build();
  const firstHere = play(here, early);
  here.close();
  let fresh: readonly Transition[] | undefined;
  let where = 'in another thread';
  if (spec.moduleUrl === null) {
    found.warn('other thread', {
      code: 'ENV_NOT_PORTABLE',
      message: `${spec.id} has no moduleUrl, so only this thread can build it.`,
      cause: 'register() was called without the module, outside of an import by the command line.',
      fix: `register({ id: '${spec.id}', entryPoint: MyEnv, moduleUrl: import.meta.url });`,
    });
  } else {
    const { played, error } = await playInThread(spec, [early, fifth], limit);
    const difference = error === null ? firstDifference(firstHere, played[0] ?? []) : null;
    if (error !== null) {
      found.fail('other thread', {
        code: 'THREAD_FAILED',
        message: `a worker thread could not play the env: ${error}`,
        cause:
          'The module needs something of the main thread (a global, a variable set elsewhere), or does not export the class.',
        fix: 'Put the class in a file of its own that imports all it needs; pass the rest as kwargs in plain JSON.',
      });
    } else if (difference !== null) {
      const message = `the first transitions in another thread differ: ${difference}.`;
      found.fail('other thread', unrepeatable('THREAD_DIFFERS', message, how.uses));
    } else
      found.pass(
        'other thread',
        `${firstHere.length} transitions are the same in a worker thread that built the env from its spec`,
      );
    fresh = played[1];
  }
  if (fresh === undefined) {
    where = 'in this thread';
    const env = await build();
    fresh = play(env, fifth);
    env.close();
  }
  const difference = firstDifference(expected, fresh);
  if (difference === null)
    found.pass('state over resets', `the fifth episode is the same in a fresh instance ${where}`);
  else
    found.fail(
      'state over resets',
      leak(`the fifth episode, replayed in a fresh instance ${where}: ${difference}.`, how.uses),
    );
}

/** `snapshot` in the middle of an episode, gone on twice, in place and in another instance. */
export async function checkSnapshot(how: Comparison, found: Findings): Promise<void> {
  const name = 'snapshot';
  if (how.spec === null) {
    found.skip(name, 'the env was built by hand: make() keeps the episode that a snapshot replays');
    return;
  }
  const [env, other] = [await makeFromSpec(how.spec), await makeFromSpec(how.spec)];
  try {
    env.actionSpace.seed(how.seed);
    env.reset({ seed: how.seed });
    for (let k = 0; k < 9; k++) {
      const { terminated, truncated } = env.step(env.actionSpace.sample());
      if (terminated || truncated) env.reset();
    }
    const snapshot = env.snapshot();
    const actions = Array.from({ length: 30 }, () => env.actionSpace.sample());
    const goOn = (from: Env): string =>
      JSON.stringify(
        actions.map((action) => {
          const { observation, reward, terminated, truncated } = from.step(action);
          const line = [observationHash(from, observation), reward, terminated, truncated];
          return terminated || truncated ? [...line, observationHash(from, from.reset().observation)] : line;
        }),
      );
    const expected = goOn(env);
    env.restore(snapshot);
    const inPlace = goOn(env);
    other.restore(JSON.parse(JSON.stringify(snapshot)));
    if (inPlace === expected && goOn(other) === expected) {
      found.pass(
        name,
        `restored in place and elsewhere, 30 steps go on exactly (${snapshot.episode === null ? "the env's own way" : 'by replay'})`,
      );
    } else {
      const message = 'after restore() the same actions lead elsewhere.';
      found.fail(name, snapshotFault(message, snapshot.episode === null, how.uses));
    }
  } catch (error) {
    found.fail(name, snapshotFault(thrown(error), false, how.uses));
  } finally {
    env.close();
    other.close();
  }
}

function snapshotFault(message: string, own: boolean, uses: string): Fault {
  if (!own) return unrepeatable('SNAPSHOT_DIFFERS', message, uses);
  return {
    code: 'SNAPSHOT_DIFFERS',
    message,
    cause: 'saveState() leaves out a field, or loadState() does not set it.',
    fix: 'saveState() { return { /* every field that step() changes */ }; }',
  };
}
