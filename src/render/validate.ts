/** Checks a picture that an env returned, so that a page or test names the wrong part instead of drawing nothing. */
import type { Scene } from './scene.js';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === 'string';

/** What kind of thing a value is, briefly. */
function kind(value: unknown): string {
  if (typeof value === 'number' || value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an Array' : `a ${typeof value}`;
}

/** Fields of an object that must, or may, be of a kind. */
function fields(
  where: string,
  value: Fields,
  kindName: string,
  test: (value: unknown) => boolean,
  required: readonly string[],
  optional: readonly string[] = [],
): string | null {
  for (const name of [...required, ...optional]) {
    const field = value[name];
    if (field === undefined && optional.includes(name)) continue;
    if (!test(field)) return `expected ${where}.${name} as ${kindName}, got ${kind(field)}`;
  }
  return null;
}

function numbers(where: string, value: unknown, even: boolean): string | null {
  if (!Array.isArray(value)) return `expected ${where} as a list of numbers, got ${kind(value)}`;
  if (even && value.length % 2 !== 0) return `expected an even number of coordinates in ${where}, got ${value.length}`;
  const bad = value.findIndex((item) => !isNumber(item));
  return bad < 0 ? null : `expected ${where}[${bad}] as a finite number, got ${kind(value[bad])}`;
}

function shapeProblem(where: string, shape: unknown): string | null {
  if (!isObject(shape)) return `expected ${where} as a shape, got ${kind(shape)}`;
  const paint = (): string | null =>
    fields(where, shape, 'a CSS colour', isText, [], ['fill', 'stroke']) ??
    fields(where, shape, 'a finite number', isNumber, [], ['lineWidth']) ??
    (shape.dash === undefined ? null : numbers(`${where}.dash`, shape.dash, false));
  switch (shape.type) {
    case 'polygon':
    case 'polyline':
      return numbers(`${where}.points`, shape.points, true) ?? paint();
    case 'circle':
      return fields(where, shape, 'a finite number', isNumber, ['x', 'y', 'radius']) ?? paint();
    case 'text':
      return (
        fields(where, shape, 'a finite number', isNumber, ['x', 'y', 'size']) ??
        fields(where, shape, 'text', isText, ['text', 'fill'], ['align'])
      );
    default:
      return `expected ${where}.type as polygon, polyline, circle or text, got ${JSON.stringify(shape.type)}`;
  }
}

function viewProblem(where: string, view: unknown, known: Set<unknown>): string | null {
  if (!isObject(view)) return `expected ${where} as an object, got ${kind(view)}`;
  const { camera, items } = view;
  if (!isObject(camera)) return `expected ${where}.camera as an object, got ${kind(camera)}`;
  const wrong =
    fields(where, view, 'a CSS colour', isText, ['background']) ??
    fields(`${where}.camera`, camera, 'a finite number', isNumber, ['x', 'y', 'width', 'height'], ['angle']);
  if (wrong !== null) return wrong;
  if (!((camera.width as number) > 0 && (camera.height as number) > 0)) {
    return `expected ${where}.camera.width and height above 0, got ${camera.width} and ${camera.height}`;
  }
  if (!Array.isArray(items)) return `expected ${where}.items as a list, got ${kind(items)}`;
  for (const [i, item] of items.entries()) {
    const place = `${where}.items[${i}]`;
    if (!isObject(item)) return `expected ${place} as an object, got ${kind(item)}`;
    const problem = fields(place, item, 'a finite number', isNumber, [], ['x', 'y', 'angle']);
    if (problem !== null) return problem;
    if (known.has(item.shape)) continue;
    const shape = shapeProblem(`${place}.shape`, item.shape);
    if (shape !== null) return shape;
    known.add(item.shape);
  }
  return null;
}

/**
 * Why `value` is not a scene, as a sentence fragment ("expected ..., got ..."), or null if it is one.
 * @param known shapes that were found good before; new ones are added, so that a film checks each shape once.
 */
export function explainScene(value: unknown, known: Set<unknown> = new Set()): string | null {
  const main = viewProblem('scene', value, known);
  if (main !== null) return main;
  const { inset, readings } = value as Fields;
  if (inset !== undefined) {
    const problem = viewProblem('scene.inset', inset, known);
    if (problem !== null) return problem;
  }
  if (readings === undefined) return null;
  const pair = (row: unknown): boolean => Array.isArray(row) && row.length === 2 && row.every(isText);
  if (Array.isArray(readings) && readings.every(pair)) return null;
  return 'expected scene.readings as a list of [label, value] texts';
}

/** Whether `value` is a scene. */
export function isScene(value: unknown): value is Scene {
  return explainScene(value) === null;
}
