// Recorded episodes of Gymnasium's walker bit for bit, and what the recordings do not show.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { BipedalWalkerEnv } from '../../envs/bipedal-walker/bipedal-walker.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { make, spec } from '../../src/registration/index.js';
import {
  type GoldenEpisodes,
  heuristicOf,
  playSampled,
  readBox2d,
  replayDigest,
  replayEpisode,
} from '../support/box2d-golden.js';
import { throwsError } from '../support/misuse.js';

const { episodes, digests } = readBox2d<GoldenEpisodes>('bipedal-walker');

for (const id of ['BipedalWalker-v3', 'BipedalWalkerHardcore-v3']) {
  const recorded = episodes.filter((episode) => episode.id === id);
  test(`${id}: ${recorded.length} recorded episodes, step by step`, async () => {
    for (const episode of recorded) await replayEpisode(episode);
  });

  const whole = digests.filter((digest) => digest.id === id);
  test(`${id}: ${whole.length} whole episodes by their checksums`, async () => {
    for (const digest of whole) {
      const rng = Generator.fromSeed(1000 + digest.seed);
      await replayDigest(digest, (env) => {
        if (digest.policy === 'heuristic') return heuristicOf(env);
        return () => Float32Array.from({ length: 4 }, () => rng.uniform(-1, 1));
      });
    }
  });
}

test('the ids differ in `hardcore` alone', async () => {
  assert.equal(spec('BipedalWalker-v3').kwargs, {});
  assert.equal(spec('BipedalWalkerHardcore-v3').kwargs, { hardcore: true });
  const env = await make('BipedalWalker-v3');
  assert.is(String(env.actionSpace), 'Box(-1.0, 1.0, (4,), float32)');
  assert.equal(env.observationSpace.shape, [24]);
});

test('the hardcore land has stumps, stairs and pits, the other none', () => {
  const [plain, hard] = [new BipedalWalkerEnv(), new BipedalWalkerEnv({ hardcore: true })];
  for (let seed = 0; seed < 5; seed++) {
    plain.reset({ seed });
    hard.reset({ seed });
    assert.is(plain.terrain!.obstacles.length, 0);
    assert.ok(hard.terrain!.obstacles.length > 5);
    assert.is(plain.terrain!.clouds.length, 10);
  }
});

test('a snapshot goes on exactly, in place and elsewhere', () => {
  for (const hardcore of [false, true]) {
    const env = new BipedalWalkerEnv({ hardcore });
    const act = heuristicOf(env as never);
    let { observation } = env.reset({ seed: 5 });
    for (let k = 0; k < 90; k++) {
      observation = env.step(act(observation) as Float32Array).observation;
      if (k % 30 !== 29) continue;
      const snapshot = JSON.parse(JSON.stringify(env.snapshot()));
      const seen = Array.from(observation);
      const picture = JSON.stringify(env.render());
      const other = new BipedalWalkerEnv({ hardcore });
      assert.equal(Array.from(other.restore(snapshot).observation), seen);
      assert.is(JSON.stringify(other.render()), picture, 'the picture is the same, too');
      for (const one of [env, other]) one.actionSpace.seed(k);
      const expected = playSampled(env, 80);
      assert.equal(playSampled(other, 80), expected, `after ${k} steps`);
      env.actionSpace.seed(k);
      assert.equal(Array.from(env.restore(snapshot).observation), seen);
      assert.equal(playSampled(env, 80), expected, `in place after ${k} steps`);
      observation = env.restore(snapshot).observation;
    }
  }
});

test('the picture scrolls with the walker, shows the sweep of the lidar, and changes nothing', () => {
  const [seen, unseen] = [new BipedalWalkerEnv(), new BipedalWalkerEnv()];
  assert.is(seen.render(), null);
  for (const env of [seen, unseen]) env.reset({ seed: 2 });
  const act = heuristicOf(seen as never);
  const rays: boolean[] = [];
  let { observation } = seen.reset({ seed: 2 });
  const from = seen.render()!.camera.x;
  for (let k = 0; k < 150; k++) {
    const action = act(observation) as Float32Array;
    const result = seen.step(action);
    assert.equal(unseen.step(action).observation, result.observation);
    observation = result.observation;
    const { items } = seen.render()!;
    rays.push(items.some(({ shape }) => shape.type === 'polyline' && shape.stroke === '#ff0000'));
  }
  assert.ok(seen.render()!.camera.x > from + 1, 'it scrolls');
  assert.is(rays.filter(Boolean).length, 38, 'steps 1 to 18 and 99 to 118');
});

test('the bare env reuses its observation and result', () => {
  const env = new BipedalWalkerEnv();
  const { observation } = env.reset({ seed: 1 });
  const first = env.step(Float32Array.of(0, 0, 0, 0));
  assert.is(env.step(Float32Array.of(1, 0, 0, -1)), first);
  assert.is(first.observation, observation);
  assert.is(env.reset().observation, observation);
});

test('infinite actions are clipped: they drive the motors at full torque', () => {
  const play2 = (value: number): number[] => {
    const env = new BipedalWalkerEnv();
    env.reset({ seed: 1 });
    const result = env.step(Float32Array.of(value, -value, 0, value));
    return [...result.observation, result.reward];
  };
  assert.equal(play2(Number.POSITIVE_INFINITY), play2(1));
});

test('a world that blows up is a failure that names body, place and step', () => {
  const env = new BipedalWalkerEnv();
  env.reset({ seed: 1 });
  env.step(Float32Array.of(0, 0, 0, 0));
  for (let k = 0; k < 9; k++) env.hull.applyLinearImpulse(3e38, 0, env.hull.x, env.hull.y);
  throwsError(() => env.step(Float32Array.of(0, 0, 0, 0)), {
    code: 'PHYSICS_DIVERGED',
    kind: 'failure',
    says: ['BipedalWalker', "body 'hull' is at (NaN", 'after step 2'],
  });
  env.reset({ seed: 1 });
  env.step(Float32Array.of(0, 0, 0, 0));
});

test('misuse is one clear error each', () => {
  const made = (options: object): unknown => new BipedalWalkerEnv(options);
  const stepped = (action: unknown): unknown => {
    const env = new BipedalWalkerEnv();
    env.reset({ seed: 0 });
    return env.step(action as Float32Array);
  };
  const table: [() => unknown, string, RegExp][] = [
    [() => made({ hard: true }), 'UNKNOWN_ENV_OPTION', /no option 'hard'/],
    [() => made({ hardcor: true }), 'UNKNOWN_ENV_OPTION', /Did you mean 'hardcore'/],
    [() => made({ hardcore: 'yes' }), 'INVALID_ENV_OPTION', /'hardcore' must be true or false, got "yes"/],
    [() => new BipedalWalkerEnv().step(new Float32Array(4)), 'RESET_NEEDED', /call reset\(\)/],
    [() => stepped(1), 'INVALID_ACTION', /four numbers.*got 1/],
    [() => stepped(new Float32Array(3)), 'INVALID_ACTION', /four numbers.*got \[0,0,0\]/],
    [() => stepped(new Float32Array(5)), 'INVALID_ACTION', /four numbers/],
    [() => stepped(Float32Array.of(0, Number.NaN, 0, 0)), 'INVALID_ACTION', /none NaN, got \[0,NaN,0,0\]/],
    [() => new BipedalWalkerEnv().reset({ options: { pad: 1 } }), 'INVALID_RESET_OPTION', /no option 'pad'/],
  ];
  for (const [call, code, text] of table) throwsError(call, { code, says: [text] });
});

test.run();
