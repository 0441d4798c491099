/** What every env must keep, as tests that run for any spec: `envContract(spec)` adds them to the file's suite. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EnvDocs } from '../../src/core/docs.js';
import type { Env, StepResult } from '../../src/core/env.js';
import { Generator } from '../../src/core/seeding/generator.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { constructEnv, make } from '../../src/registration/index.js';
import type { Scene } from '../../src/render/scene.js';
import { explainScene } from '../../src/render/validate.js';
import { Box, isPicture } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { rejectsWith, throwsError } from '../support/misuse.js';

type Baselines = Readonly<Record<string, (env: Env) => (observation: unknown) => unknown>>;

const STEPS = 400;

/** Everything that an env says during `STEPS` steps of random actions, with resets where episodes end. */
function transcript(env: Env, actionSeed: number): string[] {
  env.actionSpace.seed(actionSeed);
  const lines: string[] = [JSON.stringify(plain(env.reset({ seed: 11 })))];
  for (let k = 0; k < STEPS; k++) {
    const result = env.step(env.actionSpace.sample());
    lines.push(JSON.stringify(plain(result)));
    if (result.terminated) lines.push(JSON.stringify(plain(env.reset())));
  }
  return lines;
}

function plain({ observation, ...rest }: { observation: unknown }): unknown {
  return { ...rest, observation: plainValue(observation) };
}

