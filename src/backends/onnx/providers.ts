/** Which of ONNX Runtime's providers run on this machine, on what, and what to do where one does not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { type GymkhanaError, usageError } from '../../core/errors.js';
import type { Provider } from '../backend.js';
import { Graph } from './graph.js';
import { createDeviceSession, cudaLibrary, offeredProviders, runtimeVersion } from './runtime.js';

/** What a provider computes on. */
export interface ProviderDevice {
  /** As a person would name it. */
  readonly device: string;
  /** Whether a program on the processor plays the device. */
  readonly software: boolean;
}

const SOFTWARE = /swiftshader|lvp|lavapipe|llvmpipe/i;

/**
 * Makes sure that a provider works, by a run.
 * @throws `BACKEND_UNAVAILABLE` with the reason and what to do.
 */
export async function requireProvider(name: string, provider: Provider): Promise<ProviderDevice> {
  const missing = await missingPart(provider);
  if (missing !== null) throw unavailable(name, missing.reason, missing.hint);
  const graph = new Graph();
  const x = graph.input('x', ['n', 4]);
  graph.output('y', graph.add('Mul', [x, x], ['n', 4]));
  try {
    const session = await createDeviceSession(graph.encode('probe'), provider);
    const { y } = await session.run({ x: { data: Float32Array.of(1, 2, 3, 4), shape: [1, 4] } });
    await session.release();
    if (y === undefined || y.data![3] !== 16) throw new Error('it computes 4 times 4 wrongly');
  } catch (cause) {
    throw unavailable(name, reasonOf(cause), HINTS[provider] ?? '', cause);
  }
  return deviceOf(provider);
}

/** One line for `doctor`. @throws `BACKEND_UNAVAILABLE` */
export async function providerDetail(name: string, provider: Provider): Promise<string> {
  const { device, software } = await requireProvider(name, provider);
  const note = software ? '; a program plays the device, so --backend auto never takes it' : '';
  return `ONNX Runtime ${await runtimeVersion()} on ${device}${note}`;
}

const HINTS: Partial<Record<Provider, string>> = {
  webgpu:
    "Expected a graphics adapter with a driver for Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows): install the card's driver.",
  cuda: 'Expected an NVIDIA card, its driver and the libraries of CUDA and cuDNN: npm run link-cuda fetches all but the driver.',
  dml: 'Expected a card with a driver for Direct3D 12.',
  coreml: 'Expected macOS 11 or later.',
};

/** What is known to be missing before anything native is tried; null if nothing. */
async function missingPart(provider: Provider): Promise<{ reason: string; hint: string } | null> {
  if (!(await offeredProviders()).includes(provider)) {
    const reason = `the package of ONNX Runtime for ${process.platform} ${process.arch} has no provider '${provider}'`;
    const where = { dml: 'Windows', coreml: 'macOS', cuda: 'Linux on x64', webgpu: 'Linux on x64, macOS and Windows' };
    return { reason, hint: provider === 'cpu' ? '' : `It is offered on ${where[provider]}.` };
  }
  if (provider === 'cuda' && cudaLibrary() === null) {
    return { reason: "the file with CUDA's operators is not installed", hint: HINTS.cuda! };
  }
  if (provider === 'cuda' && process.platform === 'linux' && !hasNvidiaFile()) {
    return { reason: 'no NVIDIA card with a driver is to be seen (/dev/nvidia0)', hint: HINTS.cuda! };
  }
  if (provider === 'webgpu' && process.platform === 'linux' && vulkanDrivers().length === 0) {
    return { reason: 'no driver for Vulkan is installed', hint: HINTS.webgpu! };
  }
  return null;
}

function unavailable(name: string, reason: string, hint: string, cause?: unknown): GymkhanaError {
  const what = `${hint === '' ? '' : `${hint} `}Or use --backend kernels, which needs nothing.`;
  return usageError(
    'BACKEND_UNAVAILABLE',
    `the learner '${name}' cannot run here: ${reason}. ${what}`,
    { got: name, hint: what },
    cause,
  );
}

/** The last part of what the runtime says: before it stand its own files and functions. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  const said = text.split(/ was false\. |with error: /).at(-1)!;
  return said.replace(/[\s.]+$/, '');
}

/** Names of the card's own libraries come from the system: the binding does not tell them. */
function deviceOf(provider: Provider): ProviderDevice {
  if (provider === 'cpu') return { device: 'the processor', software: true };
  if (provider === 'cuda') return { device: `${nvidiaCard() ?? 'an NVIDIA card'}, CUDA`, software: false };
  if (process.platform === 'darwin') {
    return { device: provider === 'coreml' ? 'Core ML' : 'the adapter of Metal', software: false };
  }
  if (process.platform === 'win32') return { device: 'the first adapter of Direct3D 12', software: false };
  const drivers = vulkanDrivers();
  const software = drivers.every((file) => SOFTWARE.test(file)) || !hasDeviceFile();
  const card = software ? null : nvidiaCard();
  const names = drivers.map((file) => basename(file, '.json')).join(', ');
  return { device: `${card === null ? '' : `${card}, `}Vulkan with ${names}`, software };
}

/** Whether the system has a card at all. */
function hasDeviceFile(): boolean {
  const render = existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  return render || hasNvidiaFile();
}

/** Whether NVIDIA's driver shows a card; /dev/dxg is its place under Windows' Linux. */
function hasNvidiaFile(): boolean {
  return existsSync('/dev') && readdirSync('/dev').some((name) => /^(nvidia\d+|dxg)$/.test(name));
}

/** The first card of NVIDIA's driver and the driver's version; null where there is none. */
export function nvidiaCard(): string | null {
  const folder = '/proc/driver/nvidia';
  try {
    const [first] = readdirSync(join(folder, 'gpus'));
    const model = /^Model:\s*(.+)$/m.exec(readFileSync(join(folder, 'gpus', first!, 'information'), 'utf8'))?.[1];
    const version = /Kernel Module\D*([\d.]+)/.exec(readFileSync(join(folder, 'version'), 'utf8'))?.[1];
    return `${model!.trim()}, driver ${version ?? 'of an unknown version'}`;
  } catch {
    return null;
  }
}

/** Manifests of the drivers that Vulkan's loader would take, in its own folders or where its variables say. */
export function vulkanDrivers(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const { VK_DRIVER_FILES: files = env['VK_ICD_FILENAMES'], VK_ADD_DRIVER_FILES: more } = env;
  const listed = (text: string): string[] => text.split(delimiter).filter((path) => path !== '' && existsSync(path));
  const manifests = (path: string): string[] =>
    path.endsWith('.json')
      ? [path]
      : readdirSync(path).flatMap((name) => (name.endsWith('.json') ? [join(path, name)] : []));
  if (files !== undefined && files !== '') return listed(files).flatMap(manifests);
  const data = (env['XDG_DATA_DIRS'] || '/usr/local/share:/usr/share').split(':');
  const own = [
    env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'),
    env['XDG_CONFIG_HOME'] || join(homedir(), '.config'),
  ];
  const folders = [...own, '/etc', '/etc/xdg', ...data, '/run/opengl-driver/share'].map((folder) =>
    join(folder, 'vulkan', 'icd.d'),
  );
  return [...listed(more ?? ''), ...folders.filter((folder) => existsSync(folder))].flatMap(manifests);
}
