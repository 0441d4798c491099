import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { library } from '../../../src/episode/exchange/library.js';
import { FileSink } from '../../../src/episode/exchange/sink.js';
import { EXPORT_FORMATS, type ExportOptions, exportEpisodes, openEpisodes } from '../../../src/episode/index.js';
import { EpisodeWriter } from '../../../src/episode/writer.js';
import { inFolder, refusal } from '../support.js';
import { recordAny } from './support.js';

test('options that make no sense are refused before anything is written', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder);
    const wrong = (options: unknown): ExportOptions => options as ExportOptions;
    const cases: [ExportOptions, string, RegExp][] = [
      [{}, 'EXPORT_FORMAT', /one of parquet, .*, got none/],
      [wrong({ format: 'xlsx' }), 'EXPORT_FORMAT', /got 'xlsx'/],
      [{ out: join(folder, 'a.docx') }, 'EXPORT_FORMAT', /got 'docx'/],
      [wrong({ format: 'constructor' }), 'EXPORT_FORMAT', /got 'constructor'/],
      [{ format: 'csv', episodes: [2] }, 'EPISODE_NOT_FOUND', /has 2 episodes, so there is no episode 2/],
      [{ format: 'csv', episodes: [-1] }, 'INVALID_OPTION', /got -1/],
      [wrong({ format: 'csv', episodes: 'all' }), 'INVALID_OPTION', /got all/],
      [{ format: 'arrow', fps: 0 }, 'INVALID_OPTION', /fps as a number above 0, got 0/],
      [{ format: 'arrow', fps: Number.NaN }, 'INVALID_OPTION', /got NaN/],
      [{ format: 'hdf5', datasetId: '../../etc-v0' }, 'INVALID_OPTION', /such as gymkhana/],
      [{ format: 'hdf5', datasetId: 'no-version' }, 'INVALID_OPTION', /datasetId/],
      [{ format: 'gif' }, 'EXPORT_UNSUPPORTED', /draws neither a scene nor pixels/],
      [{ format: 'gif', every: 0 }, 'INVALID_OPTION', /every as a whole number from 1/],
      [{ format: 'png', frames: 1.5 }, 'INVALID_OPTION', /frames as a whole number from 1/],
      [{ format: 'csv', out: join(folder, 'none', 'a.csv') }, 'NOT_WRITABLE', /does not exist/],
    ];
    const before = readdirSync(folder);
    for (const [options, code, says] of cases) {
      const error = await refusal(() => exportEpisodes(path, options));
      assert.is(error.code, code, error.message);
      assert.match(error.message, says);
    }
    assert.equal(readdirSync(folder), before);
  }));

test('an export that fails leaves the old file as it was', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder);
    const out = join(folder, 'a.csv');
    writeFileSync(out, 'old');
    await refusal(() => exportEpisodes(path, { out, episodes: [0, 9] }));
    assert.is(readFileSync(out, 'utf8'), 'old');
    assert.equal(
      readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    );
  }));

/** Writes the episodes of a file anew, each changed. */
async function rewrite(
  path: string,
  out: string,
  spec: Partial<Awaited<ReturnType<typeof openEpisodes>>['header']['spec']>,
  hashes?: (all: Uint32Array) => void,
): Promise<void> {
  const stream = await openEpisodes(path);
  const { observationSpace, actionSpace, header } = stream;
  const writer = new EpisodeWriter(out, { spec: { ...header.spec, ...spec }, observationSpace, actionSpace });
  for await (const episode of stream) {
    const own = episode.hashes!.slice();
    hashes?.(own);
    writer.write({ ...episode, hashes: own });
  }
  writer.close();
}

test('no format runs a module that only the file names', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder);
    const [trap, mark, evil] = ['trap.mjs', 'ran', 'evil.episode'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(trap, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark)}, '');`);
    await rewrite(path, evil, { id: 'Trap-v0', moduleUrl: pathToFileURL(trap).href, exportName: 'Trap' });
    for (const format of EXPORT_FORMATS) {
      const error = await refusal(() => exportEpisodes(evil, { format }));
      const picture = ['gif', 'mp4', 'png'].includes(format);
      assert.is(error.code, picture ? 'EXPORT_UNSUPPORTED' : 'EPISODE_MODULE_UNTRUSTED', format);
      assert.is(existsSync(mark), false);
    }
    const wrapped = join(folder, 'wrapped.episode');
    const wrappers = [{ name: 'Trap', moduleUrl: pathToFileURL(trap).href, kwargs: {} }];
    await rewrite(path, wrapped, { wrappers });
    assert.is((await refusal(() => exportEpisodes(wrapped, { format: 'csv' }))).code, 'EPISODE_MODULE_UNTRUSTED');
    assert.is(existsSync(mark), false);
  }));

test('an episode that is not what was recorded is not exported', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder);
    const other = join(folder, 'other.episode');
    await rewrite(path, other, {}, (hashes) => {
      hashes[4]!++;
    });
    const error = await refusal(() => exportEpisodes(other, { format: 'csv' }));
    assert.is(error.code, 'EPISODE_DIFFERS');
    assert.match(error.message, /step 4 of episode 0/);
  }));

test('a nondeterministic env without observations cannot be exported', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder);
    const other = join(folder, 'other.episode');
    await rewrite(path, other, { nondeterministic: true });
    assert.is((await refusal(() => exportEpisodes(other, { format: 'csv' }))).code, 'OBSERVATIONS_NOT_RECORDED');
  }));

test('a file that was cut is exported as far as it goes, with a notice', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 40));
    for (const format of ['csv', 'npz', 'hdf5'] as const) {
      const { episodes, notices } = await exportEpisodes(path, { format });
      assert.is(episodes, 1);
      assert.is(notices[0]!.code, 'EPISODE_TRUNCATED');
    }
  }));

test('a package that is not there is named, with the way to get it; its handlers are taken off the process', async () => {
  const error = await refusal(() => library('some-package', 'parquet', () => import('some-package' as string)));
  assert.is(error.code, 'FORMAT_UNAVAILABLE');
  assert.match(error.message, /npm install --ignore-scripts some-package/);
  const mine = () => {};
  const before = process.listenerCount('unhandledRejection');
  await library('x', 'mp4', async () => process.on('unhandledRejection', mine));
  assert.is(process.listenerCount('unhandledRejection'), before);
});

test('a sink writes pieces in order and at their places, and takes its name at the end', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.bin');
    const sink = new FileSink(path);
    const large = new Uint8Array(600_000).fill(7);
    sink.write('ab');
    sink.write(large);
    sink.write(Uint8Array.of(1));
    sink.writeAt(0, Uint8Array.of(0x41));
    assert.is(sink.position, 600_003);
    assert.equal(readdirSync(folder).length, 1);
    assert.is(existsSync(path), false);
    // The small first piece is still gathered: it lands on what was written at its place.
    assert.is(sink.commit(), 600_003);
    const bytes = readFileSync(path);
    assert.equal([bytes[1], bytes[2], bytes[600_001], bytes[600_002]], [0x62, 7, 7, 1]);
    sink.discard();
    assert.is(existsSync(path), true);
    for (const bad of ['', undefined])
      assert.is((await refusal(() => new FileSink(bad as string))).code, 'INVALID_PATH');
  }));

test.run();
