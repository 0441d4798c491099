// Compiles the AssemblyScript kernels and the physics solver to WebAssembly, and refuses a module that would corrupt the shared memory.
// Usage: node scripts/build-kernels.mjs [--out-dir dist/src/backends/kernels]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SECTION_NAMES = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
];

/** Sections of a WebAssembly binary, in order. */
export function wasmSections(bytes) {
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new Error('not a WebAssembly module');
  }
  const sections = [];
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('truncated WebAssembly module');
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    if (at + size > bytes.length) throw new Error('truncated WebAssembly module');
    sections.push({ id, name: SECTION_NAMES[id] ?? `unknown ${id}`, size });
    at += size;
  }
  return sections;
}

/**
 * Throws unless the module can be instantiated by every thread on one running memory: a data segment would be written again
 * by each instantiation, over whatever lies there, and a start function would run again.
 */
export function checkKernelModule(bytes) {
  const forbidden = wasmSections(bytes).filter(({ name }) => ['data', 'data count', 'start', 'memory'].includes(name));
  if (forbidden.length > 0) {
    const list = forbidden.map(({ name, size }) => `${name} (${size} bytes)`).join(', ');
    throw new Error(
      `the kernels contain a section that must not be there: ${list}. Data segments come from strings, static arrays and ` +
        'some Math functions in the assembly; replace what produced it.',
    );
  }
}

/** A module for each arithmetic, see src/backends/kernels/arithmetic.ts, with the features of WebAssembly that it needs. */
const MODULES = { fused: ['simd', 'threads', 'relaxed-simd'], plain: ['simd', 'threads'] };

function build(outDir) {
  mkdirSync(outDir, { recursive: true });
  for (const [arithmetic, features] of Object.entries(MODULES)) {
    buildModule(join(outDir, `kernels-${arithmetic}.wasm`), features);
  }
}

function buildModule(target, features) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const temporary = `${target}.${process.pid}.tmp`;
  const flags = [
    '-O3',
    '--runtime',
    'stub',
    '--noAssert',
    ...features.flatMap((feature) => ['--enable', feature]),
    '--importMemory',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
  ];
  const source = join(root, 'src/backends/kernels/assembly/index.ts');
  const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
  const result = spawnSync(process.execPath, [asc, source, ...flags, '--outFile', temporary], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
  try {
    checkKernelModule(readFileSync(temporary));
  } catch (error) {
    rmSync(temporary, { force: true });
    process.stderr.write(`build-kernels: ${error.message}\n`);
    process.exit(1);
  }
  renameSync(temporary, target);
}

/** Compiles the physics solver, which has a memory of its own in each thread, to a module that holds its code as text. */
function buildSolver(outDir) {
  mkdirSync(outDir, { recursive: true });
  const root = fileURLToPath(new URL('..', import.meta.url));
  const target = join(outDir, 'solver-code.js');
  const temporary = `${target}.${process.pid}.tmp`;
  const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
  const source = join(root, 'src/physics/assembly/index.ts');
  const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd'];
  const result = spawnSync(process.execPath, [asc, source, ...flags, '--outFile', temporary], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
  const code = readFileSync(temporary).toString('base64');
  writeFileSync(temporary, `export const SOLVER =\n  '${code}';\n`);
  renameSync(temporary, target);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  const at = process.argv.indexOf('--out-dir');
  const outDir =
    at < 0
      ? fileURLToPath(new URL('../dist/src/backends/kernels', import.meta.url))
      : resolve(process.argv[at + 1] ?? 'dist');
  build(outDir);
  buildSolver(join(outDir, '../../physics'));
}
