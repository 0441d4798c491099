/** Initialisers and frozen layers in training, on every learner. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadPolicy, train } from '../../../src/index.js';
import { parameterLayout, parameterView } from '../../../src/network/layout.js';
import { rejectsWith } from '../../support/misuse.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder();
const SMALL = { numEnvs: 8, numSteps: 32, numMinibatches: 4, hidden: [8, 8] };

/** Parameters by name after so many steps. */
async function trained(name: string, backend: 'kernels' | 'onnx' | 'tfjs:cpu', workers: number, config: object) {
  const runDir = join(folder, name);
  await train({ env: 'Pendulum-v1', config: { ...SMALL, ...config }, runDir, workers, backend, overwrite: true });
  const { policy } = await loadPolicy(runDir);
  const { network, parameters } = policy.weights;
  const layout = parameterLayout(network);
  return new Map(layout.slices.map(({ name: slice }) => [slice, [...parameterView(layout, parameters, slice)]]));
}

for (const backend of ['kernels', 'onnx', 'tfjs:cpu'] as const) {
  test(`frozen layers keep every bit and the others learn: ${backend}`, async () => {
    const settings = { freeze: ['actor.0', 'critic'], initializer: 'xavier-uniform' };
    const before = await trained('before', backend, 1, { ...settings, totalSteps: 256, learningRate: 1e-30 });
    const after = await trained('after', backend, 2, { ...settings, totalSteps: 1024 });
    for (const [name, numbers] of after) {
      const frozen = name.startsWith('actor.0.') || name.startsWith('critic.');
      if (frozen) assert.equal(numbers, before.get(name), name);
      else assert.not.equal(numbers, before.get(name), name);
    }
    assert.ok(after.get('actor.0.weight')!.some((weight) => weight !== 0));
  });
}

test('a frozen tower is not the same as one that learns; every initialiser starts another network', async () => {
  const starts = new Set<string>();
  const names = ['orthogonal', 'xavier-uniform', 'xavier-normal', 'kaiming-uniform', 'kaiming-normal'] as const;
  for (const initializer of names) {
    const parameters = await trained('start', 'kernels', 1, { totalSteps: 256, learningRate: 1e-30, initializer });
    starts.add(JSON.stringify(parameters.get('actor.0.weight')));
  }
  assert.is(starts.size, names.length);
});

test('bad names are refused with those that there are', async () => {
  const attempt = (config: object) => () =>
    train({ env: 'CartPole-v1', config: { ...SMALL, totalSteps: 256, ...config }, runDir: join(folder, 'bad') });
  await rejectsWith(attempt({ freeze: ['actor.3'] }), { code: 'INVALID_NETWORK', says: ["'actor.3'", 'actor.2'] });
  await rejectsWith(attempt({ freeze: ['acter'] }), { code: 'INVALID_NETWORK', says: ["Did you mean 'actor'?"] });
  await rejectsWith(attempt({ initializer: 'glorot' }), { code: 'INVALID_OPTION', says: ['initializer'] });
});

test.run();
