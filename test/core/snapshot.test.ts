// Snapshots of every registered env, in place, in another instance and in another thread; and what can go wrong.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Env, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import type { EnvSnapshot } from '../../src/core/snapshot.js';
import { TransparentWrapper } from '../../src/core/wrapper.js';
import { constructEnv, make, registry, spec } from '../../src/registration/index.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { OrderEnforcing } from '../../src/wrappers/order-enforcing.js';
import { TimeLimit } from '../../src/wrappers/time-limit.js';
import { throwsError } from '../support/misuse.js';

const sayings = (env: Env, actions: readonly unknown[]): string[] =>
  actions.map((action) => {
    const { observation, ...rest } = env.step(action);
    const lines = JSON.stringify({ ...rest, observation: env.observationSpace.valueToJSON(observation) });
    if (!rest.terminated && !rest.truncated) return lines;
    return lines + JSON.stringify(env.observationSpace.valueToJSON(env.reset().observation));
  });

for (const { id } of registry.values()) {
  test(`${id}: goes on exactly from the middle of an episode, in place and elsewhere`, async () => {
    const env = await make(id);
    env.actionSpace.seed(3);
    env.reset({ seed: 12 });
    for (let k = 0; k < 4; k++) env.step(env.actionSpace.sample());
    env.reset();
    env.reset();
    for (let k = 0; k < 7; k++) env.step(env.actionSpace.sample());
    const snapshot = env.snapshot();
    assert.equal(JSON.parse(JSON.stringify(snapshot)), snapshot, 'plain JSON');
    const present = env.restore(snapshot);
    // Enough to pass the time limit, so that its count is compared as well.
    const count = Math.min(1100, (spec(id).maxEpisodeSteps ?? 400) + 40);
    const actions = Array.from({ length: count }, () => env.actionSpace.sample());
    const expected = sayings(env, actions);
    for (let k = 0; k < 5; k++) env.actionSpace.sample();
    const back = env.restore(JSON.parse(JSON.stringify(snapshot)) as EnvSnapshot);
    assert.equal(back, present);
    assert.equal(sayings(env, actions), expected, 'in place');
    const other = await make(id);
    other.reset({ seed: 99 });
    assert.equal(other.restore(structuredClone(snapshot)), present);
    assert.equal(sayings(other, actions), expected, 'in another instance');
    const fresh = await make(id);
    fresh.restore(snapshot);
    assert.equal(fresh.snapshot(), snapshot, 'a snapshot of a restored env is the same');
  });
}

test('a seeded episode is restored in another thread', async () => {
  for (const id of ['CartPole-v1', 'Pendulum-v1']) {
    const env = await make(id);
    env.actionSpace.seed(1);
    env.reset({ seed: 4 });
    for (let k = 0; k < 6; k++) env.step(env.actionSpace.sample());
    const snapshot = env.snapshot();
    const actions = Array.from({ length: 4 }, () => env.actionSpace.sample());
    const code = `import { parentPort, workerData } from 'node:worker_threads';
      const { make } = await import(workerData.index);
      const env = await make(workerData.id);
      env.restore(workerData.snapshot);
      parentPort.postMessage(workerData.actions.map((action) => env.step(action)));`;
    const index = new URL('../../src/index.js', import.meta.url).href;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
      workerData: { index, id, snapshot, actions },
    });
    const [there] = (await once(worker, 'message')) as [unknown];
    await worker.terminate();
    assert.equal(
      there,
      actions.map((action) => env.step(action)),
    );
  }
});

test('the time limit counts on after a restore, whether the env saves its state or is replayed', async () => {
  for (const id of ['CartPole-v1', 'MountainCar-v0']) {
    const env = await make(id, { maxEpisodeSteps: 5 });
    env.reset({ seed: 1 });
    for (const action of [0, 1, 0]) env.step(action);
    const snapshot = env.snapshot();
    assert.is(snapshot.steps, 3);
    assert.is(snapshot.episode === null, id === 'CartPole-v1');
    env.reset();
    env.restore(snapshot);
    assert.equal([env.step(1).truncated, env.step(0).truncated], [false, true], id);
  }
});

