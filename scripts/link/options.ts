/** The flags of `npm run link-tf` and `npm run link-cuda`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { usageError } from '../../src/core/errors.js';

/** Flags of both. */
interface CommonOptions {
  readonly undo: boolean;
  readonly dryRun: boolean;
  /** Keep what was installed where a later step fails. */
  readonly keep: boolean;
  /** The virtual environment; null for one of the project's own. */
  readonly venv: string | null;
  /** What makes it. */
  readonly python: string;
}

export interface TensorflowOptions extends CommonOptions {
  /** Which TensorFlow; null to go by whether there is an NVIDIA driver. */
  readonly variant: 'cpu' | 'gpu' | null;
  /** Version of the wheel. */
  readonly version: string;
  /** Prefix of the Node headers; null for those of the running Node. */
  readonly nodedir: string | null;
}

export interface CudaOptions extends CommonOptions {
  /** null to go by the driver. */
  readonly cuda: 12 | 13 | null;
}

/** What was verified; another version with the same C interface can be asked for. */
const TENSORFLOW = '2.21.0';

const COMMON = {
  undo: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  keep: { type: 'boolean' },
  venv: { type: 'string' },
  python: { type: 'string' },
} as const;

export const TENSORFLOW_FLAGS =
  '[--cpu | --gpu] [--tensorflow <version>] [--venv <folder>] [--python <program>] [--nodedir <prefix>] [--keep] [--dry-run], or --undo';
export const CUDA_FLAGS = '[--cuda 12|13] [--venv <folder>] [--python <program>] [--keep] [--dry-run], or --undo';

/** @throws `INVALID_OPTION`, `LINK_OPTIONS_CLASH` */
export function tensorflowOptions(words: readonly string[]): TensorflowOptions {
  const values = parse(words, TENSORFLOW_FLAGS, {
    ...COMMON,
    cpu: { type: 'boolean' },
    gpu: { type: 'boolean' },
    tensorflow: { type: 'string' },
    nodedir: { type: 'string' },
  });
  if (values['cpu'] === true && values['gpu'] === true) throw clash('--cpu', '--gpu');
  const version = text(values['tensorflow']) ?? TENSORFLOW;
  if (!/^\d+\.\d+\.\d+(rc\d+)?$/.test(version)) throw invalid('--tensorflow', 'a version such as 2.21.0', version);
  const nodedir = text(values['nodedir']);
  return {
    ...common(values),
    variant: values['cpu'] === true ? 'cpu' : values['gpu'] === true ? 'gpu' : null,
    version,
    nodedir: nodedir === null ? null : resolve(nodedir),
  };
}

/** @throws `INVALID_OPTION`, `LINK_OPTIONS_CLASH` */
export function cudaOptions(words: readonly string[]): CudaOptions {
  const values = parse(words, CUDA_FLAGS, { ...COMMON, cuda: { type: 'string' } });
  const cuda = text(values['cuda']);
  if (cuda !== null && cuda !== '12' && cuda !== '13') throw invalid('--cuda', '12 or 13', cuda);
  return { ...common(values), cuda: cuda === null ? null : cuda === '12' ? 12 : 13 };
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parse(
  words: readonly string[],
  flags: string,
  options: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>,
): Values {
  try {
    const { values } = parseArgs({ args: [...words], options });
    const empty = Object.keys(values).find((name) => values[name] === '');
    if (empty !== undefined) throw new Error(`--${empty} has no value`);
    const beside = Object.keys(values).find((name) => name !== 'undo' && name !== 'dry-run');
    if (values['undo'] === true && beside !== undefined) throw clash('--undo', `--${beside}`);
    return values as Values;
  } catch (error) {
    if ((error as { code?: string }).code === 'LINK_OPTIONS_CLASH') throw error;
    const said = (error as Error).message.split('\n')[0]!.replace(/\.$/, '');
    throw usageError('INVALID_OPTION', `${said}. Flags: ${flags}.`, { expected: flags, got: words.join(' ') });
  }
}

function common(values: Values): CommonOptions {
  const venv = text(values['venv']);
  return {
    undo: values['undo'] === true,
    dryRun: values['dry-run'] === true,
    keep: values['keep'] === true,
    venv: venv === null ? null : resolve(venv),
    python: text(values['python']) ?? 'python3',
  };
}

function text(value: string | boolean | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function clash(one: string, other: string): Error {
  return usageError('LINK_OPTIONS_CLASH', `${one} and ${other} exclude each other: give one of them.`, {
    expected: `${one} or ${other}`,
    got: 'both',
  });
}

function invalid(flag: string, expected: string, got: string): Error {
  return usageError('INVALID_OPTION', `${flag} takes ${expected}, got '${got}'.`, { field: flag, expected, got });
}
