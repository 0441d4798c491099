/** Files to damage, made as users make them: short training runs, recordings of their policies and of other actions. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EnvSpec, makeFromSpec, recordEpisodes, recordRun, spec, train } from '../../src/index.js';
import { withWrappers } from '../../src/registration/index.js';
import { encodeSafetensors, type Tensor } from '../../src/runs/safetensors.js';

const RUNS: readonly (() => EnvSpec)[] = [
  () => spec('CartPole-v1'),
  () =>
    withWrappers(spec('Pendulum-v1'), [
      'NormalizeObservation',
      { name: 'StickyAction', kwargs: { repeatActionProbability: 0.3 } },
    ]),
  () => spec('FrozenLake-v1'),
];

/** Fills a folder with `run0`, `run1`, ..., `episodes` and `plain.safetensors`. */
export async function makeSamples(folder: string): Promise<void> {
  const episodes = join(folder, 'episodes');
  mkdirSync(episodes, { recursive: true });
  for (const [k, specOf] of RUNS.entries()) {
    const env = { ...specOf(), maxEpisodeSteps: 20 };
    const runDir = join(folder, `run${k}`);
    const config = {
      totalSteps: 8 * 16 * 2,
      numEnvs: 8,
      numSteps: 16,
      numMinibatches: 2,
      updateEpochs: 1,
      hidden: [8],
    };
    await train({ env, config, runDir, workers: 1, seed: k, backend: 'kernels' });
    await recordRun(runDir, { episodes: 2, policyOutputs: k === 1, path: join(episodes, `run${k}.episode`) });
    const made = await makeFromSpec(env);
    made.actionSpace.seed(k);
    await recordEpisodes({
      env: made,
      spec: env,
      policy: () => made.actionSpace.sample(),
      episodes: 3,
      seeds: (i) => i,
      path: join(episodes, `random${k}.episode`),
      policyNote: 'random actions',
    });
    made.close();
  }
  const tensors = new Map<string, Tensor>([
    ['weights', { shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i / 7) }],
    ['doubles', { shape: [5], data: Float64Array.of(1, -2, 3.5, 1e300, 0) }],
    ['counts', { shape: [2, 1], data: Int32Array.of(-1, 7) }],
    ['words', { shape: [3], data: Uint32Array.of(1, 2, 4_000_000_000) }],
    ['large', { shape: [], data: BigInt64Array.of(-5n) }],
    ['pixels', { shape: [2, 3], data: Uint8Array.of(0, 1, 2, 253, 254, 255) }],
    ['nothing', { shape: [0, 4], data: new Float32Array(0) }],
  ]);
  writeFileSync(
    join(folder, 'plain.safetensors'),
    encodeSafetensors(
      tensors,
      new Map([
        ['format', 'pt'],
        ['by', 'fuzz'],
      ]),
    ),
  );
}

/** The files of a folder that `makeSamples` filled. */
export interface Samples {
  readonly folder: string;
  readonly runs: readonly string[];
  readonly checkpoints: readonly Buffer[];
  readonly episodes: readonly Buffer[];
  readonly tensors: readonly Buffer[];
  readonly configs: readonly Buffer[];
  readonly summaries: readonly Buffer[];
}

/** Reads them. */
export function loadSamples(folder: string): Samples {
  const runs = RUNS.map((_, k) => join(folder, `run${k}`));
  const files = (name: string): Buffer[] => runs.map((run) => readFileSync(join(run, name)));
  const checkpoints = files(join('checkpoints', 'last.safetensors'));
  const episodes = join(folder, 'episodes');
  return {
    folder,
    runs,
    checkpoints,
    episodes: readdirSync(episodes)
      .sort()
      .map((name) => readFileSync(join(episodes, name))),
    tensors: [readFileSync(join(folder, 'plain.safetensors')), ...checkpoints],
    configs: files('config.json'),
    summaries: files('summary.json'),
  };
}
