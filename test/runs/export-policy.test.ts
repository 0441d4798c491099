/** Exported policies decide as the ones they come from, in every format. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { frozenStatistics, Policy, type PolicyWeights } from '../../agents/common/policy.js';
import type { Graph } from '../../src/backends/onnx/graph.js';
import { policyModel } from '../../src/backends/onnx/policy-model.js';
import { encodeGraphModel } from '../../src/backends/tfjs/graph-model.js';
import { Generator } from '../../src/core/seeding/generator.js';
import { SeedSequence } from '../../src/core/seeding/seed-sequence.js';
import {
  Box,
  Discrete,
  evaluate,
  exportPolicy,
  loadOnnxPolicy,
  loadPolicy,
  MultiBinary,
  MultiDiscrete,
  OnnxPolicy,
  recordRun,
  train,
} from '../../src/index.js';
import { policyNetwork } from '../../src/network/build.js';
import { initialParameters, mlpNetwork } from '../../src/network/init.js';
import { parameterLayout, parameterSlice } from '../../src/network/layout.js';
import { stateSize } from '../../src/network/plan.js';
import type { Distribution } from '../../src/network/spec.js';
import { decodeSafetensors } from '../../src/runs/safetensors.js';
import type { Space } from '../../src/spaces/space.js';
import { rejectsWith } from '../support/misuse.js';
import { NETWORK_CASES } from '../support/network-cases.js';
import { temporaryFolder } from '../support/temporary.js';

await tf.setBackend('cpu');

const folder = temporaryFolder();
const O = 5;
const ROWS = 300;
const generator = Generator.fromSeedSequence(new SeedSequence(7));
const observations = Float32Array.from({ length: ROWS * O }, () => 3 * generator.standardNormal());

/** Weights that decide: the heads of fresh networks are almost 0. */
function weightsFor(distribution: Distribution, normalised: boolean, activation: 'tanh' | 'relu'): PolicyWeights {
  const network = mlpNetwork({
    observationSize: O,
    distribution,
    hidden: [16, 12],
    activation,
    actorGain: 1.5,
  });
  const normalization = {
    mean: Float64Array.from([0.5, -1, 0, 2, 0.1]),
    variance: Float64Array.from([1, 4, 0.25, 9, 1]),
    clip: 2,
  };
  return {
    network,
    parameters: initialParameters(network, generator),
    normalization: normalised ? normalization : null,
  };
}

const cases: readonly [string, Space, Distribution, boolean, 'tanh' | 'relu'][] = [
  ['Discrete', new Discrete(4), { type: 'categorical', actions: 4 }, true, 'tanh'],
  ['Discrete from 3 on', new Discrete(3, { start: 3 }), { type: 'categorical', actions: 3 }, false, 'relu'],
  ['MultiDiscrete', new MultiDiscrete([3, 2, 4]), { type: 'multi-categorical', nvec: [3, 2, 4] }, true, 'tanh'],
  ['MultiBinary', new MultiBinary(3), { type: 'multi-categorical', nvec: [2, 2, 2] }, false, 'tanh'],
  ['Box', new Box([-1, -0.2, -2], [1, 0.3, 2]), { type: 'gaussian', size: 3, logStdInit: -0.5 }, true, 'relu'],
];

/** Greedy actions [rows, A] of the policy itself. */
async function expectedActions(weights: PolicyWeights, action: Space): Promise<Float32Array | Int32Array> {
  const box = new Box(-100, 100, { shape: [O] });
  const policy = await Policy.create(weights, { observation: box, action });
  const out = new (policy.continuous ? Float32Array : Int32Array)(ROWS * policy.width);
  policy.predictInto(observations, ROWS, out);
  return out;
}

function modelOf(weights: PolicyWeights, actionSpace: Space) {
  const { network, parameters, normalization } = weights;
  const frozen = normalization && { ...frozenStatistics(normalization, O), clip: normalization.clip };
  return policyModel({ network, parameters, normalization: frozen, actionSpace });
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, most = 1e-5): void {
  assert.is(actual.length, expected.length, what);
  for (let k = 0; k < expected.length; k++) {
    if (!(Math.abs(actual[k]! - expected[k]!) <= most))
      assert.unreachable(`${what} at ${k}: ${actual[k]}, ${expected[k]}`);
  }
}

for (const [name, space, distribution, normalised, activation] of cases) {
  test(`an ONNX file of a policy of ${name} decides as the policy`, async () => {
    const weights = weightsFor(distribution, normalised, activation);
    const file = join(folder, `${name}.onnx`);
    writeFileSync(file, modelOf(weights, space).encode('policy'));
    const box = new Box(-100, 100, { shape: [O] });
    const policy = await OnnxPolicy.open(file, { observation: box, action: space });
    const out = new (policy.continuous ? Float32Array : Int32Array)(ROWS * policy.width);
    await policy.predictInto(observations, ROWS, out);
    const expected = await expectedActions(weights, space);
    assertClose(out, expected, 'action');
    // Not all the same, or the test would say nothing.
    assert.ok(new Set(expected).size > 1);
    assert.ok(space.contains(await policy.predict(observations.slice(0, O))));
  });

  test(`a TensorFlow.js model of a policy of ${name} decides as the policy`, async () => {
    const weights = weightsFor(distribution, normalised, activation);
    const model = await graphModel(modelOf(weights, space));
    const action = model.execute(tf.tensor2d(observations, [ROWS, O]), 'action') as tf.Tensor;
    assertClose(action.dataSync(), await expectedActions(weights, space), 'action');
  });
}

