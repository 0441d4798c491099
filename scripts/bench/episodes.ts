// Times episode files of 1,000,000 steps: recording, reading, and exports, each in a process of its own, so that its peak of
// memory is its own:
//   node dist/scripts/bench/episodes.js [--rounds 5] [--steps 1000000] [--json]
// With GYMKHANA_PYTHON (a Python with pyarrow and numpy) the exports are read there too.
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { RecordBatchReader } from 'apache-arrow';
import type { Dataset } from 'h5wasm';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { Generator } from '../../src/core/seeding/generator.js';
import { loadHdf5 } from '../../src/episode/exchange/hdf5.js';
import {
  EpisodeWriter,
  type ExportFormat,
  exportEpisodes,
  openEpisodes,
  readEpisodes,
} from '../../src/episode/index.js';
import { EpisodeLog } from '../../src/episode/log.js';
import { Box } from '../../src/spaces/index.js';
import { machine } from './machine.js';

const WIDTH = 32;
const EPISODE = 1000;

/** What a child process measured. */
interface Measure {
  readonly seconds: number;
  /** Processor time of the process in those seconds: what is left of them on a machine that does nothing else, disk aside. */
  readonly cpu: number;
  readonly bytes: number;
  /** Highest resident memory of the process, MB; 60 to 80 of them are Node's own. */
  readonly peak: number;
  /** Depends on all that was read: nothing can be left out. */
  readonly sink: number;
}

type Task = (folder: string, steps: number) => Promise<Omit<Measure, 'peak'>>;

async function timed(path: string, body: () => Promise<number>): Promise<Omit<Measure, 'peak'>> {
  const start = performance.now();
  const before = process.cpuUsage();
  const sink = await body();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpu: (user + system) / 1e6, bytes: statSync(path).size, sink };
}

const native = (folder: string): string => join(folder, 'a.episode');

/** Records episodes of random observations as an env's recorder does: a log that hashes each step, and a file. */
const recording =
  (sync: 'episode' | 'close'): Task =>
  async (folder, steps) => {
    const observationSpace = new Box(-1, 1, { shape: [WIDTH] });
    const actionSpace = new Box(-1, 1, { shape: [2] });
    const generator = Generator.fromSeed(1);
    const pool = Float32Array.from({ length: 64 * 1024 }, () => generator.uniform(-1, 1));
    const observations = Array.from({ length: 1021 }, (_, i) => pool.slice(i, i + WIDTH));
    const actions = Array.from({ length: 1000 }, (_, i) => pool.slice(i, i + 2));
    const spec = {
      id: 'Bench-v0',
      moduleUrl: null,
      exportName: null,
      maxEpisodeSteps: null,
      rewardThreshold: null,
      nondeterministic: false,
      kwargs: {},
    };
    const path = native(folder);
    return await timed(path, async () => {
      const writer = new EpisodeWriter(path, { spec, observationSpace, actionSpace, sync });
      const log = new EpisodeLog({ observationSpace, actionSpace, observations: true });
      let at = 0;
      for (let done = 0; done < steps; done += EPISODE) {
        log.begin(Generator.fromSeed(done).state, undefined, done);
        log.reset(observations[at++ % observations.length], {});
        for (let step = 1; step <= EPISODE; step++) {
          const action = actions[at % actions.length];
          log.action(action);
          const observation = observations[(at++ * 7919) % observations.length];
          log.step(action, {
            observation,
            reward: pool[at % pool.length]!,
            terminated: step === EPISODE,
            truncated: false,
            info: {},
          });
        }
        writer.write(log.take());
      }
      writer.close();
      return writer.episodes;
    });
  };

const stream: Task = async (folder) =>
  await timed(native(folder), async () => {
    let sum = 0;
    for await (const { steps, rewards, observations } of await openEpisodes(native(folder))) {
      sum += steps + rewards![steps - 1]! + (observations!.at(steps) as Float32Array)[0]!;
    }
    return sum;
  });

const whole: Task = async (folder) =>
  await timed(native(folder), async () => {
    const { episodes } = await readEpisodes(native(folder));
    return episodes.reduce((sum, { steps }) => sum + steps, 0);
  });

const exporting =
  (format: ExportFormat, out: string): Task =>
  async (folder) => {
    const path = join(folder, out);
    const times = await timed(native(folder), async () => {
      const { bytes } = await exportEpisodes(native(folder), { format, out: path });
      return bytes;
    });
    return { ...times, bytes: times.sink };
  };

const readArrow: Task = async (folder) =>
  await timed(join(folder, 'a.arrow'), async () => {
    let sum = 0;
    const reader = await RecordBatchReader.from(createReadStream(join(folder, 'a.arrow')));
    for await (const batch of reader) {
      const values = batch.getChild('observation.state')!.data[0]!.children[0]!.values as Float32Array;
      for (let i = 0; i < values.length; i += 16) sum += values[i]!;
    }
    return sum;
  });

