/** Networks of every kind of layer, for tests of learners. */
import type { PolicyNetworkOptions } from '../../src/network/build.js';

const discrete = { type: 'categorical', actions: 3 } as const;
const gaussian = { type: 'gaussian', size: 2, logStdInit: -0.3 } as const;
const grey = { frames: 1, height: 24, width: 22, channels: 1 };
const stacked = { frames: 2, height: 36, width: 36, channels: 3 };
const pixels = (picture: typeof grey): number => picture.frames * picture.height * picture.width * picture.channels;
export const NETWORK_CASES: readonly (readonly [string, PolicyNetworkOptions])[] = [
  [
    'layer norm and SiLU',
    { observationSize: 5, hidden: [8, 6], distribution: discrete, activation: 'silu', layerNorm: true },
  ],
  [
    'a shared trunk with GELU',
    { observationSize: 5, hidden: [8], distribution: gaussian, activation: 'gelu', sharedTrunk: true },
  ],
  ['a small CNN', { observationSize: pixels(grey), picture: grey, encoder: 'small-cnn', distribution: discrete }],
  [
    'a small CNN on stacked colours',
    { observationSize: pixels(stacked), picture: stacked, encoder: 'small-cnn', distribution: gaussian },
  ],
  ['NatureCNN', { observationSize: pixels(stacked), picture: stacked, encoder: 'nature-cnn', distribution: discrete }],
  [
    'an IMPALA network',
    { observationSize: pixels(grey), picture: grey, encoder: 'impala-cnn', distribution: discrete },
  ],
  ['a GRU', { observationSize: 5, hidden: [8], distribution: discrete, recurrent: { cell: 'gru', units: 7 } }],
  [
    'an LSTM after a CNN',
    {
      observationSize: pixels(grey),
      picture: grey,
      encoder: 'small-cnn',
      distribution: gaussian,
      recurrent: { cell: 'lstm', units: 6 },
    },
  ],
  [
    'an LSTM after a frozen layer',
    {
      observationSize: 5,
      hidden: [8],
      sharedTrunk: true,
      freeze: ['trunk.0'],
      distribution: discrete,
      recurrent: { cell: 'lstm', units: 7 },
    },
  ],
];
