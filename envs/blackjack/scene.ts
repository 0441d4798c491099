import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { arc, roundedRectangle } from '../../src/render/shapes.js';
import { oval } from '../toy-text/grid.js';

/** What a picture of the table shows. */
export interface TableView {
  readonly dealer: readonly number[];
  readonly player: readonly number[];
  readonly playerSum: number;
  /** Whether an ace of the player counts 11. */
  readonly soft: boolean;
  readonly dealerSum: number;
  /** Suit of the dealer's open card, 0 to 3: clubs, diamonds, hearts, spades. */
  readonly suit: number;
  /** Name of the dealer's open card. */
  readonly face: string;
  readonly lastAction: string | null;
  /** The reward that ended the episode, null while it goes on. */
  readonly outcome: number | null;
}

const RED = '#c8322b';
const BLACK = '#23282e';
const SUIT_COLORS = [BLACK, RED, RED, BLACK] as const;
const DEALER_Y = 1.02;
const PLAYER_Y = -1.02;
/** Distance of cards, and the width that a hand may take. */
const SPACING = 1.08;
const HAND_WIDTH = 3.9;
/** Middle of the hands, right of the labels. */
const HAND_X = 0.4;

const RAIL: Shape = { type: 'polygon', points: roundedRectangle(-3.45, -2.25, 3.45, 2.25, 0.5), fill: '#6b4226' };
const FELT: Shape = { type: 'polygon', points: roundedRectangle(-3.25, -2.05, 3.25, 2.05, 0.4), fill: '#1f7a4d' };
const LINE: Shape = {
  type: 'polyline',
  points: arc(0, 8, 8.1, 1.5 * Math.PI - 0.36, 1.5 * Math.PI + 0.36),
  stroke: '#d9b95b',
  lineWidth: 0.025,
};
const SHADE: Shape = {
  type: 'polygon',
  points: roundedRectangle(-0.44, -0.72, 0.5, 0.62, 0.09),
  fill: 'rgba(0, 20, 10, 0.3)',
};
const CARD: Shape = {
  type: 'polygon',
  points: roundedRectangle(-0.47, -0.66, 0.47, 0.66, 0.09),
  fill: '#fdfcf8',
  stroke: '#b9b4a6',
  lineWidth: 0.015,
};
const BACK: readonly Shape[] = [
  { type: 'polygon', points: roundedRectangle(-0.4, -0.59, 0.4, 0.59, 0.06), fill: '#31558c' },
  ...[-0.2, 0, 0.2].flatMap((x): Shape[] =>
    [-0.4, -0.2, 0, 0.2, 0.4].map((y) => {
      return { type: 'polygon', points: [x, y - 0.09, x + 0.09, y, x, y + 0.09, x - 0.09, y], fill: '#7fa2d6' };
    }),
  ),
];
const STEM: Shape = { type: 'polygon', points: [-0.07, -0.2, 0.07, -0.2, 0.015, 0, -0.015, 0], fill: BLACK };
const CLUBS: readonly Shape[] = [
  STEM,
  { type: 'polygon', points: oval(0, 0.1, 0.09, 0.09), fill: BLACK },
  { type: 'polygon', points: oval(-0.1, -0.05, 0.09, 0.09), fill: BLACK },
  { type: 'polygon', points: oval(0.1, -0.05, 0.09, 0.09), fill: BLACK },
];
const DIAMONDS: readonly Shape[] = [{ type: 'polygon', points: [0, -0.2, 0.15, 0, 0, 0.2, -0.15, 0], fill: RED }];
const HEARTS: readonly Shape[] = [
  { type: 'polygon', points: oval(-0.085, 0.07, 0.095, 0.095), fill: RED },
  { type: 'polygon', points: oval(0.085, 0.07, 0.095, 0.095), fill: RED },
  { type: 'polygon', points: [-0.168, 0.02, 0, -0.2, 0.168, 0.02, 0, 0.1], fill: RED },
];
const SPADES: readonly Shape[] = [
  STEM,
  { type: 'polygon', points: oval(-0.085, -0.05, 0.095, 0.095), fill: BLACK },
  { type: 'polygon', points: oval(0.085, -0.05, 0.095, 0.095), fill: BLACK },
  { type: 'polygon', points: [-0.168, 0, 0, 0.2, 0.168, 0, 0, -0.06], fill: BLACK },
];
const SYMBOLS = [CLUBS, DIAMONDS, HEARTS, SPADES] as const;

