/** Layers against PyTorch's, in float64; whole networks against central differences. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Generator } from '../../src/core/seeding/index.js';
import { ENCODERS, type PolicyNetworkOptions, policyNetwork } from '../../src/network/build.js';
import { initialParameters } from '../../src/network/init.js';
import { parameterLayout, parameterView } from '../../src/network/layout.js';
import { networkPlan, stateSize } from '../../src/network/plan.js';
import { evaluate, type PpoBatch, ppoLoss } from '../../src/network/reference.js';
import { pictureRows, runLayers } from '../../src/network/reference-layers.js';
import type { LayerSpec, NetworkSpec } from '../../src/network/spec.js';
import { multiplyAdds } from '../../src/network/validate.js';
import { throwsError } from '../support/misuse.js';
import { golden as goldenPath } from '../support/paths.js';

interface LayerCase {
  readonly name: string;
  readonly layers: object;
  readonly input: readonly number[];
  readonly x: readonly number[];
  readonly steps?: number;
  readonly state?: readonly number[];
  readonly starts?: readonly number[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly output: readonly number[];
  readonly slope: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly inputGradient: readonly number[];
  readonly after?: readonly number[];
}

const golden = JSON.parse(readFileSync(goldenPath('layers.json'), 'utf8')) as { readonly cases: readonly LayerCase[] };

const init = { type: 'zeros' } as const;

/** A network whose trunk is the layer, and flat after it. */
function around({ layers, input }: LayerCase): NetworkSpec {
  const [channels, height, width] = input;
  const picture = input.length === 3;
  const layer = { ...layers, ...('activation' in layers || 'units' in layers ? { init } : {}) } as LayerSpec;
  const head = (units: number): LayerSpec => ({ type: 'dense', units, activation: 'linear', init });
  return {
    version: 1,
    observationSize: input.reduce((product, n) => product * n, 1),
    ...(picture && { picture: { frames: channels!, height: height!, width: width!, channels: 1 } }),
    distribution: { type: 'categorical', actions: 2 },
    trunk: picture ? [layer, { type: 'flatten' }] : [layer],
    actor: [head(2)],
    critic: [head(1)],
  };
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.is(actual.length, expected.length, what);
  for (let k = 0; k < expected.length; k++) {
    assert.ok(Math.abs(actual[k]! - expected[k]!) < 1e-10, `${what}[${k}] is ${actual[k]}, not ${expected[k]}`);
  }
}

for (const c of golden.cases) {
  test(`${c.name}: outputs and slopes are PyTorch's`, () => {
    const spec = around(c);
    const layout = parameterLayout(spec);
    const parameters = new Float64Array(layout.count);
    for (const { name, offset } of layout.slices) {
      const own = c.parameters[name.replace('trunk.0.', '')];
      if (own !== undefined) parameters.set(own, offset);
    }
    const sequences = c.steps === undefined ? null : { steps: c.steps, state: c.state!, starts: c.starts! };
    const [layer] = networkPlan(spec).trunk;
    const { output, state, back } = runLayers([layer!], { layout, parameters, sequences }, c.x);
    near(output, c.output, 'output');
    if (c.after !== undefined) near(state!, c.after, 'memory');
    const gradient = new Float64Array(layout.count);
    near(back(Float64Array.from(c.slope), gradient), c.inputGradient, 'slope by the input');
    for (const [name, want] of Object.entries(c.gradients)) {
      const slice = layout.slices.find((one) => one.name === `trunk.0.${name}`)!;
      near(gradient.subarray(slice.offset, slice.offset + slice.size), want, name);
    }
  });
}

const draw = (i: number, k: number): number => Math.sin(i * 12.9898 + k * 78.233) * 0.6;
const discrete = { type: 'categorical', actions: 3 } as const;
const picture = { frames: 2, height: 20, width: 21, channels: 1 };
const NETWORKS: readonly (readonly [string, PolicyNetworkOptions])[] = [
  [
    'a shared trunk with layer norm and SiLU',
    {
      observationSize: 3,
      hidden: [5, 4],
      distribution: discrete,
      activation: 'silu',
      layerNorm: true,
      sharedTrunk: true,
    },
  ],
  [
    'GELU in separate towers',
    { observationSize: 3, hidden: [5], distribution: { type: 'gaussian', size: 2, logStdInit: 0 }, activation: 'gelu' },
  ],
  [
    'a GRU before towers',
    { observationSize: 3, hidden: [4], distribution: discrete, recurrent: { cell: 'gru', units: 3 } },
  ],
  [
    'an LSTM after a shared layer',
    {
      observationSize: 3,
      hidden: [4],
      distribution: discrete,
      sharedTrunk: true,
      recurrent: { cell: 'lstm', units: 3 },
    },
  ],
  [
    'a small CNN',
    {
      observationSize: 840,
      picture: { ...picture, height: 20, width: 21 },
      encoder: 'small-cnn',
      distribution: discrete,
    },
  ],
];

