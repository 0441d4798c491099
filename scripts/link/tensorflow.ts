/**
 * Builds the binding of @tensorflow/tfjs-node-gpu against the TensorFlow of a Python wheel. It is compiled on a copy of the
 * package; the package itself gets `lib`, with the binding, and `deps`, with links to the wheel's libraries.
 *
 * The binding looks for libraries in `deps/lib` beside it, and TensorFlow's own libraries look for CUDA's in `../nvidia` from
 * where they were found: `deps/nvidia` is a link to the wheels of CUDA, so that no LD_LIBRARY_PATH is needed.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure, usageError } from '../../src/core/errors.js';
import { findNodeGyp, headersPrefix, requireCompiler } from './compiler.js';
import { type Driver, describeDriver, findDriver } from './driver.js';
import type { TensorflowOptions } from './options.js';
import { Placement, withStaging } from './placement.js';
import { findOrMakeVenv, installedVersion, isVenv, pipInstall, sitePackages, type Venv } from './python.js';
import { type Log, lastLines, run, step } from './run.js';

const PACKAGE = join('node_modules', '@tensorflow', 'tfjs-node-gpu');
const NODE_PRE_GYP = join('node_modules', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp');
const VERIFY = fileURLToPath(new URL('./verify-tensorflow.js', import.meta.url));
/** What of the package the compiler needs. */
const COMPILED = ['binding', 'binding.gyp', 'package.json'];
const CC = 'libtensorflow_cc.so.2';
const FRAMEWORK = 'libtensorflow_framework.so.2';

/** All that is decided before anything is done. */
export interface TensorflowPlan {
  readonly root: string;
  readonly variant: 'cpu' | 'gpu';
  readonly driver: Driver | null;
  /** The distribution of TensorFlow, and as pip takes it. */
  readonly distribution: string;
  readonly requirement: string;
  readonly venv: string;
  readonly venvExists: boolean;
  /** The project's own, which goes when the link goes. */
  readonly ownVenv: boolean;
  readonly python: string;
  readonly package: string;
  readonly nodeGyp: string;
  readonly nodedir: string;
  readonly keep: boolean;
}

/** Where the link's record is kept. */
export function tensorflowPlacement(root: string): Placement {
  return new Placement(join(root, '.setup', 'link-tf'), 'npm run link-tf -- --undo');
}

/** Decides what is to be done. @throws one of the codes in docs/errors.md where something is missing */
export async function planTensorflow(root: string, options: TensorflowOptions): Promise<TensorflowPlan> {
  if (process.platform !== 'linux') throw wrongPlatform();
  if (!existsSync(join(root, PACKAGE, 'binding.gyp')) || !existsSync(join(root, NODE_PRE_GYP))) {
    const hint = 'Install it with `npm ci --ignore-scripts`.';
    throw failure(
      'LINK_PACKAGE_MISSING',
      `expected ${PACKAGE} with its sources and node-pre-gyp, found none. ${hint}`,
      {
        expected: PACKAGE,
        got: 'none',
        hint,
      },
    );
  }
  tensorflowPlacement(root).requireNone();
  const nodedir = headersPrefix(options.nodedir);
  const nodeGyp = findNodeGyp();
  requireCompiler();
  const driver = await findDriver(options.python);
  const variant = options.variant ?? (driver === null ? 'cpu' : 'gpu');
  // There is no tensorflow-cpu for 64-bit Arm; its tensorflow has no CUDA in it.
  const distribution = variant === 'cpu' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
  const extra = variant === 'gpu' ? '[and-cuda]' : '';
  const venv = options.venv ?? join(root, '.setup', `tensorflow-${variant}`);
  return {
    root,
    variant,
    driver,
    distribution,
    requirement: `${distribution}${extra}==${options.version}`,
    venv,
    venvExists: isVenv(venv),
    ownVenv: options.venv === null,
    python: options.python,
    package: join(root, PACKAGE),
    nodeGyp,
    nodedir,
    keep: options.keep,
  };
}

/** The plan in words. */
export function describeTensorflowPlan(plan: TensorflowPlan): string[] {
  return [
    `found ${describeDriver(plan.driver)}: TensorFlow ${plan.variant === 'gpu' ? 'with CUDA' : 'for the processor'}`,
    `${plan.venvExists ? 'use' : 'make'} the Python environment ${plan.venv}`,
    `install ${plan.requirement} there, unless a TensorFlow is there already (${plan.variant === 'gpu' ? 'about 6 GB' : 'about 1.5 GB'} on disk)`,
    `compile the binding with ${plan.nodeGyp} and the headers in ${plan.nodedir}/include/node`,
    `put lib and deps into ${plan.package}`,
    'verify in a new process: a product, the gradient of a convolution, updates beside the float64 reference',
  ];
}

/** Does what was planned. Where a step fails, everything is as it was before, or, with `keep`, what was put in place stays. */
export async function linkTensorflow(plan: TensorflowPlan, log: Log): Promise<void> {
  const placement = tensorflowPlacement(plan.root);
  const made: string[] = [];
  try {
    const venv = await findOrMakeVenv(plan.venv, plan.python, log);
    if (venv.made) made.push(venv.folder);
    const version = await tensorflowIn(venv, plan, log);
    const folder = join(await sitePackages(venv), 'tensorflow');
    await withStaging(join(plan.root, '.setup', 'link-tf-staged'), async (staged) => {
      stage(staged, plan, folder);
      await compile(staged, plan, venv, log);
      placement.place(staged, {
        what: version,
        folder: plan.package,
        names: ['lib', 'deps'],
        made: plan.ownVenv ? [plan.venv] : made,
      });
    });
    await verify(plan, log);
  } catch (error) {
    placement.rollBack(plan.keep, made, log);
    throw error;
  }
}

