/** What the page of `gymkhana play` and its server say to each other: plain JSON. */
import type { Json } from '../core/json.js';
import type { Keyboard } from '../core/keyboard.js';

/** Longest episode that is kept, steps: the page ends it there. */
export const LONGEST_PLAY = 100_000;

/** What the page is made with. */
export interface PlayData {
  readonly env: string;
  /** Steps a second at speed 1. */
  readonly fps: number;
  readonly keyboard: Keyboard;
  /** Seed of the page's first episode; each further one has the next. */
  readonly seed: number;
  /** How the env is shown: pictures, its text, or the numbers of its observation. */
  readonly shows: 'scene' | 'ansi' | 'numbers';
  /** Names of the numbers of the observation; empty if the env does not say. */
  readonly observation: readonly string[];
  /** The episode file, for people. */
  readonly file: string;
}

/** `POST /api/episodes`: an episode as the page played it. */
export interface PlayedEpisode {
  readonly seed: number;
  /** In JSON form, one a step; the last one may be that at which the env failed. */
  readonly actions: readonly Json[];
  /** Of the reset and of each completed step. */
  readonly hashes: readonly number[];
}

/** Its answer: what Node simulated from the same seed and actions, and wrote. */
export interface KeptEpisode {
  readonly file: string;
  /** Number of the episode in the file, from 0. */
  readonly index: number;
  readonly seed: number;
  readonly steps: number;
  readonly return: number;
  readonly ended: 'terminated' | 'truncated' | 'cut' | 'failed';
  /** Whether every step was as in the page. */
  readonly same: boolean;
  /** The first step that was not, 0 for the reset; null if all were. */
  readonly firstDifference: number | null;
  /** The same in a sentence. */
  readonly message: string;
}

/** An answer that refuses. */
export interface PlayRefusal {
  readonly error: { readonly code: string; readonly message: string };
}
