import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineInfo } from '../../src/core/fingerprint.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { fileBytes } from '../../src/episode/encode.js';
import {
  EpisodeWriter,
  episodeInfo,
  parseEpisodes,
  RecordEpisode,
  readEpisodes,
  recordEpisodes,
  verifyEpisodes,
} from '../../src/episode/index.js';
import type { Episode } from '../../src/episode/log.js';
import { createStore, storeFromBytes } from '../../src/episode/store.js';
import { doneBytes, episodeBytes, headerBytes } from '../../src/episode/writer.js';
import { Box, type Space } from '../../src/spaces/index.js';
import { ACTION_SPACES, inFolder, makeProbe, probeSpec, refusal, reseal } from './support.js';

/** Members of a space, with values beyond a Box's bounds: the env's to clip, the log's to keep. */
function memberOf(space: Space): fc.Arbitrary<unknown> {
  const wild = fc.nat(2 ** 31 - 1).map((seed) => {
    space.seed(seed);
    return space.sample();
  });
  if (!(space instanceof Box) || (space.dtype !== 'float32' && space.dtype !== 'float64')) return wild;
  const element = fc.oneof(fc.double({ noNaN: false }), fc.constantFrom(-0, 0, 5e-324, Number.POSITIVE_INFINITY));
  const array = fc.array(element, { minLength: space.size, maxLength: space.size });
  return array.map((list) => (space.dtype === 'float32' ? Float32Array.from(list) : Float64Array.from(list)));
}

for (const [name, space] of Object.entries(ACTION_SPACES)) {
  test(`actions of ${name} come back exactly, in their own type`, () => {
    fc.assert(
      fc.property(fc.array(memberOf(space()), { maxLength: 40 }), (actions) => {
        const store = createStore(space(), 'action');
        for (const action of actions) store.push(action);
        const bytes = store.toBytes();
        // Misaligned on purpose: that is how columns lie in a file.
        const file = Buffer.alloc(bytes.length + 1);
        file.set(bytes, 1);
        const back = storeFromBytes(space(), 'action', file.subarray(1), actions.length);
        assert.is(back.length, actions.length);
        for (const [i, action] of actions.entries()) {
          // Node's comparison tells -0 from 0 and knows NaN; uvu's does neither.
          assert.ok(isDeepStrictEqual(back.at(i), action));
          assert.ok(isDeepStrictEqual(store.at(i), action));
        }
      }),
    );
  });

  test(`an episode of ${name} verifies`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.episode');
      const env = await makeProbe({ action: name });
      env.actionSpace.seed(3);
      const policy = () => env.actionSpace.sample();
      const spec = probeSpec({ action: name });
      const summary = await recordEpisodes({ env, spec, policy, episodes: 2, seeds: (i) => 40 + i, path });
      assert.is(summary.episodes.length, 2);
      assert.is(summary.bytes, readFileSync(path).length);
      const verdict = await verifyEpisodes(path);
      assert.is(verdict.ok, true, JSON.stringify(verdict));
      assert.equal(
        verdict.episodes.map(({ index, steps, ok }) => ({ index, steps, ok })),
        [
          { index: 0, steps: 10, ok: true },
          { index: 1, steps: 10, ok: true },
        ],
      );
    }));
}

test('a store refuses what the space does not hold', async () => {
  const cases: [string, unknown, RegExp][] = [
    ['Float32', Float64Array.of(1, 2, 3), /expected a Float32Array of length 3, got a Float64Array of length 3/],
    ['Float32', Float32Array.of(1, 2), /got a Float32Array of length 2/],
    ['Float32', [1, 2, 3], /got an Array of length 3/],
    ['Discrete', 1.5, /expected a whole number from -2 to 2, got 1.5/],
    ['Discrete', '1', /got "1"/],
    ['MultiBinary', new Int8Array(5), /got an Int8Array of length 5/],
  ];
  for (const [name, value, text] of cases) {
    const error = await refusal(() => createStore(ACTION_SPACES[name]!(), 'action').push(value));
    assert.is(error.code, 'INVALID_ACTION');
    assert.match(error.message, text);
  }
});

