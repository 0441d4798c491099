/** The built-in wrappers by name, as specs name them. */
import { identifyWrapper, type WrapperClass } from '../core/wrapper.js';
import { AddWhiteNoise } from './add-white-noise.js';
import { Autoreset } from './autoreset.js';
import { ClipAction } from './clip-action.js';
import { ClipReward } from './clip-reward.js';
import { DelayObservation } from './delay-observation.js';
import { DiscretizeAction } from './discretize-action.js';
import { DiscretizeObservation } from './discretize-observation.js';
import { DtypeObservation } from './dtype-observation.js';
import { FilterObservation } from './filter-observation.js';
import { FlattenObservation } from './flatten-observation.js';
import { FrameStackObservation } from './frame-stack-observation.js';
import { GrayscaleObservation } from './grayscale-observation.js';
import { MaxAndSkipObservation } from './max-and-skip-observation.js';
import type { BUILTIN_WRAPPERS } from './names.js';
import { NormalizeObservation } from './normalize-observation.js';
import { NormalizeReward } from './normalize-reward.js';
import { OrderEnforcing } from './order-enforcing.js';
import { PassiveEnvChecker } from './passive-env-checker.js';
import { RecordEpisodeStatistics } from './record-episode-statistics.js';
import { RenderCollection } from './render-collection.js';
import { RepeatAction } from './repeat-action.js';
import { RescaleAction } from './rescale-action.js';
import { RescaleObservation } from './rescale-observation.js';
import { ReshapeObservation } from './reshape-observation.js';
import { ResizeObservation } from './resize-observation.js';
import { StickyAction } from './sticky-action.js';
import { TimeAwareObservation } from './time-aware-observation.js';
import { TimeLimit } from './time-limit.js';
import { TransformAction } from './transform-action.js';
import { TransformObservation } from './transform-observation.js';
import { TransformReward } from './transform-reward.js';

const classes: Readonly<Record<(typeof BUILTIN_WRAPPERS)[number], WrapperClass>> = {
  AddWhiteNoise,
  Autoreset,
  ClipAction,
  ClipReward,
  DelayObservation,
  DiscretizeAction,
  DiscretizeObservation,
  DtypeObservation,
  FilterObservation,
  FlattenObservation,
  FrameStackObservation,
  GrayscaleObservation,
  MaxAndSkipObservation,
  NormalizeObservation,
  NormalizeReward,
  OrderEnforcing,
  PassiveEnvChecker,
  RecordEpisodeStatistics,
  RenderCollection,
  RepeatAction,
  RescaleAction,
  RescaleObservation,
  ReshapeObservation,
  ResizeObservation,
  StickyAction,
  TimeAwareObservation,
  TimeLimit,
  TransformAction,
  TransformObservation,
  TransformReward,
};

export const builtinWrappers: Readonly<Record<string, WrapperClass>> = classes;

for (const [name, Class] of Object.entries(builtinWrappers)) identifyWrapper(Class, { name, moduleUrl: null });
