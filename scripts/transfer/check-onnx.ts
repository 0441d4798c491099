/**
 * Plays exported policies on both sides and prints a table of returns over the same seeds:
 *
 *     node dist/scripts/transfer/check-onnx.js <run> ... [--episodes 200] [--python python3]
 *
 * Here the run's own policy plays; there `play_onnx.py` plays the ONNX file of `gymkhana export` in the real Gymnasium. The Python needs
 * gymnasium, onnxruntime and numpy (`--python`, or `GYMKHANA_PYTHON`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mean } from '../../src/core/statistics.js';
import { exportPolicy, loadPolicy } from '../../src/index.js';
import { FIRST_SEED, playSeeds } from './play-seeds.js';

const { values, positionals: runs } = parseArgs({
  allowPositionals: true,
  options: {
    episodes: { type: 'string', default: '200' },
    python: { type: 'string', default: process.env['GYMKHANA_PYTHON'] ?? 'python3' },
  },
});
const episodes = Number(values.episodes);
if (runs.length === 0 || !Number.isSafeInteger(episodes) || episodes < 1) {
  process.stderr.write('Usage: node dist/scripts/transfer/check-onnx.js <run> ... [--episodes N] [--python PATH]\n');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'gymkhana-onnx-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const player = fileURLToPath(new URL('../../../scripts/transfer/play_onnx.py', import.meta.url));
process.stdout.write('| env | here | Gymnasium, ONNX | equal returns |\n|---|---|---|---|\n');
for (const [k, run] of runs.entries()) {
  const { path } = await exportPolicy(run, { out: join(folder, `${k}.onnx`) });
  const here = (await playSeeds(await loadPolicy(run), episodes)).map(({ total }) => total);
  const flags = ['--json', '--episodes', String(episodes), '--first-seed', String(FIRST_SEED)];
  const { status, stdout, stderr, error } = spawnSync(values.python, [player, path, ...flags], { encoding: 'utf8' });
  if (status !== 0) {
    process.stderr.write(`${values.python} ${player} failed: ${error?.message ?? stderr}\n`);
    process.exit(1);
  }
  const { env, returns } = JSON.parse(stdout) as { env: string; returns: number[] };
  const equal = returns.filter((value, i) => Math.abs(value - here[i]!) <= 1e-3).length;
  process.stdout.write(
    `| ${env} | ${mean(here).toFixed(2)} | ${mean(returns).toFixed(2)} | ${equal} of ${episodes} |\n`,
  );
}
