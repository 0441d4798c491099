import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BUDGET, budgetTable } from '../../scripts/bench/budget.js';
import { FlagError, parseFlags } from '../../scripts/bench/flags.js';
import { markdownTable, shown } from '../../scripts/bench/format.js';
import { median, medianCurve, ratioOf, summarize } from '../../scripts/bench/measure.js';
import { entryResult } from '../../scripts/bench/race.js';
import type { SuiteResult } from '../../scripts/bench/results.js';
import { curveTable, readmeSection, replaceSection, suiteTable } from '../../scripts/bench/tables.js';

test('medians, lowest and highest', () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
  assert.equal(summarize([5, 9, 1]), { median: 5, low: 1, high: 9 });
});

test('a ratio is the median of the ratios of single rounds, not the ratio of the medians', () => {
  // Rounds 10/5, 40/10, 20/4: 2, 4, 5. The medians' ratio would be 20/5.
  assert.equal(ratioOf([10, 40, 20], [5, 10, 4], 'higher'), { median: 4, low: 2, high: 5 });
  assert.equal(ratioOf([2, 2], [4, 8], 'lower'), { median: 3, low: 2, high: 4 });
  assert.equal(ratioOf([10, 40, 20], [5], 'higher'), { median: 2, low: 2, high: 2 });
  assert.is(ratioOf([1], [], 'higher'), null);
});

test('curves meet at the same numbers of steps', () => {
  const first = [
    [10, 1],
    [20, 3],
  ] as const;
  assert.equal(medianCurve([first, [[15, 5]]], 20, 2), [
    [10, 1],
    [20, 4],
  ]);
  assert.equal(medianCurve([[[30, 1]]], 20, 2), []);
});

test('figures have three digits', () => {
  const cases: [number, string, string][] = [
    [1_234_567, 'steps/s', '1.23M'],
    [12_345, 'steps/s', '12.3k'],
    [999_600, 'steps/s', '1.00M'],
    [512, 'steps/s', '512'],
    [0.0512, 'ms', '0.051'],
    [1234, 'MiB', '1,234'],
    [2.345, 's', '2.35'],
  ];
  for (const [value, unit, text] of cases) assert.is(shown(value, unit), text);
});

const OURS = [200_000, 300_000, 250_000];
const result: SuiteResult = {
  suite: 3,
  name: 'ppo',
  title: 'PPO end to end',
  machine: { processor: 'P', threads: 2, memoryGiB: 8, node: 'v20.0.0', platform: 'linux x64' },
  quick: false,
  rounds: 3,
  load: { average: 0.5, others: { median: 0.02, high: 0.1 } },
  peers: { JAX: '1.0' },
  seconds: 12,
  rows: [
    {
      id: 'ppo-64x32',
      title: '64 x 32',
      unit: 'steps/s',
      better: 'higher',
      entries: [
        entryResult('Gymkhana', OURS, OURS, 'higher', { variant: '2 workers', curve: [[100, 20]] }),
        entryResult('JAX, gymnax', [100_000, 200_000, 50_000], OURS, 'higher', {
          variant: '1 thread',
          setupSeconds: 4.5,
          curve: [
            [100, 19],
            [200, 30.4],
          ],
        }),
        entryResult('EnvPool + PyTorch', [], OURS, 'higher', {
          variant: '',
          missing: 'could not be installed: pip: no',
        }),
        entryResult('rlox', [], OURS, 'higher', { variant: '', missing: 'has no Such-v0' }),
      ],
    },
  ],
};

test("a suite's table shows medians, spread, ratios and what is missing", () => {
  assert.is(
    suiteTable(result),
    [
      '| what             | who               | best with | median       | lowest to highest | Gymkhana is | note                            |',
      '| ---------------- | ----------------- | --------- | ------------ | ----------------- | ----------- | ------------------------------- |',
      '| 64 x 32, steps/s | Gymkhana          | 2 workers | 250k         | 200k to 300k      |             |                                 |',
      '|                  | JAX, gymnax       | 1 thread  | 100k         | 50.0k to 200k     | 2.00x       | 4.50 s to set up                |',
      '|                  | EnvPool + PyTorch |           | not measured |                   |             | could not be installed: pip: no |',
    ].join('\n'),
  );
});

