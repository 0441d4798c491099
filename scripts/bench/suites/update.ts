/** Suite 4: one minibatch update (gather, forward, loss, backward, clip, Adam) by width and batch, for every learner that is here. */
import { backendStatuses } from '../../../src/backends/choose.js';
import { OURS, peerEntry, threadChoices, type Variant, workerChoices } from '../race.js';
import { jaxVariants, threadsLabel } from './settings.js';
import type { Suite } from './suite.js';

/** TensorFlow.js without native code is a fallback that takes hundreds of times as long. */
const FALLBACKS: readonly string[] = ['tfjs:cpu', 'tfjs:wasm'];

const SHAPES = [
  { inputs: 8, outputs: 4, width: 64, batch: 64 },
  { inputs: 8, outputs: 4, width: 64, batch: 256 },
  { inputs: 8, outputs: 4, width: 64, batch: 4096 },
  { inputs: 64, outputs: 8, width: 256, batch: 4096 },
];

export const update: Suite = {
  name: 'update',
  title: 'Minibatch update',
  about:
    'One optimiser step of PPO on a synthetic minibatch that is permuted anew each time: gather, forward, clipped loss, backward, norm clip, Adam. ' +
    'Gymkhana runs the training code itself, without envs, with the better of its learners, and with each of them; JAX compiles 16 steps into one call; PyTorch runs eagerly with fused Adam, and once more with its loss compiled.',
  async run(context, track) {
    const learners = (await backendStatuses()).flatMap(({ name, available }) =>
      available && !FALLBACKS.includes(name) ? [name] : [],
    );
    const rows = [];
    for (const shape of context.quick ? SHAPES.slice(1, 2) : SHAPES) {
      const { inputs, outputs, width, batch } = shape;
      const torch = (compiled: boolean): Variant[] =>
        threadChoices(context).map((threads) => ({
          label: threadsLabel(threads),
          host: context.peers.host('torch', threads),
          task: { kind: 'update', ...shape, compiled },
        }));
      // A device learner has the device's threads; the others have the workers'.
      const ours = (backend: string): Variant[] =>
        (backend === 'kernels' || backend === 'onnx' ? workerChoices(context) : [1]).map((workers) => ({
          label: `${backend}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
          host: context.ours(),
          task: { kind: 'update', ...shape, workers, backend },
        }));
      rows.push(
        await track.run({
          id: `update-${width}-${batch}`,
          title: `${inputs} inputs, 2 x ${width}-${width}, ${outputs} outputs, minibatch ${batch}`,
          unit: 'ms',
          entries: [
            { name: OURS, variants: learners.flatMap((backend) => ours(backend)) },
            ...learners.map((backend) => ({ name: `${OURS}, ${backend}`, variants: ours(backend) })),
            peerEntry(context, 'jax', 'JAX', () => jaxVariants(context, { kind: 'update', ...shape })),
            peerEntry(context, 'torch', 'PyTorch', () => torch(false)),
            // Compiling takes 20 s: on all threads only, and not where two minutes have to do.
            ...(context.quick
              ? []
              : [peerEntry(context, 'torch', 'PyTorch, compiled loss', () => torch(true).slice(-1))]),
          ],
        }),
      );
    }
    return rows;
  },
};
