/** The land of an episode: a chain of edges, the obstacles of the hardcore variant, and clouds for the picture. */
import type { Generator } from '../../src/core/seeding/generator.js';
import { CONSTANTS } from './fields.js';

const SCALE = CONSTANTS.SCALE.value;
const STEP = CONSTANTS.TERRAIN_STEP.value;
const LENGTH = CONSTANTS.TERRAIN_LENGTH.value;
const HEIGHT = CONSTANTS.TERRAIN_HEIGHT.value;
const GRASS_STEPS = CONSTANTS.TERRAIN_GRASS.value;
const STARTPAD = CONSTANTS.TERRAIN_STARTPAD.value;
const CLOUD_HEIGHT = ((CONSTANTS.VIEWPORT_H.value / SCALE) * 3) / 4;

const GRASS = 0;
const STUMP = 1;
const STAIRS = 2;
const PIT = 3;
const STATES = 4;

type Point = readonly [x: number, y: number];

/** What an episode's land is made of; lengths in metres. */
export interface Terrain {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Stumps, stairs and the walls of pits, in the order in which they were made. */
  readonly obstacles: readonly (readonly Point[])[];
  /** Outlines of clouds; only the picture has them. */
  readonly clouds: readonly (readonly Point[])[];
}

/** Draws an episode's land, with the original's draws in the original's order. */
export function drawTerrain(rng: Generator, hardcore: boolean): Terrain {
  const maker = new TerrainMaker(rng, hardcore);
  for (let i = 0; i < LENGTH; i++) maker.next(i);
  const { x, y, obstacles } = maker;
  return { x, y, obstacles, clouds: drawClouds(rng) };
}

/** Goes along the terrain point by point; what it makes at present is its `state`. */
class TerrainMaker {
  readonly x = new Float64Array(LENGTH);
  readonly y = new Float64Array(LENGTH);
  readonly obstacles: Point[][] = [];
  readonly #rng: Generator;
  readonly #hardcore: boolean;
  #state = GRASS;
  #velocity = 0;
  #y: number = HEIGHT;
  /** Points until the state changes. */
  #counter: number = STARTPAD;
  /** Whether this is the first point of a state. */
  #first = false;
  #stairSteps = 0;
  #stairWidth = 0;
  #stairHeight = 0;
  /** Height before the stairs or the pit. */
  #before = 0;

  constructor(rng: Generator, hardcore: boolean) {
    this.#rng = rng;
    this.#hardcore = hardcore;
  }

  /** Makes point `i`. */
  next(i: number): void {
    const x = i * STEP;
    this.x[i] = x;
    // A first point on grass repeats the height of the last one.
    if (this.#first) this.#begin(x);
    else this.#goOn(i);
    this.y[i] = this.#y;
    this.#first = false;
    this.#counter--;
    if (this.#counter === 0) this.#change();
  }

  #change(): void {
    const rng = this.#rng;
    this.#counter = rng.integers(Math.floor(GRASS_STEPS / 2), GRASS_STEPS);
    this.#state = this.#state === GRASS && this.#hardcore ? rng.integers(1, STATES) : GRASS;
    this.#first = true;
  }

  #goOn(i: number): void {
    if (this.#state === GRASS) {
      this.#velocity = 0.8 * this.#velocity + 0.01 * Math.sign(HEIGHT - this.#y);
      if (i > STARTPAD) this.#velocity += this.#rng.uniform(-1, 1) / SCALE;
      this.#y += this.#velocity;
    } else if (this.#state === PIT) {
      this.#y = this.#before;
      if (this.#counter > 1) this.#y -= 4 * STEP;
    } else if (this.#state === STAIRS) {
      const s = this.#stairSteps * this.#stairWidth - this.#counter - this.#stairHeight;
      const n = s / this.#stairWidth;
      this.#y = this.#before + n * this.#stairHeight * STEP;
    }
  }

  #begin(x: number): void {
    if (this.#state === PIT) this.#beginPit(x);
    else if (this.#state === STUMP) this.#beginStump(x);
    else if (this.#state === STAIRS) this.#beginStairs(x);
  }

  /** A block before the gap and one behind it. */
  #beginPit(x: number): void {
    const y = this.#y;
    const width = this.#rng.integers(3, 5);
    const block: Point[] = [
      [x, y],
      [x + STEP, y],
      [x + STEP, y - 4 * STEP],
      [x, y - 4 * STEP],
    ];
    this.obstacles.push(
      block,
      block.map(([px, py]) => [px + STEP * width, py]),
    );
    this.#counter = width + 2;
    this.#before = y;
  }

  #beginStump(x: number): void {
    const y = this.#y;
    const size = this.#rng.integers(1, 3);
    this.#counter = size;
    this.obstacles.push([
      [x, y],
      [x + size * STEP, y],
      [x + size * STEP, y + size * STEP],
      [x, y + size * STEP],
    ]);
  }

  #beginStairs(x: number): void {
    const rng = this.#rng;
    const y = this.#y;
    const height = rng.random() > 0.5 ? 1 : -1;
    const width = rng.integers(4, 5);
    const steps = rng.integers(3, 5);
    this.#before = y;
    for (let s = 0; s < steps; s++) {
      const left = x + s * width * STEP;
      const right = x + (1 + s) * width * STEP;
      const top = y + s * height * STEP;
      const bottom = y + (-1 + s * height) * STEP;
      this.obstacles.push([
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
      ]);
    }
    this.#stairHeight = height;
    this.#stairWidth = width;
    this.#stairSteps = steps;
    this.#counter = steps * width;
  }
}

function drawClouds(rng: Generator): Point[][] {
  return Array.from({ length: Math.floor(LENGTH / 20) }, () => {
    const x = rng.uniform(0, LENGTH) * STEP;
    return Array.from({ length: 5 }, (_, a): Point => {
      const angle = (3.14 * 2 * a) / 5;
      const px = x + 15 * STEP * Math.sin(angle) + rng.uniform(0, 5 * STEP);
      const py = CLOUD_HEIGHT + 5 * STEP * Math.cos(angle) + rng.uniform(0, 5 * STEP);
      return [px, py];
    });
  });
}
