/** Hands of cards: an ace is 1, the faces are 10. */
import type { Generator } from '../../src/core/seeding/generator.js';
import { CONSTANTS } from './fields.js';

const LIMIT = CONSTANTS.LIMIT.value;
const ACE_BONUS = CONSTANTS.ACE_BONUS.value;
/** An endless deck: each card is drawn from these. */
const DECK = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10] as const;

export function drawCard(rng: Generator): number {
  return DECK[rng.integers(DECK.length)]!;
}

/** Empties `hand` and draws two cards into it. */
export function dealHand(hand: number[], rng: Generator): void {
  hand.length = 0;
  hand.push(drawCard(rng), drawCard(rng));
}

function plainSum(hand: readonly number[]): number {
  let sum = 0;
  for (const card of hand) sum += card;
  return sum;
}

/** Whether an ace can count 11 without the hand going bust. */
export function hasUsableAce(hand: readonly number[]): boolean {
  return hand.includes(1) && plainSum(hand) + ACE_BONUS <= LIMIT;
}

/** The sum of a hand, a usable ace as 11. */
export function handSum(hand: readonly number[]): number {
  return plainSum(hand) + (hasUsableAce(hand) ? ACE_BONUS : 0);
}

export function isBust(hand: readonly number[]): boolean {
  return handSum(hand) > LIMIT;
}

/** What a hand is worth at the end: its sum, 0 if it is bust. */
export function score(hand: readonly number[]): number {
  return isBust(hand) ? 0 : handSum(hand);
}

/** An ace and a ten, nothing else. */
export function isNatural(hand: readonly number[]): boolean {
  return hand.length === 2 && hand.includes(1) && hand.includes(10);
}
