// Recorded episodes of Gymnasium's lander bit for bit, and what the recordings do not show.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { LunarLanderEnv } from '../../envs/lunar-lander/lunar-lander.js';
import type { LunarLanderOptions } from '../../envs/lunar-lander/options.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { make, spec } from '../../src/registration/index.js';
import { Box } from '../../src/spaces/box.js';
import {
  type GoldenEpisodes,
  heuristicOf,
  playSampled,
  readBox2d,
  replayDigest,
  replayEpisode,
} from '../support/box2d-golden.js';
import { throwsError } from '../support/misuse.js';

const { episodes, digests } = readBox2d<GoldenEpisodes>('lunar-lander');
const VARIANTS = [...new Set(episodes.map(({ id, kwargs }) => `${id} ${JSON.stringify(kwargs)}`))];
const of = <T extends GoldenEpisodes['digests'][number] | GoldenEpisodes['episodes'][number]>(
  cases: readonly T[],
  variant: string,
): T[] => cases.filter(({ id, kwargs }) => `${id} ${JSON.stringify(kwargs)}` === variant);

for (const variant of VARIANTS) {
  const recorded = of(episodes, variant);
  test(`${variant}: ${recorded.length} recorded episodes, step by step`, async () => {
    for (const episode of recorded) await replayEpisode(episode);
  });

  const whole = of(digests, variant);
  test(`${variant}: ${whole.length} whole episodes by their checksums`, async () => {
    for (const digest of whole) {
      const rng = Generator.fromSeed(1000 + digest.seed);
      await replayDigest(digest, (env) => {
        if (digest.policy === 'heuristic') return heuristicOf(env);
        if (env.actionSpace instanceof Box) return () => Float32Array.of(rng.uniform(-1, 1), rng.uniform(-1, 1));
        return () => rng.integers(0, 4);
      });
    }
  });
}

test("Gymnasium's own acceptance: the heuristic's return with seed 1 is above 100", async () => {
  for (const id of ['LunarLander-v3', 'LunarLanderContinuous-v3']) {
    const env = await make(id);
    const act = heuristicOf(env.unwrapped);
    let { observation } = env.reset({ seed: 1 });
    let total = 0;
    for (let over = false; !over; ) {
      const result = env.step(act(observation));
      observation = result.observation;
      total += result.reward;
      over = result.terminated || result.truncated;
    }
    assert.ok(total > 100, `${id}: ${total}`);
  }
});

test('the ids differ in `continuous` alone, and their spaces are the original ones', async () => {
  assert.equal(spec('LunarLander-v3').kwargs, {});
  assert.equal(spec('LunarLanderContinuous-v3').kwargs, { continuous: true });
  const [env, continuous] = [await make('LunarLander-v3'), await make('LunarLanderContinuous-v3')];
  const bounds = '[ -2.5        -2.5       -10.        -10.         -6.2831855 -10.\n  -0.         -0.       ]';
  assert.ok(String(env.observationSpace).includes(bounds), String(env.observationSpace));
  assert.is(String(env.actionSpace), 'Discrete(4)');
  assert.is(String(continuous.actionSpace), 'Box(-1.0, 1.0, (2,), float32)');
});

test('the left engine turns to the left, the right one to the right, and the main engine lifts', () => {
  const after = (action: number): Float32Array => {
    const env = new LunarLanderEnv();
    env.reset({ seed: 3 });
    for (let k = 0; k < 20; k++) env.step(action);
    return env.step(action).observation.slice();
  };
  const [idle, left, main, right] = [after(0), after(1), after(2), after(3)];
  assert.ok(left[4]! > idle[4]! + 0.1 && right[4]! < idle[4]! - 0.1, `${left[4]}, ${idle[4]}, ${right[4]}`);
  assert.ok(main[1]! > idle[1]! + 0.1, `${main[1]}, ${idle[1]}`);
});