/** Loads what `encodeGraphModel` gives. */
async function graphModel(graph: Graph): Promise<GraphModel> {
  const { json, weights: data } = encodeGraphModel(graph, { format: 'x' });
  const { modelTopology, weightsManifest, signature, ...rest } = JSON.parse(json);
  const weightData = Uint8Array.from(data).buffer;
  const artifacts = { ...rest, modelTopology, signature, weightSpecs: weightsManifest[0].weights, weightData };
  return loadGraphModel({ load: async () => artifacts });
}

for (const [name, options] of NETWORK_CASES) {
  test(`a TensorFlow.js model of ${name} gives what its ONNX file gives`, async () => {
    const network = policyNetwork({ actorGain: 1.5, ...options });
    const own = Generator.fromSeedSequence(new SeedSequence(11));
    const { distribution, observationSize } = network;
    const space = distribution.type === 'gaussian' ? new Box([-1, -1], [1, 1]) : new Discrete(3);
    const parameters = initialParameters(network, own);
    const graph = policyModel({ network, parameters, normalization: null, actionSpace: space });
    const rows = 6;
    const draw = (): number => (network.picture === undefined ? own.standardNormal() : own.integers(0, 256));
    const inputs = new Map([['observation', Float32Array.from({ length: rows * observationSize }, draw)]]);
    const memory = stateSize(network);
    if (memory > 0)
      inputs.set(
        'state',
        Float32Array.from({ length: rows * memory }, () => own.uniform(-1, 1)),
      );
    const session = await InferenceSession.create(graph.encode('policy'));
    const feeds: Record<string, OrtTensor> = {};
    const tensors: Record<string, tf.Tensor> = {};
    for (const [input, data] of inputs) {
      const shape: [number, number] = [rows, data.length / rows];
      feeds[input] = new OrtTensor('float32', data, shape);
      tensors[input] = tf.tensor2d(data, shape);
    }
    const want = await session.run(feeds);
    const model = await graphModel(graph);
    const names = Object.keys(want);
    assert.is(names.includes('next_state'), memory > 0);
    const got = model.execute(tensors, names) as tf.Tensor[];
    names.forEach((output, k) => {
      assert.equal(got[k]!.shape, [...want[output]!.dims], output);
      const expected = Array.from(want[output]!.data as ArrayLike<number | bigint>, Number);
      assertClose(got[k]!.dataSync(), expected, output, 1e-4);
    });
    await session.release();
  });
}

const cartPole = join(folder, 'cartpole');
const config = { totalSteps: 4096, numEnvs: 8, numSteps: 64, hidden: [16] };
await train({ env: 'CartPole-v1', config, runDir: cartPole, workers: 1, backend: 'kernels' });
const pendulum = join(folder, 'pendulum');
await train({ env: 'Pendulum-v1', config, runDir: pendulum, workers: 1, backend: 'kernels' });

test('a run exported to ONNX plays the same episodes', async () => {
  for (const [run, env] of [
    [cartPole, 'CartPole-v1'],
    [pendulum, 'Pendulum-v1'],
  ] as const) {
    const { path, format, steps, bytes } = await exportPolicy(run);
    assert.equal([path, format, steps], [join(run, 'policy.onnx'), 'onnx', 4096]);
    assert.is(readFileSync(path).length, bytes);
    const options = { episodes: 70, seed: 3 };
    const loaded = await loadOnnxPolicy(path, { env });
    const ours = await evaluate(run, options);
    const theirs = await evaluate(loaded, options);
    assert.equal(theirs.lengths, ours.lengths);
    // The last bits of a torque add up over 200 steps.
    assertClose(theirs.returns, ours.returns, 'return', 0.01);
    const episodes = await recordRun(loaded, { path: join(folder, `${env}.episode`), seed: 3 });
    assert.is(episodes.episodes.length, 1);
    assert.ok(existsSync(episodes.path));
  }
});

test('a policy with a memory plays the same episodes from its file', async () => {
  for (const recurrent of ['gru', 'lstm'] as const) {
    const run = join(folder, recurrent);
    const settings = { ...config, numSteps: 16, hidden: [8], recurrent, recurrentUnits: 8, sequenceLength: 8 };
    await train({ env: 'StatelessCartPole-v0', config: settings, runDir: run, workers: 1 });
    const { path } = await exportPolicy(run);
    const loaded = await loadOnnxPolicy(path, { env: 'StatelessCartPole-v0' });
    const options = { episodes: 20, seed: 3 };
    const ours = await evaluate(run, options);
    assert.equal((await evaluate(loaded, options)).lengths, ours.lengths);
    const { policy } = loaded;
    const size = recurrent === 'gru' ? 8 : 16;
    assert.is(policy.memorySize, size);
    const memory = policy.newMemory();
    const observation = Float32Array.of(0.01, 0.02);
    await policy.predict(observation, { memory });
    assert.ok(memory.some((x) => x !== 0));
    await rejectsWith(() => policy.predict(observation), { code: 'MEMORY_MISSING', says: ['newMemory'] });
    const recorded = await recordRun(loaded, { path: join(folder, `${recurrent}.episode`), seed: 3 });
    assert.is(recorded.episodes[0]!.steps, ours.lengths[0]);
  }
});

