// `replay view` of a file, a run and an env: which episodes, from where, and that nothing is left behind.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEpisodes } from '../../src/episode/index.js';
import { evaluate, recordRun, train, verifyEpisodes } from '../../src/index.js';
import { episodesToView } from '../../src/runs/episodes-to-view.js';
import { run as runCommand } from '../support/command.js';
import { rejectsWith } from '../support/misuse.js';
import { pageDataOf } from '../support/page-data.js';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

const root = temporaryFolder();
const SMALL = { totalSteps: 1024, numEnvs: 4, numSteps: 128, numMinibatches: 2, updateEpochs: 1 };
const runDir = join(root, 'run');
const trained = train({ env: 'CartPole-v1', config: SMALL, runDir, recordEpisodes: 'all,best' });
async function returnsOf(path: string): Promise<number[]> {
  return (await readEpisodes(path)).episodes.map((episode) => episode.return);
}

test("a run's best recorded episodes come first, from the file that has the best one", async () => {
  await trained;
  const viewed = await episodesToView(runDir);
  assert.is(viewed.source, 'run');
  assert.is(dirname(viewed.path), join(runDir, 'episodes'));
  const all = await returnsOf(viewed.path);
  const shown = viewed.episodes!.map((index) => all[index]!);
  assert.is(shown[0], Math.max(...(await returnsOf(join(runDir, 'episodes', 'training.episode')))));
  assert.equal(shown, [...all].sort((a, b) => b - a).slice(0, shown.length));
  const before = readdirSync(join(runDir, 'episodes'));
  viewed.dispose();
  assert.equal(readdirSync(join(runDir, 'episodes')), before, 'recorded episodes stay');
  // One file with several episodes: three of them, the best first.
  const training = await episodesToView(join(runDir, 'episodes', 'training.episode'), { episodes: 3 });
  const each = await returnsOf(training.path);
  assert.equal(
    training.episodes!.map((index) => each[index]!),
    [...each].sort((a, b) => b - a).slice(0, 3),
  );
});

test('a run without recorded episodes plays some: those of an evaluation, in a file that goes again', async () => {
  await trained;
  const bare = join(root, 'bare');
  await train({ env: 'CartPole-v1', config: SMALL, runDir: bare });
  const viewed = await episodesToView(bare, { episodes: 4, seed: 7 });
  assert.is(viewed.source, 'run');
  const evaluated = await evaluate(bare, { episodes: 4, seed: 7 });
  assert.equal(await returnsOf(viewed.path), evaluated.returns);
  assert.ok((await verifyEpisodes(viewed.path)).ok);
  assert.ok(!viewed.path.startsWith(bare));
  viewed.dispose();
  assert.not(existsSync(viewed.path));
  assert.equal(readdirSync(join(bare, 'episodes')), [], 'nothing is written into the run');

  // Asked for a checkpoint or a seed, the policy plays although episodes were recorded.
  const asked = await episodesToView(runDir, { checkpoint: 'last', episodes: 1 });
  assert.not(asked.path.startsWith(runDir));
  asked.dispose();
});

test('of a folder of runs the best is shown; runs of several envs have none', async () => {
  await trained;
  const folder = join(root, 'sweep');
  const summaryOf = (run: string) => join(folder, run, 'summary.json');
  for (const [name, meanReturn] of [
    ['a', 20],
    ['b', 90],
    ['c', null],
    ['d', 90],
  ] as const) {
    cpSync(runDir, join(folder, name), { recursive: true });
    const summary = JSON.parse(readFileSync(summaryOf(name), 'utf8'));
    writeFileSync(summaryOf(name), JSON.stringify({ ...summary, meanReturn }));
  }
  const viewed = await episodesToView(folder);
  assert.equal([viewed.source, viewed.run], ['run', join(folder, 'b')]);
  assert.is(dirname(viewed.path), join(folder, 'b', 'episodes'));
  const config = join(folder, 'c', 'config.json');
  const json = JSON.parse(readFileSync(config, 'utf8'));
  writeFileSync(config, JSON.stringify({ ...json, env: { ...json.env, id: 'Other-v0' } }));
  await rejectsWith(() => episodesToView(folder), {
    code: 'NOTHING_TO_VIEW',
    says: ['CartPole-v1, Other-v0', 'Give one run'],
  });
});

