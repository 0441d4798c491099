// What a person played is simulated again, compared and appended; nothing that is no episode is written.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import type { Json } from '../../src/core/json.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { CHUNK_HEADER, SIGNATURE } from '../../src/episode/format.js';
import { type Episode, RecordEpisode, readEpisodes, verifyEpisodes } from '../../src/episode/index.js';
import { chunk, headerBytes } from '../../src/episode/writer.js';
import { EpisodeKeeper } from '../../src/play/keeper.js';
import type { KeptEpisode, PlayedEpisode } from '../../src/play/protocol.js';
import { makeFromSpec, resolveEnv, spec as specOf, withWrappers } from '../../src/registration/index.js';
import { rejectsWith } from '../support/misuse.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const root = temporaryFolder();
const open = async (path: string, spec: EnvSpec): Promise<EpisodeKeeper> =>
  EpisodeKeeper.open(path, spec, await makeFromSpec(spec));

/** An episode as a page would play it: the same actions over and over, to the end or for so many steps. */
async function played(spec: EnvSpec, seed: number, actions: readonly Json[], steps = 1000): Promise<PlayedEpisode> {
  const env = await makeFromSpec(spec);
  let episode: Episode | null = null;
  const recorder = new RecordEpisode(env, { onEpisode: (one) => (episode = one) });
  recorder.reset({ seed });
  const given: Json[] = [];
  for (let k = 0; k < steps && episode === null; k++) {
    given.push(actions[k % actions.length]!);
    recorder.step(env.actionSpace.valueFromJSON(given[k]!));
  }
  recorder.flush();
  return { seed, actions: given, hashes: [...episode!.hashes!] };
}

const cartPole = specOf('CartPole-v1');
const pushes = await played(cartPole, 3, [1, 1, 0]);

test('episodes are appended to one file, which is whole after each, over several sittings', async () => {
  const path = join(root, 'deep', 'folder', 'a.episode');
  const keeper = await open(path, cartPole);
  assert.is(keeper.episodes, 0);
  assert.not(existsSync(path), 'there is no file before the first episode');
  const first = await keeper.keep(pushes);
  assert.is(first.same, true);
  assert.is(first.firstDifference, null);
  assert.equal([first.index, first.seed, first.steps, first.ended], [0, 3, pushes.actions.length, 'terminated']);
  assert.ok((await verifyEpisodes(path)).ok);
  const again = await open(path, cartPole);
  assert.is(again.episodes, 1);
  const cut = await again.keep(await played(cartPole, 4, [0, 1], 5));
  assert.equal([cut.index, cut.ended, cut.same, again.episodes], [1, 'cut', true, 2]);
  const { episodes, header } = await readEpisodes(path);
  assert.equal(
    episodes.map(({ seed, terminated, truncated }) => [seed, terminated, truncated]),
    [
      [3, true, false],
      [4, false, false],
    ],
  );
  assert.ok(episodes[0]!.observations !== null && episodes[0]!.rewards !== null);
  assert.is(header.policy, 'a person');
  assert.ok((await verifyEpisodes(path)).ok);
});

test('episodes that come at once are kept one after the other', async () => {
  const path = join(root, 'b.episode');
  const keeper = await open(path, cartPole);
  const kept = await Promise.all([
    keeper.keep(pushes),
    keeper.keep({ nothing: 1 }).catch(() => null),
    keeper.keep(pushes),
  ]);
  assert.equal(
    kept.map((one) => (one as KeptEpisode | null)?.index),
    [0, undefined, 1],
  );
  assert.is((await verifyEpisodes(path)).episodes.length, 2);
});

