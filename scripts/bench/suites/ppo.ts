/** Suite 3: PPO on CartPole end to end. */
import { OURS, peerEntry, threadChoices } from '../race.js';
import { contestants, LARGE, MEDIUM, ourVariants, SMALL, threadsLabel, ZOO } from './settings.js';
import type { Suite } from './suite.js';

export const ppo: Suite = {
  name: 'ppo',
  title: 'PPO end to end',
  about:
    'Whole training runs on CartPole-v1, from the first reset to the last update, a new seed each round; every contestant has the same separate 64-64 ' +
    'tanh actor and critic in float32, the same rollout, minibatches, epochs, step size and loss. EnvPool + PyTorch follows CleanRL; JAX is one compiled call for the whole run, ' +
    "compiled before the first round; the zoo's setting runs against Stable-Baselines3.",
  async run(context, track) {
    const rows = [];
    const short = { ...SMALL, settings: { ...SMALL.settings, totalSteps: 51_200 } };
    for (const { id, title, settings } of context.quick ? [short] : [SMALL, MEDIUM, LARGE]) {
      rows.push(
        await track.run({
          id,
          title,
          unit: 'steps/s',
          entries: contestants(context, 'train', settings, 3),
          curveUntil: settings.totalSteps,
        }),
      );
    }
    if (context.quick) return rows;
    const { id, title, settings } = ZOO;
    rows.push(
      await track.run({
        id,
        title,
        unit: 'steps/s',
        entries: [
          { name: OURS, variants: ourVariants(context, 'train', settings) },
          peerEntry(
            context,
            'sb3',
            'Stable-Baselines3',
            () =>
              threadChoices(context).map((threads) => ({
                label: threadsLabel(threads),
                host: context.peers.host('sb3', threads),
                task: { kind: 'train', settings },
              })),
            2,
          ),
        ],
        curveUntil: settings.totalSteps,
      }),
    );
    return rows;
  },
};
