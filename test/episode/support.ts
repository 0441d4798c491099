/** Envs whose observations depend on every action element at once, for each of the four spaces; files in a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from '../../src/core/crc32.js';
import { Env, type EnvMetadata, type ResetOptions, type ResetResult, type StepResult } from '../../src/core/env.js';
import { GymkhanaError } from '../../src/core/errors.js';
import type { EnvSpec } from '../../src/core/spec.js';
import { link } from '../../src/episode/writer.js';
import { make, register, registry } from '../../src/registration/index.js';
import type { Scene, Shape } from '../../src/render/scene.js';
import { Box, Discrete, MultiBinary, MultiDiscrete, type Space } from '../../src/spaces/index.js';

/** Action spaces by name, every dtype among them. */
export const ACTION_SPACES: Readonly<Record<string, () => Space>> = {
  Float32: () => new Box(-2, 2, { shape: [3] }),
  Float64: () => new Box(-1, 1, { shape: [2, 2], dtype: 'float64' }),
  Int8: () => new Box(-128, 127, { shape: [2], dtype: 'int8' }),
  Uint8: () => new Box(0, 255, { shape: [3], dtype: 'uint8' }),
  Int16: () => new Box(-300, 300, { shape: [1], dtype: 'int16' }),
  Uint32: () => new Box(0, 4e9, { shape: [2], dtype: 'uint32' }),
  Discrete: () => new Discrete(5, { start: -2 }),
  DiscreteWide: () => new Discrete(2 ** 40),
  MultiDiscrete: () => new MultiDiscrete([3, 4, 5]),
  MultiBinary: () => new MultiBinary(6),
};

const DISC: Shape = { type: 'circle', x: 0, y: 0, radius: 0.2, fill: '#d4572a' };
const GROUND: Shape = { type: 'polyline', points: [-3, -1, 3, -1], stroke: '#333', lineWidth: 0.03 };

/** Keyword arguments of `ProbeEnv`. */
export interface ProbeKwargs {
  action?: string;
  /** Terminates after so many steps. */
  length?: number;
  /** Throws, or returns NaN, at this step. */
  failAt?: number;
  nan?: boolean;
  renderMode?: string;
}

/** A walk driven by noise and by every element of the action. */
export class ProbeEnv extends Env<Float32Array, unknown> {
  override readonly metadata: EnvMetadata = {
    about: 'A walk for tests.',
    renderModes: ['scene'],
    renderFps: 20,
    episodeMeasures: ['distance'],
    fields: {
      observation: [
        { name: 'x', unit: 'm', low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, about: 'Where it is.' },
        { name: 'push', unit: '1', low: -1e12, high: 1e12, about: 'What the <action> did & "so on".' },
      ],
      action: [],
    },
  };
  readonly observationSpace = new Box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [2] });
  readonly actionSpace: Space;
  readonly #kwargs: ProbeKwargs;
  readonly #state = new Float32Array(2);
  #steps = 0;

  constructor(kwargs: ProbeKwargs = {}) {
    super();
    this.#kwargs = kwargs;
    this.actionSpace = ACTION_SPACES[kwargs.action ?? 'Discrete']!();
  }

  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    this.#steps = 0;
    this.#state[0] = this.rng.uniform(-1, 1) + Number(options.options?.offset ?? 0);
    this.#state[1] = 0;
    // An odd number of 32-bit draws: the buffered half-word must be part of the log.
    if (this.rng.integers(3) === 0) this.rng.integers(100);
    return { observation: this.#state, info: {} };
  }

  override step(action: unknown): StepResult<Float32Array> {
    this.#steps++;
    const { failAt, nan, length = 10 } = this.#kwargs;
    if (this.#steps === failAt && !nan) throw new Error('the wheel came off');
    const elements = typeof action === 'number' ? [action] : Array.from(action as ArrayLike<number>);
    let push = 0;
    for (const [i, element] of elements.entries()) push += Math.sin(element + i) * (i + 1);
    this.#state[0]! += 0.1 * this.rng.standardNormal() + 0.01 * push;
    this.#state[1] = this.#steps === failAt ? Number.NaN : push;
    const distance = Math.abs(this.#state[0]!);
    return {
      observation: this.#state,
      reward: push - 0.125,
      terminated: this.#steps >= length,
      truncated: false,
      info: { distance, last: elements, text: 'é', ignored: () => 1 },
    };
  }

  override render(): Scene | null {
    if (this.#kwargs.renderMode !== 'scene') return null;
    const x = this.#state[0]!;
    const push = this.#state[1]!;
    const meter: Shape = { type: 'polygon', points: [0, 0, push, 0, push, 0.1, 0, 0.1], fill: '#39c' };
    return {
      background: '#f3f0e8',
      camera: { x: 0, y: 0, width: 6, height: 4 },
      items: [{ shape: GROUND }, { shape: DISC, x, y: -0.8, angle: x }, { shape: meter, x: -1, y: 1 }],
      inset: {
        background: '#fff',
        camera: { x: 0, y: 0, width: 20, height: 20 },
        items: [{ shape: DISC, x: 4 * x, y: 0 }],
      },
      readings: [['x', `${x.toFixed(2)} m`]],
    };
  }
}

/** A spec of `ProbeEnv`, registered under an id of its own. */
export function probeSpec(kwargs: ProbeKwargs = {}, options: { nondeterministic?: boolean } = {}): EnvSpec {
  const id = `Probe${options.nondeterministic ? 'Wild' : ''}-v0`;
  register({ id, entryPoint: ProbeEnv, nondeterministic: options.nondeterministic ?? false });
  return { ...registry.get(id)!, kwargs: { ...kwargs } };
}

/** A `ProbeEnv` as `make` gives it. */
export function makeProbe(kwargs: ProbeKwargs = {}): Promise<Env> {
  return make(probeSpec(kwargs));
}

/** Runs `body` with a new folder, which is removed afterwards. */
export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-episode-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The `GymkhanaError` that `body` throws. */
export async function refusal(body: () => unknown): Promise<GymkhanaError> {
  try {
    await body();
  } catch (error) {
    if (error instanceof GymkhanaError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

/** A chunk of an episode file. */
export interface Part {
  type: string;
  offset: number;
  payload: Buffer;
}

/** Makes all checksums of a file fit again, in place. */
export function reseal(bytes: Buffer): Buffer {
  for (const { offset, payload } of partsOf(bytes)) bytes.writeUInt32LE(crc32(payload), offset + 12 + payload.length);
  link(bytes.subarray(8), 0);
  return bytes;
}

/** The chunks of a file, found without the reader. */
export function partsOf(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  for (let offset = 8; offset < bytes.length; ) {
    const length = bytes.readUInt32LE(offset + 4);
    const payload = bytes.subarray(offset + 12, offset + 12 + length);
    parts.push({ type: bytes.toString('latin1', offset, offset + 4), offset, payload });
    offset += 16 + length;
  }
  return parts;
}