test('where the page simulated otherwise, the first step is named and the file has what Node simulated', async () => {
  const path = join(root, 'c.episode');
  const keeper = await open(path, cartPole);
  const hashes = [...pushes.hashes];
  hashes[4]! ^= 1;
  const other = await keeper.keep({ ...pushes, hashes });
  assert.equal([other.same, other.firstDifference, other.ended], [false, 4, 'terminated']);
  assert.match(other.message, /parts from the page's at step 4 .*the file has Node's/);
  // The page went on after Node's episode had ended, and the other way round.
  const longer = { seed: 3, actions: [...pushes.actions, 0, 0], hashes: [...pushes.hashes, 1, 2] };
  assert.equal(
    [(await keeper.keep(longer)).firstDifference, (await keeper.keep(longer)).steps],
    [pushes.hashes.length, pushes.actions.length],
  );
  const verification = await verifyEpisodes(path);
  assert.ok(verification.ok);
  assert.is(verification.episodes.length, 3);
});

test('what is no episode of the env is refused, and nothing is written', async () => {
  const path = join(root, 'd.episode');
  const keeper = await open(path, cartPole);
  await keeper.keep(pushes);
  const before = readFileSync(path);
  const rows: readonly [string, unknown, string | RegExp][] = [
    ['null', null, 'it:'],
    ['a text', 'episode', 'it:'],
    ['an empty object', {}, 'seed'],
    ['another field', { ...pushes, file: '/etc/passwd' }, 'file'],
    ['no actions', { seed: 1, actions: [], hashes: [1] }, 'actions'],
    ['a seed with a fraction', { ...pushes, seed: 0.5 }, 'seed'],
    ['a negative seed', { ...pushes, seed: -1 }, 'seed'],
    ['a seed beyond 2^53', { ...pushes, seed: 2 ** 60 }, 'seed'],
    ['two hashes too few', { ...pushes, hashes: pushes.hashes.slice(2) }, 'hashes'],
    ['a hash that is none', { ...pushes, hashes: pushes.hashes.map(() => -1) }, 'hashes.0'],
    ['an action outside the space', { ...pushes, actions: pushes.actions.map(() => 2) }, 'action 1 is not in'],
    [
      'a last action that is a text',
      { ...pushes, actions: [...pushes.actions.slice(1), 'left'] },
      `action ${pushes.actions.length} `,
    ],
    ['an action that is an object', { ...pushes, actions: pushes.actions.map(() => ({})) }, 'action 1'],
    ['too many steps', { seed: 1, actions: new Array(100_001).fill(0), hashes: new Array(100_002).fill(0) }, 'actions'],
  ];
  for (const [what, given, says] of rows) {
    await rejectsWith(() => keeper.keep(given), {
      code: 'INVALID_EPISODE',
      kind: 'usage',
      says: ['nothing was written', says],
    });
    assert.ok(before.equals(readFileSync(path)), what);
  }
  assert.is(keeper.episodes, 1);
});

test('a file of something else is not appended to, and stays as it is', async () => {
  const path = join(root, 'e.episode');
  await (await open(path, cartPole)).keep(pushes);
  const before = readFileSync(path);
  const code = 'CANNOT_APPEND';
  await rejectsWith(() => open(path, specOf('Acrobot-v1')), {
    code,
    kind: 'usage',
    says: ['episodes of CartPole-v1', '--out'],
  });
  const kwargs = { suttonBartoReward: true };
  await rejectsWith(() => open(path, { ...cartPole, kwargs }), { code, says: ['suttonBartoReward'] });
  const wrapped = withWrappers(cartPole, ['TimeAwareObservation']);
  await rejectsWith(() => open(path, wrapped), { code, says: ['TimeAwareObservation'] });
  // A file of the version before, whose chunks are not linked: appending would begin it anew.
  const older = join(root, 'older.episode');
  const env = await makeFromSpec(cartPole);
  const head = headerBytes({ spec: cartPole, observationSpace: env.observationSpace, actionSpace: env.actionSpace });
  const json = Buffer.from(head.subarray(SIGNATURE.length + CHUNK_HEADER, -4))
    .toString('utf8')
    .replace('"version":2', '"version":1');
  const parts = [SIGNATURE, chunk('HEAD', Buffer.from(json)), chunk('DONE', new Uint8Array(4))];
  writeFileSync(older, Buffer.concat(parts));
  await rejectsWith(() => open(older, cartPole), { code, says: ['version 1'] });
  assert.ok(before.equals(readFileSync(path)));
  const notes = join(root, 'notes.episode');
  writeFileSync(notes, 'my notes');
  await rejectsWith(() => open(notes, cartPole), { code: 'NOT_AN_EPISODE_FILE' });
  const damaged = join(root, 'damaged.episode');
  const bytes = Buffer.from(before);
  bytes[bytes.length - 40]! ^= 1;
  writeFileSync(damaged, bytes);
  await rejectsWith(() => open(damaged, cartPole), { code: 'EPISODE_CORRUPT' });
  assert.is(readFileSync(notes, 'utf8'), 'my notes');
  mkdirSync(join(root, 'folder.episode'));
  await rejectsWith(() => open(join(root, 'notes.episode', 'x.episode'), cartPole), { code: 'NOT_WRITABLE' });
});

