/** Golden data of the Box2D envs (test/golden/box2d) and what several of their tests do with it. */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { crc32 } from '../../src/core/crc32.js';
import type { Env } from '../../src/core/env.js';
import type { Json } from '../../src/core/json.js';
import { constructEnv, spec } from '../../src/registration/index.js';
import { golden } from './paths.js';

interface Case {
  readonly id: string;
  readonly kwargs: Readonly<Record<string, Json>>;
  readonly policy: 'random' | 'heuristic';
  readonly seed: number;
  readonly steps: number;
  readonly terminated: boolean;
}

/** An episode step by step; the arrays are base64 of zlib data, as scripts/transfer/golden_box2d.py says. */
interface PackedEpisode extends Case {
  readonly observations: string;
  readonly actions: string;
  readonly rewards: string;
}

/** A whole episode of which only the checksum of the observations, the return and the length are kept. */
interface Digest extends Case {
  readonly return: number;
  readonly crc: number;
}

/** Episodes of Gymnasium, as `scripts/transfer/golden_box2d.py` wrote them. */
export interface GoldenEpisodes {
  readonly episodes: readonly PackedEpisode[];
  readonly digests: readonly Digest[];
}

/** A file of `test/golden/box2d`. */
export function readBox2d<T>(name: string): T {
  return JSON.parse(readFileSync(golden(`box2d/${name}.json`), 'utf8')) as T;
}

/** The bytes of base64 of zlib data. */
export function unpack(text: string): ArrayBuffer {
  return Uint8Array.from(inflateSync(Buffer.from(text, 'base64'))).buffer;
}

/** Gymnasium's name of a keyword argument as ours. */
export const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The env of a case, without wrappers. */
export async function envOf({ id, kwargs }: Pick<Case, 'id' | 'kwargs'>): Promise<Env> {
  const known = spec(id);
  const own = Object.fromEntries(Object.entries(kwargs).map(([name, value]) => [camel(name), value]));
  return await constructEnv({ ...known, kwargs: { ...known.kwargs, ...own } });
}

type Controller = (observation: unknown) => unknown;

/** The scripted controller of an env. */
export function heuristicOf(env: Env): Controller {
  const { baselines } = env.constructor as { baselines?: Readonly<Record<string, (env: Env) => Controller>> };
  return baselines!['heuristic']!(env);
}

/** What a case is, for messages. */
export function title({ id, kwargs, policy, seed }: Case): string {
  const words = Object.keys(kwargs).length === 0 ? '' : ` ${JSON.stringify(kwargs)}`;
  return `${id}${words}, ${policy}, seed ${seed}`;
}

/** Plays a recorded episode again: every observation and flag bit for bit, rewards to 1e-9, the heuristic's actions, too. */
export async function replayEpisode(episode: PackedEpisode): Promise<void> {
  const env = await envOf(episode);
  const where = title(episode);
  const observations = new Float32Array(unpack(episode.observations));
  const rewards = new Float64Array(unpack(episode.rewards));
  const size = observations.length / (episode.steps + 1);
  const packed = unpack(episode.actions);
  const width = env.actionSpace.shape?.[0] ?? 0;
  const actionAt = (k: number): number | Float32Array =>
    width === 0 ? new Uint8Array(packed)[k]! : new Float32Array(packed, 4 * width * k, width);
  const act = episode.policy === 'heuristic' ? heuristicOf(env) : null;
  let observation = env.reset({ seed: episode.seed }).observation as Float32Array;
  const same = (k: number): void => {
    const expected = observations.subarray(k * size, (k + 1) * size);
    assert.equal(Array.from(observation), Array.from(expected), `${where}: observation after step ${k}`);
  };
  same(0);
  for (let k = 0; k < episode.steps; k++) {
    const action = actionAt(k);
    if (act !== null) {
      const chosen = act(observation);
      const text = (value: unknown): string => String(value).replace(/(^|,)-0(?=,|$)/g, '$10');
      assert.is(text(chosen), text(action), `${where}: the heuristic's action at step ${k}`);
    }
    const result = env.step(action);
    observation = result.observation as Float32Array;
    same(k + 1);
    const last = k + 1 === episode.steps;
    assert.is(result.terminated, last && episode.terminated, `${where}: terminated at step ${k + 1}`);
    const error = Math.abs(result.reward - rewards[k]!);
    assert.ok(error <= 1e-9, `${where}: reward ${result.reward} at step ${k + 1}, expected ${rewards[k]}`);
  }
}

