/** What a rollout takes of the machine's memory, and whether it has that much. */
import { totalmem } from 'node:os';
import process from 'node:process';
import { MAX_MEMORY_BYTES } from '../backends/kernels/kernels.js';
import { usageError } from '../core/errors.js';
import { type ArenaPlan, segmentBytes } from './arena.js';

/** Bytes of a plan: what the kernels see, and frames of pixels beside it. */
export interface RolloutBytes {
  readonly arena: number;
  readonly pixels: number;
}

export function bytesOf({ bytes, pixels }: ArenaPlan): RolloutBytes {
  return { arena: bytes, pixels: pixels === undefined ? 0 : pixels.frames * pixels.frameBytes };
}

/** Bytes that this process may use: of the machine, or of the group of processes that it was put in. */
export function memoryLimit(): number {
  const group = process.constrainedMemory();
  return group > 0 ? Math.min(group, totalmem()) : totalmem();
}

/** The two sizes of a rollout. */
export interface RolloutSize {
  readonly numEnvs: number;
  readonly numSteps: number;
}

/**
 * Plans a rollout where it fits.
 * @param plan - lays out a rollout of a size, whatever its bytes.
 * @param multiple - `numSteps` is a multiple of this.
 * @throws `ARENA_TOO_LARGE` with the arithmetic, and the largest sizes that fit.
 */
export function planThatFits(
  size: RolloutSize,
  plan: (size: RolloutSize) => ArenaPlan,
  multiple = 1,
  limit = memoryLimit(),
): ArenaPlan {
  const chosen = plan(size);
  if (fits(chosen, limit)) return chosen;
  const { arena, pixels } = bytesOf(chosen);
  const works = (other: Partial<RolloutSize>): boolean => fits(plan({ ...size, ...other }), limit);
  const numEnvs = largest(size.numEnvs, (n) => works({ numEnvs: n }));
  const numSteps = multiple * largest(size.numSteps / multiple, (n) => works({ numSteps: n * multiple }));
  const settings = [
    ...(numEnvs > 0 ? [`--num-envs ${numEnvs} with --num-steps ${size.numSteps}`] : []),
    ...(numSteps > 0 ? [`--num-steps ${numSteps} with --num-envs ${size.numEnvs}`] : []),
  ];
  const advice =
    settings.length === 0
      ? 'No smaller rollout of this env fits.'
      : `The largest that fit are ${settings.join(', or ')}.`;
  const bytes = (n: number): string => n.toLocaleString('en');
  const arithmetic = [
    ...(chosen.pixels === undefined
      ? []
      : [`pixels ${bytes(chosen.pixels.frames)} frames x ${bytes(chosen.pixels.frameBytes)} B = ${bytes(pixels)} B`]),
    ...[...chosen.segments]
      .sort((a, b) => segmentBytes(b) - segmentBytes(a))
      .slice(0, 3)
      .map((s) => `${s.name} ${s.shape.join(' x ')} x ${segmentBytes(s) / s.length} B = ${bytes(segmentBytes(s))} B`),
  ].join('; ');
  const expected =
    arena > MAX_MEMORY_BYTES
      ? `4 GiB (${bytes(MAX_MEMORY_BYTES)}) besides pixels is the most there is`
      : `this process may use ${bytes(limit)}`;
  throw usageError(
    'ARENA_TOO_LARGE',
    `a rollout of this size needs ${bytes(arena + pixels)} bytes of shared memory, but ${expected}: ${arithmetic}. ${advice}`,
    {
      expected: `at most ${arena > MAX_MEMORY_BYTES ? MAX_MEMORY_BYTES : limit} bytes`,
      got: `${arena + pixels} bytes`,
    },
  );
}

function fits(plan: ArenaPlan, limit: number): boolean {
  const { arena, pixels } = bytesOf(plan);
  return arena <= MAX_MEMORY_BYTES - MARGIN && arena + pixels <= limit;
}

/** Room for the first page and the last one's rest. */
const MARGIN = 131_072;

/** The largest whole number up to `most` for which something holds, if it holds for all below; 0 for none. */
function largest(most: number, holds: (n: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
