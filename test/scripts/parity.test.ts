import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NETWORKS, TRAININGS } from '../../scripts/parity/networks.js';
import { outcomeLine, paritySuite, summaryLine } from '../../scripts/parity/suite.js';
import { GymkhanaError } from '../../src/index.js';
import { projectRoot } from '../support/paths.js';
import { skipped } from '../support/skip.js';
import { webgpuEnvironment } from '../support/webgpu.js';

const script = join(projectRoot, 'dist/scripts/parity.js');
const suite = pathToFileURL(join(projectRoot, 'dist/scripts/parity/suite.js')).href;

test('ten updates of the kernels agree with the float64 reference; bounds that nothing can meet fail', async () => {
  const [network] = NETWORKS;
  const impossible = { ...network!, name: 'too near', bounds: { ...network!.bounds, parameters: 1e-12 } };
  const lines: string[] = [];
  const outcomes = await paritySuite('kernels', {
    networks: [network!, impossible],
    trainings: [],
    onOutcome: (outcome) => lines.push(outcomeLine(outcome)),
  });
  assert.match(lines[0]!, /^ok: 10 updates, dense, choices, tanh: apart by parameters \S+ of 2\.0e-6, .* moved by /);
  assert.match(lines[1]!, /^FAILED: 10 updates, too near: apart by parameters \S+ of 1\.0e-12/);
  assert.is(summaryLine(outcomes), '1 passed, 1 failed, 0 skipped');
});

test('a run that does not reach its threshold fails and says how far it came', async () => {
  const [outcome] = await paritySuite('kernels', {
    networks: [],
    trainings: [{ env: 'CartPole-v1', threshold: 501 }],
  });
  assert.is(outcome!.status, 'failed');
  assert.match(outcome!.detail, /^mean return [\d.]+ of 100 episodes, 501 is needed; trained in \d+ s$/);
});

test('where a learner cannot run, every check is skipped with the reason', async () => {
  const outcomes = await paritySuite('tfjs:tensorflow', { unavailable: 'there is no binary. Run `npm run link-tf`' });
  assert.is(summaryLine(outcomes), `0 passed, 0 failed, ${NETWORKS.length + TRAININGS.length} skipped`);
  for (const outcome of outcomes) {
    assert.match(outcomeLine(outcome), /^# skipped: .+: there is no binary\. Run `npm run link-tf`$/);
  }
});

const untrained = 'a device that a program plays trains only where it is asked to';
const { env, missing } = webgpuEnvironment();
if (missing !== null || env === process.env) {
  test.skip(untrained, () => {});
  skipped(untrained, missing ?? 'this machine has an adapter of its own');
} else {
  test(untrained, () => {
    const program = `const { paritySuite } = await import(${JSON.stringify(suite)});
      const outcomes = await paritySuite('onnx:webgpu', { networks: [], trainings: [{ env: 'CartPole-v1', threshold: 1 }] });
      console.log(JSON.stringify(outcomes));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      env,
    });
    const [outcome] = JSON.parse(stdout);
    assert.is(outcome.status, 'skipped');
    assert.ok(outcome.detail.includes('a program plays'), outcome.detail);
  });
}

test('an unknown learner is a usage error with the nearest name', async () => {
  let error: unknown;
  await paritySuite('tfjs:tensorflw').catch((caught) => {
    error = caught;
  });
  assert.instance(error, GymkhanaError);
  assert.is((error as GymkhanaError).code, 'UNKNOWN_BACKEND');
  assert.match((error as GymkhanaError).message, /Did you mean 'tfjs:tensorflow'\?/);
});

for (const [words, message] of [
  [[], /^INVALID_OPTION: --backend is missing\. Flags: --backend <learner> \[--no-training \| --training\]/],
  [['--backend', 'onnx', '--fast'], /^INVALID_OPTION: Unknown option '--fast'/],
  [['--backend', 'onx'], /^UNKNOWN_BACKEND: there is no learner 'onx'/],
] as const) {
  test(`parity ${words.join(' ')} ends with status 2 and a named error`, () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' });
    assert.is(status, 2);
    assert.match(stderr, message);
    assert.is(stdout, '');
  });
}

test.run();
