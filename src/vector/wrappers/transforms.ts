/** The vector wrappers that apply one function or one map to rows of observations, actions or rewards. */
import { newArray } from '../../spaces/arrays.js';
import type { Box } from '../../spaces/box.js';
import { flatten, flattenSpace } from '../../spaces/flatten.js';
import { type Batch, iterate } from '../../spaces/index.js';
import type { DType, DTypes, Space } from '../../spaces/space.js';
import { type ClipRewardOptions, rewardBounds } from '../../wrappers/clip-reward.js';
import { type DtypeObservationOptions, dtypeSpace } from '../../wrappers/dtype-observation.js';
import { type GrayscaleObservationOptions, greyBox } from '../../wrappers/grayscale-observation.js';
import { asBox, checkFunction, checkNames } from '../../wrappers/options.js';
import { greyscale, type PictureResizer } from '../../wrappers/pictures.js';
import { rescaleBox } from '../../wrappers/rescale.js';
import type { RescaleObservationOptions } from '../../wrappers/rescale-observation.js';
import { type ReshapeObservationOptions, reshapedBox } from '../../wrappers/reshape-observation.js';
import { type ResizeObservationOptions, resizing } from '../../wrappers/resize-observation.js';
import type { TransformRewardOptions } from '../../wrappers/transform-reward.js';
import type { VectorEnv } from '../vector-env.js';
import { assertVectorEnv, VectorObservationWrapper, VectorRewardWrapper } from './vector-wrapper.js';

type Row = DTypes[DType];

/** Maps each observation to a row of a Box. */
abstract class RowWise<Act> extends VectorObservationWrapper<Row, Act, unknown> {
  constructor(env: VectorEnv<unknown, Act>, singleObservationSpace: Box<DType>) {
    super(env, { singleObservationSpace });
  }

  override get singleObservationSpace(): Box<DType> {
    return super.singleObservationSpace as Box<DType>;
  }

  override observations(observations: Batch<unknown>): Row {
    const { size, dtype } = this.singleObservationSpace;
    const out = newArray(dtype, this.numEnvs * size);
    let at = 0;
    for (const observation of iterate(this.env.observationSpace, observations)) {
      out.set(this.finalObservation(observation), at);
      at += size;
    }
    return out;
  }
}

/** Maps Box observations to new bounds. */
export class VectorRescaleObservation<Act> extends RowWise<Act> {
  readonly #forward: (values: ArrayLike<number>) => Row;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<unknown, Act>, kwargs: RescaleObservationOptions) {
    const name = 'VectorRescaleObservation';
    checkNames(name, kwargs, ['minObs', 'maxObs']);
    assertVectorEnv(name, env);
    const box = asBox(name, 'observation', env.singleObservationSpace);
    const min = { field: 'minObs', value: kwargs.minObs };
    const rescaling = rescaleBox(name, 'observation', box, min, { field: 'maxObs', value: kwargs.maxObs });
    super(env, rescaling.box);
    this.#forward = rescaling.forward;
  }

  override finalObservation(observation: unknown): Row {
    return this.#forward(observation as ArrayLike<number>);
  }
}

/** Flattens observations to rows of numbers; Discrete values become one-hot. */
export class VectorFlattenObservation<Act> extends RowWise<Act> {
  /** @throws `UNKNOWN_WRAPPER_OPTION`, and what `flattenSpace` throws. */
  constructor(env: VectorEnv<unknown, Act>, kwargs: object = {}) {
    checkNames('VectorFlattenObservation', kwargs, []);
    assertVectorEnv('VectorFlattenObservation', env);
    super(env, flattenSpace(env.singleObservationSpace) as unknown as Box<DType>);
  }

  override finalObservation(observation: unknown): Row {
    return flatten(this.env.singleObservationSpace, observation) as Row;
  }
}

/** Hands out observations as another dtype. */
export class VectorDtypeObservation<Act> extends RowWise<Act> {
  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<unknown, Act>, kwargs: DtypeObservationOptions<DType>) {
    checkNames('VectorDtypeObservation', kwargs, ['dtype']);
    assertVectorEnv('VectorDtypeObservation', env);
    super(env, dtypeSpace('VectorDtypeObservation', env.singleObservationSpace, kwargs.dtype));
  }

  override finalObservation(observation: unknown): Row {
    const values = typeof observation === 'number' ? [observation] : (observation as ArrayLike<number>);
    const out = newArray(this.singleObservationSpace.dtype, values.length);
    out.set(values);
    return out;
  }
}