for (const [name, options] of NETWORKS) {
  test(`${name}: the gradient is that of central differences`, () => {
    const spec = policyNetwork(options);
    const rows = 6;
    const S = stateSize(spec);
    const O = spec.observationSize;
    const { count } = parameterLayout(spec);
    const parameters = Float64Array.from({ length: count }, (_, i) => draw(i, 1) * (spec.picture ? 0.05 : 1));
    const batch: PpoBatch = {
      observations: Float64Array.from({ length: rows * O }, (_, i) => (spec.picture ? (i * 37) % 256 : draw(i, 2))),
      actions:
        spec.distribution.type === 'gaussian'
          ? Float64Array.from({ length: 12 }, (_, i) => draw(i, 3))
          : [0, 1, 2, 0, 1, 2],
      logProbs: Float64Array.from({ length: rows }, (_, i) => -1.2 + 0.3 * draw(i, 4)),
      advantages: Float64Array.from({ length: rows }, (_, i) => draw(i, 5)),
      returns: Float64Array.from({ length: rows }, (_, i) => draw(i, 6)),
      values: Float64Array.from({ length: rows }, (_, i) => draw(i, 7)),
      ...(S > 0 && {
        sequences: {
          steps: 3,
          state: Float64Array.from({ length: 2 * S }, (_, i) => draw(i, 8)),
          starts: [0, 0, 1, 0, 0, 0],
        },
      }),
    };
    const config = { clipCoef: 0.2, clipVloss: true, entCoef: 0.05, vfCoef: 0.5 };
    const { gradient } = ppoLoss(spec, parameters, batch, config);
    const largest = gradient.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
    // All parameters of small networks, some sixty of a convolutional one.
    for (let i = 0; i < count; i += Math.max(1, Math.floor(count / 61))) {
      const value = parameters[i]!;
      const h = 1e-6;
      parameters[i] = value + h;
      const above = ppoLoss(spec, parameters, batch, config).loss;
      parameters[i] = value - h;
      const below = ppoLoss(spec, parameters, batch, config).loss;
      parameters[i] = value;
      const slope = (above - below) / (2 * h);
      assert.ok(
        Math.abs(gradient[i]! - slope) < 1e-6 * Math.max(1, largest),
        `parameter ${i}: ${gradient[i]}, not ${slope}`,
      );
    }
  });
}

test('pixels become pictures with channels first, frames before colours', () => {
  const pixels = Float64Array.from({ length: 2 * 2 * 3 * 3 }, (_, k) => k);
  const rows = pictureRows({ frames: 2, height: 2, width: 3, channels: 3 }, pixels);
  // Frame 1, row 1, column 2, blue: channel 5 of 6.
  const at = ((1 * 2 + 1) * 3 + 2) * 3 + 2;
  assert.is(rows[5 * 6 + 1 * 3 + 2], pixels[at]! / 255);
});

test('encoders have the shapes and sizes of their papers', () => {
  const atari = { frames: 4, height: 84, width: 84, channels: 1 };
  const networks = ENCODERS.map((encoder) =>
    policyNetwork({
      observationSize: 4 * 84 * 84,
      picture: atari,
      encoder,
      distribution: { type: 'categorical', actions: 4 },
    }),
  );
  const [small, nature, impala] = networks.map((spec) => networkPlan(spec).trunk.map(({ output }) => output.join('x')));
  assert.equal(small, ['16x20x20', '32x9x9', '2592', '256']);
  assert.equal(nature, ['32x20x20', '64x9x9', '64x7x7', '3136', '512']);
  assert.equal(impala!.slice(-4), ['32x11x11', '32x11x11', '3872', '256']);
  // As many parameters as PyTorch counts in NatureCNN with both heads.
  const sizes = networks.map((spec) => parameterLayout(spec).slices.reduce((sum, { size }) => sum + size, 0));
  assert.is(sizes[1], 1_684_128 + 512 * 5 + 5);
  assert.is(multiplyAdds(networks[0]!), 400 * 16 * 256 + 81 * 32 * 256 + 2592 * 256 + 256 * 5);
});

