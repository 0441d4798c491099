/** Virtual environments that libraries are taken from: found or made, and filled by pip. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failure, usageError } from '../../src/core/errors.js';
import { type Log, lastLines, run, step } from './run.js';

/** A virtual environment. */
export interface Venv {
  readonly folder: string;
  readonly python: string;
  /** Whether this process made it. */
  readonly made: boolean;
}

/** True if a folder holds a virtual environment. @throws `LINK_NOT_A_VENV` for a folder with anything else in it */
export function isVenv(folder: string): boolean {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return false;
  if (existsSync(join(folder, 'pyvenv.cfg')) && existsSync(join(folder, 'bin', 'python'))) return true;
  throw usageError(
    'LINK_NOT_A_VENV',
    `${folder} should be a virtual environment of Python or an empty folder; it has no pyvenv.cfg or no bin/python. Give another folder with --venv.`,
    { expected: 'a virtual environment, or no folder', got: folder, hint: '--venv <another folder>' },
  );
}

/** Finds the virtual environment in a folder, or makes one. */
export async function findOrMakeVenv(folder: string, python: string, log: Log): Promise<Venv> {
  const found = { folder, python: join(folder, 'bin', 'python') };
  if (isVenv(folder)) return { ...found, made: false };
  try {
    await step(
      log,
      `Making the Python environment ${folder}`,
      'LINK_NO_PYTHON',
      'Install Python 3.10 or newer with its venv module (Debian: python3-venv), or name another with --python.',
      [python, '-m', 'venv', folder],
      { seconds: 300 },
    );
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { ...found, made: true };
}

/** Installs requirements. @throws `LINK_PIP_FAILED` */
export async function pipInstall(venv: Venv, requirements: readonly string[], log: Log): Promise<void> {
  const advice =
    'Check the connection and the disk (`df -h`), and that the version exists for this Python; then run the command again.';
  const words = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', ...requirements];
  const title = `Installing ${requirements.join(', ')} (pip)`;
  await step(log, title, 'LINK_PIP_FAILED', advice, [venv.python, ...words]);
}

/** Version of an installed distribution; null where it is absent. */
export async function installedVersion(venv: Pick<Venv, 'python'>, name: string): Promise<string | null> {
  const code = `from importlib.metadata import version; print(version(${JSON.stringify(name)}))`;
  const { status, output } = await run(venv.python, ['-c', code], { seconds: 60 });
  return status === 0 ? output.trim() : null;
}

/** Where packages are installed. */
export async function sitePackages({ python, folder }: Venv): Promise<string> {
  const code = "import sysconfig; print(sysconfig.get_paths()['purelib'])";
  const { status, output } = await run(python, ['-c', code], { seconds: 60 });
  if (status === 0) return output.trim();
  throw failure('LINK_NO_PYTHON', `${python} should say where its packages are, and said:\n${lastLines(output)}`, {
    file: folder,
    hint: 'Remove the folder and run the command again.',
  });
}
