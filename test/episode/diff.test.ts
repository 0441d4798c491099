import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diffEpisodes, openEpisodes, recordEpisodes } from '../../src/episode/index.js';
import { EpisodeWriter } from '../../src/episode/writer.js';
import { inFolder, makeProbe, type ProbeKwargs, probeSpec, refusal } from './support.js';

interface Take {
  readonly seed?: number;
  /** The action of each step. */
  readonly act?: (step: number) => number;
  readonly kwargs?: ProbeKwargs;
  readonly observations?: boolean;
  readonly episodes?: number;
}

async function record(path: string, take: Take = {}): Promise<string> {
  const { seed = 7, act = () => 1, kwargs = {}, observations = false, episodes = 1 } = take;
  const env = await makeProbe(kwargs);
  let step = 0;
  const policy = (): number => act(++step);
  await recordEpisodes({ env, spec: probeSpec(kwargs), policy, episodes, seeds: (i) => seed + i, path, observations });
  env.close();
  return path;
}

test('two recordings of the same episode are the same, whether their observations were recorded or not', () =>
  inFolder(async (folder) => {
    const a = await record(join(folder, 'a'));
    const b = await record(join(folder, 'b'), { observations: true });
    const diff = await diffEpisodes(a, b);
    assert.is(diff.same, true);
    assert.equal([diff.first, diff.fields, diff.circumstances, diff.notices], [{}, [], [], []]);
    assert.is(diff.a.observations, 'simulated');
    assert.is(diff.b.observations, 'recorded');
  }));

test('another action at step 4 is found, and what follows from it, by name and unit', () =>
  inFolder(async (folder) => {
    const a = await record(join(folder, 'a'), { observations: true });
    const b = await record(join(folder, 'b'), { act: (step) => (step === 4 ? -2 : 1) });
    const diff = await diffEpisodes(a, b);
    assert.is(diff.same, false);
    assert.equal(diff.first.action, { step: 4, name: 'action', a: '1', b: '-2' });
    const [first, second] = [[] as number[][], [] as number[][]];
    for (const [path, list] of [
      [a, first],
      [b, second],
    ] as const) {
      const kwargs = {};
      const env = await makeProbe(kwargs);
      env.reset({ seed: 7 });
      for (let step = 1; step <= 10; step++) {
        const result = env.step(path === b && step === 4 ? -2 : 1);
        list.push([...(result.observation as Float32Array)]);
      }
    }
    assert.equal(diff.first.observation, {
      step: 4,
      name: 'x',
      unit: 'm',
      a: String(first[3]![0]),
      b: String(second[3]![0]),
    });
    const x = diff.fields.find(({ name }) => name === 'x')!;
    const distances = first.map((row, i) => Math.abs(row[0]! - second[i]![0]!));
    assert.is(x.largest, Math.max(...distances));
    assert.is(x.step, distances.indexOf(x.largest!) + 1);
    assert.is(x.steps, distances.filter((distance) => distance > 0).length);
    const push = diff.fields.find(({ name }) => name === 'push')!;
    assert.equal([push.step, push.steps, push.unit], [4, 1, '1']);
    assert.is(diff.first.reward?.step, 4);
    assert.is(diff.first.end, undefined);
  }));

test('seeds, generators, arguments and lengths that differ are said', () =>
  inFolder(async (folder) => {
    const a = await record(join(folder, 'a'));
    const b = await record(join(folder, 'b'), { seed: 8, kwargs: { length: 6 } });
    const diff = await diffEpisodes(a, b);
    assert.equal(
      diff.circumstances.map(({ what }) => what),
      ['spec.kwargs', 'seed', 'generator'],
    );
    assert.equal(diff.circumstances[1], { what: 'seed', a: '7', b: '8' });
    assert.is(diff.first.observation?.step, 0);
    assert.equal(diff.first.end, { step: 6, a: 'terminated after step 10', b: 'terminated after step 6' });
  }));

