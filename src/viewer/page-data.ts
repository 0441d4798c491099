/** What an episode page is given: plain JSON, written by the page's maker and read by its script. */
import type { Shape } from '../render/scene.js';
import type { PackedPolicy } from './sim/pilots.js';
import type { PackedReplay } from './sim/start.js';

/** What a number is called. */
export interface Label {
  readonly name: string;
  readonly unit: string;
  readonly about: string;
  /** Bounds for a gauge; absent where they are infinite. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * One view of every frame, as whole numbers in a row. For each frame: the number of items (-1: there is no such view in this
 * frame, and nothing more follows); the background's index; how many of the five camera numbers changed, with an index and a
 * difference for each; how many shape indices changed, with position and new index for each; how many placements changed,
 * with position and the differences of x, y and angle for each. What is not mentioned is as in the frame before.
 */
export type FrameStream = readonly number[];

/** One episode of the page. */
export interface PageEpisode {
  /** Its number in the file, from 0. */
  readonly index: number;
  readonly steps: number;
  readonly seed: number | null;
  readonly return: number;
  /** How it ended, in words. */
  readonly ending: string;
  readonly measures: readonly (readonly [string, string])[];
  /** What replaying it showed, and whether that is good news; null if nothing was compared. */
  readonly verdict: { readonly ok: boolean; readonly text: string } | null;
  readonly rewards: readonly number[];
  /** A policy's value of each observation, the reset's first: the page's policy's, else those recorded; null without. */
  readonly values: readonly number[] | null;
  /** Columns, one a label of `PageData.observations`; the reset's numbers first. */
  readonly observations: readonly (readonly number[])[];
  /** Columns, one a label of `PageData.actions`. */
  readonly actions: readonly (readonly number[])[];
  /** Null for an env without pictures. */
  readonly film: Film | null;
  /** What simulates it in the page; null where the page holds no env. */
  readonly replay: PackedReplay | null;
}

/** The pictures of an episode, one for the reset and one every few steps. */
export interface Film {
  /** Steps from one picture to the next. */
  readonly every: number;
  /** Size of one unit of the streams' placements, world units; angles have units of 1e-4 rad. */
  readonly quantum: number;
  readonly shapes: readonly Shape[];
  readonly backgrounds: readonly string[];
  readonly main: FrameStream;
  readonly inset: FrameStream | null;
  /** Every text among the readings, once. */
  readonly texts: readonly string[];
  /** For each frame, indices in `texts`: label, value, label, value, ... */
  readonly readings: readonly (readonly number[])[];
}

/** Everything the page's script knows. */
export interface PageData {
  readonly env: string;
  /** Frames a second of real time. */
  readonly fps: number;
  readonly observations: readonly Label[];
  readonly actions: readonly Label[];
  /** Names of the values of a Discrete action, with the first value; null for other spaces. */
  readonly choices: { readonly start: number; readonly names: readonly string[] } | null;
  readonly episodes: readonly PageEpisode[];
  /** A policy that can take over; null without. */
  readonly policy: PackedPolicy | null;
  /** Who played the recorded episodes, in words. */
  readonly playedBy: string | null;
  /** Version of this library. */
  readonly gymkhana: string;
}

/** Radians in one unit of an angle in a `FrameStream`. */
export const ANGLE_QUANTUM = 1e-4;
