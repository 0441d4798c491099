import type { Scene, Shape } from 'gymkhana';

const letters = new Map<string, Shape>();

/** The shape of a letter, made once: pages store each shape once. */
function letterShape(letter: string, fill: string): Shape {
  const key = `${letter} ${fill}`;
  const known = letters.get(key);
  if (known !== undefined) return known;
  const shape: Shape = { type: 'text', x: 0, y: 0, text: letter, size: 0.6, fill, align: 'center' };
  letters.set(key, shape);
  return shape;
}

/** The word above, what was typed below: right letters green, wrong ones red. */
export function sceneOf(word: string, typed: string): Scene {
  const row = (text: string, y: number, colour: (k: number) => string) =>
    [...text].map((letter, k) => ({ shape: letterShape(letter, colour(k)), x: k, y }));
  return {
    background: '#f7f5ef',
    camera: { x: 1.5, y: 0.8, width: 5, height: 3 },
    items: [
      ...row(word, 1.2, () => '#33414f'),
      ...row(typed, 0, (k) => (typed[k] === '_' ? '#b9c1c9' : typed[k] === word[k] ? '#2f7d4f' : '#d8392b')),
    ],
  };
}
