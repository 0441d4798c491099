/** Turns the scenes of an episode into a film: each shape stored once, each frame only what changed. */
import { failure } from '../core/errors.js';
import type { Camera, Scene, SceneItem, Shape } from '../render/scene.js';
import { explainScene } from '../render/validate.js';
import { ANGLE_QUANTUM, type Film } from './page-data.js';

/** Numbers kept once each, by identity and then by content. */
class Table<T> {
  readonly list: T[] = [];
  readonly #byKey = new Map<string, number>();

  index(key: string, value: T): number {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    this.#byKey.set(key, this.list.length);
    this.list.push(value);
    return this.list.length - 1;
  }
}

/** The stream of one view: the main picture or the inset. */
class ViewStream {
  readonly numbers: number[] = [];
  #camera: number[] = [0, 0, 0, 0, 0];
  #shapes: number[] = [];
  #places: number[] = [];

  skip(): void {
    this.numbers.push(-1);
  }

  add(
    camera: Camera,
    background: number,
    items: readonly SceneItem[],
    shapes: readonly number[],
    quantum: number,
  ): void {
    const out = this.numbers;
    out.push(items.length, background);
    const lengths = [camera.x, camera.y, camera.width, camera.height].map((value) => Math.round(value / quantum));
    const view = [...lengths, Math.round((camera.angle ?? 0) / ANGLE_QUANTUM)];
    const turned = view.flatMap((value, i) => (value === this.#camera[i] ? [] : [i, value - this.#camera[i]!]));
    out.push(turned.length / 2, ...turned);
    this.#camera = view;

    const changed: number[] = [];
    for (const [i, shape] of shapes.entries()) if (shape !== this.#shapes[i]) changed.push(i, shape);
    out.push(changed.length / 2, ...changed);
    this.#shapes = [...shapes];

    const moved: number[] = [];
    const places: number[] = [];
    for (const [i, item] of items.entries()) {
      const x = Math.round((item.x ?? 0) / quantum);
      const y = Math.round((item.y ?? 0) / quantum);
      const angle = Math.round((item.angle ?? 0) / ANGLE_QUANTUM);
      const dx = x - (this.#places[3 * i] ?? 0);
      const dy = y - (this.#places[3 * i + 1] ?? 0);
      const da = angle - (this.#places[3 * i + 2] ?? 0);
      if (dx !== 0 || dy !== 0 || da !== 0) moved.push(i, dx, dy, da);
      places.push(x, y, angle);
    }
    out.push(moved.length / 4, ...moved);
    this.#places = places;
  }
}

/** Collects the scenes of one episode. */
export class FilmMaker {
  readonly #shapes = new Table<Shape>();
  readonly #known = new Map<Shape, number>();
  readonly #checked = new Set<unknown>();
  readonly #backgrounds = new Table<string>();
  readonly #texts = new Table<string>();
  readonly #main = new ViewStream();
  readonly #inset = new ViewStream();
  readonly #readings: number[][] = [];
  #hasInset = false;
  #quantum = 0;

  /**
   * Adds a frame.
   * @throws `INVALID_SCENE` if the env's picture is not a scene; the message names the part.
   */
  add(env: string, frame: number, picture: unknown): void {
    const problem = explainScene(picture, this.#checked);
    if (problem !== null) {
      throw failure('INVALID_SCENE', `the picture of ${env} at step ${frame} is not a scene: ${problem}.`, {
        env,
        step: frame,
        got: problem,
      });
    }
    const scene = picture as Scene;
    // About a ten-thousandth of what is seen: far below a pixel.
    if (this.#quantum === 0) this.#quantum = powerOfTen(scene.camera.height) / 10_000;
    this.#view(this.#main, scene);
    if (scene.inset === undefined) this.#inset.skip();
    else this.#view(this.#inset, scene.inset);
    this.#hasInset ||= scene.inset !== undefined;
    this.#readings.push((scene.readings ?? []).flatMap((row) => row.map((text) => this.#texts.index(text, text))));
  }

  #view(stream: ViewStream, view: Pick<Scene, 'camera' | 'items' | 'background'>): void {
    const { background, camera, items } = view;
    const shapes = items.map(({ shape }) => this.#shape(shape));
    stream.add(camera, this.#backgrounds.index(background, background), items, shapes, this.#quantum);
  }

  #shape(shape: Shape): number {
    const known = this.#known.get(shape);
    if (known !== undefined) return known;
    const rounded = this.#rounded(shape);
    const index = this.#shapes.index(JSON.stringify(rounded), rounded);
    this.#known.set(shape, index);
    return index;
  }

  /** A copy of our own: rounded as the placements are, and without fields that no page knows. */
  #rounded(shape: Shape): Shape {
    const round = (value: number): number => Number((Math.round(value / this.#quantum) * this.#quantum).toPrecision(7));
    if (shape.type === 'text') {
      const { type, x, y, text, size, fill, align } = shape;
      return { type, x: round(x), y: round(y), text, size: round(size), fill, ...(align !== undefined && { align }) };
    }
    const { fill, stroke, lineWidth, dash } = shape;
    const paint = {
      ...(fill !== undefined && { fill }),
      ...(stroke !== undefined && { stroke }),
      ...(lineWidth !== undefined && { lineWidth: round(lineWidth) }),
      ...(dash !== undefined && { dash: dash.map(round) }),
    };
    if (shape.type === 'circle') {
      return { type: 'circle', x: round(shape.x), y: round(shape.y), radius: round(shape.radius), ...paint };
    }
    const points = shape.points.map(round);
    if (shape.type === 'polygon') return { type: 'polygon', points, ...paint };
    return { type: 'polyline', points, ...(shape.closed !== undefined && { closed: shape.closed }), ...paint };
  }

  /** The film of the frames so far, which are `every` steps apart. */
  film(every = 1): Film {
    return {
      every,
      quantum: this.#quantum,
      shapes: this.#shapes.list,
      backgrounds: this.#backgrounds.list,
      main: this.#main.numbers,
      inset: this.#hasInset ? this.#inset.numbers : null,
      texts: this.#texts.list,
      readings: this.#readings,
    };
  }
}

/** The largest power of ten that is at most `value`. */
function powerOfTen(value: number): number {
  let power = 1;
  while (power * 10 <= value) power *= 10;
  while (power > value) power /= 10;
  return power;
}
