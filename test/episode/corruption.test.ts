import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32 } from '../../src/core/crc32.js';
import { GymkhanaError } from '../../src/core/errors.js';
import { parseEpisodes, readEpisodes, recordEpisodes, verifyEpisodes } from '../../src/episode/index.js';
import { chunk, doneBytes } from '../../src/episode/writer.js';
import { inFolder, makeProbe, type Part, partsOf, probeSpec, refusal, reseal } from './support.js';

/** Three short episodes in a file. */
async function smallFile(folder: string, observations = false): Promise<string> {
  const path = join(folder, 'small.episode');
  const env = await makeProbe({ action: 'Float32', length: 3 });
  env.actionSpace.seed(1);
  await recordEpisodes({
    env,
    spec: probeSpec({ action: 'Float32', length: 3 }),
    policy: () => env.actionSpace.sample(),
    episodes: 3,
    seeds: (i) => i,
    path,
    observations,
  });
  return path;
}

function codeOf(bytes: Uint8Array, ignoreChecksum = false): string | null {
  try {
    parseEpisodes(bytes, 'file', { ignoreChecksum });
    return null;
  } catch (error) {
    if (error instanceof GymkhanaError) return error.code;
    throw error;
  }
}

test('every changed byte of a file is reported as corruption, with the part and its offset', () =>
  inFolder(async (folder) => {
    const bytes = readFileSync(await smallFile(folder));
    const starts = [0, ...partsOf(bytes).map(({ offset }) => offset)];
    assert.is(codeOf(bytes), null);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      // Two kinds of change: one bit, and all of them.
      for (const mask of [1 << (at % 8), 0xff]) {
        changed[at] = bytes[at]! ^ mask;
        let error: unknown = null;
        try {
          parseEpisodes(changed, 'file');
        } catch (thrown) {
          error = thrown;
        }
        assert.instance(error, GymkhanaError, `byte ${at}`);
        if (!(error instanceof GymkhanaError)) continue;
        assert.is(error.code, 'EPISODE_CORRUPT', `byte ${at}: ${error.message}`);
        const offset = Number(/at byte (\d+)/.exec(error.message)![1]);
        assert.ok(starts.includes(offset) && offset <= at, `byte ${at} was reported at ${offset}`);
        assert.ok(
          Math.max(...starts.filter((start) => start <= at)) === offset,
          `byte ${at} was reported at ${offset}`,
        );
      }
    }
  }));

test('ignoring checksums never crashes or hangs, whatever the byte', () =>
  inFolder(async (folder) => {
    const bytes = readFileSync(await smallFile(folder));
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = bytes[at]! ^ 0xff;
      const code = codeOf(changed, true);
      assert.ok(
        [null, 'EPISODE_CORRUPT', 'EPISODE_TRUNCATED', 'EPISODE_VERSION', 'NOT_AN_EPISODE_FILE'].includes(code),
        `byte ${at}: ${code}`,
      );
    }
  }));

test('a file cut at any length gives an error, or its complete episodes with a notice', () =>
  inFolder(async (folder) => {
    const bytes = readFileSync(await smallFile(folder));
    const parts = partsOf(bytes);
    const ends = parts.filter((part, i) => i > 0 && parts[i + 1]?.type !== 'RWRD' && part.type === 'RWRD');
    for (let length = 0; length < bytes.length; length++) {
      const whole = ends.filter((part) => part.offset + 16 + part.payload.length <= length).length;
      if (whole === 0) {
        assert.is(codeOf(bytes.subarray(0, length)), 'EPISODE_TRUNCATED', `length ${length}`);
        continue;
      }
      const file = parseEpisodes(bytes.subarray(0, length), 'file');
      assert.is(file.complete, false);
      assert.is(file.episodes.length, whole, `length ${length}`);
      assert.is(file.notices[0]!.code, 'EPISODE_TRUNCATED');
      assert.match(file.notices[0]!.message, `ends after ${length} bytes`);
    }
  }));

