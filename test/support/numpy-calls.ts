import type { Generator, IntegerDType } from '../../src/core/seeding/generator.js';

type Values = number | bigint | readonly (number | bigint)[];

function times<T>(n: number, draw: () => T): T[] {
  return Array.from({ length: n }, draw);
}

function list(array: ArrayLike<number> | ArrayLike<bigint>): (number | bigint)[] {
  return Array.from(array as ArrayLike<number | bigint>);
}

function integers(dtype: IntegerDType, low: number | bigint, high: number | bigint, size: number) {
  return (g: Generator): Values => list(g.integersArray(dtype, low, high, size));
}

function scalars(dtype: IntegerDType, low: number, high: number, size: number) {
  return (g: Generator): Values => times(size, () => g.integersArray(dtype, low, high, 1)[0]!);
}

function shuffled(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index);
}

const P = [0.1, 0.2, 0.3, 0.4];

/** The draws of `golden/seeding.json`, by name, in this library's words. The file has numpy's call beside each. */
export const NUMPY_DRAWS: Readonly<Record<string, (g: Generator) => unknown>> = {
  random: (g) => times(8, () => g.random()),
  random_f32: (g) => times(8, () => g.randomFloat()),
  standard_normal: (g) => times(8, () => g.standardNormal()),
  standard_normal_f32: (g) => times(8, () => g.standardNormalFloat()),
  standard_exponential: (g) => times(8, () => g.standardExponential()),
  normal: (g) => times(8, () => g.normal(3, 2.5)),
  exponential: (g) => times(8, () => g.exponential(2)),
  'geometric_0.25': (g) => times(12, () => g.geometric(0.25)),
  'geometric_0.6': (g) => times(12, () => g.geometric(0.6)),
  uniform: (g) => times(8, () => g.uniform(-0.05, 0.05)),
  uniform_vec: (g) => [g.uniform(-3.5, 3.5), g.uniform(-1, 1)],
  uniform_scalar: (g) => times(8, () => g.uniform(-1, 1)),
  integers_0_10: (g) => times(8, () => g.integers(0, 10)),
  integers_0_10_scalar: (g) => times(9, () => g.integers(10)),
  integers_power_of_two: (g) => times(8, () => g.integers(0, 16)),
  integers_one_value: (g) => times(4, () => g.integers(3, 4)),
  integers_endpoint: (g) => times(8, () => g.integers(-5, 6)),
  integers_2pow32_range: (g) => times(8, () => g.integers(0, 2 ** 32)),
  integers_2pow32_minus1: (g) => times(8, () => g.integers(0, 2 ** 32 - 1)),
  integers_i64_large: integers('int64', -(2n ** 62n), 2n ** 62n - 3n, 8),
  integers_i64_full: integers('int64', -(2n ** 63n), 2n ** 63n, 8),
  integers_u64: integers('uint64', 0n, 10n ** 19n, 8),
  integers_i32max: (g) => times(5, () => g.integers(2 ** 31 - 1)),
  integers_uint8: integers('uint8', 0, 100, 9),
  integers_uint8_scalar: scalars('uint8', 0, 100, 5),
  integers_int8: integers('int8', 0, 100, 9),
  integers_int8_scalar: scalars('int8', 0, 100, 5),
  integers_uint16: integers('uint16', 0, 100, 9),
  integers_uint16_scalar: scalars('uint16', 0, 100, 5),
  integers_int16: integers('int16', 0, 100, 9),
  integers_int16_scalar: scalars('int16', 0, 100, 5),
  integers_int32: integers('int32', 0, 100, 9),
  integers_int32_scalar: scalars('int32', 0, 100, 5),
  integers_uint32: integers('uint32', 0, 100, 9),
  integers_uint32_scalar: scalars('uint32', 0, 100, 5),
  integers_uint8_full: integers('uint8', 0, 256, 9),
  integers_int8_bits: integers('int8', 0, 2, 9),
  integers_bool: integers('bool', 0, 2, 40),
  integers_broadcast: (g) => [g.integers(0, 10), g.integers(5, 6), g.integers(-3, 4)],
  permutation_20: (g) => list(g.permutation(20)),
  shuffle_array_20: (g) => {
    const array = Int32Array.from(shuffled(20));
    g.shuffle(array);
    return list(array);
  },
  shuffle_list_20: (g) => {
    const array = shuffled(20);
    g.shuffle(array);
    return array;
  },
  shuffle_rows: (g) => {
    const rows = shuffled(6).map((row) => [2 * row, 2 * row + 1]);
    g.shuffle(rows);
    return rows;
  },
  choice_replace: (g) => list(g.choice(7, 8)),
  choice_scalar: (g) => times(6, () => g.choice([2, 3, 5, 7], 1)[0]!),
  choice_noreplace_floyd: (g) => list(g.choice(20, 5, { replace: false })),
  choice_noreplace_noshuffle: (g) => list(g.choice(20, 5, { replace: false, shuffle: false })),
  choice_noreplace_floyd_big: (g) => list(g.choice(20000, 5, { replace: false })),
  choice_noreplace_tail: (g) => list(g.choice(20000, 600, { replace: false })).slice(0, 10),
  choice_p: (g) => list(g.choice(4, 8, { p: P })),
  choice_p_noreplace: (g) => list(g.choice(4, 3, { replace: false, p: P })),
};

/** The calls of `interleaved` in `golden/seeding.json`. */
export const INTERLEAVED_CALLS: Readonly<Record<string, (g: Generator) => unknown>> = {
  'integers(0,10)': (g) => g.integers(0, 10),
  'integers(0,7)': (g) => g.integers(0, 7),
  'integers(0,2**40)': (g) => g.integers(0, 2 ** 40),
  'integers(0,100,dtype=uint8)': (g) => g.integersArray('uint8', 0, 100, 1)[0],
  'integers(0,100,3,dtype=uint8)': (g) => list(g.integersArray('uint8', 0, 100, 3)),
  'random()': (g) => g.random(),
  'random(dtype=float32)': (g) => g.randomFloat(),
  'uniform(2,3)': (g) => g.uniform(2, 3),
  'standard_normal()': (g) => g.standardNormal(),
  'standard_exponential()': (g) => g.standardExponential(),
  'choice(5)': (g) => g.choice(5, 1)[0],
  'choice(3,p=[.2,.5,.3])': (g) => g.choice(3, 1, { p: [0.2, 0.5, 0.3] })[0],
  'permutation(5)': (g) => list(g.permutation(5)),
};
