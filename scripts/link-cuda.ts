/**
 * Adds the CUDA provider to onnxruntime-node, see docs/gpu.md:
 *
 *     npm run link-cuda                        CUDA 12 or 13, as the driver supports
 *     npm run link-cuda -- --cuda 12|13        whatever the driver supports
 *     npm run link-cuda -- --keep              leaves it in place where it cannot be verified, as without a GPU
 *     npm run link-cuda -- --dry-run           says what it would do
 *     npm run link-cuda -- --undo              takes it out again
 */
import { fileURLToPath } from 'node:url';
import { cudaPlacement, describeCudaPlan, linkCuda, planCuda } from './link/cuda.js';
import { main, printPlan, undo } from './link/main.js';
import { cudaOptions } from './link/options.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

await main(async (log) => {
  const options = cudaOptions(process.argv.slice(2));
  if (options.undo) return undo(cudaPlacement(root), options.dryRun, log);
  const plan = await planCuda(root, options);
  const lines = describeCudaPlan(plan);
  if (options.dryRun) return printPlan(lines, log);
  log(`${lines[0]}\n`);
  await linkCuda(plan, log);
  log('Linked: ONNX Runtime can run on cuda. `npm run link-cuda -- --undo` takes it out.\n');
});
