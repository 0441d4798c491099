import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import {
  type DeterminismReport,
  determinismCases,
  determinismTable,
  differences,
  measureHere,
  measureUnder,
  promised,
  SUPPORTED_NODES,
} from '../../scripts/determinism.js';
import { nodeBinary, runningMajor } from '../../scripts/node-versions.js';
import { registry } from '../../src/registration/index.js';
import { startPpo, stateHash } from '../support/ppo-runs.js';
import { skipped } from '../support/skip.js';

const cases = await determinismCases();
/** Other numbers: `npm run determinism`. */
const WORKERS = [1, 2, 4];
const here: DeterminismReport = await measureHere(WORKERS);
/** Shown where a comparison fails. */
const table = determinismTable(here.rows);

function equal(found: readonly string[]): void {
  assert.is(found.length, 0, `\n${found.join('\n')}\n${table}`);
}

test('the matrix has every registered env, one of a user, and one in wrappers with state', () => {
  const covered = [...new Set(here.rows.map((row) => row.env)), ...here.skipped.map((one) => one.env)];
  for (const id of registry.keys()) {
    assert.ok(covered.includes(id) || id === 'FunctionalBall-v0', `${id} is not covered`);
  }
  assert.is(covered.length, cases.length);
  assert.ok(here.rows.some((row) => row.env.startsWith('custom ')));
  assert.ok(here.rows.some((row) => row.env.startsWith('wrapped ')));
  assert.ok(
    here.rows.every((row) => row.ended > 0),
    'in some env no episode has ended',
  );
});

for (const env of new Set(here.rows.map((row) => row.env))) {
  test(`${env}: the same parameters, metrics and episodes for 1, 2 and 4 workers`, () => {
    const rows = here.rows.filter((row) => row.env === env);
    assert.is(rows.length, WORKERS.length);
    equal(differences(rows));
  });
}

for (const major of SUPPORTED_NODES.filter((one) => one !== runningMajor)) {
  const name = `the same bytes under Node ${major} as under Node ${runningMajor}`;
  const binary = nodeBinary(major);
  if ('reason' in binary) {
    test.skip(name, () => {});
    skipped(name, binary.reason);
    continue;
  }
  test(name, () => {
    const report = measureUnder(major, [1]);
    assert.not('reason' in report);
    if ('reason' in report) return;
    assert.is(report.node, major);
    const pow = [...here.pow, ...report.pow];
    for (const row of report.rows) {
      const own = here.rows.find((one) => one.env === row.env && one.workers === 1)!;
      if (promised(row.env, major, pow) && promised(row.env, runningMajor, pow)) equal(differences([own, row]));
    }
    assert.is(report.rows.length, here.rows.length / WORKERS.length);
  });
}

test('a difference is told with its env, workers, Node and column', () => {
  const row = here.rows[0]!;
  const [told, ...others] = differences([row, { ...row, workers: 9, metrics: 'f'.repeat(64) }]);
  assert.is(others.length, 0);
  assert.match(told!, `${row.env}: metrics with 9 workers under Node ${row.node} are ffffffffffff`);
});

test('another seed gives other bytes', async () => {
  const spec = registry.get('CartPole-v1')!;
  const hashes: string[] = [];
  for (const seed of [1, 2]) {
    const ppo = await startPpo(spec, { numEnvs: 16, numSteps: 16, numMinibatches: 2, totalSteps: 256 }, 1, seed);
    await ppo.iterate();
    hashes.push(stateHash(ppo));
    await ppo.close();
  }
  assert.is.not(hashes[0], hashes[1]);
});

test.run();
