import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { usageError } from '../../core/errors.js';
import {
  kubernetesManifest,
  type LaunchedRun,
  type LaunchFile,
  type LaunchPlan,
  type LaunchResult,
  launchQueued,
  launch as launchRuns,
  parseLaunch,
  planLaunch,
  readLaunch,
  slurmScript,
} from '../../runs/launch/index.js';
import { shareOf, writePlan } from '../../runs/launch/launch.js';
import { parseYaml } from '../../runs/launch/launch-file.js';
import type { Command } from '../command.js';
import { launchRows, launchTable, variedText } from '../launch-table.js';
import {
  given,
  number,
  object,
  recordObservations,
  recordPolicyOutputs,
  text,
  texts,
  valued,
  whole,
  wholes,
  wrappers,
} from '../options.js';
import { result, shown, table } from '../output.js';
import { stopOnSignals } from '../signals.js';

type Flags = { readonly [flag: string]: unknown };

/** `name=value` pairs, the value as YAML: a number, a list, or an axis such as `{grid: [1e-4, 3e-4]}`. */
function settings(value: unknown): Record<string, unknown> | undefined {
  const pairs = texts('set', value)?.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals > 0) return [pair.slice(0, equals), parseYaml(pair.slice(equals + 1), `--set ${pair}`)];
    throw usageError(
      'INVALID_FLAG',
      `--set takes name=value, such as gamma=0.99 or 'learningRate={grid: [1e-4, 3e-4]}', got '${pair}'.`,
      {
        field: 'set',
        got: pair,
      },
    );
  });
  return pairs && Object.fromEntries(pairs);
}

function seedsOf(value: unknown): number | number[] | undefined {
  const seeds = wholes('seeds', value);
  return seeds?.length === 1 && !String(value).includes(',') ? seeds[0] : seeds;
}

/** The file's launch with the flags over it. */
function written(argv: Flags, file: string | undefined): LaunchFile {
  const base: Record<string, unknown> = file === undefined ? {} : { ...readLaunch(file) };
  const flags = given({
    env: texts('env', argv['env']),
    algo: texts('algo', argv['algo']),
    seeds: seedsOf(argv['seeds']),
    totalSteps: whole('total-steps', argv['total-steps']),
    envKwargs: object('env-kwargs', argv['env-kwargs']),
    wrappers: wrappers('wrapper', argv['wrapper']),
    samples: whole('samples', argv['samples']),
    sampleSeed: whole('sample-seed', argv['sample-seed']),
    backend: text('backend', argv['backend']),
    evalEvery: whole('eval-every', argv['eval-every']),
    targetReturn: number('target-return', argv['target-return']),
    recordEpisodes: text('record-episodes', argv['record-episodes']),
    recordObservations: argv['record-observations'] === true ? true : undefined,
    recordPolicyOutputs: argv['record-policy-outputs'] === true ? true : undefined,
  });
  const set = settings(argv['set']);
  const config = { ...(base['config'] as object | undefined), ...set };
  const launch = { ...base, ...flags, ...(set !== undefined && { config }) };
  if (launch['env'] === undefined) {
    throw usageError('USAGE', 'launch needs a launch file, or --env. See gymkhana launch --help.', { field: 'env' });
  }
  return parseLaunch(launch, file ?? 'the launch of these flags');
}

/** What a folder's `launch.json` says was launched there. */
function launchedBefore(folder: string): { file: LaunchFile; cwd: string; name: string } {
  const path = join(folder, 'launch.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw usageError(
      'LAUNCH_NOT_FOUND',
      `${folder} holds no launch: ${path} cannot be read as JSON.`,
      { file: path },
      cause,
    );
  }
  const { launch, cwd, name } = (typeof json === 'object' && json !== null ? json : {}) as Flags;
  const file = parseLaunch(launch, path);
  return {
    file,
    cwd: typeof cwd === 'string' ? cwd : process.cwd(),
    name: typeof name === 'string' ? name : basename(folder),
  };
}

