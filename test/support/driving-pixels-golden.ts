/**
 * Frames of Driving-pixels whose checksums test/golden/driving-pixels.json holds. Run as a program it prints them anew:
 *
 *     node dist/test/support/driving-pixels-golden.js > test/golden/driving-pixels.json
 */
import { fileURLToPath } from 'node:url';
import { DrivingPixelsEnv } from '../../envs/driving-pixels/driving-pixels.js';
import type { DrivingPixelsOptions } from '../../envs/driving-pixels/options.js';
import { crc32 } from '../../src/core/crc32.js';

/** All views, sizes and colours. */
export const VARIANTS: readonly Required<Pick<DrivingPixelsOptions, 'view' | 'size' | 'color'>>[] = (
  ['top-down', 'driver'] as const
).flatMap((view) =>
  ([64, 96] as const).flatMap((size) => (['grey', 'rgb'] as const).map((color) => ({ view, size, color }))),
);

/** Steps after which a frame is kept: at the start, on straights and in bends, and at the start line a lap later. */
const STEPS = [0, 1, 30, 60, 95, 140, 180, 320];

/** Checksums of a scripted drive's frames, then of one that ends off the road. */
export function frameChecksums(options: DrivingPixelsOptions): number[] {
  const env = new DrivingPixelsEnv(options);
  const act = DrivingPixelsEnv.baselines['pure-pursuit']!(env);
  const sums: number[] = [];
  let { observation } = env.reset({ seed: 3, options: { track: 7 } });
  for (let k = 0; k <= 320; k++) {
    if (STEPS.includes(k)) sums.push(crc32(observation));
    observation = env.step(act(observation)).observation;
  }
  env.reset({ seed: 5, options: { track: 11 } });
  for (let over = false, k = 0; !over; k++) {
    const result = env.step(Float32Array.of(k > 25 ? 0.35 : 0, 1));
    over = result.terminated;
    if (over) sums.push(crc32(result.observation));
  }
  return sums;
}

/** The golden file's content. */
export function goldenFrames(): Record<string, number[]> {
  return Object.fromEntries(
    VARIANTS.map((options) => [`${options.view} ${options.size} ${options.color}`, frameChecksums(options)]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(goldenFrames())}\n`);
}
