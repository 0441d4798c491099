import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../support/paths.js';
import { temporaryFolder } from '../support/temporary.js';

/** A user's env: two ways to be found (registered, exported), and what a module may use. */
export const ENV_SOURCE = `
import { readFileSync } from 'node:fs';
import { Box, Discrete, Env, register, type ResetOptions, type ResetResult, type StepResult } from 'gymkhana';
import scale from 'common-scale';
import settings from './settings.json';
import { offset } from './parts/offset.js';

interface Options { readonly start?: number; readonly renderMode?: string }

export class Walk extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-100, 100, { shape: [1] });
  readonly actionSpace = new Discrete(2);
  override readonly metadata = { about: readFileSync(new URL('./about.txt', import.meta.url), 'utf8').trim() };
  private at: number;
  constructor(private readonly options: Options = {}) { super(); this.at = options.start ?? 0; }
  override reset(options: ResetOptions = {}): ResetResult<Float32Array> {
    super.reset(options);
    this.at = (this.options.start ?? 0) + this.rng.uniform(0, 1) + offset;
    return { observation: Float32Array.of(this.at), info: { source: import.meta.url } };
  }
  step(action: number): StepResult<Float32Array> {
    this.at += scale.factor * settings.stride * (action === 1 ? 1 : -1);
    return { observation: Float32Array.of(this.at), reward: 1, terminated: false, truncated: false, info: {} };
  }
}

export const notAnEnv = 3;
register({ id: 'team/Walk-v0', entryPoint: Walk, moduleUrl: import.meta.url, maxEpisodeSteps: 7, kwargs: { start: 5 } });
register({ id: 'Careless-v0', entryPoint: Walk });
`;

/** Writes files, named relative to a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** A folder outside the project with `walk.ts` and what it imports. */
export function walkFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'walk.ts': ENV_SOURCE,
    'settings.json': '{ "stride": 0.5 }',
    'about.txt': 'Walk along a line.\n',
    'parts/offset.ts':
      "import { basename } from 'node:path';\nexport const offset: number = basename(import.meta.filename) === 'offset.ts' ? 10 : 0;\n",
    'node_modules/common-scale/package.json': '{ "name": "common-scale", "version": "1.0.0" }',
    'node_modules/common-scale/index.js':
      "const { sep } = require('node:path');\nexports.factor = __filename.includes('node_modules' + sep + 'common-scale') ? 2 : 0;\n",
    ...files,
  });
  return folder;
}

const TYPES = [
  ['ES modules', '{ "type": "module" }'],
  ['CommonJS', '{ "type": "commonjs" }'],
] as const;

/** A copy of the library that must never be loaded: the engine's own is the one and only. */
const OWN_COPY = {
  'node_modules/gymkhana/package.json':
    '{ "name": "gymkhana", "version": "9.9.9", "type": "module", "exports": "./index.js" }',
  'node_modules/gymkhana/index.js': "throw new Error('the copy of the user was loaded');\n",
};

/** Every way in which a user's folder can lie beside the library, by name. */
export const LAYOUTS: Readonly<Record<string, () => string>> = {
  'a loose file': () => walkFolder(),
  'a loose file in a folder of ES modules': () => walkFolder({ 'package.json': '{ "type": "module" }' }),
  ...Object.fromEntries(
    TYPES.flatMap(([name, manifest]) => [
      [`its own copy of the library, ${name}`, () => walkFolder({ 'package.json': manifest, ...OWN_COPY })],
      [
        `a linked copy of the library, ${name}`,
        () => {
          const folder = walkFolder({ 'package.json': manifest });
          symlinkSync(projectRoot, join(folder, 'node_modules', 'gymkhana'), 'dir');
          return folder;
        },
      ],
    ]),
  ),
};
