// The file that carries a policy to Gymnasium: its numbers alone, with plain arithmetic, play the episodes that it says were played.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeFromSpec, spec, train } from '../../src/index.js';
import { projectRoot } from '../support/paths.js';

interface Exported {
  readonly env: string;
  readonly kwargs: Record<string, unknown>;
  readonly output: 'argmax' | 'clip';
  readonly activations: readonly string[];
  readonly layers: readonly { readonly W: number[][]; readonly b: number[] }[];
  readonly normalization: { readonly mean: number[]; readonly invStd: number[]; readonly clip: number | null };
  readonly seeds: readonly number[];
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
  readonly actions?: readonly string[];
}

const script = join(projectRoot, 'dist/scripts/transfer/export-policy.js');

/** The network of an exported file in float64. */
function act(file: Exported, observation: Float32Array): number | Float32Array {
  const { mean, invStd, clip } = file.normalization;
  const limit = clip ?? Number.POSITIVE_INFINITY;
  let x = Array.from(observation, (value, k) => Math.min(limit, Math.max(-limit, (value - mean[k]!) * invStd[k]!)));
  file.layers.forEach(({ W, b }, layer) => {
    const last = layer === file.layers.length - 1;
    assert.is(file.activations[layer], last ? 'linear' : 'tanh');
    const sums = W.map((row, unit) => row.reduce((sum, weight, k) => sum + weight * x[k]!, b[unit]!));
    x = last ? sums : sums.map(Math.tanh);
  });
  if (file.output === 'argmax') return x.indexOf(Math.max(...x));
  return Float32Array.from(x, (value) => Math.min(1, Math.max(-1, value)));
}

for (const id of ['LunarLander-v3', 'BipedalWalker-v3']) {
  test(`${id}: an exported policy plays the same episodes from its file`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gymkhana-transfer-'));
    try {
      const run = join(folder, 'run');
      const config = { totalSteps: 1024, numEnvs: 16, numSteps: 32, numMinibatches: 2, updateEpochs: 2 };
      await train({ env: id, seed: 3, workers: 1, backend: 'kernels', runDir: run, config });
      const path = join(folder, 'policy.json');
      const { status, stderr } = spawnSync(process.execPath, [script, run, path, '--episodes', '3', '--actions'], {
        encoding: 'utf8',
      });
      assert.is(status, 0, stderr);
      const file = JSON.parse(readFileSync(path, 'utf8')) as Exported;
      assert.is(file.env, id);
      assert.is(file.seeds.length, 3);
      const env = await makeFromSpec(spec(id));
      const discrete = file.output === 'argmax';
      for (const [k, seed] of file.seeds.entries()) {
        const bytes = inflateSync(Buffer.from(file.actions![k]!, 'base64'));
        const recorded = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        const width = discrete ? 1 : 4;
        assert.is(recorded.length, width * file.lengths[k]!);
        let observation = env.reset({ seed }).observation as Float32Array;
        let total = 0;
        for (let step = 0; step < file.lengths[k]!; step++) {
          const chosen = recorded.slice(step * width, (step + 1) * width);
          const own = act(file, observation);
          for (const [j, value] of (typeof own === 'number' ? [own] : own).entries()) {
            assert.ok(Math.abs(value - chosen[j]!) < 1e-4, `step ${step}: ${value}, played ${chosen[j]}`);
          }
          const result = env.step(discrete ? chosen[0]! : chosen);
          total += result.reward;
          observation = result.observation as Float32Array;
          assert.is(result.terminated || result.truncated, step === file.lengths[k]! - 1);
        }
        assert.is(total, file.returns[k]);
      }
      env.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test('without its two arguments the script says what it takes', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, 'one'], { encoding: 'utf8' });
  assert.is(status, 2);
  assert.match(stderr, 'Usage: node dist/scripts/transfer/export-policy.js <run> <file.json>');
});

test.run();
