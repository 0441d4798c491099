/**
 * Closed race tracks out of a number. A number always gives the same track, whatever the env's seed: a stretched ring whose
 * radius swings with random harmonics, swung until its tightest bend has a drawn radius, and drawn again while it is too
 * long, too tame, or passes too near to itself.
 *
 * Flat typed arrays that every `build` fills anew; the start line is where the road is straightest.
 */
import { failure } from '../../src/core/errors.js';
import { Generator, SeedSequence } from '../../src/core/seeding/index.js';
import { SegmentGrid } from '../../src/physics/rays.js';
import { CONSTANTS } from './constants.js';

/** Points of every centre line. */
export const TRACK_POINTS = 256;

/** Test tracks follow the training tracks, so that no number is in both ranges. */
export const SPLITS = {
  train: { first: 0, count: 1_000_000 },
  test: { first: 1_000_000, count: 1_000 },
} as const;

/** Which range of track numbers `reset` draws from. */
export type Split = keyof typeof SPLITS;

const { MAX_STRETCH, MEAN_RADIUS_LOW, MEAN_RADIUS_HIGH, MIN_RADIUS_LOW, MIN_RADIUS_HIGH, MIN_TURNING } = CONSTANTS;
const { TRACK_LENGTH_MAX, ROAD_HALF_WIDTH_MIN, ROAD_HALF_WIDTH_MAX } = CONSTANTS;
const VERGE = CONSTANTS.VERGE.value;
/** Second word of a track's seed: keeps tracks apart from streams that are seeded with small numbers. */
const TRACK_STREAM = 0x7261_6365;
const MAX_ATTEMPTS = 500;
/** Samples of a shape around the origin. */
const SAMPLES = 256;
const FIRST_HARMONIC = 2;
const HARMONICS = 7;
/** Swings are found to this many binary digits between 0 and `MAX_SWING`. */
const SWING_DIGITS = 9;
const MAX_SWING = 3;
/** Least radius of a shape as a share of its mean radius. */
const MIN_SHAPE_RADIUS = 0.1;
/** Parts of a track that are less than this far apart along it, m, are one bend, not two parts that pass each other. */
const SAME_BEND = 24;
/** Every so many points are compared with each other. */
const CLEARANCE_STRIDE = 4;
/** Metres around the start line over which the straightest stretch is sought, behind and ahead. */
const START_BEHIND = 10;
const START_AHEAD = 25;

const cosine = new Float64Array(SAMPLES);
const sine = new Float64Array(SAMPLES);
for (let i = 0; i < SAMPLES; i++) {
  cosine[i] = Math.cos((2 * Math.PI * i) / SAMPLES);
  sine[i] = Math.sin((2 * Math.PI * i) / SAMPLES);
}

// Scratch of `build`, shared by all tracks of a thread: nothing of it outlives a call.
/** The swing of the radius and its first two derivatives by the angle around the origin [SAMPLES]. */
const swing0 = new Float64Array(SAMPLES);
const swing1 = new Float64Array(SAMPLES);
const swing2 = new Float64Array(SAMPLES);
/** The shape: points, derivatives, curvature, and the way travelled from sample 0 [SAMPLES + 1, closed]. */
const shapeX = new Float64Array(SAMPLES + 1);
const shapeY = new Float64Array(SAMPLES + 1);
const shapeX1 = new Float64Array(SAMPLES + 1);
const shapeY1 = new Float64Array(SAMPLES + 1);
const shapeCurvature = new Float64Array(SAMPLES + 1);
const travelled = new Float64Array(SAMPLES + 1);
/** The even points before they are turned to the start line [TRACK_POINTS]. */
const rawX = new Float64Array(TRACK_POINTS);
const rawY = new Float64Array(TRACK_POINTS);
const rawTangentX = new Float64Array(TRACK_POINTS);
const rawTangentY = new Float64Array(TRACK_POINTS);
const rawCurvature = new Float64Array(TRACK_POINTS);

/** Draws the harmonics: amplitudes fall with the square of the frequency, so that bends of every size are about as tight. */
function drawSwing(rng: Generator): void {
  swing0.fill(0);
  swing1.fill(0);
  swing2.fill(0);
  for (let k = FIRST_HARMONIC; k < FIRST_HARMONIC + HARMONICS; k++) {
    const phase = rng.uniform(0, 2 * Math.PI);
    const amplitude = rng.random() / (k * k);
    const a = amplitude * Math.cos(phase);
    const b = amplitude * Math.sin(phase);
    for (let i = 0; i < SAMPLES; i++) {
      const turn = (k * i) & (SAMPLES - 1);
      const value = a * cosine[turn]! + b * sine[turn]!;
      swing0[i]! += value;
      swing1[i]! += k * (b * cosine[turn]! - a * sine[turn]!);
      swing2[i]! -= k * k * value;
    }
  }
}

