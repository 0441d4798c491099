/** Where WebGPU runs here: on the machine's own adapter, or on SwiftShader, a Vulkan in software that comes with Chromium. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Folders that Chromium's packages put SwiftShader and a Vulkan loader into. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', '/usr/lib64/chromium-browser'];

/** An environment for a process whose WebGPU works, or why there is none. */
export type WebgpuEnvironment =
  | { readonly env: NodeJS.ProcessEnv; readonly missing: null }
  | { readonly env: null; readonly missing: string };

/** Tries the machine's own adapter first; SwiftShader has to be named before a process starts. */
export function webgpuEnvironment(): WebgpuEnvironment {
  const own = tried(process.env);
  if (own === null) return { env: process.env, missing: null };
  for (const folder of FOLDERS) {
    const manifest = join(folder, 'vk_swiftshader_icd.json');
    if (!existsSync(manifest)) continue;
    const libraries = [process.env['LD_LIBRARY_PATH'], folder].filter((path) => path !== undefined && path !== '');
    const env = { ...process.env, VK_DRIVER_FILES: manifest, LD_LIBRARY_PATH: libraries.join(':') };
    const problem = tried(env);
    if (problem === null) return { env, missing: null };
    return { env: null, missing: `SwiftShader of ${folder} does not run: ${problem}` };
  }
  return { env: null, missing: `${own} There is no SwiftShader of Chromium's either (${FOLDERS.join(', ')}).` };
}

/** Runs a product on the adapter in a process with that environment: null, or what went wrong. */
function tried(env: NodeJS.ProcessEnv): string | null {
  const providers = new URL('../../src/backends/onnx/providers.js', import.meta.url).href;
  const program = `const { requireProvider } = await import(${JSON.stringify(providers)});
    await requireProvider('onnx:webgpu', 'webgpu').catch((error) => { process.stdout.write(error.message); process.exitCode = 1; });`;
  const words = ['--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8', timeout: 60_000 });
  if (status === 0) return null;
  return stdout === '' ? `the process ended with status ${status}: ${stderr.slice(-300)}` : stdout;
}
