import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../../src/core/errors.js';
import { exportEpisodes, importEpisodes, readEpisodes, verifyEpisodes } from '../../../src/episode/index.js';
import { makeFromSpec, spec as specOf } from '../../../src/registration/index.js';
import '../../../src/index.js';
import { inFolder, refusal } from '../support.js';
import { anySpec, plain, recordAny } from './support.js';

const driving = specOf('Driving-v0');

test('rows without a header are the actions of one seed after another', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.csv');
    writeFileSync(path, '0.5,-1\r\n 0.25 , 1e-1\n\n-0,.5\n');
    const out = join(folder, 'a.episode');
    const summary = await importEpisodes(path, { spec: driving, out, seed: 11, observations: true });
    assert.equal([summary.steps, summary.episodes[0]!.seed, summary.episodes[0]!.agreement], [3, 11, null]);
    assert.is(summary.notices[0]!.code, 'SEED_ASSUMED');
    const { episodes } = await readEpisodes(out);
    assert.equal(
      [0, 1, 2].map((i) => episodes[0]!.actions.at(i)),
      [Float32Array.of(0.5, -1), Float32Array.of(0.25, 0.1), Float32Array.of(-0, 0.5)],
    );
    assert.ok(episodes[0]!.observations !== null);
    assert.is((await verifyEpisodes(out)).ok, true);
  }));

test('a header names the columns in any order, with episodes and seeds', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.csv');
    const env = await makeFromSpec(driving);
    const [steer, drive] = env.metadata.fields!.action.map(({ name }) => name);
    env.close();
    writeFileSync(path, `seed,note,${drive},episode,${steer}\n7,"a, b",0.5,0,0.1\n7,,0.5,0,0.2\n9,,1,4,0.3\n`);
    const out = join(folder, 'a.episode');
    const summary = await importEpisodes(path, { spec: driving, out });
    assert.equal(
      summary.episodes.map(({ seed, steps, name }) => [seed, steps, name]),
      [
        [7, 2, 'line 2'],
        [9, 1, 'line 4'],
      ],
    );
    assert.equal(summary.notices, []);
    const { episodes } = await readEpisodes(out);
    assert.equal(episodes[0]!.actions.at(1), Float32Array.of(0.2, 0.5));
    assert.is((await verifyEpisodes(out)).ok, true);
  }));

test('our own CSV comes back as the same actions', () =>
  inFolder(async (folder) => {
    for (const action of ['state', 'choice', 'choices', 'bits', 'shorts', 'wide', 'matrix']) {
      const { path, seen, spec } = await recordAny(folder, { action });
      const { path: csv } = await exportEpisodes(path, { format: 'csv' });
      const out = join(folder, 'back.episode');
      await importEpisodes(csv, { spec, out, seed: 30 });
      const { episodes } = await readEpisodes(out);
      for (const [i, { actions }] of seen.entries()) {
        assert.equal(
          actions.map((_, step) => plain(episodes[i]!.actions.at(step))),
          actions.map(plain),
          action,
        );
      }
    }
  }));

test('without an episode column the end of an episode begins the next; with one, rows after it are left out and counted', () =>
  inFolder(async (folder) => {
    const spec = anySpec({ length: 3 });
    const path = join(folder, 'a.csv');
    const out = join(folder, 'a.episode');
    writeFileSync(path, 'action\n1\n0\n-2\n2\n1\n');
    const open = await importEpisodes(path, { spec, out, seed: 5 });
    assert.equal(
      open.episodes.map(({ seed, steps, terminated }) => [seed, steps, terminated]),
      [
        [5, 3, true],
        [6, 2, false],
      ],
    );
    writeFileSync(path, 'episode,action\n1,1\n1,0\n1,-2\n1,2\n1,1\n0,0\n');
    const closed = await importEpisodes(path, { spec, out });
    assert.equal(
      closed.episodes.map(({ steps }) => steps),
      [3, 1],
    );
    assert.match(
      closed.notices.find(({ code }) => code === 'ACTIONS_AFTER_END')!.message,
      /episode 1 ended 2 rows before/,
    );
  }));

