import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Dataset, Group } from 'h5wasm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../../src/core/errors.js';
import { loadHdf5 } from '../../../src/episode/exchange/hdf5.js';
import { checkDatasetId, usualDatasetId } from '../../../src/episode/exchange/minari-dataset.js';
import { minariSpace } from '../../../src/episode/exchange/minari-spaces.js';
import {
  diffEpisodes,
  exportEpisodes,
  importEpisodes,
  readEpisodes,
  verifyEpisodes,
} from '../../../src/episode/index.js';
import { spec as specOf } from '../../../src/registration/index.js';
import '../../../src/index.js';
import { Box, Discrete, MultiDiscrete, Sequence, Text } from '../../../src/spaces/index.js';
import { inFolder, refusal } from '../support.js';
import { anySpec, plain, recordAny, SPACES } from './support.js';

const GOLDEN = fileURLToPath(new URL('../../../../test/golden/minari', import.meta.url));

test("Minari's own dataset of Gymnasium's CartPole is played to the same observations and rewards", () =>
  inFolder(async (folder) => {
    const out = join(folder, 'a.episode');
    const summary = await importEpisodes(GOLDEN, { spec: specOf('CartPole-v1'), out });
    assert.equal(
      summary.episodes.map(({ name, seed, steps }) => [name, seed, steps]),
      [
        ['episode_0', 40, 12],
        ['episode_1', 41, 12],
      ],
    );
    for (const { agreement } of summary.episodes) {
      assert.equal(agreement!.observations, { compared: 13, equal: 13, largest: 0 });
      assert.equal(agreement!.rewards, { compared: 12, equal: 12, largest: 0 });
      // Cut by the one who recorded: the dataset says truncated, the env says nothing.
      assert.equal(agreement!.steps, [12, 12]);
    }
    assert.equal(summary.notices, []);
    assert.is((await verifyEpisodes(out)).ok, true);
    const file = join(GOLDEN, 'data', 'main_data.hdf5');
    const same = await importEpisodes(file, { spec: specOf('CartPole-v1'), out: join(folder, 'b.episode') });
    assert.is(same.steps, 24);
  }));

test('a dataset of another env is not passed off as agreeing', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder, { observation: 'state' });
    const { path: dataset } = await exportEpisodes(path, { format: 'hdf5', out: join(folder, 'sets') });
    const spec = anySpec({ observation: 'state', length: 4 });
    const shorter = await importEpisodes(dataset, { spec, out: join(folder, 'a.episode') });
    assert.equal(shorter.episodes[0]!.agreement!.steps, [6, 4]);
    assert.is(shorter.episodes[0]!.agreement!.sameEnd, false);
    // Another env with the same spaces: every row but by chance differs.
    const hdf5 = await loadHdf5();
    const file = new hdf5.File(join(dataset, 'data', 'main_data.hdf5'), 'a');
    const observations = file.get('episode_1/observations') as Dataset;
    const values = observations.value as Float32Array;
    values[3 * 4 + 1]! += 0.5;
    observations.write_slice([[], []], values);
    file.close();
    const changed = await importEpisodes(dataset, {
      spec: anySpec({ observation: 'state' }),
      out: join(folder, 'b.episode'),
    });
    assert.is(changed.episodes[0]!.agreement!.observations!.equal, 7);
    const { compared, equal, largest, step, name } = changed.episodes[1]!.agreement!.observations!;
    assert.equal([compared, equal, step, name], [7, 6, 4, 'observation.state.1']);
    assert.ok(Math.abs(largest! - 0.5) < 1e-6);
  }));