/** An observation as a plain value of its own: numbers stay, arrays are copied as lists. */
function plainValue(observation: unknown): unknown {
  if (ArrayBuffer.isView(observation)) return Array.from(observation as Float32Array);
  return Array.isArray(observation) ? observation.map(plainValue) : observation;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** The bounds of each number of an observation, one for each row of the field table; a picture has none. */
function boundsOf(space: unknown): Bounds[] {
  if (isPicture(space)) return [];
  if (space instanceof Discrete) return [{ low: space.start, high: space.start + space.n - 1 }];
  if (space instanceof Box) {
    const { low, high, size } = space as Box;
    return Array.from({ length: size }, (_, k) => ({ low: low[k]!, high: high[k]! }));
  }
  const { spaces } = space as { readonly spaces?: unknown };
  assert.ok(Array.isArray(spaces), `the contract knows Box, Discrete and Tuple observations, not ${String(space)}`);
  return (spaces as unknown[]).flatMap(boundsOf);
}

/** The number of seeds that a test tries where a task has few starting states. */
const SEEDS = 60;

/** Actions inside the space, at its edges and, for a Box, beyond them. */
function* wildActions(env: Env): Iterable<unknown> {
  const { actionSpace } = env;
  const box = actionSpace instanceof Box ? (actionSpace as Box) : null;
  actionSpace.seed(5);
  for (let k = 0; k < STEPS; k++) {
    if (box === null || k % 3 !== 0) yield actionSpace.sample();
    else yield box.low.map((low, i) => (k % 2 === 0 ? low - 1 : box.high[i]! + 1));
  }
}

function checkFields(env: Env): void {
  const { fields } = env.metadata;
  assert.ok(fields, 'metadata.fields is there');
  const bounds = boundsOf(env.observationSpace);
  const rounded = env.observationSpace instanceof Box ? Math.fround : Number;
  assert.is(fields!.observation.length, bounds.length, 'one row for each number of the observation');
  fields!.observation.forEach((field, k) => {
    assert.is(rounded(field.low), bounds[k]!.low, `${field.name}.low`);
    assert.is(rounded(field.high), bounds[k]!.high, `${field.name}.high`);
  });
  const { actionSpace } = env;
  if (actionSpace instanceof Discrete) {
    const values = fields!.action.map((field) => [field.low, field.high]);
    const expected = Array.from({ length: actionSpace.n }, (_, k) => [actionSpace.start + k, actionSpace.start + k]);
    assert.equal(values, expected, 'one row for each value of the action');
  } else if (actionSpace instanceof Box) {
    assert.equal(
      fields!.action.map((field) => [Math.fround(field.low), Math.fround(field.high)]),
      Array.from({ length: actionSpace.size }, (_, k) => [actionSpace.low[k], actionSpace.high[k]]),
    );
  }
  for (const rows of [fields!.observation, fields!.action, fields!.info ?? []]) {
    assert.is(new Set(rows.map(({ name }) => name)).size, rows.length, 'names are unique');
    for (const { name, unit, about } of rows)
      assert.ok(name !== '' && unit !== '' && /^[A-Z0-9].*\.$/.test(about), about);
  }
  const { info } = env.reset({ seed: 1 });
  for (const { name } of fields!.info ?? []) assert.ok(name in info, `info has ${name}`);
  for (const name of env.metadata.episodeMeasures ?? []) assert.type(info[name], 'number', `info.${name}`);
}

function checkStep(env: Env, result: StepResult<unknown>, where: string): void {
  assert.is(env.observationSpace.explain(result.observation), null, where);
  assert.ok(Number.isFinite(result.reward), `${where}: reward ${result.reward}`);
  assert.type(result.terminated, 'boolean');
  assert.is(result.truncated, false, "time limits are not the env's own");
  assert.type(result.info, 'object');
  checkMask(env, result.info, where);
}

/** An action mask, where there is one, fits the action space and leaves something to do. */
function checkMask(env: Env, { actionMask }: Readonly<Record<string, unknown>>, where: string): void {
  if (actionMask === undefined) return;
  assert.instance(actionMask, Int8Array, where);
  const mask = actionMask as Int8Array;
  if (env.actionSpace instanceof Discrete) assert.is(mask.length, env.actionSpace.n, where);
  assert.ok(mask.includes(1) && mask.every((value) => value === 0 || value === 1), `${where}: mask ${mask.join('')}`);
}

/** Adds the contract's tests for one env; `docs` is what its README says. */
export function envContract(spec: EnvSpec, docs: EnvDocs): void {
  const { id } = spec;
  const build = async (): Promise<Env> => await constructEnv(JSON.parse(JSON.stringify(spec)) as EnvSpec);

  test(`${id}: the field table is the space`, async () => {
    const env = await build();
    checkFields(env);
    assert.match(env.metadata.about ?? '', /^[A-Z].*\.$/);
  });

  test(`${id}: the same seed and actions give the same episode, whatever came before`, async () => {
    const [one, two] = [await build(), await build()];
    const expected = transcript(one, 3);
    for (let k = 0; k < 40; k++) {
      two.reset({ seed: k });
      two.step(two.actionSpace.sample());
    }
    assert.equal(transcript(two, 3), expected);
    assert.equal(transcript(one, 3), expected);
    assert.equal(one.rng.state, two.rng.state);
  });

  test(`${id}: reset({ seed }) seeds, reset() goes on, and a generator's state is all that a reset knows`, async () => {
    const env = await build();
    const observe = (options?: { seed: number }): unknown => plainValue(env.reset(options).observation);
    const first = observe({ seed: 8 });
    const state = env.rng.state;
    const next = observe();
    assert.is.not(env.rng.state.state, state.state, 'reset() draws');
    assert.equal(observe({ seed: 8 }), first);
    const other = await build();
    other.rng = Generator.fromState(state);
    assert.equal(plainValue(other.reset().observation), next);
    const starts = new Set(Array.from({ length: SEEDS }, (_, seed) => String(observe({ seed }))));
    const again = new Set(Array.from({ length: SEEDS }, () => String(observe())));
    if (docs.fixedStart === true) assert.is(starts.size, 1, 'the docs speak of one start');
    else if (docs.starts !== undefined) assert.equal([starts.size, again.size], [docs.starts, docs.starts]);
    else assert.ok(starts.size > SEEDS / 4 && again.size > SEEDS / 4, 'starts differ');
  });

  test(`${id}: observations stay in the space, also for actions beyond the bounds`, async () => {
    const env = await build();
    assert.is(env.observationSpace.explain(env.reset({ seed: 2 }).observation), null);
    let k = 0;
    for (const action of wildActions(env)) {
      const result = env.step(action);
      checkStep(env, result, `step ${++k}`);
      if (result.terminated) env.reset();
    }
  });

  test(`${id}: make() hands out copies and truncates at the limit`, async () => {
    const env = await make(spec, { maxEpisodeSteps: 2 });
    const { observation } = env.reset({ seed: 4 });
    const kept = plainValue(observation);
    const first = env.step(env.actionSpace.sample());
    const was = JSON.stringify(first);
    const second = env.step(env.actionSpace.sample());
    assert.equal(plainValue(observation), kept);
    assert.is(JSON.stringify(first), was, 'a result stays as it was');
    if (typeof observation === 'object') assert.is.not(first.observation, second.observation);
    assert.equal([first.truncated, second.truncated], [false, true]);
    assert.is(env.spec?.maxEpisodeSteps, 2);
  });

  test(`${id}: every frame is a valid scene, and frames share their shapes`, async () => {
    assert.ok((await build()).metadata.renderModes?.includes('scene'));
    const env = await constructEnv(spec, 'scene');
    env.actionSpace.seed(1);
    env.reset({ seed: 1 });
    const shapes = new Set<unknown>();
    let items = 0;
    for (let k = 0; k < 20; k++) {
      const scene = env.render() as Scene;
      assert.is(explainScene(scene), null);
      assert.equal(JSON.parse(JSON.stringify(scene)), scene, 'a scene is plain JSON');
      for (const { shape } of scene.items) shapes.add(shape);
      items += scene.items.length;
      env.step(env.actionSpace.sample());
    }
    assert.ok(shapes.size < items / 4, `${shapes.size} shapes in ${items} items of 20 frames`);
  });

  test(`${id}: the scripted baselines act within the space and are documented`, async () => {
    const env = await build();
    const { baselines = {} } = env.constructor as { baselines?: Baselines };
    assert.equal(Object.keys(baselines), Object.keys(docs.baselines));
    for (const [name, create] of Object.entries(baselines)) {
      const act = create(env);
      let { observation } = env.reset({ seed: 6 });
      for (let k = 0; k < 100; k++) {
        const action = act(observation);
        assert.is(env.actionSpace.explain(action), null, `${name}, step ${k}`);
        const result = env.step(action);
        observation = result.terminated ? env.reset().observation : result.observation;
      }
    }
  });

  test(`${id}: options with other names are refused, documented ones are known`, async () => {
    const names = Object.keys(docs.kwargs);
    const bad = { ...spec, kwargs: { ...spec.kwargs, noSuchOption: 1 } };
    const says = names.length === 0 ? ['It takes none.'] : [`It takes: ${names.join(', ')}.`];
    await rejectsWith(() => constructEnv(bad), { code: 'UNKNOWN_ENV_OPTION', kind: 'usage', says });
    for (const [name, rule] of Object.entries(docs.kwargs)) {
      assert.ok(rule.about, `${name} has a meaning`);
      await constructEnv({ ...spec, kwargs: { [name]: JSON.parse(JSON.stringify(rule.default)) } });
      await rejectsWith(() => constructEnv({ ...spec, kwargs: { [name]: {} } }), {
        code: 'INVALID_ENV_OPTION',
        says: [name],
      });
    }
    const env = await build();
    throwsError(() => env.reset({ options: { noSuchOption: 1 } }), {
      code: 'INVALID_RESET_OPTION',
      says: ['noSuchOption'],
    });
    for (const name of Object.keys(docs.resetOptions)) {
      throwsError(() => env.reset({ options: { [name]: 'x' } }), { code: 'INVALID_RESET_OPTION', says: [name] });
    }
  });

  test(`${id}: closing twice is fine`, async () => {
    const env = await build();
    env.close();
    env.close();
  });
}
