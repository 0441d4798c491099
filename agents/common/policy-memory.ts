/** What a policy with a memory is given with each step. */
import { usageError } from '../../src/core/errors.js';

/** The caller's memory, checked; an empty one for a policy that remembers nothing. @throws `MEMORY_MISSING` */
export function checkedMemory(memory: Float32Array | null | undefined, size: number, rows: number): Float32Array {
  if (size === 0) return new Float32Array(0);
  if (memory instanceof Float32Array && memory.length === size && rows === 1) return memory;
  const got = memory instanceof Float32Array ? `${memory.length} numbers for ${rows} observations` : String(memory);
  throw usageError(
    'MEMORY_MISSING',
    `this policy remembers: predict() takes one observation and its memory of ${size} numbers, got ${got}. Make one with newMemory() where an episode begins, and give it with each step.`,
    { field: 'memory', expected: `a Float32Array of ${size} numbers`, got },
  );
}