async function planned(argv: Flags): Promise<{ plan: LaunchPlan; runDir: string }> {
  const allowed = given({ allowEnvs: texts('allow-env', argv['allow-env']) });
  const place = text('file', argv['file']);
  const runDirFlag = text('run-dir', argv['run-dir']);
  const folder = place ?? runDirFlag;
  const isLaunch = folder !== undefined && existsSync(join(folder, 'launch.json'));
  if (argv['resume'] === true && isLaunch && (place === undefined ? argv['env'] === undefined : true)) {
    const { file, cwd, name } = launchedBefore(folder);
    const from = join(folder, 'launch.json');
    return { plan: await planLaunch(file, { cwd, name, from, ...allowed }), runDir: resolve(folder) };
  }
  const file = written(argv, place);
  const name = place === undefined ? 'launch' : basename(place, extname(place));
  // Env files in a launch file are relative to it, as imports are to their module.
  const cwd = place === undefined ? process.cwd() : dirname(resolve(place));
  // What --env names, its user named.
  const from = place === undefined || argv['env'] !== undefined ? {} : { from: place };
  const plan = await planLaunch(file, { cwd, name, ...from, ...allowed });
  return { plan, runDir: resolve(runDirFlag ?? file.runDir ?? join('runs', plan.name)) };
}

export const command: Command = {
  builder: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        describe: 'a launch file (YAML or JSON), or with --resume the folder of a launch',
      })
      .option('env', { ...valued('an env; repeat for more'), array: false })
      .option('algo', valued('ppo'))
      .option('seeds', valued('seeds, such as 1,2,3, or how many'))
      .option('total-steps', valued('environment steps of every run'))
      .option(
        'set',
        valued(
          'a setting, as name=value; the value may be {grid: [...]}, {list: [...]}, {uniform: [a, b]}, {logUniform: [a, b]}, {normal: [mean, std]}, {integers: [a, b]} or {choice: [...]}; repeat for more',
        ),
      )
      .option(
        'env-kwargs',
        valued('keyword arguments of the envs, as a JSON object; values may vary as those of --set'),
      )
      .option(
        'allow-env',
        valued('an env of your own that the launch file names, so that its code may run; repeat for more'),
      )
      .option('wrapper', valued('a wrapper of the envs: Name, or Name:{"option":1}; repeat for more'))
      .option('samples', valued('draws of the settings that have a distribution'))
      .option('sample-seed', valued('seed of those draws (0)'))
      .option('backend', valued('learner (auto)'))
      .option('eval-every', valued('evaluate every so many iterations'))
      .option('target-return', valued('end a run once its mean return reaches this'))
      .option('record-episodes', valued('record best, worst, every:N or all of the training episodes of every run'))
      .option('record-observations', recordObservations)
      .option('record-policy-outputs', recordPolicyOutputs)
      .option('parallel', valued('runs at a time (as many as fit the cores)'))
      .option('workers', valued('worker threads of each run; they never change results'))
      .option('retries', valued('times that a run which failed is gone on with from its checkpoint (2)'))
      .option('run-dir', valued('folder of the runs (runs/<name of the file>)'))
      .option('resume', {
        type: 'boolean',
        describe: 'go on with a launch that was stopped or killed; nothing that is done is done again',
      })
      .option('only', valued('only the runs with these numbers, such as 0,5; --dry-run shows them'))
      .option(
        'queue',
        valued(
          'put the runs on the queue in this Redis (redis://host:port), for gymkhana worker on any machine, and follow them',
        ),
      )
      .option('priority', valued('--queue: smaller goes first (0)'))
      .option('export', {
        choices: ['slurm', 'kubernetes'] as const,
        describe: 'print a Slurm array script or a Kubernetes Job of the launch, and start nothing',
      })
      .option('image', valued('--export kubernetes: the image of the pods (gymkhana)'))
      .option('claim', valued('--export kubernetes: the persistent volume claim for the runs (gymkhana-runs)'))
      .option('dry-run', { type: 'boolean', describe: 'show the runs and start none' })
      .option('quiet', { type: 'boolean', describe: 'no table, only how it ended' })
      .example('$0 launch sweep.yaml --parallel 4', 'everything in sweep.yaml, four runs at a time')
      .example(
        "$0 launch --env CartPole-v1 --env Acrobot-v1 --seeds 5 --set 'learningRate={grid: [1e-3, 3e-4]}'",
        '2 envs x 2 settings x 5 seeds',
      )
      .example('$0 launch --resume runs/sweep', 'go on with a launch')
      .example('$0 launch sweep.yaml --export slurm > sweep.sh', 'for sbatch sweep.sh'),
  async handler(argv) {
    const json = argv['json'] === true;
    const { plan, runDir } = await planned(argv);
    const sharing = given({
      parallel: whole('parallel', argv['parallel']) ?? plan.file.parallel,
      workers: whole('workers', argv['workers']) ?? plan.file.workers,
    });
    if (argv['dry-run'] === true) return showPlan(plan, runDir, json);
    if (argv['export'] === 'slurm') {
      const script = slurmScript(plan, { runDir, ...sharing });
      writePlan(runDir, plan);
      return result(script.trimEnd());
    }
    if (argv['export'] === 'kubernetes') {
      const image = text('image', argv['image']) ?? 'gymkhana';
      const claim = text('claim', argv['claim']) ?? 'gymkhana-runs';
      return result(kubernetesManifest(plan, { image, claim, ...sharing }).trimEnd());
    }
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const quiet = json || argv['quiet'] === true;
    const view = quiet ? null : await launchTable(process.stderr);
    const url = text('queue', argv['queue']);
    const stop = stopOnSignals(
      url === undefined
        ? 'stopping all runs, each with a checkpoint'
        : 'the runs stay on the queue; launch again with --resume to follow them, gymkhana queue cancel takes them off',
    );
    const { parallel, workers } = shareOf(sharing, plan.runs.length);
    if (!quiet) {
      const twice = plan.duplicates === 0 ? '' : ` (${plan.duplicates} more are the same as one of them)`;
      const how =
        url === undefined
          ? `, ${parallel} at a time, ${workers} worker thread${workers === 1 ? '' : 's'} each`
          : ' on the queue';
      say(`Launching ${plan.name}: ${plan.runs.length} runs${twice}${how}.\nRun directory ${runDir}`);
    }
    const following = {
      runDir,
      signal: stop.signal,
      onNotice: (notice: string) => (view === null ? say(notice) : view.notice(notice)),
      ...(view !== null && { onChange: (runs: readonly LaunchedRun[]) => view.show(runs) }),
      ...given({ retries: whole('retries', argv['retries']) }),
    };
    const launched =
      url === undefined
        ? await launchRuns(plan, {
            ...following,
            ...sharing,
            resume: argv['resume'] === true,
            killSignal: stop.killSignal,
            ...given({ only: wholes('only', argv['only']) }),
          })
        : await launchQueued(plan, {
            ...following,
            queue: url,
            ...given({ priority: whole('priority', argv['priority']) }),
          });
    view?.done();
    process.exitCode = stop.signal.aborted ? stop.exitCode() : launched.failed > 0 ? 1 : 0;
    if (json) return result(JSON.stringify(launched));
    report(launched, view === null || !process.stderr.isTTY);
  },
};

