/** Numbers that are no longer finite are caught in the iteration where they appear, and what was good is kept. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GymkhanaError, train } from '../../../src/index.js';
import { loadCheckpoint } from '../../../src/runs/checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'gymkhana-numbers-'));

/** An env without bounds that goes wrong in one way at its 100th step in all. */
function envWith(fault: string): string {
  const name = `${fault.replace(/\W/g, '')}.ts`;
  writeFileSync(
    join(folder, name),
    `import { Box, Discrete, Env, type ResetOptions } from 'gymkhana';
export class Wrong extends Env<Float32Array, number> {
  readonly observationSpace = new Box(-Infinity, Infinity, { shape: [2] });
  readonly actionSpace = new Discrete(2);
  #all = 0;
  override reset(options: ResetOptions = {}) {
    super.reset(options);
    return { observation: Float32Array.of(0, this.rng.random()), info: {} };
  }
  step(action: number) {
    const due = ++this.#all === 100 && this.rng.random() < 2;
    let observation = Float32Array.of(action, this.rng.random());
    let reward = this.rng.random();
    if (due) { ${fault} }
    return { observation, reward, terminated: this.rng.random() < 0.1, truncated: false, info: {} };
  }
}`,
  );
  return `./${name}:Wrong`;
}

const table: readonly [string, string, RegExp][] = [
  [
    'observation = Float32Array.of(0, NaN);',
    'INVALID_OBSERVATION',
    /Wrong \(env \d+, worker \d, step \d+ of its episode\): observation\[1\] is NaN/,
  ],
  [
    'observation = Float32Array.of(Infinity, 0);',
    'INVALID_OBSERVATION',
    /Wrong \(env \d+, worker \d, step \d+ of its episode\): observation\[0\] is Infinity/,
  ],
  ['reward = NaN;', 'INVALID_REWARD', /Wrong \(env \d+, worker \d, step \d+ of its episode\): .*reward NaN/],
  ['reward = -Infinity;', 'INVALID_REWARD', /reward -Infinity/],
  ['reward = 1e39;', 'INVALID_REWARD', /reward 1e\+39; a finite number within/],
  [
    'reward = 3e38;',
    'NUMERIC_ERROR',
    /no longer finite in iteration 7 .*env \d+ (is \S+ )?at step \d+ of 16 of the rollout/,
  ],
];
for (const [fault, code, text] of table) {
  test(`${fault} ends the run in the iteration where it appears, with ${code}; the checkpoint is that of the iteration before`, async () => {
    const runDir = fault.replace(/\W/g, '');
    let caught: unknown = null;
    try {
      await train({
        env: envWith(fault),
        cwd: folder,
        runDir,
        workers: 2,
        config: {
          totalSteps: 1e6,
          numEnvs: 16,
          numSteps: 16,
          numMinibatches: 2,
          hidden: [8],
          normReward: false,
          normObs: false,
        },
      });
    } catch (error) {
      caught = error;
    }
    assert.instance(caught, GymkhanaError);
    const error = caught as GymkhanaError;
    assert.is(error.code, code, error.message);
    assert.match(error.message, text);
    assert.type(error.details.envIndex, 'number');
    assert.type(error.details.step, 'number');
    const checkpoint = loadCheckpoint(join(folder, runDir, 'checkpoints', 'last.safetensors'));
    assert.is(checkpoint.iteration, 6, 'step 100 of an env is in the 7th rollout of 16 steps');
    assert.ok(checkpoint.parameters.every((value) => Number.isFinite(value)));
    assert.is(
      readFileSync(join(folder, runDir, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n').length,
      6,
    );
  });
}

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
