import type { Env } from '../core/env.js';
import { ObservationWrapper } from '../core/wrapper.js';
import type { Box } from '../spaces/box.js';
import type { Space } from '../spaces/space.js';
import { asBox, checkFlag, checkNames, unsuitable } from './options.js';
import { greyscale, pictureBox, pictureShape } from './pictures.js';

/** How a GrayscaleObservation is made. */
export interface GrayscaleObservationOptions {
  /** Keep an axis of one channel: [height, width, 1]; false by default. */
  readonly keepDim?: boolean | undefined;
}

/** The space of grey pictures. @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE` */
export function greyBox(wrapper: string, space: Space, kwargs: GrayscaleObservationOptions): Box<'uint8'> {
  checkNames(wrapper, kwargs, ['keepDim']);
  const { keepDim = false } = kwargs;
  checkFlag(wrapper, 'keepDim', keepDim);
  const box = asBox(wrapper, 'observation', space);
  const shape = pictureShape(wrapper, box);
  if (shape.channels !== 3) {
    throw unsuitable(wrapper, 'observation', 'pictures of three channels, [height, width, 3]', box);
  }
  return pictureBox({ ...shape, channels: 1, flat: !keepDim });
}

/** Turns coloured pictures [height, width, 3] grey: 0.2125 red, 0.7154 green and 0.0721 blue. */
export class GrayscaleObservation<Act> extends ObservationWrapper<Uint8Array, Act, Uint8Array> {
  readonly observationSpace: Box<'uint8'>;

  /** @throws `INVALID_WRAPPER_OPTION`, `UNKNOWN_WRAPPER_OPTION`, `INVALID_WRAPPER_SPACE`. */
  constructor(env: Env<Uint8Array, Act>, kwargs: GrayscaleObservationOptions = {}) {
    const box = greyBox('GrayscaleObservation', env.observationSpace, kwargs);
    super(env, kwargs);
    this.observationSpace = box;
  }

  override observation(observation: Uint8Array): Uint8Array {
    const grey = new Uint8Array(this.observationSpace.size);
    greyscale(observation, grey);
    return grey;
  }
}
