/**
 * Blackjack-v1: beat the dealer's hand without going over 21 (Sutton and Barto, example 5.1). The same episodes as
 * Gymnasium 1.4's `toy_text/blackjack.py` for the same seed and actions.
 */
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { type Kwargs, readKwargs } from '../../src/core/kwargs.js';
import { resetNumbers } from '../../src/core/reset-bounds.js';
import type { Scene } from '../../src/render/scene.js';
import { Discrete } from '../../src/spaces/discrete.js';
import type { Space } from '../../src/spaces/space.js';
import { Tuple } from '../../src/spaces/tuple.js';
import { basicStrategy } from './baseline.js';
import { ACTIONS, CONSTANTS, fields, KWARGS, keyboard } from './fields.js';
import { dealHand, drawCard, handSum, hasUsableAce, isBust, isNatural, score } from './hands.js';
import { blackjackScene, type TableView } from './scene.js';

const NO_OPTIONS = {};
const FACES = ['J', 'Q', 'K'] as const;
const SUITS = 4;
const BOTH_ALLOWED = Int8Array.of(1, 1);

const METADATA: EnvMetadata = {
  about: "Take cards to beat the dealer's hand without going over 21.",
  renderModes: ['scene', 'ansi'],
  renderFps: 2,
  fields,
  keyboard,
};

/** The player at the table: observations are `[playerSum, dealerCard, usableAce]`, and there are 2 actions. */
export class BlackjackEnv extends Env<number[], number> {
  /** Scripted controllers to compare a policy with. */
  static readonly baselines: Record<string, (env: BlackjackEnv) => (observation: readonly number[]) => number> = {
    'basic-strategy': () => basicStrategy,
  };

  readonly observationSpace = new Tuple([new Discrete(32), new Discrete(11), new Discrete(2)]) as unknown as Space<
    number[]
  >;
  readonly actionSpace = new Discrete(2);
  override readonly metadata = METADATA;

  readonly #natural: boolean;
  readonly #sab: boolean;
  readonly #asText: boolean;
  readonly #dealer: number[] = [];
  readonly #player: number[] = [];
  readonly #observation = [0, 0, 0];
  readonly #result: StepResult<number[]> = {
    observation: this.#observation,
    reward: 0,
    terminated: false,
    truncated: false,
    info: {},
  };
  /** How the dealer's open card is shown. */
  #suit = 0;
  #face = '';
  #lastAction: number | null = null;
  /** The reward that ended the episode, null while it goes on. */
  #outcome: number | null = null;

  /** @throws `UNKNOWN_ENV_OPTION`, `INVALID_ENV_OPTION`. */
  constructor(kwargs: Partial<Kwargs<typeof KWARGS>> = {}) {
    super();
    const { natural, sab } = readKwargs('Blackjack', kwargs, KWARGS);
    this.#natural = natural;
    this.#sab = sab;
    this.#asText = (kwargs as { readonly renderMode?: unknown }).renderMode === 'ansi';
  }

  /** The dealer's cards, the first one open. */
  get dealer(): readonly number[] {
    return this.#dealer;
  }

  /** The player's cards. */
  get player(): readonly number[] {
    return this.#player;
  }

  /** `info` is `{ actionMask }`. There are no reset options. */
  override reset(options: ResetOptions = {}): ResetResult<number[]> {
    super.reset(options);
    resetNumbers('Blackjack', options, NO_OPTIONS);
    const { rng } = this;
    dealHand(this.#dealer, rng);
    dealHand(this.#player, rng);
    // Suit and face are only for show, but they are drawn from the env's stream, as in Gymnasium.
    this.#suit = rng.integers(SUITS);
    const open = this.#dealer[0]!;
    this.#face = open === 10 ? FACES[rng.integers(FACES.length)]! : open === 1 ? 'A' : String(open);
    this.#lastAction = null;
    this.#outcome = null;
    this.#observe();
    return { observation: this.#observation, info: { actionMask: BOTH_ALLOWED.slice() } };
  }

  /** `info` is `{ actionMask }`. */
  override step(action: number): StepResult<number[]> {
    const result = this.#result;
    this.#lastAction = action;
    if (action === 1) {
      this.#player.push(drawCard(this.rng));
      result.terminated = isBust(this.#player);
      result.reward = result.terminated ? -1 : 0;
    } else {
      result.terminated = true;
      result.reward = this.#settle();
    }
    this.#outcome = result.terminated ? result.reward : null;
    result.truncated = false;
    result.info = { actionMask: BOTH_ALLOWED.slice() };
    this.#observe();
    return result;
  }

  /** The dealer plays; the player's reward. */
  #settle(): number {
    const [dealer, player] = [this.#dealer, this.#player];
    while (handSum(dealer) < CONSTANTS.DEALER_STANDS.value) dealer.push(drawCard(this.rng));
    if (this.#sab && isNatural(player) && !isNatural(dealer)) return 1;
    const [own, others] = [score(player), score(dealer)];
    const reward = own > others ? 1 : own < others ? -1 : 0;
    if (!this.#sab && this.#natural && isNatural(player) && reward === 1) return CONSTANTS.NATURAL_REWARD.value;
    return reward;
  }

  #observe(): void {
    const observation = this.#observation;
    observation[0] = handSum(this.#player);
    observation[1] = this.#dealer[0]!;
    observation[2] = hasUsableAce(this.#player) ? 1 : 0;
  }

  override render(): string | Scene {
    const view: TableView = {
      dealer: this.#dealer,
      player: this.#player,
      playerSum: handSum(this.#player),
      soft: hasUsableAce(this.#player),
      dealerSum: handSum(this.#dealer),
      suit: this.#suit,
      face: this.#face,
      lastAction: this.#lastAction === null ? null : ACTIONS[this.#lastAction]!,
      outcome: this.#outcome,
    };
    return this.#asText ? blackjackText(view) : blackjackScene(view);
  }
}

/** The table as text: the last action, the dealer's hand (one card hidden until the end) and the player's. */
function blackjackText({ dealer, player, playerSum, soft, dealerSum, face, lastAction, outcome }: TableView): string {
  const name = (card: number): string => (card === 1 ? 'A' : String(card));
  const open = outcome !== null;
  const rest = dealer.slice(1).map(name);
  const dealers = [face, ...(open ? rest : ['?'])].join(' ');
  return [
    lastAction === null ? '' : `  (${lastAction === 'hit' ? 'Hit' : 'Stick'})`,
    `Dealer: ${dealers}${open ? ` = ${dealerSum}` : ''}`,
    `Player: ${player.map(name).join(' ')} = ${playerSum}${soft ? ' (usable ace)' : ''}`,
    '',
  ].join('\n');
}
