/** The tables of a report as texts: Markdown and HTML show the same. */
import { normalize } from './normalized.js';
import type { Report } from './report.js';
import { count, figure, interval, metricWords, percent } from './words.js';

/** A table with a heading. */
export interface ReportTable {
  readonly title: string;
  /** What it shows, in sentences. */
  readonly about: string;
  readonly head: readonly string[];
  /** Columns of numbers, which are set to the right. */
  readonly numeric: readonly boolean[];
  readonly rows: readonly (readonly string[])[];
}

/** Pairs of methods that a page shows. */
const MOST_PAIRS = 100;
const NONE = '–';

function table(
  title: string,
  about: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): ReportTable {
  // A column of numbers is named with a leading `#`.
  const numeric = columns.map((name) => name.startsWith('#'));
  return { title, about, head: columns.map((name) => name.replace(/^#/, '')), numeric, rows };
}

/** Scores of every group. */
export function scoreTable({ groups, metric, options }: Report): ReportTable {
  const about = `Score of a run: the last ${metricWords(metric)}. IQM: interquartile mean over seeds, with its ${percent(options.confidence)} interval. Normalized: 0 is random play, 1 the first reference of the env.`;
  const rows = groups.map(({ task, method, seeds, score }) => [
    task,
    method,
    count(seeds.length),
    score.std === null ? figure(score.mean) : `${figure(score.mean)} ± ${figure(score.std)}`,
    interval(score.iqm),
    figure(score.min),
    figure(score.max),
    score.normalizedIqm === null ? NONE : figure(score.normalizedIqm),
  ]);
  return table('Scores', about, ['Env', 'Method', '#Seeds', '#Mean ± sd', '#IQM', '#Min', '#Max', '#Normalized'], rows);
}

/** What scores are compared with; null where nothing is known of any env. */
export function referenceTable({ tasks }: Report): ReportTable | null {
  const rows = tasks.flatMap(({ label, random, references, threshold, notNormalized }) => {
    const one = (name: string, score: number, std: number | null, steps: number | null, source: string): string[] => {
      const scale = notNormalized === null ? { random: random!.score, reference: references[0]!.score } : null;
      return [
        label,
        name,
        std === null ? figure(score) : `${figure(score)} ± ${figure(std)}`,
        scale === null ? NONE : figure(normalize(score, scale)),
        steps === null ? NONE : count(steps),
        source,
      ];
    };
    const measured =
      random === null
        ? []
        : [
            one(
              'random play',
              random.score,
              random.std,
              null,
              `${count(random.episodes)} episodes of random actions, seed ${random.seed}`,
            ),
          ];
    const solved =
      threshold === null ? [] : [one('solved', threshold, null, null, "reward threshold of the env's spec")];
    return [...measured, ...references.map((r) => one(r.name, r.score, r.std, r.steps, r.source)), ...solved];
  });
  if (rows.length === 0) return null;
  const about =
    'Stored scores to compare with. The first after random play counts as 1. Published scores are of deterministic policies after training; training episodes also explore.';
  return table('References', about, ['Env', 'Who', '#Score', '#Normalized', '#Steps', 'Source'], rows);
}

/** The curves at a fifth, two fifths, ... of the steps that the runs of a group have in common. */
export function curveTable({ groups, options }: Report): ReportTable | null {
  const parts = [0.2, 0.4, 0.6, 0.8, 1];
  const rows = groups.flatMap(({ task, method, curve }) => {
    if (curve === null) return [];
    const { steps, iqm } = curve;
    const [from, to] = [steps[0]!, steps.at(-1)!];
    const cells = parts.map((part) => {
      const k = Math.max(
        0,
        steps.findLastIndex((step) => step <= from + part * (to - from)),
      );
      return interval({ value: iqm.value[k]!, low: iqm.low[k]!, high: iqm.high[k]! });
    });
    return [[task, method, count(to), ...cells]];
  });
  if (rows.length === 0) return null;
  const about = `Interquartile mean over seeds with its ${percent(options.confidence)} interval, at parts of the steps that all runs of a group have.`;
  const columns = ['Env', 'Method', '#Steps', ...parts.map((part) => `#at ${percent(part)}`)];
  return table('Learning curves', about, columns, rows);
}

/** Aggregates over tasks. */
export function aggregateTable({ normalized }: Report): ReportTable | null {
  if (normalized === null) return null;
  const rows = normalized.aggregates.map(({ method, tasks, runs, iqm, median, mean, optimalityGap }) => [
    method,
    count(tasks.length),
    count(runs),
    interval(iqm),
    interval(median),
    interval(mean),
    interval(optimalityGap),
  ]);
  const about = `Of normalized scores over ${normalized.tasks.join(', ')}. Higher is better, but for the optimality gap: by how much runs fall short of 1.`;
  return table('Aggregates', about, ['Method', '#Envs', '#Runs', '#IQM', '#Median', '#Mean', '#Optimality gap'], rows);
}

/** The profiles at nine thresholds. */
export function profileTable({ normalized }: Report): ReportTable | null {
  if (normalized === null) return null;
  const { thresholds, profiles } = normalized;
  const shown = Array.from({ length: 9 }, (_, k) => Math.round((k * (thresholds.length - 1)) / 8));
  const rows = profiles.map(({ method, band }) => [method, ...shown.map((k) => figure(band.value[k]!))]);
  const about = 'Part of all runs whose normalized score is above the number at the head of the column.';
  return table('Performance profile', about, ['Method', ...shown.map((k) => `#${figure(thresholds[k]!)}`)], rows);
}

/** Pairs of methods. */
export function improvementTable({ improvement }: Report): ReportTable | null {
  if (improvement.length === 0) return null;
  const rows = improvement
    .slice(0, MOST_PAIRS)
    .map(({ x, y, tasks, probability }) => [x, y, count(tasks.length), interval(probability)]);
  const more =
    improvement.length > MOST_PAIRS
      ? ` The first ${MOST_PAIRS} of ${count(improvement.length)} pairs; CSV and JSON have all.`
      : '';
  const about = `How likely a run of X scores higher than a run of Y on the same env, averaged over envs; a tie counts half.${more}`;
  return table('Probability of improvement', about, ['X', 'Y', '#Envs', '#P(X > Y)'], rows);
}

/** The runs that count. */
export function runTable({ runs }: Report): ReportTable {
  const rows = runs.map(({ path, task, method, seed, status, steps, score, seconds }) => [
    task,
    method,
    String(seed),
    status,
    count(steps),
    figure(score),
    seconds === null ? NONE : figure(seconds),
    path,
  ]);
  const columns = ['Env', 'Method', '#Seed', 'Status', '#Steps', '#Score', '#Time, s', 'Run'];
  return table('Runs', 'Every run that counts, with the env steps at its last score.', columns, rows);
}

/** What was found but does not count. */
export function leftOutTable({ leftOut }: Report): ReportTable | null {
  if (leftOut.length === 0) return null;
  const rows = leftOut.map(({ path, code, reason }) => [path, code, reason]);
  return table('Left out', 'Found, but in no figure of this report.', ['Path', 'Code', 'Why'], rows);
}

/** Why tasks have no normalised scores; empty if all have. */
export function notNormalizedWords({ tasks }: Report): string[] {
  const reasons = new Map<string, string[]>();
  for (const { label, notNormalized } of tasks) {
    if (notNormalized !== null) reasons.set(notNormalized, [...(reasons.get(notNormalized) ?? []), label]);
  }
  return [...reasons].map(([reason, labels]) => `Scores on ${labels.join(', ')} are not normalized: ${reason}.`);
}
