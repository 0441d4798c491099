/**
 * The parts of zod that are used. The build puts them into this one file: by itself zod loads 95 modules, half of them languages, which
 * is a fifth of the time in which a command starts.
 */
export {
  array,
  boolean,
  custom,
  enum,
  type infer,
  type input,
  json,
  literal,
  number,
  object,
  type output,
  preprocess,
  prettifyError,
  record,
  strictObject,
  string,
  tuple,
  union,
  unknown,
  ZodError,
  type ZodSafeParseResult,
  type ZodType,
} from 'zod';
