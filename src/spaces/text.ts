import { usageError } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { invalidSpace, preview } from './arrays.js';
import { invalidValue } from './composite.js';
import { checkedMask, checkedProbability, invalidMask, rejectBoth } from './masks.js';
import { Space } from './space.js';

const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What `sample` of a Text space can be told: a length or null, and a mask or probabilities of the characters or null. */
export interface TextSampleOptions {
  readonly mask?: readonly [length: number | null, characters: ArrayLike<number> | null];
  readonly probability?: readonly [length: number | null, characters: ArrayLike<number> | null];
}

/** Text of bounded length over a set of characters (Unicode code points); values are strings. */
export class Text extends Space<string> {
  readonly type = 'Text';
  readonly shape = null;
  readonly dtype = 'str';
  readonly minLength: number;
  readonly maxLength: number;
  /** The characters in the order that masks and flattening use. */
  readonly characters: readonly string[];
  readonly #index: ReadonlyMap<string, number>;

  /**
   * @param maxLength - in characters, inclusive.
   * @param options - `minLength`, 1 by default; `charset`, the letters and digits of ASCII by default: a string keeps its
   * order, a set or list of characters is sorted, as Gymnasium does.
   * @throws `INVALID_SPACE`
   */
  constructor(
    maxLength: number,
    options: { readonly minLength?: number; readonly charset?: string | ReadonlySet<string> | readonly string[] } = {},
  ) {
    super();
    const { minLength = 1, charset = ALPHANUMERIC } = options;
    const whole = (field: string, value: number, from: number): void => {
      if (Number.isSafeInteger(value) && value >= from) return;
      const expected = `a whole number from ${from}`;
      throw invalidSpace(`Expected ${field} of a Text space as ${expected}, got ${preview(value)}.`, {
        expected,
        got: preview(value),
        field,
      });
    };
    whole('minLength', minLength, 0);
    whole('maxLength', maxLength, minLength);
    const isText = typeof charset === 'string';
    if (!isText && !(charset instanceof Set) && !Array.isArray(charset)) {
      throw invalidSpace(`Expected charset of a Text space as text, a set or a list, got ${preview(charset)}.`, {
        field: 'charset',
        got: preview(charset),
      });
    }
    const characters = [...new Set(charset as Iterable<string>)];
    const odd = characters.find((character) => typeof character !== 'string' || Array.from(character).length !== 1);
    if (odd !== undefined || characters.length === 0) {
      const got = odd === undefined ? 'none' : preview(odd);
      throw invalidSpace(`Expected charset of a Text space as at least one single character, got ${got}.`, {
        field: 'charset',
        got,
      });
    }
    this.characters = isText ? characters : characters.sort();
    this.minLength = minLength;
    this.maxLength = maxLength;
    this.#index = new Map(this.characters.map((character, k) => [character, k]));
  }

  /** The place of a character in `characters`; -1 for one that is not in the set. */
  characterIndex(character: string): number {
    return this.#index.get(character) ?? -1;
  }

  /**
   * A random text.
   * @throws `INVALID_MASK` if a length or a mask does not fit, or if a mask of zeros leaves nothing to sample.
   */
  sample(options: TextSampleOptions = {}): string {
    rejectBoth(options);
    const n = this.characters.length;
    const given = options.mask ?? options.probability;
    if (given !== undefined && (!Array.isArray(given) || given.length !== 2))
      throw invalidMask('Expected [length, characters] to sample a Text, null for either.', preview(given));
    const [fixed, weights] = given ?? [null, null];
    if (fixed !== null && !(Number.isInteger(fixed) && fixed >= this.minLength && fixed <= this.maxLength)) {
      const expected = `a length from ${this.minLength} to ${this.maxLength}`;
      throw invalidMask(`Expected ${expected} to sample a Text, got ${preview(fixed)}.`, preview(fixed));
    }
    let p = Array.from({ length: n }, () => 1 / n);
    if (weights !== null && options.mask !== undefined) {
      const allowed = checkedMask({ mask: weights }, n);
      p = Array.from({ length: n }, () => 0);
      for (const k of allowed) p[k] = 1 / allowed.length;
    } else if (weights !== null) {
      p = Array.from(checkedProbability(weights, n));
    }
    const length = fixed ?? this.generator.integers(this.minLength, this.maxLength + 1);
    if (p.every((value) => value === 0)) {
      if (this.minLength === 0) return '';
      throw invalidMask('A mask of zeros leaves no character for a text that may not be empty.', 'zeros');
    }
    return Array.from(this.generator.choice(n, length, { p }), (k) => this.characters[k]!).join('');
  }

  contains(value: unknown): value is string {
    return this.explain(value) === null;
  }

  explain(value: unknown): string | null {
    if (typeof value !== 'string') return `expected text, got ${preview(value)}`;
    let length = 0;
    for (const character of value) {
      length++;
      if (!this.#index.has(character)) return `expected characters of the charset, got ${JSON.stringify(character)}`;
    }
    if (length >= this.minLength && length <= this.maxLength) return null;
    return `expected ${this.minLength} to ${this.maxLength} characters, got ${length}`;
  }

  toJSON(): JsonObject {
    return {
      type: this.type,
      minLength: this.minLength,
      maxLength: this.maxLength,
      charset: this.characters.join(''),
    };
  }

  valueToJSON(value: string): Json {
    return value;
  }

  valueFromJSON(json: Json): string {
    if (typeof json === 'string') return json;
    throw invalidValue(this, 'text', json);
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Text &&
      other.minLength === this.minLength &&
      other.maxLength === this.maxLength &&
      other.characters.length === this.characters.length &&
      this.characters.every((character, k) => other.characters[k] === character)
    );
  }

  toString(): string {
    return `Text(${this.minLength}, ${this.maxLength}, charset=${[...this.characters].sort().join('')})`;
  }

  /** `maxLength` places of characters; the number of characters fills the rest. */
  encode(value: string): Int32Array {
    const codes = new Int32Array(this.maxLength).fill(this.characters.length);
    let at = 0;
    for (const character of value) codes[at++] = this.#index.get(character)!;
    return codes;
  }

  /**
   * The text that `encode` made.
   * @throws `INVALID_VALUE` for a place that is not one of a character.
   */
  decode(codes: ArrayLike<number>): string {
    let text = '';
    for (let k = 0; k < codes.length; k++) {
      const code = codes[k]!;
      if (code === this.characters.length) continue;
      const character = this.characters[code];
      if (character === undefined) {
        throw usageError('INVALID_VALUE', `Expected places of characters of ${this}, got ${code} at ${k}.`, {
          expected: `0 to ${this.characters.length}`,
          got: String(code),
        });
      }
      text += character;
    }
    return text;
  }
}
