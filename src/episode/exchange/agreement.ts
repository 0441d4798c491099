/** How far the results of a simulation agree with those that another program recorded for the same actions. */
import type { EnvMetadata } from '../../core/env.js';
import type { Space } from '../../spaces/index.js';
import type { CompleteEpisode } from '../complete.js';
import { leafColumns } from './columns.js';
import { fillLeaf, newData } from './rows.js';
import type { RecordedResults } from './scripts.js';

/** Agreement of one kind of result. */
export interface Agreement {
  /** Rows that both have: steps, and for observations the reset. */
  readonly compared: number;
  /** Rows that are equal in every number. */
  readonly equal: number;
  /** Largest absolute difference; null where a number is not finite in one only. */
  readonly largest: number | null;
  /** The step of the largest difference (0 is the reset), and its element's name; absent where all is equal. */
  readonly step?: number;
  readonly name?: string;
}

/** Agreement of an episode's results. */
export interface ResultAgreement {
  /** Null where the file has none to compare. */
  readonly observations: Agreement | null;
  readonly rewards: Agreement | null;
  /** Steps in the file, and in the simulation. */
  readonly steps: readonly [recorded: number, now: number];
  /** Whether both ended alike; null where the file does not say. */
  readonly sameEnd: boolean | null;
}

/** Compares rows of numbers; `rowOf` fills a row of the simulation. */
function compareRows(
  recorded: ArrayLike<number>,
  rows: number,
  width: number,
  firstStep: number,
  rowOf: (row: number) => ArrayLike<number>,
  nameOf: (element: number) => string,
): Agreement {
  let equal = 0;
  let largest: number | null = 0;
  let place: { step: number; name: string } | null = null;
  for (let row = 0; row < rows; row++) {
    const now = rowOf(row);
    let same = true;
    for (let i = 0; i < width; i++) {
      const then = recorded[row * width + i]!;
      if (Object.is(then, now[i]) || then === now[i]) continue;
      same = false;
      if (largest === null) continue;
      const distance = Math.abs(then - now[i]!);
      if (Number.isFinite(distance) && distance <= largest) continue;
      largest = Number.isFinite(distance) ? distance : null;
      place = { step: row + firstStep, name: nameOf(i) };
    }
    if (same) equal++;
  }
  return { compared: rows, equal, largest, ...(place !== null && place) };
}

/** Compares an episode that was played with what the file has of it. */
export function compareResults(
  observationSpace: Space,
  metadata: EnvMetadata,
  episode: CompleteEpisode,
  recorded: RecordedResults,
): ResultAgreement {
  const { observations, rewards } = recorded;
  const recordedSteps = rewards?.length ?? (observations === null ? episode.steps : observations.rows - 1);
  const { terminated, truncated } = recorded;
  const rewardRow = new Float64Array(1);
  return {
    observations: observations === null ? null : compareObservations(observationSpace, metadata, episode, observations),
    rewards:
      rewards === null
        ? null
        : compareRows(
            rewards,
            Math.min(rewards.length, episode.steps),
            1,
            1,
            (row) => {
              rewardRow[0] = episode.rewards[row]!;
              return rewardRow;
            },
            () => 'reward',
          ),
    steps: [recordedSteps, episode.steps],
    sameEnd:
      terminated === null || truncated === null
        ? null
        : terminated === episode.terminated && truncated === episode.truncated && recordedSteps === episode.steps,
  };
}

function compareObservations(
  space: Space,
  metadata: EnvMetadata,
  episode: CompleteEpisode,
  recorded: NonNullable<RecordedResults['observations']>,
): Agreement {
  const leaves = leafColumns(space, 'observation', 'observation', metadata.fields?.observation);
  const { rows, width, values } = recorded;
  const now = new Float64Array(width);
  const names = leaves.flatMap(({ name, fields, width: size }) =>
    Array.from({ length: size ?? 1 }, (_, i) => fields?.[i]?.name ?? (size === null ? name : `${name}.${i}`)),
  );
  const rowOf = (row: number): Float64Array => {
    let at = 0;
    for (const leaf of leaves) {
      const data = newData(leaf, 1);
      fillLeaf(leaf, data, 0, episode, row, 1);
      for (const value of data) now[at++] = Number(value);
    }
    return now;
  };
  return compareRows(values, Math.min(rows, episode.steps + 1), width, 0, rowOf, (i) => names[i]!);
}