test('the first leg of the observation is the right one', () => {
  const env = new LunarLanderEnv();
  env.reset({ seed: 1 });
  const [right, left] = env.legs;
  assert.ok(right!.x > env.lander.x && left!.x < env.lander.x);
  assert.equal(
    env.metadata.fields!.observation.slice(6).map(({ name }) => name),
    ['rightLeg', 'leftLeg'],
  );
});

test('an observation beyond its bounds is clipped to them, and the env goes on', async () => {
  const env = await make('LunarLander-v3');
  const bare = env.unwrapped as LunarLanderEnv;
  let highest = 0;
  for (let seed = 0; seed < 20; seed++) {
    env.reset({ seed });
    for (let over = false; !over; ) {
      const result = env.step(2);
      if (bare.lander.y > 25) assert.is((result.observation as Float32Array)[1], 2.5);
      highest = Math.max(highest, bare.lander.y);
      over = result.terminated || result.truncated;
    }
  }
  assert.ok(highest > 25, `no flight went beyond: ${highest} m`);
});

test('a snapshot goes on exactly, on the ground and in the wind, in place and elsewhere', () => {
  for (const options of [{}, { continuous: true, enableWind: true }] satisfies LunarLanderOptions[]) {
    const env = new LunarLanderEnv(options);
    const act = heuristicOf(env as never);
    let { observation } = env.reset({ seed: 5 });
    // In flight, at the first touch and while the lander stands.
    let touched = 0;
    for (let k = 0; k < 400 && touched < 12; k++) {
      const before = touched;
      observation = env.step(act(observation) as never).observation;
      if (observation[6] !== 0 || observation[7] !== 0) touched++;
      if (k !== 20 && (touched === before || (touched !== 1 && touched !== 11))) continue;
      const snapshot = JSON.parse(JSON.stringify(env.snapshot()));
      const seen = Array.from(observation);
      const picture = JSON.stringify(env.render());
      const other = new LunarLanderEnv(options);
      assert.equal(Array.from(other.restore(snapshot).observation), seen);
      assert.is(JSON.stringify(other.render()), picture, 'the picture is the same, too');
      for (const one of [env, other]) one.actionSpace.seed(k);
      const expected = playSampled(env, 60);
      assert.equal(playSampled(other, 60), expected, `after ${k} steps`);
      env.actionSpace.seed(k);
      assert.equal(Array.from(env.restore(snapshot).observation), seen);
      assert.equal(playSampled(env, 60), expected, `in place after ${k} steps`);
      observation = env.restore(snapshot).observation;
    }
    assert.is(touched, 12, 'the lander touched the ground');
  }
});

test('a picture changes nothing: exhaust is decoration', () => {
  const [seen, unseen] = [new LunarLanderEnv({ renderMode: 'scene' }), new LunarLanderEnv()];
  assert.is(seen.render(), null);
  for (const env of [seen, unseen]) env.reset({ seed: 2 });
  for (let k = 0; k < 60; k++) {
    const [a, b] = [seen.step(k % 4), unseen.step(k % 4)];
    assert.equal(a.observation, b.observation);
    seen.render();
  }
  assert.equal(seen.rng.state, unseen.rng.state);
  const particles = (env: LunarLanderEnv): number => {
    const items = env.render()!.items;
    return items.filter(({ shape }) => shape.type === 'circle').length;
  };
  seen.reset({ seed: 2 });
  assert.is(particles(seen), 0);
  for (let k = 0; k < 10; k++) seen.step(2);
  assert.ok(particles(seen) >= 3, `${particles(seen)} particles of the main engine`);
  for (let k = 0; k < 8; k++) seen.step(0);
  assert.is(particles(seen), 0, 'they fade');
});

test('the bare env reuses its observation and result', () => {
  const env = new LunarLanderEnv();
  const { observation } = env.reset({ seed: 1 });
  const first = env.step(0);
  assert.is(env.step(2), first);
  assert.is(first.observation, observation);
  assert.is(env.reset().observation, observation);
});