test('what is no row of actions is refused by its line, and no file is left', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.csv');
    const out = join(folder, 'a.episode');
    const box = anySpec({ action: 'state' });
    const choice = anySpec({ action: 'choice' });
    const shorts = anySpec({ action: 'shorts' });
    const cases: [typeof box, string, string, RegExp][] = [
      [box, '', 'IMPORT_EMPTY', /has no actions/],
      [box, 'action.0,action.1,action.2\n', 'IMPORT_EMPTY', /has no actions/],
      [box, '1,2\n', 'IMPORT_INVALID', /line 1: expected 3 cells, got 2/],
      [box, '1,2,3\n1,2,3,4\n', 'IMPORT_INVALID', /line 2: expected 3 cells, got 4/],
      [box, '1,2,3\n1,nan,3\n', 'IMPORT_INVALID', /line 2: expected a number as action, got 'nan'/],
      [box, '1,inf,3\n', 'IMPORT_INVALID', /line 1: expected a number as action, got 'inf'/],
      [box, '1,2,3\n1,,3\n', 'IMPORT_INVALID', /line 2: .*got ''/],
      [box, '1,2,3\n1,0x10,3\n', 'IMPORT_INVALID', /got '0x10'/],
      [box, '1,2,3\n1,1e999,3\n', 'IMPORT_INVALID', /element 1 is Infinity/],
      [box, '1,2,3\n1,1e300,3\n', 'IMPORT_INVALID', /too large for float32/],
      [box, 'a,b,c\n1,2,3\n', 'IMPORT_COLUMNS', /has no column 'action.0'.*got a, b, c/],
      [box, 'action.0,action.1,action.2,action.0\n1,2,3,4\n', 'IMPORT_COLUMNS', /names a column twice/],
      [
        box,
        'action.0,action.1,action.2,episode\n1,2,3,-1\n',
        'IMPORT_INVALID',
        /episode as a whole number from 0, got '-1'/,
      ],
      [
        box,
        'action.0,action.1,action.2,seed\n1,2,3,1.5\n',
        'IMPORT_INVALID',
        /seed as a whole number from 0, got '1.5'/,
      ],
      [box, 'action.0,action.1,action.2,seed\n1,2,3,1\n1,2,3,2\n', 'IMPORT_INVALID', /the seed changes from 1 to 2/],
      [choice, 'action,episode\n1,0\n1,1\n1,0\n', 'IMPORT_INVALID', /episode 0 goes on after another one/],
      [choice, '9\n', 'IMPORT_INVALID', /line 1 is no action of Discrete/],
      [choice, '1.5\n', 'IMPORT_INVALID', /whole number/],
      [shorts, '1,99999\n', 'IMPORT_INVALID', /not of type int16/],
      [choice, 'action\n"1', 'IMPORT_INVALID', /cannot be read as CSV/],
      [choice, `action\n${'1'.repeat(2_000_000)}\n`, 'IMPORT_INVALID', /cannot be read as CSV/],
    ];
    for (const [spec, text, code, says] of cases) {
      writeFileSync(path, text);
      const error = await refusal(() => importEpisodes(path, { spec, out }));
      assert.is(error.code, code, `${text.slice(0, 60)}: ${error.message}`);
      assert.match(error.message, says);
      assert.equal(readdirSync(folder), ['a.csv'], text.slice(0, 60));
    }
  }));

test('any text at all is either played or refused by an error of ours', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.csv');
    const spec = anySpec({ action: 'choice' });
    const cell = fc.oneof(
      fc.constantFrom('0', '1', '-2', 'action', 'seed', 'episode', '', '"', '""', '\u0000', 'NaN'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 6 }), async (rows) => {
        writeFileSync(path, rows.map((row) => row.join(',')).join('\n'));
        try {
          await importEpisodes(path, { spec });
        } catch (error) {
          if (!(error instanceof GymkhanaError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  }));

test('options and files that make no sense are refused', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.csv');
    writeFileSync(path, '1\n');
    const spec = anySpec({});
    const cases: [string, unknown, string][] = [
      [join(folder, 'none.csv'), { spec }, 'FILE_NOT_FOUND'],
      [path, { spec: null }, 'INVALID_SPEC'],
      [path, undefined, 'INVALID_SPEC'],
      [path, { spec, seed: -1 }, 'INVALID_OPTION'],
      [path, { spec, seed: 0.5 }, 'INVALID_OPTION'],
      [path, { spec, out: join(folder, 'no', 'a') }, 'NOT_WRITABLE'],
      [import.meta.filename ?? process.argv[1]!, { spec }, 'IMPORT_UNSUPPORTED'],
    ];
    for (const [file, options, code] of cases) {
      assert.is((await refusal(() => importEpisodes(file, options as never))).code, code);
    }
  }));

test.run();
