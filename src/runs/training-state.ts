/**
 * What a checkpoint holds besides the policy, so that a run goes on to the same bytes: the episodes in progress, and what metrics
 * remember. The numbers are tensors of the file, the rest is JSON in its metadata.
 */

import { GENERATOR_WORDS } from '../core/seeding/index.js';
import type { EnvSnapshot } from '../core/snapshot.js';
import type { WrapperState } from '../core/wrapper.js';
import * as z from '../core/zod.js';
import { stateSize } from '../network/plan.js';
import type { NetworkSpec } from '../network/spec.js';
import { actionWidth } from '../network/validate.js';
import { type EnvLog, type LogCut, type StoredActions, storedType } from '../rollout/episode-logs.js';
import { loggedSize } from '../rollout/observation-rows.js';
import { corruptFile, type Tensor, type TensorData, takeTensor } from './safetensors.js';
import { jsonObjectSchema } from './schemas.js';
import type { RecorderState } from './training-recorder.js';

/** A finished episode, as the mean over the last 100 needs it; a measure that the env did not give is NaN. */
export interface RecentEpisode {
  readonly return: number;
  readonly measures: readonly number[];
}

/** Everything but the policy. */
export interface TrainingState {
  /** The episodes in progress, env by env. */
  readonly logs: readonly EnvLog[];
  /** Discounted sum of rewards of each env's episode, [N]; null where rewards are not scaled. */
  readonly discountedReturns: Float64Array | null;
  /** Memory of each env's policy, [N, S]; null without one. */
  readonly memories: Float32Array | null;
  readonly recent: readonly RecentEpisode[];
  /** Mean return of the best evaluation so far; null before the first. */
  readonly best: number | null;
  /** What the recorder of episodes goes on with; null where none records. */
  readonly recorder: RecorderState | null;
}

const whole = z.number().int().nonnegative();
const json = z.json();
const snapshotSchema = z.custom<EnvSnapshot>((value) => jsonObjectSchema.safeParse(value).success);
const statesSchema = z.array(z.object({ wrapper: z.string(), state: json }));

/** The part of a checkpoint's metadata that belongs to it. */
export const trainingSchema = z.object({
  wrappers: z.array(z.tuple([whole, statesSchema])),
  cuts: z.array(z.tuple([whole, z.object({ snapshot: snapshotSchema, steps: whole, return: z.number() })])),
  recent: z.array(z.object({ return: z.number(), measures: z.array(z.number().nullable()) })),
  best: z.number().nullable(),
  recorder: z.object({ episodes: whole, best: z.number().nullable(), worst: z.number().nullable() }).optional(),
});
export type TrainingMetadata = z.infer<typeof trainingSchema>;

/** The tensors and the metadata of a training state. */
export function encodeTraining(
  { logs, discountedReturns, memories, recent, best, recorder }: TrainingState,
  network: NetworkSpec,
): { tensors: [string, Tensor][]; metadata: TrainingMetadata } {
  const N = logs.length;
  const O = loggedSize(network);
  const width = actionWidth(network);
  const lengths = Float64Array.from(logs, ({ actions }) => actions.length / width);
  const generators = new Uint32Array(N * GENERATOR_WORDS);
  const observations = new Float32Array(N * O);
  const actions = new (storedType(network))(logs.reduce((sum, log) => sum + log.actions.length, 0));
  let at = 0;
  logs.forEach((log, i) => {
    generators.set(log.generator, i * GENERATOR_WORDS);
    if (log.observation !== null) observations.set(log.observation, i * O);
    actions.set(log.actions, at);
    at += log.actions.length;
  });
  const tensors: [string, Tensor][] = [
    ['logs.steps', { shape: [N], data: lengths }],
    ['logs.generators', { shape: [N, GENERATOR_WORDS], data: generators }],
    ['logs.observations', { shape: [N, O], data: observations }],
    ['logs.actions', { shape: [actions.length / width, width], data: actions }],
  ];
  if (logs.some(({ outputs }) => outputs !== null)) {
    const outputs = new Float32Array((2 * actions.length) / width);
    let from = 0;
    for (const log of logs) {
      if (log.outputs !== null) outputs.set(log.outputs, from);
      from += (2 * log.actions.length) / width;
    }
    tensors.push(['logs.outputs', { shape: [outputs.length / 2, 2], data: outputs }]);
  }
  const S = stateSize(network);
  if (memories !== null) tensors.push(['memories', { shape: [N, S], data: memories }]);
  if (discountedReturns !== null) tensors.push(['discountedReturns', { shape: [N], data: discountedReturns }]);
  return {
    tensors,
    metadata: {
      wrappers: logs.flatMap(({ wrappers }, i) => (wrappers === null ? [] : [[i, [...wrappers]]])),
      cuts: logs.flatMap(({ cut }, i) => (cut === null ? [] : [[i, cut]])),
      recent: recent.map((episode) => ({
        return: episode.return,
        measures: episode.measures.map((value) => (Number.isNaN(value) ? null : value)),
      })),
      best,
      ...(recorder !== null && { recorder: { ...recorder } }),
    },
  };
}

