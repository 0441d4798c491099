/** Writes a package with an env in it, from a template: everything that `npm test` and `gymkhana train` need. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { usageError } from '../core/errors.js';
import { notWritable } from '../core/files.js';
import { libraryVersion } from '../core/fingerprint.js';
import { didYouMean } from '../core/kwargs.js';

/** What a scaffolded package can begin with. */
export const TEMPLATES = ['basic', 'physics', 'text', 'multi-input'] as const;
/** Name of one of the `TEMPLATES`. */
export type Template = (typeof TEMPLATES)[number];

/** What to scaffold, and whether it may write over files. */
export interface InitOptions {
  /** `'basic'` by default. */
  readonly template?: Template | undefined;
  /** Name of the env's class; made from the folder's name by default. */
  readonly name?: string | undefined;
  /** Write into a folder that is not empty, over files of the same names. */
  readonly force?: boolean | undefined;
}

/** What was written. */
export interface InitResult {
  readonly folder: string;
  readonly packageName: string;
  readonly envId: string;
  readonly files: readonly string[];
}

const TEMPLATE_FOLDER = fileURLToPath(new URL('./templates/', import.meta.url));
const ENGINE_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** `my-env` from `MyEnv` or `My Env`. */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
}

/** `MyEnv` from `my-env`. */
function pascal(name: string): string {
  return kebab(name).replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Scaffolds a TypeScript package in `folder`.
 * @throws `TEMPLATE_NOT_FOUND`, `INVALID_NAME`, `FOLDER_NOT_EMPTY`, `NOT_WRITABLE`.
 */
export function initPackage(folder: string, options: InitOptions = {}): InitResult {
  const { template = 'basic', force = false } = options;
  if (!TEMPLATES.includes(template)) {
    const near = didYouMean(String(template), TEMPLATES);
    throw usageError(
      'TEMPLATE_NOT_FOUND',
      `there is no template '${String(template)}'. ${near === '' ? '' : `${near} `}There are: ${TEMPLATES.join(', ')}.`,
      { expected: TEMPLATES.join(', '), got: String(template), field: 'template' },
    );
  }
  if (typeof folder !== 'string' || folder === '') {
    throw usageError('INVALID_NAME', 'init needs the folder to write to, such as: gymkhana init my-env.', {
      expected: 'a folder',
      got: String(folder),
    });
  }
  const target = resolve(folder);
  const packageName = kebab(basename(target));
  const className = options.name ?? pascal(packageName);
  if (packageName === '' || !/^[A-Z][A-Za-z0-9]*$/.test(className)) {
    const got = options.name ?? basename(target);
    throw usageError(
      'INVALID_NAME',
      `'${got}' does not make the name of a class. Give one that begins with a capital letter: --name MyEnv.`,
      { expected: 'letters and digits, a capital first', got, field: 'name' },
    );
  }
  if (existsSync(target)) {
    const isFolder = statSync(target).isDirectory();
    const found = isFolder ? readdirSync(target).filter((name) => name !== '.git') : [basename(target)];
    if (!isFolder || (found.length > 0 && !force)) {
      const what = isFolder ? `${target} is not empty (${found.slice(0, 3).join(', ')})` : `${target} is a file`;
      throw usageError('FOLDER_NOT_EMPTY', `${what}. Choose another folder, or --force to write into it.`, {
        file: target,
      });
    }
  }
  const fileName = kebab(className);
  const envId = `${packageName}/${className}-v0`;
  const rename = (text: string): string =>
    text
      .replaceAll('template-package/TemplateEnv-v0', envId)
      .replaceAll('template-package', packageName)
      .replaceAll('TemplateEnv', className)
      .replaceAll('template-env', fileName);
  const files: string[] = [];
  const write = (name: string, text: string): void => {
    const path = join(target, rename(name));
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, rename(text));
    } catch (cause) {
      throw notWritable(path, cause);
    }
    files.push(relative(target, path).split(sep).join('/'));
  };
  write('package.json', `${JSON.stringify(manifest(packageName, envId), null, 2)}\n`);
  write('tsconfig.json', `${JSON.stringify(TSCONFIG, null, 2)}\n`);
  write('.gitignore', 'node_modules/\nruns/\n');
  write('README.md', readme(envId, fileName));
  for (const part of ['src', 'test']) {
    for (const name of readdirSync(join(TEMPLATE_FOLDER, template, part))) {
      // The compiled templates lie beside their sources.
      if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue;
      write(`${part}/${name}`, readFileSync(join(TEMPLATE_FOLDER, template, part, name), 'utf8'));
    }
  }
  return { folder: target, packageName, envId, files };
}

function manifest(packageName: string, envId: string): object {
  // A checkout that is not installed anywhere is linked by its path.
  const installed = ENGINE_ROOT.split(sep).includes('node_modules');
  const reference = `./src/index.ts:${envId}`;
  return {
    name: packageName,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      test: 'gymkhana test',
      check: `gymkhana check ${reference}`,
      watch: `gymkhana check ${reference} --watch`,
      train: `gymkhana train ${reference}`,
      typecheck: 'tsc',
    },
    gymkhana: { envs: ['./src/index.ts'] },
    dependencies: { gymkhana: installed ? `^${libraryVersion()}` : `file:${ENGINE_ROOT.replace(/[\\/]$/, '')}` },
    devDependencies: { '@types/node': '^20.19.0', typescript: '^6.0.0' },
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: false,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src', 'test'],
};

function readme(envId: string, fileName: string): string {
  const reference = `./src/index.ts:${envId}`;
  return `# ${envId}

\`\`\`sh
npm install
npm test                 # the env contract and tests of your own
npx gymkhana list        # finds this package's envs
npm run watch            # checks the env again on every save
npx gymkhana play ${reference}      # by hand, in a local page
npx gymkhana train ${reference} --total-steps 200000 --run-dir runs/first
npx gymkhana eval runs/first
npx gymkhana record runs/first
npx gymkhana replay view runs/first/episodes/seed0.episode
\`\`\`

| file | what it holds |
| --- | --- |
| \`src/${fileName}.ts\` | the env: spaces, \`reset\`, \`step\` |
| \`src/fields.ts\` | what each number means, with its unit and bounds; the spaces are made from it |
| \`src/scene.ts\` | the picture of a state, for the episode page |
| \`src/baseline.ts\` | a scripted player to compare a policy with |
| \`src/index.ts\` | registers the env |
| \`test/\` | tests |
`;
}
