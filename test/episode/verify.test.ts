import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { Generator } from '../../src/core/seeding/generator.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { readEpisodes, recordEpisodes, verifyEpisodes, writeReproduction } from '../../src/episode/index.js';
import { chunk } from '../../src/episode/writer.js';
import { constructEnv, makeFromSpec, registry } from '../../src/registration/index.js';
import { inFolder, makeProbe, partsOf, probeSpec, refusal, reseal } from './support.js';

// The registry is the list: an env that is added is recorded and verified here.
for (const spec of [...registry.values()].filter(({ moduleUrl }) => moduleUrl?.startsWith('gymkhana:'))) {
  test(`recorded episodes of ${spec.id} verify, and a changed action is named`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.episode');
      const env = await makeFromSpec(spec);
      env.actionSpace.seed(11);
      const policy = () => env.actionSpace.sample();
      const summary = await recordEpisodes({
        env,
        spec,
        policy,
        episodes: 3,
        seeds: (i) => 100 + i,
        path,
        maxSteps: 300,
      });
      assert.ok(summary.episodes.every(({ steps }) => steps > 0));
      const verdict = await verifyEpisodes(path);
      assert.is(verdict.ok, true, JSON.stringify(verdict.episodes));
      assert.is(
        verdict.steps,
        summary.episodes.reduce((sum, { steps }) => sum + steps, 0),
      );

      const bytes = readFileSync(path);
      const { payload } = partsOf(bytes).find(({ type }) => type === 'ACTS')!;
      const { steps } = summary.episodes[0]!;
      const step = Math.min(5, steps);
      const first = (step - 1) * (payload.length / steps);
      if (env.actionSpace.type === 'Box')
        payload.writeFloatLE(-0.9 * Math.sign(payload.readFloatLE(first) || 1), first);
      else payload.writeInt32LE(payload.readInt32LE(first) === 0 ? 1 : 0, first);
      writeFileSync(path, bytes);
      assert.is((await refusal(() => verifyEpisodes(path))).code, 'EPISODE_CORRUPT');
      const changed = await verifyEpisodes(path, { ignoreChecksum: true });
      assert.is(changed.ok, false);
      assert.is(changed.episodes[0]!.firstDifference?.step, step);
      assert.is(changed.episodes[1]!.ok, true);
      env.close();
    }));
}

/** Records one probe episode and replaces fields of the file's header. */
async function withHeader(folder: string, change: (header: Record<string, never>) => object): Promise<string> {
  const path = join(folder, 'a.episode');
  const env = await makeProbe();
  await recordEpisodes({ env, spec: probeSpec(), policy: () => 1, episodes: 1, seeds: () => 1, path });
  const bytes = readFileSync(path);
  const length = bytes.readUInt32LE(12);
  const header = JSON.parse(bytes.toString('utf8', 20, 20 + length)) as Record<string, never>;
  const replaced = Buffer.from(JSON.stringify({ ...header, ...change(header) }));
  writeFileSync(
    path,
    reseal(Buffer.concat([bytes.subarray(0, 8), chunk('HEAD', replaced), bytes.subarray(24 + length)])),
  );
  return path;
}

test('a recording of another Math says so, and a difference is then no verdict on the env', () =>
  inFolder(async (folder) => {
    const path = await withHeader(folder, ({ engine }) => ({
      engine: { ...(engine as object), mathFingerprint: '00000000', node: 'v99.0.0' },
    }));
    const same = await verifyEpisodes(path);
    assert.is(same.ok, true);
    assert.is(same.sameMath, false);
    assert.match(same.notices[0]!.message, /recorded under another Math \(Node v99.0.0 on/);
    const spec: EnvSpec = { ...probeSpec({ length: 3 }) };
    const other = await verifyEpisodes(path, { spec });
    assert.is(other.ok, false);
    assert.is(other.episodes[0]!.firstDifference?.step, 3);
    assert.is(other.episodes[0]!.firstDifference?.field, 'terminated');
    assert.match(other.notices[0]!.message, /a difference need not mean that the recording or the env has changed/);
  }));

test('verification is off for a nondeterministic env, visibly', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    const spec = probeSpec({}, { nondeterministic: true });
    const env = await makeFromSpec(spec);
    await recordEpisodes({ env, spec, policy: () => 1, episodes: 1, path });
    const verdict = await verifyEpisodes(path);
    assert.is(verdict.verification, 'off');
    assert.match(verdict.notices[0]!.message, /verification is off/);
    assert.equal(verdict.episodes, []);
  }));

