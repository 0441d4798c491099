/** Suite 2: a rollout without learning: the policy acts, the envs step. */
import { contestants, SMALL } from './settings.js';
import type { Suite } from './suite.js';

export const inference: Suite = {
  name: 'inference',
  title: 'Environments and inference',
  about:
    'CartPole-v1 with actor and critic of 64-64 tanh units each, actions sampled: Gymkhana rolls out in its worker threads, EnvPool + PyTorch in the ' +
    'rollout loop of the training program, JAX in one compiled scan. Thirty-two steps of every env, again and again.',
  async run(context, track) {
    const rows = [];
    for (const numEnvs of context.quick ? [1024] : [64, 1024, 16_384]) {
      const settings = { ...SMALL.settings, numEnvs };
      rows.push(
        await track.run({
          id: `inference-${numEnvs}`,
          title: `${numEnvs.toLocaleString('en')} envs`,
          unit: 'steps/s',
          entries: contestants(context, 'inference', settings),
        }),
      );
    }
    return rows;
  },
};
