/** A float64 as its two 32-bit words, which is how the functions of this folder look at their arguments. */

const double: Float64Array = new Float64Array(1);
const words: Int32Array = new Int32Array(double.buffer);
/** Where the high word lies: second on the little-endian machines of today, first on a big-endian one such as s390x. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/** The high word, signed: sign, exponent and the first 20 bits of the fraction. */
export function high(x: number): number {
  double[0] = x;
  return words[HIGH]!;
}

/** The low word, signed. */
export function low(x: number): number {
  double[0] = x;
  return words[LOW]!;
}

/** The number with these words. */
export function fromWords(highWord: number, lowWord: number): number {
  words[HIGH] = highWord;
  words[LOW] = lowWord;
  return double[0]!;
}

/** `x` with another high word. */
export function withHigh(x: number, word: number): number {
  double[0] = x;
  words[HIGH] = word;
  return double[0]!;
}

/** `x` without its low 32 bits. */
export function clearLow(x: number): number {
  double[0] = x;
  words[LOW] = 0;
  return double[0]!;
}

/** 2 to the `exponent`, a whole number from -1022 to 1023. */
export function powerOfTwo(exponent: number): number {
  return fromWords((exponent + 1023) << 20, 0);
}
