// Every wrapper against the traces that Gymnasium 1.4.0 wrote; `meta` in the file says how.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Env } from '../../src/core/env.js';
import type { JsonObject } from '../../src/core/json.js';
import { make, registry } from '../../src/registration/index.js';
import '../../envs/index.js';
import { Box, type Space } from '../../src/spaces/index.js';
import { NormalizeObservation } from '../../src/wrappers/normalize-observation.js';
import type { NormalizeReward } from '../../src/wrappers/normalize-reward.js';
import { builtinWrappers } from '../../src/wrappers/registry.js';
import type { StickyAction } from '../../src/wrappers/sticky-action.js';
import { golden } from '../support/paths.js';

type Nested = number | readonly Nested[];
interface Extra {
  readonly rms?: {
    readonly mean: Nested;
    readonly var: Nested;
    readonly count: number;
    readonly discounted?: readonly number[];
  } | null;
  readonly episode?: { readonly r: number; readonly l: number };
  readonly action_used?: number | null;
}
type Event =
  | readonly ['r', number | null, unknown, Nested, Extra | null]
  | readonly ['s', Nested, Nested, number, boolean, boolean, Extra | null];
interface Case {
  readonly id: string;
  readonly wrapper: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly note: string | null;
  readonly observation_space: { readonly type: string };
  readonly obs_dtype: string;
  readonly events: readonly Event[];
}

const oracle = JSON.parse(readFileSync(golden('wrappers.json'), 'utf8')) as {
  readonly pendulum_max_episode_steps: number;
  readonly cases: readonly Case[];
};

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const flat = (value: Nested): number[] =>
  typeof value === 'number' ? [value] : (Object.values(value).flatMap(flat) as number[]);
const numbers = (value: unknown): number[] =>
  typeof value === 'number' ? [value] : Object.values(value as object).flatMap(numbers);

function actionOf(space: Space, action: Nested): unknown {
  if (!(space instanceof Box)) return action;
  return space.low.slice().map((_: number, i: number) => flat(action)[i]!);
}

/** CartPole is exact; Pendulum's own rewards differ from Gymnasium's in the last places, as the env's test says. */
function near(got: number, expected: number, id: string, what: string): void {
  if (id !== 'Pendulum-v1') assert.is(got, expected, what);
  else
    assert.ok(Math.abs(got - expected) <= 1e-9 * (1 + Math.abs(expected)), `${what}: expected ${expected}, got ${got}`);
}

function checkExtra(id: string, env: Env, extra: Extra | null, info: Record<string, unknown>): void {
  if (extra?.rms) {
    const rms = env instanceof NormalizeObservation ? env.obsRms : (env as NormalizeReward<unknown, unknown>).returnRms;
    flat(extra.rms.mean).forEach((mean, k) => {
      near(rms.mean[k]!, mean, id, 'mean');
    });
    flat(extra.rms.var).forEach((variance, k) => {
      near(rms.var[k]!, variance, id, 'variance');
    });
    assert.is(rms.count, extra.rms.count);
    if (extra.rms.discounted) {
      near(
        (env as NormalizeReward<unknown, unknown>).discountedReward,
        extra.rms.discounted[0]!,
        id,
        'discounted reward',
      );
    }
  }
  if (extra?.episode) {
    const { r, l, t } = info['episode'] as { r: number; l: number; t: number };
    assert.is(l, extra.episode.l);
    near(r, extra.episode.r, id, 'return');
    assert.ok(t >= 0);
  }
  if (extra?.action_used !== undefined)
    assert.is((env as StickyAction<unknown, unknown>).lastAction, extra.action_used);
}

const playable = oracle.cases.filter((one) => registry.has(one.id));

for (const [index, one] of playable.entries()) {
  test(`${one.wrapper} on ${one.id}, ${JSON.stringify(one.kwargs)}, case ${index}: Gymnasium's numbers, exactly`, async () => {
    const limit = one.id === 'Pendulum-v1' ? { maxEpisodeSteps: oracle.pendulum_max_episode_steps } : {};
    const kwargs = Object.fromEntries(
      Object.entries(one.kwargs).map(([key, value]) => [camel(key), value]),
    ) as JsonObject;
    const Class = builtinWrappers[one.wrapper]! as new (env: Env, kwargs: JsonObject) => Env;
    const env = new Class(await make(one.id, limit), kwargs);
    let steps = 0;
    for (const event of one.events) {
      if (event[0] === 'r') {
        const { observation, info } = env.reset(event[1] === null ? {} : { seed: event[1] });
        assert.equal(numbers(observation), flat(event[3]), `reset before step ${steps + 1}`);
        checkExtra(one.id, env, event[4], info);
        continue;
      }
      const [, action, observation, reward, terminated, truncated, extra] = event;
      if (one.note === 'freeze_after_60' && steps === FROZEN_AFTER) {
        (env as NormalizeObservation<unknown>).updateRunningMean = false;
      }
      const result = env.step(actionOf(env.actionSpace, action));
      steps++;
      assert.equal(numbers(result.observation), flat(observation), `observation of step ${steps}`);
      near(result.reward, reward, one.id, `reward of step ${steps}`);
      assert.equal([result.terminated, result.truncated], [terminated, truncated], `flags of step ${steps}`);
      checkExtra(one.id, env, extra, result.info);
    }
    assert.ok(steps > 0);
  });
}

const FROZEN_AFTER = 60;

test('every case of the oracle was played', () => {
  assert.is(playable.length, oracle.cases.length);
});

test.run();
