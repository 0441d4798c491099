// What the recordings of Blackjack-v1 do not show: its rules by hand, the value of its baseline, text, and refusals.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../envs/index.js';
import { basicStrategy } from '../../envs/blackjack/baseline.js';
import type { BlackjackEnv } from '../../envs/blackjack/blackjack.js';
import { handSum, hasUsableAce, isBust, isNatural, score } from '../../envs/blackjack/hands.js';
import type { Json } from '../../src/core/json.js';
import { constructEnv, make, spec } from '../../src/registration/index.js';
import { rejectsWith, throwsError } from '../support/misuse.js';

test('hands: aces, busts, naturals and scores', () => {
  const rows: readonly (readonly [number[], number, boolean, boolean, boolean, number])[] = [
    [[1, 10], 21, true, false, true, 21],
    [[10, 1], 21, true, false, true, 21],
    [[1, 1], 12, true, false, false, 12],
    [[1, 5, 5], 21, true, false, false, 21],
    [[1, 10, 10], 21, false, false, false, 21],
    [[1, 10, 10, 1], 22, false, true, false, 0],
    [[10, 9], 19, false, false, false, 19],
    [[10, 9, 5], 24, false, true, false, 0],
  ];
  for (const [hand, sum, usable, bust, natural, worth] of rows) {
    assert.equal(
      [handSum(hand), hasUsableAce(hand), isBust(hand), isNatural(hand), score(hand)],
      [sum, usable, bust, natural, worth],
      String(hand),
    );
  }
});

/** Probability of each card of the endless deck, by value from 1. */
const CARDS = Array.from({ length: 10 }, (_, k) => [k + 1, (k === 9 ? 4 : 1) / 13] as const);

/** Probabilities of the dealer's final score (0 for bust) from an open card, and of a natural. */
function dealerOutcomes(open: number): { scores: Map<number, number>; natural: number } {
  const scores = new Map<number, number>();
  let natural = 0;
  const play = (hand: number[], p: number): void => {
    if (hand.length >= 2 && handSum(hand) >= 17) {
      scores.set(score(hand), (scores.get(score(hand)) ?? 0) + p);
      if (isNatural(hand)) natural += p;
      return;
    }
    for (const [card, share] of CARDS) play([...hand, card], p * share);
  };
  play([open], 1);
  return { scores, natural };
}

