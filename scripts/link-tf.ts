/**
 * Builds the native library of the learner tfjs:tensorflow from a TensorFlow of Python, see docs/gpu.md:
 *
 *     npm run link-tf                          with CUDA where there is an NVIDIA driver, else for the processor
 *     npm run link-tf -- --cpu | --gpu         whatever is there
 *     npm run link-tf -- --venv <folder>       from the TensorFlow of an environment of yours
 *     npm run link-tf -- --dry-run             says what it would do
 *     npm run link-tf -- --undo                takes it out again
 */
import { fileURLToPath } from 'node:url';
import { main, printPlan, undo } from './link/main.js';
import { tensorflowOptions } from './link/options.js';
import { describeTensorflowPlan, linkTensorflow, planTensorflow, tensorflowPlacement } from './link/tensorflow.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

await main(async (log) => {
  const options = tensorflowOptions(process.argv.slice(2));
  if (options.undo) return undo(tensorflowPlacement(root), options.dryRun, log);
  const plan = await planTensorflow(root, options);
  const lines = describeTensorflowPlan(plan);
  if (options.dryRun) return printPlan(lines, log);
  log(`${lines[0]}\n`);
  await linkTensorflow(plan, log);
  log(
    'Linked: --backend tfjs:tensorflow. `npm run test:tensorflow` checks it at length, `npm run link-tf -- --undo` takes it out.\n',
  );
});
