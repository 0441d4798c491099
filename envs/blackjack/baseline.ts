/** When to take a card in Blackjack without doubling and splitting: the best policy for an endless deck. */

/** 1 to take a card, 0 to stick; `observation` is `[playerSum, dealerCard, usableAce]`. */
export function basicStrategy([sum, dealer, usableAce]: readonly number[]): number {
  const [own, open] = [sum!, dealer!];
  if (usableAce === 1) return own <= 17 || (own === 18 && (open >= 9 || open === 1)) ? 1 : 0;
  if (own >= 17) return 0;
  if (own <= 11) return 1;
  const weak = open >= (own === 12 ? 4 : 2) && open <= 6;
  return weak ? 0 : 1;
}