test('a changed action is named at its exact step, checksums repaired or ignored', () =>
  inFolder(async (folder) => {
    for (const observations of [false, true]) {
      const path = await smallFile(folder, observations);
      const original = readFileSync(path);
      for (let episode = 0; episode < 3; episode++) {
        for (let step = 1; step <= 3; step++) {
          const bytes = Buffer.from(original);
          const actions = partsOf(bytes).filter(({ type }) => type === 'ACTS')[episode]!;
          const at = (step - 1) * 12 + 4;
          actions.payload.writeFloatLE(actions.payload.readFloatLE(at) + 0.125, at);
          writeFileSync(path, bytes);
          const error = await refusal(() => verifyEpisodes(path));
          assert.is(error.code, 'EPISODE_CORRUPT');
          assert.match(error.message, `the actions of episode ${episode} at byte ${actions.offset} does not match`);
          const ignored = await verifyEpisodes(path, { ignoreChecksum: true });
          assert.is(ignored.notices[0]!.code, 'CHECKSUM_IGNORED');
          reseal(bytes);
          writeFileSync(path, bytes);
          for (const verdict of [await verifyEpisodes(path), ignored]) {
            assert.is(verdict.ok, false);
            assert.equal(
              verdict.episodes.map(({ ok }) => ok),
              [0, 1, 2].map((i) => i !== episode),
            );
            const { firstDifference } = verdict.episodes[episode]!;
            assert.is(firstDifference?.step, step);
            if (observations) {
              assert.is(firstDifference?.field, 'observation');
              assert.is(firstDifference?.name, 'x');
              assert.match(
                firstDifference?.message ?? '',
                /x \(element 0\) of the observation was -?[\d.e-]+ in the recording/,
              );
            }
          }
        }
      }
    }
  }));

test('changed rewards, flags, hashes and lengths are named', () =>
  inFolder(async (folder) => {
    const path = await smallFile(folder, true);
    const original = readFileSync(path);
    const change = async (type: string, alter: (payload: Buffer) => void) => {
      const bytes = Buffer.from(original);
      const part = partsOf(bytes).filter((candidate) => candidate.type === type)[1]!;
      alter(part.payload);
      reseal(bytes);
      writeFileSync(path, bytes);
      return (await verifyEpisodes(path)).episodes[1]!.firstDifference;
    };
    const reward = await change('RWRD', (payload) => payload.writeDoubleLE(payload.readDoubleLE(16) + 1, 16));
    assert.is(reward?.step, 3);
    assert.is(reward?.field, 'reward');
    const total = await change('EPIS', (payload) => {
      const at = payload.indexOf('"return":') + 12;
      payload[at] = payload[at] === 0x31 ? 0x32 : 0x31;
    });
    assert.is(total?.field, 'return');
    const seen = await change('OBSV', (payload) => payload.writeFloatLE(0.5, 12));
    assert.is(seen?.step, 1);
    assert.is(seen?.name, 'push');
    const hash = await change('HASH', (payload) => payload.writeUInt32LE(1, 8));
    assert.is(hash?.step, 2);
    assert.is(hash?.field, 'action');
    const swap = (from: string, to: string) => (payload: Buffer) => {
      assert.is(from.length, to.length);
      payload.write(payload.toString('latin1').replace(from, to), 'latin1');
    };
    const ended = await change(
      'EPIS',
      swap('"terminated":true,"truncated":false', '"terminated":false,"truncated":true'),
    );
    assert.is(ended?.step, 3);
    assert.is(ended?.field, 'terminated');
    const reset = await change('HASH', (payload) => payload.writeUInt32LE(1, 0));
    assert.is(reset?.step, 0);
    const wrongState = await change('EPIS', (payload) => {
      const text = payload.toString('latin1');
      const at = text.indexOf('"state":"') + 12;
      payload.write(text[at] === '1' ? '2' : '1', at, 'latin1');
    });
    assert.is(wrongState?.step, 0);
    assert.is(wrongState?.field, 'observation');
  }));

