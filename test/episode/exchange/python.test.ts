/** Exports are opened by the packages that they are for, where a Python has them: `GYMKHANA_PYTHON`, or `python3`. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportEpisodes } from '../../../src/episode/index.js';
import { skipped } from '../../support/skip.js';
import { inFolder } from '../support.js';
import { plain, recordAny } from './support.js';

const python = process.env['GYMKHANA_PYTHON'] ?? 'python3';

/** Whether that Python can import a module. */
function has(module: string): boolean {
  return spawnSync(python, ['-c', `import ${module}`], { timeout: 120_000 }).status === 0;
}

const READ: Readonly<Record<string, readonly [module: string, code: string]>> = {
  parquet: [
    'pyarrow.parquet',
    'import pyarrow.parquet as pq\nt = pq.read_table(path)\nrows = t.to_pydict()\nmeta = t.schema.metadata[b"gymkhana"]',
  ],
  arrow: [
    'pyarrow',
    'import pyarrow.ipc as ipc\nt = ipc.open_file(path).read_all()\nrows = t.to_pydict()\nmeta = t.schema.metadata[b"gymkhana"]',
  ],
  npz: [
    'numpy',
    'import numpy as np\nz = np.load(path, allow_pickle=False)\nrows = {n: z[n].tolist() for n in z.files if n not in ("description", "episode_length") and not n.startswith("final.")}\nmeta = bytes(z["description"][0])',
  ],
  csv: [
    'pandas',
    'import pandas\nrows = pandas.read_csv(path, float_precision="round_trip").to_dict("list")\nmeta = b"{}"',
  ],
};

for (const [format, [module, code]] of Object.entries(READ)) {
  const name = `${module} reads ${format}`;
  if (!has(module)) {
    skipped(name, `${python} has no ${module}`);
    test.skip(name);
    continue;
  }
  for (const [observation, action] of [
    ['state', 'matrix'],
    ['shorts', 'choice'],
    ['wide', 'bits'],
    ['dict', 'choices'],
  ] as const) {
    test(`${name}: observations of '${observation}', actions of '${action}'`, () =>
      inFolder(async (folder) => {
        const { path, seen } = await recordAny(folder, { observation, action });
        const { path: out } = await exportEpisodes(path, { format: format as 'parquet' });
        const script = join(folder, 'read.py');
        writeFileSync(
          script,
          `import sys, json\npath = sys.argv[1]\n${code}\nprint(json.dumps([rows, json.loads(meta)]))\n`,
        );
        const { status, stdout, stderr } = spawnSync(python, [script, out], { encoding: 'utf8', timeout: 120_000 });
        assert.is(status, 0, stderr);
        const [rows, meta] = JSON.parse(stdout) as [Record<string, unknown[]>, { env?: string }];
        assert.equal(
          rows['next.reward'],
          seen.flatMap(({ rewards }) => rewards),
        );
        const actions = seen.flatMap((episode) => episode.actions).map(plain);
        const observations = seen.flatMap((episode) => episode.observations.slice(0, -1));
        assert.equal(rows['episode_index'], [...Array(6).fill(0), ...Array(6).fill(1)]);
        if (format === 'csv') {
          const first = observation === 'dict' ? 'observation.pose.0' : 'observation.state.0';
          const value = (one: unknown) => plain(observation === 'dict' ? (one as { pose: unknown }).pose : one);
          assert.equal(
            rows[first],
            observations.map((one) => (value(one) as number[])[0]),
          );
          return;
        }
        assert.is(meta.env, 'Any-v0');
        const flat = (values: unknown[]): unknown[] =>
          values.map((value) => (Array.isArray(value) ? value.flat(3) : value));
        assert.equal(flat(rows['action']!), flat(actions));
        if (observation === 'dict') {
          assert.equal(
            rows['observation.gear'],
            observations.map((one) => (one as { gear: number }).gear),
          );
        } else {
          assert.equal(flat(rows['observation.state']!), flat(observations.map(plain)));
        }
      }));
  }
}

if (!has('minari')) {
  skipped('minari loads a dataset', `${python} has no minari`);
  test.skip('minari loads a dataset');
} else {
  test('minari loads a dataset', () =>
    inFolder(async (folder) => {
      for (const observation of ['state', 'dict', 'image', 'bits'] as const) {
        const { path, seen } = await recordAny(folder, { observation, action: 'matrix' });
        const id = `test/${observation}-v0`;
        await exportEpisodes(path, { format: 'hdf5', out: join(folder, 'sets'), datasetId: id });
        const script = join(folder, 'read.py');
        writeFileSync(
          script,
          `import json, sys, warnings
warnings.simplefilter("ignore")
import minari
ds = minari.load_dataset(sys.argv[1])
plain = lambda v: {k: plain(x) for k, x in v.items()} if isinstance(v, dict) else [plain(x) for x in v] if isinstance(v, tuple) else v.tolist()
print(json.dumps({
  "steps": int(ds.total_steps), "space": type(ds.observation_space).__name__,
  "inside": all(ds.action_space.contains(a) for e in ds.iterate_episodes() for a in e.actions),
  "episodes": [{"seed": m["seed"], "observations": plain(e.observations), "rewards": e.rewards.tolist(), "ends": e.terminations.tolist()}
    for e, m in zip(ds.iterate_episodes(), ds.storage.get_episode_metadata(range(ds.total_episodes)))],
}))
`,
        );
        const { status, stdout, stderr } = spawnSync(python, [script, id], {
          encoding: 'utf8',
          timeout: 120_000,
          maxBuffer: 2 ** 28,
          env: { ...process.env, MINARI_DATASETS_PATH: join(folder, 'sets') },
        });
        assert.is(status, 0, stderr);
        const read = JSON.parse(stdout) as {
          steps: number;
          inside: boolean;
          episodes: { seed: number; observations: unknown; rewards: number[]; ends: number[] }[];
        };
        assert.equal([read.steps, read.inside], [12, true]);
        for (const [i, episode] of read.episodes.entries()) {
          assert.is(episode.seed, 30 + i);
          assert.equal(episode.rewards, seen[i]!.rewards);
          assert.equal(episode.ends, [0, 0, 0, 0, 0, 1]);
          if (observation === 'dict') {
            const { gear } = episode.observations as { gear: number[] };
            assert.equal(
              gear,
              seen[i]!.observations.map((one) => (one as { gear: number }).gear),
            );
          } else {
            assert.equal(
              (episode.observations as unknown[][]).map((row) => row.flat(3)),
              seen[i]!.observations.map(plain),
            );
          }
        }
      }
    }));
}

test.run();