test('a file whose writer died is gone on with', async () => {
  const path = join(root, 'f.episode');
  const keeper = await open(path, cartPole);
  await keeper.keep(pushes);
  const whole = readFileSync(path).length;
  await keeper.keep(pushes);
  // As if the second episode had only half reached the disk.
  writeFileSync(path, readFileSync(path).subarray(0, whole + 40));
  const after = await open(path, cartPole);
  assert.is(after.episodes, 1);
  assert.is((await after.keep(pushes)).index, 1);
  const verification = await verifyEpisodes(path);
  assert.ok(verification.ok && verification.complete && verification.episodes.length === 2);
});

test('a file that another program changed meanwhile is looked at before it is appended to', async () => {
  const path = join(root, 'j.episode');
  const keeper = await open(path, cartPole);
  await keeper.keep(pushes);
  // Another sitting appended: its episode stays.
  await (await open(path, cartPole)).keep(pushes);
  assert.is((await keeper.keep(pushes)).index, 2);
  const whole = readFileSync(path);
  writeFileSync(path, 'my notes');
  await rejectsWith(() => keeper.keep(pushes), { code: 'NOT_AN_EPISODE_FILE' });
  assert.is(readFileSync(path, 'utf8'), 'my notes');
  writeFileSync(path, whole);
  assert.is((await keeper.keep(pushes)).index, 3);
  rmSync(path);
  assert.is((await keeper.keep(pushes)).index, 0, 'a file that was taken away is begun anew');
  assert.ok((await verifyEpisodes(path)).ok);
});

test('wrappers that carry something from episode to episode begin each anew, as the page does', async () => {
  const spec = withWrappers(cartPole, [
    { name: 'StickyAction', kwargs: { repeatActionProbability: 0.4 } },
    'NormalizeObservation',
  ]);
  const path = join(root, 'g.episode');
  const keeper = await open(path, spec);
  for (const seed of [1, 2, 3]) assert.is((await keeper.keep(await played(spec, seed, [0, 1]))).same, true);
  assert.ok((await verifyEpisodes(path)).ok);
});

test('an env that fails is kept with its failure; a nondeterministic one is refused', async () => {
  const failing = await resolveEnv('./test/fixtures/envs/check-faults.ts:ThrowsLate', { cwd: projectRoot });
  const path = join(root, 'h.episode');
  const keeper = await open(path, failing);
  const kept = await keeper.keep({ seed: 1, actions: new Array(90).fill(1), hashes: new Array(91).fill(0) });
  assert.is(kept.ended, 'failed');
  assert.match(kept.message, /the env failed: /);
  assert.ok((await verifyEpisodes(path)).episodes[0]!.failure?.reproduced);
  // As a page sends it: the action that failed is the last, without a hash.
  const failed = await played(failing, 1, [1], 76);
  const same = await keeper.keep({ ...failed, actions: [...failed.actions, 1] });
  assert.equal([same.same, same.ended, same.steps], [true, 'failed', 76]);
  assert.match(same.message, /the same 76 steps, and the env failed as in the page: .*no segment 77/);
  const wild = await resolveEnv('./test/fixtures/envs/wild.ts:Wild-v0', { cwd: projectRoot });
  await rejectsWith(() => open(join(root, 'i.episode'), wild), { code: 'PLAY_NONDETERMINISTIC', kind: 'usage' });
});

test.run();
