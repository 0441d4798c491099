// Compiles the SIMD kernels and the TypeScript into dist/. The set-up script calls it when sources changed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (script) => {
  const result = spawnSync(process.execPath, [`${root}${script[0]}`, ...script.slice(1)], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
};
run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
if (existsSync(`${root}scripts/build-kernels.mjs`)) run(['scripts/build-kernels.mjs']);
