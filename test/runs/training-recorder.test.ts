/** Episodes recorded while a run trains: the right ones, verified, the same for any workers and through a kill. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pictureOf } from '../../agents/common/problem.js';
import type { PpoConfig } from '../../agents/ppo/config.js';
import {
  episodeInfo,
  evaluate,
  exportEpisodes,
  loadPolicy,
  readEpisodes,
  registry,
  resume,
  train,
  verifyEpisodes,
} from '../../src/index.js';
import { constructEnv } from '../../src/registration/index.js';
import { readJsonl } from '../../src/runs/metrics.js';
import { chooseEpisodes, parseRecordChoice } from '../../src/runs/training-recorder.js';
import { rejectsWith, throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';

const root = temporaryFolder();
const SMALL: Partial<PpoConfig> = {
  numEnvs: 6,
  numSteps: 40,
  hidden: [8],
  numMinibatches: 2,
  updateEpochs: 1,
  totalSteps: 6 * 40 * 10,
};
const file = (runDir: string, name: string): string => join(runDir, 'episodes', `${name}.episode`);

test('what is recorded is what was asked for', () => {
  const state = { episodes: 0, best: null, worst: null };
  const choice = parseRecordChoice('best, worst,every:3');
  assert.equal(choice, { best: true, worst: true, every: 3 });
  const first = chooseEpisodes(choice, state, [1, 5, 5, -2]);
  assert.equal(
    [...first.chosen],
    [
      [0, ['training']],
      [3, ['training', 'worst']],
      [1, ['best']],
    ],
  );
  assert.equal(first.state, { episodes: 4, best: 5, worst: -2 });
  const second = chooseEpisodes(choice, first.state, [5, -2, 4, 6]);
  assert.equal(
    [...second.chosen],
    [
      [2, ['training']],
      [3, ['best']],
    ],
  );
  assert.equal(second.state, { episodes: 8, best: 6, worst: -2 });
  assert.equal([...chooseEpisodes(parseRecordChoice('all'), state, [1, 1]).chosen.keys()], [0, 1]);
  assert.equal([...chooseEpisodes(choice, first.state, []).chosen], []);
  for (const bad of ['', 'bst', 'every', 'every:0', 'every:-1', 'every:1.5', 'all,', 'every:x']) {
    throwsError(() => parseRecordChoice(bad), { code: 'INVALID_OPTION', kind: 'usage', says: ['every:N'] });
  }
});

test('every training episode is recorded, is verified, and has the return that the run saw; recording changes no result', async () => {
  const runDir = join(root, 'all');
  const plain = await train({ env: 'CartPole-v1', config: SMALL, runDir: join(root, 'plain') });
  const recorded = await train({
    env: 'CartPole-v1',
    config: SMALL,
    runDir,
    recordEpisodes: 'all,best,worst',
    recordObservations: true,
  });
  assert.is(recorded.parametersHash, plain.parametersHash);
  assert.is(
    readFileSync(join(runDir, 'metrics.jsonl'), 'utf8'),
    readFileSync(join(root, 'plain', 'metrics.jsonl'), 'utf8'),
  );
  const { episodes, complete } = await readEpisodes(file(runDir, 'training'));
  assert.ok(complete && episodes.length > 50, `${episodes.length} episodes`);
  const verification = await verifyEpisodes(file(runDir, 'training'));
  assert.ok(verification.ok);
  assert.is(verification.episodes.length, episodes.length);
  // The mean over the last hundred is the run's own figure.
  const last = episodes.slice(-100).map((episode) => episode.return);
  const { 'charts/episodic_return': reported } = readJsonl(join(runDir, 'metrics.jsonl')).at(-1)!;
  assert.ok(Math.abs(last.reduce((a, b) => a + b, 0) / last.length - (reported as number)) < 1e-9);
  assert.ok(
    episodes.every(({ origin }) => origin !== undefined && origin.env < 6 && origin.steps === origin.iteration * 240),
  );
  assert.ok(episodes.some(({ observations }) => observations !== null));
  const returns = episodes.map((episode) => episode.return);
  const [best] = (await readEpisodes(file(runDir, 'best'))).episodes;
  const [worst] = (await readEpisodes(file(runDir, 'worst'))).episodes;
  assert.is(best!.return, Math.max(...returns));
  assert.is(worst!.return, Math.min(...returns));
  assert.ok((await verifyEpisodes(file(runDir, 'best'))).ok);
});

for (const id of registry.keys()) {
  test(`episodes of ${id} in training are verified, the same for 1 and 3 workers`, async () => {
    // Short episodes: every env ends some, and begins others in one iteration that end in the next.
    const spec = registry.get(id)!;
    const env = { ...spec, maxEpisodeSteps: Math.min(spec.maxEpisodeSteps ?? 70, 70) };
    const { observationSpace } = await constructEnv(env);
    const config: Partial<PpoConfig> = {
      ...SMALL,
      totalSteps: 6 * 40 * 2,
      sequenceLength: 8,
      ...(pictureOf(observationSpace) !== null && { encoder: 'small-cnn' }),
    };
    const bytes: string[] = [];
    for (const workers of [1, 3]) {
      const runDir = join(root, `${id}-${workers}`);
      await train({ env, config, runDir, workers, recordEpisodes: 'every:2,best' });
      for (const name of ['best', 'training']) {
        const verification = await verifyEpisodes(file(runDir, name));
        assert.ok(verification.ok, JSON.stringify(verification.episodes.find(({ ok }) => !ok)));
        bytes.push(readFileSync(file(runDir, name), 'base64'));
      }
    }
    assert.ok(bytes[0] === bytes[2] && bytes[1] === bytes[3], 'the same episodes for 1 and 3 workers');
  });
}

test('wrappers with a state across episodes are recorded with it', async () => {
  const runDir = join(root, 'wrapped');
  await train({
    env: 'CartPole-v1',
    wrappers: ['NormalizeObservation', { name: 'StickyAction', kwargs: { repeatActionProbability: 0.3 } }],
    config: SMALL,
    runDir,
    recordEpisodes: 'all',
  });
  const verification = await verifyEpisodes(file(runDir, 'training'));
  assert.ok(verification.ok && verification.episodes.length > 30);
});

test('continuous and discrete actions of several numbers are recorded as the env got them', async () => {
  const runDir = join(root, 'pendulum');
  await train({
    env: 'Pendulum-v1',
    config: { ...SMALL, totalSteps: 6 * 40 * 12, logStdInit: 2 },
    runDir,
    recordEpisodes: 'all',
  });
  const { episodes } = await readEpisodes(file(runDir, 'training'));
  assert.is(episodes.length, 12);
  assert.ok((await verifyEpisodes(file(runDir, 'training'))).ok);
  assert.ok(episodes.every(({ truncated, steps }) => truncated && steps === 200));
});

test('a run that was stopped, or whose recorder was killed in the middle of an episode, records the bytes of one that was not', async () => {
  const whole = join(root, 'whole');
  const options = {
    env: 'CartPole-v1',
    config: { ...SMALL, totalSteps: 6 * 40 * 40 },
    recordEpisodes: 'every:3,best,worst',
    recordPolicyOutputs: true,
    checkpointEvery: 3,
  };
  await train({ ...options, runDir: whole });
  const names = ['training', 'best', 'worst'];
  const expected = names.map((name) => readFileSync(file(whole, name), 'base64'));
  for (const damage of ['none', 'torn', 'far ahead', 'gone'] as const) {
    const runDir = join(root, `stopped-${damage.replace(' ', '-')}`);
    const stop = new AbortController();
    let iterations = 0;
    await train({
      ...options,
      runDir,
      signal: stop.signal,
      onIteration: () => void (++iterations === 17 && stop.abort()),
    });
    const path = file(runDir, 'training');
    // A killed recorder leaves no end mark, half an episode, or episodes from after the checkpoint.
    if (damage === 'torn') truncateSync(path, readFileSync(path).length - 100);
    if (damage === 'far ahead') copyFileSync(file(whole, 'training'), path);
    if (damage === 'gone') writeFileSync(path, '');
    await resume(runDir, { workers: 2 });
    const got = names.map((name) => readFileSync(file(runDir, name), 'base64'));
    // What was lost or torn away of episodes before the checkpoint does not come back, the rest goes on.
    if (damage === 'none' || damage === 'far ahead') assert.equal(got, expected, damage);
    else {
      assert.equal(got.slice(1), expected.slice(1), damage);
      assert.ok((await verifyEpisodes(path)).ok, damage);
    }
  }
});

test('an episode whose recording would not be what was trained on is an error, not a file', async () => {
  const folder = join(root, 'cheat');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'cheat.ts'),
    `import { Box, Discrete, Env } from 'gymkhana';
let resets = 0;
export class Cheat extends Env {
  observationSpace = new Box(-1, 1, { shape: [1] });
  actionSpace = new Discrete(2);
  #left = 0;
  reset(options = {}) { super.reset(options); this.#left = 3 + (resets++ % 5); return { observation: new Float32Array(1), info: {} }; }
  step() { return { observation: new Float32Array(1), reward: 1, terminated: --this.#left <= 0, truncated: false, info: {} }; }
}
`,
  );
  await rejectsWith(
    () =>
      train({
        env: './cheat.ts:Cheat',
        cwd: folder,
        config: SMALL,
        runDir: join(folder, 'run'),
        recordEpisodes: 'all',
      }),
    {
      code: 'REPLAY_DIFFERS',
      says: ['did not come out as it was', 'nondeterministic'],
    },
  );
});

test('an evaluation records its best, its worst and every Nth, with the returns that it reports', async () => {
  const runDir = join(root, 'all');
  const plain = await evaluate(runDir, { episodes: 12, seed: 5 });
  assert.equal(plain.recorded, []);
  const result = await evaluate(runDir, { episodes: 12, seed: 5, recordEpisodes: 'best,worst,every:5' });
  assert.equal(result.returns, plain.returns);
  assert.equal(
    result.recorded,
    ['-best', '-worst', ''].map((end) => file(runDir, `eval-seed5${end}`)),
  );
  const returns: number[][] = [];
  for (const path of result.recorded) {
    assert.ok((await verifyEpisodes(path)).ok);
    returns.push((await readEpisodes(path)).episodes.map((episode) => episode.return));
  }
  const all = result.returns;
  assert.equal(returns, [[Math.max(...all)], [Math.min(...all)], [all[0], all[5], all[10]]]);
  const loaded = await loadPolicy(runDir);
  await rejectsWith(() => evaluate(loaded, { recordEpisodes: 'all' }), {
    code: 'INVALID_OPTION',
    says: ['recordFolder'],
  });
  const elsewhere = await evaluate(loaded, {
    episodes: 2,
    recordEpisodes: 'all',
    recordFolder: join(root, 'elsewhere'),
  });
  assert.equal(elsewhere.recorded, [join(root, 'elsewhere', 'eval-seed0.episode')]);
});

const f32 = Math.fround;

/** Small steps of learning: the policy at the end of such a run is the one that acted in all of it. */
const FROZEN: Partial<PpoConfig> = { ...SMALL, learningRate: 1e-30, totalSteps: 6 * 40 * 12 };

