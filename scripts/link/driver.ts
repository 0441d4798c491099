/** The NVIDIA driver of this machine, and the newest CUDA that it supports. */
import { run } from './run.js';

/** A version of CUDA. */
export interface CudaVersion {
  readonly major: number;
  readonly minor: number;
}

export interface Driver {
  readonly cuda: CudaVersion;
  /** Which program said so. */
  readonly source: string;
}

/** Asks the driver through Python, which every link needs anyway. */
const ASK_LIBCUDA = [
  'import ctypes',
  "library = ctypes.CDLL('libcuda.so.1')",
  'version = ctypes.c_int()',
  'assert library.cuDriverGetVersion(ctypes.byref(version)) == 0',
  'print(version.value)',
].join('\n');

/** The driver; null where there is none. */
export async function findDriver(python: string): Promise<Driver | null> {
  const smi = await run('nvidia-smi', [], { seconds: 30 });
  const said = smi.status === 0 ? cudaOfNvidiaSmi(smi.output) : null;
  if (said !== null) return { cuda: said, source: 'nvidia-smi' };
  const asked = await run(python, ['-c', ASK_LIBCUDA], { seconds: 30 });
  const version = asked.status === 0 ? cudaOfLibcuda(asked.output) : null;
  return version === null ? null : { cuda: version, source: 'libcuda.so.1' };
}

/** The version in the heading of `nvidia-smi`, whose words differ between drivers. */
export function cudaOfNvidiaSmi(output: string): CudaVersion | null {
  const found = /CUDA(?: \w+)? Version\s*:\s*(\d+)\.(\d+)/.exec(output);
  return found === null ? null : { major: Number(found[1]), minor: Number(found[2]) };
}

/** The version as `cuDriverGetVersion` gives it: 12040 for 12.4. */
export function cudaOfLibcuda(output: string): CudaVersion | null {
  const number = Number(output.trim());
  if (!Number.isSafeInteger(number) || number < 1000) return null;
  return { major: Math.floor(number / 1000), minor: Math.floor((number % 1000) / 10) };
}

/** In words. */
export function describeDriver(driver: Driver | null): string {
  if (driver === null) return 'no NVIDIA driver (no nvidia-smi, no libcuda.so.1)';
  return `an NVIDIA driver for CUDA ${driver.cuda.major}.${driver.cuda.minor} (${driver.source})`;
}
