/** Wrappers on Dict and Tuple observations, and those that only watch. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Env, type ResetOptions } from '../../src/core/env.js';
import {
  Autoreset,
  Box,
  Dict,
  Discrete,
  FilterObservation,
  FlattenObservation,
  make,
  PassiveEnvChecker,
  RenderCollection,
  TimeAwareObservation,
  TimeLimit,
  Tuple,
} from '../../src/index.js';
import { throwsError } from '../support/misuse.js';

/** Counts steps in a Dict or a Tuple. */
class Parts extends Env<unknown, number> {
  readonly observationSpace;
  readonly actionSpace = new Discrete(2);
  reward = 1;
  #steps = 0;
  readonly #asDict: boolean;

  constructor(asDict: boolean) {
    super();
    this.#asDict = asDict;
    const parts = { at: new Box(-9, 9, { shape: [2] }), mode: new Discrete(3) };
    this.observationSpace = (asDict ? new Dict(parts) : new Tuple([parts.at, parts.mode])) as unknown as Dict;
  }

  override reset(options: ResetOptions = {}) {
    super.reset(options);
    this.#steps = 0;
    return { observation: this.#observation(), info: {} };
  }

  step(_action: number) {
    this.#steps++;
    return {
      observation: this.#observation(),
      reward: this.reward,
      terminated: this.#steps === 3,
      truncated: false,
      info: {},
    };
  }

  override render(): unknown {
    return `step ${this.#steps}`;
  }

  #observation(): unknown {
    const at = Float32Array.of(this.#steps, -this.#steps);
    return this.#asDict ? { at, mode: this.#steps % 3 } : [at, this.#steps % 3];
  }
}

test('FilterObservation keeps parts of a Dict by key and of a Tuple by place', () => {
  const dict = new FilterObservation(new Parts(true), { filterKeys: ['mode'] });
  assert.is(String(dict.observationSpace), "Dict('mode': Discrete(3))");
  dict.reset({ seed: 1 });
  assert.equal(dict.step(0).observation, { mode: 1 });
  const tuple = new FilterObservation(new Parts(false), { filterKeys: [0] });
  assert.is(String(tuple.observationSpace), 'Tuple(Box(-9.0, 9.0, (2,), float32))');
  tuple.reset({ seed: 1 });
  assert.equal(tuple.step(0).observation, [Float32Array.of(1, -1)]);
  throwsError(() => new FilterObservation(new Parts(true), { filterKeys: ['mood'] }), {
    code: 'INVALID_WRAPPER_OPTION',
    says: ['mood'],
  });
});

test('FlattenObservation gives one array, choices one-hot', () => {
  for (const asDict of [true, false]) {
    const env = new FlattenObservation(new Parts(asDict));
    assert.equal(env.observationSpace.shape, [5]);
    assert.equal(Array.from(env.reset({ seed: 1 }).observation as Float64Array), [0, -0, 1, 0, 0].map(Number));
    assert.equal(Array.from(env.step(0).observation as Float64Array), [1, -1, 0, 1, 0]);
  }
});

test('TimeAwareObservation adds the time to a Dict and to a Tuple', () => {
  const dict = new TimeAwareObservation(
    new TimeLimit(new Parts(true), 10) as never,
    {
      flatten: false,
      normalizeTime: false,
    } as never,
  ) as unknown as Env<Record<string, unknown>, number>;
  const { observation } = dict.reset({ seed: 1 });
  assert.equal(Object.keys(observation).sort(), ['at', 'mode', 'time']);
  assert.equal(Array.from(observation['time'] as Int32Array), [0]);
  assert.equal(Array.from(dict.step(0).observation['time'] as Int32Array), [1]);
  assert.is(dict.observationSpace.explain(dict.step(0).observation), null);
});

test('Autoreset begins the next episode at the step after the end', () => {
  const env = new Autoreset(new Parts(true));
  env.reset({ seed: 1 });
  const ends = Array.from({ length: 5 }, () => env.step(0));
  assert.equal(
    ends.map(({ terminated }) => terminated),
    [false, false, true, false, false],
  );
  assert.equal(
    ends.map(({ reward }) => reward),
    [1, 1, 1, 0, 1],
  );
  assert.equal((ends[3]!.observation as { mode: number }).mode, 0);
});

test('PassiveEnvChecker looks at the first reset and step, and lets the rest pass', () => {
  const parts = new Parts(true);
  const env = new PassiveEnvChecker(parts);
  env.reset({ seed: 1 });
  assert.is(env.step(1).reward, 1);
  parts.reward = Number.NaN;
  assert.ok(Number.isNaN(env.step(1).reward));
  const bad = new PassiveEnvChecker(parts);
  bad.reset({ seed: 1 });
  throwsError(() => bad.step(1), { code: 'INVALID_REWARD', says: ['NaN'] });
  const outside = new PassiveEnvChecker(new Parts(true));
  outside.reset({ seed: 1 });
  throwsError(() => outside.step(2), { code: 'INVALID_ACTION' });
});

test('RenderCollection keeps the picture of every reset and step until they are taken', async () => {
  const env = new RenderCollection(new Parts(true));
  env.reset({ seed: 1 });
  env.step(0);
  assert.equal(env.render(), ['step 0', 'step 1']);
  env.step(0);
  assert.equal(env.render(), ['step 2']);
  const kept = new RenderCollection(new Parts(true), { popFrames: false, resetClean: false });
  kept.reset({ seed: 1 });
  kept.reset({ seed: 1 });
  kept.render();
  assert.equal(kept.render(), ['step 0', 'step 0']);
  const scenes = new RenderCollection(await make('CartPole-v1', { renderMode: 'scene' }));
  scenes.reset({ seed: 1 });
  scenes.step(0);
  const [first, second] = scenes.render() as object[];
  assert.not.equal(first, second);
});

test.run();