test('everything that is recorded can be read', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    const env = await makeProbe({ action: 'Float32' });
    const seen: unknown[] = [];
    await recordEpisodes({
      env,
      spec: probeSpec({ action: 'Float32' }),
      policy: () => Float32Array.of(0.25, -9, 3),
      episodes: 2,
      seeds: (i) => (i === 0 ? 7 : Generator.fromSeed(8).state),
      options: { offset: 2 },
      path,
      observations: true,
      policyNote: 'always "the" same <one>',
      onReset: (_, observation) => seen.push(observation),
      onStep: (_, __, { observation }) => seen.push(observation),
    });
    const { header, episodes, complete, notices } = await readEpisodes(path);
    assert.is(complete, true);
    assert.equal(notices, []);
    assert.is(header.spec.id, 'Probe-v0');
    assert.is(header.policy, 'always "the" same <one>');
    assert.is(header.metadata.fields?.observation[0]?.low, Number.NEGATIVE_INFINITY);
    const [first, second] = episodes as [Episode, Episode];
    assert.is(first.seed, 7);
    assert.is(second.seed, null);
    assert.equal(first.rng, Generator.fromSeed(7).state);
    assert.equal(second.rng, Generator.fromSeed(8).state);
    assert.equal(first.options, { offset: 2 });
    assert.is(first.steps, 10);
    assert.equal(first.actions.at(9), Float32Array.of(0.25, -9, 3));
    const stored = episodes.flatMap(({ observations }) => Array.from({ length: 11 }, (_, i) => observations!.at(i)));
    assert.equal(stored, seen);
    assert.is(
      first.return,
      first.rewards!.reduce((sum, reward) => sum + reward, 0),
    );
    assert.is(first.terminated, true);
    assert.is(first.measures.distance, Math.abs((first.observations!.at(10) as Float32Array)[0]!));
    assert.equal(Object.keys(first.finalInfo!).sort(), ['distance', 'last', 'text']);
    const info = await episodeInfo(path);
    assert.is(info.steps, 20);
    assert.is(info.meanLength, 10);
    assert.equal(info.episodes[0]!.columns, ['actions', 'hashes', 'rewards', 'observations']);
    assert.is(info.sameMath, true);
    JSON.stringify(info);
  }));

test('the same episodes give the same bytes', () =>
  inFolder(async (folder) => {
    const files: string[] = [];
    for (const name of ['a', 'b']) {
      const path = join(folder, name);
      const env = await makeProbe();
      await recordEpisodes({ env, spec: probeSpec(), policy: () => 1, episodes: 2, seeds: (i) => i, path });
      files.push(readFileSync(path, 'hex'));
    }
    assert.is(files[0], files[1]);
  }));

test('an unseeded recording goes on with the stream, and a cut episode is recorded as far as it went', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    const env = await makeProbe({ length: 100 });
    env.reset({ seed: 5 });
    const { state } = env.unwrapped.rng;
    await recordEpisodes({ env, spec: probeSpec({ length: 100 }), policy: () => 1, episodes: 2, maxSteps: 4, path });
    const { episodes } = await readEpisodes(path);
    assert.equal(episodes[0]!.rng, state);
    assert.equal(
      episodes.map(({ steps, terminated, truncated }) => [steps, terminated, truncated]),
      [
        [4, false, false],
        [4, false, false],
      ],
    );
    assert.is((await verifyEpisodes(path)).ok, true);
  }));

