// Every episode, table and random map of the golden files, recorded with Gymnasium 1.4.0 (each file's `meta` says how).
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { BlackjackEnv } from '../../envs/blackjack/blackjack.js';
import { generateRandomMap } from '../../envs/frozen-lake/maps.js';
import type { TabularEnv } from '../../envs/toy-text/tabular-env.js';
import type { Outcome } from '../../envs/toy-text/transition-table.js';
import type { Env } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { constructEnv, make, makeFromSpec, spec } from '../../src/registration/index.js';
import { golden } from '../support/paths.js';

type Extra = null | number | readonly [number, string] | { readonly dealer: number[]; readonly player: number[] };
type Event =
  | ['r', number | null, null, number | number[], Extra]
  | ['s', number, number | number[], number, boolean, boolean, Extra];
interface Case {
  readonly kwargs: Record<string, Json>;
  readonly events: readonly Event[];
  readonly P?: readonly (readonly (readonly Outcome[])[])[];
  readonly P_rows?: Readonly<Record<string, readonly (readonly Outcome[])[]>>;
  readonly initial_state_distrib?: readonly number[];
}
interface Recorded {
  readonly cases: readonly Case[];
  readonly max_episode_steps: number | null;
  readonly generate_random_map?: readonly { size: number; p: number; seed: number; desc: string[] }[];
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const camelKeys = <V>(object: Record<string, V>): Record<string, V> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [camel(name), value]));
const read = (file: string): Recorded => JSON.parse(readFileSync(golden(`toy_text/${file}`), 'utf8')) as Recorded;

/** Compares what the recording has of `info`: the probability, and Taxi's mask as digits. */
function checkInfo(info: Record<string, unknown>, extra: Extra, where: string): void {
  const mask = info.actionMask as Int8Array;
  assert.instance(mask, Int8Array, where);
  if (typeof extra === 'number') assert.is(info.prob, extra, where);
  if (!Array.isArray(extra)) return;
  assert.is(info.prob, extra[0], where);
  assert.is(mask.join(''), extra[1], where);
}

/** Compares the hands that a Blackjack recording has at each reset. */
function checkHands(env: Env, extra: Extra, where: string): void {
  if (extra === null || typeof extra !== 'object' || !('dealer' in extra)) return;
  assert.instance(env, BlackjackEnv);
  const { dealer, player } = env as unknown as BlackjackEnv;
  assert.equal({ dealer, player }, extra, where);
}

for (const file of readdirSync(golden('toy_text'))) {
  const id = file.replace('.json', '');
  const { cases, max_episode_steps } = read(file);
  test(`${id}: every observation, reward, flag, probability and mask of ${cases.length} recordings`, async () => {
    assert.is(spec(id).maxEpisodeSteps, max_episode_steps);
    for (const [index, recording] of cases.entries()) {
      const kwargs = { ...spec(id).kwargs, ...camelKeys(recording.kwargs) };
      const env = await makeFromSpec({ ...spec(id), kwargs });
      for (const [n, event] of recording.events.entries()) {
        const where = `case ${index}, event ${n}`;
        if (event[0] === 'r') {
          const { observation, info } = env.reset({ seed: event[1] ?? undefined });
          assert.equal(observation, event[3], where);
          checkInfo(info, event[4], where);
          checkHands(env.unwrapped, event[4], where);
        } else {
          const result = env.step(event[1]);
          assert.equal(result.observation, event[2], where);
          assert.equal([result.reward, result.terminated, result.truncated], event.slice(3, 6), where);
          checkInfo(result.info, event[6], where);
        }
      }
    }
  });

  const tables = cases.filter((recording) => recording.P !== undefined || recording.P_rows !== undefined);
  if (tables.length === 0) continue;
  test(`${id}: the transitions of ${tables.length} variants`, async () => {
    for (const { kwargs, P, P_rows, initial_state_distrib: start } of tables) {
      const built = await constructEnv({ ...spec(id), kwargs: { ...spec(id).kwargs, ...camelKeys(kwargs) } });
      const env = built as unknown as TabularEnv;
      const rows = Object.entries(P_rows ?? { ...P });
      assert.ok(rows.length >= 16);
      for (const [state, row] of rows) assert.equal(env.P[Number(state)], row, `state ${state}`);
      if (P !== undefined) assert.is(env.P.length, P.length);
      if (start === undefined || start === null) continue;
      assert.is(env.observationSpace.n, start.length);
      assert.is(start[env.reset({ seed: 3 }).observation], 1);
    }
  });
}

const maps = read('FrozenLake-v1.json').generate_random_map!;
test(`generateRandomMap: the ${maps.length} recorded maps`, () => {
  assert.is(maps.length, 12);
  for (const { desc, ...options } of maps) assert.equal(generateRandomMap(options), desc);
});

interface Texts {
  readonly id: string;
  readonly kwargs: Record<string, Json>;
  readonly seed: number;
  /** The action before (null: a reset) and the text of `render()`. */
  readonly frames: readonly (readonly [number | null, string])[];
}
const { cases: texts } = JSON.parse(readFileSync(golden('toy-text-ansi.json'), 'utf8')) as { cases: Texts[] };
test(`render mode 'ansi': the texts of ${texts.length} recordings, colours included`, async () => {
  let frames = 0;
  for (const { id, kwargs, seed, frames: recorded } of texts) {
    const env = await make(id, { ...camelKeys(kwargs), renderMode: 'ansi' });
    for (const [n, [action, text]] of recorded.entries()) {
      if (action === null) env.reset(n === 0 ? { seed } : {});
      else env.step(action);
      assert.is(env.render(), text, `${id}, frame ${n}`);
      frames++;
    }
  }
  assert.ok(frames > 250);
});

test.run();