/** Gives Box observations other axes; the rows of numbers stay what they are. */
export class VectorReshapeObservation<Act> extends RowWise<Act> {
  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<unknown, Act>, kwargs: ReshapeObservationOptions) {
    const name = 'VectorReshapeObservation';
    checkNames(name, kwargs, ['shape']);
    assertVectorEnv(name, env);
    super(env, reshapedBox(name, asBox(name, 'observation', env.singleObservationSpace), kwargs.shape));
  }

  override finalObservation(observation: unknown): Row {
    return observation as Row;
  }
}

/** Turns coloured pictures [height, width, 3] grey. */
export class VectorGrayscaleObservation<Act> extends RowWise<Act> {
  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<unknown, Act>, kwargs: GrayscaleObservationOptions = {}) {
    const name = 'VectorGrayscaleObservation';
    assertVectorEnv(name, env);
    super(env, greyBox(name, env.singleObservationSpace, kwargs) as Box<DType>);
  }

  override finalObservation(observation: unknown): Row {
    const grey = new Uint8Array(this.singleObservationSpace.size);
    greyscale(observation as Uint8Array, grey);
    return grey;
  }
}

/** Gives pictures another size, as OpenCV's `INTER_AREA` does. */
export class VectorResizeObservation<Act> extends RowWise<Act> {
  readonly #resizer: PictureResizer;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: VectorEnv<unknown, Act>, kwargs: ResizeObservationOptions) {
    const name = 'VectorResizeObservation';
    assertVectorEnv(name, env);
    const { box, resizer } = resizing(name, env.singleObservationSpace, kwargs);
    super(env, box as Box<DType>);
    this.#resizer = resizer;
  }

  override finalObservation(observation: unknown): Row {
    const resized = new Uint8Array(this.singleObservationSpace.size);
    this.#resizer.resize(observation as Uint8Array, resized);
    return resized;
  }
}

/** Applies a function to each reward. */
export class VectorTransformReward<Obs, Act> extends VectorRewardWrapper<Obs, Act> {
  readonly func: (reward: number) => number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: VectorEnv<Obs, Act>, kwargs: TransformRewardOptions) {
    checkNames('VectorTransformReward', kwargs, ['func']);
    assertVectorEnv('VectorTransformReward', env);
    checkFunction('VectorTransformReward', 'func', kwargs.func);
    super(env);
    this.func = kwargs.func;
  }

  override rewards(rewards: Float64Array): Float64Array {
    return rewards.map((reward) => this.func(reward));
  }
}

/** Clips rewards to bounds. */
export class VectorClipReward<Obs, Act> extends VectorRewardWrapper<Obs, Act> {
  readonly #low: number;
  readonly #high: number;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: VectorEnv<Obs, Act>, kwargs: ClipRewardOptions = {}) {
    const [low, high] = rewardBounds('VectorClipReward', kwargs);
    super(env);
    this.#low = low;
    this.#high = high;
  }

  override rewards(rewards: Float64Array): Float64Array {
    return rewards.map((reward) => Math.min(this.#high, Math.max(this.#low, reward)));
  }
}

/** How a VectorTransformObservation is made. */
export interface VectorTransformObservationOptions<Obs, InnerObs> {
  /** From the inner env's rows to the rows handed out. */
  readonly func: (observations: Batch<InnerObs>) => Batch<Obs>;
  /** The same for one observation: the last ones of episodes, in `infos.finalObs`, go through it. */
  readonly singleFunc: (observation: InnerObs) => Obs;
  /** The space of one result; the env's own if absent. */
  readonly singleObservationSpace?: Space<Obs> | null | undefined;
}

/** Applies a function to a batch of observations. */
export class VectorTransformObservation<Obs, Act, InnerObs = Obs> extends VectorObservationWrapper<Obs, Act, InnerObs> {
  readonly #options: VectorTransformObservationOptions<Obs, InnerObs>;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`. */
  constructor(env: VectorEnv<InnerObs, Act>, kwargs: VectorTransformObservationOptions<Obs, InnerObs>) {
    const name = 'VectorTransformObservation';
    checkNames(name, kwargs, ['func', 'singleFunc', 'singleObservationSpace']);
    assertVectorEnv(name, env);
    checkFunction(name, 'func', kwargs.func);
    checkFunction(name, 'singleFunc', kwargs.singleFunc);
    super(env, { singleObservationSpace: kwargs.singleObservationSpace });
    this.#options = kwargs;
  }

  override observations(observations: Batch<InnerObs>): Batch<Obs> {
    return this.#options.func(observations);
  }

  override finalObservation(observation: InnerObs): Obs {
    return this.#options.singleFunc(observation);
  }
}