test('hostile headers are refused before anything is sized by them', () =>
  inFolder(async (folder) => {
    const original = readFileSync(await smallFile(folder));
    const parts = partsOf(original);
    const rebuilt = (replace: (part: Part, index: number) => Uint8Array | null) =>
      reseal(
        Buffer.concat([
          original.subarray(0, 8),
          ...parts.map((part, i) => replace(part, i) ?? chunk(part.type as 'HEAD', part.payload)),
        ]),
      );
    const head = JSON.parse(parts[0]!.payload.toString()) as Record<string, unknown>;
    const epis = JSON.parse(parts[1]!.payload.toString()) as Record<string, unknown>;
    const withHead = (changes: object) =>
      rebuilt((_, i) => (i === 0 ? chunk('HEAD', Buffer.from(JSON.stringify({ ...head, ...changes }))) : null));
    const withEpisode = (changes: object) =>
      rebuilt((_, i) => (i === 1 ? chunk('EPIS', Buffer.from(JSON.stringify({ ...epis, ...changes }))) : null));
    const text = (json: string) => rebuilt((_, i) => (i === 0 ? chunk('HEAD', Buffer.from(json)) : null));
    const table: [string, Uint8Array, string, RegExp][] = [
      ['not JSON', text('{"format":'), 'EPISODE_CORRUPT', /the header at byte 8 is not JSON/],
      ['not UTF-8', text('\xff'), 'EPISODE_CORRUPT', /header/],
      ['deep nesting', text('['.repeat(200_000) + ']'.repeat(200_000)), 'EPISODE_CORRUPT', /header/],
      [
        'deep nesting in a field',
        text(JSON.stringify(head).replace('"kwargs":{', `"kwargs":{"a":${'['.repeat(50_000) + ']'.repeat(50_000)},`)),
        'EPISODE_CORRUPT',
        /header/,
      ],
      ['another format', withHead({ format: 'zip' }), 'EPISODE_CORRUPT', /format/],
      [
        'a newer version',
        withHead({ version: 3 }),
        'EPISODE_VERSION',
        /version 3 of the episode format, this program reads up to 2/,
      ],
      ['no spec', withHead({ spec: null }), 'EPISODE_CORRUPT', /spec/],
      [
        'a huge Box',
        withHead({ actionSpace: { type: 'Box', low: 0, high: 1, shape: [1e6, 1e6], dtype: 'float32' } }),
        'EPISODE_CORRUPT',
        /more than 4194304/,
      ],
      [
        'a huge MultiBinary',
        withHead({ observationSpace: { type: 'MultiBinary', n: 1e15 } }),
        'EPISODE_CORRUPT',
        /more than/,
      ],
      [
        'an unknown space',
        withHead({ actionSpace: { type: 'Constructor' } }),
        'EPISODE_CORRUPT',
        /no valid action space/,
      ],
      ['negative steps', withEpisode({ steps: -1 }), 'EPISODE_CORRUPT', /steps/],
      ['huge steps', withEpisode({ steps: 4e9, actions: 4e9 }), 'EPISODE_CORRUPT', /the actions of episode 0 at byte/],
      ['fewer actions', withEpisode({ actions: 2 }), 'EPISODE_CORRUPT', /says 2 actions for 3 steps/],
      ['another index', withEpisode({ index: 4 }), 'EPISODE_CORRUPT', /says it is episode 4/],
      [
        'a bad generator',
        withEpisode({ rng: { state: 'x', inc: '1', hasUint32: 0, uinteger: 0 } }),
        'EPISODE_CORRUPT',
        /rng.state/,
      ],
      ['unknown columns', withEpisode({ columns: ['ACTS', 'EVIL'] }), 'EPISODE_CORRUPT', /columns/],
      ['columns out of order', withEpisode({ columns: ['HASH', 'ACTS'] }), 'EPISODE_CORRUPT', /lists the parts/],
      ['a column twice', withEpisode({ columns: ['ACTS', 'HASH', 'HASH'] }), 'EPISODE_CORRUPT', /lists the parts/],
      [
        'missing columns',
        withEpisode({ columns: ['ACTS', 'HASH', 'OBSV'] }),
        'EPISODE_CORRUPT',
        /is where the observations should be/,
      ],
      [
        'names of outputs without outputs',
        withEpisode({ policyOutputs: ['value'] }),
        'EPISODE_CORRUPT',
        /names without outputs/,
      ],
      [
        'outputs without names',
        withEpisode({ columns: ['ACTS', 'HASH', 'PLCY'] }),
        'EPISODE_CORRUPT',
        /names without outputs/,
      ],
      ['outputs without a name', withEpisode({ policyOutputs: [] }), 'EPISODE_CORRUPT', /policyOutputs/],
      [
        'a header twice',
        Buffer.concat([rebuilt(() => null), chunk('HEAD', parts[0]!.payload)]),
        'EPISODE_CORRUPT',
        /after the end mark/,
      ],
      [
        'a wrong count',
        reseal(Buffer.concat([original.subarray(0, parts.at(-1)!.offset), doneBytes(7)])),
        'EPISODE_CORRUPT',
        /does not say 3/,
      ],
      [
        'bytes after the end',
        Buffer.concat([original, Buffer.from('x')]),
        'EPISODE_CORRUPT',
        /the rest at byte \d+ is 1 bytes after/,
      ],
      ['no header', Buffer.concat([original.subarray(0, 8), doneBytes(0)]), 'EPISODE_CORRUPT', /is not a header/],
      ['another file', Buffer.from('PK\x03\x04 a zip archive, say'), 'NOT_AN_EPISODE_FILE', /is not an episode file/],
      ['nothing', Buffer.alloc(0), 'EPISODE_TRUNCATED', /only its first bytes/],
    ];
    for (const [name, bytes, code, message] of table) {
      const error = await refusal(() => parseEpisodes(bytes, 'file'));
      assert.is(error.code, code, `${name}: ${error.message}`);
      assert.match(error.message, message, name);
    }
    // A length of 4 GiB with a valid checksum of its own is a cut file, not an allocation.
    const lying = Buffer.from(original);
    lying.writeUInt32LE(0xffffffff, parts[0]!.offset + 4);
    lying.writeUInt32LE(crc32(lying.subarray(8, 16)), 16);
    assert.is(codeOf(lying), 'EPISODE_TRUNCATED');
  }));

