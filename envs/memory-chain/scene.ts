import type { Scene, SceneItem, Shape } from '../../src/render/scene.js';
import { rectangle, roundedRectangle } from '../../src/render/shapes.js';

/** Half the length of the line that stands for time. */
const HALF = 2;
/** Where the sign, and the answer, stand above it. */
const ABOVE = 0.75;

const disc = (fill: string): Shape => {
  return { type: 'circle', x: 0, y: 0, radius: 0.42, fill, stroke: '#3b424c', lineWidth: 0.03 };
};
const sign = (text: string): Shape => {
  return { type: 'text', x: 0, y: -0.14, text, size: 0.3, fill: '#ffffff', align: 'center' };
};
const LINE: Shape = { type: 'polyline', points: [-HALF, 0, HALF, 0], stroke: '#8d97a3', lineWidth: 0.05 };
const END: Shape = { type: 'polygon', points: rectangle(-0.04, -0.16, 0.04, 0.16), fill: '#56606b' };
const MARKER: Shape = { type: 'polygon', points: roundedRectangle(-0.09, -0.14, 0.09, 0.14, 0.05), fill: '#2d5f8b' };
const PLUS: readonly Shape[] = [disc('#2e8b57'), sign('+')];
const MINUS: readonly Shape[] = [disc('#c8553d'), sign('-')];
const HIDDEN: readonly Shape[] = [disc('#c3cad2')];
const ASKED: readonly Shape[] = [disc('#f0c24b'), sign('?')];

/** What an answer looks like: null is none yet. */
function signOf(value: number | null): readonly Shape[] {
  if (value === null) return HIDDEN;
  return value > 0 ? PLUS : MINUS;
}

/** The line of time: the sign at its start while it is shown, the answer at its end once it is given. */
export function memoryScene(step: number, length: number, context: number, answer: number | null): Scene {
  const shown = step === 0 ? context : null;
  const isAsked = step === length - 1;
  const at = (shapes: readonly Shape[], x: number): SceneItem[] => shapes.map((shape) => ({ shape, x, y: ABOVE }));
  return {
    background: '#eef1f4',
    camera: { x: 0, y: 0.4, width: 5.4, height: 2 },
    items: [
      { shape: LINE },
      { shape: END, x: -HALF },
      { shape: END, x: HALF },
      { shape: MARKER, x: HALF * ((2 * step) / length - 1) },
      ...at(signOf(shown), -HALF),
      ...at(isAsked ? ASKED : signOf(answer), HALF),
    ],
    readings: [
      ['step', `${step} of ${length}`],
      ['context', step === 0 ? String(context) : 'hidden'],
      ['answer', answer === null ? 'none' : `${answer}, ${answer === context ? 'right' : 'wrong'}`],
    ],
  };
}