/** The expected return of a policy by all hands (null: of the best one), by the rules of `sab`. */
function expectedReturn(policy: ((observation: readonly number[]) => number) | null): number {
  let total = 0;
  for (const [open, openShare] of CARDS) {
    const { scores, natural } = dealerOutcomes(open);
    const known = new Map<string, number>();
    const value = (plain: number, ace: boolean, isFirstTwo: boolean): number => {
      const soft = ace && plain + 10 <= 21;
      const sum = soft ? plain + 10 : plain;
      if (sum > 21) return -1;
      const key = `${plain} ${ace} ${isFirstTwo}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      let stick = 0;
      for (const [other, p] of scores) stick += p * Math.sign(sum - other);
      if (isFirstTwo && soft && sum === 21) stick = 1 - natural;
      let hit = 0;
      for (const [card, share] of CARDS) hit += share * value(plain + card, ace || card === 1, false);
      const chosen = policy?.([sum, open, soft ? 1 : 0]) === 1 ? hit : stick;
      const result = policy === null ? Math.max(stick, hit) : chosen;
      known.set(key, result);
      return result;
    };
    for (const [first, p] of CARDS) {
      for (const [second, q] of CARDS) {
        total += openShare * p * q * value(first + second, first === 1 || second === 1, true);
      }
    }
  }
  return total;
}

test("'basic-strategy' is the best policy: its expected return by all hands is the largest", () => {
  const best = expectedReturn(null);
  assert.ok(Math.abs(expectedReturn(basicStrategy) - best) < 1e-12, `${expectedReturn(basicStrategy)} of ${best}`);
  assert.is(best.toFixed(4), '-0.0431');
  assert.ok(expectedReturn(() => 0) < best - 0.05);
});

test("Blackjack-v1: 'basic-strategy' earns in play what it should", async () => {
  const env = (await constructEnv(spec('Blackjack-v1'))) as unknown as BlackjackEnv;
  const episodes = 40_000;
  let total = 0;
  env.reset({ seed: 7 });
  for (let episode = 0; episode < episodes; episode++) {
    let { observation } = env.reset();
    for (let over = false; !over; ) {
      const result = env.step(basicStrategy(observation));
      observation = result.observation;
      total += result.reward;
      over = result.terminated;
    }
  }
  // Three standard errors.
  assert.ok(Math.abs(total / episodes - expectedReturn(basicStrategy)) < (3 * 0.95) / Math.sqrt(episodes));
});

test('naturals: a win at once with sab, 1.5 with natural, a usual win else', async () => {
  const returns = async (kwargs: Record<string, Json>): Promise<Map<string, number>> => {
    const env = (await constructEnv({ ...spec('Blackjack-v1'), kwargs })) as unknown as BlackjackEnv;
    const found = new Map<string, number>();
    for (let seed = 0; seed < 3000; seed++) {
      env.reset({ seed });
      if (!isNatural(env.player)) continue;
      const { reward } = env.step(0);
      const dealers = isNatural(env.dealer) ? 'natural' : handSum(env.dealer) === 21 ? '21' : 'less';
      assert.ok(!found.has(dealers) || found.get(dealers) === reward, 'one reward for each case');
      found.set(dealers, reward);
    }
    return found;
  };
  const table = (natural: number, full: number, less: number): [string, number][] => [
    ['21', full],
    ['less', less],
    ['natural', natural],
  ];
  const sorted = async (kwargs: Record<string, Json>): Promise<unknown> => [...(await returns(kwargs))].sort();
  assert.equal(await sorted({ sab: true }), table(0, 1, 1));
  assert.equal(await sorted({ sab: true, natural: true }), table(0, 1, 1));
  assert.equal(await sorted({ natural: true }), table(0, 0, 1.5));
  assert.equal(await sorted({}), table(0, 0, 1));
});

test("Blackjack-v1: 'ansi' hides the dealer's second card until the end", async () => {
  const env = await make('Blackjack-v1', { renderMode: 'ansi' });
  env.reset({ seed: 0 });
  const { dealer, player } = env.unwrapped as unknown as BlackjackEnv;
  assert.equal(
    [[...dealer], [...player]],
    [
      [10, 9],
      [7, 4],
    ],
  );
  const face = /^\nDealer: ([JQK]) \?\nPlayer: 7 4 = 11\n$/.exec(String(env.render()))?.[1];
  assert.ok(face !== undefined, String(env.render()));
  env.step(1);
  assert.is(env.render(), `  (Hit)\nDealer: ${face} ?\nPlayer: 7 4 A = 12\n`);
  env.step(0);
  assert.is(env.render(), `  (Stick)\nDealer: ${face} 9 = 19\nPlayer: 7 4 A = 12\n`);
});

test('Blackjack-v1 reuses its result and never its info; make() hands out copies', async () => {
  const bare = (await constructEnv(spec('Blackjack-v1'))) as unknown as BlackjackEnv;
  bare.reset({ seed: 3 });
  const first = bare.step(1);
  const { info } = first;
  assert.is(bare.step(1), first);
  assert.is.not(first.info, info);
  assert.is.not(first.info.actionMask, info.actionMask);
  assert.equal(Array.from(info.actionMask as Int8Array), [1, 1]);
  const env = await make('Blackjack-v1');
  const start = env.reset({ seed: 0 }).observation;
  const kept = [...start];
  env.step(1);
  assert.equal(start, kept);
  assert.is(String(env.observationSpace), 'Tuple(Discrete(32), Discrete(11), Discrete(2))');
});

test('Blackjack-v1 refuses bad options, actions and reset options', async () => {
  await rejectsWith(() => make('Blackjack-v1', { sab: 1 }), {
    code: 'INVALID_ENV_OPTION',
    kind: 'usage',
    says: ["'sab' must be true or false", 'got 1'],
  });
  await rejectsWith(() => make('Blackjack-v1', { naturals: true }), {
    code: 'UNKNOWN_ENV_OPTION',
    says: ["Did you mean 'natural'?"],
  });
  const env = await make('Blackjack-v1' as string);
  env.reset({ seed: 1 });
  for (const action of [-1, 2, 0.5, '1', null]) {
    throwsError(() => env.step(action), {
      code: 'INVALID_ACTION',
      kind: 'usage',
      says: ['Discrete(2)', 'Blackjack-v1'],
    });
  }
  throwsError(() => env.reset({ options: { sab: true } }), { code: 'INVALID_RESET_OPTION', says: ['It takes none'] });
});

test.run();
