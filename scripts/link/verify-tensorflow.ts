/**
 * Run by `npm run link-tf` in a process of its own: `node verify-tensorflow.js any|gpu`. Each check is a line; status 1 if one
 * fails. `gpu` asks for a GPU, `any` takes the processor too.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTensorFlow, type TensorFlow } from '../../src/backends/tfjs/load.js';
import { NETWORKS } from '../parity/networks.js';
import { compareUpdates } from '../parity/updates.js';

/** Of float32 sums of 64 products of numbers within [-1, 1]; measured 1e-6 for the processor. */
const PRODUCT_BOUND = 1e-5;
/** Of float32 sums of up to 36 products; a GPU with TF32 would not meet it, TensorFlow.js does not turn that on. */
const GRADIENT_BOUND = 1e-4;

let failed = false;

function report(passed: boolean, text: string): void {
  if (!passed) failed = true;
  process.stdout.write(`  ${passed ? 'ok' : 'FAILED'}: ${text}\n`);
}

function wave(length: number, speed: number): number[] {
  return Array.from({ length }, (_, i) => Math.sin(i * speed));
}

function apart(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  return Array.from(got, (x, i) => Math.abs(x - want[i]!)).reduce((most, d) => (d <= most ? most : d), 0);
}

function product(tf: TensorFlow): number {
  const [a, b] = [wave(96 * 64, 0.7), wave(64 * 48, 1.3)];
  const want = Array.from({ length: 96 * 48 }, (_, at) => {
    const [row, column] = [Math.floor(at / 48), at % 48];
    let sum = 0;
    for (let k = 0; k < 64; k++) sum += Math.fround(a[row * 64 + k]!) * Math.fround(b[k * 48 + column]!);
    return sum;
  });
  return apart(
    tf.tidy(() => tf.matMul(tf.tensor2d(a, [96, 64]), tf.tensor2d(b, [64, 48])).dataSync()),
    want,
  );
}

/** d sum(w conv(x, f)) by x and by f, beside loops in float64: pictures 6 x 6 x 2, filters 3 x 3 to 4 channels, no padding. */
function convolutionGradient(tf: TensorFlow): number {
  const [B, S, C, F, O] = [2, 6, 2, 3, 4] as const;
  const R = S - F + 1;
  const [x, f, w] = [wave(B * S * S * C, 0.9), wave(F * F * C * O, 1.7), wave(B * R * R * O, 2.3)];
  const want = { x: new Float64Array(x.length), f: new Float64Array(f.length) };
  for (let at = 0; at < w.length; at++) {
    const o = at % O;
    const column = Math.floor(at / O) % R;
    const row = Math.floor(at / (O * R)) % R;
    const b = Math.floor(at / (O * R * R));
    for (let i = 0; i < F; i++) {
      for (let j = 0; j < F; j++) {
        for (let c = 0; c < C; c++) {
          const from = ((b * S + row + i) * S + column + j) * C + c;
          const filter = ((i * F + j) * C + c) * O + o;
          want.x[from]! += w[at]! * f[filter]!;
          want.f[filter]! += w[at]! * x[from]!;
        }
      }
    }
  }
  return tf.tidy(() => {
    const weights = tf.tensor4d(w, [B, R, R, O]);
    const loss = (pictures: import('@tensorflow/tfjs-core').Tensor, filters: import('@tensorflow/tfjs-core').Tensor) =>
      tf.sum(tf.mul(weights, tf.conv2d(pictures as never, filters as never, 1, 'valid')));
    const [dx, df] = tf.grads(loss as never)([tf.tensor4d(x, [B, S, S, C]), tf.tensor4d(f, [F, F, C, O])]);
    return Math.max(apart(dx!.dataSync(), want.x), apart(df!.dataSync(), want.f));
  });
}

/** The libraries of CUDA that TensorFlow would open, each opened here; a file that is no addon says so only once it is open. */
function cudaLibraries(): void {
  const folder = fileURLToPath(new URL('../../../node_modules/@tensorflow/tfjs-node-gpu/deps/nvidia', import.meta.url));
  if (!existsSync(folder)) return;
  const files = readdirSync(realpathSync(folder)).flatMap((name) => {
    const lib = join(folder, name, 'lib');
    const main = new RegExp(
      `^lib${{ cuda_runtime: 'cudart', cuda_cupti: 'cupti', cuda_nvrtc: 'nvrtc', nvjitlink: 'nvJitLink' }[name] ?? name}\\.so\\.`,
    );
    return existsSync(lib)
      ? readdirSync(lib)
          .filter((file) => main.test(file))
          .map((file) => join(lib, file))
      : [];
  });
  const wrong = files.flatMap((file) => {
    try {
      process.dlopen({ exports: {} } as NodeJS.Module, file);
      return [];
    } catch (error) {
      const { message } = error as Error;
      return /did not self-register/.test(message) ? [] : [`${file.slice(dirname(folder).length + 1)}: ${message}`];
    }
  });
  report(
    wrong.length === 0 && files.length > 0,
    `${files.length} libraries of CUDA open${wrong.map((line) => `; ${line}`).join('')}`,
  );
}

const { tf, detail } = await loadTensorFlow('tfjs:tensorflow');
report(process.argv[2] !== 'gpu' || detail.includes('a GPU'), detail);
const distance = product(tf);
report(
  distance < PRODUCT_BOUND,
  `a product is apart by ${distance.toExponential(1)} of ${PRODUCT_BOUND.toExponential(1)}`,
);
const slope = convolutionGradient(tf);
report(
  slope < GRADIENT_BOUND,
  `a convolution's gradient is apart by ${slope.toExponential(1)} of ${GRADIENT_BOUND.toExponential(1)}`,
);
for (const network of [NETWORKS[0]!, NETWORKS[2]!]) {
  const { parameters } = await compareUpdates('tfjs:tensorflow', network);
  const bound = network.bounds.parameters;
  report(
    parameters < bound,
    `10 updates, ${network.name}: parameters apart by ${parameters.toExponential(1)} of ${bound.toExponential(1)}`,
  );
}
cudaLibraries();
process.exitCode = failed ? 1 : 0;
