import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backendStatus, chooseBackend, repeatsOn } from '../../../src/backends/choose.js';
import { providerDetail, requireProvider, vulkanDrivers } from '../../../src/backends/onnx/providers.js';
import { createDeviceSession } from '../../../src/backends/onnx/runtime.js';
import { GymkhanaError } from '../../../src/index.js';
import { mlpNetwork } from '../../../src/network/init.js';
import { skipped } from '../../support/skip.js';
import { temporaryFolder } from '../../support/temporary.js';

const network = mlpNetwork({ observationSize: 4, hidden: [8], distribution: { type: 'categorical', actions: 2 } });

async function failureOf(attempt: Promise<unknown>): Promise<GymkhanaError> {
  const error = await attempt.then(
    () => null,
    (caught: unknown) => caught,
  );
  assert.instance(error, GymkhanaError);
  return error as GymkhanaError;
}

test('a provider that the package does not offer here is a named error that says where it is', async () => {
  const absent = ['onnx:dml', 'onnx:coreml'].filter(
    (name) => name !== { win32: 'onnx:dml', darwin: 'onnx:coreml' }[process.platform as string],
  );
  for (const name of absent) {
    const { code, message } = await failureOf(chooseBackend(name, network));
    assert.is(code, 'BACKEND_UNAVAILABLE');
    assert.match(
      message,
      /has no provider '(dml|coreml)'\. It is offered on (Windows|macOS)\. Or use --backend kernels/,
    );
  }
});

test('CUDA without its library, card or driver says what was expected and which command helps', async () => {
  const status = await backendStatus('onnx:cuda');
  if (status.available) return assert.match(status.detail, /, CUDA$/);
  const { code, message } = await failureOf(requireProvider('onnx:cuda', 'cuda'));
  assert.is(code, 'BACKEND_UNAVAILABLE');
  assert.is(message, status.detail);
  if (process.platform === 'linux' && process.arch === 'x64') assert.match(message, /npm run link-cuda/);
});

test('the processor is a provider too, played by a program', async () => {
  assert.equal(await requireProvider('onnx', 'cpu'), { device: 'the processor', software: true });
  assert.match(await providerDetail('onnx', 'cpu'), /on the processor; a program plays the device, so --backend auto/);
});

test('device learners promise no bits', () => {
  for (const name of ['onnx:webgpu', 'onnx:cuda', 'onnx:dml', 'onnx:coreml'] as const) assert.is(repeatsOn(name), null);
});

test("Vulkan's drivers are those of its variables, else of its folders", () => {
  const folder = temporaryFolder();
  const icd = join(folder, 'share', 'vulkan', 'icd.d');
  mkdirSync(icd, { recursive: true });
  for (const name of ['nvidia_icd.json', 'lvp_icd.x86_64.json', 'README']) writeFileSync(join(icd, name), '{}');
  const nowhere = { XDG_DATA_HOME: join(folder, 'none'), XDG_CONFIG_HOME: join(folder, 'none') };
  const found = vulkanDrivers({ ...nowhere, XDG_DATA_DIRS: join(folder, 'share') }).filter((file) =>
    file.startsWith(folder),
  );
  assert.equal([...found].sort(), [join(icd, 'lvp_icd.x86_64.json'), join(icd, 'nvidia_icd.json')]);
  const one = join(icd, 'nvidia_icd.json');
  assert.equal(vulkanDrivers({ VK_DRIVER_FILES: one }), [one]);
  assert.equal(vulkanDrivers({ VK_ICD_FILENAMES: `${one}:${join(folder, 'gone.json')}` }), [one]);
  assert.is(vulkanDrivers({ VK_DRIVER_FILES: icd }).length, 2);
});

test('a driver that does not load is a named error with the reason, before the run has a directory', () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return skipped('a driver that does not load', 'Vulkan is looked for on Linux on x64 alone');
  }
  const folder = temporaryFolder();
  const manifest = join(folder, 'broken_icd.json');
  writeFileSync(manifest, '{"file_format_version":"1.0.0","ICD":{"library_path":"./none.so","api_version":"1.3.0"}}');
  const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
  const words = ['train', 'CartPole-v1', '--backend', 'onnx:webgpu', '--run-dir', join(folder, 'run')];
  const { status, stderr } = spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, VK_DRIVER_FILES: manifest },
  });
  assert.is(status, 2, stderr);
  assert.match(
    stderr,
    /the learner 'onnx:webgpu' cannot run here: .*No supported adapters\. Expected a graphics adapter/,
  );
});

test('a session takes the inputs of its model, and fails with a reason on others', async () => {
  const { Graph } = await import('../../../src/backends/onnx/graph.js');
  const graph = new Graph();
  graph.output('y', graph.add('Neg', [graph.input('x', ['n', 2])], ['n', 2]));
  const session = await createDeviceSession(graph.encode('negative'), 'cpu');
  const { y } = await session.run({ x: { data: Float32Array.of(1, -2), shape: [1, 2] } });
  assert.equal(y!.data, Float32Array.of(-1, 2));
  for (const inputs of [{}, { x: { data: Int32Array.of(1, 2), shape: [1, 2] } }]) {
    const error = await session.run(inputs as never).catch((caught: unknown) => caught);
    assert.instance(error, Error);
  }
  await session.release();
});

test.run();
