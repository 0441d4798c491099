import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError } from '../../src/core/errors.js';
import { GENERATOR_WORDS, Generator } from '../../src/core/seeding/index.js';
import type { EnvSnapshot } from '../../src/core/snapshot.js';
import { parameterLayout } from '../../src/network/layout.js';
import type { LayerSpec, NetworkSpec } from '../../src/network/spec.js';
import { actionWidth } from '../../src/network/validate.js';
import { type StoredActions, storedType } from '../../src/rollout/episode-logs.js';
import {
  assertCheckpointFits,
  type CheckpointContent,
  decodeCheckpoint,
  encodeCheckpoint,
  findCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  parametersHash,
  saveCheckpoint,
  stepName,
} from '../../src/runs/checkpoint.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/runs/safetensors.js';
import type { TrainingState } from '../../src/runs/training-state.js';
import { throwsError } from '../support/misuse.js';
import { temporaryFolder } from '../support/temporary.js';

function dense(units: number, activation: 'tanh' | 'linear'): LayerSpec {
  return { type: 'dense', units, activation, init: { type: 'zeros' } };
}

function networkOf(inputs: number, hidden: number, outputs: number): NetworkSpec {
  return {
    version: 1,
    observationSize: inputs,
    distribution: { type: 'gaussian', size: outputs, logStdInit: 0 },
    actor: [dense(hidden, 'tanh'), dense(outputs, 'linear')],
    critic: [dense(hidden, 'tanh'), dense(1, 'linear')],
  };
}

/** Three envs in the middle of episodes: one at its start, one that a wrapper carries something into, one cut at a snapshot. */
function trainingOf(network: NetworkSpec): TrainingState {
  const generator = new Uint32Array(GENERATOR_WORDS);
  Generator.fromSeed(7).snapshotInto(generator, 0);
  const actions = (n: number): StoredActions => new (storedType(network))(n * actionWidth(network)).fill(1);
  const observation = new Float32Array(network.observationSize).fill(0.3);
  const snapshot = { format: 'gymkhana-snapshot', version: 1 } as EnvSnapshot;
  return {
    logs: [
      { generator, wrappers: null, cut: null, actions: actions(0), outputs: new Float32Array(0), observation },
      {
        generator,
        wrappers: [{ wrapper: 'W', state: { mean: 0.1 } }],
        cut: null,
        actions: actions(3),
        outputs: Float32Array.of(1, -2, 3, -4, 5, -6),
        observation,
      },
      {
        generator,
        wrappers: null,
        cut: { snapshot, steps: 20_000, return: -1.5 },
        actions: actions(2),
        outputs: Float32Array.of(7, -8, 9, -10),
        observation,
      },
    ],
    discountedReturns: Float64Array.of(0, 1 / 3, -2),
    memories: null,
    recent: [{ return: 1, measures: [Number.NaN, 0.5] }],
    best: null,
    recorder: { episodes: 7, best: 3.5, worst: null },
  };
}

function contentOf(network: NetworkSpec, value: (index: number) => number, statistics = true): CheckpointContent {
  const { count, slices } = parameterLayout(network);
  const parameters = new Float32Array(count);
  for (const { offset, size } of slices) for (let k = 0; k < size; k++) parameters[offset + k] = value(k);
  const inputs = network.observationSize;
  return {
    network,
    parameters,
    behavior: statistics ? parameters.map((x) => x / 2) : null,
    adam: { step: 77, first: parameters.map((x) => x / 3), second: parameters.map((x) => x * x) },
    observation: statistics
      ? { mean: new Float64Array(inputs).fill(0.1), variance: new Float64Array(inputs).fill(1 / 3), count: 2048.0001 }
      : null,
    returns: statistics ? { mean: 0.1 + 0.2, variance: 1e-300, count: 2 ** 40 } : null,
    training: statistics ? trainingOf(network) : null,
    iteration: 12,
    steps: 123456,
    env: {
      spec: {
        id: 'Driving-v0',
        moduleUrl: 'gymkhana:envs/driving/driving.js',
        exportName: 'DrivingEnv',
        maxEpisodeSteps: 1000,
        rewardThreshold: null,
        nondeterministic: false,
        kwargs: { split: 'train' },
      },
      observationSpace: { type: 'Box', shape: [inputs] },
      actionSpace: { type: 'Box', shape: [2] },
    },
    engine: { version: '0.1.0' },
  };
}

const small = contentOf(networkOf(1, 1, 1), (k) => k + 0.5);

test('what is saved is loaded again, bit for bit', () => {
  const folder = temporaryFolder();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.boolean(),
      (inputs, hidden, outputs, values, statistics) => {
        const content = contentOf(networkOf(inputs, hidden, outputs), (k) => values[k % values.length]!, statistics);
        const { path, hash } = saveCheckpoint(folder, 'last', content);
        const { hash: loadedHash, ...loaded } = loadCheckpoint(path);
        assert.is(loadedHash, hash);
        assert.equal(loaded, content);
        assert.is(parametersHash(loaded.parameters), parametersHash(content.parameters));
      },
    ),
    { numRuns: 40 },
  );
});

