/** The contract of an env as tests: run for a user's own env from its package, under whatever runner it uses. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { checkEnv } from '../check/check-env.js';
import type { Env, StepResult } from '../core/env.js';
import { usageError } from '../core/errors.js';
import { Generator } from '../core/seeding/generator.js';
import type { EnvSpec } from '../core/spec.js';
import { constructEnv, make, makeFromSpec, resolveEnv } from '../registration/index.js';
import type { Scene } from '../render/scene.js';
import { explainScene } from '../render/validate.js';
import { Box, isPicture } from '../spaces/box.js';
import type { Space } from '../spaces/space.js';

/** `test` of `node:test`, uvu, Vitest, Jest or Mocha. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown;

/** The runner's test function, and how long each test plays. */
export interface EnvContractOptions {
  /** The runner's `test`. */
  readonly test: TestFunction;
  /** `import.meta.url` of the test file, against which `./file.ts:EnvId` is read; without it the working folder counts. */
  readonly from?: string | undefined;
  /** Random steps of each test, 400 by default. */
  readonly steps?: number | undefined;
}

type Act = (observation: unknown) => unknown;

/** A value as text that is the same for equal values only. */
function textOf(space: Space, value: unknown): string {
  return JSON.stringify(space.valueToJSON(value));
}

function transcript(env: Env, steps: number): string[] {
  const { observationSpace, actionSpace } = env;
  actionSpace.seed(3);
  const lines = [textOf(observationSpace, env.reset({ seed: 11 }).observation)];
  for (let k = 0; k < steps; k++) {
    const { observation, reward, terminated, truncated } = env.step(actionSpace.sample());
    lines.push(`${textOf(observationSpace, observation)} ${reward} ${terminated} ${truncated}`);
    if (terminated || truncated) lines.push(textOf(observationSpace, env.reset().observation));
  }
  return lines;
}

function checkResult(env: Env, result: StepResult<unknown>, where: string): void {
  assert.equal(env.observationSpace.explain(result.observation), null, where);
  assert.ok(Number.isFinite(result.reward), `${where}: the reward is ${result.reward}`);
  assert.equal(typeof result.terminated, 'boolean', where);
  assert.equal(typeof result.truncated, 'boolean', where);
  assert.equal(typeof result.info, 'object', where);
}

/**
 * Adds the tests of the env contract: the same seed and actions give the same episode in any instance, a generator's state is
 * all that a reset knows, observations stay in the space, results are copies, a snapshot continues exactly, scenes are valid,
 * the field table is the space (a picture needs no rows), scripted baselines act within the space, and `checkEnv` finds no fault.
 *
 * @param reference - an id, `./file.ts:EnvId`, `package:EnvId`, or a spec.
 * @throws `INVALID_OPTION` if `test` is not a function; what is wrong with the env fails a test.
 */