/**
 * Puts a training state together again.
 * @throws `CHECKPOINT_CORRUPT` where the parts do not fit each other.
 */
export function decodeTraining(
  metadata: TrainingMetadata,
  tensors: ReadonlyMap<string, Tensor>,
  network: NetworkSpec,
  file: string,
): TrainingState {
  const wrong = (name: string, problem: string): Error => corruptFile(file, `tensor '${name}'`, problem);
  const take = <T extends TensorData>(name: string, type: new (length: number) => T, shape: readonly number[]): T =>
    takeTensor(tensors, name, type, shape, file);
  const N = tensors.get('logs.steps')?.data.length ?? 0;
  const O = loggedSize(network);
  const width = actionWidth(network);
  const steps = take('logs.steps', Float64Array, [N]);
  if (!steps.every((n) => Number.isSafeInteger(n) && n >= 0))
    throw wrong('logs.steps', 'holds other than whole numbers');
  const total = steps.reduce((sum, n) => sum + n, 0);
  const generators = take('logs.generators', Uint32Array, [N, GENERATOR_WORDS]);
  for (let i = 0; i < N; i++) {
    const at = i * GENERATOR_WORDS;
    // The increment of a PCG64 is odd, and its buffer holds a half-word or none.
    if ((generators[at + 4]! & 1) === 0 || generators[at + 8]! > 1)
      throw wrong('logs.generators', `holds no generator for env ${i}`);
  }
  const observations = take('logs.observations', Float32Array, [N, O]);
  const Type = storedType(network) as unknown as new (length: number) => StoredActions;
  const actions: StoredActions = take('logs.actions', Type, [total, width]);
  const outputs = tensors.has('logs.outputs') ? take('logs.outputs', Float32Array, [total, 2]) : null;
  const wrappers = places<readonly WrapperState[]>(metadata.wrappers, N, 'wrappers', file);
  const cuts = places<LogCut>(metadata.cuts, N, 'cuts', file);
  let at = 0;
  const logs = Array.from(steps, (n, i): EnvLog => {
    const from = at;
    at += n * width;
    return {
      generator: generators.slice(i * GENERATOR_WORDS, (i + 1) * GENERATOR_WORDS),
      wrappers: wrappers.get(i) ?? null,
      cut: cuts.get(i) ?? null,
      actions: actions.slice(from, at),
      outputs: outputs === null ? null : outputs.slice((2 * from) / width, (2 * at) / width),
      observation: observations.slice(i * O, (i + 1) * O),
    };
  });
  return {
    logs,
    memories: tensors.has('memories') ? take('memories', Float32Array, [N, stateSize(network)]) : null,
    discountedReturns: tensors.has('discountedReturns') ? take('discountedReturns', Float64Array, [N]) : null,
    recent: metadata.recent.map((episode) => ({
      return: episode.return,
      measures: episode.measures.map((value) => value ?? Number.NaN),
    })),
    best: metadata.best,
    recorder: metadata.recorder ?? null,
  };
}

function places<T>(entries: readonly (readonly [number, T])[], N: number, name: string, file: string): Map<number, T> {
  const map = new Map(entries);
  if (map.size === entries.length && entries.every(([i]) => i < N)) return map;
  throw corruptFile(file, `the metadata '${name}'`, `names an env beyond ${N}, or one twice`);
}