/** Counts steps in its observation; how it fails is a matter of `flaw`. */
class Counter extends Env<Float32Array, unknown> {
  readonly observationSpace = new Box(-1e6, 1e6, { shape: [2] });
  readonly actionSpace = new Discrete(3) as never;
  flaw: 'hidden' | 'none' = 'none';
  #count = 0;
  #hidden = 0;
  #seen: unknown = null;
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    this.#count = 0;
    this.#seen = options.options ?? null;
    return { observation: this.#observe(), info: { seen: this.#seen } };
  }
  override step(action: unknown): StepResult<Float32Array> {
    this.#count += 1 + Number(action);
    return { observation: this.#observe(), reward: 1, terminated: false, truncated: false, info: { seen: this.#seen } };
  }
  #observe(): Float32Array {
    if (this.flaw === 'hidden') this.#hidden++;
    return Float32Array.of(this.#count + this.#hidden, this.rng.random());
  }
}

test('reset options and the stream belong to a snapshot; users cannot change what it remembers', () => {
  const env = new OrderEnforcing(new Counter());
  const options = { level: [1, 2] };
  const first = env.reset({ seed: 3, options });
  options.level.push(3);
  first.observation.fill(7);
  const { observation } = env.step(2);
  const kept = Array.from(observation);
  observation.fill(5);
  const snapshot = env.snapshot();
  assert.equal(snapshot.episode?.options, { level: [1, 2] });
  assert.equal(snapshot.episode?.actions, [2]);
  const back = env.restore(snapshot);
  assert.equal(Array.from(back.observation), kept);
  assert.equal(back.info['seen'], { level: [1, 2] });
  back.observation.fill(9);
  assert.equal(Array.from(env.restore(snapshot).observation), kept);
});

test('actions beyond the bounds, -0 and many steps are replayed as they were', async () => {
  const env = await make('Pendulum-v1', { maxEpisodeSteps: null });
  env.reset({ seed: 5 });
  for (let k = 0; k < 500; k++) env.step(Float32Array.of(k % 3 === 0 ? -0 : 0.1 * k - 20));
  const snapshot = JSON.parse(JSON.stringify(env.snapshot())) as EnvSnapshot;
  assert.is(snapshot.episode?.actions.length, 500);
  const next = env.step(Float32Array.of(30));
  env.restore(snapshot);
  assert.equal(env.step(Float32Array.of(30)), next);
});

test('the time limit does not write into the result of an env that returns one object', () => {
  const result = { observation: new Float32Array(2), reward: 0, terminated: false, truncated: false, info: {} };
  class Same extends Counter {
    override step(): StepResult<Float32Array> {
      return result;
    }
  }
  const env = new TimeLimit(new Same(), 2);
  for (let episode = 0; episode < 2; episode++) {
    env.reset();
    assert.equal([env.step(0).truncated, env.step(0).truncated], [false, true]);
  }
});

/** Numbers the episodes, over resets. */
class Episodes extends TransparentWrapper<Float32Array, unknown> {
  #episode = 0;
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    this.#episode++;
    return super.reset(options);
  }
  override step(action: unknown): StepResult<Float32Array> {
    return { ...super.step(action), reward: this.#episode };
  }
  override getState(): number {
    return this.#episode;
  }
  override setState(state: number): void {
    this.#episode = state;
  }
}

test('a wrapper with a state over episodes is taken back too', () => {
  const stack = (): OrderEnforcing<Float32Array, unknown> =>
    new OrderEnforcing(new Episodes(new TimeLimit(new Counter(), 9)));
  const env = stack();
  for (let episode = 0; episode < 3; episode++) env.reset({ seed: episode });
  env.step(1);
  const snapshot = env.snapshot();
  assert.equal(snapshot.episode?.wrapperStates, [2]);
  const next = env.step(2);
  assert.is(next.reward, 3);
  const other = stack();
  other.restore(JSON.parse(JSON.stringify(snapshot)) as EnvSnapshot);
  assert.equal(other.step(2), next);
  env.reset();
  env.restore(snapshot);
  assert.equal(env.step(2), next);
});

test('misuse', async () => {
  const env = await make('MountainCar-v0');
  throwsError(() => env.snapshot(), { code: 'RESET_NEEDED', kind: 'usage', says: ['snapshot() of MountainCar-v0'] });
  env.reset({ seed: 1 });
  env.step(1);
  const snapshot = env.snapshot();
  const bare = await constructEnv(spec('MountainCar-v0'));
  bare.reset();
  const unavailable = { code: 'SNAPSHOT_UNAVAILABLE', kind: 'usage', says: ['make()', 'saveState()'] } as const;
  throwsError(() => bare.snapshot(), unavailable);
  throwsError(() => bare.restore(snapshot), unavailable);
  const byHand = new Counter();
  byHand.reset();
  throwsError(() => byHand.snapshot(), { ...unavailable, says: ['Counter', 'make()'] });
  throwsError(() => byHand.loadState(null), unavailable);
  throwsError(() => new TimeLimit(byHand, 3).snapshot(), {
    code: 'SNAPSHOT_UNAVAILABLE',
    says: ['a wrapper put on by hand'],
  });
  for (const value of [null, undefined, 3, 'x', [], {}, { ...snapshot, format: 'x' }, { ...snapshot, episode: {} }]) {
    throwsError(() => env.restore(value as never), {
      code: 'INVALID_SNAPSHOT',
      kind: 'usage',
      says: ['what snapshot() returned'],
    });
  }
  throwsError(() => env.restore({ ...snapshot, version: 2 } as never), {
    code: 'INVALID_SNAPSHOT',
    says: ['version 2'],
  });
  const table: readonly [Env, string][] = [
    [await make('CartPole-v1'), 'env is "MountainCar-v0", but this env\'s is "CartPole-v1"'],
    [await make('MountainCar-v0', { maxEpisodeSteps: 7 }), 'maxEpisodeSteps is 200'],
  ];
  for (const [other, says] of table) {
    throwsError(() => other.restore(snapshot), { code: 'SNAPSHOT_MISMATCH', kind: 'usage', says: [says] });
  }
  const leaking = new Counter();
  leaking.flaw = 'hidden';
  const checked = new OrderEnforcing(leaking);
  checked.reset({ seed: 1 });
  checked.step(1);
  const taken = checked.snapshot();
  throwsError(() => checked.restore(taken), {
    code: 'SNAPSHOT_DIFFERS',
    kind: 'failure',
    says: ['Counter is not deterministic', '1 actions', 'this.rng'],
  });
  throwsError(() => checked.step(1), { code: 'RESET_NEEDED' });
  const random = await make({ ...spec('MountainCar-v0'), nondeterministic: true });
  random.reset();
  throwsError(() => random.snapshot(), {
    code: 'SNAPSHOT_NONDETERMINISTIC',
    kind: 'usage',
    says: ['MountainCar-v0', 'nondeterministic'],
  });
});

test.run();
