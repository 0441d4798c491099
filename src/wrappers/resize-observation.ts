import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import type { Box } from '../spaces/box.js';
import type { Space } from '../spaces/space.js';
import { asBox, checkNames } from './options.js';
import { checkedSize, PictureResizer, pictureBox, pictureShape } from './pictures.js';

/** How a ResizeObservation is made. */
export interface ResizeObservationOptions {
  /** Height and width of the pictures to be. */
  readonly shape: readonly [number, number];
}

/** The space of resized pictures and what resizes them. @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE` */
export function resizing(
  wrapper: string,
  space: Space,
  kwargs: ResizeObservationOptions,
): { readonly box: Box<'uint8'>; readonly resizer: PictureResizer } {
  checkNames(wrapper, kwargs, ['shape']);
  const [height, width] = checkedSize(wrapper, kwargs.shape);
  const shape = pictureShape(wrapper, asBox(wrapper, 'observation', space));
  return { box: pictureBox({ ...shape, height, width }), resizer: new PictureResizer(shape, height, width) };
}

/** Gives pictures another size, as OpenCV's `INTER_AREA` does: each pixel is the mean of the area that it covers. */
export class ResizeObservation<Act> extends ObservationWrapper<Uint8Array, Act, Uint8Array> {
  readonly observationSpace: Box<'uint8'>;
  readonly #resizer: PictureResizer;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<Uint8Array, Act>, kwargs: ResizeObservationOptions) {
    const { box, resizer } = resizing('ResizeObservation', env.observationSpace, kwargs);
    super(env, kwargs);
    this.observationSpace = box;
    this.#resizer = resizer;
  }

  override observation(observation: Uint8Array): Uint8Array {
    const resized = new Uint8Array(this.observationSpace.size);
    this.#resizer.resize(observation, resized);
    return resized;
  }
}
