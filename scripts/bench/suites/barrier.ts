/** Suite 7: what threads pay to meet, and what programs pay to start. */
import { rounded } from '../measure.js';
import { keepThreadBusy } from '../process.js';
import { BenchError, entryResult, OURS, wholeRounds } from '../race.js';
import type { RowResult } from '../results.js';
import type { PeerName } from '../venv.js';
import { SMALL } from './settings.js';
import type { Suite } from './suite.js';

const STARTS: readonly { name: string; peer: PeerName; code: string }[] = [
  {
    name: 'Gymnasium',
    peer: 'gymnasium',
    code: 'import gymnasium; e = gymnasium.make("CartPole-v1"); e.reset(); e.step(0)',
  },
  {
    name: 'EnvPool',
    peer: 'envpool',
    code: 'import envpool, numpy as np; e = envpool.make("CartPole-v1", env_type="gymnasium", num_envs=1); e.reset(); e.step(np.zeros(1, np.int32))',
  },
  {
    name: 'JAX, gymnax',
    peer: 'jax',
    code: 'import jax, gymnax; e, p = gymnax.make("CartPole-v1"); k = jax.random.key(0); o, s = e.reset(k, p); e.step(k, s, 0, p)[0].block_until_ready()',
  },
  { name: 'PyTorch, its import alone', peer: 'torch', code: 'import torch' },
  { name: 'Stable-Baselines3, its import alone', peer: 'sb3', code: 'import stable_baselines3' },
];

export const barrier: Suite = {
  name: 'barrier',
  title: 'Barriers and start-up',
  about:
    'How long worker threads take to meet at the barrier of a minibatch, how long an iteration that does nothing takes from ring to answer, what training does beside another busy process, and how long a process takes from its ' +
    'start to the first step of one CartPole to its exit.',
  async run(context, track) {
    const rows: RowResult[] = [];
    const { threads } = context;
    for (const workers of [1, 2, 4]) {
      // Beyond one worker a thread they sleep instead of spinning.
      const meetings = workers <= threads ? (context.quick ? 2_000 : 20_000) : 200;
      const label = `${workers} worker${workers > 1 ? 's' : ''}${workers > threads ? ` on ${threads} threads` : ''}`;
      const entry = (task: object) => ({
        name: OURS,
        variants: [{ label, host: context.ours(), task: { kind: 'barrier', workers, ...task } }],
      });
      rows.push(
        await track.run({
          id: `barrier-${workers}`,
          title: `a barrier of ${label}`,
          unit: 'us',
          entries: [entry({ meetings })],
        }),
        await track.run({
          id: `ring-${workers}`,
          title: `an empty iteration of ${label}`,
          unit: 'us',
          entries: [entry({ meetings: 0 })],
        }),
      );
    }
    const end = keepThreadBusy();
    try {
      const settings = { ...SMALL.settings, totalSteps: context.quick ? 40_960 : 102_400 };
      const by = (workers: number) => ({
        label: `${workers} worker${workers > 1 ? 's' : ''}`,
        host: context.ours(),
        task: { kind: 'train', settings, workers },
      });
      rows.push(
        await track.run({
          id: 'beside-busy',
          title: `PPO, ${SMALL.title}, while another process keeps a thread busy`,
          unit: 'steps/s',
          entries: [
            { name: OURS, variants: [by(1)] },
            ...(threads > 1 ? [{ name: `${OURS}, ${threads} workers`, variants: [by(threads)] }] : []),
          ],
        }),
      );
    } finally {
      await end();
    }
    await track.close();
    const entries = [
      { name: OURS, host: () => context.ours(['start']) },
      ...STARTS.flatMap(({ name, peer, code }) =>
        context.peers.has(peer) ? [{ name, host: () => context.peers.line(code) }] : [],
      ),
    ];
    const results = await wholeRounds(context, entries, context.rounds, true);
    const failed = results[0]!.find(({ reply }) => reply.error !== undefined);
    if (failed !== undefined) throw new BenchError(`start-up: ${failed.reply.error}`);
    const walls = results.map((rounds) =>
      rounds.flatMap(({ wallSeconds, reply }) => (reply.error === undefined ? [rounded(wallSeconds)] : [])),
    );
    rows.push({
      id: 'start-up',
      title: 'a process, from its start to one step of CartPole to its exit',
      unit: 's',
      better: 'lower',
      entries: entries.map(({ name }, k) => entryResult(name, walls[k]!, walls[0]!, 'lower', { variant: '' })),
    });
    for (const { name, summary } of rows.at(-1)!.entries) context.log(`    start-up: ${name} ${summary?.median} s\n`);
    return rows;
  },
};