test('a world that blows up is a failure that names body, place and step', () => {
  const blows: ((env: LunarLanderEnv) => void)[] = [
    ({ lander, legs }) => {
      for (const body of [lander, ...legs]) body.setTransform(10, 3e6, 0);
    },
    ({ lander }) => {
      for (let k = 0; k < 9; k++) lander.applyLinearImpulse(3e38, 0, lander.x, lander.y);
    },
  ];
  for (const [k, blow] of blows.entries()) {
    const env = new LunarLanderEnv();
    env.reset({ seed: 1 });
    env.step(0);
    blow(env);
    throwsError(() => env.step(0), {
      code: 'PHYSICS_DIVERGED',
      kind: 'failure',
      says: ["body 'lander' is at (", k === 0 ? '3000000) m' : 'NaN', 'after step 2'],
    });
    env.reset({ seed: 1 });
    env.step(0);
  }
});

test('misuse is one clear error each', () => {
  const made = (options: object): unknown => new LunarLanderEnv(options);
  const stepped = (options: object, action: unknown): unknown => {
    const env = new LunarLanderEnv(options);
    env.reset({ seed: 0 });
    return env.step(action as number);
  };
  const continuous = { continuous: true };
  const table: [() => unknown, string, RegExp][] = [
    [() => made({ enable_wind: true }), 'UNKNOWN_ENV_OPTION', /no option 'enable_wind'.*Did you mean 'enableWind'/],
    [() => made({ gravity: -12 }), 'INVALID_ENV_OPTION', /'gravity' must be a number between -12 and 0.*got -12/],
    [() => made({ gravity: 0 }), 'INVALID_ENV_OPTION', /'gravity' must be.*got 0/],
    [() => made({ gravity: 9.81 }), 'INVALID_ENV_OPTION', /'gravity' must be.*got 9.81/],
    [() => made({ gravity: Number.NaN }), 'INVALID_ENV_OPTION', /'gravity'.*got NaN/],
    [() => made({ windPower: 20.5 }), 'INVALID_ENV_OPTION', /'windPower' must be a number from 0 to 20, got 20.5/],
    [() => made({ windPower: -1 }), 'INVALID_ENV_OPTION', /'windPower'/],
    [() => made({ turbulencePower: 2.1 }), 'INVALID_ENV_OPTION', /'turbulencePower' must be a number from 0 to 2/],
    [() => made({ continuous: 1 }), 'INVALID_ENV_OPTION', /'continuous' must be true or false, got 1/],
    [() => new LunarLanderEnv().step(0), 'RESET_NEEDED', /call reset\(\)/],
    [() => stepped({}, 4), 'INVALID_ACTION', /a whole number from 0 to 3, got 4/],
    [() => stepped({}, 1.5), 'INVALID_ACTION', /got 1.5/],
    [() => stepped({}, Number.NaN), 'INVALID_ACTION', /got NaN/],
    [() => stepped({}, Float32Array.of(0, 0)), 'INVALID_ACTION', /got \[0,0\]/],
    [() => stepped(continuous, 2), 'INVALID_ACTION', /two numbers \[main, lateral\].*got 2/],
    [() => stepped(continuous, Float32Array.of(0)), 'INVALID_ACTION', /two numbers.*got \[0\]/],
    [() => stepped(continuous, Float32Array.of(0, 0, 0)), 'INVALID_ACTION', /two numbers/],
    [() => stepped(continuous, Float32Array.of(0, Number.NaN)), 'INVALID_ACTION', /neither NaN, got \[0,NaN\]/],
    [() => new LunarLanderEnv().reset({ options: { pad: 1 } }), 'INVALID_RESET_OPTION', /no option 'pad'.*takes none/],
  ];
  for (const [call, code, text] of table)
    throwsError(call, { code, kind: code === 'RESET_NEEDED' ? 'failure' : 'usage', says: [text] });
});

test.run();
