import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Policy } from '../../agents/common/policy.js';
import { GymkhanaError } from '../../src/core/errors.js';
import { Generator } from '../../src/core/seeding/index.js';
import { policyNetwork } from '../../src/network/build.js';
import { initialParameters } from '../../src/network/init.js';
import { parameterLayout } from '../../src/network/layout.js';
import { ReferencePolicy } from '../../src/network/reference-policy.js';
import type { DenseLayer, Distribution, LayerSpec, NetworkSpec } from '../../src/network/spec.js';
import { flattenInto } from '../../src/spaces/flatten.js';
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space } from '../../src/spaces/index.js';

const layer = (units: number, activation: DenseLayer['activation']): LayerSpec => ({
  type: 'dense',
  units,
  activation,
  init: { type: 'zeros' },
});

function network(observationSize: number, distribution: Distribution, outputs: number): NetworkSpec {
  const hidden = [layer(16, 'tanh'), layer(8, 'relu')];
  return {
    version: 1,
    observationSize,
    distribution,
    actor: [...hidden, layer(outputs, 'linear')],
    critic: [...hidden, layer(1, 'linear')],
  };
}

const rng = Generator.fromSeed(4);
const spread = (count: number, size: number): Float32Array =>
  Float32Array.from({ length: count }, () => size * rng.standardNormal());

const box = new Box(-3, 3, { shape: [5] });
const dict = new Dict({ where: new Box(-3, 3, { shape: [2] }), what: new Discrete(3, { start: 1 }) });
const CASES: readonly [string, Space, Space, NetworkSpec][] = [
  ['Discrete', box, new Discrete(4, { start: -1 }), network(5, { type: 'categorical', actions: 4, masked: true }, 4)],
  ['MultiDiscrete', box, new MultiDiscrete([3, 2]), network(5, { type: 'multi-categorical', nvec: [3, 2] }, 5)],
  ['MultiBinary', dict, new MultiBinary(2), network(5, { type: 'multi-categorical', nvec: [2, 2] }, 4)],
  ['Box', box, new Box(-0.3, 0.2, { shape: [2] }), network(5, { type: 'gaussian', size: 2, logStdInit: 0 }, 2)],
];

for (const [name, observationSpace, actionSpace, spec] of CASES) {
  test(`${name}: the actions and values of the kernels, within float32's accuracy`, async () => {
    const parameters = spread(parameterLayout(spec).count, 0.6);
    const normalization = { mean: spread(5, 0.2), variance: spread(5, 0.3).map((x) => 0.5 + x * x), clip: 1.5 };
    const spaces = { observation: observationSpace, action: actionSpace };
    const kernels = await Policy.create({ network: spec, parameters, normalization }, spaces);
    const reference = new ReferencePolicy({ network: spec, parameters, normalization }, spaces);
    observationSpace.seed(3);
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const observation = observationSpace.sample();
      const mask = name === 'Discrete' && i % 2 === 0 ? Int8Array.of(1, 0, 1, 0) : null;
      const { action, value } = reference.decide(observation, mask);
      assert.is(actionSpace.explain(action), null);
      const theirs = kernels.predict(observation, { actionMask: mask });
      if (name === 'Box') {
        for (const [k, x] of (action as Float32Array).entries()) {
          assert.ok(Math.abs(x - (theirs as Float32Array)[k]!) < 1e-5, `${i}`);
        }
      } else {
        assert.equal(JSON.stringify(action), JSON.stringify(theirs), `${i}`);
      }
      const values = new Float32Array(1);
      const flat = Float32Array.from({ length: 5 });
      flattenInto(observationSpace, observation, flat, 0);
      kernels.predictInto(flat, 1, name === 'Box' ? new Float32Array(2) : new Int32Array(2), values);
      assert.ok(Math.abs(value - values[0]!) < 1e-5, `${value} and ${values[0]}`);
      seen.add(JSON.stringify(action));
    }
    assert.ok(seen.size > 1, 'it does not always do the same');
  });
}

test('parameters of another network are refused', () => {
  const [, observation, action, spec] = CASES[0]!;
  try {
    new ReferencePolicy(
      { network: spec, parameters: new Float32Array(3), normalization: null },
      { observation, action },
    );
    assert.unreachable();
  } catch (error) {
    assert.is((error as GymkhanaError).code, 'INVALID_POLICY');
    assert.ok(error instanceof GymkhanaError);
  }
});

test('a memory follows an episode as the policy does, and begin() empties it', async () => {
  const gru = policyNetwork({
    observationSize: 5,
    hidden: [6],
    distribution: { type: 'gaussian', size: 2, logStdInit: 0 },
    recurrent: { cell: 'gru', units: 4 },
    actorGain: 0.3,
  });
  const weights = { network: gru, parameters: initialParameters(gru, rng), normalization: null };
  const spaces = { observation: box, action: new Box(-3, 3, { shape: [2] }) };
  const [policy, reference] = [await Policy.create(weights, spaces), new ReferencePolicy(weights, spaces)];
  assert.ok(reference.remembers);
  box.seed(5);
  const seen = Array.from({ length: 12 }, () => box.sample());
  const memory = policy.newMemory();
  const first: unknown[] = [];
  for (const observation of seen) {
    const { action } = reference.decide(observation);
    const theirs = policy.predict(observation, { memory }) as Float32Array;
    for (const [k, x] of (action as Float32Array).entries()) assert.ok(Math.abs(x - theirs[k]!) < 1e-5);
    first.push(action);
  }
  assert.not.equal(reference.decide(seen[0]).action, first[0], 'it remembers the episode');
  reference.begin();
  assert.equal(
    seen.map((observation) => reference.decide(observation).action),
    first,
  );
});

test.run();