for (const observation of Object.keys(SPACES)) {
  const action = ['state', 'matrix', 'shorts', 'wide', 'choice', 'choices', 'bits'].includes(observation)
    ? observation
    : 'choice';
  test(`observations of '${observation}' are in the file as Minari has them, and come back as the same episode`, () =>
    inFolder(async (folder) => {
      const { path, seen, spec } = await recordAny(folder, { observation, action });
      const { path: dataset, steps } = await exportEpisodes(path, { format: 'hdf5', out: join(folder, 'sets') });
      assert.is(steps, 12);
      assert.is(dataset, join(folder, 'sets', 'gymkhana', 'any-v0'));
      const hdf5 = await loadHdf5();
      const file = new hdf5.File(join(dataset, 'data', 'main_data.hdf5'), 'r');
      for (const [index, { observations, rewards }] of seen.entries()) {
        const group = file.get(`episode_${index}`) as Group;
        assert.equal(plain((group.get('rewards') as Dataset).value), rewards);
        assert.is(Number(group.attrs['total_steps']!.value), 6);
        assert.is(Number(group.attrs['seed']!.value), 30 + index);
        assert.equal(plain((group.get('terminations') as Dataset).value), [0, 0, 0, 0, 0, 1]);
        const places: Record<string, (value: never) => unknown> =
          observation === 'dict'
            ? {
                'observations/pose': (value: { pose: unknown }) => value.pose,
                'observations/gear': (value: { gear: unknown }) => value.gear,
                'observations/tag/_index_0': (value: { tag: unknown[] }) => value.tag[0],
              }
            : observation === 'words'
              ? { 'observations/say': (value: { say: unknown }) => value.say }
              : { observations: (value: unknown) => value };
        for (const [place, pick] of Object.entries(places)) {
          const data = group.get(place) as Dataset;
          assert.is(data.shape![0], 7);
          assert.equal(
            plain(data.value),
            observations.flatMap((value) => plain(pick(value as never)) as number[]),
          );
        }
      }
      file.close();
      const out = join(folder, 'back.episode');
      const summary = await importEpisodes(dataset, { spec, out });
      for (const [index, { agreement }] of summary.episodes.entries()) {
        assert.is((await diffEpisodes(path, out, { episodeA: index, episodeB: index })).same, true);
        assert.is(agreement!.sameEnd, true);
        if (observation === 'words') assert.is(agreement!.observations, null);
        else assert.equal(agreement!.observations, { compared: 7, equal: 7, largest: 0 });
      }
      if (observation === 'words') assert.is(summary.notices[0]!.code, 'OBSERVATIONS_NOT_COMPARED');
      assert.is((await readEpisodes(out)).episodes[0]!.seed, 30);
    }));
}

