/** Launch files: many runs in a few lines of YAML or JSON. Data only: reading one executes nothing. */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { BACKENDS } from '../../backends/backend.js';
import { usageError } from '../../core/errors.js';
import * as z from '../../core/zod.js';
import { jsonObjectSchema } from '../schemas.js';

const wholeNumber = z.number().int().nonnegative();
/** YAML knows no `100_000`, but people write it. */
const stepsSchema = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+(_\d+)+$/.test(value) ? Number(value.replaceAll('_', '')) : value),
  z.number().int().min(1),
);
const wrapperSchema = z.union([
  z.string().min(1),
  z.strictObject({ name: z.string().min(1), kwargs: jsonObjectSchema.optional() }),
]);
const envSchema = z.union([
  z.string().min(1),
  z.strictObject({
    id: z.string().min(1),
    kwargs: jsonObjectSchema.default({}),
    wrappers: z.array(wrapperSchema).default([]),
  }),
]);
const oneOrMore = <T extends z.ZodType>(schema: T) =>
  z.union([schema.transform((one) => [one]), z.array(schema).min(1)]);

/** Backends that a run may be given, as `gymkhana train --backend` takes them. */
const backendSchema = z.enum(['auto', ...BACKENDS]);

export const launchSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'letters, digits, dots, dashes and underscores')
    .optional()
    .describe('what the launch is called; its folder by default'),
  env: oneOrMore(envSchema).describe('envs: ids, module:EnvId, ./file.ts:EnvId, or { id, kwargs, wrappers }'),
  algo: oneOrMore(z.literal('ppo')).default(['ppo']).describe('algorithms'),
  seeds: z
    .union([
      z
        .number()
        .int()
        .min(1)
        .max(10_000)
        .transform((count) => Array.from({ length: count }, (_, k) => k + 1)),
      z.array(wholeNumber).min(1),
    ])
    .default([1])
    .describe('seeds, or how many: 3 is 1, 2, 3'),
  totalSteps: stepsSchema.optional().describe("environment steps of every run (the env's preset)"),
  config: jsonObjectSchema
    .default({})
    .describe('settings of the algorithm; a value, or an axis such as { grid: [1e-4, 3e-4] }'),
  envKwargs: jsonObjectSchema.default({}).describe('keyword arguments of every env; values or axes too'),
  wrappers: z.array(wrapperSchema).default([]).describe('wrappers of every env'),
  samples: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(null)
    .describe('draws of the settings with distributions'),
  sampleSeed: wholeNumber.default(0).describe('seed of those draws'),
  backend: backendSchema.default('auto').describe('learner'),
  evalEvery: wholeNumber.default(0).describe('evaluate every so many iterations'),
  evalEpisodes: z.number().int().min(1).default(20).describe('episodes of an evaluation'),
  targetReturn: z.number().nullable().default(null).describe('end a run once its mean return reaches this'),
  recordEpisodes: z
    .string()
    .nullable()
    .default(null)
    .describe('record best, worst, every:N or all of the training episodes; no part of the hash'),
  recordObservations: z.boolean().default(false).describe('keep the observations of recorded episodes'),
  recordPolicyOutputs: z.boolean().default(false).describe('keep values and log-probabilities of recorded episodes'),
  parallel: z.number().int().min(1).optional().describe('runs at a time (as many as fit the cores)'),
  workers: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('worker threads of each run (1, or the cores that `parallel` leaves it)'),
  retries: wholeNumber.default(2).describe('times that a run which failed is gone on with'),
  runDir: z.string().min(1).optional().describe('folder of the runs (runs/<name of the file>)'),
  priority: wholeNumber.max(2_000_000).default(0).describe('of the jobs in a queue: smaller goes first, 0 before all'),
});

/** A launch file's content, with its defaults. */
export type LaunchFile = z.output<typeof launchSchema>;
/** A launch as it may be written. */
export type LaunchInput = z.input<typeof launchSchema>;

/** Longest launch file, bytes: a list of runs, not of data. */
const LONGEST = 1024 * 1024;

const invalid = (source: string, problem: string, cause?: unknown): Error =>
  usageError(
    'LAUNCH_INVALID',
    `${source} is not a launch: ${problem}. 'gymkhana launch --help' shows what one may hold.`,
    { file: source, got: problem },
    cause,
  );

/** Checks a launch and fills in its defaults; `source` is what messages call it. @throws `LAUNCH_INVALID` */
export function parseLaunch(value: unknown, source = 'the launch'): LaunchFile {
  const parsed = launchSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(
    source,
    z
      .prettifyError(parsed.error)
      .replace(/✖ /g, '')
      .replace(/\s*\n\s*/g, ' ')
      .trim(),
  );
}

/**
 * Reads a launch file; JSON is YAML too.
 * @throws `LAUNCH_NOT_FOUND`, `LAUNCH_INVALID` with the line of a mistake.
 */
export function readLaunch(path: string): LaunchFile {
  return parseLaunch(readYaml(path), path);
}

function readYaml(path: string): unknown {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > LONGEST) throw invalid(path, `it has ${size} bytes, more than ${LONGEST}`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || 'kind' in cause) throw cause;
    throw usageError(
      'LAUNCH_NOT_FOUND',
      `Cannot read the launch file ${path} (${String(cause.code)}).`,
      { file: path },
      cause,
    );
  }
  return parseYaml(text, path);
}

/** Parses YAML into plain values: no tags of its own, and no references that multiply. @throws `LAUNCH_INVALID` */
export function parseYaml(text: string, source: string): unknown {
  // Loaded when something is parsed: every command would wait for it otherwise.
  const { parseDocument, YAMLError } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  try {
    const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
    // A tag that is not known, such as one that would make a function, is a warning to the parser.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw problem;
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const at = cause instanceof YAMLError && cause.linePos !== undefined ? ` at line ${cause.linePos[0].line}` : '';
    const reason = cause instanceof Error ? cause.message.split('\n')[0]!.replace(/:$/, '') : String(cause);
    throw invalid(source, `it is neither YAML nor JSON${at} (${reason})`, cause);
  }
}
