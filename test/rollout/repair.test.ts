import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PpoConfig } from '../../agents/ppo/config.js';
import type { PpoProblem } from '../../agents/ppo/ppo.js';
import type { EnvSpec } from '../../src/core/spec.js';
import type { RolloutError } from '../../src/rollout/engine.js';
import type { MishapOptions } from '../fixtures/envs/mishap.js';
import { mishapSpec } from '../support/mishap-spec.js';
import { errorOf } from '../support/misuse.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';

const folder = mkdtempSync(join(tmpdir(), 'gymkhana-repair-'));
const ITERATIONS = 5;
const settings: Partial<PpoConfig> = {
  numEnvs: 48,
  numSteps: 16,
  numMinibatches: 3,
  updateEpochs: 2,
  totalSteps: 48 * 16 * ITERATIONS,
};
const normalized: EnvSpec['wrappers'] = [{ name: 'NormalizeObservation', moduleUrl: null, kwargs: {} }];

interface Outcome {
  readonly hash: string;
  readonly episodes: string;
  readonly notices: readonly string[];
}

/** Trains; `disturb` may end threads while it goes on. */
async function outcome(
  env: EnvSpec,
  workers: number,
  problem: Partial<PpoProblem> = {},
  over: Partial<PpoConfig> = {},
  disturb: (ppo: Awaited<ReturnType<typeof startPpo>>, iteration: number) => void = () => {},
): Promise<Outcome> {
  const notices: string[] = [];
  const ppo = await startPpo(env, { ...settings, ...over }, workers, 1, {
    ...problem,
    onNotice: (text) => notices.push(text),
  });
  try {
    const episodes: unknown[] = [];
    for (let k = 0; k < ITERATIONS; k++) {
      disturb(ppo, k);
      episodes.push((await ppo.iterate()).episodes);
    }
    return { hash: stateHash(ppo), episodes: JSON.stringify(episodes), notices };
  } finally {
    await ppo.close();
  }
}

const undisturbed = await outcome(mishapSpec({}), 2);

const accidents: readonly [MishapOptions['how'] & string, RegExp, Partial<PpoProblem>?][] = [
  ['throw', /^ENV_THREW: Mishap-v0 \(env \d+, worker \d, step 6 of its episode\) threw RangeError: a tyre burst/],
  ['reset', /^ENV_THREW: Mishap-v0 \(env \d+, worker \d, in reset\) threw RangeError: a tyre burst/],
  ['exit', /^WORKER_DIED: worker \d died while stepping Mishap-v0, env \d+ at step 7 of its episode: .*process\.exit/],
  ['heap', /^WORKER_DIED: worker \d died while stepping Mishap-v0, env \d+ at step 7 .*memory/i, { heapLimit: 48 }],
  [
    'hang',
    /^WORKER_HUNG: worker \d has made no progress for 0.6 s while stepping Mishap-v0, env \d+ at step 7/,
    { hangSeconds: 0.6 },
  ],
  ['late', /^WORKER_DIED: worker \d died while .*later/],
];
for (const [how, text, problem] of accidents) {
  test(`a worker whose env has the accident '${how}' once is replaced, and the run comes to the same bytes`, async () => {
    const marker = join(folder, how);
    const { hash, episodes, notices } = await outcome(mishapSpec({ how, marker }), 2, problem);
    assert.ok(existsSync(marker), 'the accident happened');
    assert.is(notices.length, 1, notices.join('\n'));
    assert.match(notices[0]!, text);
    assert.match(notices[0]!, /rebuilt from their episodes and the iteration is done again/);
    assert.is(hash, undisturbed.hash);
    assert.is(episodes, undisturbed.episodes);
  });
}

test('states that wrappers carry from episode to episode, and snapshots of long episodes, come back too', async () => {
  const cases: [string, MishapOptions, Partial<EnvSpec>, Partial<PpoProblem>][] = [
    ['wrappers', {}, { wrappers: normalized }, {}],
    ['snapshots', { saves: true, length: 0 }, {}, { logLimit: 20 }],
    ['long logs', { length: 0 }, {}, { logLimit: 20 }],
  ];
  for (const [name, kwargs, over, problem] of cases) {
    const plain = await outcome(mishapSpec(kwargs, over), 2, problem);
    const end = (ppo: Awaited<ReturnType<typeof startPpo>>, iteration: number): void => {
      if (iteration === 3) void ppo.threads[1]!.terminate();
    };
    const ended = await outcome(mishapSpec(kwargs, over), 2, problem, {}, end);
    assert.is(ended.hash, plain.hash, name);
    assert.is(ended.episodes, plain.episodes, name);
    const told = name === 'long logs' ? /longer than 20 steps, and it has no snapshot of its own/ : null;
    assert.is(plain.notices.length, told === null ? 0 : 1, name);
    if (told !== null) assert.match(plain.notices[0]!, told);
    assert.match(ended.notices.join('\n'), /WORKER_DIED/, name);
  }
});

test('a thread that is ended from outside in the update phase: parameters and moments go back to the start of the iteration', async () => {
  const over = { updateEpochs: 200 };
  const plain = await outcome(mishapSpec({}), 2, {}, over);
  const seen = new Set<string>();
  for (let delay = 20; delay < 400 && !seen.has('learning'); delay += 20) {
    const end = (ppo: Awaited<ReturnType<typeof startPpo>>, iteration: number): void => {
      if (iteration === 2) setTimeout(() => void ppo.threads[0]?.terminate(), delay);
    };
    const ended = await outcome(mishapSpec({}), 2, {}, over, end);
    assert.is(ended.hash, plain.hash, ended.notices.join());
    if (/while learning from the rollout/.test(ended.notices.join())) seen.add('learning');
  }
  assert.ok(seen.has('learning'), 'no thread was ended in the update phase');
});

test('an env that fails again at the same step is the bug of its author: the error comes with the episode', async () => {
  for (const [how, code, actions, problem] of [
    ['throw', 'ENV_THREW', 7, {}],
    ['exit', 'WORKER_DIED', 7, {}],
    ['hang', 'WORKER_HUNG', 7, { hangSeconds: 0.5 }],
  ] as const) {
    const notices: string[] = [];
    const error = await errorOf(
      (async () => {
        const ppo = await startPpo(mishapSpec({ how }), settings, 2, 1, {
          ...problem,
          onNotice: (text) => notices.push(text),
        });
        try {
          await ppo.iterate();
        } finally {
          await ppo.close();
        }
      })(),
    );
    assert.is(error.code, code);
    assert.ok(notices.length >= 1, 'it was tried again');
    assert.is((error as RolloutError).place?.actions.length, actions, how);
  }
});

test('an env that does not come back by its log is named, not trained on', async () => {
  const end = (ppo: Awaited<ReturnType<typeof startPpo>>, iteration: number): void => {
    if (iteration === 2) void ppo.threads[0]!.terminate();
  };
  const error = await errorOf(outcome(mishapSpec({ leaky: true }), 2, {}, {}, end));
  assert.is(error.code, 'REPLAY_DIFFERS');
  assert.match(error.message, /observation\[0\] is .*, but was/);
  const loose = await outcome(mishapSpec({ leaky: true }, { nondeterministic: true }), 2, {}, {}, end);
  assert.match(loose.notices.join(), /All envs begin new episodes/);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