test('equal content has equal bytes; other parameters have another hash', () => {
  assert.equal(encodeCheckpoint(small), encodeCheckpoint(contentOf(networkOf(1, 1, 1), (k) => k + 0.5)));
  const other = contentOf(networkOf(1, 1, 1), (k) => k + 0.5000001);
  assert.not.equal(encodeCheckpoint(other).hash, encodeCheckpoint(small).hash);
  assert.not.equal(parametersHash(other.parameters), parametersHash(small.parameters));
});

test('any safetensors reader finds the weights under their names', () => {
  const { tensors, metadata } = decodeSafetensors(encodeCheckpoint(contentOf(networkOf(3, 4, 2), (k) => k)).bytes, 'x');
  assert.equal(tensors.get('actor.0.weight'), { shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, k) => k) });
  assert.equal(tensors.get('logStd'), { shape: [2], data: Float32Array.of(0, 1) });
  assert.is(metadata.get('format'), 'gymkhana-checkpoint');
});

test('every altered byte is noticed', () => {
  const { bytes } = encodeCheckpoint(small);
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [0x01, 0x20, 0x80]) {
      const altered = bytes.slice();
      altered[at] = altered[at]! ^ flip;
      try {
        decodeCheckpoint(altered, 'last.safetensors');
      } catch (error) {
        const code = error instanceof GymkhanaError ? error.code : String(error);
        // A flip inside the words that say what the file is makes it another kind of file.
        assert.ok(code === 'CHECKPOINT_CORRUPT' || code === 'NOT_A_CHECKPOINT', `byte ${at} ^ ${flip}: ${code}`);
        continue;
      }
      assert.unreachable(`byte ${at} ^ ${flip} went unnoticed`);
    }
  }
});

test('every truncation is noticed, and says so', () => {
  const { bytes } = encodeCheckpoint(small);
  for (let length = 0; length < bytes.length; length += length < 400 ? 1 : 37) {
    throwsError(() => decodeCheckpoint(bytes.slice(0, length), 'last.safetensors'), {
      code: 'CHECKPOINT_CORRUPT',
      kind: 'failure',
      says: ['last.safetensors', /cut off|8 bytes/],
    });
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  throwsError(() => decodeCheckpoint(longer, 'x'), { code: 'CHECKPOINT_CORRUPT', says: ['the end'] });
});

test('names the tensor that is missing, and a foreign safetensors file as such', () => {
  const { bytes } = encodeCheckpoint(small);
  const { tensors, metadata } = decodeSafetensors(bytes, 'x');
  throwsError(() => decodeCheckpoint(encodeSafetensors(tensors), 'w.safetensors'), {
    code: 'NOT_A_CHECKPOINT',
    kind: 'usage',
    says: ['w.safetensors', 'gymkhana-checkpoint'],
  });
  const fewer = new Map([...tensors].filter(([name]) => name !== 'adam.first'));
  throwsError(() => decodeCheckpoint(encodeSafetensors(fewer, metadata), 'x'), {
    code: 'CHECKPOINT_CORRUPT',
    says: ['the checksum'],
  });
});

test('checkpoints are found by name and by steps', () => {
  const folder = temporaryFolder();
  for (const name of ['last', stepName(2048), stepName(1_000_000), 'best']) saveCheckpoint(folder, name, small);
  writeFileSync(join(folder, 'notes.txt'), '');
  assert.equal(listCheckpoints(folder), ['best', 'last', 'step-000002048', 'step-001000000']);
  assert.is(findCheckpoint(folder, '2048'), join(folder, 'step-000002048.safetensors'));
  assert.is(findCheckpoint(folder, 'best'), join(folder, 'best.safetensors'));
  throwsError(() => findCheckpoint(folder, '4096'), {
    code: 'CHECKPOINT_NOT_FOUND',
    kind: 'usage',
    says: ["'4096'", 'best, last, 2048, 1000000'],
  });
  throwsError(() => findCheckpoint(join(folder, 'none'), 'last'), {
    code: 'CHECKPOINT_NOT_FOUND',
    says: ['saved none yet'],
  });
  throwsError(() => loadCheckpoint(join(folder, 'gone.safetensors')), { code: 'CHECKPOINT_NOT_FOUND' });
  throwsError(() => loadCheckpoint(folder), { code: 'NOT_READABLE', kind: 'failure' });
});

test('a checkpoint for another env is refused, one for the same spaces is not', () => {
  const file = 'last.safetensors';
  const { spec } = small.env;
  assertCheckpointFits(small, { ...small.env, spec: { ...spec, kwargs: { split: 'test' } } }, file);
  const cartPole = {
    spec: { ...spec, id: 'CartPole-v1' },
    observationSpace: small.env.observationSpace,
    actionSpace: { type: 'Discrete', n: 2 },
  };
  throwsError(() => assertCheckpointFits(small, cartPole, file), {
    code: 'CHECKPOINT_MISMATCH',
    kind: 'usage',
    says: [file, 'Driving-v0', 'CartPole-v1', 'actionSpace', '"n":2'],
  });
});

test('a checkpoint that cannot be written leaves the old one and nothing else', () => {
  const folder = temporaryFolder();
  const blocked = join(folder, 'file');
  writeFileSync(blocked, 'x');
  throwsError(() => saveCheckpoint(join(blocked, 'checkpoints'), 'last', small), {
    code: 'NOT_WRITABLE',
    kind: 'failure',
  });
  assert.is(readFileSync(blocked, 'utf8'), 'x');
  assert.not(existsSync(join(folder, 'checkpoints')));
});

test.run();