const readParquet: Task = async (folder) =>
  await timed(join(folder, 'a.parquet'), async () => {
    const file = await asyncBufferFromFile(join(folder, 'a.parquet'));
    const metadata = await parquetMetadataAsync(file);
    let [sum, from] = [0, 0];
    for (const { num_rows } of metadata.row_groups) {
      const to = from + Number(num_rows);
      await parquetRead({
        file,
        metadata,
        rowStart: from,
        rowEnd: to,
        onChunk: ({ columnData }) => (sum += columnData.length),
      });
      from = to;
    }
    return sum;
  });

const readHdf5: Task = async (folder) =>
  await timed(join(folder, 'a.hdf5'), async () => {
    const file = new (await loadHdf5()).File(join(folder, 'a.hdf5'), 'r');
    let sum = 0;
    for (const name of file.keys()) {
      for (const part of ['observations', 'actions', 'rewards']) {
        sum += ((file.get(`${name}/${part}`) as Dataset).value as Float32Array)[0]!;
      }
    }
    file.close();
    return sum;
  });

const TASKS: Readonly<Record<string, Task>> = {
  'episode file, recorded, on the disk after each episode': recording('episode'),
  'episode file, recorded, on the disk at the end': recording('close'),
  'episode file, read as a stream': stream,
  'episode file, read whole': whole,
  'Arrow, exported': exporting('arrow', 'a.arrow'),
  'Arrow, read (apache-arrow, stream)': readArrow,
  'Parquet, exported': exporting('parquet', 'a.parquet'),
  'Parquet, read (hyparquet, by row group)': readParquet,
  'NPZ, exported': exporting('npz', 'a.npz'),
  'HDF5, exported': exporting('hdf5', 'a.hdf5'),
  'HDF5, read (h5wasm, by episode)': readHdf5,
};

/** Reads by the packages that the formats are for: whole columns into memory. */
const PYTHON: Readonly<Record<string, readonly [file: string, code: string]>> = {
  'Arrow, read (pyarrow)': ['a.arrow', 'import pyarrow.ipc as p\nread = lambda: p.open_file(path).read_all().num_rows'],
  'Parquet, read (pyarrow)': ['a.parquet', 'import pyarrow.parquet as p\nread = lambda: p.read_table(path).num_rows'],
  'NPZ, read (numpy)': ['a.npz', 'import numpy as p\nread = lambda: sum(len(v) for v in p.load(path).values())'],
};

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function flag(name: string, usual: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
}

const steps = flag('steps', 1_000_000);
const child = process.argv.indexOf('--task');

if (child >= 0) {
  const [name, folder] = process.argv.slice(child + 1) as [string, string];
  const measured = await TASKS[name]!(folder, steps);
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ ...measured, peak } satisfies Measure));
} else {
  const rounds = flag('rounds', 5);
  const folder = mkdtempSync(join(tmpdir(), 'gymkhana-bench-'));
  const results = new Map<string, Measure[]>();
  const run = (name: string, command: string, words: readonly string[]): void => {
    const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 2 ** 24 });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    results.set(name, [...(results.get(name) ?? []), JSON.parse(stdout) as Measure]);
  };
  try {
    // In turns, so that a busy moment of the machine does not fall on one row alone.
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(TASKS)) {
        run(name, process.execPath, [fileURLToPath(import.meta.url), '--steps', String(steps), '--task', name, folder]);
      }
      const python = process.env['GYMKHANA_PYTHON'];
      for (const [name, [file, code]] of python === undefined ? [] : Object.entries(PYTHON)) {
        const script = `import json, os, resource, sys, time\npath = sys.argv[1]\n${code}\nt, c = time.perf_counter(), time.process_time()\nn = read()\nprint(json.dumps({"seconds": time.perf_counter() - t, "cpu": time.process_time() - c, "bytes": os.path.getsize(path), "sink": n, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))`;
        run(name, python!, ['-c', script, join(folder, file)]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const rows = [...results].map(([name, all]) => ({
    name,
    megabytes: all[0]!.bytes / 1e6,
    rate: median(all.map(({ bytes, seconds }) => bytes / 1e6 / seconds)),
    lowest: Math.min(...all.map(({ bytes, seconds }) => bytes / 1e6 / seconds)),
    busy: median(all.map(({ bytes, cpu }) => bytes / 1e6 / cpu)),
    peak: median(all.map(({ peak }) => peak)),
  }));
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ machine: machine(), steps, rounds, rows })}\n`);
  } else {
    const lines = rows.map(
      ({ name, megabytes, rate, lowest, busy, peak }) =>
        `| ${name} | ${megabytes.toFixed(0)} | ${rate.toFixed(0)} | ${lowest.toFixed(0)} | ${busy.toFixed(0)} | ${peak.toFixed(0)} |`,
    );
    const head = [
      '| what | file, MB | MB/s, median | MB/s, lowest | MB a second of processor time | peak memory, MB |',
      '| --- | --- | --- | --- | --- | --- |',
    ];
    const { processor, threads, node } = machine();
    process.stdout.write(
      `${[...head, ...lines].join('\n')}\n\n${processor}, ${threads} threads, Node ${node}; ${rounds} rounds.\n`,
    );
  }
}