/** Texts of one size and colour, each made once. */
function texts(size: number, fill: string): (text: string) => Shape {
  const made = new Map<string, Shape>();
  return (text) => {
    const shape: Shape = made.get(text) ?? { type: 'text', x: 0, y: 0, text, size, fill, align: 'center' };
    made.set(text, shape);
    return shape;
  };
}
const redText = texts(0.2, RED);
const blackText = texts(0.2, BLACK);
const sumText = texts(0.26, '#f4efdf');
const resultText = texts(0.24, '#f4d35e');
const DEALER_LABEL = texts(0.13, '#bfe0cc')('DEALER');
const PLAYER_LABEL = texts(0.13, '#bfe0cc')('PLAYER');
const PLATE: Shape = { type: 'polygon', points: roundedRectangle(-1.4, -0.24, 1.4, 0.22, 0.12), fill: '#17603c' };
const STILL: readonly SceneItem[] = [
  { shape: RAIL },
  { shape: FELT },
  { shape: LINE },
  { shape: DEALER_LABEL, x: -2.8, y: DEALER_Y + 0.3 },
  { shape: PLAYER_LABEL, x: -2.8, y: PLAYER_Y + 0.3 },
];

interface Card {
  readonly name: string;
  readonly suit: number;
}

/** A card face up, or face down if it is null. */
function cardItems(card: Card | null, x: number, y: number): SceneItem[] {
  const shapes = card === null ? BACK : SYMBOLS[card.suit]!;
  const items: SceneItem[] = [SHADE, CARD].map((shape) => ({ shape, x, y }));
  const drop = card === null ? 0 : 0.12;
  for (const shape of shapes) items.push({ shape, x, y: y - drop });
  if (card !== null) {
    const name = (SUIT_COLORS[card.suit] === RED ? redText : blackText)(card.name);
    items.push({ shape: name, x: x - 0.24, y: y + 0.34 });
  }
  return items;
}

function handItems(cards: readonly (Card | null)[], y: number): SceneItem[] {
  const step = Math.min(SPACING, HAND_WIDTH / Math.max(1, cards.length - 1));
  return cards.flatMap((card, k) => cardItems(card, HAND_X + step * (k - (cards.length - 1) / 2), y));
}

/** Only the open card has a suit; the others get one for the picture, always the same for the same place and value. */
function shown(value: number, place: number): Card {
  return { name: value === 1 ? 'A' : String(value), suit: (value + 2 * place + 1) % 4 };
}

/** The table with both hands; the dealer's second card is face down until the end. */
export function blackjackScene(view: TableView): Scene {
  const { dealer, player, playerSum, soft, dealerSum, suit, face, lastAction, outcome } = view;
  const over = outcome !== null;
  const dealers = dealer.map((value, k) => {
    if (k === 0) return { name: face, suit };
    return over ? shown(value, k + 2) : null;
  });
  const verdict =
    outcome === null
      ? null
      : outcome > 0
        ? 'YOU WIN'
        : outcome < 0
          ? playerSum > 21
            ? 'BUST'
            : 'DEALER WINS'
          : 'DRAW';
  const sum = `${playerSum}${soft ? ' with an ace as 11' : ''}`;
  return {
    background: '#24302b',
    camera: { x: 0, y: 0, width: 7.2, height: 4.7 },
    items: [
      ...STILL,
      { shape: sumText(over ? String(dealerSum) : '?'), x: -2.8, y: DEALER_Y - 0.12 },
      { shape: sumText(String(playerSum)), x: -2.8, y: PLAYER_Y - 0.12 },
      ...handItems(dealers, DEALER_Y),
      ...handItems(player.map(shown), PLAYER_Y),
      ...(verdict === null
        ? []
        : [
            { shape: PLATE, x: HAND_X },
            { shape: resultText(verdict), x: HAND_X, y: -0.13 },
          ]),
    ],
    readings: [
      ['player', sum],
      ['dealer', over ? String(dealerSum) : `shows ${face}`],
      ['last action', lastAction ?? 'none'],
      ['result', verdict === null ? 'open' : verdict.toLowerCase()],
    ],
  };
}