/** Whether the shape with this swing bends tighter than `minRadius`, in units of its mean radius, or nears the origin. */
function isTooTight(swing: number, stretch: number, minRadius: number): boolean {
  for (let i = 0; i < SAMPLES; i++) {
    const r = 1 + swing * swing0[i]!;
    if (r < MIN_SHAPE_RADIUS) return true;
    const r1 = swing * swing1[i]!;
    const r2 = swing * swing2[i]!;
    const c = cosine[i]!;
    const s = sine[i]!;
    const x1 = stretch * (r1 * c - r * s);
    const y1 = r1 * s + r * c;
    const bend = x1 * (r2 * s + 2 * r1 * c - r * s) - y1 * stretch * (r2 * c - 2 * r1 * s - r * c);
    const speed2 = x1 * x1 + y1 * y1;
    if (bend * bend * minRadius * minRadius > speed2 * speed2 * speed2) return true;
  }
  return false;
}

/** The road: a closed centre line of `TRACK_POINTS` evenly spaced points, point 0 on the start line, and its barriers. */
export class Track {
  /** -1 before the first `build`. */
  number = -1;
  /** Length of the centre line, m. */
  length = 0;
  /** Distance between neighbouring points along the centre line, m. */
  spacing = 0;
  /** Half the width of the road, m. */
  halfWidth = 0;
  /** How many shapes were drawn until one was accepted. */
  attempts = 0;
  /** Centre line, m [TRACK_POINTS]. */
  readonly x = new Float64Array(TRACK_POINTS);
  readonly y = new Float64Array(TRACK_POINTS);
  /** Unit vector in the direction of travel [TRACK_POINTS]. */
  readonly tangentX = new Float64Array(TRACK_POINTS);
  readonly tangentY = new Float64Array(TRACK_POINTS);
  /** 1/m, positive where the road bends to the left [TRACK_POINTS]. */
  readonly curvature = new Float64Array(TRACK_POINTS);
  /** Both barriers as segments, m [2 TRACK_POINTS, 4]: left of section i at 2 i, right at 2 i + 1. */
  readonly barriers = new Float64Array(TRACK_POINTS * 8);
  /** The barriers, for rays. */
  readonly grid = new SegmentGrid(CONSTANTS.TRACK_CELL.value);

  /** Becomes the track of a number; about 60 us. */
  build(number: number): void {
    if (number === this.number) return;
    const rng = Generator.fromSeedSequence(new SeedSequence([number, TRACK_STREAM]));
    this.halfWidth = rng.uniform(ROAD_HALF_WIDTH_MIN.value, ROAD_HALF_WIDTH_MAX.value);
    this.attempts = 0;
    while (!this.#attempt(rng)) {
      // Three shapes in four are accepted: reaching the bound is out of the question unless a constant was changed.
      if (this.attempts === MAX_ATTEMPTS) {
        throw failure(
          'TRACK_GENERATION_FAILED',
          `internal: no valid shape for track ${number} in ${MAX_ATTEMPTS} tries.`,
        );
      }
    }
    this.#rotateToStart();
    this.#raiseBarriers();
    this.number = number;
  }