export function envContract(reference: string | EnvSpec, options: EnvContractOptions): void {
  const { test, from, steps = 400 } = options ?? {};
  if (typeof test !== 'function') {
    throw usageError(
      'INVALID_OPTION',
      "envContract needs the runner's test function: envContract('./src/my-env.ts:MyEnv', { test, from: import.meta.url }).",
      { field: 'test', expected: 'a function', got: typeof test },
    );
  }
  const cwd = from === undefined ? process.cwd() : fileURLToPath(new URL('.', from));
  const name = typeof reference === 'string' ? reference : reference.id;
  let found: Promise<EnvSpec> | null = null;
  const spec = async (): Promise<EnvSpec> => {
    found ??= typeof reference === 'string' ? resolveEnv(reference, { cwd }) : Promise.resolve(reference);
    return await found;
  };
  const build = async (): Promise<Env> => await constructEnv(JSON.parse(JSON.stringify(await spec())) as EnvSpec);

  test(`${name}: the same seed and actions give the same episode, whatever came before`, async () => {
    const [one, two] = [await build(), await build()];
    const expected = transcript(one, steps);
    for (let k = 0; k < 20; k++) {
      two.reset({ seed: k });
      two.step(two.actionSpace.sample());
    }
    assert.deepEqual(transcript(two, steps), expected);
    assert.deepEqual(transcript(one, steps), expected);
    assert.deepEqual(one.rng.state, two.rng.state);
  });

  test(`${name}: a generator's state is all that a reset knows`, async () => {
    const [env, other] = [await build(), await build()];
    env.reset({ seed: 7 });
    env.step(env.actionSpace.sample());
    const { state } = env.rng;
    const next = textOf(env.observationSpace, env.reset().observation);
    other.rng = Generator.fromState(state);
    assert.equal(textOf(env.observationSpace, other.reset().observation), next);
  });

  test(`${name}: observations stay in the space, also for actions beyond a Box`, async () => {
    const env = await build();
    const { actionSpace, observationSpace } = env;
    actionSpace.seed(5);
    assert.equal(observationSpace.explain(env.reset({ seed: 2 }).observation), null);
    for (let k = 0; k < steps; k++) {
      const beyond = actionSpace instanceof Box && k % 3 === 0;
      const action = beyond
        ? (actionSpace as Box).high.map((high) => (k % 2 === 0 ? high + 1 : -high - 1))
        : actionSpace.sample();
      const result = env.step(action);
      checkResult(env, result, `step ${k + 1}`);
      if (result.terminated || result.truncated) env.reset();
    }
  });

  test(`${name}: make() hands out copies and truncates at the limit`, async () => {
    const env = await make(await spec(), { maxEpisodeSteps: 2 });
    const { observation } = env.reset({ seed: 4 });
    const kept = textOf(env.observationSpace, observation);
    const first = env.step(env.actionSpace.sample());
    if (!first.terminated) assert.equal(env.step(env.actionSpace.sample()).truncated, true);
    assert.equal(textOf(env.observationSpace, observation), kept);
  });

  test(`${name}: a snapshot in the middle of an episode continues exactly, in place and elsewhere`, async () => {
    if ((await spec()).nondeterministic) return;
    const [env, other] = [await makeFromSpec(await spec()), await makeFromSpec(await spec())];
    env.actionSpace.seed(9);
    let over = false;
    env.reset({ seed: 9 });
    for (let k = 0; k < 5 && !over; k++) {
      const result = env.step(env.actionSpace.sample());
      over = result.terminated || result.truncated;
    }
    if (over) return;
    const snapshot = env.snapshot();
    const actions = Array.from({ length: 10 }, () => env.actionSpace.sample());
    const play = (played: Env): string[] => {
      const lines: string[] = [];
      for (const action of actions) {
        const { observation, reward, terminated, truncated } = played.step(action);
        lines.push(`${textOf(env.observationSpace, observation)} ${reward} ${terminated} ${truncated}`);
        if (terminated || truncated) break;
      }
      return lines;
    };
    const expected = play(env);
    env.restore(snapshot);
    assert.deepEqual(play(env), expected);
    other.restore(JSON.parse(JSON.stringify(snapshot)) as typeof snapshot);
    assert.deepEqual(play(other), expected);
  });

  test(`${name}: the field table is the space`, async () => {
    const env = await build();
    const rows = env.metadata.fields?.observation;
    if (rows === undefined) return;
    const { observationSpace } = env;
    if (observationSpace instanceof Box && !(isPicture(observationSpace) && rows.length === 0)) {
      const box = observationSpace as Box;
      assert.equal(rows.length, box.size, 'one row for each number of the observation');
      for (const [k, row] of rows.entries()) {
        assert.equal(Math.fround(row.low), box.low[k], `${row.name}.low`);
        assert.equal(Math.fround(row.high), box.high[k], `${row.name}.high`);
      }
    }
    assert.equal(new Set(rows.map((row) => row.name)).size, rows.length, 'names are unique');
  });

  test(`${name}: every frame is a valid scene`, async () => {
    if (!(await build()).metadata.renderModes?.includes('scene')) return;
    const env = await constructEnv(await spec(), 'scene');
    env.reset({ seed: 1 });
    for (let k = 0; k < 20; k++) {
      const scene = env.render() as Scene;
      assert.equal(explainScene(scene), null);
      const result = env.step(env.actionSpace.sample());
      if (result.terminated || result.truncated) env.reset();
    }
  });

  test(`${name}: the scripted baselines act within the space`, async () => {
    const env = await build();
    const { baselines = {} } = env.constructor as { baselines?: Readonly<Record<string, (env: Env) => Act>> };
    for (const [title, create] of Object.entries(baselines)) {
      const act = create(env);
      let { observation } = env.reset({ seed: 6 });
      for (let k = 0; k < 100; k++) {
        const action = act(observation);
        assert.equal(env.actionSpace.explain(action), null, `${title}, step ${k + 1}`);
        const result = env.step(action);
        observation = result.terminated || result.truncated ? env.reset().observation : result.observation;
      }
    }
  });

  test(`${name}: closing twice is fine`, async () => {
    const env = await build();
    env.close();
    env.close();
  });

  test(`${name}: checkEnv finds no fault`, async () => {
    const report = await checkEnv(await spec());
    const failed = report.results.filter(({ status }) => status === 'fail');
    assert.deepEqual(
      failed.map((result) => `${result.name}: ${result.message}`),
      [],
    );
  });
}