test('parts that are whole but were moved, doubled, left out or taken from another file are refused', () =>
  inFolder(async (folder) => {
    const bytes = readFileSync(await smallFile(folder));
    const rest = bytes.subarray(8);
    const parts = partsOf(bytes).map(({ offset, payload }) => bytes.subarray(offset, offset + 16 + payload.length));
    const types = partsOf(bytes).map(({ type }) => type);
    const joined = (list: readonly Uint8Array[]) => Buffer.concat([bytes.subarray(0, 8), ...list]);
    assert.ok(joined(parts).subarray(8).equals(rest));
    const actions = types.flatMap((type, i) => (type === 'ACTS' ? [i] : []));
    const [a, b] = [actions[0]!, actions[1]!];
    assert.is(parts[a]!.length, parts[b]!.length);
    const swapped = parts.map((part, i) => (i === a ? parts[b]! : i === b ? parts[a]! : part));
    assert.is(codeOf(joined(swapped)), 'EPISODE_CORRUPT');
    assert.is(codeOf(joined(parts.filter((_, i) => i !== a))), 'EPISODE_CORRUPT');
    assert.is(codeOf(joined(parts.flatMap((part, i) => (i === a ? [part, part] : [part])))), 'EPISODE_CORRUPT');
    const head = partsOf(bytes)[0]!.payload.toString();
    const other = chunk('HEAD', Buffer.from(head.replace('"policy":null', '"policy":"another"')));
    assert.is.not(other.length, parts[0]!.length);
    assert.is(codeOf(joined([other, ...parts.slice(1)])), 'EPISODE_CORRUPT');
  }));

test('a file of version 1, whose parts are not linked, can be read', () =>
  inFolder(async (folder) => {
    const bytes = readFileSync(await smallFile(folder));
    const parts = partsOf(bytes).map(({ type, payload }) => {
      const text = payload.toString('latin1').replace('"version":2', '"version":1');
      return chunk(type as 'HEAD', type === 'HEAD' ? Buffer.from(text, 'latin1') : payload);
    });
    const file = parseEpisodes(Buffer.concat([bytes.subarray(0, 8), ...parts]), 'file');
    assert.is(file.header.version, 1);
    assert.is(file.episodes.length, 3);
    assert.ok((await verifyEpisodes(file)).ok);
  }));

test('paths that are no files are refused at once', () =>
  inFolder(async (folder) => {
    assert.is((await refusal(() => readEpisodes(join(folder, 'none')))).code, 'FILE_NOT_FOUND');
    assert.is((await refusal(() => readEpisodes(folder))).code, 'FILE_NOT_READABLE');
    assert.is((await refusal(() => readEpisodes('/dev/zero'))).code, 'FILE_NOT_READABLE');
  }));

test.run();