test('an env is played by random actions or a baseline, repeatably', async () => {
  const twice = [await episodesToView('CartPole-v1'), await episodesToView('CartPole-v1')];
  assert.equal(await returnsOf(twice[0]!.path), await returnsOf(twice[1]!.path));
  assert.is((await returnsOf(twice[0]!.path)).length, 3);
  const other = await episodesToView('CartPole-v1', { seed: 50 });
  assert.not.equal(await returnsOf(other.path), await returnsOf(twice[0]!.path));
  const scripted = await episodesToView('CartPole-v1', { policy: 'balance', episodes: 1 });
  assert.equal(await returnsOf(scripted.path), [500]);
  // Masked actions are not drawn, keyword arguments arrive, a baseline that looks into its env can.
  const lake = await episodesToView('FrozenLake-v1', { envKwargs: { isSlippery: false }, policy: 'optimal' });
  assert.equal(await returnsOf(lake.path), [1, 1, 1]);
  assert.is((await readEpisodes(lake.path)).header.spec.kwargs['isSlippery'], false);
  // What cannot be simulated again has its observations in the file.
  const wild = await episodesToView('./test/fixtures/envs/wild.ts:Wild-v0', { cwd: projectRoot, episodes: 1 });
  assert.is((await readEpisodes(wild.path)).episodes[0]!.observations?.length, 31);
  wild.dispose();
  for (const viewed of [...twice, other, scripted, lake]) {
    assert.ok((await verifyEpisodes(viewed.path)).ok);
    viewed.dispose();
    assert.not(existsSync(dirname(viewed.path)));
  }
});

test('the command writes pages that name what they show', async () => {
  await trained;
  const folder = temporaryFolder();
  const cli = join(projectRoot, 'dist', 'src', 'cli', 'main.js');
  const view = (...words: string[]) => runCommand(process.execPath, [cli, 'replay', 'view', ...words], { cwd: folder });
  const [ofEnv, ofRun, ofFile] = await Promise.all([
    view('CartPole-v1', '--episodes', '1', '--json'),
    view(runDir, '--out', 'best.html'),
    view(join(runDir, 'episodes', 'best.episode')),
  ]);
  assert.is(ofEnv.status, 0, ofEnv.stderr);
  assert.is(JSON.parse(ofEnv.stdout).page, 'CartPole-v1.html');
  assert.match(readFileSync(join(folder, 'CartPole-v1.html'), 'utf8'), /Played by random actions\./);
  assert.is(ofRun.status, 0, ofRun.stderr);
  assert.match(ofRun.stdout, /The best recorded episodes of .*run, in .*\.episode\.\nWrote best\.html/);
  // The page of a run holds its policy, to play on with.
  const { policy, episodes } = pageDataOf(readFileSync(join(folder, 'best.html'), 'utf8'));
  assert.is(policy?.name, runDir);
  assert.is(episodes[0]?.values?.length, episodes[0]!.steps + 1);
  assert.is(ofFile.status, 0, ofFile.stderr);
  assert.ok(existsSync(join(runDir, 'episodes', 'best.episode.html')));
});

const empty = join(root, 'empty');
mkdirSync(empty);
writeFileSync(join(root, 'notes.txt'), 'no episodes');
const usage = 'usage' as const;
for (const [target, options, code, says, kind] of [
  ['nothing-of-this-name', {}, 'NOTHING_TO_VIEW', 'no file or folder nothing-of-this-name', usage],
  ['CartPol-v1', {}, 'NOTHING_TO_VIEW', "Did you mean 'CartPole-v1'?", usage],
  [empty, {}, 'NOTHING_TO_VIEW', 'a folder without a run in it', usage],
  [join(root, 'gone.episode'), {}, 'FILE_NOT_FOUND', 'gone.episode', usage],
  ['./gone.ts:Env', {}, 'MODULE_NOT_FOUND', 'gone.ts', usage],
  ['CartPole-v1', { policy: 'balanc' }, 'POLICY_NOT_FOUND', "Did you mean 'balance'?", usage],
  ['CartPole-v1', { episodes: 0 }, 'INVALID_OPTION', 'a whole number from 1', usage],
  ['CartPole-v1', { envKwargs: { speed: 2 } }, 'UNKNOWN_ENV_OPTION', 'speed', usage],
] as const) {
  test(`${code}: view of ${target} ${JSON.stringify(options)}`, async () => {
    await rejectsWith(() => episodesToView(target, options), { code, kind, says: [says] });
  });
}

test('a recording cut short still shows; an unfinished run says what is missing', async () => {
  await trained;
  const cut = join(root, 'cut.episode');
  await recordRun(runDir, { episodes: 2, path: cut });
  writeFileSync(cut, readFileSync(cut).subarray(0, -20));
  assert.equal((await episodesToView(cut, { episodes: 2 })).episodes?.length, 2);
  const unfinished = join(root, 'unfinished');
  mkdirSync(unfinished);
  writeFileSync(join(unfinished, 'config.json'), readFileSync(join(runDir, 'config.json')));
  await rejectsWith(() => episodesToView(unfinished), { code: 'CHECKPOINT_NOT_FOUND' });
});

test.run();