test('RecordEpisode keeps an action as it was given, though the env writes into it', async () => {
  const taken: Episode[] = [];
  const env = await makeProbe({ action: 'Float32', length: 1 });
  const inner = env.unwrapped;
  const step = inner.step.bind(inner);
  inner.step = (action) => {
    const result = step(action);
    (action as Float32Array).fill(99);
    return result;
  };
  const recorder = new RecordEpisode(env, { onEpisode: (episode) => taken.push(episode) });
  recorder.reset({ seed: 1 });
  recorder.step(Float32Array.of(1, 2, 0.5));
  assert.equal(taken[0]!.actions.at(0), Float32Array.of(1, 2, 0.5));
});

test('RecordEpisode forgets an action that the env refused, and the episode goes on', async () => {
  const taken: Episode[] = [];
  const env = await makeProbe({ length: 2 });
  const recorder = new RecordEpisode(env, { onEpisode: (episode) => taken.push(episode) });
  recorder.reset({ seed: 1 });
  recorder.step(1);
  assert.is((await refusal(() => recorder.step(77))).code, 'INVALID_ACTION');
  recorder.step(2);
  assert.equal([taken[0]!.actions.at(0), taken[0]!.actions.at(1), taken[0]!.actions.length], [1, 2, 2]);
});

test('a writer leaves whole files: none before the first episode, a readable one after it', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    const env = await makeProbe();
    const taken: Episode[] = [];
    const recorder = new RecordEpisode(env, { onEpisode: (episode) => taken.push(episode) });
    recorder.reset({ seed: 1 });
    for (let i = 0; i < 10; i++) recorder.step(1);
    const { observationSpace, actionSpace } = env;
    const options = { spec: probeSpec(), observationSpace, actionSpace };
    const empty = new EpisodeWriter(path, options);
    empty.abort();
    assert.equal(readdirSync(folder), []);
    const writer = new EpisodeWriter(path, options);
    writer.write(taken[0]!);
    const unfinished = await readEpisodes(path);
    assert.is(unfinished.complete, false);
    assert.is(unfinished.episodes.length, 1);
    assert.is(unfinished.notices[0]!.code, 'EPISODE_TRUNCATED');
    assert.is((await verifyEpisodes(path)).ok, false);
    assert.is((await verifyEpisodes(path)).episodes[0]!.ok, true);
    writer.write(taken[0]!);
    writer.close();
    writer.close();
    assert.is((await refusal(() => writer.write(taken[0]!))).code, 'EPISODE_WRITER_CLOSED');
    assert.is((await readEpisodes(path)).episodes.length, 2);
    assert.equal(readdirSync(folder), ['a.episode']);
    const bytes = reseal(
      Buffer.concat([headerBytes(options), episodeBytes(0, taken[0]!), episodeBytes(1, taken[0]!), doneBytes(2)]),
    );
    assert.equal(readFileSync(path), bytes);
    assert.equal(Buffer.from(fileBytes(options, engineInfo(), [taken[0]!, taken[0]!])), bytes, 'as pages write it');
    assert.is(parseEpisodes(bytes, 'memory').episodes.length, 2);
    const missing = await refusal(() => new EpisodeWriter(join(folder, 'no', 'a'), options));
    assert.is(missing.code, 'NOT_WRITABLE');
  }));

test('recordEpisodes refuses impossible numbers and stops when asked, keeping what was complete', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    const env = await makeProbe();
    const base = { env, spec: probeSpec(), policy: () => 1, path };
    for (const episodes of [0, -1, 1.5, Number.NaN]) {
      assert.is((await refusal(() => recordEpisodes({ ...base, episodes }))).code, 'INVALID_OPTION');
    }
    assert.equal(readdirSync(folder), []);
    const stop = new AbortController();
    const onStep = (episode: number, step: number) => {
      if (episode === 1 && step === 3) stop.abort();
    };
    const error = await refusal(() => recordEpisodes({ ...base, episodes: 5, onStep, signal: stop.signal }));
    assert.is(error.code, 'ABORTED');
    const { episodes, complete } = await readEpisodes(path);
    assert.is(complete, true);
    assert.is(episodes.length, 1);
  }));

test.run();