/** Plays a whole episode with a controller and compares its length, end, return and the checksum of its observations. */
export async function replayDigest(digest: Digest, controller: (env: Env) => Controller): Promise<void> {
  const env = await envOf(digest);
  const act = controller(env);
  let observation = env.reset({ seed: digest.seed }).observation as Float32Array;
  const bytes = (): Uint8Array => new Uint8Array(observation.buffer, observation.byteOffset, observation.byteLength);
  let crc = crc32(bytes());
  let total = 0;
  let terminated = false;
  let steps = 0;
  const { maxEpisodeSteps } = spec(digest.id);
  while (!terminated && steps < maxEpisodeSteps!) {
    const result = env.step(act(observation));
    observation = result.observation as Float32Array;
    crc = crc32(bytes(), crc);
    total += result.reward;
    terminated = result.terminated;
    steps++;
  }
  const where = title(digest);
  assert.equal(
    [steps, terminated, crc],
    [digest.steps, digest.terminated, digest.crc],
    `${where}: steps, end, checksum`,
  );
  assert.ok(Math.abs(total - digest.return) < 1e-9 * steps, `${where}: return ${total}, expected ${digest.return}`);
}

/** Steps with actions of the env's own space, over episodes' ends: a line for each observation, reward and end. */
export function playSampled(env: Env, steps: number): string[] {
  const lines: string[] = [];
  for (let k = 0; k < steps; k++) {
    const { observation, reward, terminated } = env.step(env.actionSpace.sample());
    lines.push(`${observation} ${reward} ${terminated}`);
    if (terminated) lines.push(String(env.reset().observation));
  }
  return lines;
}

/** How a batch of episodes ended. */
export interface Outcome {
  readonly returns: number[];
  readonly lengths: number[];
  /** Whether the last step's reward was -100: a crash, a fall or a flight out of the picture. */
  readonly failed: boolean[];
  readonly terminated: boolean[];
}

/** Plays an episode for each seed; `start` is called before each and gives its controller. */
export function playSeeds(
  env: Env,
  seeds: readonly number[],
  limit: number,
  start: (seed: number) => Controller,
): Outcome {
  const outcome: Outcome = { returns: [], lengths: [], failed: [], terminated: [] };
  for (const seed of seeds) {
    const act = start(seed);
    let { observation } = env.reset({ seed });
    let total = 0;
    let steps = 0;
    for (;;) {
      const result = env.step(act(observation));
      observation = result.observation;
      total += result.reward;
      if (++steps < limit && !result.terminated) continue;
      outcome.returns.push(total);
      outcome.lengths.push(steps);
      outcome.failed.push(result.terminated && result.reward === -100);
      outcome.terminated.push(result.terminated);
      break;
    }
  }
  return outcome;
}

/** Mean and population standard deviation, as NumPy's `mean` and `std`. */
export function moments(values: readonly number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
  return { mean, sd: Math.sqrt(variance) };
}

/** The share of true. */
export function share(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length / flags.length;
}

/** Part of `test/golden/box2d/*-stats.json`. */
export interface EnvStats {
  readonly [policy: string]: unknown;
  readonly random: PolicyStats;
  readonly heuristic: PolicyStats;
  readonly initial_obs: Record<'mean' | 'sd' | 'min' | 'max', number[]> & { readonly n: number };
}
export interface PolicyStats {
  readonly episodes: number;
  readonly return: { readonly n: number; readonly mean: number; readonly sd: number };
  readonly length: { readonly n: number; readonly mean: number; readonly sd: number };
  readonly outcome_fraction: Readonly<Record<string, number>>;
  /** [return, length] of the first seeds. */
  readonly first_20: readonly (readonly [number, number])[];
}

/** The first of the statistics' seeds. */
export const FIRST_SEED = 10_000;
export const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, k) => first + k);

