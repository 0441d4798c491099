/** Run by `npm run link-cuda` in a process of its own: one model on cpu and on cuda. Status 1 if they differ or cuda cannot run. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Graph } from '../../src/backends/onnx/graph.js';

/** Of float32 sums of 64 products of numbers within [-1, 1]. */
const BOUND = 1e-4;

const graph = new Graph();
const x = graph.input('x', [16, 64]);
const weights = graph.constant(
  Array.from({ length: 64 * 32 }, (_, i) => Math.sin(i * 0.7)),
  [64, 32],
);
graph.output('y', graph.add('Tanh', [graph.add('MatMul', [x, weights], [16, 32])], [16, 32]));
const model = graph.encode('verify');
const input = Float32Array.from({ length: 16 * 64 }, (_, i) => Math.cos(i * 1.3) / 4);

async function outputs(provider: 'cpu' | 'cuda'): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { executionProviders: [provider] });
  const { y } = await session.run({ x: new Tensor('float32', input, [16, 64]) });
  return y!.data as Float32Array;
}

try {
  const want = await outputs('cpu');
  const got = await outputs('cuda');
  const apart = want.reduce(
    (most, value, i) => (Math.abs(value - got[i]!) <= most ? most : Math.abs(value - got[i]!)),
    0,
  );
  const passed = apart < BOUND;
  console.log(
    `  ${passed ? 'ok' : 'FAILED'}: cuda and cpu are apart by ${apart.toExponential(1)} of ${BOUND.toExponential(1)}`,
  );
  if (!passed) process.exitCode = 1;
} catch (error) {
  console.log(`  FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
