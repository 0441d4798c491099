/** Suite 6: more workers, more envs, and what an env costs in memory. */
import { registry } from '../../../src/index.js';
import { rounded } from '../measure.js';
import { BenchError, type Context, entryResult, OURS, wholeRounds } from '../race.js';
import type { RowResult } from '../results.js';
import { LARGE, SMALL } from './settings.js';
import type { Suite } from './suite.js';

export const scaling: Suite = {
  name: 'scaling',
  title: 'Scaling',
  about:
    'PPO on CartPole-v1 by the number of workers and of envs, and the memory that vector envs take: growth of the resident size of a fresh process by `makeVec`, a reset and 20 steps.',
  async run(context, track) {
    const rows: RowResult[] = [];
    const { threads, quick } = context;
    const workers = [1, 2, 4];
    const byWorkers = { ...LARGE.settings, totalSteps: quick ? 65_536 : 655_360 };
    rows.push(
      await track.run({
        id: 'scaling-workers',
        title: `PPO, ${LARGE.title}, by workers`,
        unit: 'steps/s',
        entries: workers.map((count) => ({
          name: count === 1 ? OURS : `${OURS}, ${count} workers`,
          variants: [
            {
              label:
                count > threads ? `${count} workers on ${threads} threads` : `${count} worker${count > 1 ? 's' : ''}`,
              host: context.ours(),
              task: { kind: 'train', settings: byWorkers, workers: count },
            },
          ],
          rounds: quick ? 1 : 3,
        })),
      }),
    );
    for (const numEnvs of quick ? [64, 16_384] : [64, 1024, 16_384, 100_000]) {
      const numSteps = numEnvs < 16_384 ? 32 : quick ? 4 : 16;
      const samples = numEnvs * numSteps;
      const settings = {
        ...SMALL.settings,
        numEnvs,
        numSteps,
        minibatchSize: Math.min(16_384, samples / 8),
        updateEpochs: 2,
        totalSteps: samples * Math.max(1, Math.round((quick ? 100_000 : 1_000_000) / samples)),
      };
      rows.push(
        await track.run({
          id: `scaling-${numEnvs}`,
          title: `PPO, ${numEnvs.toLocaleString('en')} envs x ${numSteps} steps, minibatch ${settings.minibatchSize}, 2 epochs`,
          unit: 'steps/s',
          entries: [
            {
              name: OURS,
              variants: [
                {
                  label: `${threads} workers`,
                  host: context.ours(),
                  task: { kind: 'train', settings, workers: threads },
                },
              ],
              rounds: quick ? 1 : 3,
            },
          ],
        }),
      );
    }
    await track.close();
    for (const numEnvs of quick ? [100_000] : [1024, 16_384, 100_000]) {
      const modes = ['sync', ...(quick ? [] : ['async']), 'vector-entry-point'];
      const entries = modes.map((mode) => ({
        name: mode === 'sync' ? OURS : `${OURS}, ${mode}`,
        host: () => context.ours(['memory', JSON.stringify({ env: 'CartPole-v1', numEnvs, mode })]),
      }));
      const results = await wholeRounds(context, entries, quick ? 1 : 3, false);
      const row = (id: string, title: string, unit: string, field: 'rssMiB' | 'bytesPerEnv'): RowResult => ({
        id,
        title,
        unit,
        better: 'lower',
        entries: entries.map(({ name }, k) => {
          const values = results[k]!.map(({ reply }) => {
            if (reply[field] === undefined) throw new BenchError(`memory, ${name}: ${reply.error}`);
            return rounded(reply[field]);
          });
          return entryResult(name, values, [], 'lower', { variant: modes[k]! });
        }),
      });
      const count = numEnvs.toLocaleString('en');
      rows.push(row(`memory-${numEnvs}`, `memory of ${count} CartPole envs`, 'MiB', 'rssMiB'));
      rows.push(row(`bytes-${numEnvs}`, `memory of ${count} CartPole envs, per env`, 'bytes', 'bytesPerEnv'));
      for (const { name, summary } of rows.at(-2)!.entries)
        context.log(`    ${count} envs, ${name}: ${summary?.median} MiB\n`);
    }
    if (!quick) rows.push(...(await memoryOfEach(context)));
    return rows;
  },
};

/** Bytes of one env of each registered kind. */
async function memoryOfEach(context: Context): Promise<RowResult[]> {
  const rows: RowResult[] = [];
  for (const env of registry.keys()) {
    const task = JSON.stringify({ env, numEnvs: 2048, mode: 'sync' });
    const [results] = await wholeRounds(context, [{ name: env, host: () => context.ours(['memory', task]) }], 3, false);
    const values = results!.map(({ reply }) => {
      if (reply.bytesPerEnv === undefined) throw new BenchError(`memory of ${env}: ${reply.error}`);
      return rounded(reply.bytesPerEnv);
    });
    const entry = entryResult(OURS, values, [], 'lower', { variant: 'sync' });
    context.log(`    ${env}: ${entry.summary?.median} bytes an env\n`);
    rows.push({
      id: `bytes-of-${env}`,
      title: `memory of 2,048 envs of ${env}, per env`,
      unit: 'bytes',
      better: 'lower',
      entries: [entry],
    });
  }
  return rows;
}