test('the metadata is what Minari asks for', () =>
  inFolder(async (folder) => {
    const { path } = await recordAny(folder, { observation: 'state' });
    const out = join(folder, 'sets');
    const { path: dataset } = await exportEpisodes(path, { format: 'hdf5', out, datasetId: 'lab/walk/any-v3' });
    const metadata = JSON.parse(readFileSync(join(dataset, 'data', 'metadata.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const { total_episodes, total_steps, data_format, dataset_id, minari_version, observation_space } = metadata;
    assert.equal(
      [total_episodes, total_steps, data_format, dataset_id, minari_version],
      [2, 12, 'hdf5', 'lab/walk/any-v3', '0.5.0'],
    );
    assert.is(
      observation_space,
      '{"type": "Box", "dtype": "float32", "shape": [3], "low": [-1, -1, -1], "high": [1, 1, 1]}',
    );
    const again = await refusal(() => exportEpisodes(path, { format: 'hdf5', out, datasetId: 'lab/walk/any-v3' }));
    assert.is(again.code, 'NOT_WRITABLE');
    assert.equal(readdirSync(join(out, 'lab', 'walk')), ['any-v3']);
    const single = await exportEpisodes(path, { out: join(folder, 'one.h5') });
    assert.is(single.format, 'hdf5');
    assert.is((await importEpisodes(single.path, { spec: anySpec({}), out: join(folder, 'b') })).steps, 12);
  }));

test('spaces are written as Minari writes them', () => {
  const inf = Number.POSITIVE_INFINITY;
  const cases: [Parameters<typeof minariSpace>[0], string][] = [
    // As in test/golden/minari/data/metadata.json, apart from digits beyond float32.
    [new Discrete(2), '{"type": "Discrete", "dtype": "int64", "start": 0, "n": 2}'],
    [
      new Box(-inf, inf, { shape: [1, 2] }),
      '{"type": "Box", "dtype": "float32", "shape": [1, 2], "low": [[-Infinity, -Infinity]], "high": [[Infinity, Infinity]]}',
    ],
    [new MultiDiscrete([3, 4]), '{"type": "MultiDiscrete", "dtype": "int64", "nvec": [3, 4], "start": [0, 0]}'],
  ];
  for (const [space, text] of cases) assert.is(minariSpace(space), text);
  const golden = JSON.parse(readFileSync(join(GOLDEN, 'data', 'metadata.json'), 'utf8')) as Record<string, string>;
  assert.is(minariSpace(new Discrete(2)), golden['action_space']);
  assert.throws(() => minariSpace(new Sequence(new Discrete(2))), /Minari has no form for Sequence/);
});

test('dataset ids', () => {
  assert.is(usualDatasetId('CartPole-v1'), 'gymkhana/cartpole-v1');
  assert.is(usualDatasetId('My Env'), 'gymkhana/my-env-v0');
  for (const id of ['a-v0', 'a/b-v12', 'a_b/c-d-v1']) checkDatasetId(id);
  for (const id of ['', 'a', '../a-v0', 'a//b-v0', '/a-v0', 'a/.-v0', 'a-v', 'a\\b-v0']) {
    assert.throws(
      () => checkDatasetId(id),
      (error: GymkhanaError) => error.code === 'INVALID_OPTION',
    );
  }
});

test('an array that declares more than there is room for is refused before it is read', () =>
  inFolder(async (folder) => {
    const before = process.memoryUsage().rss;
    const out = join(folder, 'a.episode');
    const error = await refusal(() => importEpisodes(join(GOLDEN, 'bomb.hdf5'), { spec: specOf('CartPole-v1'), out }));
    assert.is(error.code, 'IMPORT_INVALID');
    assert.match(error.message, /declares 1099511627776 numbers/);
    assert.ok(process.memoryUsage().rss - before < 200e6);
    assert.is(existsSync(out), false);
  }));

/** Writes one episode of an HDF5 file by hand. */
async function handmade(path: string, build: (group: Group) => void, name = 'episode_0'): Promise<void> {
  const hdf5 = await loadHdf5();
  const file = new hdf5.File(path, 'w');
  build(file.create_group(name));
  file.close();
}

test('files of the wrong form say what is wrong with them', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.hdf5');
    const out = join(folder, 'out.episode');
    const spec = anySpec({ action: 'state' });
    const cases: [(group: Group) => void, RegExp, string?][] = [
      [() => {}, /has no group episode_0/, 'something'],
      [() => {}, /episode_0\/actions is missing/],
      [(group) => group.create_group('actions'), /episode_0\/actions is missing, or not an array/],
      [
        (group) => group.create_dataset({ name: 'actions', data: ['a', 'b', 'c'] }),
        /episode_0\/actions is missing, or not an array of numbers/,
      ],
      [
        (group) => group.create_dataset({ name: 'actions', data: new Float32Array(8), shape: [4, 2] }),
        /has the shape \(4, 2\), which is not 3 numbers a step/,
      ],
      [
        (group) =>
          group.create_dataset({ name: 'actions', data: Float32Array.of(0, 0, 0, 0, Number.NaN, 0), shape: [2, 3] }),
        /episode_0, step 2 is no action of Box.*element 1 is NaN/,
      ],
      [
        (group) => {
          group.create_dataset({ name: 'actions', data: new Float32Array(3), shape: [1, 3] });
          group.create_attribute('gymkhana_start', '{"rng":{"state":"x"}}');
        },
        /attribute gymkhana_start does not have the expected fields/,
      ],
      [
        (group) => {
          group.create_dataset({ name: 'actions', data: new Float32Array(3), shape: [1, 3] });
          group.create_attribute('gymkhana_start', 'not json');
        },
        /attribute gymkhana_start is not JSON/,
      ],
    ];
    for (const [build, says, name] of cases) {
      await handmade(path, build, name);
      const error = await refusal(() => importEpisodes(path, { spec, out }));
      assert.is(error.code, 'IMPORT_INVALID', error.message);
      assert.match(error.message, says);
      assert.is(existsSync(out), false);
    }
    await handmade(path, (group) =>
      group.create_dataset({ name: 'actions', data: Float32Array.of(0.5, -3, 9, 0, 0, 1), shape: [2, 3] }),
    );
    const summary = await importEpisodes(path, { spec, out, seed: 5 });
    assert.equal([summary.steps, summary.episodes[0]!.seed, summary.notices[0]!.code], [2, 5, 'SEED_ASSUMED']);
  }));

test('damaged files never do worse than an error of ours', () =>
  inFolder(async (folder) => {
    const bytes = readFileSync(join(GOLDEN, 'data', 'main_data.hdf5'));
    const path = join(folder, 'a.hdf5');
    const out = join(folder, 'a.episode');
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.option(fc.nat(bytes.length - 1), { freq: 6 }),
        async (changes, cut) => {
          const changed = Buffer.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          writeFileSync(path, cut === null ? changed : changed.subarray(0, cut));
          try {
            await importEpisodes(path, { spec: specOf('CartPole-v1'), out });
          } catch (error) {
            if (!(error instanceof GymkhanaError)) throw error;
            refused++;
          }
        },
      ),
      { numRuns: 150 },
    );
    assert.ok(refused > 10, String(refused));
  }));

test('spaces and folders that cannot be imported are refused', () =>
  inFolder(async (folder) => {
    const spec = anySpec({ action: 'dict' });
    const file = join(GOLDEN, 'data', 'main_data.hdf5');
    assert.is((await refusal(() => importEpisodes(file, { spec }))).code, 'IMPORT_UNSUPPORTED');
    const empty = await refusal(() => importEpisodes(folder, { spec: specOf('CartPole-v1') }));
    assert.is(empty.code, 'IMPORT_UNSUPPORTED');
    assert.match(empty.message, /it has no data\/main_data.hdf5/);
    assert.ok(new Text(3).contains('abc'));
  }));

test.run();
