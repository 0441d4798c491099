/** What the script of `bundleEnv` gives a page as the global `gymkhanaSim`: the env and the parts of the engine that run it. */
export { keyboardAction } from '../../core/keyboard.js';
export { Generator } from '../../core/seeding/generator.js';
export { StepHasher } from '../../episode/hash.js';
export { actionLabels, numbersOf, observationLabels } from '../page-series.js';
export { Fork } from './fork.js';
export { makePageEnv, pageSpec } from './make.js';
export {
  keyboardFor,
  keyboardPilot,
  type PackedPolicy,
  type Pilot,
  randomPilot,
  unpackPolicy,
} from './pilots.js';
export { type Parting, Playback } from './playback.js';
export {
  type EpisodeStart,
  type PackedReplay,
  type PageSnapshot,
  type PlayableEpisode,
  unpackReplay,
} from './start.js';