test('a file never makes verify import what it should not, and says what is missing', () =>
  inFolder(async (folder) => {
    const gone = join(folder, 'gone.ts');
    const table: [string | null, string | null, string, RegExp][] = [
      [pathToFileURL(gone).href, 'Gone', 'EPISODE_MODULE_MISSING', /gone\.ts, which does not exist/],
      [null, 'Gone', 'EPISODE_MODULE_MISSING', /registered without a moduleUrl/],
      ['data:text/javascript,process.exit(3)', 'Gone', 'EPISODE_MODULE_REFUSED', /Only built-in envs and local files/],
      ['https://example.com/env.js', 'Gone', 'EPISODE_MODULE_REFUSED', /Only built-in envs/],
      ['gymkhana:../../tmp/evil.js', 'Gone', 'EPISODE_MODULE_REFUSED', /Only built-in envs/],
      ['gymkhana:data:text/javascript,process.exit(3)', 'Gone', 'EPISODE_MODULE_REFUSED', /Only built-in envs/],
      ['file://elsewhere/share/env.js', 'Gone', 'EPISODE_MODULE_REFUSED', /not a local file/],
    ];
    for (const [moduleUrl, exportName, code, message] of table) {
      const path = await withHeader(folder, ({ spec }) => ({
        spec: { ...(spec as object), id: 'Gone-v0', moduleUrl, exportName },
      }));
      assert.is((await readEpisodes(path)).header.spec.moduleUrl, moduleUrl);
      const error = await refusal(() => verifyEpisodes(path));
      assert.is(error.code, code, error.message);
      assert.match(error.message, message);
      assert.is(
        (await verifyEpisodes(path, { spec: probeSpec() })).ok,
        true,
        'an override replaces what the file says',
      );
    }
  }));

test('an env whose spaces have changed is named, not simulated', () =>
  inFolder(async (folder) => {
    const path = await withHeader(folder, () => ({}));
    const error = await refusal(() => verifyEpisodes(path, { spec: probeSpec({ action: 'MultiBinary' }) }));
    assert.is(error.code, 'EPISODE_SPACE_MISMATCH');
    assert.match(
      error.message,
      /recorded with the action space Discrete\(5, start=-2\); Probe-v0 now has MultiBinary\(6\)/,
    );
  }));

for (const nan of [false, true]) {
  test(`an episode that ${nan ? 'returns NaN' : 'throws'} leaves a file that fails at the same step`, () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.episode');
      const kwargs = { failAt: 4, nan };
      const env = await makeProbe(kwargs);
      const spec = probeSpec(kwargs);
      let message = '';
      try {
        await recordEpisodes({ env, spec, policy: () => 1, episodes: 3, seeds: (i) => i, path });
      } catch (error) {
        message = (error as Error).message;
      }
      assert.match(message, nan ? /NaN/ : /the wheel came off/);
      const { episodes } = await readEpisodes(path);
      assert.is(episodes.length, 1);
      assert.is(episodes[0]!.steps, 3);
      assert.is(episodes[0]!.actions.length, 4);
      assert.is(episodes[0]!.failure?.step, 4);
      const verdict = await verifyEpisodes(path);
      assert.is(verdict.ok, true);
      assert.is(verdict.episodes[0]!.failure?.reproduced, true);
      const mended = await verifyEpisodes(path, { spec: probeSpec() });
      assert.is(mended.ok, false);
      assert.is(mended.episodes[0]!.failure?.reproduced, false);
    }));
}

test("an engine's partial log becomes a file that fails at the same step", () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a.episode');
    const spec = probeSpec({ action: 'Float32', failAt: 3 });
    const env = await constructEnv(spec);
    env.rng = Generator.fromSeed(9);
    env.rng.integers(5);
    const generator = new Uint32Array(10);
    env.rng.snapshotInto(generator, 0);
    const error = { code: 'ENV_THREW', message: 'the wheel came off' };
    const step = await writeReproduction({ path, spec, generator, actions: [1, 2, 3, 4, 5, 6, 7, 8, 9], ...error });
    assert.is(step, 3);
    const file = await readEpisodes(path);
    assert.equal(file.episodes[0]!.rng, env.rng.state);
    assert.equal(file.episodes[0]!.actions.at(2), Float32Array.of(7, 8, 9));
    assert.equal((await verifyEpisodes(path)).episodes[0]!.failure, { step: 3, ...error, reproduced: true });
    const short = await refusal(() => writeReproduction({ path, spec, generator, actions: [1, 2], ...error }));
    assert.is(short.code, 'INVALID_VALUE');
  }));

test.run();