test('curves stand side by side', () => {
  assert.is(
    curveTable(result.rows[0]!),
    '64 x 32:\n\n| steps | Gymkhana | JAX, gymnax |\n| ----- | -------- | ----------- |\n| 100   | 20       | 19          |\n| 200   |          | 30          |',
  );
});

test('the README section names what was measured alone', () => {
  const section = readmeSection([result]);
  assert.match(section, /\| PPO on CartPole-v1, 64 envs .*\| 250k steps\/s \| JAX, gymnax 100k \(2\.00x\) +\|/);
  assert.match(
    section,
    /P, 2 threads, Node v20\.0\.0; 3 rounds in 12 s; load 0\.5, other processes kept 0\.02 threads busy/,
  );
  assert.not.match(section, /EnvPool/);
  assert.match(readmeSection([]), /Not measured yet/);
});

test('the budget says what is met and what is missed', () => {
  const table = budgetTable([result]);
  const line = (text: string): string => table.split('\n').find((row) => row.includes(text)) ?? '';
  assert.match(line('PPO, 64 x 32, against JAX'), /\| 1x +\| 1\.1x +\| 2\.00x +\| goal met/);
  assert.match(line('PPO, 64 x 32, against EnvPool'), /not measured/);
  const slow = { ...result, rows: [{ ...result.rows[0]!, id: 'update-64-64', unit: 'ms' }] };
  assert.match(
    budgetTable([slow])
      .split('\n')
      .find((row) => row.includes('minibatch 64 '))!,
    /\*\*missed\*\*/,
  );
  assert.ok(BUDGET.length > 10);
});

test('sections are replaced between their markers, and nothing else', () => {
  assert.is(
    replaceSection('a\n<!-- bench:start -->\nold\n<!-- bench:end -->\nb\n', 'new', 'x.md'),
    'a\n<!-- bench:start -->\nnew\n<!-- bench:end -->\nb\n',
  );
  assert.throws(() => replaceSection('nothing', 'new', 'x.md'), /x\.md lacks the markers/);
});

test('a table needs no cell to be wide', () => {
  assert.is(markdownTable(['a'], [['b']]), '| a   |\n| --- |\n| b   |');
});

test('flags', () => {
  const plain = parseFlags([], 7);
  assert.equal([plain.rounds, plain.peers, plain.suites, plain.quick], [5, 'install', null, false]);
  assert.equal(parseFlags(['--quick'], 7).peers, 'installed');
  assert.equal(parseFlags(['--quick', '--peers'], 7).peers, 'install');
  assert.equal(parseFlags(['--suite', '3, 1,3', '--rounds=9'], 7).suites, [1, 3]);
});

const misuse: [string[], RegExp][] = [
  [['--fast'], /--fast/],
  [['--suite', '8'], /--suite needs a whole number from 1 to 7, not '8'/],
  [['--suite', ''], /--suite needs a whole number from 1 to 7, not ''/],
  [['--suite'], /--suite/],
  [['--rounds', '0'], /--rounds needs a whole number from 1 to 1000, not '0'/],
  [['--rounds', '2.5'], /not '2\.5'/],
  [['--rounds', '3', '--rounds', '4'], /--rounds is given twice/],
  [['--peers', '--no-peers'], /exclude each other/],
  [['--quick=yes'], /--quick/],
  [['3'], /'3'/],
];
for (const [args, text] of misuse) {
  test(`refuses ${args.join(' ')}`, () => {
    try {
      parseFlags(args, 7);
    } catch (error) {
      assert.instance(error, FlagError);
      assert.match((error as Error).message, text);
      return;
    }
    assert.unreachable('accepted');
  });
}

test.run();
