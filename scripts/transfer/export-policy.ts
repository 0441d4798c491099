/**
 * Writes what Gymnasium needs to play a policy that was trained here, with what it does here:
 *
 *     node dist/scripts/transfer/export-policy.js <run> <file.json> [--episodes 200] [--actions]
 *
 * `play_policy.py` plays the file in the real env. The file holds the network as plain numbers, the seeds and this side's returns and
 * lengths. Where Gymnasium has no such observations (CarRacing-lidar-v3), `--actions` adds every action, to be played there as they are.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { deflateSync } from 'node:zlib';
import { frozenStatistics } from '../../agents/common/policy.js';
import { loadPolicy } from '../../src/index.js';
import { parameterLayout, parameterSlice, parameterView } from '../../src/network/layout.js';
import { plainTowers } from '../../src/network/plan.js';
import { playSeeds } from './play-seeds.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { episodes: { type: 'string', default: '200' }, actions: { type: 'boolean', default: false } },
});
const [run, file] = positionals;
const episodes = Number(values.episodes);
if (run === undefined || file === undefined || !Number.isSafeInteger(episodes) || episodes < 1) {
  process.stderr.write(
    'Usage: node dist/scripts/transfer/export-policy.js <run> <file.json> [--episodes N] [--actions]\n',
  );
  process.exit(2);
}

const loaded = await loadPolicy(run);
const { policy, spec } = loaded;
const { network, parameters, normalization } = policy.weights;
const layout = parameterLayout(network);

/** A matrix as rows of inputs, [units][inputs]. */
function layer(index: number): { W: number[][]; b: number[] } {
  const [inputs = 0, units = 0] = parameterSlice(layout, `actor.${index}.weight`).shape;
  const weight = parameterView(layout, parameters, `actor.${index}.weight`);
  return {
    W: Array.from({ length: units }, (_, unit) => Array.from({ length: inputs }, (_, k) => weight[k * units + unit]!)),
    b: Array.from(parameterView(layout, parameters, `actor.${index}.bias`)),
  };
}

const played = await playSeeds(loaded, episodes);
const returns = played.map(({ total }) => total);
const packed = (actions: readonly number[]): string =>
  deflateSync(Buffer.from(Float32Array.from(actions).buffer)).toString('base64');

const { mean, invStd } = frozenStatistics(normalization, network.observationSize);
writeFileSync(
  file,
  JSON.stringify({
    env: spec.id,
    kwargs: spec.kwargs ?? {},
    output: network.distribution.type === 'gaussian' ? 'clip' : 'argmax',
    activations: plainTowers(network)?.actor.map(({ activation }) => activation),
    layers: network.actor.map((_, index) => layer(index)),
    normalization: { mean: Array.from(mean), invStd: Array.from(invStd), clip: normalization?.clip ?? null },
    seeds: played.map(({ seed }) => seed),
    returns,
    lengths: played.map(({ steps }) => steps),
    ...(values.actions && { actions: played.map(({ actions }) => packed(actions)) }),
  }),
);
const average = returns.reduce((sum, value) => sum + value, 0) / episodes;
process.stdout.write(`${spec.id}: mean return ${average.toFixed(2)} over ${episodes} seeds here; ${file}\n`);