/** The TensorFlow of an environment, installed where there is none: name and version. @throws `LINK_WRONG_TENSORFLOW` */
async function tensorflowIn(
  venv: Venv,
  { variant, distribution, requirement }: TensorflowPlan,
  log: Log,
): Promise<string> {
  const installed = async (name: string): Promise<string | null> => {
    const version = await installedVersion(venv, name);
    return version === null ? null : `${name} ${version}`;
  };
  const present = (await installed('tensorflow')) ?? (await installed('tensorflow-cpu'));
  if (present === null) {
    await pipInstall(venv, [requirement], log);
    return (await installed(distribution)) ?? requirement;
  }
  if (variant === 'gpu' && present.startsWith('tensorflow-cpu')) {
    const hint = 'Give another environment with --venv, or link it with --cpu.';
    throw usageError(
      'LINK_WRONG_TENSORFLOW',
      `expected tensorflow with CUDA in ${venv.folder}, found ${present}. ${hint}`,
      {
        expected: 'tensorflow[and-cuda]',
        got: present,
        hint,
      },
    );
  }
  log(`Using ${present} in ${venv.folder}\n`);
  return present;
}

/** A copy of what is compiled, with links to the wheel. @throws `LINK_LIBRARY_MISSING` */
function stage(staged: string, plan: TensorflowPlan, tensorflow: string): void {
  const site = join(tensorflow, '..');
  const wanted = [CC, FRAMEWORK, join('include', 'tensorflow', 'c', 'eager', 'c_api.h')].map((name) =>
    join(tensorflow, name),
  );
  const nvidia = join(site, 'nvidia');
  if (plan.variant === 'gpu') wanted.push(nvidia);
  const absent = wanted.find((path) => !existsSync(path));
  if (absent !== undefined) {
    const hint =
      'Install TensorFlow 2.21.0 there, or leave --venv out so that it is installed in an environment of its own.';
    throw failure('LINK_LIBRARY_MISSING', `expected ${absent} in the wheel of TensorFlow, found none. ${hint}`, {
      expected: absent,
      got: 'none',
      hint,
    });
  }
  for (const name of COMPILED) cpSync(join(plan.package, name), join(staged, name), { recursive: true });
  const deps = join(staged, 'deps');
  mkdirSync(join(deps, 'lib'), { recursive: true });
  symlinkSync(join(tensorflow, 'include'), join(deps, 'include'));
  for (const [name, target] of [
    ['libtensorflow.so', CC],
    [CC, CC],
    ['libtensorflow_framework.so', FRAMEWORK],
    [FRAMEWORK, FRAMEWORK],
  ] as const) {
    symlinkSync(join(tensorflow, target), join(deps, 'lib', name));
  }
  if (existsSync(nvidia)) symlinkSync(nvidia, join(deps, 'nvidia'));
}

async function compile(staged: string, plan: TensorflowPlan, venv: Venv, log: Log): Promise<void> {
  const script = join(plan.root, NODE_PRE_GYP);
  const words = [script, 'install', '--build-from-source', `--nodedir=${plan.nodedir}`];
  const env = { ...process.env, npm_config_node_gyp: plan.nodeGyp, npm_config_python: venv.python };
  const advice = 'What the compiler said is above. A TensorFlow of another version may fit: --tensorflow <version>.';
  await step(log, 'Compiling the binding', 'LINK_BUILD_FAILED', advice, [process.execPath, ...words], {
    cwd: staged,
    env,
    seconds: 600,
  });
  const lib = join(staged, 'lib');
  if (existsSync(lib) && readdirSync(lib).some((name) => existsSync(join(lib, name, 'tfjs_binding.node')))) return;
  throw failure(
    'LINK_BUILD_FAILED',
    `expected lib/napi-v*/tfjs_binding.node from the compiler, found none. ${advice}`,
    {
      expected: 'tfjs_binding.node',
      got: 'none',
    },
  );
}

/** In a new process without a library path, as a user's will be. @throws `LINK_VERIFY_FAILED` */
async function verify(plan: TensorflowPlan, log: Log): Promise<void> {
  log('Verifying in a new process\n');
  const env: NodeJS.ProcessEnv = { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env };
  delete env['LD_LIBRARY_PATH'];
  const wanted = plan.variant === 'gpu' && plan.driver !== null ? 'gpu' : 'any';
  const { status, output } = await run(process.execPath, [VERIFY, wanted], { env, seconds: 600, onOutput: log });
  if (status === 0) return;
  const hint =
    plan.variant === 'gpu'
      ? 'Link TensorFlow for the processor with --cpu, or another version with --tensorflow.'
      : 'Link another version with --tensorflow.';
  throw failure(
    'LINK_VERIFY_FAILED',
    `expected every check to pass, the process ended with ${status}:\n${lastLines(output, 8)}\n${hint}`,
    {
      expected: 'status 0',
      got: String(status),
      hint,
    },
  );
}

function wrongPlatform(): Error {
  const hint = 'Use a Linux machine or container, or `npm rebuild @tensorflow/tfjs-node-gpu`.';
  return failure(
    'LINK_PLATFORM',
    `TensorFlow is linked on Linux only, this is ${process.platform} on ${process.arch}. ${hint}`,
    {
      expected: 'linux',
      got: process.platform,
      hint,
    },
  );
}