for (const [env, workers] of [
  ['CartPole-v1', 1],
  ['CartPole-v1', 3],
  ['Pendulum-v1', 2],
] as const) {
  test(`the policy's outputs of training episodes are those that it acted with: ${env}, ${workers} workers`, async () => {
    const runDir = join(root, `outputs-${env}-${workers}`);
    const recording = { recordEpisodes: 'all', recordObservations: true, recordPolicyOutputs: true };
    await train({ env, config: { ...FROZEN, normObs: false }, runDir, workers, ...recording });
    const { policy } = await loadPolicy(runDir);
    const { episodes } = await readEpisodes(file(runDir, 'training'));
    assert.ok(episodes.some(({ steps, origin }) => origin!.iteration > 1 && steps > 40) && episodes.length >= 12);
    for (const { policyOutputs, observations, actions, steps } of episodes) {
      assert.equal(policyOutputs!.names, ['value', 'logProb']);
      assert.is(policyOutputs!.values.length, 2 * steps);
      for (let step = 0; step < steps; step++) {
        const { outputs } = policy.predictWithOutputs(observations!.at(step));
        const [value, logProb] = policyOutputs!.values.subarray(2 * step);
        assert.is(value, outputs[0]);
        if (env !== 'CartPole-v1') continue;
        const [, , left, right] = outputs;
        const chosen = Number(actions.at(step)) === 0 ? left! : right!;
        const expected = chosen - Math.log(Math.exp(left!) + Math.exp(right!));
        assert.ok(Math.abs(logProb! - expected) < 1e-5, `${logProb} and ${expected}`);
      }
    }
  });
}