test('an action mask leaves a policy file its allowed choices', async () => {
  const weights = weightsFor({ type: 'multi-categorical', nvec: [3, 2] }, false, 'tanh');
  const file = join(folder, 'masked.onnx');
  const action = new MultiDiscrete([3, 2]);
  writeFileSync(file, modelOf(weights, action).encode('policy'));
  const observation = new Box(-100, 100, { shape: [O] });
  const policy = await OnnxPolicy.open(file, { observation, action });
  assert.is(policy.masks, 'if given');
  for (let i = 0; i < 20; i++) {
    const row = observations.slice(i * O, (i + 1) * O);
    assert.equal([...((await policy.predict(row, { actionMask: [0, 0, 1, 1, 0] })) as Int32Array)], [2, 0]);
  }
});

test('safetensors hold the tensors under their names', async () => {
  const path = join(folder, 'pendulum.safetensors');
  const { format } = await exportPolicy(pendulum, { out: path, checkpoint: 'last' });
  assert.is(format, 'safetensors');
  const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
  const { policy } = await loadPolicy(pendulum);
  const { network, parameters } = policy.weights;
  const layout = parameterLayout(network);
  for (const { name, shape, offset, size } of layout.slices) {
    assert.equal(tensors.get(name)!.shape, shape);
    assert.equal(tensors.get(name)!.data, parameters.slice(offset, offset + size));
  }
  assert.is(tensors.get('observation.mean')!.data.length, 3);
  assert.is(tensors.size, layout.slices.length + 2);
  assert.equal(JSON.parse(metadata.get('network')!), network);
  assert.is(metadata.get('format'), 'gymkhana-policy');
  assert.ok(parameterSlice(layout, 'logStd'));
});

test('a TensorFlow.js folder names its weights', async () => {
  const { path, bytes } = await exportPolicy(pendulum, { format: 'tfjs' });
  assert.is(path, join(pendulum, 'policy-tfjs'));
  const json = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'));
  const [{ paths }] = json.weightsManifest;
  const size = readFileSync(join(path, paths[0])).length + readFileSync(join(path, 'model.json')).length;
  assert.is(size, bytes);
  assert.equal(Object.keys(json.signature.outputs), ['action', 'mean', 'log_std', 'value']);
  assert.is(JSON.parse(json.userDefinedMetadata.env).id, 'Pendulum-v1');
});

test('what does not fit is refused with what was expected', async () => {
  const { path } = await exportPolicy(cartPole, { out: join(folder, 'c.onnx') });
  const text = join(folder, 'text.onnx');
  writeFileSync(text, 'this is not a model');
  const open = (file: string, env: string) => () => loadOnnxPolicy(file, { env });
  const rows: [() => Promise<unknown>, string, string][] = [
    [open(path, 'Pendulum-v1'), 'INVALID_POLICY', 'one input of [n, 3]'],
    [open(path, 'Blackjack-v1'), 'INVALID_POLICY', "got 'observation' float32 [n, 4]"],
    [open(text, 'CartPole-v1'), 'INVALID_POLICY', 'an ONNX model'],
    [open(join(folder, 'none.onnx'), 'CartPole-v1'), 'INVALID_POLICY', 'no such file'],
    [open(path, 'CartPoll-v1'), 'ENV_NOT_FOUND', 'CartPole-v1'],
    [() => exportPolicy(cartPole, { format: 'onxx' as never }), 'INVALID_OPTION', "Did you mean 'onnx'"],
    [() => exportPolicy(cartPole, { out: join(folder, 'a.txt') }), 'INVALID_OPTION', 'txt'],
    [() => exportPolicy(join(folder, 'none')), 'RUN_NOT_FOUND', 'none'],
    [() => exportPolicy(cartPole, { checkpoint: '77' }), 'CHECKPOINT_NOT_FOUND', '77'],
    [() => exportPolicy(cartPole, { out: join(text, 'below/a.onnx') }), 'NOT_WRITABLE', 'below'],
    [
      async () => recordRun(await loadOnnxPolicy(path, { env: 'CartPole-v1' }), { path: 'x', policyOutputs: true }),
      'INVALID_OPTION',
      'policyOutputs',
    ],
    [async () => recordRun(await loadOnnxPolicy(path, { env: 'CartPole-v1' })), 'INVALID_OPTION', 'needs path'],
  ];
  for (const [call, code, says] of rows) await rejectsWith(call, { code, says: [says] });
});

test.run();
