import type { Field, FieldTables, Keyboard } from 'gymkhana';

/** The letters of the task; a token is a place in this text, and the token after the last letter is a blank. */
export const LETTERS = 'abcd';
export const BLANK: number = LETTERS.length;
/** Letters of a word. */
export const LENGTH = 4;

const tokens = (name: string, about: string): Field[] =>
  Array.from({ length: LENGTH }, (_, k) => ({ name: `${name}${k}`, unit: '1', low: 0, high: BLANK, about }));

/** What each number means: the documentation and the viewer's labels come from here. */
export const FIELDS = {
  observation: [
    ...tokens('word', 'A letter of the word to type.'),
    ...tokens('typed', 'A letter typed so far, or blank.'),
  ],
  action: [...LETTERS].map((letter, k) => ({
    name: letter,
    unit: '1',
    low: k,
    high: k,
    about: `Type ${letter.toUpperCase()}.`,
  })),
} satisfies FieldTables;

/** Tokens as text, a blank as an underscore. */
export const textOf = (tokens: ArrayLike<number>): string =>
  Array.from(tokens, (token) => LETTERS[token] ?? '_').join('');

/** Keys for a person: `gymkhana play`. Without one the game waits. */
export const KEYBOARD: Keyboard = {
  idle: null,
  bindings: [...LETTERS].map((letter, k) => ({
    keys: [`Key${letter.toUpperCase()}`],
    action: k,
    label: `type ${letter}`,
  })),
};
