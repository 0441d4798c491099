import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Env, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { Generator } from '../../src/core/seeding/index.js';
import { EpisodeLog } from '../../src/episode/index.js';
import { makeFromSpec, spec as specOf } from '../../src/registration/index.js';
import { Box, Discrete } from '../../src/spaces/index.js';
import { type PageSnapshot, type PlayableEpisode, Playback } from '../../src/viewer/sim/index.js';
import { OrderEnforcing } from '../../src/wrappers/index.js';

/** A sum of actions and of noise, whose saved state can be told to leave the noise out. */
class Sum extends Env<Float64Array, number> {
  readonly observationSpace = new Box(-1e9, 1e9, { shape: [1], dtype: 'float64' });
  readonly actionSpace = new Discrete(3);
  readonly #forgets: boolean;
  resets = 0;
  steps = 0;
  #sum = 0;
  #noise = 0;

  constructor(forgets = false) {
    super();
    this.#forgets = forgets;
  }

  override reset(options: ResetOptions = {}): ResetResult<Float64Array> {
    super.reset(options);
    this.resets++;
    this.#sum = 0;
    this.#noise = this.rng.random();
    return { observation: Float64Array.of(this.#sum), info: {} };
  }

  override step(action: number): StepResult<Float64Array> {
    this.steps++;
    this.#sum += action + this.#noise;
    const observation = Float64Array.of(this.#sum);
    return { observation, reward: action, terminated: false, truncated: false, info: {} };
  }

  override saveState(): Json {
    return { sum: this.#sum, ...(!this.#forgets && { noise: this.#noise }) };
  }

  override loadState(state: Json): ResetResult<Float64Array> {
    const { sum, noise = 0 } = state as { sum: number; noise?: number };
    this.#sum = sum;
    this.#noise = noise;
    return { observation: Float64Array.of(sum), info: {} };
  }
}

/** A played episode with a snapshot every ten steps, where the env saves its state. */
function played(env: Env, steps: number): PlayableEpisode {
  const snapshots: PageSnapshot[] = [];
  const log = new EpisodeLog({ observationSpace: env.observationSpace, actionSpace: env.actionSpace });
  env.unwrapped.rng = Generator.fromSeed(1);
  log.begin(env.rng.state, undefined, 1);
  const { observation, info } = env.reset();
  log.reset(observation, info);
  env.actionSpace.seed(1);
  for (let step = 1; step <= steps; step++) {
    const action = env.actionSpace.sample();
    log.action(action);
    log.step(action, env.step(action));
    const snapshot = step % 10 === 0 ? env.snapshot() : null;
    if (snapshot !== null && snapshot.episode === null) snapshots.push(snapshot);
  }
  const { rng, actions, hashes } = log.take();
  return { start: { rng, seed: 1, options: null, wrappers: null }, steps, actions, hashes, snapshots };
}

const still = (): number => 0;

test('it goes back by the snapshot before, and every step that it plays is compared', () => {
  const env = new Sum();
  const episode = played(new OrderEnforcing(new Sum()), 50);
  assert.is(episode.snapshots.length, 5);
  const playback = new Playback(new OrderEnforcing(env), episode, still);
  assert.ok(playback.advance(47, 1));
  assert.is(playback.equal, 47);
  assert.equal([env.resets, env.steps], [1, 47]);
  assert.ok(playback.advance(12, 1));
  assert.equal([env.resets, env.steps], [1, 49], 'two steps from the snapshot at 10');
  assert.ok(playback.advance(3, 1));
  assert.equal([env.resets, env.steps], [2, 52], 'there is none before 10');
  assert.ok(playback.advance(50, 1));
  assert.is(playback.equal, 50);
  assert.is(playback.parting, null);
});

test('a snapshot that leaves something out is not believed: the whole way decides', () => {
  const env = new Sum(true);
  const playback = new Playback(new OrderEnforcing(env), played(new OrderEnforcing(new Sum(true)), 50), still);
  playback.advance(50, 1);
  assert.ok(playback.advance(25, 1));
  assert.is(playback.parting, null);
  assert.is(env.resets, 2);
  assert.ok(playback.advance(5, 1));
  assert.is(env.resets, 3, 'snapshots are given up');
});

test('it names the first step that differs, and shows nothing from there on', () => {
  const episode = played(new OrderEnforcing(new Sum()), 50);
  const hashes = episode.hashes!.slice();
  hashes[31]! ^= 1;
  const playback = new Playback(new OrderEnforcing(new Sum()), { ...episode, hashes }, still);
  assert.not.ok(playback.advance(50, 1));
  assert.equal(playback.parting, { step: 31, why: 'is not what was recorded' });
  assert.is(playback.equal, 30);
  assert.is(playback.scene(31), undefined);
});

test('it stops when its time is over and goes on from there', () => {
  let now = 0;
  const env = new Sum();
  const playback = new Playback(new OrderEnforcing(env), played(new OrderEnforcing(new Sum()), 50), () => now++);
  assert.not.ok(playback.advance(50, 2));
  assert.ok(env.steps > 0 && env.steps < 50, `${env.steps}`);
  for (let pictures = 0; !playback.advance(50, 2); pictures++) assert.ok(pictures < 10);
  assert.equal([env.resets, env.steps], [1, 50]);
});

test('an env without a state of its own goes back by its actions', async () => {
  const spec = specOf('Pendulum-v1');
  const episode = played(await makeFromSpec(spec), 60);
  assert.is(episode.snapshots.length, 0);
  const playback = new Playback(await makeFromSpec(spec, { renderMode: 'scene' }), episode, still);
  const pictures = [5, 60, 5].map((step) => {
    assert.ok(playback.advance(step, 1));
    return JSON.stringify(playback.scene(step));
  });
  assert.is(pictures[2], pictures[0]);
  assert.is.not(pictures[1], pictures[0]);
});

test.run();