function report(launched: LaunchResult, withTable: boolean): void {
  const { runs, finished, failed, unfinished, seconds, runDir } = launched;
  if (withTable && runs.length > 0) result(launchRows(runs, 100));
  for (const { run, failure, status, logFile, attempts } of runs) {
    if (status !== 'failed' || failure === null) continue;
    result(
      `\n${run.name} failed after ${attempts} attempt${attempts === 1 ? '' : 's'}: ${failure.code}: ${failure.message}\nIts log: ${logFile}`,
    );
  }
  const left = unfinished === 0 ? '' : `, ${unfinished} unfinished`;
  result(`\n${finished} finished, ${failed} failed${left} in ${shown(seconds)} s.`);
  result(failed + unfinished > 0 ? `Next: gymkhana launch --resume ${runDir}` : `Next: gymkhana report ${runDir}`);
}

function showPlan({ runs, duplicates }: LaunchPlan, runDir: string, json: boolean): void {
  if (json) {
    result(JSON.stringify({ runDir, duplicates, runs }));
    return;
  }
  const rows = runs.map((run) => [
    String(run.index),
    run.envId,
    run.algo,
    String(run.seed),
    variedText({ run }),
    run.totalSteps.toLocaleString('en'),
    run.hash.slice(0, 12),
  ]);
  result(table([['run', 'env', 'algo', 'seed', 'settings', 'steps', 'hash'], ...rows]));
  result(
    `\n${runs.length} runs in ${runDir}${duplicates === 0 ? '' : `; ${duplicates} more are the same as one of them`}.`,
  );
}