test('layer norm starts as the identity of normalised numbers, and memories with orthogonal weights and zero biases', () => {
  const spec = policyNetwork({
    observationSize: 4,
    hidden: [8],
    distribution: discrete,
    layerNorm: true,
    recurrent: { cell: 'gru', units: 5 },
  });
  const layout = parameterLayout(spec);
  const parameters = initialParameters(spec, Generator.fromSeed(2));
  assert.ok(parameterView(layout, parameters, 'actor.1.scale').every((x) => x === 1));
  assert.ok(parameterView(layout, parameters, 'actor.1.shift').every((x) => x === 0));
  assert.ok(parameterView(layout, parameters, 'trunk.0.stateBias').every((x) => x === 0));
  const W = parameterView(layout, parameters, 'trunk.0.stateWeight');
  const rows = Array.from({ length: 5 }, (_, r) => [...W.subarray(r * 15, (r + 1) * 15)]);
  const dot = rows[0]!.reduce((sum, x, k) => sum + x * rows[1]![k]!, 0);
  const norm = rows[0]!.reduce((sum, x) => sum + x * x, 0);
  assert.ok(Math.abs(dot) < 1e-6 && Math.abs(norm - 1) < 1e-6);
});

test('a network with a memory starts every observation from nothing unless it is told', () => {
  const spec = policyNetwork({
    observationSize: 2,
    hidden: [],
    distribution: discrete,
    recurrent: { cell: 'lstm', units: 3 },
  });
  const parameters = initialParameters(spec, Generator.fromSeed(2));
  const twice = evaluate(spec, parameters, [1, 2, 1, 2]);
  assert.equal(twice.values[0], twice.values[1]);
  const sequence = evaluate(spec, parameters, [1, 2, 1, 2], { steps: 2, state: new Float64Array(6), starts: [0, 0] });
  assert.is(sequence.values[0], twice.values[0]);
  assert.is.not(sequence.values[1], twice.values[1]);
});

const dense = (units: number, activation = 'linear'): LayerSpec =>
  ({ type: 'dense', units, activation, init }) as LayerSpec;
const base: NetworkSpec = {
  version: 1,
  observationSize: 16,
  distribution: { type: 'categorical', actions: 2 },
  actor: [dense(2)],
  critic: [dense(1)],
};
const window = { kernel: 3, stride: 1, padding: 0 };
const conv = { type: 'conv2d', filters: 2, activation: 'relu', init, ...window } as const;
const small = { picture: { frames: 1, height: 4, width: 4, channels: 1 } };
const MISUSE: readonly (readonly [string, object, string])[] = [
  ['a layer of another type', { trunk: [{ type: 'conv3d' }] }, 'trunk[0].type'],
  ['a picture of other size', { picture: { ...small.picture, height: 5 } }, 'observationSize'],
  ['a picture without height', { picture: { ...small.picture, height: 0 } }, 'picture.height'],
  ['dense on a picture', { ...small, trunk: [dense(4)] }, 'trunk.0'],
  ['a window larger than the picture', { ...small, trunk: [{ ...conv, kernel: 5 }, { type: 'flatten' }] }, 'trunk.0'],
  [
    'padding of a whole window',
    { ...small, trunk: [{ ...conv, padding: 3 }, { type: 'flatten' }] },
    'trunk[0].padding',
  ],
  ['a convolution of numbers', { trunk: [conv] }, 'trunk.0'],
  ['a trunk that ends with a picture', { ...small, trunk: [conv] }, 'actor.0'],
  [
    'a residual block that changes its shape',
    { ...small, trunk: [{ type: 'residual', layers: [conv] }, { type: 'flatten' }] },
    'trunk.0',
  ],
  ['layer norm of a picture', { ...small, trunk: [{ type: 'layerNorm' }, { type: 'flatten' }] }, 'trunk.0'],
  [
    'two memories',
    {
      trunk: [
        { type: 'gru', units: 2, init },
        { type: 'gru', units: 2, init },
      ],
    },
    'trunk',
  ],
  ['a memory in a tower', { actor: [{ type: 'gru', units: 2, init }, dense(2)] }, 'actor'],
  ['a head that is no dense layer', { critic: [{ type: 'layerNorm' }] }, 'critic[0].type'],
  ['an unknown activation', { trunk: [dense(3, 'swish')] }, 'trunk[0].activation'],
];
for (const [what, change, field] of MISUSE) {
  test(`refused: ${what}`, () => {
    throwsError(() => parameterLayout({ ...base, ...change } as NetworkSpec), {
      code: 'INVALID_NETWORK',
      says: [field],
    });
  });
}

test.run();
