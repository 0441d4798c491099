/** Run directories made up for tests of reports. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '../../../src/index.js';
import type { JsonObject } from '../../../src/core/json.js';
import type { EnvSpec } from '../../../src/core/spec.js';
import { spec } from '../../../src/registration/index.js';
import type { RunRecord, RunStatus } from '../../../src/runs/report/types.js';

/** What is special about a made-up run. */
export interface RunParts {
  readonly env?: Partial<EnvSpec>;
  readonly id?: string;
  readonly algo?: string;
  readonly seed?: number;
  readonly config?: JsonObject;
  readonly modules?: JsonObject;
  readonly status?: RunStatus;
  /** Steps and values of the metric; null for no episode yet. */
  readonly points?: readonly (readonly [number, number | null])[];
  readonly metric?: string;
}

function envOf({ id = 'CartPole-v1', env = {} }: RunParts): EnvSpec {
  return { ...spec(id), ...env };
}

/** Writes a run's files into a folder, which is returned. */
export function writeRun(folder: string, parts: RunParts = {}): string {
  const {
    algo = 'ppo',
    seed = 1,
    config = {},
    modules = {},
    status = 'finished',
    metric = 'charts/episodic_return',
  } = parts;
  const points = parts.points ?? [[100, 10]];
  mkdirSync(folder, { recursive: true });
  const file = {
    version: 1,
    engine: {},
    env: envOf(parts),
    algo,
    seed,
    workers: 1,
    backend: 'kernels',
    config,
    network: {},
    modules,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(file));
  const lines = points.map(([steps, value], k) =>
    JSON.stringify({ iteration: k + 1, steps, 'charts/learning_rate': 1e-3, [metric]: value, 'losses/entropy': 0.5 }),
  );
  writeFileSync(join(folder, 'metrics.jsonl'), lines.map((line) => `${line}\n`).join(''));
  if (status !== 'unfinished') {
    writeFileSync(join(folder, 'summary.json'), JSON.stringify({ status, steps: points.at(-1)?.[0] ?? 0 }));
    writeFileSync(join(folder, 'timing.json'), JSON.stringify({ seconds: 1.5, stepsPerSecond: 100 }));
  }
  return folder;
}

/** A run as it is in memory. */
export function makeRun(parts: RunParts & { readonly path?: string } = {}): RunRecord {
  const { algo = 'ppo', seed = 1, config = {}, modules = {}, status = 'finished', path } = parts;
  const points = (parts.points ?? [[100, 10]]) as readonly (readonly [number, number])[];
  return {
    path: path ?? `runs/${parts.id ?? 'CartPole-v1'}-${algo}-${JSON.stringify(config)}-${seed}`,
    env: envOf(parts),
    algo,
    seed,
    config,
    modules,
    status,
    steps: Float64Array.from(points, ([steps]) => steps),
    values: Float64Array.from(points, ([, value]) => value),
    seconds: null,
  };
}
