/** Vector wrappers, named as Gymnasium's with `Vector` before them. */
export {
  VectorClipAction,
  VectorRescaleAction,
  VectorTransformAction,
  type VectorTransformActionOptions,
} from './actions.js';
export { VectorDictInfoToList } from './dict-info-to-list.js';
export { VectorNormalizeObservation } from './normalize-observation.js';
export { VectorNormalizeReward } from './normalize-reward.js';
export { VectorRecordEpisodeStatistics } from './record-episode-statistics.js';
export {
  VectorClipReward,
  VectorDtypeObservation,
  VectorFlattenObservation,
  VectorGrayscaleObservation,
  VectorRescaleObservation,
  VectorReshapeObservation,
  VectorResizeObservation,
  VectorTransformObservation,
  type VectorTransformObservationOptions,
  VectorTransformReward,
} from './transforms.js';
export { VectorActionWrapper, VectorObservationWrapper, VectorRewardWrapper, VectorWrapper } from './vector-wrapper.js';