test('an evaluation keeps value, log-probability and logits or means, and its episodes are the same without', async () => {
  for (const env of ['CartPole-v1', 'Pendulum-v1'] as const) {
    const runDir = join(root, `outputs-eval-${env}`);
    await train({ env, config: SMALL, runDir });
    const plain = (await evaluate(runDir, { episodes: 2, recordEpisodes: 'all' })).recorded[0]!;
    const before = await readEpisodes(plain);
    assert.ok(before.episodes.every(({ policyOutputs }) => policyOutputs === undefined));
    const recording = { recordEpisodes: 'all', recordObservations: true, recordPolicyOutputs: true };
    const [path] = (await evaluate(runDir, { episodes: 2, ...recording })).recorded;
    const { episodes } = await readEpisodes(path!);
    assert.equal(
      episodes.map(({ hashes }) => hashes),
      before.episodes.map(({ hashes }) => hashes),
    );
    assert.ok((await verifyEpisodes(path!)).ok);
    const { policy } = await loadPolicy(runDir);
    for (const { policyOutputs, observations, actions, steps } of episodes) {
      const { names, values } = policyOutputs!;
      assert.equal(names, policy.outputNames);
      assert.equal(
        names,
        env === 'CartPole-v1' ? ['value', 'logProb', 'logits.0', 'logits.1'] : ['value', 'logProb', 'mean.0'],
      );
      for (let step = 0; step < steps; step++) {
        const row = values.subarray(step * names.length, (step + 1) * names.length);
        assert.equal(row, policy.predictWithOutputs(observations!.at(step)).outputs);
        if (env === 'CartPole-v1') {
          const greedy = row[2]! >= row[3]! ? 0 : 1;
          assert.is(actions.at(step), greedy);
          const expected = row[2 + greedy]! - Math.log(Math.exp(row[2]!) + Math.exp(row[3]!));
          assert.ok(Math.abs(row[1]! - expected) < 1e-5);
        } else {
          const clipped = Math.max(-2, Math.min(2, row[2]!));
          assert.ok(Math.abs((actions.at(step) as Float32Array)[0]! - f32(clipped)) < 1e-5);
        }
      }
    }
    const table = await exportEpisodes(path!, { format: 'jsonl', out: join(runDir, 'table.jsonl') });
    const rows = readFileSync(table.path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { names, values } = episodes[0]!.policyOutputs!;
    for (const [k, name] of names.entries()) assert.is(f32(rows[1][`policy.${name}`]), values[names.length + k]);
    const info = await episodeInfo(path!);
    assert.equal(
      info.episodes[0]!.columns.slice(-names.length),
      names.map((name) => `policy.${name}`),
    );
  }
});

test('mistakes are told before anything is trained', async () => {
  const runDir = join(root, 'never');
  await rejectsWith(() => train({ env: 'CartPole-v1', runDir, recordEpisodes: 'often' }), {
    code: 'INVALID_OPTION',
    says: ['every:N'],
  });
  await rejectsWith(() => train({ env: 'CartPole-v1', runDir, recordPolicyOutputs: true }), {
    code: 'INVALID_OPTION',
    says: ['recordPolicyOutputs needs recordEpisodes'],
  });
  await rejectsWith(() => train({ env: 'CartPole-v1', runDir, recordObservations: true }), {
    code: 'INVALID_OPTION',
    says: ['recordEpisodes'],
  });
  assert.not(existsSync(runDir));
});

test.run();
