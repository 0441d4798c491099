// Every episode of the golden files, recorded with Gymnasium 1.4.0 (each file's `meta` says how), step by step.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import type { Json } from '../../src/core/json.js';
import { makeFromSpec, spec } from '../../src/registration/index.js';
import { golden } from '../support/paths.js';

type Event =
  | ['r', number | null, Record<string, number> | null, number[]]
  | ['s', number | number[], number[], number, boolean, boolean];
interface Case {
  readonly kwargs: Record<string, Json>;
  readonly events: readonly Event[];
}

/** Rewards are equal, too, but for the pendulum's: the reference squares through `pow`, at times one unit in the last place off. */
const REWARD_ERROR: Readonly<Record<string, number>> = { 'Pendulum-v1': 1e-9 };

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const camelKeys = <V>(object: Record<string, V>): Record<string, V> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [camel(name), value]));

for (const file of readdirSync(golden('classic'))) {
  const id = file.replace('.json', '');
  const { cases } = JSON.parse(readFileSync(golden(`classic/${file}`), 'utf8')) as { cases: Case[] };
  test(`${id}: every observation and flag of ${cases.length} recordings, bit for bit`, async () => {
    for (const [index, recording] of cases.entries()) {
      const env = await makeFromSpec({ ...spec(id), kwargs: camelKeys(recording.kwargs) });
      for (const [n, event] of recording.events.entries()) {
        const where = `case ${index}, event ${n}`;
        if (event[0] === 'r') {
          const { observation } = env.reset({
            seed: event[1] ?? undefined,
            options: event[2] === null ? undefined : camelKeys(event[2]),
          });
          assert.equal(Array.from(observation as Float32Array), event[3], where);
        } else {
          const action = Array.isArray(event[1]) ? Float32Array.from(event[1]) : event[1];
          const result = env.step(action);
          assert.equal(Array.from(result.observation as Float32Array), event[2], where);
          const error = Math.abs(result.reward - event[3]);
          assert.ok(error <= (REWARD_ERROR[id] ?? 0), `${where}: reward ${result.reward}, expected ${event[3]}`);
          assert.equal([result.terminated, result.truncated], [event[4], event[5]], where);
        }
      }
    }
  });
}

test.run();
