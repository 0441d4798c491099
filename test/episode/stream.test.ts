import { appendFileSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileBytes, WINDOW } from '../../src/episode/bytes.js';
import { openEpisodes, readEpisodes, recordEpisodes } from '../../src/episode/index.js';
import type { Episode } from '../../src/episode/log.js';
import { skimEpisodes } from '../../src/episode/stream.js';
import { EpisodeWriter } from '../../src/episode/writer.js';
import { inFolder, makeProbe, probeSpec, refusal } from './support.js';

/** Three recorded episodes of a walk. */
async function record(path: string, episodes = 3, length = 10): Promise<void> {
  const env = await makeProbe({ length });
  const spec = probeSpec({ length });
  await recordEpisodes({ env, spec, policy: () => 1, episodes, seeds: (i) => i, path, observations: true });
  env.close();
}

async function all(path: string): Promise<Episode[]> {
  const episodes: Episode[] = [];
  for await (const episode of await openEpisodes(path)) episodes.push(episode);
  return episodes;
}

const plain = (episode: Episode): unknown => ({
  ...episode,
  actions: Array.from({ length: episode.actions.length }, (_, i) => episode.actions.at(i)),
  observations: Array.from({ length: episode.steps + 1 }, (_, i) => episode.observations?.at(i)),
});

test('a stream gives the episodes that the whole file has, and knows then that it is complete', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    await record(path);
    const file = await readEpisodes(path);
    const stream = await openEpisodes(path);
    assert.equal(stream.header, file.header);
    assert.is(stream.bytes, file.bytes);
    assert.is(stream.complete, false);
    const episodes: Episode[] = [];
    for await (const episode of stream) episodes.push(episode);
    assert.is(stream.complete, true);
    assert.ok(isDeepStrictEqual(episodes.map(plain), file.episodes.map(plain)));
    const records = [...skimEpisodes(path)];
    assert.equal(
      records.map(({ index, steps }) => [index, steps]),
      [
        [0, 10],
        [1, 10],
        [2, 10],
      ],
    );
  }));

test('episodes larger than the read-ahead come whole, with small ones between them', () =>
  inFolder(async (folder) => {
    const [long, short, path] = ['long', 'short', 'a.episode'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await record(long, 1, 50_000);
    await record(short, 1, 3);
    const env = await makeProbe();
    const { observationSpace, actionSpace } = env;
    const writer = new EpisodeWriter(path, { spec: probeSpec(), observationSpace, actionSpace });
    const [large, small] = [(await all(long))[0]!, (await all(short))[0]!];
    assert.ok(large.observations!.toBytes().length > WINDOW);
    for (const episode of [small, large, small, large, large]) writer.write(episode);
    writer.close();
    const back = await all(path);
    assert.ok(isDeepStrictEqual(back.map(plain), [small, large, small, large, large].map(plain)));
  }));

test('a stream that is left early closes its file, and a closed one says so', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    await record(path);
    const before = openSync(path, 'r');
    const once = await openEpisodes(path);
    for await (const _ of once) break;
    const closed = await openEpisodes(path);
    closed.close();
    closed.close();
    for (const over of [once, closed]) {
      const error = await refusal(async () => {
        for await (const _ of over);
      });
      assert.is(error.code, 'EPISODE_STREAM_OVER');
    }
    for (let i = 0; i < 50; i++) for await (const _ of await openEpisodes(path)) break;
    // Descriptors are given out from the lowest free one on: fifty forgotten files would move it.
    assert.ok(openSync(path, 'r') <= before + 5);
  }));

test('every cut is told as readEpisodes tells it, and nothing before it is lost', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    const cut = join(folder, 'b.episode');
    await record(path);
    const bytes = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        writeFileSync(cut, bytes.subarray(0, length));
        const outcome = async (read: () => Promise<readonly Episode[]>): Promise<unknown> => {
          try {
            return (await read()).length;
          } catch (error) {
            return (error as Error).message;
          }
        };
        const whole = await outcome(async () => (await readEpisodes(cut)).episodes);
        assert.is(await outcome(() => all(cut)), whole);
        assert.is(await outcome(async () => [...skimEpisodes(cut)] as unknown as Episode[]), whole);
      }),
      { numRuns: 60 },
    );
    appendFileSync(path, 'x');
    assert.is((await refusal(() => all(path))).code, 'EPISODE_CORRUPT');
  }));

test('a changed byte anywhere is found, or the same as readEpisodes finds', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    await record(path, 2, 4);
    const bytes = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= flip;
        writeFileSync(path, changed);
        const [whole, streamed] = [await refusal(() => readEpisodes(path)), await refusal(() => all(path))];
        assert.is(streamed.message, whole.message);
      }),
      { numRuns: 60 },
    );
  }));

test('a file that is cut while it is read ends as a truncated one', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    await record(path, 3, 40_000);
    const stream = await openEpisodes(path);
    let seen = 0;
    for await (const _ of stream) {
      if (++seen === 1) truncateSync(path, Math.floor(stream.bytes / 2));
    }
    assert.is(seen, 1);
    assert.is(stream.complete, false);
    assert.is(stream.notices[0]!.code, 'EPISODE_TRUNCATED');
  }));

test('what is not a file, or not an episode file, is refused', () =>
  inFolder(async (folder) => {
    const text = join(folder, 'a.txt');
    writeFileSync(text, 'not an episode file, but long enough to be one');
    const cases: [string, string][] = [
      [join(folder, 'none'), 'FILE_NOT_FOUND'],
      [folder, 'FILE_NOT_READABLE'],
      [text, 'NOT_AN_EPISODE_FILE'],
    ];
    for (const [path, code] of cases) assert.is((await refusal(() => openEpisodes(path))).code, code);
    const bytes = new FileBytes(text);
    assert.is(bytes.read(40, 100).length, bytes.length - 40);
    bytes.close();
    bytes.close();
  }));

test.run();