test('engines that differ are said, and do not make equal steps differ', () =>
  inFolder(async (folder) => {
    const a = await record(join(folder, 'a'), { observations: true });
    const path = join(folder, 'b');
    const stream = await openEpisodes(a);
    const { observationSpace, actionSpace, header } = stream;
    const writer = new EpisodeWriter(path, {
      spec: { ...header.spec, maxEpisodeSteps: 99 },
      observationSpace,
      actionSpace,
      policyNote: 'another',
    });
    for await (const episode of stream) writer.write(episode);
    writer.close();
    const diff = await diffEpisodes(a, path);
    assert.is(diff.same, true);
    assert.equal(diff.circumstances, [
      { what: 'spec.maxEpisodeSteps', a: 'null', b: '99' },
      { what: 'policy', a: 'null', b: 'another' },
    ]);
  }));

test('episodes of one file are compared by index, and an index that is not there is refused', () =>
  inFolder(async (folder) => {
    const a = await record(join(folder, 'a'), { episodes: 3 });
    const diff = await diffEpisodes(a, a, { episodeA: 0, episodeB: 2 });
    assert.equal([diff.a.seed, diff.b.seed, diff.same], [7, 9, false]);
    assert.is((await diffEpisodes(a, a, { episodeA: 2, episodeB: 2 })).same, true);
    for (const episodeB of [3, -1, 0.5, Number.NaN]) {
      const error = await refusal(() => diffEpisodes(a, a, { episodeB }));
      assert.is(error.code, 'EPISODE_NOT_FOUND');
    }
  }));

test('a recording that was changed is noticed when it is simulated', () =>
  inFolder(async (folder) => {
    const a = await record(join(folder, 'a'));
    const b = join(folder, 'b');
    const stream = await openEpisodes(a);
    const { observationSpace, actionSpace, header } = stream;
    const writer = new EpisodeWriter(b, { spec: header.spec, observationSpace, actionSpace });
    for await (const episode of stream) {
      const hashes = episode.hashes!.slice();
      hashes[5]!++;
      writer.write({ ...episode, hashes });
    }
    writer.close();
    const diff = await diffEpisodes(a, b);
    assert.is(diff.notices.length, 1);
    assert.is(diff.notices[0]!.code, 'EPISODE_DIFFERS');
    assert.match(diff.notices[0]!.message, /step 5 of episode 0/);
  }));

test("a stranger's file runs no code: its module stays unread, and hashes are compared", () =>
  inFolder(async (folder) => {
    const trap = join(folder, 'trap.mjs');
    const mark = join(folder, 'ran');
    writeFileSync(
      trap,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark)}, ''); export class Trap {}`,
    );
    const own = await record(join(folder, 'own'));
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    for (const [path, extra] of [
      [a, 0],
      [b, 1],
    ] as const) {
      const stream = await openEpisodes(own);
      const { observationSpace, actionSpace } = stream;
      const spec = { ...stream.header.spec, id: 'Trap-v0', moduleUrl: pathToFileURL(trap).href, exportName: 'Trap' };
      const writer = new EpisodeWriter(path, { spec, observationSpace, actionSpace });
      for await (const episode of stream) {
        const hashes = episode.hashes!.slice();
        hashes[3]! += extra;
        writer.write({ ...episode, hashes });
      }
      writer.close();
    }
    const diff = await diffEpisodes(a, b);
    assert.is(existsSync(mark), false);
    assert.is(diff.a.observations, 'unknown');
    assert.is(diff.first.observation?.step, 3);
    assert.is(diff.notices[0]!.code, 'EPISODE_MODULE_UNTRUSTED');
    assert.match(diff.notices[0]!.message, /--module/);
    // Named by the user it is run, and turns out to be no env.
    await refusal(() => diffEpisodes(a, b, { moduleUrl: pathToFileURL(trap).href }));
    assert.is(readFileSync(mark, 'utf8'), '');
  }));

test.run();
