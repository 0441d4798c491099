/** From runs to the figures of a report. */
import { usageError } from '../../core/errors.js';
import { mean } from '../../core/statistics.js';
import { type BootstrapOptions, bootstrapOptions } from './bootstrap.js';
import { commonSteps, valuesAt } from './grid.js';
import { groupRuns, type RunGroup } from './group-runs.js';
import { probabilityOfImprovement } from './improvement.js';
import { iqmCurve } from './iqm-curve.js';
import { isDefault } from './names.js';
import { normalize, normalizedReport, type Scale } from './normalized.js';
import { type ReferenceTable, shippedReferences } from './references.js';
import type { Improvement, Report, ReportCurve, ReportGroup, ReportTask } from './report.js';
import type { LeftOut, LoadedRuns, RunRecord } from './types.js';

/** How runs are analysed. */
export interface AnalyzeOptions extends BootstrapOptions {
  /** Most points of a curve; 100 by default. */
  readonly points?: number;
  /** Whether runs that have not finished count too; they do not by default, since they would cut the curves of all others. */
  readonly incomplete?: boolean;
  /** Scores to compare with, over those that come with the package. */
  readonly references?: ReferenceTable;
}

/** Methods that are compared pair by pair: their number grows with the square. */
const MOST_COMPARED = 50;

/** Metrics that are returns, which the stored scores are too. */
const RETURNS: readonly string[] = ['charts/episodic_return', 'eval/mean_return'];

/**
 * The figures of a report: learning curves, scores, aggregates, performance profiles and probabilities of improvement. The same runs
 * and options give the same report, whatever the order of the runs.
 *
 * @param loaded what `loadRuns` returned.
 * @throws `INVALID_OPTION`, `INVALID_SEED`; `NO_RUNS` if no run counts.
 */
export function analyzeRuns(loaded: LoadedRuns, options: AnalyzeOptions = {}): Report {
  assertLoaded(loaded);
  const { points = 100, incomplete = false } = options;
  if (!Number.isSafeInteger(points) || points < 2 || points > 100_000) {
    const message = `points must be a whole number from 2 to 100000, got ${String(points)}.`;
    throw usageError('INVALID_OPTION', message, { field: 'points', got: String(points) });
  }
  const bootstrap = bootstrapOptions(options);
  const { metric } = loaded;
  const usable = [...loaded.runs].sort((a, b) => (a.path < b.path ? -1 : 1));
  const counted = usable.filter(({ status }) => incomplete || status === 'finished');
  if (counted.length === 0) throw noneFinished(usable);
  const { groups, tasks, methods, leftOut, notices: found } = groupRuns(counted);
  const notices = [...found];
  const scales = new Map<string, Scale>();
  const reportTasks = [...tasks].map(([label, run]) => {
    const task = describeTask(label, run, metric, options.references);
    if (task.notNormalized === null) {
      scales.set(label, { random: task.random!.score, reference: task.references[0]!.score });
    }
    return task;
  });
  const reportGroups = groups.map((group) => describeGroup(group, scales.get(group.task), { ...bootstrap, points }));
  notices.push(...noticesOf(reportGroups));
  return {
    version: 1,
    metric,
    options: { ...bootstrap, points, incomplete },
    tasks: reportTasks,
    methods: [...methods].map(([label, { algo, settings }]) => ({ label, algo, settings })),
    groups: reportGroups,
    runs: groups.flatMap(({ task, method, runs }) =>
      runs.map((run) => ({
        path: run.path,
        task,
        method,
        seed: run.seed,
        status: run.status,
        steps: run.steps.at(-1)!,
        score: run.values.at(-1)!,
        seconds: run.seconds,
      })),
    ),
    normalized: normalizedReport(groups, scales, { ...bootstrap, points }, notices),
    improvement: improvements(groups, [...methods.keys()], bootstrap, notices),
    leftOut: [...loaded.leftOut, ...(incomplete ? [] : usable.flatMap(notFinished)), ...leftOut].sort(byPath),
    notices,
  };
}

const byPath = (a: LeftOut, b: LeftOut): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

function assertLoaded(loaded: LoadedRuns): void {
  if (Array.isArray(loaded?.runs) && typeof loaded.metric === 'string') return;
  throw usageError('INVALID_OPTION', `analyzeRuns takes what await loadRuns(paths) returns, got ${String(loaded)}.`, {
    expected: '{ metric, runs, leftOut }',
    got: String(loaded),
  });
}

/** What left the run without a summary cannot be told from its files alone. */
function incompleteness({ status, steps, config }: RunRecord): string {
  const total = config['totalSteps'];
  const of = typeof total === 'number' ? ` of ${total}` : '';
  const how = status === 'stopped' ? 'it was stopped' : 'it is still going, or was killed';
  return `${how}, after ${steps.at(-1)!}${of} steps; incomplete runs count on request only`;
}