  /** Draws one shape into the scratch arrays; false if it breaks a limit. */
  #attempt(rng: Generator): boolean {
    this.attempts++;
    const direction = rng.random() < 0.5 ? 1 : -1;
    const stretch = rng.uniform(1, MAX_STRETCH.value);
    const radius = rng.uniform(MEAN_RADIUS_LOW.value, MEAN_RADIUS_HIGH.value);
    const minRadius = rng.uniform(MIN_RADIUS_LOW.value, MIN_RADIUS_HIGH.value) / radius;
    drawSwing(rng);
    let swing = 0;
    let digit = MAX_SWING;
    for (let k = 0; k < SWING_DIGITS; k++) {
      digit /= 2;
      if (!isTooTight(swing + digit, stretch, minRadius)) swing += digit;
    }
    const turning = this.#trace(swing, direction * stretch * radius, radius);
    this.length = travelled[SAMPLES]!;
    this.spacing = this.length / TRACK_POINTS;
    if (turning < MIN_TURNING.value || this.length > TRACK_LENGTH_MAX.value) return false;
    this.#resample();
    return this.#hasClearance();
  }

  /** Computes the shape, `scaleX` and `scaleY` being its mean radii; a negative one reverses the direction of travel. Returns the angle, rad, by which it bends in all. */
  #trace(swing: number, scaleX: number, scaleY: number): number {
    let turning = 0;
    let length = 0;
    let lastSpeed = 0;
    for (let j = 0; j <= SAMPLES; j++) {
      const i = j & (SAMPLES - 1);
      const r = 1 + swing * swing0[i]!;
      const r1 = swing * swing1[i]!;
      const r2 = swing * swing2[i]!;
      const c = cosine[i]!;
      const s = sine[i]!;
      const x1 = scaleX * (r1 * c - r * s);
      const y1 = scaleY * (r1 * s + r * c);
      const bend = x1 * scaleY * (r2 * s + 2 * r1 * c - r * s) - y1 * scaleX * (r2 * c - 2 * r1 * s - r * c);
      const speed = Math.sqrt(x1 * x1 + y1 * y1);
      shapeX[j] = scaleX * r * c;
      shapeY[j] = scaleY * r * s;
      shapeX1[j] = x1;
      shapeY1[j] = y1;
      shapeCurvature[j] = bend / (speed * speed * speed);
      // The trapezoidal rule converges faster than any power of the step on a closed smooth curve.
      if (j > 0) {
        length += ((speed + lastSpeed) * Math.PI) / SAMPLES;
        turning += (Math.abs(shapeCurvature[j]!) * speed * 2 * Math.PI) / SAMPLES;
      }
      travelled[j] = length;
      lastSpeed = speed;
    }
    return turning;
  }

  /** Walks the shape in even steps of arc length: cubic Hermite between its samples. */
  #resample(): void {
    const step = (2 * Math.PI) / SAMPLES;
    let i = 0;
    for (let p = 0; p < TRACK_POINTS; p++) {
      const target = this.spacing * p;
      while (i < SAMPLES - 1 && travelled[i + 1]! <= target) i++;
      const t = (target - travelled[i]!) / (travelled[i + 1]! - travelled[i]!);
      const u = 1 - t;
      const h0 = u * u * (1 + 2 * t);
      const h1 = t * u * u * step;
      const h2 = t * t * (3 - 2 * t);
      const h3 = -t * t * u * step;
      rawX[p] = h0 * shapeX[i]! + h1 * shapeX1[i]! + h2 * shapeX[i + 1]! + h3 * shapeX1[i + 1]!;
      rawY[p] = h0 * shapeY[i]! + h1 * shapeY1[i]! + h2 * shapeY[i + 1]! + h3 * shapeY1[i + 1]!;
      const tx = u * shapeX1[i]! + t * shapeX1[i + 1]!;
      const ty = u * shapeY1[i]! + t * shapeY1[i + 1]!;
      const norm = 1 / Math.sqrt(tx * tx + ty * ty);
      rawTangentX[p] = tx * norm;
      rawTangentY[p] = ty * norm;
      rawCurvature[p] = u * shapeCurvature[i]! + t * shapeCurvature[i + 1]!;
    }
  }

  /** Whether parts that pass each other keep their barriers apart. */
  #hasClearance(): boolean {
    const least = 2 * (this.halfWidth + VERGE) + CONSTANTS.TRACK_GAP.value;
    const first = Math.ceil(SAME_BEND / this.spacing);
    for (let i = 0; i < TRACK_POINTS; i += CLEARANCE_STRIDE) {
      const x = rawX[i]!;
      const y = rawY[i]!;
      const last = Math.min(TRACK_POINTS - 1, i + TRACK_POINTS - first);
      for (let j = i + first; j <= last; j += CLEARANCE_STRIDE) {
        const dx = rawX[j]! - x;
        const dy = rawY[j]! - y;
        if (dx * dx + dy * dy < least * least) return false;
      }
    }
    return true;
  }

  /** Copies the scratch arrays so that point 0 is where the road around is straightest. */
  #rotateToStart(): void {
    const behind = Math.ceil(START_BEHIND / this.spacing);
    const ahead = Math.ceil(START_AHEAD / this.spacing);
    let bend = 0;
    for (let k = -behind; k < ahead; k++) bend += Math.abs(rawCurvature[(k + TRACK_POINTS) % TRACK_POINTS]!);
    let least = bend;
    let start = 0;
    for (let p = 1; p < TRACK_POINTS; p++) {
      bend += Math.abs(rawCurvature[(p + ahead - 1) % TRACK_POINTS]!);
      bend -= Math.abs(rawCurvature[(p - 1 - behind + TRACK_POINTS) % TRACK_POINTS]!);
      if (bend < least) {
        least = bend;
        start = p;
      }
    }
    for (let p = 0; p < TRACK_POINTS; p++) {
      const from = (p + start) % TRACK_POINTS;
      this.x[p] = rawX[from]!;
      this.y[p] = rawY[from]!;
      this.tangentX[p] = rawTangentX[from]!;
      this.tangentY[p] = rawTangentY[from]!;
      this.curvature[p] = rawCurvature[from]!;
    }
  }

  /** Puts a barrier on either side and sorts both into the grid. */
  #raiseBarriers(): void {
    const { x, y, tangentX, tangentY, barriers } = this;
    const offset = this.halfWidth + VERGE;
    for (let p = 0; p < TRACK_POINTS; p++) {
      const before = p === 0 ? TRACK_POINTS - 1 : p - 1;
      const dx = -tangentY[p]! * offset;
      const dy = tangentX[p]! * offset;
      barriers[p * 8] = x[p]! + dx;
      barriers[p * 8 + 1] = y[p]! + dy;
      barriers[p * 8 + 4] = x[p]! - dx;
      barriers[p * 8 + 5] = y[p]! - dy;
      barriers[before * 8 + 2] = barriers[p * 8]!;
      barriers[before * 8 + 3] = barriers[p * 8 + 1]!;
      barriers[before * 8 + 6] = barriers[p * 8 + 4]!;
      barriers[before * 8 + 7] = barriers[p * 8 + 5]!;
    }
    this.grid.build(barriers);
  }
}
