// Two envs that should behave alike: where they first differ is named by step and field.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { checkEnvironmentsMatch, type MatchOptions } from '../../src/check/environments-match.js';
import { Env } from '../../src/core/env.js';
import { constructEnv, make, registry, spec } from '../../src/registration/index.js';
import { Box } from '../../src/spaces/box.js';
import { Discrete } from '../../src/spaces/discrete.js';
import { rejectsWith } from '../support/misuse.js';

interface Change {
  readonly observation?: number;
  readonly reward?: number;
  readonly terminated?: boolean;
  readonly truncated?: boolean;
  readonly info?: Record<string, unknown>;
  readonly picture?: string;
  readonly start?: number;
  readonly size?: number;
}

/** Says the same each step, but for one change from step 3 on. */
class Told extends Env<Float32Array, number> {
  readonly observationSpace: Box;
  readonly actionSpace = new Discrete(2);
  readonly #change: Change;
  #steps = 0;
  constructor(change: Change = {}) {
    super();
    this.#change = change;
    this.observationSpace = new Box(-9, 9, { shape: [change.size ?? 2] });
  }
  override reset(options = {}) {
    super.reset(options);
    this.#steps = 0;
    return { observation: Float32Array.of(0, this.#change.start ?? 0), info: { lap: 0 } };
  }
  override step() {
    const change = ++this.#steps >= 3 ? this.#change : {};
    return {
      observation: Float32Array.of(1, change.observation ?? 2),
      reward: change.reward ?? 1,
      terminated: change.terminated ?? false,
      truncated: change.truncated ?? false,
      info: change.info ?? { lap: 1 },
    };
  }
  override render(): string {
    return this.#steps >= 3 ? (this.#change.picture ?? 'x') : 'x';
  }
}

for (const { id } of registry.values()) {
  test(`${id} matches itself, made and bare`, async () => {
    const { steps, episodes } = await checkEnvironmentsMatch(id, await make(id), { steps: 60 });
    assert.is(steps, 60);
    assert.ok(episodes >= 1);
    await checkEnvironmentsMatch(await constructEnv(spec(id)), id, { steps: 20, seed: 4 });
  });
}

const DIFFERENCES: readonly [Change, string, string, string, MatchOptions][] = [
  [{ observation: 2.5 }, 'observation[1]', '2 and 2.5', 'at step 3', { skipObservation: true }],
  [{ start: 4 }, 'observation[1]', '0 and 4', 'after reset', { skipObservation: true }],
  [{ reward: 7 }, 'reward', '1 and 7', 'at step 3', { skipReward: true }],
  [{ terminated: true }, 'terminated', 'false and true', 'at step 3', { skipTerminated: true }],
  [{ truncated: true }, 'truncated', 'false and true', 'at step 3', { skipTruncated: true }],
  [{ info: { lap: 2 } }, 'info.lap', '1 and 2', 'at step 3', { infoComparison: 'skip' }],
  [{ info: { lap: 2 } }, 'info.lap', '1 and 2', 'at step 3', { infoComparison: 'keys-equivalence' }],
  [{ info: { lap: 1, time: 3 } }, 'info.time', 'absent and 3', 'at step 3', { infoComparison: 'superset' }],
  [{ info: { lap: 2, time: 3 } }, 'info.lap', '1 and 2', 'at step 3', { infoComparison: 'keys-superset' }],
  [{ picture: 'y' }, 'render', 'x and y', 'at step 3', { skipRender: true }],
];
for (const [change, field, values, when, skip] of DIFFERENCES) {
  test(`${JSON.stringify(change)} differs in ${field}, unless ${JSON.stringify(skip)}`, async () => {
    try {
      await checkEnvironmentsMatch(new Told(), new Told(change));
      assert.unreachable('no difference was found');
    } catch (error) {
      const { code, details, message } = error as {
        code: string;
        details: { field: string; step: number };
        message: string;
      };
      assert.is(code, 'ENVIRONMENTS_DIFFER', message);
      assert.is(details.field, field);
      assert.is(details.step, when === 'after reset' ? 0 : 3);
      assert.ok(message.includes(`differ ${when}: ${field} is ${values}`), message);
    }
    await checkEnvironmentsMatch(new Told(), new Told(change), skip);
  });
}

test('what infos lack', async () => {
  const lacks = { code: 'ENVIRONMENTS_DIFFER', says: ['info.lap is 1 and absent'] };
  await rejectsWith(
    () => checkEnvironmentsMatch(new Told(), new Told({ info: {} }), { infoComparison: 'superset' }),
    lacks,
  );
  await rejectsWith(
    () => checkEnvironmentsMatch(new Told(), new Told({ info: {} }), { infoComparison: 'keys-superset' }),
    {
      code: 'ENVIRONMENTS_DIFFER',
      says: ['info.lap is true and absent'],
    },
  );
});

test('numbers may be a tolerance apart', async () => {
  const near = new Told({ reward: 1.000001 });
  await checkEnvironmentsMatch(new Told(), near, { tolerance: 1e-5 });
  await rejectsWith(() => checkEnvironmentsMatch(new Told(), near), { code: 'ENVIRONMENTS_DIFFER', says: ['reward'] });
});

test('misuse', async () => {
  const table: readonly [unknown, MatchOptions, string, string][] = [
    [null, {}, 'INVALID_ENV', 'got null'],
    ['No-v1', {}, 'ENV_NOT_FOUND', 'No'],
    [new Told(), { steps: -1 }, 'INVALID_OPTION', 'steps'],
    [new Told(), { tolerance: Number.NaN }, 'INVALID_OPTION', 'tolerance'],
    [new Told(), { infoComparison: 'some' as never }, 'INVALID_OPTION', 'keys-superset'],
    [new Told({ size: 3 }), {}, 'ENVIRONMENTS_DIFFER', 'observationSpace'],
  ];
  for (const [env, options, code, says] of table) {
    await rejectsWith(() => checkEnvironmentsMatch(new Told(), env as never, options), { code, says: [says] });
  }
});

test.run();