function notFinished(run: RunRecord): LeftOut[] {
  if (run.status === 'finished') return [];
  return [{ path: run.path, code: 'RUN_INCOMPLETE', reason: incompleteness(run) }];
}

function noneFinished(runs: readonly RunRecord[]): Error {
  const shown = runs.slice(0, 5).map((run) => `${run.path}: ${incompleteness(run)}.`);
  const message = `No run has finished. ${shown.join(' ')} Ask for them with --incomplete, { incomplete: true } in the library.`;
  return usageError('NO_RUNS', message, { expected: 'at least one finished run' });
}

function describeTask(label: string, run: RunRecord, metric: string, own: ReferenceTable | undefined): ReportTask {
  const { env } = run;
  const given = own !== undefined && Object.hasOwn(own.envs, env.id) ? own.envs[env.id] : undefined;
  const shipped = shippedReferences().envs;
  // Somebody who brings references for an env of their own knows which one is meant.
  const known = given ?? (isDefault(env) && Object.hasOwn(shipped, env.id) ? shipped[env.id] : undefined);
  const isReturn = RETURNS.includes(metric);
  const base = {
    label,
    env: env.id,
    threshold: isReturn ? env.rewardThreshold : null,
    random: isReturn ? (known?.random ?? null) : null,
    references: isReturn ? (known?.references ?? []) : [],
  };
  return { ...base, notNormalized: whyNotNormalized(base, isDefault(env), isReturn) };
}

function whyNotNormalized(
  { env, random, references }: Omit<ReportTask, 'notNormalized'>,
  usual: boolean,
  isReturn: boolean,
): string | null {
  if (!isReturn) return 'the metric is no return';
  if (random === null) return usual ? 'no scores are stored for it' : `stored scores are of ${env} as it is registered`;
  if (references.length === 0) return 'no reference score is stored for it';
  return references[0]!.score > random.score ? null : 'its reference is not above random play';
}

function describeGroup(
  { task, method, runs }: RunGroup,
  scale: Scale | undefined,
  options: Required<BootstrapOptions> & { readonly points: number },
): ReportGroup {
  const scores = runs.map(({ values }) => values.at(-1)!);
  const middle = mean(scores);
  const squares = scores.map((score) => (score - middle) * (score - middle));
  const { value, low, high } = iqmCurve(
    scores.map((score) => Float64Array.of(score)),
    [scores.length],
    options,
  );
  const steps = commonSteps(runs, options.points);
  const curve: ReportCurve | null =
    steps.length === 0
      ? null
      : {
          steps: [...steps],
          iqm: iqmCurve(
            runs.map((run) => valuesAt(run, steps)),
            [runs.length],
            options,
          ),
        };
  return {
    task,
    method,
    seeds: runs.map(({ seed }) => seed),
    score: {
      mean: middle,
      std: scores.length === 1 ? null : Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / (scores.length - 1)),
      min: Math.min(...scores),
      max: Math.max(...scores),
      iqm: { value: value[0]!, low: low[0]!, high: high[0]! },
      normalizedIqm: scale === undefined ? null : normalize(value[0]!, scale),
    },
    curve,
  };
}

function noticesOf(groups: readonly ReportGroup[]): string[] {
  const notices: string[] = [];
  const single = groups.filter(({ seeds }) => seeds.length === 1).length;
  if (single > 0) {
    const which = single === groups.length ? 'Every group has' : `${single} of ${groups.length} groups have`;
    notices.push(`${which} a single seed: the interval of one run is a point and says nothing about other seeds.`);
  }
  for (const { task, method, curve } of groups) {
    if (curve === null) notices.push(`The runs of ${method} on ${task} have no steps in common: no curve is shown.`);
  }
  return notices;
}

function improvements(
  groups: readonly RunGroup[],
  methods: readonly string[],
  options: Required<BootstrapOptions>,
  notices: string[],
): Improvement[] {
  if (methods.length > MOST_COMPARED) {
    notices.push(`${methods.length} methods are too many to compare each with each: at most ${MOST_COMPARED} are.`);
    return [];
  }
  const scores = new Map<string, Map<string, readonly number[]>>(methods.map((method) => [method, new Map()]));
  for (const { task, method, runs } of groups) {
    scores.get(method)!.set(
      task,
      runs.map(({ values }) => values.at(-1)!),
    );
  }
  const found: Improvement[] = [];
  methods.forEach((x, k) => {
    for (const y of methods.slice(k + 1)) {
      const [ofX, ofY] = [scores.get(x)!, scores.get(y)!];
      const tasks = [...ofX.keys()].filter((task) => ofY.has(task));
      if (tasks.length === 0) continue;
      const probability = probabilityOfImprovement(
        tasks.map((task) => ofX.get(task)!),
        tasks.map((task) => ofY.get(task)!),
        options,
      );
      found.push({ x, y, tasks, probability });
    }
  });
  return found;
}
