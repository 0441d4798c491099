export {
  type ChoiceOptions,
  GENERATOR_WORDS,
  Generator,
  type GeneratorState,
  type IntegerArrays,
  type IntegerDType,
} from './generator.js';
export { type Entropy, SeedSequence } from './seed-sequence.js';