/** The first observations of 300 seeds: extremes are the reference's to the bit, means and deviations to rounding. */
export async function checkStarts(id: string, stats: EnvStats): Promise<void> {
  const env = await envOf({ id, kwargs: {} });
  const { n, ...expected } = stats.initial_obs;
  const rows = seedsFrom(FIRST_SEED, n).map((seed) => Array.from(env.reset({ seed }).observation as Float32Array));
  const columns = rows[0]!.map((_, k) => rows.map((row) => row[k]!));
  columns.forEach((column, k) => {
    const { mean, sd } = moments(column);
    assert.is(Math.min(...column), expected.min[k], `smallest observation ${k}`);
    assert.is(Math.max(...column), expected.max[k], `largest observation ${k}`);
    assert.ok(Math.abs(mean - expected.mean[k]!) < 1e-9, `mean of observation ${k}: ${mean}, ${expected.mean[k]}`);
    assert.ok(Math.abs(sd - expected.sd[k]!) < 1e-9, `deviation of observation ${k}: ${sd}, ${expected.sd[k]}`);
  });
}

/**
 * Episodes of the statistics' seeds played again: the mean return and the share of failures are within two standard errors.
 * @returns which of the first 20 episodes have the reference's length and return (to 1e-4).
 */
export async function checkReturns(id: string, policy: 'random' | 'heuristic', stats: EnvStats): Promise<number[]> {
  const { episodes, return: expected, outcome_fraction: ends, first_20: first } = stats[policy];
  const env = await envOf({ id, kwargs: {} });
  const { returns, lengths, failed } = playSeeds(
    env,
    seedsFrom(FIRST_SEED, episodes),
    spec(id).maxEpisodeSteps!,
    (seed) => {
      if (policy === 'heuristic') return heuristicOf(env);
      env.actionSpace.seed(seed);
      return () => env.actionSpace.sample();
    },
  );
  const { mean } = moments(returns);
  const error = 2 * (expected.sd / Math.sqrt(expected.n));
  assert.ok(Math.abs(mean - expected.mean) <= error, `mean return ${mean}, expected ${expected.mean} +- ${error}`);
  const fraction = (ends['crashed'] ?? 0) + (ends['out_of_view'] ?? 0) + (ends['fell'] ?? 0);
  const most = 2 * Math.sqrt((fraction * (1 - fraction)) / episodes) + 1e-9;
  assert.ok(Math.abs(share(failed) - fraction) <= most, `failures ${share(failed)}, expected ${fraction} +- ${most}`);
  return first.flatMap(([total, steps], k) =>
    lengths[k] === steps && Math.abs(returns[k]! - total) < 1e-4 ? [k] : [],
  );
}

/** A policy trained in the reference env and what it did there. */
export interface GoldenPolicy {
  readonly output: 'argmax' | 'clip[-1,1]';
  readonly layers: readonly { readonly W: number[][]; readonly b: number[] }[];
  readonly seeds: readonly number[];
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
  readonly terminated: readonly boolean[];
  readonly mean_return: number;
  readonly sem: number;
  /** The walker's: what the policy does where each seed has a new env. */
  readonly fresh?: { readonly returns: readonly number[]; readonly lengths: readonly number[] };
}

/** The policy as a controller: y = W x + b with tanh between layers, float32. */
export function policyController({ layers, output }: GoldenPolicy): Controller {
  const weights = layers.map(({ W, b }) => ({ W: W.map((row) => Float32Array.from(row)), b: Float32Array.from(b) }));
  const values = layers.map(({ b }) => new Float32Array(b.length));
  return (observation) => {
    let input = observation as Float32Array;
    weights.forEach(({ W, b }, layer) => {
      const out = values[layer]!;
      const last = layer === weights.length - 1;
      for (let i = 0; i < out.length; i++) {
        const row = W[i]!;
        let sum = 0;
        for (let k = 0; k < row.length; k++) sum += row[k]! * input[k]!;
        const value = Math.fround(sum) + b[i]!;
        out[i] = last ? value : Math.tanh(Math.fround(value));
      }
      input = out;
    });
    if (output === 'argmax') return input.indexOf(Math.max(...input));
    return input.map((value) => Math.min(1, Math.max(-1, value)));
  };
}
